//! R1030: a field that `source` and `dest` do not have.

route_grammar::rule! {
    /// An unknown field of `source` or `dest`.
    ///
    /// Known are `id`, `name`, `type`, `tab`, `group` and, of the source, `port`.
    ///
    /// ## Fails
    /// ```route
    /// set origin on tab "Greenhouse" -> * { msg.origin = source.label }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// set origin on tab "Greenhouse" -> * { msg.origin = source.name }
    /// ```
    "R1030" "unknown-field-of-end" Error, None
}
