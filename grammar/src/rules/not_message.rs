//! R0014: an assignment to something that is no part of the message.

crate::rule! {
    /// A path that is not part of the message.
    ///
    /// `set` changes the message alone. What is known of the wire (`source`, `dest`) cannot be changed; to deliver
    /// elsewhere there is `redirect`.
    ///
    /// ## Fails
    /// ```route
    /// set site on "Sensor 1" -> * { dest.name = "north" }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// set site on "Sensor 1" -> * { msg.site = "north" }
    /// ```
    "R0014" "not-message" Error, None
}
