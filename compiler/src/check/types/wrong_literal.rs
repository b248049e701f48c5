//! R2002: a literal of another kind than the clause takes.

route_grammar::rule! {
    /// The wrong kind of literal.
    ///
    /// Durations are written `30s`, sizes `64KiB`, rates `10/s`, percentages `5%`; one does not stand for another, and
    /// a plain number stands for none of them.
    ///
    /// ## Fails
    /// ```route
    /// limit chatter on "Sensor 1" -> * { at most 10s }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// limit chatter on "Sensor 1" -> * { at most 10/s }
    /// ```
    "R2002" "wrong-literal" Error, None
}
