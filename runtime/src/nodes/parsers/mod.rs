//! Nodes between texts and values.

pub(crate) mod csv;
pub(crate) mod json;
mod schema;
pub(crate) mod yaml;
