//! What is told of a stack on flows that changed since it was locked.

#![allow(clippy::unwrap_used)]

use route_grammar::{Applicability, FileId, fix};

use super::{Lock, Locked};
use crate::testkit::Memory;
use crate::{Input, Output, compile, flow};

const FLOW: &str = r#"[
 {"id":"t1","type":"tab","label":"Sensors"},
 {"id":"s1","type":"inject","z":"t1","name":"Sensor 1","wires":[["th"]]},
 {"id":"s2","type":"inject","z":"t1","name":"Sensor 2","wires":[["th"]]},
 {"id":"th","type":"switch","z":"t1","name":"Threshold","outputs":2,"wires":[["lo"],["al"]]},
 {"id":"lo","type":"debug","z":"t1","name":"Log","wires":[]},
 {"id":"al","type":"debug","z":"t1","name":"Alarm","wires":[]}
]"#;

const STACK: &str = "halt one on \"Sensor 1\" -> *\ntap all on tab \"Sensors\" -> * { to stdout }\n";

fn run(flow: &str, text: &str, lock: Option<&Locked>) -> Output {
    let graph = flow::read(flow).unwrap();
    let files = Memory::of(&[("main.route", text)]);
    compile(Input { lock, ..Input::new(&files, "main.route", &graph, ("flows.json", flow)) })
}

fn locked() -> Locked {
    let output = run(FLOW, STACK, None);
    assert!(output.diagnostics.is_empty(), "{:?}", output.diagnostics);
    Locked::of(&output.stack, &flow::read(FLOW).unwrap())
}

/// Every finding of the stack on a changed flow: its code, message and what is said besides.
fn said(flow: &str) -> Vec<String> {
    let output = run(flow, STACK, Some(&locked()));
    let mut all = Vec::new();
    for d in &output.diagnostics {
        let notes = d.secondary.iter().map(|note| note.text.clone());
        let fixes = d.suggestions.iter().map(|s| {
            let sure = if s.applicability == Applicability::Machine { "fix" } else { "maybe" };
            format!("{sure}: {}", fix::apply(STACK, FileId(1), s).unwrap().lines().next().unwrap())
        });
        let more: Vec<String> = notes.chain(d.help.clone()).chain(fixes).collect();
        all.push(format!("{} {}; {}", d.code(), d.message, more.join("; ")));
    }
    all
}

#[test]
fn what_is_written_is_read_again() {
    let lock = Lock { stacks: [("main.route".to_owned(), locked())].into() };
    let text = lock.to_string();
    insta::assert_snapshot!(text);
    assert_eq!(Lock::read(&text).unwrap(), lock);
    assert_eq!(Lock::read(&Lock::default().to_string()).unwrap(), Lock::default());
    for (text, why) in [
        ("{\"version\":7}", "it has version 7, this program reads version 1"),
        ("{}", "missing field `version`"),
        ("{\"version\":1,\"stack\":{}}", "unknown field `stack`"),
        ("<<<<<<< ours", "expected value"),
    ] {
        let said = Lock::read(text).unwrap_err();
        assert!(said.starts_with(why), "{said}");
    }
}

#[test]
fn nothing_is_said_while_all_is_as_it_was() {
    assert_eq!(said(FLOW), [""; 0]);
    // Nor when there are more wires.
    assert_eq!(
        said(&FLOW.replace("\"name\":\"Log\",\"wires\":[]", "\"name\":\"Log\",\"wires\":[[\"al\"]]")),
        [""; 0]
    );
}

#[test]
fn a_rename_is_known_by_the_id() {
    assert_eq!(
        said(&FLOW.replace("\"Sensor 1\"", "\"Bed 1\"")),
        ["R1001 no node is named `Sensor 1`; the node of that name is named `Bed 1` now; \
          fix: halt one on \"Bed 1\" -> *"]
    );
    assert_eq!(
        said(&FLOW.replace("\"Sensor 1\"", "\"Alarm\"")),
        ["R1001 no node is named `Sensor 1`; the node of that name is named `Alarm` now; \
          fix: halt one on id \"s1\" -> *"]
    );
    assert_eq!(
        said(&FLOW.replace("\"label\":\"Sensors\"", "\"label\":\"Beds\"")),
        ["R1002 no tab is named `Sensors`; the tab of that name is named `Beds` now; \
          fix: halt one on \"Sensor 1\" -> *"]
    );
}

#[test]
fn a_node_with_a_new_id_is_known_by_its_neighbours() {
    let flow = FLOW.replace(
        "{\"id\":\"s1\",\"type\":\"inject\",\"z\":\"t1\",\"name\":\"Sensor 1\"",
        "{\"id\":\"x1\",\"type\":\"mqtt in\",\"z\":\"t1\",\"name\":\"Bed 1\"",
    );
    assert_eq!(said(&flow)[0], "R1001 no node is named `Sensor 1`; it is gone since the stack was locked");
    let flow = FLOW
        .replace("\"s1\"", "\"x1\"")
        .replace("\"Sensor 1\"", "\"Bed 1\"")
        .replace("\"Sensor 2\",\"wires\":[[\"th\"]]", "\"Sensor 2\",\"wires\":[[\"lo\"]]");
    assert_eq!(
        said(&flow)[0],
        "R1001 no node is named `Sensor 1`; this one stands where it stood; it is named `Bed 1`; \
         maybe: halt one on \"Bed 1\" -> *"
    );
}

#[test]
fn lost_wires_are_told_with_what_became_of_them() {
    assert_eq!(
        said(&FLOW.replace("[[\"lo\"],[\"al\"]]", "[[\"lo\"],[]]")),
        ["R3070 tap `all` sits on 3 of the 4 wires that it sat on; \
          `Threshold.2 -> Alarm`: no wire leads there any more; if this is meant, `routec lock` writes it down"]
    );
    assert_eq!(
        said(&FLOW.replace("\"name\":\"Alarm\"", "\"name\":\"Alarm\",\"d\":true")),
        ["R3070 tap `all` sits on 3 of the 4 wires that it sat on; \
          `Threshold.2 -> Alarm`: this one is disabled; if this is meant, `routec lock` writes it down"]
    );
}
