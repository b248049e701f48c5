//! R3003: a target of `redirect` or `tap` that no message can be delivered to.

route_grammar::rule! {
    /// A target that cannot be delivered to.
    ///
    /// Redirects and taps go to exactly one node that runs. Node-RED drops messages to a disabled node, a group or the
    /// inside of a subflow definition without a word, so the compiler refuses them.
    ///
    /// ## Fails
    /// ```route
    /// redirect spare on "Raise alarm" -> "Alarm lamp" { to node "Old lamp" }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// redirect spare on "Raise alarm" -> "Alarm lamp" { to node "Spare lamp" }
    /// ```
    "R3003" "undeliverable-target" Error, None
}
