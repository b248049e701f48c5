//! The registry: every rule by its code. A code is never reused; those that are gone stay in [`RETIRED`].
//!
//! Each rule is one file below `check/`, or below `rules/` of the grammar: its code, name, level, long form and tests.

use route_grammar::Rule;

pub use crate::check::{fleet::codes::*, graph::codes::*, names::codes::*, types::codes::*};

/// Codes that meant something once.
pub const RETIRED: &[&str] = &["R3005"];

/// The flow graph that the examples of the long forms stand on, unless they bring their own.
pub const EXAMPLE_FLOW: &str = include_str!("check/example.json");

/// Every rule, those of the parser first, by ascending code in each family.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    use crate::check::{fleet, graph, names, types};
    let failed_test: &[&Rule] = &[crate::testing::failed_test::RULE];
    let families = [route_grammar::rules::ALL, names::ALL, types::ALL, graph::ALL, fleet::ALL, failed_test];
    families.into_iter().flatten().copied()
}

/// The rule of a code such as `R1001`, or of a name such as `unknown-node`.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code.eq_ignore_ascii_case(code_or_name) || rule.name == code_or_name)
}
