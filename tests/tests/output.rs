//! Standard output that takes nothing more: a full disk is an error, a reader that went away is the end.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Command, Stdio};

use route_tests::{Ran, Running, folder, routec, routec_path};

/// A sends ten messages a second to B.
const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
{"id":"a","type":"inject","z":"t","name":"A","repeat":"0.1","once":true,"onceDelay":"0",
 "payload":"1","payloadType":"num","props":[{"p":"payload"}],"wires":[["b"]]},
{"id":"b","type":"debug","z":"t","name":"B","wires":[]}]"#;

const STACK: &str = "halt big on \"A\" -> \"B\" { when msg.payload > 5 }\n\n\
                     test \"big\" {\n  send \"A\" -> \"B\" { payload: 7 }\n  expect stopped by big 1 times\n}\n";

fn project() -> tempfile::TempDir {
    folder(&[("flows.json", FLOWS), ("s.route", STACK), ("m.json", "{\"payload\": 7}")])
}

/// Runs `routec` with this as its standard output.
fn into(stdout: impl Into<Stdio>, dir: &Path, args: &[&str]) -> Ran {
    let mut routec = Command::new(routec_path());
    routec.args(args).current_dir(dir).env("NO_COLOR", "1").stdout(stdout);
    routec.output().unwrap().into()
}

/// A pipe whose reader has gone.
fn closed() -> Stdio {
    std::io::pipe().unwrap().1.into()
}

const PRINTS: [&[&str]; 11] = [
    &["build", "."],
    &["check", "s.route"],
    &["check", "s.route", "--output-format", "json"],
    &["check", "s.route", "--cost"],
    &["names", "flows.json"],
    &["graph", "."],
    &["test", "."],
    &["trace", "m.json", "--wire", "A -> B"],
    &["explain", "s.route"],
    &["explain", "--all"],
    &["completions", "bash"],
];

#[test]
fn a_full_disk_is_an_error() {
    let dir = project();
    for args in PRINTS {
        let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
            return println!("skipped: this system has no `/dev/full`");
        };
        into(full, dir.path(), args).fails_with(2, "error: cannot write to standard output: No space left");
    }
}

#[test]
fn a_reader_that_went_away_is_none() {
    let dir = project();
    for args in PRINTS {
        let ran = into(closed(), dir.path(), args);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
    // What was found counts all the same.
    std::fs::write(dir.path().join("s.route"), "halt big on \"A\" -> \"C\"\n").unwrap();
    assert_eq!(into(closed(), dir.path(), &["check", "s.route"]).code, 1);
}

#[test]
fn what_goes_on_ends_when_nobody_reads() {
    let dir = project();
    let running = Running::start(dir.path(), &["."]);
    for args in [&["tap", "* -> *"][..], &["status", "--watch"]] {
        let ran = into(closed(), dir.path(), args);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
    if let Ok(full) = OpenOptions::new().write(true).open("/dev/full") {
        let applied = into(full, dir.path(), &["apply", "s.route"]);
        applied.fails_with(2, "cannot write to standard output");
        applied.fails_with(2, "what was asked for is done all the same");
        routec(dir.path(), &["status"]).succeeds_with("(number 2, applied `s.route`");
    }
    assert!(running.interrupt());
}
