//! R1017: a regular expression that cannot be read.

route_grammar::rule! {
    /// Not a regular expression.
    ///
    /// Regular expressions have the syntax of the `regex` crate. They run in linear time, and therefore know neither
    /// look-around nor back references.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.topic matches /bed\/(?=1)/ }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.topic matches /bed\/1/ }
    /// ```
    "R1017" "bad-regex" Error, None
}
