//! R0007: a clause that belongs to another kind of router.

crate::rule! {
    /// A clause that this router does not have.
    ///
    /// Each kind of router has its own clauses, so that a clause never has two meanings. The help lists those that it
    /// has.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { to stream }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// tap old on "Sensor 1" -> * { to stream }
    /// ```
    "R0007" "foreign-clause" Error, None
}
