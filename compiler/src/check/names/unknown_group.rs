//! R1003: a name that no group bears.

route_grammar::rule! {
    /// A name that no group bears.
    ///
    /// `group "…"` names the nodes of a group by its name. A group without a name cannot be selected this way: name it
    /// in the editor, or select its nodes.
    ///
    /// ## Fails
    /// ```route
    /// halt old on group "Bed" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on group "Beds" -> *
    /// ```
    "R1003" "unknown-group" Error, Sometimes
}
