//! R1009: a bare name that nothing declares.

route_grammar::rule! {
    /// A name that nothing declares.
    ///
    /// A bare name is one of a `let`, `const`, `param` or `predicate`. Names of nodes are quoted; fields of the message
    /// begin with `msg`.
    ///
    /// ## Fails
    /// ```route
    /// tap hot on * -> "Log" { when payload > 30 to stream }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// tap hot on * -> "Log" { when msg.payload > 30 to stream }
    /// ```
    "R1009" "unknown-name" Error, Sometimes
}
