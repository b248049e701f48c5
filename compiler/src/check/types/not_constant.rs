//! R2006: a value that depends on the message where a constant is needed.

route_grammar::rule! {
    /// Not a constant.
    ///
    /// The value is needed before any message is there: bounds, durations, addresses and constants are known when the
    /// stack is compiled. They are literals, and what `+ - * / %` make of them.
    ///
    /// ## Fails
    /// ```route
    /// const bound = msg.bound
    /// halt hot on "Sensor 1" -> * { when msg.payload > bound }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// const bound = 30
    /// halt hot on "Sensor 1" -> * { when msg.payload > bound }
    /// ```
    "R2006" "not-constant" Error, None
}
