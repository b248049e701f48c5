//! R2008: a type that values do not have.

route_grammar::rule! {
    /// An unknown type.
    ///
    /// Types of values are `number`, `string`, `bool`, `object`, `list`, `null` and `bytes`. Schemas and parameters
    /// also know `any`, parameters `duration`, `size` and `rate`, and schemas the names of other schemas.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.payload is text }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.payload is string }
    /// ```
    "R2008" "unknown-value-type" Error, None
}
