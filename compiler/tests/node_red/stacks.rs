//! Stacks as texts of many rules on few paths, as tables are made of.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;
use route_chain::ir::ChainSet;
use route_chain::{Message, Value};
use route_compiler::opt::Passes;
use route_compiler::{Files, Input, compile, flow};
use serde_json::{Value as Json, json};

const ONE_WIRE: &str = r#"[{"id":"t","type":"tab","label":"T"},{"id":"a","z":"t","type":"inject","name":"A","wires":[["b"]]},{"id":"b","z":"t","type":"debug","name":"B","wires":[]}]"#;

struct OneFile<'a>(&'a str);

impl Files for OneFile<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
}

/// The stack compiled by these passes; `None`: the compiler refuses it.
pub(crate) fn compiled(text: &str, passes: Passes) -> Option<ChainSet> {
    let graph = flow::read(ONE_WIRE).unwrap();
    let files = OneFile(text);
    let input = Input { passes, ..Input::new(&files, "main.route", &graph, ("flows.json", ONE_WIRE)) };
    compile(input).set
}

fn rule() -> impl Strategy<Value = String> {
    let value =
        || select(vec!["\"x/1\"", "\"x/2\"", "\"y\"", "\"\"", "\"x/é\"", "1", "0", "2.5", "true", "null"]);
    let test = prop_oneof![
        6 => value().prop_map(|v| format!("msg.topic == {v}")),
        1 => (value(), value()).prop_map(|(v, w)| format!("msg.topic in [{v}, {w}]")),
        2 => select(vec!["x/", "y", "x"]).prop_map(|v| format!("msg.topic starts with \"{v}\"")),
        1 => Just("msg.topic matches /^x.*1$/".to_owned()),
        1 => Just("not (msg.topic == \"y\")".to_owned()),
    ];
    let more = prop_oneof![
        3 => Just(String::new()),
        2 => (-2..3_i32).prop_map(|n| format!(" and msg.payload.v > {n}")),
        1 => Just(" and not has(msg.done)".to_owned()),
    ];
    let test = (test, more).prop_map(|(test, more)| test + &more);
    prop_oneof![
        4 => test.clone().prop_map(|test| format!("halt NAME on * -> \"B\" {{ when {test} }}")),
        2 => test.clone().prop_map(|test| format!("filter NAME on * -> \"B\" {{ drop when {test} }}")),
        1 => test.clone().prop_map(|test| format!("filter NAME on * -> \"B\" {{ keep when {test} or has(msg.x) or msg.payload.v < 2 }}")),
        3 => test.clone().prop_map(|test| format!("set NAME on * -> \"B\" {{ when {test} msg.payload.v = msg.payload.v + 1 }}")),
        1 => test.clone().prop_map(|test| format!("set NAME on * -> \"B\" {{ when {test} msg.topic = \"x/2\" }}")),
        1 => test.clone().prop_map(|test| format!("tap NAME on * -> \"B\" {{ when {test} to stream omit msg.payload.v }}")),
        1 => test.prop_map(|test| format!("break NAME on * -> \"B\" {{ when {test} hits 2 hold at most 9 for 1s then pass }}")),
    ]
}

pub(crate) fn stack() -> impl Strategy<Value = String> {
    let some = prop::collection::vec(rule(), 5..40);
    let many = prop::collection::vec(rule(), 97..110);
    prop_oneof![24 => some, 1 => many].prop_map(|rules| {
        let mut text = String::from("stack s\n");
        for (at, rule) in rules.iter().enumerate() {
            let _ = writeln!(text, "{}", rule.replace("NAME", &format!("r{at}")));
        }
        text
    })
}

pub(crate) fn message() -> impl Strategy<Value = Message> {
    let topic = prop::option::weighted(
        0.9,
        select(vec![
            json!("x/1"),
            json!("x/2"),
            json!("x/é"),
            json!("x/31"),
            json!("y"),
            json!("yy"),
            json!("z"),
            json!(""),
            json!(1),
            json!(-0.0),
            json!(2.5),
            json!(true),
            json!(false),
            json!(null),
            json!([1]),
        ]),
    );
    let fields = (topic, prop::option::of(-3..4_i32), any::<bool>());
    fields.prop_map(|(topic, v, x)| {
        let mut root: Vec<(&str, Value)> = Vec::new();
        root.extend(topic.map(|topic| ("topic", Value::from_json(&topic))));
        root.extend(v.map(|v| ("payload", Value::from_json(&json!({ "v": v })))));
        root.extend(x.then(|| ("x", Value::from_json(&Json::Null))));
        Message::from_object(root.into_iter().collect())
    })
}
