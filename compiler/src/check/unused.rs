//! Declarations that nothing refers to.

use route_grammar::Diagnostic;

use crate::codes;
use crate::resolver::Resolver;
use crate::scope::What;

pub(super) fn check(resolver: &mut Resolver<'_>) {
    let scope = resolver.scope;
    for symbol in scope.names.values().chain(scope.schemas.values()) {
        let name = &symbol.name.text;
        if symbol.used.get() || name.starts_with('_') || generated(&symbol.what) {
            continue;
        }
        let message = format!("{} `{name}` is never used", symbol.what.word());
        let d = Diagnostic::warning(codes::UNUSED, symbol.file, symbol.name.span, message);
        resolver.report(d.help(format!("take it out, or call it `_{name}`")));
    }
}

/// `routec names` writes a `let` by id for every node; nobody uses them all.
fn generated(what: &What<'_>) -> bool {
    use route_grammar::ast::{EndsKind, Kind, Pattern};
    match what {
        What::Let(ends) => {
            matches!(&ends.kind, EndsKind::Match { kind: Kind::Id, pattern: Pattern::Exact(_) })
        }
        _ => false,
    }
}
