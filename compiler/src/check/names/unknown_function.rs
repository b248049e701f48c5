//! R1024: a function or predicate that is not there.

route_grammar::rule! {
    /// An unknown function.
    ///
    /// The functions are `len lower upper trim abs min max round has sample hash size ip`: few, pure, and total.
    /// Everything else is a `predicate`.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { when length(msg.payload) > 100 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { when len(msg.payload) > 100 }
    /// ```
    "R1024" "unknown-function" Error, None
}
