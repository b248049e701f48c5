//! What the server knows: texts that are open, and for each stack what the compiler said last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use gen_lsp_types::{Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Uri};
use route_compiler::flow::{FlowGraph, Node};
use route_compiler::{Files, Input, Memory, Output};
use route_grammar::{FileId, Label, Parsed, Severity, Sources, Span};
use url::Url;

use super::document::Document;
use super::live::Live;
use super::paths::Recordings;
use crate::args::Compile;
use crate::input::{Disk, Project, folder};
use crate::settings::Settings;
use crate::words::many;

/// Nodes that a hover lists.
const MOST_NODES: usize = 12;

/// When a file changed and how long it is; `None`: it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// A stack as it was compiled last.
pub(super) struct Compiled {
    pub(super) output: Output,
    pub(super) graph: Arc<FlowGraph>,
    /// Path of the flows.
    pub(super) flows: PathBuf,
    /// The flows' file, with places, and what it says.
    pub(super) flows_text: Document,
    in_file: Arc<FlowGraph>,
    /// What a runtime ran of them then.
    live: Option<Arc<str>>,
    /// That is another flow than the file's.
    is_other: bool,
    /// Files that it was made from.
    stamps: Vec<(PathBuf, Stamp)>,
}

impl Compiled {
    /// Where nodes of the graph stand in the flows' file, if it has them.
    pub(super) fn place(&self, node: &Node) -> Option<Span> {
        if !self.is_other {
            return Some(node.span);
        }
        let same = self.in_file.nodes.iter().find(|other| other.id == node.id)?;
        Some(same.span)
    }
}

/// A text that an editor has open.
struct Open {
    document: Document,
    version: Option<i32>,
}

/// What the server knows.
#[derive(Default)]
pub(super) struct World {
    utf8: bool,
    /// The editor takes snippets in completions.
    pub(super) snippets: bool,
    /// Folders that the editor works in.
    pub(super) roots: Vec<PathBuf>,
    /// Texts that are open, by path.
    open: BTreeMap<PathBuf, Open>,
    /// Flow graphs by path.
    graphs: HashMap<PathBuf, Flows>,
    /// How often texts have changed.
    changes: u64,
    /// What the compiler said last of each stack, and after how many changes: several requests about one text ask it once.
    compiled: HashMap<String, (u64, Rc<Compiled>)>,
    /// What is kept from one run to the next, by stack.
    memories: HashMap<String, Memory>,
    /// Texts with their trees, for requests.
    parsed: HashMap<String, Parsed>,
    pub(super) recordings: Recordings,
    live: Live,
    /// Files for which findings were told, by the stack that they came from.
    told: HashMap<String, BTreeSet<String>>,
}

/// A file of flows as it was read last.
struct Flows {
    stamp: Stamp,
    read: Result<(Document, Arc<FlowGraph>), String>,
}

/// The name of the layer, and of its file beside the stack, that asks what a name means.
const PROBE: &str = ".hover";

/// A stack with two routers more, on the wires from and to the nodes of a name.
struct Probed<'w>(Texts<'w>, String);

impl Files for Probed<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        if path.ends_with(PROBE) { Ok(self.1.clone()) } else { self.0.read(path) }
    }
}

/// Texts that are open before those on disk.
struct Texts<'w>(&'w BTreeMap<PathBuf, Open>);

impl Files for Texts<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        match self.0.get(Path::new(path)) {
            Some(open) => Ok(open.document.text.to_string()),
            None => Disk.read(path),
        }
    }
}

/// The path of a file's URI.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    Url::parse(uri).ok()?.to_file_path().ok()
}

/// A path as a URI; as it is when it is relative.
pub(super) fn uri_of(path: &Path) -> String {
    Url::from_file_path(path).map_or_else(|()| path.display().to_string(), |url| url.to_string())
}

fn stamp(path: &Path) -> Stamp {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

impl World {
    pub(super) fn new(utf8: bool) -> Self {
        Self { utf8, ..Self::default() }
    }

    pub(super) fn open(&mut self, uri: &str, text: String, version: Option<i32>) {
        let document = Document::new(uri, text, self.utf8);
        self.open.extend(path_of(uri).map(|path| (path, Open { document, version })));
        self.changes += 1;
    }

    pub(super) fn close(&mut self, uri: &str) {
        if let Some(path) = path_of(uri) {
            self.open.remove(&path);
            self.changes += 1;
            self.memories.remove(uri);
            self.parsed.remove(uri);
            self.compiled.remove(uri);
        }
    }

    /// URIs of the texts that are open.
    pub(super) fn uris(&self) -> Vec<String> {
        self.open.values().map(|open| open.document.uri.clone()).collect()
    }

    /// The text of a URI, open or on disk.
    pub(super) fn document(&self, uri: &str) -> Option<Document> {
        let path = path_of(uri)?;
        if let Some(open) = self.open.get(&path) {
            return Some(open.document.clone());
        }
        let text = Disk.read(&path.display().to_string()).ok()?;
        Some(Document::new(uri, text, self.utf8))
    }

    /// The tree of a text; kept, so that an edit costs little.
    pub(super) fn parsed(&mut self, document: &Document) -> &Parsed {
        let parsed = self
            .parsed
            .entry(document.uri.clone())
            .or_insert_with(|| Parsed::new(&*document.text, FileId(0)));
        parsed.edit(&*document.text);
        parsed
    }

    /// A source of a compilation as a document.
    pub(super) fn source(&self, sources: &Sources, file: FileId) -> Option<Document> {
        let source = sources.get(file)?;
        if let Some(open) = self.open.get(Path::new(&source.name)) {
            return Some(open.document.clone());
        }
        if let Some(Flows { read: Ok((document, _)), .. }) = self.graphs.get(Path::new(&source.name)) {
            return Some(document.clone());
        }
        Some(Document::new(&uri_of(Path::new(&source.name)), source.text.as_str(), self.utf8))
    }

    /// The stack that a document is the root of. The error says why there is nothing to check it against.
    pub(super) fn compile(&mut self, uri: &str) -> Result<Rc<Compiled>, String> {
        if let Some((at, compiled)) = self.compiled.get(uri)
            && *at == self.changes
            && self.is_fresh(compiled)
        {
            return Ok(compiled.clone());
        }
        self.compiled.remove(uri);
        let path = path_of(uri).ok_or("this is no file")?;
        let said = |fault: crate::fault::Fault| fault.to_string();
        let project = Project::of_file(path.clone(), None).map_err(said)?;
        let (flows_text, in_file) = self.flows(&project.flows)?;
        // What runs counts, when it is another flow than that of the file.
        let running = self.live.of(&project.flows);
        let live = running.as_ref().map(|running| running.text.clone());
        let other = running.filter(|running| running.graph.hash != in_file.hash);
        let graph = other.as_ref().map_or_else(|| in_file.clone(), |other| other.graph.clone());
        let text: &str = other.as_ref().map_or(&flows_text.text, |other| &other.text);
        let settings = Settings::of(folder(&path), &Compile::default()).map_err(said)?;
        let (shown, flows) = (path.display().to_string(), project.flows.display().to_string());
        let files = Texts(&self.open);
        let lock = crate::lock::of(&path).map_err(said)?;
        let input = Input {
            lock: lock.as_ref(),
            params: &settings.params,
            ambient: &settings.ambient,
            as_runtime: settings.as_runtime.as_deref(),
            levels: &settings.levels,
            ..Input::new(&files, &shown, &graph, (&flows, text))
        };
        let output = route_compiler::check(input, self.memories.entry(uri.to_owned()).or_default());
        let mut stamps = vec![(project.flows.clone(), stamp(&project.flows))];
        for beside in [folder(&path).join(crate::config::NAME), crate::lock::path(&path)] {
            stamps.push((beside.clone(), stamp(&beside)));
        }
        for (_, source) in output.sources.iter() {
            let used = PathBuf::from(&source.name);
            if !self.open.contains_key(&used) && used != project.flows {
                let now = stamp(&used);
                stamps.push((used, now));
            }
        }
        let compiled = Rc::new(Compiled {
            output,
            graph,
            flows: project.flows,
            flows_text,
            in_file,
            live,
            is_other: other.is_some(),
            stamps,
        });
        self.compiled.insert(uri.to_owned(), (self.changes, compiled.clone()));
        Ok(compiled)
    }

    /// How many wires the nodes of a `let` name have, in words.
    pub(super) fn selected(&self, document: &Document, name: &str) -> Option<String> {
        let path = path_of(&document.uri)?;
        let compiled = self.compiled.get(&document.uri)?.1.clone();
        let text =
            format!("tap from_it on {name} -> * {{ to stream }}\ntap to_it on * -> {name} {{ to stream }}\n");
        let files = Probed(Texts(&self.open), text);
        let (shown, probe) = (path.display().to_string(), path.with_file_name(PROBE).display().to_string());
        let overlays = [(probe, PROBE.to_owned())];
        let flows = (compiled.flows.display().to_string(), String::new());
        let input = Input {
            overlays: &overlays,
            ..Input::new(&files, &shown, &compiled.graph, (&flows.0, &flows.1))
        };
        let output = route_compiler::check(input, &mut Memory::default());
        let wires = |name: &str| {
            let mut routers = output.stack.routers.iter();
            let router = routers.find(|router| router.info.layer == PROBE && router.info.name == name);
            router.map_or(&[][..], |router| router.wires.as_slice())
        };
        let graph = &compiled.graph;
        let ends = wires("from_it").iter().filter_map(|at| Some(graph.wires.get(*at as usize)?.from));
        let starts = wires("to_it").iter().filter_map(|at| Some(graph.wires.get(*at as usize)?.to));
        let nodes: BTreeSet<_> = ends.chain(starts).collect();
        let named = nodes.iter().take(MOST_NODES).filter_map(|node| graph.node(*node));
        let mut said = format!(
            "{} with wires: {} from them, {} to them\n",
            many(nodes.len(), "node"),
            many(wires("from_it").len(), "wire"),
            many(wires("to_it").len(), "wire")
        );
        named.for_each(|node| said.push_str(&format!("\n- **{}** `{}` {}", node.ty, node.id, node.name)));
        (!nodes.is_empty()).then_some(said)
    }

    fn is_fresh(&self, compiled: &Compiled) -> bool {
        self.live.is(&compiled.flows, compiled.live.as_ref())
            && compiled.stamps.iter().all(|(path, then)| stamp(path) == *then)
    }

    /// Flows, read again when their file has changed.
    fn flows(&mut self, path: &Path) -> Result<(Document, Arc<FlowGraph>), String> {
        let now = stamp(path);
        if let Some(known) = self.graphs.get(path).filter(|known| known.stamp == now) {
            return known.read.clone();
        }
        let read = crate::compile::read_graph(path).map_err(|fault| fault.to_string());
        let read = read.map(|(text, graph)| (Document::new(&uri_of(path), text, self.utf8), Arc::new(graph)));
        self.graphs.insert(path.to_owned(), Flows { stamp: now, read: read.clone() });
        read
    }

    /// The stacks whose findings a change of this text changes: those that use it, or else itself.
    pub(super) fn stacks_of(&self, uri: &str) -> Vec<String> {
        let Some(path) = path_of(uri) else { return vec![uri.to_owned()] };
        let path = path.display().to_string();
        let uses = |compiled: &Compiled| compiled.output.sources.iter().any(|(_, s)| s.name == path);
        let is_open = |root: &String| path_of(root).is_some_and(|path| self.open.contains_key(&path));
        let roots = self.compiled.iter().filter(|(root, (_, compiled))| *root != uri && uses(compiled));
        let mut roots: Vec<String> = roots.map(|(root, _)| root.clone()).filter(is_open).collect();
        roots.sort();
        if roots.is_empty() { vec![uri.to_owned()] } else { roots }
    }

    /// Open stacks of which a file on disk changed since they were compiled, or that can be compiled now.
    pub(super) fn stale(&mut self) -> Vec<String> {
        let mut stale = Vec::new();
        for uri in self.uris() {
            let changed = match self.compiled.get(&uri) {
                Some((_, compiled)) => !self.is_fresh(compiled),
                None => {
                    let project = path_of(&uri).and_then(|path| Project::of_file(path, None).ok());
                    project.is_some_and(|project| {
                        let known = self.graphs.get(&project.flows).map(|known| known.stamp);
                        known != Some(stamp(&project.flows))
                    })
                }
            };
            if changed {
                stale.push(uri);
            }
        }
        stale
    }

    /// What is wrong with a stack, by file with the version that was looked at; files of which something was said before
    /// and that are clean now are there too.
    pub(super) fn findings(&mut self, uri: &str) -> Vec<(String, Option<i32>, Vec<Diagnostic>)> {
        let mut by_file: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::from([(uri.to_owned(), Vec::new())]);
        let is_open = path_of(uri).is_some_and(|path| self.open.contains_key(&path));
        match self.compile(uri) {
            _ if !is_open => {}
            Ok(compiled) => {
                let sources = &compiled.output.sources;
                let documents: Vec<Option<Document>> =
                    sources.iter().map(|(file, _)| self.source(sources, file)).collect();
                // Places in flows that run are none of the file's.
                let nowhere = |file: FileId| {
                    let name = sources.get(file).map(|source| Path::new(&source.name));
                    compiled.is_other && name == Some(&compiled.flows)
                };
                let of = |file: FileId| {
                    documents.get(file.0 as usize).filter(|_| !nowhere(file)).and_then(Option::as_ref)
                };
                for d in &compiled.output.diagnostics {
                    let Some(document) = of(d.primary.file) else { continue };
                    by_file.entry(document.uri.clone()).or_default().push(shown(d, document, &of));
                }
            }
            Err(why) => {
                if let Some(document) = self.document(uri) {
                    let found = alone(&document, self.parsed(&document), &why);
                    by_file.entry(uri.to_owned()).or_default().extend(found);
                }
            }
        }
        let now: BTreeSet<String> = by_file.keys().cloned().collect();
        let before = self.told.insert(uri.to_owned(), now).unwrap_or_default();
        for gone in before {
            by_file.entry(gone).or_default();
        }
        let version = |uri: &str| self.open.get(&path_of(uri)?)?.version;
        by_file.into_iter().map(|(uri, found)| (uri.clone(), version(&uri), found)).collect()
    }
}

fn shown<'d>(
    d: &route_grammar::Diagnostic,
    document: &Document,
    of: &dyn Fn(FileId) -> Option<&'d Document>,
) -> Diagnostic {
    let mut message = d.message.clone();
    if !d.primary.text.is_empty() {
        message.push_str(&format!(": {}", d.primary.text));
    }
    d.help.iter().for_each(|help| message.push_str(&format!("\n{help}")));
    let related = |label: &Label| {
        let document = of(label.file)?;
        let location = Location { range: document.range(label.span), uri: Uri(document.uri.clone()) };
        Some(DiagnosticRelatedInformation { location, message: label.text.clone() })
    };
    let related: Vec<_> = d.secondary.iter().filter_map(related).collect();
    Diagnostic {
        range: document.range(d.primary.span),
        severity: Some(match d.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Note => DiagnosticSeverity::Information,
        }),
        code: Some(Code::String(d.code().to_owned())),
        source: Some("routec".to_owned()),
        message: message.into(),
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    }
}

/// Without a flow graph: the text's own faults, and why there is no more to say.
fn alone(document: &Document, parsed: &Parsed, why: &str) -> Vec<Diagnostic> {
    let why = why.trim_start_matches("error: ");
    let first = Diagnostic {
        range: document.range(route_grammar::Span::default()),
        severity: Some(DiagnosticSeverity::Information),
        source: Some("routec".to_owned()),
        message: why.to_owned().into(),
        ..Diagnostic::default()
    };
    let nowhere = |_: FileId| None;
    std::iter::once(first).chain(parsed.diagnostics().iter().map(|d| shown(d, document, &nowhere))).collect()
}
