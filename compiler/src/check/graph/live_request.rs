//! R3064: a remote that takes requests away from the runtime that can answer them.

use route_grammar::Diagnostic;

use super::starved_node::shown;
use crate::flow::Node;
use crate::hir::Router;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A live request sent to another runtime.
    ///
    /// A message of an `http in` is tied to a connection of the runtime that took the request. On another runtime an
    /// `http response` has no connection to answer on, and who asks waits in vain.
    ///
    /// ## Fails
    /// ```route
    /// runtime gateway { zenoh "tcp/10.0.0.2:7447" }
    /// runtime cloud { nats "nats://10.0.0.9:4222" }
    /// remote away on "GET /beds" -> "List beds" { to cloud }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// runtime gateway { zenoh "tcp/10.0.0.2:7447" }
    /// runtime cloud { nats "nats://10.0.0.9:4222" }
    /// remote away on "Threshold" -> "Raise alarm" { to cloud }
    /// ```
    "R3064" "live-request" Warn, None
}

pub(crate) fn report(router: &Router, request: &Node, resolver: &mut Resolver<'_>) {
    let verb = if router.when.is_empty() { "sends" } else { "can send" };
    let message = format!("remote `{}` {verb} live requests to another runtime", router.info.name);
    let d = Diagnostic::new(RULE, router.file, router.name_span, message)
        .label("an `http response` over there has no connection to answer on")
        .note(resolver.flows, request.name_span, format!("requests of {} come past it", shown(request)))
        .help("answer on the runtime that took the request, and send what others need from behind it");
    resolver.report(d);
}
