//! R1028: an `allow` of a rule that is not there.

route_grammar::rule! {
    /// An unknown code in `allow`.
    ///
    /// `allow` takes the code or the name of a rule: `allow(R1013)` or `allow(unused)`. `routec explain --all` lists
    /// them.
    ///
    /// ## Fails
    /// ```route
    /// allow(R9999) "why not"
    /// halt old on "Sensor 1" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// allow(R1013) "kept for the night shift"
    /// const hot = 30
    /// ```
    "R1028" "unknown-rule" Warn, None
}
