//! R1004: a type that no node of the flow graph is of.

route_grammar::rule! {
    /// A type that no node is of.
    ///
    /// `type "…"` names nodes by their Node-RED type, written as in the palette: `mqtt in`, not `mqtt-in`.
    ///
    /// ## Fails
    /// ```route
    /// halt old on type "mqtt-in" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on type "mqtt in" -> *
    /// ```
    "R1004" "unknown-type" Error, None
}
