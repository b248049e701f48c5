//! Nodes, delivery, taps, breakpoints, remotes, deploys and the control API.
//!
//! Knows nothing of pest or the syntax tree.

pub mod deploy;
pub mod node;
pub mod nodes;
pub mod remote;
