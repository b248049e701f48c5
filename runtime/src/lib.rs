//! Nodes, delivery, taps, breakpoints, remotes, deploys and the control API.
//!
//! Knows nothing of pest or the syntax tree.

pub mod attach;
pub mod control;
pub mod deploy;
pub mod engine;
pub mod holds;
pub mod io;
pub mod node;
pub mod nodes;
pub mod plugin;
pub mod remote;
pub mod taps;
