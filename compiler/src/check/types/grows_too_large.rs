//! R2010: a condition that grows too large when its predicates are put in place.

route_grammar::rule! {
    /// A condition that grows too large.
    ///
    /// Predicates are put in place where they are used. A chain of them in which each uses the one before twice doubles
    /// at every step; beyond 20,000 operations it is refused.
    "R2010" "grows-too-large" Error, None
}
