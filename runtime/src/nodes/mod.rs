//! The node types, one file each.

pub mod convert;
#[cfg(test)]
pub(crate) mod testkit;

use crate::node::MakeNode;

/// Finds the maker of a node type; `None`: an unknown type.
pub fn find(ty: &str) -> Option<MakeNode> {
    TYPES.iter().find(|(name, _)| *name == ty).map(|(_, make)| *make)
}

/// Every node type that this runtime runs.
pub const TYPES: &[(&str, MakeNode)] = &[];
