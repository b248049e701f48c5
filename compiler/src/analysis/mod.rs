//! What conditions are always or never true, and which routers no message reaches: one engine for the warnings and for
//! the optimiser, so that the two never disagree.

pub(crate) mod atoms;
pub(crate) mod facts;
pub(crate) mod promises;
pub(crate) mod ranges;
pub(crate) mod regex;
pub(crate) mod set;
pub(crate) mod walk;

#[cfg(test)]
pub(crate) mod tests;
