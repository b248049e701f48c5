//! The node types, one file each.

pub mod change;
pub mod convert;
pub mod debug;
pub mod function;
pub mod inject;
mod js;
pub mod jsonata;
pub mod mustache;
pub mod switch;
pub mod template;
#[cfg(test)]
pub(crate) mod testkit;
pub mod typed;

mod delay;
mod json;
mod link;
mod pass;
mod props;
mod range;
mod rbe;
mod split;
mod trigger;

mod batch;
mod file;
mod join;
mod sort;

mod http_in;

mod csv;
mod http_request;

use crate::node::MakeNode;

/// Finds the maker of a node type; `None`: an unknown type.
pub fn find(ty: &str) -> Option<MakeNode> {
    // An instance hands on what comes into its one input; the wires on the inside are the engine's matter.
    let ty = if ty.starts_with("subflow:") { "junction" } else { ty };
    TYPES.iter().find(|(name, _)| *name == ty).map(|(_, make)| *make)
}

/// Every node type that this runtime runs.
pub const TYPES: &[(&str, MakeNode)] = &[
    ("batch", batch::make),
    ("catch", pass::make),
    ("change", change::make),
    ("comment", pass::comment),
    ("complete", pass::make),
    ("csv", csv::make),
    ("debug", debug::make),
    ("delay", delay::make),
    ("file", file::file),
    ("file in", file::file_in),
    ("function", function::make),
    ("http in", http_in::http_in),
    ("http request", http_request::make),
    ("http response", http_in::http_response),
    ("inject", inject::make),
    ("join", join::make),
    ("json", json::make),
    ("junction", pass::make),
    ("link call", link::link_call),
    ("link in", link::link_in),
    ("link out", link::link_out),
    ("range", range::make),
    ("rbe", rbe::make),
    ("sort", sort::make),
    ("split", split::make),
    ("status", pass::make),
    ("switch", switch::make),
    ("template", template::make),
    ("trigger", trigger::make),
];
