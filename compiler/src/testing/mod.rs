//! Tests of a stack: `test "…" { … }` items, resolved and run on chains, with a clock and dice of their own.

pub mod plan;
mod resolve;

pub(crate) use resolve::tests;
