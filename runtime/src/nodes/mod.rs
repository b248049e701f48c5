//! The node types, one file each.

pub mod change;
pub mod convert;
pub mod debug;
pub mod inject;
pub mod jsonata;
pub mod switch;
#[cfg(test)]
pub(crate) mod testkit;
pub mod typed;

use crate::node::MakeNode;

/// Finds the maker of a node type; `None`: an unknown type.
pub fn find(ty: &str) -> Option<MakeNode> {
    TYPES.iter().find(|(name, _)| *name == ty).map(|(_, make)| *make)
}

/// Every node type that this runtime runs.
pub const TYPES: &[(&str, MakeNode)] =
    &[("change", change::make), ("debug", debug::make), ("inject", inject::make), ("switch", switch::make)];
