//! The fleet: runtimes and placement.

route_grammar::rules! {
    placed_twice PLACED_TWICE
    unreachable_runtime RUNTIME_CLAUSE
}
