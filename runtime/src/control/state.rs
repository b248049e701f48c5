//! The state folder of a runtime: one runtime at a time.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Name of the file that a running runtime keeps locked; its process id stands in it.
const LOCK_FILE: &str = "lock";

/// A state folder that belongs to this process until it is dropped. The system frees it when the process dies.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    _lock: File,
}

impl StateDir {
    /// Makes the folder where it is absent, and takes it. One that is made keeps itself out of git; what git does with one
    /// that was there before is left to whoever made it.
    ///
    /// # Errors
    /// It cannot be made, read or written, or another runtime has it.
    pub fn open(path: &Path) -> Result<Self, String> {
        let said = |e: std::io::Error| format!("cannot use the state folder `{}`: {e}", path.display());
        make(path).map_err(said)?;
        std::fs::read_dir(path).map_err(said)?;
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut lock = options.open(path.join(LOCK_FILE)).map_err(said)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Only for the message: without it the rest is still true.
                let _ = lock.read_to_string(&mut pid);
                let pid = if pid.is_empty() { String::new() } else { format!(" (process {})", pid.trim()) };
                return Err(format!(
                    "the state folder `{}` is in use by another runtime{pid}: give this one a folder of its own",
                    path.display()
                ));
            }
            Err(TryLockError::Error(e)) => return Err(said(e)),
        }
        lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id())).map_err(said)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn make(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(path)?;
    std::fs::write(path.join(".gitignore"), "*\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_runtime_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = StateDir::open(dir.path()).unwrap();
        let second = StateDir::open(dir.path()).unwrap_err();
        let pid = format!("(process {})", std::process::id());
        assert!(second.contains("in use by another runtime") && second.contains(&pid), "{second}");
        drop(first);
        StateDir::open(dir.path()).unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(StateDir::open(&file).unwrap_err().contains("cannot use the state folder"));
    }

    #[test]
    fn a_folder_that_is_made_keeps_itself_out_of_git() {
        let dir = tempfile::tempdir().unwrap();
        let ignored = |folder: &str| std::fs::read_to_string(dir.path().join(folder).join(".gitignore")).ok();
        let open = |folder: &str| StateDir::open(&dir.path().join(folder)).unwrap();
        open("made/within");
        assert_eq!(ignored("made/within").as_deref(), Some("*\n"));
        assert_eq!(ignored("made"), None);
        // It may hold more than state, a project even.
        std::fs::create_dir(dir.path().join("there")).unwrap();
        open("there");
        assert_eq!(ignored("there"), None);
        std::fs::write(dir.path().join("made/within/.gitignore"), "lock\n").unwrap();
        open("made/within");
        assert_eq!(ignored("made/within").as_deref(), Some("lock\n"));
    }
}
