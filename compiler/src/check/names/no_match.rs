//! R1016: a pattern or scope that selects nothing at present.

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
