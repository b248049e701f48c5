//! R0013: a target that this kind of router cannot send to.

crate::rule! {
    /// A target that this router cannot send to.
    ///
    /// A tap copies to a sink or a node, a redirect delivers to a node, a remote sends to a runtime.
    ///
    /// ## Fails
    /// ```route
    /// redirect spare on "Raise alarm" -> "Alarm lamp" { to stdout }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// redirect spare on "Raise alarm" -> "Alarm lamp" { to node "Spare lamp" }
    /// ```
    "R0013" "foreign-target" Error, None
}
