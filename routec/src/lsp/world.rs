//! What the server knows: texts that are open, and for each stack what the compiler said last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use gen_lsp_types::{Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Uri};
use route_compiler::flow::FlowGraph;
use route_compiler::{Files, Input, Output};
use route_grammar::{FileId, Label, Severity, Sources};
use url::Url;

use super::document::Document;
use crate::args::Compile;
use crate::input::{Disk, Project, folder};
use crate::settings::Settings;

/// A stack as it was compiled last.
pub(super) struct Compiled {
    pub(super) output: Output,
    pub(super) graph: Rc<FlowGraph>,
    /// Path of the flows.
    pub(super) flows: PathBuf,
}

/// What the server knows.
#[derive(Default)]
pub(super) struct World {
    utf8: bool,
    /// Texts that are open, by path.
    open: BTreeMap<PathBuf, String>,
    /// Flow graphs by path.
    graphs: HashMap<PathBuf, Flows>,
    /// How often texts have changed.
    changes: u64,
    /// What the compiler said last of each stack, and after how many changes: several requests about one text ask it once.
    compiled: HashMap<String, (u64, Rc<Compiled>)>,
    /// Files for which findings were told, by the stack that they came from.
    told: HashMap<String, BTreeSet<String>>,
}

/// A file of flows as it was read last.
struct Flows {
    changed: SystemTime,
    text: String,
    graph: Rc<FlowGraph>,
}

/// Texts that are open before those on disk.
struct Open<'w>(&'w BTreeMap<PathBuf, String>);

impl Files for Open<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        match self.0.get(Path::new(path)) {
            Some(text) => Ok(text.clone()),
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

impl World {
    pub(super) fn new(utf8: bool) -> Self {
        Self { utf8, ..Self::default() }
    }

    pub(super) fn open(&mut self, uri: &str, text: String) {
        self.open.extend(path_of(uri).map(|path| (path, text)));
        self.changes += 1;
    }

    pub(super) fn close(&mut self, uri: &str) {
        if let Some(path) = path_of(uri) {
            self.open.remove(&path);
            self.changes += 1;
        }
    }

    /// The text of a URI, open or on disk.
    pub(super) fn document(&self, uri: &str) -> Option<Document> {
        let path = path_of(uri)?;
        let text = Open(&self.open).read(&path.display().to_string()).ok()?;
        Some(Document::new(uri, text, self.utf8))
    }

    /// A source of a compilation as a document.
    pub(super) fn source(&self, sources: &Sources, file: FileId) -> Option<Document> {
        let source = sources.get(file)?;
        Some(Document::new(&uri_of(Path::new(&source.name)), source.text.clone(), self.utf8))
    }

    /// The stack that a document is the root of. The error says why there is nothing to check it against.
    pub(super) fn compile(&mut self, uri: &str) -> Result<Rc<Compiled>, String> {
        let path = path_of(uri).ok_or("this is no file")?;
        let said = |fault: crate::fault::Fault| fault.to_string();
        let project = Project::of_stack(&path, None).map_err(said)?;
        let fresh = self.read_flows(&project.flows)?;
        if let Some((at, compiled)) = self.compiled.get(uri)
            && *at == self.changes
            && !fresh
        {
            return Ok(compiled.clone());
        }
        let Some(Flows { text, graph, .. }) = self.graphs.get(&project.flows) else {
            return Err("the flows cannot be read".to_owned());
        };
        let settings = Settings::of(folder(&path), &Compile::default()).map_err(said)?;
        let (shown, flows) = (path.display().to_string(), project.flows.display().to_string());
        let files = Open(&self.open);
        let lock = crate::lock::of(&path).map_err(said)?;
        let output = route_compiler::compile(Input {
            lock: lock.as_ref(),
            params: &settings.params,
            ambient: &settings.ambient,
            as_runtime: settings.as_runtime.as_deref(),
            levels: &settings.levels,
            ..Input::new(&files, &shown, graph, (&flows, text))
        });
        let compiled = Rc::new(Compiled { output, graph: graph.clone(), flows: project.flows });
        self.compiled.insert(uri.to_owned(), (self.changes, compiled.clone()));
        Ok(compiled)
    }

    /// Reads flows when their file has changed; whether it has.
    fn read_flows(&mut self, path: &Path) -> Result<bool, String> {
        let changed =
            std::fs::metadata(path).and_then(|about| about.modified()).map_err(|e| e.to_string())?;
        if self.graphs.get(path).is_some_and(|known| known.changed == changed) {
            return Ok(false);
        }
        let (text, graph) = crate::compile::read_graph(path).map_err(|fault| fault.to_string())?;
        self.graphs.insert(path.to_owned(), Flows { changed, text, graph: Rc::new(graph) });
        Ok(true)
    }

    /// What is wrong with a stack, by file; files of which something was said before and that are clean now are there too.
    pub(super) fn findings(&mut self, uri: &str) -> Vec<(String, Vec<Diagnostic>)> {
        let mut by_file: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::from([(uri.to_owned(), Vec::new())]);
        let is_open = path_of(uri).is_some_and(|path| self.open.contains_key(&path));
        match self.compile(uri) {
            _ if !is_open => {}
            Ok(compiled) => {
                let sources = &compiled.output.sources;
                for d in &compiled.output.diagnostics {
                    let Some(document) = self.source(sources, d.primary.file) else { continue };
                    let shown = self.shown(d, &document, sources);
                    by_file.entry(document.uri).or_default().push(shown);
                }
            }
            Err(why) => {
                if let Some(document) = self.document(uri) {
                    by_file.entry(uri.to_owned()).or_default().extend(alone(&document, &why));
                }
            }
        }
        let now: BTreeSet<String> = by_file.keys().cloned().collect();
        let before = self.told.insert(uri.to_owned(), now).unwrap_or_default();
        for gone in before {
            by_file.entry(gone).or_default();
        }
        by_file.into_iter().collect()
    }

    fn shown(&self, d: &route_grammar::Diagnostic, document: &Document, sources: &Sources) -> Diagnostic {
        let mut message = d.message.clone();
        if !d.primary.text.is_empty() {
            message.push_str(&format!(": {}", d.primary.text));
        }
        d.help.iter().for_each(|help| message.push_str(&format!("\n{help}")));
        let related = |label: &Label| {
            let document = self.source(sources, label.file)?;
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
}

/// Without a flow graph: the text's own faults, and why there is no more to say.
fn alone(document: &Document, why: &str) -> Vec<Diagnostic> {
    let (_, found) = route_grammar::parse(&document.text, FileId(0));
    let why = why.trim_start_matches("error: ");
    let first = Diagnostic {
        range: document.range(route_grammar::Span::default()),
        severity: Some(DiagnosticSeverity::Information),
        source: Some("routec".to_owned()),
        message: why.to_owned().into(),
        ..Diagnostic::default()
    };
    let fault = |d: &route_grammar::Diagnostic| Diagnostic {
        range: document.range(d.primary.span),
        severity: Some(DiagnosticSeverity::Error),
        code: Some(Code::String(d.code().to_owned())),
        source: Some("routec".to_owned()),
        message: d.message.clone().into(),
        ..Diagnostic::default()
    };
    std::iter::once(first).chain(found.iter().map(fault)).collect()
}
