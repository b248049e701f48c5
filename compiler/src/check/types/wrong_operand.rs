//! R2009: an operand of a type that its operator never takes.

route_grammar::rule! {
    /// An operand of the wrong type.
    ///
    /// Arithmetic is for numbers, `matches`, `starts with` and `ends with` for text. On anything else they have no
    /// value, and the condition is never true.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.payload * "2" > 30 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.payload * 2 > 30 }
    /// ```
    "R2009" "wrong-operand" Deny, None
}
