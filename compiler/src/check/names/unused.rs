//! R1013: a declaration that nothing refers to.

use route_grammar::Diagnostic;
use crate::resolver::Resolver;
use crate::scope::What;

route_grammar::rule! {
    /// A declaration that nothing refers to.
    ///
    /// It is a leftover, or the name was misspelt where it should be used. A name that begins with `_` may be unused,
    /// and so may a `let` by id as `routec names` writes it.
    ///
    /// ## Fails
    /// ```route
    /// const hot = 30
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// const hot = 30
    /// tap hot_ones on * -> "Log" { when msg.payload > hot to stream }
    /// ```
    "R1013" "unused" Warn, None
}

pub(crate) fn check(resolver: &mut Resolver<'_>) {
    let scope = resolver.scope;
    for symbol in scope.names.values().chain(scope.schemas.values()) {
        let name = &symbol.name.text;
        if symbol.used.get() || name.starts_with('_') || generated(&symbol.what) {
            continue;
        }
        let message = format!("{} `{name}` is never used", symbol.what.word());
        let d = Diagnostic::new(RULE, symbol.file, symbol.name.span, message);
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
