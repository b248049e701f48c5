//! R2001: operands whose types have nothing in common.

route_grammar::rule! {
    /// Operands that can never compare.
    ///
    /// Values of different types are never equal and never ordered, so the comparison has the same outcome for every
    /// message.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { when len(msg.topic) == "5" }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { when len(msg.topic) == 5 }
    /// ```
    "R2001" "never-compares" Deny, None
}
