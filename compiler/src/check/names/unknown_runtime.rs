//! R1008: a runtime that the stack does not declare.

route_grammar::rule! {
    /// A runtime that is not declared.
    ///
    /// Messages go to runtimes that a `runtime` item describes: how it is reached, its tags, its limits.
    ///
    /// ## Fails
    /// ```route
    /// runtime cloud { nats "nats://10.0.0.9:4222" }
    /// place tab "History" on clod
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// runtime cloud { nats "nats://10.0.0.9:4222" }
    /// place tab "History" on cloud
    /// ```
    "R1008" "unknown-runtime" Error, None
}
