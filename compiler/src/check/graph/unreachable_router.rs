//! R3050: a router that no message comes to.

use route_grammar::Diagnostic;

use crate::hir::Router;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A router that no message reaches.
    ///
    /// On every wire that it sits on, routers before it stop or take away all messages that it would apply to. Its order
    /// in the file may be wrong, or it is not needed any more.
    ///
    /// ## Fails
    /// ```route
    /// halt night on "Threshold" -> "Raise alarm"
    /// tap hot on "Threshold" -> "Raise alarm" { when msg.payload > 30 to stream }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// tap hot on "Threshold" -> "Raise alarm" { when msg.payload > 30 to stream }
    /// halt night on "Threshold" -> "Raise alarm"
    /// ```
    "R3050" "unreachable-router" Warn, None
}

/// `takers`: the routers that take its messages, `many` says that there are more.
pub(crate) fn report(router: &Router, takers: &[&Router], many: bool, resolver: &mut Resolver<'_>) {
    let kind = &router.info.kind;
    let message = format!("no message reaches {kind} `{}`", router.info.name);
    let on = match router.wires.len() {
        1 => "on its wire".to_owned(),
        many => format!("on any of its {many} wires"),
    };
    let mut d = Diagnostic::new(RULE, router.file, router.name_span, message).label(on);
    let says = if takers.len() == 1 && !many { "takes them all" } else { "takes some of them" };
    for taker in takers {
        d = d.note(taker.file, taker.name_span, says);
    }
    resolver.report(if many { d.help("these and other routers before it take them all") } else { d });
}
