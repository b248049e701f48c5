//! R1029: an output named after the arrow.

route_grammar::rule! {
    /// An output after the arrow.
    ///
    /// Messages leave a node by an output and enter by its one input.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> "Threshold".1
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Threshold".1 -> *
    /// ```
    "R1029" "output-of-destination" Error, None
}
