//! R2011: a log text whose braces cannot be read.

route_grammar::rule! {
    /// A log text that cannot be read.
    ///
    /// Between braces stands an expression; `{{` is a brace.
    ///
    /// ## Fails
    /// ```route
    /// break hot on * -> "Alarm lamp" { log "hot: {msg.payload" }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// break hot on * -> "Alarm lamp" { log "hot: {msg.payload}" }
    /// ```
    "R2011" "bad-log" Error, None
}
