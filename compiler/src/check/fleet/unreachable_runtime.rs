//! R3006: a runtime that does not say how it is reached, or says it twice.

route_grammar::rule! {
    /// A runtime that cannot be reached.
    ///
    /// A runtime says once how it is reached: `zenoh`, `nats` or `mqtt`, and an address.
    ///
    /// ## Fails
    /// ```route
    /// runtime cloud { tags { site: "north" } }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// runtime cloud { nats "nats://10.0.0.9:4222" tags { site: "north" } }
    /// ```
    "R3006" "unreachable-runtime" Error, None
}
