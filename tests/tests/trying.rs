//! `routec test`, `trace` and `replay` on the orders API, as a user reads them.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use route_tests::{Ran, folder, routec};
use tempfile::TempDir;

const FLOWS: &str = include_str!("../../examples/http-api/flows.json");
const STACK: &str = include_str!("../../examples/http-api/http-api.route");

const RECORDED: &str = r#"
{"at":1700000000000,"router":null,"from":"h2","port":0,"to":"f2","msg":{"payload":{"id":1,"quantity":2}}}
{"at":1700000000100,"router":null,"from":"h2","port":0,"to":"f2","msg":{"payload":{"id":1,"quantity":9}}}
{"at":1700000000200,"router":null,"from":"h2","port":0,"to":"f2","msg":{"payload":{"id":1,"quantity":0}}}
"#;

/// The orders API, a stack that asks for more than five, and a recording.
fn orders() -> TempDir {
    let strict = STACK.replace("quantity > 0", "quantity > 5");
    assert_ne!(strict, STACK);
    folder(&[
        ("flows.json", FLOWS),
        ("new.route", STACK),
        ("strict.route", &strict),
        ("recorded.ndjson", RECORDED.trim_start()),
        ("message.json", r#"{"payload":{"id":1,"quantity":0}}"#),
    ])
}

fn trace(dir: &Path, wire: &str) -> Ran {
    routec(dir, &["trace", "message.json", "--stack", "new.route", "--wire", wire])
}

#[test]
fn a_trace_tells_what_each_router_did_and_why() {
    let dir = orders();
    insta::assert_snapshot!(trace(dir.path(), r#""POST /orders" -> "Store order""#).stdout, @r#"
    "POST /orders" -> "Store order"
      came    {"payload":{"id":1,"quantity":0}}
      x halt bad_order: stops it and raises the error `an order needs a `quantity` above 0`
          `(msg.payload.quantity > 0)` does not hold: `msg.payload.quantity` was 0
      stopped by `bad_order`, with the error `an order needs a `quantity` above 0`
    "#);
}

#[test]
fn a_trace_tells_that_nothing_sits_on_a_wire() {
    let dir = orders();
    trace(dir.path(), r#""GET /orders/:id" -> *"#).succeeds_with("no router sits on this wire");
}

#[test]
fn a_replay_tells_which_messages_fare_otherwise() {
    let dir = orders();
    let args = ["replay", "recorded.ndjson", "--stack", "new.route", "--against", "strict.route"];
    insta::assert_snapshot!(routec(dir.path(), &args).stdout, @r#"
    1 message  stopped by `bad_order`, with the error `an order needs a `quantity` above 0`  ->  delivered to "Store order", changed by `no_card`
        such as line 1:
          "POST /orders" -> "Store order"
            came    {"payload":{"id":1,"quantity":2}}
              halt bad_order: does not apply
                `(msg.payload.quantity > 0)` holds: `msg.payload.quantity` was 2
            * set no_card: finds no `msg.payload.card` to delete
            delivered to "Store order"

    1 of 3 messages fare otherwise
    "#);
}

#[test]
fn a_failed_expectation_shows_the_routers_that_ran() {
    let dir = orders();
    let ran = routec(dir.path(), &["test", "strict.route", "--filter", "the store sees"]);
    ran.fails_with(1, "0 passed, 1 failed");
    insta::assert_snapshot!(ran.stdout, @r#"
    FAIL  the store sees the order but not the card
    R5001

      × expected delivered to "Store order", but `bad_order` stopped it and the error `an order needs
      │ a `quantity` above 0` was raised
       ╭─[strict.route:7:6]
     6 │ /// An order without a positive quantity never reaches the store.
     7 │ halt bad_order on "POST /orders" -> orders {
       ·      ────┬────
       ·          ╰── this halt stops it and raises the error `an order needs a `quantity` above 0`
     8 │   when not (msg.payload.quantity > 5)
       ·            ─────────────┬────────────
       ·                         ╰── this does not hold: `msg.payload.quantity` was 2
     9 │   reason "an order needs a `quantity` above 0"
       ╰────
        ╭─[strict.route:30:3]
     29 │       send "POST /orders" -> "Store order" { payload: { id: 1, quantity: 2, card: "4111" } }
     30 │ ╭─▶   expect delivered to "Store order" with { payload: { quantity: 2 } } where not has(
     31 │ │       msg.payload.card
     32 │ ╰─▶   )
     33 │     }
        ╰────

        "POST /orders" -> "Store order"
          came    {"payload":{"id":1,"quantity":2,"card":"4111"},"_msgid":"0000000000000001"}
          x halt bad_order: stops it and raises the error `an order needs a `quantity` above 0`
              `(msg.payload.quantity > 5)` does not hold: `msg.payload.quantity` was 2
          stopped by `bad_order`, with the error `an order needs a `quantity` above 0`

    0 passed, 1 failed, 2 left out
    routers reached: 1 of 3 (33%); outcomes of conditions: 1 of 3 (33%)
    "#);
}
