//! R3066: a loop of the flow that leads through a remote.

use route_grammar::Diagnostic;

use super::starved_node::shown;
use crate::flow::Node;
use crate::hir::Router;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A loop through another runtime.
    ///
    /// The flow goes round here: what the remote sends to the other runtime comes back to the same wire, over nodes that
    /// pass on all that they get. Both runtimes then send each other the same messages without end, as fast as the network
    /// carries them. Loops with a node or router that may end them (a `switch`, a `function`, a `filter`) are not told.
    ///
    /// ## Fails
    /// ```json flows.json
    /// [{"id":"t","type":"tab","label":"T"},
    ///  {"id":"in","type":"inject","z":"t","name":"Start","wires":[["count"]]},
    ///  {"id":"count","type":"change","z":"t","name":"Count","wires":[["wait"]]},
    ///  {"id":"wait","type":"delay","z":"t","name":"Wait","wires":[["count"]]}]
    /// ```
    /// ```route
    /// runtime gateway { zenoh "tcp/10.0.0.2:7447" }
    /// runtime cloud { zenoh "tcp/10.0.0.9:7447" }
    /// remote away on "Count" -> "Wait" { to cloud }
    /// ```
    ///
    /// ## Passes
    /// ```json flows.json
    /// [{"id":"t","type":"tab","label":"T"},
    ///  {"id":"in","type":"inject","z":"t","name":"Start","wires":[["count"]]},
    ///  {"id":"count","type":"change","z":"t","name":"Count","wires":[["wait"]]},
    ///  {"id":"wait","type":"delay","z":"t","name":"Wait","wires":[["count"]]}]
    /// ```
    /// ```route
    /// runtime gateway { zenoh "tcp/10.0.0.2:7447" }
    /// runtime cloud { zenoh "tcp/10.0.0.9:7447" }
    /// filter few on "Count" -> "Wait" { keep when msg.count < 5 }
    /// remote away on "Count" -> "Wait" { to cloud }
    /// ```
    "R3066" "remote-loop" Warn, None
}

pub(crate) fn report(router: &Router, around: &[&Node], resolver: &mut Resolver<'_>) {
    let names: Vec<String> = around.iter().map(|node| shown(node)).collect();
    let message = format!("what `{}` sends comes back to it without end", router.info.name);
    let d = Diagnostic::new(RULE, router.file, router.name_span, message)
        .label(format!("the way round: {}", names.join(" \u{2192} ")));
    let d = around.iter().take(1).fold(d, |d, node| d.note(resolver.flows, node.name_span, "it goes round here"));
    resolver.report(d.help("let a `filter` or `limit` on the way end it, a count in the message say"));
}
