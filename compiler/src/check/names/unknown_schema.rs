//! R1020: a schema that nothing declares.

route_grammar::rule! {
    /// A schema that is not declared.
    ///
    /// `carry` names a schema by the name of its `schema` item.
    ///
    /// ## Fails
    /// ```route
    /// schema Reading { topic: string }
    /// carry Readng on "Sensor 1" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// schema Reading { topic: string }
    /// carry Reading on "Sensor 1" -> *
    /// ```
    "R1020" "unknown-schema" Error, None
}
