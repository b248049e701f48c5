//! R1018: files that use each other.

route_grammar::rule! {
    /// Files that use each other.
    ///
    /// A file cannot bring itself in, directly or through others: its routers would stand in the stack without end. A
    /// file that two others use is in the stack once, at its first place.
    ///
    /// ## Fails
    /// ```route
    /// use "example.route"
    /// ```
    ///
    /// ## Passes
    /// ```route common.route
    /// halt old on "Sensor 1" -> *
    /// ```
    /// ```route
    /// use "common.route"
    /// ```
    "R1018" "use-cycle" Error, None
}
