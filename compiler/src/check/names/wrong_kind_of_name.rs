//! R1010: a name that stands for something of another kind.

route_grammar::rule! {
    /// A name of another kind.
    ///
    /// A `let` names nodes and stands in selectors; constants, parameters and predicates stand in expressions.
    ///
    /// ## Fails
    /// ```route
    /// const limit_hot = 30
    /// halt old on limit_hot -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// let lamp = "Alarm lamp"
    /// halt old on * -> lamp
    /// ```
    "R1010" "wrong-kind-of-name" Error, None
}
