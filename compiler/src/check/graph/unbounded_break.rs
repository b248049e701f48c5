//! R3002: a breakpoint that does not say how much it holds.

use route_grammar::Diagnostic;
use crate::check::Checked;
use crate::hir::Body;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A breakpoint without a bound.
    ///
    /// A breakpoint that is forgotten holds real messages. Without `hold` it keeps at most 100 of them for 30 seconds
    /// each, and then lets them pass; say what you want.
    ///
    /// ## Fails
    /// ```route
    /// break hot on * -> "Alarm lamp" { when msg.payload > 30 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// break hot on * -> "Alarm lamp" {
    ///   when msg.payload > 30
    ///   hold at most 100 for 30s then pass
    /// }
    /// ```
    "R3002" "unbounded-break" Warn, None
}

pub(crate) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    for router in stack.routers {
        if !matches!(router.body, Body::Break { unbounded: true, .. }) {
            continue;
        }
        let message = format!("break `{}` has no bound", router.info.name);
        let d = Diagnostic::new(RULE, router.file, router.name_span, message)
            .label("holds at most 100 messages, 30s each, then lets them pass")
            .help("say it: `hold at most 100 for 30s then pass`");
        resolver.report(d);
    }
}
