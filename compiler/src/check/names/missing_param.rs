//! R1021: a parameter without a default that nothing sets.

route_grammar::rule! {
    /// A required parameter that is not set.
    ///
    /// A parameter without a default is set by the environment: `--param hot=38`, `ROUTE_PARAM_HOT=38`, or `[params]`
    /// in `route.toml`.
    ///
    /// ## Fails
    /// ```route
    /// param hot: number
    /// tap hot_ones on * -> "Log" { when msg.payload > hot to stream }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// param hot: number = 35
    /// tap hot_ones on * -> "Log" { when msg.payload > hot to stream }
    /// ```
    "R1021" "missing-param" Error, None
}
