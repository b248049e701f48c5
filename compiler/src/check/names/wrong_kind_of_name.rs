//! R1010: a name that stands for something of another kind.

use route_grammar::{Diagnostic, FileId, Span};
use crate::scope::Symbol;

route_grammar::rule! {
    /// A name of another kind.
    ///
    /// A `let` names nodes and stands in selectors; constants, parameters and predicates stand in expressions.
    ///
    /// ## Fails
    /// ```route
    /// const limit_hot = 30
    /// halt old on limit_hot -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// let lamp = "Alarm lamp"
    /// halt old on * -> lamp
    /// ```
    "R1010" "wrong-kind-of-name" Error, None
}

/// A name that is something else than what is `wanted` where it stands.
pub(crate) fn not(symbol: &Symbol<'_>, wanted: &str, file: FileId, span: Span) -> Diagnostic {
    let message = format!("`{}` is a {}, not {wanted}", symbol.name.text, symbol.what.word());
    Diagnostic::new(RULE, file, span, message).note(symbol.file, symbol.name.span, "declared here")
}
