//! Reads the root file, what it uses, and the overlays, into one list of items in stack order.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use route_grammar::ast::{Item, ItemKind, Text};
use route_grammar::{Diagnostic, FileId, Parsed, Sources, Span};

use crate::codes;
use crate::levels::Allowed;
use crate::{Files, Input};

/// Every item of the stack in order, with where it came from.
pub(crate) struct Loaded {
    pub(crate) sources: Sources,
    /// `flows.json`.
    pub(crate) flows: FileId,
    pub(crate) name: String,
    pub(crate) items: Vec<Placed>,
    pub(crate) allows: Vec<Allowed>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// An item, the file it stands in, and the layer that owns it.
pub(crate) struct Placed {
    pub(crate) file: FileId,
    pub(crate) layer: String,
    pub(crate) item: Arc<Item>,
}

/// The layer of the root file.
pub const MAIN: &str = "main";

/// Texts as they were parsed last, by path; what is not read in a run is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Texts(HashMap<String, Parsed>);

impl Texts {
    pub(crate) fn get(&self, path: &str) -> Option<&Parsed> {
        self.0.get(&normal(path))
    }
}

pub(crate) fn load(input: &Input<'_>, texts: &mut Texts) -> Loaded {
    let mut sources = Sources::default();
    let flows = sources.add(input.flows.0, input.flows.1);
    let loaded = Loaded {
        sources,
        flows,
        name: stem(input.path),
        items: Vec::new(),
        allows: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut loader =
        Loader { files: input.files, loaded, texts, open: Vec::new(), done: HashSet::new(), overlay: None };
    loader.file(input.path, MAIN, None);
    for (path, layer) in input.overlays {
        loader.overlay(path, layer);
    }
    let Loader { loaded, done, .. } = loader;
    texts.0.retain(|path, _| done.contains(path));
    loaded
}

struct Loader<'a> {
    files: &'a dyn Files,
    loaded: Loaded,
    texts: &'a mut Texts,
    /// Files being read, outermost first: one that comes again is a cycle.
    open: Vec<String>,
    done: HashSet<String>,
    /// The overlay that is read: it owns all that it brings.
    overlay: Option<String>,
}

impl Loader<'_> {
    fn overlay(&mut self, path: &str, layer: &str) {
        let (first, taken) =
            (self.loaded.sources.iter().count(), self.loaded.items.iter().any(|p| p.layer == layer));
        let again = self.done.contains(&normal(path));
        self.overlay = Some(layer.to_owned());
        self.file(path, layer, None);
        self.overlay = None;
        let message = if again {
            format!("`{path}` is part of the stack already")
        } else if taken {
            format!("the stack has a layer `{layer}` already")
        } else {
            return;
        };
        let file = if again { self.loaded.sources.add(path, "") } else { FileId(first as u32) };
        let d = Diagnostic::new(codes::OVERLAY, file, Span::default(), message);
        self.loaded.diagnostics.push(d.help("give the overlay a file and a name of its own"));
    }

    /// `by`: the `use` that asks for it.
    fn file(&mut self, path: &str, layer: &str, by: Option<(FileId, &Text)>) {
        let path = normal(path);
        if self.open.contains(&path) {
            if let Some((file, text)) = by {
                let trail: Vec<String> = self.open.iter().map(|p| format!("`{p}`")).collect();
                let message = format!("`{}` uses itself", text.value);
                let d = Diagnostic::new(codes::USE_CYCLE, file, text.span, message)
                    .help(format!("the way round: {} → `{path}`", trail.join(" → ")));
                self.loaded.diagnostics.push(d);
            }
            return;
        }
        // A file that two others use stands in the stack once, at its first place.
        if !self.done.insert(path.clone()) {
            return;
        }
        match self.files.read(&path) {
            Ok(text) => self.text(&path, text, layer),
            Err(why) => self.unreadable(&path, &why, by),
        }
    }

    fn text(&mut self, path: &str, text: String, layer: &str) {
        let id = self.loaded.sources.add(path, text.as_str());
        let items = match self.texts.0.entry(path.to_owned()) {
            Entry::Occupied(known) => {
                let parsed = known.into_mut();
                parsed.set_file(id);
                parsed.edit(text);
                parsed
            }
            Entry::Vacant(free) => free.insert(Parsed::new(text, id)),
        };
        self.loaded.diagnostics.extend_from_slice(items.diagnostics());
        let items = items.items().cloned().collect();
        self.open.push(path.to_owned());
        self.items(items, id, layer, path);
        self.open.pop();
    }

    fn items(&mut self, items: Vec<Arc<Item>>, file: FileId, layer: &str, path: &str) {
        for item in items {
            let span = item.span;
            let allows = item.allows.iter().cloned();
            self.loaded.allows.extend(allows.map(|allow| Allowed { file, item: span, allow }));
            if self.overlay.is_some()
                && let ItemKind::Runtime { .. } | ItemKind::Place { .. } = &item.kind
            {
                let message = "an overlay cannot change the fleet";
                let d = Diagnostic::new(codes::OVERLAY, file, item.span, message);
                self.loaded.diagnostics.push(d.help("change the stack itself, and apply it again"));
            }
            match &item.kind {
                ItemKind::Stack(name) => {
                    if self.open.len() == 1 && layer == MAIN {
                        self.loaded.name.clone_from(&name.text);
                    }
                }
                ItemKind::Use(text) => {
                    let target = beside(path, &text.value);
                    let layer = self.overlay.clone().unwrap_or_else(|| stem(&target));
                    self.file(&target, &layer, Some((file, text)));
                }
                ItemKind::Layer { name, items } => {
                    let layer = self.overlay.clone().unwrap_or_else(|| name.text.clone());
                    self.items(items.clone(), file, &layer, path);
                }
                _ => self.loaded.items.push(Placed { file, layer: layer.to_owned(), item }),
            }
        }
    }

    fn unreadable(&mut self, path: &str, why: &str, by: Option<(FileId, &Text)>) {
        let (file, span) = match by {
            Some((file, text)) => (file, text.span),
            None => (self.loaded.sources.add(path, ""), Span::default()),
        };
        let message = format!("cannot read `{path}`: {why}");
        self.loaded.diagnostics.push(Diagnostic::new(codes::UNREADABLE, file, span, message));
    }
}

/// The layer of a file that another one uses: its name without folder and extension.
pub fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".route").unwrap_or(name).to_owned()
}

/// The path of what a `use` in the file at `path` names.
pub fn beside(path: &str, target: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) if !target.starts_with('/') => normal(&format!("{folder}/{target}")),
        _ => normal(target),
    }
}

/// Without `.` and, where possible, `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if parts.last().is_some_and(|last| *last != ".." && !last.is_empty()) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_using_file() {
        assert_eq!(beside("a/b/c.route", "../common/x.route"), "a/common/x.route");
        assert_eq!(beside("c.route", "./x.route"), "x.route");
        assert_eq!(beside("a/c.route", "/abs/x.route"), "/abs/x.route");
        assert_eq!(beside("/a/c.route", "x.route"), "/a/x.route");
        assert_eq!(normal("../x.route"), "../x.route");
    }
}
