//! R2005: a text after `cidr` that is no network.

route_grammar::rule! {
    /// Not a network.
    ///
    /// A network is an address, a slash, and the number of leading bits that count.
    ///
    /// ## Fails
    /// ```route
    /// halt outside on "GET /beds" -> * { when not (ip(msg.ip) in cidr "10.0.0.0/40") }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt outside on "GET /beds" -> "Answer" or * { when not (ip(msg.ip) in cidr "10.0.0.0/8") }
    /// ```
    "R2005" "bad-cidr" Error, None
}
