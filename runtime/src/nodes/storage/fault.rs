//! Faults of the operating system in the words of Node.js, with its codes.

use std::io::{Error, ErrorKind};
use std::path::Path;

use route_chain::Value;

use crate::node::Failure;

/// `ENOENT: no such file or directory, open 'x'`, and the code.
pub(crate) fn said(e: &Error, call: &str, path: &Path) -> (String, &'static str) {
    let (code, text) = match e.kind() {
        ErrorKind::NotFound => ("ENOENT", "no such file or directory"),
        ErrorKind::PermissionDenied => ("EACCES", "permission denied"),
        ErrorKind::AlreadyExists => ("EEXIST", "file already exists"),
        ErrorKind::IsADirectory => ("EISDIR", "illegal operation on a directory"),
        ErrorKind::NotADirectory => ("ENOTDIR", "not a directory"),
        ErrorKind::StorageFull => ("ENOSPC", "no space left on device"),
        ErrorKind::ReadOnlyFilesystem => ("EROFS", "read-only file system"),
        ErrorKind::DirectoryNotEmpty => ("ENOTEMPTY", "directory not empty"),
        _ => return (format!("{e}, {call} '{}'", path.display()), "EIO"),
    };
    // A directory is found out when it is read, not when it is opened.
    match code {
        "EISDIR" if call == "read" => (format!("{code}: {text}, {call}"), code),
        _ => (format!("{code}: {text}, {call} '{}'", path.display()), code),
    }
}

/// The fault as an error that was thrown.
pub(crate) fn failure(text: &str, code: &str) -> Failure {
    Failure { message: format!("Error: {text}"), details: vec![("code", Value::text(code))] }
}
