//! R1006: an id that no node bears.

route_grammar::rule! {
    /// An id that no node bears.
    ///
    /// `id "…"` names a node by its id in `flows.json`, or by its run-time id inside a subflow instance,
    /// `INSTANCE-NODE`. Ids stay when nodes are renamed, and are new when a flow is imported as a copy.
    ///
    /// ## Fails
    /// ```route
    /// halt old on id "s9" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on id "s1" -> *
    /// ```
    "R1006" "unknown-id" Error, None
}
