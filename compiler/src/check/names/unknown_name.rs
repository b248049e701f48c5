//! R1009: a bare name that nothing declares.

use route_grammar::{Applicability, Diagnostic, FileId, Span};
use crate::resolver::Resolver;
use crate::scope::What;
use crate::select::quoted;

route_grammar::rule! {
    /// A name that nothing declares.
    ///
    /// A bare name is one of a `let`, `const`, `param` or `predicate`. Names of nodes are quoted; fields of the message
    /// begin with `msg`.
    ///
    /// ## Fails
    /// ```route
    /// tap hot on * -> "Log" { when payload > 30 to stream }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// tap hot on * -> "Log" { when msg.payload > 30 to stream }
    /// ```
    "R1009" "unknown-name" Error, Sometimes
}

/// Fields that Node-RED's own nodes give to messages.
const FIELDS: [&str; 10] =
    ["payload", "topic", "_msgid", "req", "res", "parts", "headers", "statusCode", "filename", "error"];

/// A bare name in a selector.
pub(crate) fn no_let(r: &Resolver<'_>, name: &str, file: FileId, span: Span) -> Diagnostic {
    let lets = r.scope.names.values().filter(|s| matches!(s.what, What::Let(_)));
    let d = Diagnostic::new(RULE, file, span, format!("no `let` is named `{name}`"));
    match r.nearest(name, lets.map(|s| s.name.text.as_str())) {
        Some(near) => {
            meant(r, near);
            d.suggest(format!("there is a `let` named `{near}`"), file, span, near, Applicability::Maybe)
        }
        None if !r.index.named(name).is_empty() => {
            let said = "a node bears this name; names of nodes are quoted";
            d.suggest(said, file, span, quoted(name), Applicability::Machine)
        }
        None => d.help("names of nodes are quoted; a bare name is one of a `let`"),
    }
}

/// A bare name in an expression. `whole`: the path that it begins; `literal`: the text of the file stands there, so that
/// an edit can be made.
pub(crate) fn no_value(
    r: &Resolver<'_>,
    name: &str,
    file: FileId,
    (span, whole): (Span, Span),
    literal: bool,
) -> Diagnostic {
    let d = Diagnostic::new(RULE, file, span, format!("nothing is named `{name}`"));
    let names = r.scope.names.keys().copied().chain(["msg", "source", "dest"]);
    match r.nearest(name, names) {
        Some(near) if literal => {
            meant(r, near);
            d.suggest(format!("there is a `{near}`"), file, span, near, Applicability::Maybe)
        }
        None if FIELDS.contains(&name) && literal => {
            let said = "fields of the message begin with `msg`";
            d.suggest(said, file, span, format!("msg.{name}"), Applicability::Machine)
        }
        _ => {
            let text = r.sources.get(file).and_then(|source| source.text.get(whole.range()));
            let path = text.filter(|_| literal).unwrap_or(name);
            d.help(format!("fields of the message begin with `msg`: `msg.{path}`"))
        }
    }
}

/// What was meant, most likely, is not told as unused.
fn meant(r: &Resolver<'_>, near: &str) {
    if let Some(symbol) = r.scope.names.get(near) {
        symbol.used.set(true);
    }
}
