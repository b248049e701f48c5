//! R2012: a path that the schema of some of the wires lacks.

route_grammar::rule! {
    /// A field that some wires do not have.
    ///
    /// Some of the wires that the router sits on carry a schema without this field. Absent compares with nothing, so
    /// the condition can never hold there.
    ///
    /// ## Fails
    /// ```route
    /// schema Reading { payload: number }
    /// carry Reading on "Sensor 1" -> *
    /// halt low on "Sensor *" -> * { when msg.battery < 10 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// schema Reading { payload: number battery: number }
    /// carry Reading on "Sensor 1" -> *
    /// halt low on "Sensor *" -> * { when msg.battery < 10 }
    /// ```
    "R2012" "field-missing-on-some" Warn, None
}
