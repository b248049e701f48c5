//! The graph and the stack on it: wires, targets, order.

route_grammar::rules! {
    no_wire NO_WIRE
    unbounded_break UNBOUNDED_BREAK
    undeliverable_target TARGET
    unreachable_router UNREACHABLE_ROUTER
    same_router SAME_ROUTER
    starved_node STARVED_NODE
    redirect_cycle REDIRECT_CYCLE
    waiting_join WAITING_JOIN
    lonely_request LONELY_REQUEST
    live_request LIVE_REQUEST
    tap_before_set TAP_BEFORE_SET
    remote_loop REMOTE_LOOP
    lost_wires LOST_WIRES
}
