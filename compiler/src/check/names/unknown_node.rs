//! R1001: a quoted name that no node of the flow graph bears.

route_grammar::rule! {
    /// A name that no node bears.
    ///
    /// A quoted name is the name of a node, written exactly as in the editor. A router on a node that does not exist
    /// would do nothing, silently. Nodes without a name are reached by `type "…"`, by `id "…"`, or by `next to` a node
    /// that has one; `routec names` writes a name for each.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensr 1" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> *
    /// ```
    "R1001" "unknown-node" Error, None
}
