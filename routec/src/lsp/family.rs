//! Which texts belong together: what each `use` names, followed from every root that is known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use route_compiler::{MAIN, beside, stem};
use route_grammar::ast::{Item, ItemKind};

use super::document::Document;
use super::world::World;

/// Files and folders of a workspace that are looked at, and how deep they lie.
const MOST_FILES: usize = 500;
const MOST_FOLDERS: usize = 2_000;
const MOST_DEPTH: usize = 6;

/// How far stacks are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those whose root is open.
    Open,
    /// Those that lie in the editor's folders, too.
    Folders,
}

/// Texts by the stacks that they are in.
pub(super) struct Families {
    /// Of each text that may be a root, itself and what it uses, directly or not.
    stacks: Vec<BTreeSet<PathBuf>>,
    /// What each text uses.
    uses: BTreeMap<PathBuf, Vec<PathBuf>>,
}

impl Families {
    /// All texts of the stacks that a text is in.
    pub(super) fn of(&self, text: &Path) -> BTreeSet<PathBuf> {
        self.stacks.iter().filter(|stack| stack.contains(text)).flatten().cloned().collect()
    }

    /// The layer of what stands in a text outside of every `layer`.
    pub(super) fn layer(&self, text: &Path) -> String {
        let is_used = self.uses.values().flatten().any(|used| used == text);
        if is_used { stem(&text.to_string_lossy()) } else { MAIN.to_owned() }
    }
}

impl World {
    pub(super) fn families(&mut self, here: &Path, reach: Reach) -> Families {
        let mut roots = BTreeSet::from([here.to_owned()]);
        roots.extend(self.all_open());
        if reach == Reach::Folders {
            roots.extend(self.files_of_folders());
            if self.roots.is_empty() {
                gather(crate::input::folder(here), MOST_DEPTH, &mut Found::default(), &mut roots);
            }
        }
        let mut families = Families { stacks: Vec::new(), uses: BTreeMap::new() };
        for root in roots {
            let (mut stack, mut open) = (BTreeSet::new(), vec![root]);
            while let Some(text) = open.pop() {
                if stack.insert(text.clone()) {
                    let uses = families.uses.entry(text).or_insert_with_key(|text| self.uses(text));
                    open.extend(uses.iter().cloned());
                }
            }
            families.stacks.push(stack);
        }
        families
    }

    /// The texts of the stacks that this one is in and whose root is open; this one first.
    pub(super) fn texts(&mut self, document: &Document) -> Vec<Document> {
        let here = super::world::key(&document.uri);
        let family = self.families(&here, Reach::Open).of(&here);
        let others = family.iter().filter(|text| **text != here).filter_map(|text| self.text(text));
        std::iter::once(document.clone()).chain(others).collect()
    }

    /// What a text uses.
    fn uses(&mut self, text: &Path) -> Vec<PathBuf> {
        fn add(items: &[&Arc<Item>], from: &str, found: &mut Vec<PathBuf>) {
            for item in items {
                match &item.kind {
                    ItemKind::Use(target) => found.push(PathBuf::from(beside(from, &target.value))),
                    ItemKind::Layer { items, .. } => {
                        add(&items.iter().collect::<Vec<_>>(), from, found);
                    }
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        let (Some(from), Some(document)) = (text.to_str(), self.text(text)) else { return found };
        // Most files of a folder use none: they need no tree.
        if text.is_absolute() && document.text.contains("use") {
            add(&self.parsed(&document).items().collect::<Vec<_>>(), from, &mut found);
        }
        found
    }

    /// Stacks that lie in the editor's folders, each once.
    pub(super) fn files_of_folders(&self) -> BTreeSet<PathBuf> {
        let (mut seen, mut files) = (Found::default(), BTreeSet::new());
        self.roots.iter().for_each(|root| gather(root, 0, &mut seen, &mut files));
        files
    }
}

/// How much of a workspace was looked at.
#[derive(Default)]
struct Found {
    folders: usize,
    files: usize,
}

/// Folders behind symbolic links are not gone into: they lie elsewhere as well, or around themselves.
fn gather(folder: &Path, depth: usize, seen: &mut Found, files: &mut BTreeSet<PathBuf>) {
    seen.folders += 1;
    if seen.folders > MOST_FOLDERS {
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if seen.files >= MOST_FILES || name.starts_with('.') || name == "node_modules" || name == "target" {
            continue;
        }
        let path = entry.path();
        if entry.file_type().is_ok_and(|ty| ty.is_dir()) {
            if depth < MOST_DEPTH {
                gather(&path, depth + 1, seen, files);
            }
        } else if path.extension().is_some_and(|e| e == "route") && path.is_file() {
            seen.files += 1;
            files.insert(path);
        }
    }
}
