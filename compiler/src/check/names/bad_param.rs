//! R1023: a parameter that is set to a value of another type.

route_grammar::rule! {
    /// A parameter of the wrong type.
    ///
    /// The text that a parameter is set to is read as a literal of its declared type.
    ///
    /// ## Fails
    /// ```sh
    /// routec check example.route --param hot=warm
    /// ```
    /// ```route
    /// param hot: number = 35
    /// tap hot_ones on * -> "Log" { when msg.payload > hot to stream }
    /// ```
    ///
    /// ## Passes
    /// ```sh
    /// routec check example.route --param hot=38.5
    /// ```
    /// ```route
    /// param hot: number = 35
    /// tap hot_ones on * -> "Log" { when msg.payload > hot to stream }
    /// ```
    "R1023" "bad-param" Error, None
}
