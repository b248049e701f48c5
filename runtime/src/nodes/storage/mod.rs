//! Nodes that read and write files.

mod encoding;
pub(crate) mod fault;
pub(crate) mod file;
pub(crate) mod file_in;
