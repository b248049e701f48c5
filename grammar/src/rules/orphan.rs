//! R0012: documentation or `allow` that no item follows.

crate::rule! {
    /// Documentation or `allow` before nothing.
    ///
    /// `///` and `allow(…)` belong to the item that follows them. A comment that belongs to nothing begins with `//`.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> *
    /// /// That was all.
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> *
    /// // That was all.
    /// ```
    "R0012" "orphan" Error, None
}
