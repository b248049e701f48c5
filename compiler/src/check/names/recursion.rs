//! R1026: a name that is defined by itself.

route_grammar::rule! {
    /// A name defined by itself.
    ///
    /// Predicates, constants and selectors are put in place where they are used; one that uses itself would never end.
    /// The help shows the way round.
    ///
    /// ## Fails
    /// ```route
    /// predicate hot = msg.payload > 30 or hot
    /// halt old on "Sensor 1" -> * { when hot }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// predicate hot = msg.payload > 30
    /// halt old on "Sensor 1" -> * { when hot }
    /// ```
    "R1026" "recursion" Error, None
}
