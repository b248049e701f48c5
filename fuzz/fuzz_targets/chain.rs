//! A chain file that passes the check runs any message; others are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use route_chain::Message;
use route_chain::format;
use route_chain::host::{CallResult, Host, TapResult};
use route_chain::ir::{Call, Tap, Wire};
use route_chain::link::Linked;
use route_chain::state::States;

struct World(States);

impl Host for World {
    fn states(&mut self) -> &mut States {
        &mut self.0
    }
    fn now_ms(&mut self) -> f64 {
        0.0
    }
    fn random(&mut self) -> f64 {
        0.5
    }
    fn tap(&mut self, _: u32, _: &Tap, _: &Wire, _: Message) -> TapResult {
        TapResult::Taken
    }
    fn log(&mut self, _: u32, _: &str) {}
    fn call(&mut self, _: u32, _: &Call, _: &Wire, msg: Message) -> CallResult {
        CallResult::Pass(msg)
    }
}

fuzz_target!(|text: &str| {
    let Ok(set) = format::from_json(text) else { return };
    let again = serde_json::to_string(&set).expect("a set is JSON");
    assert!(format::from_json(&again).is_ok_and(|read| read == set), "written and read again");
    let Ok(linked) = Linked::link(set) else { return };
    let mut world = World(States::default());
    let running = linked.bind(&mut world.0);
    let messages = [
        serde_json::json!({}),
        serde_json::json!({ "topic": "bed/1", "payload": { "temperature": 21, "unit": "C" } }),
        serde_json::json!({ "topic": 5, "payload": [1, { "a": null }, "x"] }),
    ];
    for wire in running.set().wires.clone() {
        for msg in &messages {
            let _ = running.run(wire.chain, &wire, Message::from_json(msg), &mut world);
        }
    }
});
