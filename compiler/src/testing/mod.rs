//! Tests of a stack: `test "…" { … }` items, resolved and run on chains, with a clock and dice of their own.

pub mod coverage;
pub(crate) mod failed_test;
mod judge;
pub mod plan;
mod resolve;
pub mod run;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use resolve::tests;
