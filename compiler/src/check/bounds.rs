//! A breakpoint that does not say how many messages it holds, and for how long.

use route_grammar::Diagnostic;

use super::Checked;
use crate::codes;
use crate::hir::Body;
use crate::resolver::Resolver;

pub(super) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    for router in stack.routers {
        if !matches!(router.body, Body::Break { unbounded: true, .. }) {
            continue;
        }
        let message = format!("break `{}` has no bound", router.info.name);
        let d = Diagnostic::warning(codes::UNBOUNDED_BREAK, router.file, router.name_span, message)
            .label("holds at most 100 messages, 30s each, then lets them pass")
            .help("say it: `hold at most 100 for 30s then pass`");
        resolver.report(d);
    }
}
