//! What is told of each stack. A text can be part of several: of each URI the union is told, and when a stack goes, what
//! the others say of it stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gen_lsp_types::{Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Uri};
use route_grammar::{FileId, Label, Parsed, Severity};

use super::document::Document;
use super::world::{Compiled, World, key};

/// Findings by URI.
type ByUri = BTreeMap<String, Vec<Diagnostic>>;

/// Findings by stack; each has an entry for its root's URI, be it empty.
#[derive(Default)]
pub(super) struct Told(BTreeMap<PathBuf, ByUri>);

impl Told {
    /// What all stacks say of a URI, each thing once.
    fn of(&self, uri: &str) -> Vec<Diagnostic> {
        let mut seen = BTreeSet::new();
        let all = self.0.values().filter_map(|by_uri| by_uri.get(uri)).flatten();
        let same = |d: &Diagnostic| {
            let (from, to) = (d.range.start, d.range.end);
            let code = format!("{:?} {:?}", d.code, d.message);
            (from.line, from.character, to.line, to.character, code)
        };
        all.filter(|d| seen.insert(same(d))).cloned().collect()
    }
}

/// A URI with the version that was looked at, and what is wrong with it.
pub(super) type Findings = (String, Option<i32>, Vec<Diagnostic>);

impl World {
    /// What is to be told after a change of a text.
    pub(super) fn after_change(&mut self, uri: &str) -> Vec<Findings> {
        let changed = key(uri);
        let mut dirty = self.readers(&changed);
        if self.is_open(&changed) && self.users(&changed).is_empty() {
            dirty.push(changed);
        }
        self.settled(dirty, BTreeSet::from([uri.to_owned()]))
    }

    /// What is to be told when files on disk may have changed.
    pub(super) fn after_look(&mut self) -> Vec<Findings> {
        let dirty: Vec<PathBuf> = self.told.0.keys().filter(|root| self.is_stale(root)).cloned().collect();
        self.settled(dirty, BTreeSet::new())
    }

    /// Looks at these stacks, and goes on until every open text is either a stack that is told of or part of one. What an
    /// open text says as a stack of its own does not count where it is a part: names that the others declare are
    /// unknown there.
    fn settled(&mut self, mut dirty: Vec<PathBuf>, mut touched: BTreeSet<String>) -> Vec<Findings> {
        // Each is looked at once at the most, so that this ends whatever the disk does meanwhile.
        let mut done = BTreeSet::new();
        loop {
            if let Some(root) = dirty.pop() {
                if done.insert(root.clone()) {
                    let now = self.findings(&root);
                    touched.extend(now.keys().cloned());
                    let before = self.told.0.insert(root, now).unwrap_or_default();
                    touched.extend(before.into_keys());
                }
                continue;
            }
            let parts = |root: &PathBuf| !self.is_open(root) || !self.users(root).is_empty();
            if let Some(root) = self.told.0.keys().find(|root| parts(root)).cloned() {
                touched.extend(self.told.0.remove(&root).unwrap_or_default().into_keys());
                self.forget(&root);
                continue;
            }
            let alone = |text: &PathBuf| {
                !self.told.0.contains_key(text) && !done.contains(text) && self.users(text).is_empty()
            };
            match self.all_open().into_iter().find(alone) {
                Some(text) => dirty.push(text),
                None => break,
            }
        }
        let told = |uri: String| (uri.clone(), self.version(&uri), self.told.of(&uri));
        touched.into_iter().map(told).collect()
    }

    /// What is wrong with a stack whose root is open.
    fn findings(&mut self, root: &Path) -> ByUri {
        let Some(document) = self.text(root) else { return ByUri::new() };
        let mut found = ByUri::from([(document.uri.clone(), Vec::new())]);
        match self.compile(root) {
            Ok(compiled) => self.of_compiled(&compiled, &mut found),
            Err(why) => {
                let alone = alone(&document, self.parsed(&document), &why);
                found.insert(document.uri, alone);
            }
        }
        found
    }

    fn of_compiled(&self, compiled: &Compiled, found: &mut ByUri) {
        let sources = &compiled.output.sources;
        let documents: Vec<Option<Document>> =
            sources.iter().map(|(file, _)| self.source(sources, file)).collect();
        // Places in flows that run are none of the file's.
        let nowhere = |file: FileId| {
            let name = sources.get(file).map(|source| Path::new(&source.name));
            compiled.is_other && name == Some(&compiled.flows)
        };
        let of =
            |file: FileId| documents.get(file.0 as usize).filter(|_| !nowhere(file)).and_then(Option::as_ref);
        for d in &compiled.output.diagnostics {
            let Some(document) = of(d.primary.file) else { continue };
            found.entry(document.uri.clone()).or_default().push(shown(d, document, &of));
        }
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
