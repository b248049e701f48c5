//! R1007: a plain name that several nodes bear.

route_grammar::rule! {
    /// A name that several nodes bear.
    ///
    /// A plain name must mean exactly one node, so that a node added later cannot change what a router does. Narrow it
    /// with `in`, `and` or `next to`, name it by `id`, or write a glob if all of them are meant.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Format" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Format" in tab "History" -> *
    /// ```
    "R1007" "ambiguous-node" Error, None
}
