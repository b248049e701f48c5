//! The lock file beside a stack.

use std::path::{Path, PathBuf};

use route_compiler::lock::{Lock, Locked};

use crate::fault::Fault;
use crate::input::{self, folder};

/// The name of the file.
pub(crate) const NAME: &str = "route.lock";

/// The lock file of a stack's folder.
pub(crate) fn path(stack: &Path) -> PathBuf {
    folder(stack).join(NAME)
}

/// What the lock file beside a stack says of it; nothing when there is none.
pub(crate) fn of(stack: &Path) -> Result<Option<Locked>, Fault> {
    Ok(read(&path(stack))?.and_then(|mut lock| lock.stacks.remove(&key(stack))))
}

/// A lock file; nothing when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Lock>, Fault> {
    if !path.is_file() {
        return Ok(None);
    }
    let text = input::json(path)?;
    Lock::read(&text).map(Some).map_err(|why| {
        let shown = path.display();
        // Two of the lines between which git puts both sides.
        match text.lines().any(|line| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ")) {
            true => Fault::new(format!("`{shown}` holds both sides of a merge")).help(
                "take one side whole (`git checkout --ours` or `--theirs`), then write it again with `routec lock`",
            ),
            false => Fault::new(format!("`{shown}` is no lock file: {why}")).help(
                "bring it back from where it is kept; or take it away, and `routec lock` writes a new one, \
                 which knows nothing of what has been renamed or lost until now",
            ),
        }
    })
}

/// How a stack is known in the lock file of its folder.
pub(crate) fn key(stack: &Path) -> String {
    stack.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
