//! The examples, as a user runs them: checked, explained, running, applied to, and on two runtimes.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use route_tests::{Running, routec};
use tempfile::TempDir;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// A copy of an example, so that runs leave nothing behind.
fn copy(example: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    for file in fs::read_dir(examples().join(example)).unwrap().flatten() {
        if file.path().is_file() {
            fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
        }
    }
    dir
}

#[test]
fn every_example_is_clean() {
    for example in ["greenhouse", "http-api", "factory-line", "home"] {
        routec(&examples().join(example), &["check", "."]).succeeds_with("no findings");
    }
}

#[test]
fn every_example_passes_its_tests() {
    for example in ["greenhouse", "http-api", "factory-line", "home"] {
        routec(&examples().join(example), &["test", "."]).succeeds_with(" passed, 0 failed");
    }
}

#[test]
fn what_each_example_compiles_to() {
    for example in ["greenhouse", "http-api", "factory-line", "home"] {
        let ran = routec(&examples().join(example), &["explain", "."]);
        insta::assert_snapshot!(example, ran.stdout);
    }
}

#[test]
fn a_stack_is_applied_to_running_messages_and_taken_back() {
    let dir = copy("greenhouse");
    fs::copy(examples().join("greenhouse/night/night.route"), dir.path().join("night.route")).unwrap();
    let running = Running::start(dir.path(), &[".", "--stack", "greenhouse.route"]);
    running.wait_for("[Readings]");
    routec(dir.path(), &["apply", "night.route"])
        .succeeds_with("applied `greenhouse_night`: 6 routers on 5 wires");
    routec(dir.path(), &["status"]).succeeds_with("stack greenhouse_night");
    routec(dir.path(), &["rollback"]).succeeds_with("rolled back to `greenhouse`");
    fs::write(dir.path().join("wrong"), "not the token").unwrap();
    routec(dir.path(), &["status", "--token-file", "wrong"]).fails_with(2, "does not take this token");
    assert!(running.interrupt(), "ends well on Ctrl-C");
}

#[test]
fn messages_cross_between_two_runtimes() {
    let dir = copy("home");
    // Held until both are known, so that they differ.
    let held = [TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap()];
    let at = held.each_ref().map(|socket| format!("tcp/{}", socket.local_addr().unwrap()));
    drop(held);
    let (house_at, attic_at) = (format!("house_at={}", at[0]), format!("attic_at={}", at[1]));
    let args = |me, state| {
        [".", "--as", me, "--state", state, "--param", &house_at, "--param", &attic_at].map(str::to_owned)
    };
    let start = |args: [String; 9]| Running::start(dir.path(), &args.each_ref().map(String::as_str));
    let _house = start(args("house", "house.state"));
    let attic = start(args("attic", "attic.state"));
    attic.wait_for("[Diary] {\"remembered\":2}");
}
