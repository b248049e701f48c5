//! R1027: an `allow` that silences nothing.

route_grammar::rule! {
    /// An `allow` that silences nothing.
    ///
    /// The finding that it was written for is gone; without the `allow` the next one of its kind will be seen.
    ///
    /// ## Fails
    /// ```route
    /// allow(unused) "used by the night shift"
    /// halt old on "Sensor 1" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> *
    /// ```
    "R1027" "unused-allow" Warn, Always
}
