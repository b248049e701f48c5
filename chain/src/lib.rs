//! The contract between compiler and runtimes: what a compiled stack is, how it is written, and how one message runs through it.
//!
//! Knows nothing of pest, tokio, files or the network.

pub mod eval;
pub mod format;
pub mod ir;
mod json;
pub mod layer;
pub mod link;
pub mod message;
pub mod ops;
mod path;
mod shape;
mod test;
pub mod value;

pub use message::Message;
pub use value::{Object, Opaque, Value};
