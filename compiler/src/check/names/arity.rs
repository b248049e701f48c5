//! R1025: a call with more or fewer values than the function takes.

route_grammar::rule! {
    /// The wrong number of values.
    ///
    /// A function or predicate takes as many values as it declares.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { when lower(msg.topic, "x") == "bed/1" }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { when lower(msg.topic) == "bed/1" }
    /// ```
    "R1025" "arity" Error, None
}
