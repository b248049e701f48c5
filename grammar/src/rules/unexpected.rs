//! R0001: text that does not belong where it stands.

crate::rule! {
    /// Text that does not belong here.
    ///
    /// At the place marked, something else was expected: a word, a sign, a name, or the end. Reading goes on at the
    /// next clause or item, so that one run tells of every fault.
    ///
    /// ## Fails
    /// ```route
    /// tap audit -> "Log" { to stream }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// tap audit on * -> "Log" { to stream }
    /// ```
    "R0001" "unexpected" Error, None
}
