//! What a look at a stack depended on: files on disk as they were, and texts that are open.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// When a file changed and how long it is; `None`: it is not there.
pub(super) type Stamp = Option<(SystemTime, u64)>;

/// As a file is now.
pub(super) fn stamp(path: &Path) -> Stamp {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// Everything that was asked for, whether it was there or not. A file is noted before it is read: one that changes
/// meanwhile is another than the noted one.
#[derive(Debug, Default)]
pub(super) struct Looked(RefCell<Noted>);

#[derive(Debug, Default)]
struct Noted {
    files: Vec<(PathBuf, Stamp)>,
    /// Texts of the stack, open ones too.
    texts: BTreeSet<PathBuf>,
}

impl Looked {
    /// Notes a file that is about to be read.
    pub(super) fn file(&self, path: &Path) {
        self.0.borrow_mut().files.push((path.to_owned(), stamp(path)));
    }

    /// Notes a text of the stack.
    pub(super) fn text(&self, path: &Path) {
        self.0.borrow_mut().texts.insert(path.to_owned());
    }

    /// Whether the stack has that text, or wants to have it.
    pub(super) fn has_text(&self, path: &Path) -> bool {
        self.0.borrow().texts.contains(path)
    }

    /// Whether that file was read.
    pub(super) fn has_file(&self, path: &Path) -> bool {
        self.0.borrow().files.iter().any(|(known, _)| known == path)
    }

    /// Whether every file is as it was.
    pub(super) fn is_fresh(&self) -> bool {
        self.0.borrow().files.iter().all(|(path, then)| stamp(path) == *then)
    }
}
