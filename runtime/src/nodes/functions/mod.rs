//! Nodes that decide on messages, change them and time them.

pub(crate) mod change;
pub(crate) mod delay;
pub(crate) mod function;
pub(crate) mod range;
mod rate;
pub(crate) mod rbe;
pub(crate) mod switch;
pub(crate) mod template;
pub(crate) mod trigger;
