//! R1015: a node that is disabled.

route_grammar::rule! {
    /// A node that is disabled.
    ///
    /// A disabled node, or one on a disabled tab or in a disabled group, does not run and has no wires. Enable it, or
    /// take the router out.
    ///
    /// ## Fails
    /// ```route
    /// let old = "Old lamp"
    /// halt retired on * -> "Alarm lamp" or old
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// let old = "Spare lamp"
    /// halt retired on * -> "Alarm lamp" or old
    /// ```
    "R1015" "disabled-node" Warn, None
}
