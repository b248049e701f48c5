//! The deployed flow graph from `flows.json`.

pub mod model;

pub use model::*;
