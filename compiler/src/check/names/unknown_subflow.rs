//! R1005: a name that no subflow bears.

route_grammar::rule! {
    /// A name that no subflow bears.
    ///
    /// `subflow "…"` names the nodes inside a subflow, in every instance. The nodes of one instance are `* in "My
    /// instance"`.
    ///
    /// ## Fails
    /// ```route
    /// halt old on * -> subflow "Mean"
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on * -> subflow "Average"
    /// ```
    "R1005" "unknown-subflow" Error, Sometimes
}
