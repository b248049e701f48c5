//! Nodes that take sequences of messages apart, put them together and order them.

pub(crate) mod batch;
pub(crate) mod join;
pub(crate) mod parts;
mod reduce;
pub(crate) mod sort;
pub(crate) mod split;
