//! R1041: an id in `flows.json` that leads nowhere, at a node that the stack has to do with.

use route_grammar::{Diagnostic, Span};

use crate::check::Checked;
use crate::hir::Router;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// An id in the flows that leads nowhere.
    ///
    /// A node on whose wires a router sits has a wire, a link, a group or a subflow by an id that the flows do not
    /// have. Node-RED passes over it in silence: a router that was meant for that wire sits on nothing. Draw the wire again
    /// in the editor, or take it out.
    ///
    /// ## Fails
    /// ```json flows.json
    /// [{"id":"t","type":"tab","label":"T"},
    ///  {"id":"a","type":"inject","z":"t","name":"Start","wires":[["b","gone"]]},
    ///  {"id":"b","type":"debug","z":"t","name":"Out","wires":[]}]
    /// ```
    /// ```route
    /// halt old on "Start" -> *
    /// ```
    ///
    /// ## Passes
    /// ```json flows.json
    /// [{"id":"t","type":"tab","label":"T"},
    ///  {"id":"a","type":"inject","z":"t","name":"Start","wires":[["b"]]},
    ///  {"id":"b","type":"debug","z":"t","name":"Out","wires":[]}]
    /// ```
    /// ```route
    /// halt old on "Start" -> *
    /// ```
    "R1041" "dangling-id" Warn, None
}

/// Findings that are told; more would bury the reader.
const MOST: usize = 20;

pub(crate) fn check(stack: &Checked<'_>, resolver: &mut Resolver<'_>) {
    let graph = resolver.index.graph;
    let odd: Vec<_> = graph.oddities.iter().filter(|oddity| oddity.nowhere).collect();
    if odd.is_empty() {
        return;
    }
    // Where the nodes stand, each with the first router on its wires; nodes of the file do not overlap.
    let mut touched: Vec<(Span, &Router)> = Vec::new();
    for router in stack.routers {
        let wires = router.wires.iter().map(|wire| resolver.index.wire(*wire));
        let nodes = wires.flat_map(|wire| [wire.from.0, wire.to.0]);
        touched.extend(nodes.map(|node| (resolver.index.node(node).span, router)));
    }
    touched.sort_by_key(|(span, _)| *span);
    touched.dedup_by_key(|(span, _)| *span);
    let at = |span: Span| {
        let after = touched.partition_point(|(node, _)| node.start <= span.start);
        let (node, router) = touched.get(after.checked_sub(1)?)?;
        (span.end <= node.end).then_some(*router)
    };
    let found = odd.into_iter().filter_map(|oddity| Some((oddity, at(oddity.span)?)));
    for (oddity, router) in found.take(MOST) {
        let d = Diagnostic::new(RULE, resolver.flows, oddity.span, oddity.message.clone());
        let text = "sits on wires of this node";
        resolver.report(d.note(router.file, router.name_span, text));
    }
}
