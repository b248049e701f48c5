//! R1022: a parameter that is set and that the stack does not have.

route_grammar::rule! {
    /// A parameter that the stack does not have.
    ///
    /// It was set by `--param`, the environment or `route.toml`, and no `param` item declares it. Mostly one of the two
    /// is misspelt.
    ///
    /// ## Fails
    /// ```sh
    /// routec check example.route --param hto=38
    /// ```
    /// ```route
    /// param hot: number = 35
    /// tap hot_ones on * -> "Log" { when msg.payload > hot to stream }
    /// ```
    ///
    /// ## Passes
    /// ```sh
    /// routec check example.route --param hot=38
    /// ```
    /// ```route
    /// param hot: number = 35
    /// tap hot_ones on * -> "Log" { when msg.payload > hot to stream }
    /// ```
    "R1022" "unknown-param" Warn, None
}
