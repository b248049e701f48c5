//! `routec lock`, and what `check` makes of the lock file.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use route_tests::{folder, routec};

const FLOWS: &str = r#"[
 {"id":"t","type":"tab","label":"T"},
 {"id":"a","z":"t","type":"inject","name":"A","wires":[["b","c"]]},
 {"id":"b","z":"t","type":"debug","name":"B","wires":[]},
 {"id":"c","z":"t","type":"debug","name":"C","wires":[]}
]"#;

const STACK: &str = "tap all on \"A\" -> * { to stdout }\nhalt old on \"A\" -> \"B\"\n";

fn rewrite(folder: &Path, name: &str, old: &str, new: &str) {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{text}");
    std::fs::write(&path, text.replace(old, new)).unwrap();
}

#[test]
fn a_renamed_node_is_found_and_fixed() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", STACK)]);
    let here = dir.path();
    let locked = routec(here, &["lock"]);
    locked.succeeds_with("");
    assert_eq!(locked.stderr, "`route.lock` is written: 2 names, 2 routers\n");
    routec(here, &["lock", "s.route", "--check"]).succeeds_with("");
    rewrite(here, "flows.json", "\"name\":\"A\"", "\"name\":\"Source\"");
    routec(here, &["check", "s.route"]).fails_with(1, "it is `Source` now: `\"Source\"`");
    let fixed = routec(here, &["check", "s.route", "--fix"]);
    fixed.succeeds_with("no findings");
    assert_eq!(std::fs::read_to_string(here.join("s.route")).unwrap(), STACK.replace("\"A\"", "\"Source\""));
    routec(here, &["lock", "--check"]).fails_with(1, "+        {\"kind\":\"node\",\"name\":\"Source\"");
}

#[test]
fn lost_wires_are_told_until_they_are_locked() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", STACK)]);
    let here = dir.path();
    routec(here, &["lock"]).succeeds_with("");
    rewrite(here, "flows.json", "[[\"b\",\"c\"]]", "[[\"b\"]]");
    let found = routec(here, &["check", "s.route"]);
    found.fails_with(1, "tap `all` sits on 1 of the 2 wires that it sat on");
    assert!(found.stdout.contains("`A -> C`: no wire leads there any more"), "{found:?}");
    routec(here, &["lock"]).succeeds_with("");
    routec(here, &["check", "s.route"]).succeeds_with("no findings");
}

#[test]
fn what_cannot_be_locked_is_said() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "halt old on \"Z\" -> *\n")]);
    let here = dir.path();
    routec(here, &["lock"]).fails_with(1, "only a stack without errors can be");
    assert!(!here.join("route.lock").exists());
    std::fs::write(here.join("s.route"), STACK).unwrap();
    std::fs::write(here.join("route.lock"), "<<<<<<< ours\n").unwrap();
    for command in [&["lock"][..], &["check", "s.route"]] {
        routec(here, command).fails_with(2, "`route.lock` holds both sides of a merge");
    }
    assert_eq!(std::fs::read_to_string(here.join("route.lock")).unwrap(), "<<<<<<< ours\n");
    std::fs::write(here.join("route.lock"), "{\"stacks\"").unwrap();
    routec(here, &["lock"]).fails_with(2, "`route.lock` is no lock file");
    routec(here, &["lock"]).fails_with(2, "take it away, and `routec lock` writes a new one");
}

#[test]
fn several_stacks_share_a_lock_file() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", STACK), ("u.route", "halt u on \"A\" -> \"C\"\n")]);
    routec(dir.path(), &["lock", "s.route", "u.route"]).succeeds_with("");
    let text = std::fs::read_to_string(dir.path().join("route.lock")).unwrap();
    assert!(text.contains("\"s.route\"") && text.contains("\"u.route\""), "{text}");
}
