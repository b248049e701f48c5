//! Bad input to `routec`: each gets a clear error, the right exit status, and nothing is lost.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use route_tests::{Ran, routec};
use tempfile::TempDir;

const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
{"id":"a","type":"inject","z":"t","name":"A","wires":[["b"]]},
{"id":"b","type":"debug","z":"t","name":"B","wires":[]}]"#;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

fn check(dir: &Path, stack: &str) -> Ran {
    routec(dir, &["check", stack])
}

#[test]
fn no_such_file() {
    let dir = folder(&[("flows.json", FLOWS.as_bytes())]);
    check(dir.path(), "x.route").fails_with(2, "no such file: `x.route`");
}

#[test]
fn a_directory_without_a_stack() {
    let dir = folder(&[("flows.json", FLOWS.as_bytes())]);
    check(dir.path(), ".").fails_with(2, "there is no `.route` file");
}

#[test]
fn a_directory_as_flows() {
    let dir = folder(&[("x.route", b"stack x\n")]);
    fs::create_dir(dir.path().join("flows.json")).unwrap();
    check(dir.path(), "x.route").fails_with(2, "is a directory");
}

#[test]
fn not_utf8() {
    let dir = folder(&[("flows.json", FLOWS.as_bytes()), ("x.route", b"stack x\n\xff")]);
    check(dir.path(), "x.route").fails_with(2, "is not UTF-8: byte 8");
}

#[test]
fn flows_that_are_not_json() {
    let dir = folder(&[("flows.json", b"[{\"id\": }]"), ("x.route", b"stack x\n")]);
    check(dir.path(), "x.route").fails_with(2, "`flows.json` is no flow");
}

#[test]
fn json_of_another_shape() {
    let dir = folder(&[("flows.json", b"42"), ("x.route", b"stack x\n")]);
    check(dir.path(), "x.route").fails_with(2, "`flows.json` is no flow");
}

#[test]
fn no_flows_beside_the_stack() {
    let dir = folder(&[("x.route", b"stack x\n")]);
    check(dir.path(), "x.route").fails_with(2, "there is no `flows.json` beside");
}

#[test]
fn an_empty_flow_is_a_flow() {
    let dir = folder(&[("flows.json", b"[]"), ("x.route", b"stack x\n")]);
    check(dir.path(), "x.route").succeeds_with("no findings");
}

#[test]
fn a_clean_stack() {
    let dir = folder(&[
        ("flows.json", FLOWS.as_bytes()),
        ("x.route", b"stack x\n\ntap all on \"A\" -> \"B\" {\n  to stdout\n}\n"),
    ]);
    check(dir.path(), "x.route").succeeds_with("no findings: 1 routers on 1 of 1 wires");
}

#[test]
fn a_finding_is_status_1() {
    let dir =
        folder(&[("flows.json", FLOWS.as_bytes()), ("x.route", b"stack x\n\nhalt no on \"Q\" -> \"B\"\n")]);
    check(dir.path(), "x.route").fails_with(1, "Q");
}

#[test]
fn a_file_that_uses_itself() {
    let dir = folder(&[("flows.json", FLOWS.as_bytes()), ("x.route", b"stack x\n\nuse \"x.route\"\n")]);
    let ran = check(dir.path(), "x.route");
    ran.fails_with(1, "uses itself");
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let deep = format!("stack x\n\npredicate p = {}true{}\n", "(".repeat(5000), ")".repeat(5000));
    let dir = folder(&[("flows.json", FLOWS.as_bytes()), ("x.route", deep.as_bytes())]);
    check(dir.path(), "x.route").fails_with(1, "nest");
}

#[test]
fn a_parameter_without_value() {
    let dir = folder(&[("flows.json", FLOWS.as_bytes()), ("x.route", b"stack x\n")]);
    routec(dir.path(), &["check", "x.route", "--param", "hot"]).fails_with(2, "`--param hot` has no value");
}

#[test]
fn no_runtime_here() {
    let dir = folder(&[("flows.json", FLOWS.as_bytes())]);
    routec(dir.path(), &["status"]).fails_with(2, "no runtime is running here");
}

#[test]
fn fmt_leaves_a_broken_file_alone() {
    let broken = b"stack x\n\nhalt halt halt\n";
    let dir = folder(&[("x.route", broken)]);
    routec(dir.path(), &["fmt", "x.route"]).fails_with(1, "error");
    assert_eq!(fs::read(dir.path().join("x.route")).unwrap(), broken);
}
