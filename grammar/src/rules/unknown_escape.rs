//! R0003: a backslash before a character that has no meaning after one.

crate::rule! {
    /// An unknown escape in a string.
    ///
    /// The escapes are `\n`, `\t`, `\r`, `\"`, `\\` and `\u{263a}`. A backslash by itself is written `\\`.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { reason "see C:\logs" }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { reason "see C:\\logs" }
    /// ```
    "R0003" "unknown-escape" Error, None
}
