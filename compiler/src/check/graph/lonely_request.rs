//! R3063: an `http in` whose requests get no answer any more.

use route_grammar::Diagnostic;

use super::starved_node::shown;
use crate::flow::Node;
use crate::hir::Router;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A request that gets no answer.
    ///
    /// Without the stack messages of this `http in` come to an `http response`; with it none does. Who asks waits until the
    /// connection times out. `halt … as error` with a `catch` that answers is a way to refuse requests.
    ///
    /// ## Fails
    /// ```route
    /// halt closed on "GET /beds" -> "List beds"
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt closed on "GET /beds" -> "List beds" { when msg.payload == "secret" }
    /// ```
    "R3063" "lonely-request" Warn, None
}

pub(crate) fn report(node: &Node, routers: &[&Router], resolver: &mut Resolver<'_>) {
    let Some((first, others)) = routers.split_first() else { return };
    let message = format!("requests of {} get no answer any more", shown(node));
    let d = Diagnostic::new(RULE, first.file, first.name_span, message)
        .label("nothing comes past here to an `http response`");
    let d = d.note(resolver.flows, node.name_span, "who asks here waits in vain");
    let d = others.iter().take(3).fold(d, |d, router| d.note(router.file, router.name_span, "nor past here"));
    resolver.report(d.help("`halt … as error` and a `catch` node that answers refuse a request"));
}
