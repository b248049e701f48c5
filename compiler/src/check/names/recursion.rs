//! R1026: a name that is defined by itself.

use route_grammar::{Diagnostic, FileId, Span};

route_grammar::rule! {
    /// A name defined by itself.
    ///
    /// Predicates, constants and selectors are put in place where they are used; one that uses itself would never end.
    /// The help shows the way round.
    ///
    /// ## Fails
    /// ```route
    /// predicate hot = msg.payload > 30 or hot
    /// halt old on "Sensor 1" -> * { when hot }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// predicate hot = msg.payload > 30
    /// halt old on "Sensor 1" -> * { when hot }
    /// ```
    "R1026" "recursion" Error, None
}

/// `busy`: the names being resolved, outermost first; `key` is among them.
pub(crate) fn by_itself(busy: &[&str], key: &str, file: FileId, span: Span) -> Diagnostic {
    let from = busy.iter().position(|name| *name == key).unwrap_or(0);
    let trail: Vec<String> = busy[from..].iter().map(|name| format!("`{name}`")).collect();
    Diagnostic::new(RULE, file, span, format!("`{key}` is defined by itself"))
        .help(format!("the way round: {} → `{key}`", trail.join(" → ")))
}
