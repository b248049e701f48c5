//! R0021: brackets nested deeper than the parser goes.

crate::rule! {
    /// Brackets nested deeper than 64.
    ///
    /// A bound on nesting keeps every tool that walks the tree within its stack. Name a part of the expression with
    /// `predicate`, or a part of the selector with `let`.
    ///
    /// ## Fails
    /// ```route
    /// filter usual on "Sensor 1" -> * { keep when ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((msg.ok)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))) }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// filter usual on "Sensor 1" -> * { keep when msg.ok }
    /// ```
    "R0021" "nested-too-deep" Error, None
}
