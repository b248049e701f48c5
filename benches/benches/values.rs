//! Nanoseconds to read, write, share and change a message, beside `serde_json::Value`.
//! `cargo bench -p route-benches --bench values`.

#![allow(clippy::expect_used, missing_docs)]

use std::hint::black_box;

use route_benches::{Case, measure, table};
use route_chain::ir::Seg;
use route_chain::{Message, Value};
use serde_json::{Value as Json, json};

const OURS: &str = "message";
const PLAIN: &str = "serde_json::Value";

fn main() {
    let quick = std::env::args().any(|a| a == "--quick");
    let (rounds, us) = if quick { (5, 500.0) } else { (61, 2000.0) };
    let json = json!({
        "_msgid": "0123456789abcdef", "topic": "plant/line7/temp",
        "payload": {"temperature": 21.5, "unit": "C", "ok": true, "seq": 1234, "tags": ["a", "b"], "at": {"x": 1, "y": 2}},
    });
    let text = json.to_string();
    let root: Value = serde_json::from_str(&text).expect("it is JSON");
    let Value::Object(object) = &root else { panic!("it is an object") };
    let msg = Message::from_object((**object).clone());
    let path: Vec<Seg> = ["payload", "at", "x"].map(|key| Seg::Key(key.to_owned())).to_vec();
    let one = |held: bool| u64::from(held);

    let cases = vec![
        Case::new(OURS, "read text", || one(serde_json::from_str::<Value>(black_box(&text)).is_ok())),
        Case::new(PLAIN, "read text", || one(serde_json::from_str::<Json>(black_box(&text)).is_ok())),
        Case::new(OURS, "write text", || msg.to_text().len() as u64),
        Case::new(PLAIN, "write text", || json.to_string().len() as u64),
        Case::new(OURS, "share", || one(black_box(msg.clone()).get("topic").is_some())),
        Case::new(PLAIN, "share", || one(black_box(json.clone()).get("topic").is_some())),
        Case::new(OURS, "change one field of a copy", || {
            let mut copy = msg.clone();
            one(copy.set_at(&path, Value::Number(7.0)) && black_box(&copy).get("payload").is_some())
        }),
        Case::new(PLAIN, "change one field of a copy", || {
            let mut copy = json.clone();
            copy["payload"]["at"]["x"] = json!(7);
            one(black_box(&copy).get("payload").is_some())
        }),
    ];
    let samples = measure(cases, 1, rounds, us);
    table::print("messages, ns (× to serde_json::Value)", &samples, PLAIN);
}
