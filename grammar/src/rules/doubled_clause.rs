//! R0008: a clause that a router has twice, or two that exclude each other.

crate::rule! {
    /// A clause given twice.
    ///
    /// A router says each thing once. Two conditions are joined with `and` or `or`, so that nobody has to guess which.
    ///
    /// ## Fails
    /// ```route
    /// tap audit on * -> "Log" {
    ///   when msg.payload > 30
    ///   when msg.unit == "C"
    ///   to stream
    /// }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// tap audit on * -> "Log" {
    ///   when msg.payload > 30 and msg.unit == "C"
    ///   to stream
    /// }
    /// ```
    "R0008" "doubled-clause" Error, None
}
