//! R1016: a pattern or scope that selects nothing at present.

use route_grammar::ast::{Kind, Text};
use route_grammar::{Diagnostic, FileId, Span};
use crate::flow::Scope;
use crate::resolver::Resolver;
use crate::select::word;

route_grammar::rule! {
    /// A pattern that matches nothing.
    ///
    /// A glob or a regular expression may match nothing, because nodes come and go; mostly it is misspelt. A tab or
    /// group without nodes is told in the same way.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Snesor *" or "Threshold" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor *" or "Threshold" -> *
    /// ```
    "R1016" "no-match" Warn, None
}

/// A glob or regular expression that fits no name.
pub(crate) fn pattern(kind: Kind, text: &Text, file: FileId) -> Diagnostic {
    Diagnostic::new(RULE, file, text.span, format!("no {} matches `{}`", word(kind), text.value))
}

/// A tab, group or subflow without nodes.
pub(crate) fn empty_scope(r: &Resolver<'_>, kind: Kind, scope: &Scope, file: FileId, span: Span) -> Diagnostic {
    let message = match kind {
        Kind::Subflow => format!("subflow `{}` has no instance with nodes", scope.name),
        _ => format!("{} `{}` has no nodes", word(kind), scope.name),
    };
    Diagnostic::new(RULE, file, span, message).note(r.flows, scope.name_span, "this one")
}

/// Parts that mean nodes, but have none in common.
pub(crate) fn nothing_left(file: FileId, span: Span) -> Diagnostic {
    Diagnostic::new(RULE, file, span, "no node is left by this selector")
        .help("each part of it means nodes, but no node is meant by all of them")
}
