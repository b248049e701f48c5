//! R5001: an expectation of a test that was not met.

route_grammar::rule! {
    /// A test that fails.
    ///
    /// What a test expects did not happen. The report names the routers that ran, in order, with the values that
    /// their conditions read.
    ///
    /// An expectation speaks of everything that happened since the statements that were judged before it: sends and
    /// steps of time that follow each other are looked at together.
    ///
    /// ## Fails
    /// ```route
    /// filter warm on "Sensor 1" -> * { keep when msg.payload > 20 }
    /// test "cold readings come through" {
    ///   send "Sensor 1" -> "Threshold" { payload: 10 }
    ///   expect delivered to "Threshold"
    /// }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// filter warm on "Sensor 1" -> * { keep when msg.payload > 20 }
    /// test "cold readings stop" {
    ///   send "Sensor 1" -> "Threshold" { payload: 10 }
    ///   expect stopped by warm
    /// }
    /// ```
    "R5001" "failed-test" Error, None
}
