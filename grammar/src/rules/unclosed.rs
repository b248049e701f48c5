//! R0005: a brace that is opened and never closed.

crate::rule! {
    /// A brace that is never closed.
    ///
    /// The mark is on the opening brace, the note where the closing one is missing: before the next item.
    ///
    /// ## Fails
    /// ```route
    /// tap audit on * -> "Log" {
    ///   to stream
    ///
    /// halt old on "Sensor 1" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// tap audit on * -> "Log" {
    ///   to stream
    /// }
    ///
    /// halt old on "Sensor 1" -> *
    /// ```
    "R0005" "unclosed" Error, None
}
