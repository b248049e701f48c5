//! R3062: a join that waits for parts which a router stops.

use route_grammar::Diagnostic;

use super::starved_node::shown;
use crate::flow::Node;
use crate::hir::Router;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A router that stops parts of a sequence.
    ///
    /// It sits between a `split` and a `join` that puts the parts together again. The join waits for all of them: when one
    /// is stopped, it sends nothing, and keeps the others.
    ///
    /// ## Fails
    /// ```json flows.json
    /// [{"id":"t","type":"tab","label":"T"},
    ///  {"id":"in","type":"inject","z":"t","name":"Beds","wires":[["split"]]},
    ///  {"id":"split","type":"split","z":"t","name":"Each bed","wires":[["join"]]},
    ///  {"id":"join","type":"join","z":"t","name":"All beds","mode":"auto","wires":[["out"]]},
    ///  {"id":"out","type":"debug","z":"t","name":"Out","wires":[]}]
    /// ```
    /// ```route
    /// filter dry on "Each bed" -> "All beds" { keep when msg.payload < 30 }
    /// ```
    ///
    /// ## Passes
    /// ```json flows.json
    /// [{"id":"t","type":"tab","label":"T"},
    ///  {"id":"in","type":"inject","z":"t","name":"Beds","wires":[["split"]]},
    ///  {"id":"split","type":"split","z":"t","name":"Each bed","wires":[["join"]]},
    ///  {"id":"join","type":"join","z":"t","name":"All beds","mode":"auto","wires":[["out"]]},
    ///  {"id":"out","type":"debug","z":"t","name":"Out","wires":[]}]
    /// ```
    /// ```route
    /// filter dry on "All beds" -> "Out" { keep when len(msg.payload) > 3 }
    /// ```
    "R3062" "waiting-join" Warn, None
}

pub(crate) fn report(router: &Router, join: &Node, resolver: &mut Resolver<'_>) {
    let (kind, name) = (&router.info.kind, &router.info.name);
    let message = format!("{kind} `{name}` stops parts that {} waits for", shown(join));
    let d = Diagnostic::new(RULE, router.file, router.name_span, message)
        .note(resolver.flows, join.name_span, "this join sends nothing until all parts are there")
        .help("stop whole sequences before the split, or parts after the join");
    resolver.report(d);
}
