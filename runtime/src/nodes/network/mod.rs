//! Nodes that speak with others over a network.

pub(crate) mod http_in;
pub(crate) mod http_request;
