//! `routec build --sources`: what a runtime keeps of its stack, compiled against other flows.
#![allow(clippy::unwrap_used)]

use route_tests::{folder, routec};
use serde_json::{Value, json};

const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
{"id":"a","type":"inject","z":"t","name":"A","wires":[["b"]]},
{"id":"b","type":"debug","z":"t","name":"B","wires":[]}]"#;

fn sources(stack: &str) -> String {
    let overlay = json!({
        "name": "night", "owner": "bob", "root": "/elsewhere/night.route",
        "files": { "/elsewhere/night.route": "halt all on \"A\" -> \"B\" { when msg.topic == \"night\" }\n" },
        "params": [], "since_ms": 1.0,
    });
    json!({
        "root": "/elsewhere/s.route",
        "files": {
            "/elsewhere/s.route": stack,
            "/elsewhere/common.route": "predicate hot = msg.payload > most\n",
        },
        "params": [["most", "7"]],
        "overlays": [overlay],
    })
    .to_string()
}

const STACK: &str =
    "stack s\nuse \"common.route\"\nparam most: number = 5\nfilter f on \"A\" -> \"B\" { drop when hot }\n";

#[test]
fn a_stack_is_compiled_again_with_its_overlays_and_parameters() {
    let dir = folder(&[("flows.json", FLOWS), ("sources.json", &sources(STACK))]);
    let built = routec(dir.path(), &["build", "--sources", "sources.json", "--flows", "flows.json"]);
    built.succeeds_with("\"magic\":\"route-chain\"");
    let set: Value = serde_json::from_str(&built.stdout).unwrap();
    let layers: Vec<&str> =
        set["routers"].as_array().unwrap().iter().map(|r| r["layer"].as_str().unwrap()).collect();
    assert_eq!((set["stack"].as_str(), layers), (Some("s"), vec!["main", "night"]));
    assert!(built.stdout.contains("{\"lit\":7"), "{}", built.stdout);
}

#[test]
fn what_does_not_fit_the_flows_is_found() {
    let stack = STACK.replace("\"B\"", "\"Gone\"");
    let dir = folder(&[
        ("flows.json", FLOWS),
        ("sources.json", &sources(&stack)),
        ("bare.json", "{}"),
        ("bad.json", "["),
    ]);
    let build = |file: &str| routec(dir.path(), &["build", "--sources", file, "--flows", "flows.json"]);
    build("sources.json").fails_with(1, "no node is named `Gone`");
    build("bare.json").fails_with(2, "the stack came without its text");
    build("bad.json").fails_with(2, "`bad.json` holds no sources of a stack");
    routec(dir.path(), &["build", "--sources", "sources.json"]).fails_with(2, "--flows");
    routec(dir.path(), &["build"]).fails_with(2, "STACK");
}
