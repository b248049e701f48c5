//! From text and flow graph to a chain per wire: names resolved, checked, placed, lowered.
//!
//! Knows nothing of tokio, the network or the clock; reads files only through one trait.

pub mod flow;
pub mod names;
