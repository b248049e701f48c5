//! The graph and the stack on it: wires, targets, order.

route_grammar::rules! {
    no_wire NO_WIRE
    unbounded_break UNBOUNDED_BREAK
    undeliverable_target TARGET
    unreachable_router UNREACHABLE_ROUTER
    same_router SAME_ROUTER
}
