//! R0009: a router without the clause that says what it does.

crate::rule! {
    /// A clause that this router needs.
    ///
    /// A filter without a condition, a tap without a target or a limit without a bound has no meaning.
    ///
    /// ## Fails
    /// ```route
    /// limit chatter on "Sensor 1" -> * { over halt }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// limit chatter on "Sensor 1" -> * { at most 10/s over halt }
    /// ```
    "R0009" "missing-clause" Error, None
}
