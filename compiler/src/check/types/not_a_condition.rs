//! R2004: something after `when` that is neither true nor false.

route_grammar::rule! {
    /// Not a condition.
    ///
    /// After `when` stands something that is true or false. A number or a text is neither: compare it, or ask `has
    /// msg.…`.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.payload + 1 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.payload + 1 > 30 }
    /// ```
    "R2004" "not-a-condition" Deny, None
}
