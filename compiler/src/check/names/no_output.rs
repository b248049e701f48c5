//! R1014: an output that the node does not have.

route_grammar::rule! {
    /// An output that the node does not have.
    ///
    /// Outputs are counted from 1, as in the editor, or named by their label.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Threshold".3 -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Threshold"."hot" -> *
    /// ```
    "R1014" "no-output" Error, None
}
