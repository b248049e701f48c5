//! The deployed flow graph from `flows.json`.

mod entries;
mod env;
mod expand;
pub mod graph;
mod hash;
pub mod json;
pub mod model;
mod read;
#[cfg(test)]
mod tests;

pub use graph::Edges;
pub use json::ReadError;
pub use model::*;
pub use read::{MAX_BYTES, read};
