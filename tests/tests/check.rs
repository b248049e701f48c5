//! `routec check` as a user runs it: formats, fixes, and watching.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use route_tests::{folder, routec, routec_path};

const FLOWS: &str = r#"[
 {"id":"t","type":"tab","label":"T"},
 {"id":"a","z":"t","type":"inject","name":"A","wires":[["b"]]},
 {"id":"b","z":"t","type":"debug","name":"B","wires":[]}
]"#;

const STACK: &str = "halt hot on \"A\" -> \"B\" { when msg.payload > 30 and msg.payload > 10 }\n";

#[test]
fn what_is_certain_is_fixed() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", STACK)]);
    let diff = routec(dir.path(), &["check", "s.route", "--diff"]);
    diff.fails_with(1, "+halt hot on \"A\" -> \"B\" { when msg.payload > 30 }");
    assert_eq!(std::fs::read_to_string(dir.path().join("s.route")).unwrap(), STACK);
    let fixed = routec(dir.path(), &["check", "s.route", "--fix"]);
    fixed.succeeds_with("no findings");
    assert!(fixed.stderr.contains("1 finding was fixed"), "{fixed:?}");
    let text = std::fs::read_to_string(dir.path().join("s.route")).unwrap();
    assert_eq!(text, "halt hot on \"A\" -> \"B\" { when msg.payload > 30 }\n");
    routec(dir.path(), &["check", "s.route", "--diff"]).succeeds_with("");
}

#[test]
fn formats_for_machines() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", STACK)]);
    let shown = |format: &str| routec(dir.path(), &["check", "s.route", "--output-format", format]);
    shown("github").fails_with(
        1,
        "::warning file=s.route,line=1,endLine=1,col=52,endColumn=68,title=R2050 always-true::",
    );
    shown("gitlab").fails_with(1, "\"fingerprint\"");
    shown("sarif").fails_with(1, "\"ruleId\": \"R2050\"");
    shown("junit").fails_with(1, "<failure message=\"1 finding\">s.route:1:52: R2050");
    shown("json-lines").fails_with(1, "\"applicability\":\"machine\"");
}

#[test]
fn a_watcher_checks_again() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", STACK)]);
    let mut child = Command::new(routec_path())
        .args(["check", "s.route", "--watch", "--output-format", "concise"])
        .current_dir(dir.path())
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut state = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.next().unwrap().unwrap().contains("R2050"));
    assert_eq!(state.next().unwrap().unwrap(), "watching for changes");
    std::fs::write(dir.path().join("s.route"), "halt hot on \"A\" -> \"C\"\n").unwrap();
    assert!(said.next().unwrap().unwrap().contains("R1001"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn tests_traces_and_replays() {
    let stack = format!(
        "{}test \"hot stops\" {{\n  send \"A\" -> \"B\" {{ payload: 31 }}\n  expect stopped by hot\n}}\n",
        STACK.replace(" and msg.payload > 10", "")
    );
    let line = |n: i32| {
        format!("{{\"at\":{n},\"from\":\"a\",\"port\":0,\"to\":\"b\",\"msg\":{{\"payload\":{n}}}}}\n")
    };
    let recorded: String = [10, 31, 40].map(line).concat();
    let dir = folder(&[
        ("flows.json", FLOWS),
        ("s.route", &stack),
        ("old.route", "tap all on * -> * { to stream }\n"),
        ("msg.json", "{\"payload\": 50}"),
        ("r.ndjson", &recorded),
    ]);
    let dir = dir.path();
    routec(dir, &["test", "s.route", "--coverage"])
        .succeeds_with("`msg.payload > 30` was never false, never absent");
    routec(dir, &["test", "s.route", "--output-format", "junit"])
        .succeeds_with("<testcase name=\"hot stops\"");
    routec(dir, &["test", "s.route", "--filter", "nothing"]).fails_with(2, "no test has that in its name");
    routec(dir, &["test", "s.route", "--min-coverage", "90"]).fails_with(1, "33.3% of the outcomes were met");
    let failing = stack.replace("payload: 31", "payload: 3");
    std::fs::write(dir.join("f.route"), failing).unwrap();
    routec(dir, &["test", "f.route"]).fails_with(1, "this does not hold: `msg.payload` was 3");

    let trace = routec(dir, &["trace", "msg.json", "--wire", "A -> B", "--stack", "s.route"]);
    trace.succeeds_with("`msg.payload > 30` holds: `msg.payload` was 50");
    routec(dir, &["trace", "msg.json", "--wire", "A -> Gong", "--stack", "s.route"])
        .fails_with(2, "no node is named `Gong`\n  help: there are `A` and `B`");

    let replay = ["replay", "r.ndjson", "--stack", "s.route", "--against", "old.route"];
    routec(dir, &replay).succeeds_with("2 of 3 messages fare otherwise");
    routec(dir, &[&replay[..], &["--exit-code"]].concat()).fails_with(1, "such as line 2");
    routec(dir, &["replay", "msg.json", "--stack", "s.route"])
        .fails_with(2, "`msg.json`, line 1: missing field `from`");
}

/// One run tells everything that is wrong with a stack, each thing once, in words for people who never saw the code.
#[test]
fn thirty_faults_in_one_run() {
    let flows = include_str!("../../examples/greenhouse/flows.json");
    let dir = folder(&[("flows.json", flows), ("faulty.route", include_str!("faulty.route"))]);
    let ran = routec(dir.path(), &["check", "faulty.route", "--output-format", "concise"]);
    let mut places: Vec<&str> = ran.stdout.lines().collect();
    let many = places.len();
    places.sort_unstable();
    places.dedup();
    assert!(ran.code == 1 && many >= 25 && places.len() == many, "{ran:#?}");
    insta::assert_snapshot!(routec(dir.path(), &["check", "faulty.route"]).stdout);
}

#[test]
fn several_stacks_at_once() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", STACK), ("t.route", "halt h on \"A\" -> \"C\"\n")]);
    routec(dir.path(), &["check", "s.route", "t.route", "--output-format", "concise"])
        .fails_with(1, "t.route:1:18: error[R1001]");
    routec(dir.path(), &["check", "s.route", "t.route", "--output-format", "sarif"])
        .fails_with(2, "check them one by one");
}
