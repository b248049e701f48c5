//! What the server knows: texts that are open, and for each stack what the compiler said last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use route_compiler::flow::{FlowGraph, Node};
use route_compiler::{Files, Input, Memory, Output};
use route_grammar::{FileId, Parsed, Sources, Span};
use url::Url;

use super::document::Document;
use super::live::Live;
use super::looked::{Looked, Stamp, stamp};
use super::paths::Recordings;
use super::told::Told;
use crate::args::Compile;
use crate::input::{Disk, Project, folder};
use crate::settings::Settings;
use crate::words::many;

/// Nodes that a hover lists.
const MOST_NODES: usize = 12;
/// Trees that are kept of texts that are not open.
const MOST_TREES: usize = 64;

/// A stack as it was compiled last.
pub(super) struct Compiled {
    /// Path of the root text.
    root: PathBuf,
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
    pub(super) is_other: bool,
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

/// What came of the last look at a stack, good or not.
struct Run {
    /// How often texts had changed then.
    at: u64,
    looked: Looked,
    /// The error says why there is nothing to check it against.
    result: Result<Rc<Compiled>, String>,
}

/// A text that an editor has open.
struct Open {
    document: Document,
    version: Option<i32>,
}

/// What the server knows. Texts are known by their [`key`].
#[derive(Default)]
pub(super) struct World {
    utf8: bool,
    /// The editor takes snippets in completions.
    pub(super) snippets: bool,
    /// Folders that the editor works in.
    pub(super) roots: Vec<PathBuf>,
    /// Texts that are open.
    open: BTreeMap<PathBuf, Open>,
    /// Flow graphs by path.
    graphs: HashMap<PathBuf, Flows>,
    /// How often texts have changed.
    changes: u64,
    /// The last look at each stack whose root is open: several requests about one text ask the compiler once.
    runs: BTreeMap<PathBuf, Run>,
    /// What is kept from one run to the next, by stack.
    memories: HashMap<PathBuf, Memory>,
    /// Texts with their trees, for requests.
    parsed: HashMap<PathBuf, Parsed>,
    pub(super) recordings: Recordings,
    live: Live,
    /// What was told of each stack.
    pub(super) told: Told,
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

/// Texts that are open before those on disk; what is read is noted.
struct Texts<'w>(&'w BTreeMap<PathBuf, Open>, &'w Looked);

impl Files for Texts<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        let known = Path::new(path);
        self.1.text(known);
        if let Some(open) = self.0.get(known) {
            return Ok(open.document.text.to_string());
        }
        self.1.file(known);
        Disk.read(path)
    }
}

/// The path of a file's URI. Editors have others with the path of a file in them, of what it was in an older revision say:
/// those are other texts.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    Url::parse(uri).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()
}

/// A path as a URI; as it is when it is relative.
pub(super) fn uri_of(path: &Path) -> String {
    Url::from_file_path(path).map_or_else(|()| path.display().to_string(), |url| url.to_string())
}

/// How a text is known: by its path, since one path has URIs that differ in what they escape. A URI that names no file
/// stands for itself: paths begin with a separator or a drive, URIs do not.
pub(super) fn key(uri: &str) -> PathBuf {
    path_of(uri).unwrap_or_else(|| PathBuf::from(uri))
}

impl World {
    pub(super) fn new(utf8: bool) -> Self {
        Self { utf8, ..Self::default() }
    }

    pub(super) fn open(&mut self, uri: &str, text: String, version: Option<i32>) {
        let document = Document::new(uri, text, self.utf8);
        self.open.insert(key(uri), Open { document, version });
        self.changes += 1;
    }

    pub(super) fn close(&mut self, uri: &str) {
        let key = key(uri);
        self.open.remove(&key);
        self.parsed.remove(&key);
        self.changes += 1;
    }

    pub(super) fn is_open(&self, key: &Path) -> bool {
        self.open.contains_key(key)
    }

    /// Keys of the texts that are open.
    pub(super) fn all_open(&self) -> Vec<PathBuf> {
        self.open.keys().cloned().collect()
    }

    /// The version of a text as the editor counts it.
    pub(super) fn version(&self, uri: &str) -> Option<i32> {
        self.open.get(&key(uri))?.version
    }

    /// The text of a URI, open or on disk.
    pub(super) fn document(&self, uri: &str) -> Option<Document> {
        match self.open.get(&key(uri)) {
            Some(open) => Some(open.document.clone()),
            None => self.on_disk(&path_of(uri)?, uri),
        }
    }

    /// The text of a key, open or on disk.
    pub(super) fn text(&self, key: &Path) -> Option<Document> {
        match self.open.get(key) {
            Some(open) => Some(open.document.clone()),
            None => self.on_disk(key, &uri_of(key)),
        }
    }

    fn on_disk(&self, path: &Path, uri: &str) -> Option<Document> {
        let text = Disk.read(path.to_str()?).ok()?;
        Some(Document::new(uri, text, self.utf8))
    }

    /// The tree of a text; kept, so that an edit costs little.
    pub(super) fn parsed(&mut self, document: &Document) -> &Parsed {
        let key = key(&document.uri);
        if self.parsed.len() >= self.open.len() + MOST_TREES && !self.parsed.contains_key(&key) {
            self.parsed.retain(|key, _| self.open.contains_key(key));
        }
        let parsed = self.parsed.entry(key).or_insert_with(|| Parsed::new(&*document.text, FileId(0)));
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

    /// The stack that a text belongs to: one that uses it, or else its own.
    pub(super) fn stack(&mut self, uri: &str) -> Result<Rc<Compiled>, String> {
        let key = key(uri);
        let root = self.users(&key).into_iter().next().unwrap_or(key);
        self.compile(&root)
    }

    /// Every stack that a text belongs to, as far as they can be compiled.
    pub(super) fn stacks(&mut self, uri: &str) -> Vec<Rc<Compiled>> {
        let key = key(uri);
        let users = self.users(&key);
        let roots = if users.is_empty() { vec![key] } else { users };
        roots.iter().filter_map(|root| self.compile(root).ok()).collect()
    }

    /// The stack that a text is the root of. The error says why there is nothing to check it against.
    pub(super) fn compile(&mut self, root: &Path) -> Result<Rc<Compiled>, String> {
        if let Some(run) = self.runs.get(root).filter(|run| run.at == self.changes && self.is_fresh(run)) {
            return run.result.clone();
        }
        let looked = Looked::default();
        let mut memory = self.memories.remove(root).unwrap_or_default();
        let result = self.run(root, &looked, &mut memory);
        // Nobody would take it away again for a text that is not open.
        if self.is_open(root) {
            self.memories.insert(root.to_owned(), memory);
            let run = Run { at: self.changes, looked, result: result.clone() };
            self.runs.insert(root.to_owned(), run);
        }
        result
    }

    fn run(&mut self, root: &Path, looked: &Looked, memory: &mut Memory) -> Result<Rc<Compiled>, String> {
        if !root.is_absolute() {
            return Err("this text is no file: there are no flows to check it against".to_owned());
        }
        let shown = root.to_str().ok_or("the path of this file is not UTF-8")?;
        let said = |fault: crate::fault::Fault| fault.to_string();
        looked.text(root);
        note_beside(root, looked);
        let project = Project::of_file(root.to_owned(), None).map_err(said)?;
        looked.file(&project.flows);
        let (flows_text, in_file) = self.flows(&project.flows)?;
        // What runs counts, when it is another flow than that of the file.
        let running = self.live.of(&project.flows);
        let live = running.as_ref().map(|running| running.text.clone());
        let other = running.filter(|running| running.graph.hash != in_file.hash);
        let graph = other.as_ref().map_or_else(|| in_file.clone(), |other| other.graph.clone());
        let text: &str = other.as_ref().map_or(&flows_text.text, |other| &other.text);
        let settings = Settings::of(folder(root), &Compile::default()).map_err(said)?;
        let flows = project.flows.display().to_string();
        let files = Texts(&self.open, looked);
        let lock = crate::lock::of(root).map_err(said)?;
        let input = Input {
            lock: lock.as_ref(),
            params: &settings.params,
            ambient: &settings.ambient,
            as_runtime: settings.as_runtime.as_deref(),
            levels: &settings.levels,
            ..Input::new(&files, shown, &graph, (&flows, text))
        };
        let output = route_compiler::check(input, memory);
        let (flows, is_other) = (project.flows, other.is_some());
        let root = root.to_owned();
        Ok(Rc::new(Compiled { root, output, graph, flows, flows_text, in_file, live, is_other }))
    }

    /// How many wires the nodes of a `let` name have, in words.
    pub(super) fn selected(&mut self, document: &Document, name: &str) -> Option<String> {
        let compiled = self.stack(&document.uri).ok()?;
        let looked = Looked::default();
        let text =
            format!("tap from_it on {name} -> * {{ to stream }}\ntap to_it on * -> {name} {{ to stream }}\n");
        let files = Probed(Texts(&self.open, &looked), text);
        let root = &compiled.root;
        let (shown, probe) = (root.display().to_string(), root.with_file_name(PROBE).display().to_string());
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

    fn is_fresh(&self, run: &Run) -> bool {
        let same = |compiled: &Rc<Compiled>| self.live.is(&compiled.flows, compiled.live.as_ref());
        run.result.as_ref().map_or(true, same) && run.looked.is_fresh()
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

    /// Open stacks that a text is a part of, without being their root. Of two that use each other neither is a part of
    /// the other: there is always one that is looked at.
    pub(super) fn users(&self, part: &Path) -> Vec<PathBuf> {
        let mut users = self.readers(part);
        if let Some(run) = self.runs.get(part) {
            users.retain(|root| !run.looked.has_text(root));
        }
        users
    }

    /// Open stacks that read a text, without being its own.
    pub(super) fn readers(&self, text: &Path) -> Vec<PathBuf> {
        let reads = |(root, run): &(&PathBuf, &Run)| *root != text && run.looked.has_text(text);
        let roots = self.runs.iter().filter(reads).map(|(root, _)| root);
        roots.filter(|root| self.is_open(root)).cloned().collect()
    }

    /// Whether something on disk, or what runs, is another than when a stack was looked at.
    pub(super) fn is_stale(&self, root: &Path) -> bool {
        self.runs.get(root).is_none_or(|run| !self.is_fresh(run))
    }

    /// Lets go of what was kept for a stack of which nothing is told any more.
    pub(super) fn forget(&mut self, root: &Path) {
        self.memories.remove(root);
        self.runs.remove(root);
        let runs = &self.runs;
        self.graphs.retain(|path, _| runs.values().any(|run| run.looked.has_file(path)));
        self.live.keep(|path| self.graphs.contains_key(path));
    }
}

/// Notes the files beside a stack that say how it is compiled: `route.toml`, the nearest upward, the flows, the lock.
fn note_beside(root: &Path, looked: &Looked) {
    for folder in folder(root).ancestors() {
        let config = folder.join(crate::config::NAME);
        looked.file(&config);
        if config.is_file() {
            break;
        }
    }
    looked.file(&folder(root).join("flows.json"));
    looked.file(&crate::lock::path(root));
}
