//! R3004: a node that two `place` items put on different runtimes.

route_grammar::rule! {
    /// A node on two runtimes.
    ///
    /// Each node lives on one runtime; its messages would be handled twice.
    ///
    /// ## Fails
    /// ```route
    /// runtime gateway { zenoh "tcp/10.0.0.2:7447" }
    /// runtime cloud { nats "nats://10.0.0.9:4222" }
    /// place tab "History" on cloud
    /// place "Store" on gateway
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// runtime gateway { zenoh "tcp/10.0.0.2:7447" }
    /// runtime cloud { nats "nats://10.0.0.9:4222" }
    /// place tab "History" except "Store" on cloud
    /// place "Store" on gateway
    /// ```
    "R3004" "placed-twice" Error, None
}
