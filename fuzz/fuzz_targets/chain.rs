//! A chain file that passes the check runs any message; others are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use route_chain::Message;
use route_chain::format;
use route_chain::host::Still;
use route_chain::link::Linked;

fuzz_target!(|text: &str| {
    let Ok(set) = format::from_json(text) else { return };
    let again = serde_json::to_string(&set).expect("a set is JSON");
    assert!(format::from_json(&again).is_ok_and(|read| read == set), "written and read again");
    let Ok(linked) = Linked::link(set) else { return };
    let mut world = Still::default();
    let running = linked.bind(&mut world.states);
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
