//! R1002: a label that no tab bears.

route_grammar::rule! {
    /// A label that no tab bears.
    ///
    /// `tab "…"` names the nodes of a tab by its label, as it stands in the editor.
    ///
    /// ## Fails
    /// ```route
    /// halt old on * -> tab "Histroy"
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on * -> tab "History"
    /// ```
    "R1002" "unknown-tab" Error, Sometimes
}
