//! What Node-RED's own nodes did (`tests/node-red/recorded.json`, made by `record.mjs` there), asked of ours.

#![allow(clippy::expect_used)]
use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::nodes::testkit::Bench;

#[derive(Deserialize)]
struct Recorded {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(rename = "type")]
    ty: String,
    config: Json,
    messages: Vec<Json>,
    wait: f64,
    sent: Json,
    errors: Vec<String>,
}

/// Where ours differs on purpose: type, a part of the case, and why.
const DIFFERENT: &[(&str, &str, &str)] = &[
    ("json", r#""action":"obj""#, "V8's words for a fault in JSON differ with what stands where"),
    ("yaml", r#""payload":"a: [""#, "faults in YAML are in the words of another parser"),
    ("template", "{bad", "V8's words for a fault in JSON differ with what stands where"),
    ("switch", r#""v":"[""#, "faults in a regular expression are in the words of another engine"),
    (
        "function",
        "structuredClone",
        "the language's engine has more globals than Node-RED's sandbox lets through",
    ),
    ("function", "node.send({payload:a},false)", "what was sent is never shared with the code that sent it"),
    (
        "split",
        r#"{"payload":null}"#,
        "the recorder keeps a thrown fault without its kind, which `catch` shows there too",
    ),
    (
        "sort",
        "[null,1,",
        "values that have no order among each other are merged in another sequence than V8 does",
    ),
];

/// Outputs by number, ids of sequences by the order in which they come.
fn told(mut sent: Json) -> Json {
    let mut known: HashMap<String, usize> = HashMap::new();
    for pair in sent.as_array_mut().into_iter().flatten() {
        let mut parts = pair.get_mut(1).and_then(|msg| msg.get_mut("parts"));
        while let Some(one) = parts.filter(|parts| parts.is_object()) {
            if let Some(id) = one.get_mut("id") {
                let next = known.len() + 1;
                let number = *known.entry(id.to_string()).or_insert(next);
                *id = json!(format!("id {number}"));
            }
            parts = one.get_mut("parts");
        }
    }
    sent
}

/// Where the recorder has no catalogue of messages, Node-RED says the key of one.
fn is_key(text: &str) -> bool {
    text.split('.').count() == 3 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'-')
}

/// Numbers by value: JavaScript knows no whole numbers apart.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

#[test]
fn our_nodes_do_what_node_reds_nodes_do() {
    let text = include_str!("../../../tests/node-red/recorded.json");
    let recorded: Recorded = serde_json::from_str(text).expect("the recording is JSON");
    assert!(recorded.cases.len() >= 100);
    let mut wrong = Vec::new();
    let mut allowed = vec![false; DIFFERENT.len()];
    for case in recorded.cases {
        let mut config = case.config.clone();
        config["name"] = json!("n");
        config["type"] = json!(case.ty);
        let make = super::find(&case.ty).expect("a type that we have");
        let mut bench = Bench::new(make, config);
        for (at, msg) in case.messages.iter().enumerate() {
            let mut msg = msg.clone();
            // As every message has on its way.
            msg["_msgid"] = json!(format!("m{at}"));
            bench.receive(msg);
        }
        bench.advance(Duration::from_millis(case.wait as u64));
        let (sent, errors) = (told(bench.sent()), bench.errors());
        let said = errors.len() == case.errors.len()
            && errors.iter().zip(&case.errors).all(|(ours, theirs)| is_key(theirs) || ours == theirs);
        if same(&sent, &case.sent) && said {
            continue;
        }
        let shown = format!("{} {} {}", case.ty, case.config, json!(case.messages));
        let known = |(ty, part, _): &(&str, &str, &str)| *ty == case.ty && shown.contains(part);
        match DIFFERENT.iter().position(known) {
            Some(at) => allowed[at] = true,
            None => wrong.push(format!(
                "{shown}\n  Node-RED {} {:?}\n  ours     {sent} {errors:?}",
                case.sent, case.errors
            )),
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(!allowed.contains(&false), "a difference that is allowed is gone: {allowed:?}");
}
