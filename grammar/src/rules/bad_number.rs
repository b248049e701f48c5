//! R0004: a number, unit or index that cannot be read.

crate::rule! {
    /// A number or unit that cannot be read.
    ///
    /// Durations have the units `ms s m h d`, sizes `B KiB MiB GiB TiB` (and `kB MB GB TB` of a thousand), rates `/s /m
    /// /h /d`. Outputs are counted from 1.
    ///
    /// ## Fails
    /// ```route
    /// limit chatter on "Sensor 1" -> * { distinct by msg.topic within 30sec }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// limit chatter on "Sensor 1" -> * { distinct by msg.topic within 30s }
    /// ```
    "R0004" "bad-number" Error, None
}
