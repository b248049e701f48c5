//! R3001: ends that exist, and no wire between them.

route_grammar::rule! {
    /// Ends that no wire joins.
    ///
    /// Both ends exist, but the flow graph has no wire from one to the other: the router does nothing. The help says
    /// where the wires of the source lead.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> "Log"
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> "Threshold"
    /// ```
    "R3001" "no-wire" Warn, None
}
