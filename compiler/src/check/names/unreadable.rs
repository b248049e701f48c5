//! R1019: a file that `use` names and that cannot be read.

route_grammar::rule! {
    /// A file that cannot be read.
    ///
    /// The path of `use` is relative to the file that it stands in.
    ///
    /// ## Fails
    /// ```route
    /// use "comon.route"
    /// ```
    ///
    /// ## Passes
    /// ```route common.route
    /// halt old on "Sensor 1" -> *
    /// ```
    /// ```route
    /// use "common.route"
    /// ```
    "R1019" "unreadable" Error, None
}
