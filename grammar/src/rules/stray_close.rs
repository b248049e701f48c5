//! R0006: a closing brace that nothing opened.

crate::rule! {
    /// A closing brace without an opening one.
    ///
    /// Often an item above it was closed too early.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> *
    /// }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { reason "retired" }
    /// ```
    "R0006" "stray-close" Error, None
}
