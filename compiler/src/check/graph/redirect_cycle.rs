//! R3061: a redirect whose messages come back to it.

use route_grammar::Diagnostic;

use super::starved_node::shown;
use crate::flow::Node;
use crate::hir::Router;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A redirect that goes round.
    ///
    /// From the node that it redirects to, messages can come back to the wire that the redirect sits on. Unless a node on
    /// the way changes what it tests, such a message goes round without end.
    ///
    /// ## Fails
    /// ```route
    /// redirect again on "Raise alarm" -> "Alarm lamp" { when msg.payload > 30 to node "Threshold" }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// redirect spare on "Raise alarm" -> "Alarm lamp" { when msg.payload > 30 to node "Spare lamp" }
    /// ```
    "R3061" "redirect-cycle" Warn, None
}

pub(crate) fn report(router: &Router, back: &Node, resolver: &mut Resolver<'_>) {
    let message = format!("what `{}` redirects can come back to it", router.info.name);
    let d = Diagnostic::new(RULE, router.file, router.name_span, message)
        .note(resolver.flows, back.name_span, format!("by way of {}", shown(back)))
        .help("test something that changes on the way round, such as a count in the message");
    resolver.report(d);
}
