//! Nodes that begin, end and join flows.

pub(crate) mod debug;
pub(crate) mod inject;
pub(crate) mod link;
pub(crate) mod pass;
pub(crate) mod subflow;
