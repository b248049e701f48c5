//! R0002: a string or regular expression that does not end on its line.

crate::rule! {
    /// A string or regular expression without its end.
    ///
    /// Both end on the line on which they begin. A line break inside a string is written `\n`.
    ///
    /// ## Fails
    /// ```route
    /// tap old on "Sensor 1 -> * { to stream }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// tap old on "Sensor 1" -> * { to stream }
    /// ```
    "R0002" "unterminated" Error, None
}
