//! R0011: a range that is not what `in` asks about.

crate::rule! {
    /// A range that does not follow `in`.
    ///
    /// `low..high` is not a value: it only says which values are in it.
    ///
    /// ## Fails
    /// ```route
    /// filter usual on "Sensor 1" -> * { keep when msg.payload == 1..3 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// filter usual on "Sensor 1" -> * { keep when msg.payload in 1..3 }
    /// ```
    "R0011" "lone-range" Error, None
}
