//! R0023: an expression or selector with more operators than are read.

crate::rule! {
    /// An expression with too many operators.
    ///
    /// A condition has at most 512 operators in a row. A long chain of `or` on one path is better written as a list:
    /// `msg.topic in ["a", "b"]`.
    "R0023" "expression-too-long" Error, None
}
