//! R3051: two routers that do the same.

use route_grammar::Diagnostic;

use crate::hir::Router;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// Two routers that do the same.
    ///
    /// They sit on the same wires, apply to the same messages and do the same with them, and nothing between them changes
    /// a message. A tap copies twice, a breakpoint holds twice, and the second of two equal limits has nothing left to do.
    ///
    /// ## Fails
    /// ```route
    /// tap first on "Threshold" -> * { when msg.payload > 30 to counter "hot" }
    /// tap second on "Threshold" -> * { when msg.payload > 30 to counter "hot" }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// tap first on "Threshold" -> * { when msg.payload > 30 to counter "hot" }
    /// tap second on "Threshold" -> * { when msg.payload > 40 to counter "hotter" }
    /// ```
    "R3051" "same-router" Warn, None
}

pub(crate) fn report(router: &Router, earlier: &Router, resolver: &mut Resolver<'_>) {
    let kind = &router.info.kind;
    let message = format!("{kind} `{}` does what {kind} `{}` does", router.info.name, earlier.info.name);
    let d = Diagnostic::new(RULE, router.file, router.name_span, message);
    resolver.report(d.note(earlier.file, earlier.name_span, "on the same wires, of the same messages"));
}
