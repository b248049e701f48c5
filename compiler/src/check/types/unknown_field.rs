//! R2003: a path that the schema of all wires lacks.

route_grammar::rule! {
    /// A field that the schema does not have.
    ///
    /// Every wire that the router sits on carries a schema, and the path is not in it. Correct the path, or add the
    /// field to the schema.
    ///
    /// ## Fails
    /// ```route
    /// schema Reading { payload: { temperature: number } }
    /// carry Reading on "Sensor 1" -> *
    /// halt hot on "Sensor 1" -> * { when msg.payload.temprature > 30 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// schema Reading { payload: { temperature: number } }
    /// carry Reading on "Sensor 1" -> *
    /// halt hot on "Sensor 1" -> * { when msg.payload.temperature > 30 }
    /// ```
    "R2003" "unknown-field" Error, None
}
