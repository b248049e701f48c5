//! `routec graph` as a user runs it: formats, parts of a flow, and names that are wrong.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use route_tests::{folder, routec};

const FLOWS: &str = r#"[
 {"id":"t","type":"tab","label":"Sensors"},{"id":"u","type":"tab","label":"Alerts"},
 {"id":"a","z":"t","type":"inject","name":"A","wires":[["b","c"]]},
 {"id":"b","z":"t","type":"debug","name":"Twin","wires":[]},
 {"id":"c","z":"u","type":"change","name":"C","wires":[["d"]]},
 {"id":"d","z":"u","type":"debug","name":"Twin","wires":[]}
]"#;

const STACK: &str = "stack s\nhalt hot on \"A\" -> \"C\" { when msg.payload > 30 }\n";

#[test]
fn the_ending_of_the_file_says_what_is_written() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", STACK)]);
    let written = |name: &str| {
        routec(dir.path(), &["graph", "s.route", "--out", name]).succeeds_with("");
        std::fs::read_to_string(dir.path().join(name)).unwrap()
    };
    assert!(written("x.svg").starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert!(written("x.gv").starts_with("digraph {"));
    assert!(written("x.MMD").contains("n0 -->|\"halt hot\"| n2"));
    let shown = |args: &[&str]| routec(dir.path(), &[&["graph"], args].concat());
    shown(&["s.route"]).succeeds_with("flowchart LR");
    shown(&["."]).succeeds_with("halt hot");
    shown(&["s.route", "--format", "svg"]).succeeds_with("</svg>");
    shown(&["s.route", "--out", "x.png"]).fails_with(2, "the ending of `x.png` does not tell what to draw");
    shown(&["s.route", "--out", "no/x.svg"]).fails_with(2, "cannot write `no/x.svg`");
    let bare = shown(&["flows.json"]);
    bare.succeeds_with("n0 --> n2");
    assert!(!bare.stdout.contains("halt"), "{bare:?}");
}

#[test]
fn a_part_is_asked_for_by_name() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", STACK)]);
    let shown = |args: &[&str]| routec(dir.path(), &[&["graph", "s.route"], args].concat());
    let tab = shown(&["--tab", "Alerts"]);
    tab.succeeds_with("subgraph f0[\"Alerts\"]");
    assert!(!tab.stdout.contains("Sensors") && tab.stdout.contains(">\"A<br/>inject\"]"), "{tab:?}");
    shown(&["--tab", "Alrts"]).fails_with(2, "no tab is named `Alrts`\n  help: there is `Alerts`");
    let focus = shown(&["--focus", "C", "--hops", "1"]);
    focus.succeeds_with("class n1 focus");
    assert_eq!(focus.stdout.matches("Twin").count(), 1, "{focus:?}");
    let twins = shown(&["--focus", "Twin"]);
    twins.fails_with(1, "R1007");
    assert!(twins.stderr.contains("\"Twin\" in tab \"Alerts\""), "{twins:?}");
    shown(&["--focus", "\"Twin\" in tab \"Alerts\""]).succeeds_with("class n2 focus");
    shown(&["--focus", "Nobody"]).fails_with(1, "no node is named `Nobody`");
    let routed = shown(&["--router", "hot"]);
    assert_eq!(routed.stdout.matches(" -->").count(), 1, "{routed:?}");
    shown(&["--router", "hop"]).fails_with(2, "no router is named `hop`\n  help: there is `hot`");
    shown(&["--tab", "Sensors", "--routed"]).succeeds_with("halt hot");
    shown(&["--tab", "Alerts", "--focus", "id \"b\"", "--hops", "0", "--routed"])
        .fails_with(2, "no wire of that part has such a router");
}

#[test]
fn what_cannot_be_drawn_is_told() {
    let dir =
        folder(&[("flows.json", FLOWS), ("s.route", "halt x on \"Nope\" -> *\n"), ("empty.json", "[]")]);
    routec(dir.path(), &["graph", "s.route"]).fails_with(1, "R1001");
    routec(dir.path(), &["graph", "empty.json"]).fails_with(2, "there is nothing to draw in `empty.json`");
    routec(dir.path(), &["graph", "gone.json"]).fails_with(2, "no such file: `gone.json`");

    let all: Vec<String> = (0..120).map(|n| format!("\"n{n}\"")).collect();
    let node = |id| format!(r#"{{"id":{id},"type":"x","name":"N","wires":[[{}]]}}"#, all.join(","));
    let knot: Vec<String> = all.iter().map(node).collect();
    std::fs::write(dir.path().join("knot.json"), format!("[{}]", knot.join(","))).unwrap();
    let tangled = routec(dir.path(), &["graph", "knot.json", "--format", "svg"]);
    tangled.fails_with(2, "million steps, and 10 million are the most");
    assert!(tangled.stderr.contains("--format dot"), "{tangled:?}");
    routec(dir.path(), &["graph", "knot.json", "--format", "dot"]).succeeds_with("n0 -> n1");
}

/// The picture of the documentation is the one that is drawn today.
#[test]
fn the_greenhouse_in_the_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let drawn = routec(&root, &["graph", "examples/greenhouse", "--format", "svg"]);
    let kept = std::fs::read_to_string(root.join("docs/src/greenhouse.svg")).unwrap_or_default();
    drawn.succeeds_with("</svg>");
    assert!(
        drawn.stdout == kept,
        "draw it again, and look at it: `routec graph examples/greenhouse --out docs/src/greenhouse.svg`"
    );
}
