//! R1017: a regular expression that cannot be read.

use route_grammar::{Diagnostic, FileId, Span};

route_grammar::rule! {
    /// Not a regular expression.
    ///
    /// Regular expressions have the syntax of the `regex` crate. They run in linear time, and therefore know neither
    /// look-around nor back references.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.topic matches /bed\/(?=1)/ }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.topic matches /bed\/1/ }
    /// ```
    "R1017" "bad-regex" Error, None
}

/// The regex crate's own words, without its drawing of the place.
pub(crate) fn because(source: &str, error: &regex::Error, file: FileId, span: Span) -> Diagnostic {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
    let message = format!("`{source}` is no regular expression: {last}");
    Diagnostic::new(RULE, file, span, message)
        .help("the syntax is that of the `regex` crate: no look-around, no back references")
}
