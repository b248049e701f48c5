//! R2007: an expression where only another form can stand.

route_grammar::rule! {
    /// Something that cannot stand here.
    ///
    /// Ranges and `cidr` stand after `in`, regular expressions after `matches`, and clauses that name a field take a
    /// path of the message.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.topic matches msg.pattern }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> * { when msg.topic matches /^bed/ }
    /// ```
    "R2007" "misplaced" Error, None
}
