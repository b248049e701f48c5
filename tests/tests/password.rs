//! The prompt for a password, on a terminal.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use route_tests::routec_path;

/// What a terminal shows of a command that asks for a password, and of `stty` after it. `typed` is typed once it asks.
/// `None`, and a word about it, where there is no `script` that lends a terminal.
fn on_terminal(typed: &str) -> Option<String> {
    let version = Command::new("script").arg("--version").output();
    if !version.is_ok_and(|ran| String::from_utf8_lossy(&ran.stdout).contains("util-linux")) {
        println!("skipped: no `script` of util-linux");
        return None;
    }
    // Nothing answers there; the password is asked for before that is found out.
    let asks = format!("{} status --target http://127.0.0.1:9 --user anna", routec_path().display());
    let all = format!("stty echo; trap : INT; {asks}; echo \"status $?\"; stty -a");
    let mut terminal = Command::new("script")
        .args(["-q", "-f", "-c", &all, "/dev/null"])
        .env("SHELL", "/bin/sh")
        .env_remove("ROUTE_PASSWORD")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut keys, mut screen) = (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let (mut shown, mut byte) = (Vec::new(), [0]);
    while !shown.ends_with(b"password of anna: ") {
        assert_eq!(screen.read(&mut byte).unwrap(), 1, "it ended: {}", String::from_utf8_lossy(&shown));
        shown.extend(byte);
    }
    keys.write_all(typed.as_bytes()).unwrap();
    screen.read_to_end(&mut shown).unwrap();
    assert!(terminal.wait().unwrap().success());
    Some(String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn what_is_typed_is_not_shown_and_the_terminal_is_as_before() {
    let Some(shown) = on_terminal("open sesame\n") else { return };
    assert!(shown.contains("no runtime answers") && shown.contains("status 2"), "{shown}");
    assert!(!shown.contains("sesame") && shown.contains(" echo ") && !shown.contains("-echo "), "{shown}");
}

#[test]
fn ctrl_c_leaves_the_terminal_as_before() {
    let Some(shown) = on_terminal("open\u{3}") else { return };
    assert!(shown.contains("status 130"), "{shown}");
    assert!(shown.contains(" echo ") && !shown.contains("-echo "), "{shown}");
}
