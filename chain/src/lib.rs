//! The contract between compiler and runtimes: what a compiled stack is, how it is written, and how one message runs through it.
//!
//! Knows nothing of pest, tokio, files or the network.

pub mod condition;
pub mod eval;
pub mod format;
pub mod host;
pub mod ir;
pub mod layer;
pub mod link;
pub mod message;
pub mod ops;
pub mod refs;
pub mod state;
pub mod trace;
pub mod value;

mod arg;
mod bytes;
mod cond;
mod json;
mod leaf;
mod path;
mod pattern;
mod select;
mod shape;
mod slot;
mod step;
mod table;
mod tally;
mod text;

// Tests here and in `tests/` share a runtime that is written against the crate's own name.
#[cfg(test)]
extern crate self as route_chain;
#[cfg(test)]
mod tests;

pub use json::iso_date;
pub use message::Message;
pub use value::{MAX_DEPTH, Object, Opaque, Value};
