//! R0010: two comparisons in a row.

crate::rule! {
    /// Comparisons in a row.
    ///
    /// `1 < msg.payload < 3` would compare a truth value with a number. Write a range, or two comparisons.
    ///
    /// ## Fails
    /// ```route
    /// filter usual on "Sensor 1" -> * { keep when 1 < msg.payload < 3 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// filter usual on "Sensor 1" -> * { keep when msg.payload in 1..3 }
    /// ```
    "R0010" "chained-comparison" Error, None
}
