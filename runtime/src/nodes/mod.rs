//! The node types, one file each, in rooms as Node-RED's palette has them.

mod common;
mod functions;
mod js;
mod network;
mod parsers;
#[cfg(test)]
mod recorded;
mod sequence;
mod storage;
#[cfg(test)]
pub(crate) mod testkit;
pub(crate) mod value;

use crate::node::MakeNode;

/// Finds the maker of a node type; `None`: an unknown type.
pub fn find(ty: &str) -> Option<MakeNode> {
    TYPES.iter().find(|(name, _)| *name == ty).map(|(_, make)| *make)
}

/// What stands for subflow instances and their status outputs: the wires on the inside are the engine's matter.
pub(crate) fn of_instances(ty: &str) -> Option<MakeNode> {
    match ty {
        "subflow-status" => Some(common::subflow::status),
        ty if ty.starts_with("subflow:") => Some(common::subflow::instance),
        _ => None,
    }
}

/// Every node type that this runtime runs.
pub const TYPES: &[(&str, MakeNode)] = &[
    ("batch", sequence::batch::make),
    ("catch", common::pass::make),
    ("change", functions::change::make),
    ("comment", common::pass::comment),
    ("complete", common::pass::make),
    ("csv", parsers::csv::make),
    ("debug", common::debug::make),
    ("delay", functions::delay::make),
    ("file", storage::file::file),
    ("file in", storage::file_in::file_in),
    ("function", functions::function::make),
    ("http in", network::http_in::http_in),
    ("http request", network::http_request::make),
    ("http response", network::http_in::http_response),
    ("inject", common::inject::make),
    ("join", sequence::join::make),
    ("json", parsers::json::make),
    ("junction", common::pass::make),
    ("link call", common::link::link_call),
    ("link in", common::link::link_in),
    ("link out", common::link::link_out),
    ("range", functions::range::make),
    ("rbe", functions::rbe::make),
    ("sort", sequence::sort::make),
    ("split", sequence::split::make),
    ("status", common::pass::make),
    ("switch", functions::switch::make),
    ("template", functions::template::make),
    ("trigger", functions::trigger::make),
    ("yaml", parsers::yaml::make),
];
