//! R3060: a node that no message reaches any more.

use route_grammar::Diagnostic;

use crate::flow::Node;
use crate::hir::Router;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A node that nothing reaches any more.
    ///
    /// Without the stack messages come to the node; with it every way there is cut, by routers that together stop or
    /// divert all messages. What lies behind the node gets nothing either. A `halt` or `redirect` without a condition says
    /// just that, and is left alone.
    ///
    /// ## Fails
    /// ```route
    /// halt hot on "Raise alarm" -> "Alarm lamp" { when msg.payload > 30 }
    /// allow(always-false) "the two are meant to meet"
    /// filter odd on "Raise alarm" -> "Alarm lamp" { keep when msg.payload > 50 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt hot on "Raise alarm" -> "Alarm lamp" { when msg.payload > 30 }
    /// filter odd on "Raise alarm" -> "Alarm lamp" { keep when msg.payload > 20 }
    /// ```
    "R3060" "starved-node" Warn, None
}

pub(crate) fn report(node: &Node, routers: &[&Router], resolver: &mut Resolver<'_>) {
    let Some((first, others)) = routers.split_first() else { return };
    let message = format!("nothing reaches {} any more", shown(node));
    let d = Diagnostic::new(RULE, first.file, first.name_span, message).label("stops or diverts what would");
    let d = d.note(resolver.flows, node.name_span, "this node");
    let d = others.iter().take(3).fold(d, |d, router| d.note(router.file, router.name_span, "and so does this"));
    resolver.report(d);
}

/// The node by its name, or else by type and id.
pub(crate) fn shown(node: &Node) -> String {
    match node.name.as_str() {
        "" => format!("{} `{}`", node.ty, node.id),
        name => format!("`{name}`"),
    }
}
