//! How `routec` begins and ends: whoever asks it to end, nothing that is held is lost, and nothing stays behind.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use route_tests::{Running, eventually, folder, routec, routec_path};

const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
{"id":"a","type":"inject","z":"t","name":"A","repeat":"0.02","once":true,"onceDelay":"0","payload":"1","payloadType":"num",
 "props":[{"p":"payload"}],"wires":[["b"]]},
{"id":"b","type":"debug","z":"t","name":"B","wires":[]}]"#;

const HOLD: &str = "break wait on \"A\" -> \"B\" { hold at most 1000 for 1h then pass }\n";

fn held(dir: &Path) -> bool {
    routec(dir, &["debug", "list"]).stdout.contains("wait")
}

/// The number before a word of the line that a runtime ends with.
fn total(running: &str, word: &str) -> u64 {
    let line =
        running.lines().find(|line| line.starts_with("ended: ")).unwrap_or_else(|| panic!("{running}"));
    let words: Vec<&str> = line.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let at = words.iter().position(|known| *known == word).unwrap();
    words[at - 1].parse().unwrap()
}

#[test]
fn whoever_ends_a_runtime_it_lets_go_of_what_it_holds_and_takes_its_address_away() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let dir = folder(&[("flows.json", FLOWS), ("hold.route", HOLD)]);
        let running = Running::start(dir.path(), &["."]);
        eventually("a message is held", || held(dir.path()));
        let (well, printed) = running.end_by(signal);
        let said = fs::read_to_string(dir.path().join("route.err")).unwrap();
        assert!(well && said.contains("ending: nodes close in order"), "{signal}: {said}");
        assert!(total(&said, "sent") > 0, "{signal}: {said}");
        assert_eq!(total(&said, "sent"), total(&said, "delivered"), "{signal}: {said}");
        assert_eq!(printed.len() as u64, total(&said, "sent"), "{signal}: {printed:?}");
        for left in ["control.addr", "control.token"] {
            assert!(!dir.path().join(".route").join(left).exists(), "{signal} leaves {left} behind");
        }
    }
}

/// `routec` with what a shell does before it.
fn by_shell(dir: &Path, command: &str) -> Child {
    let command = command.replace("routec", &format!("exec '{}'", routec_path().display()));
    let mut shell = Command::new("sh");
    shell.args(["-c", &command]).current_dir(dir).stdin(Stdio::piped()).stdout(Stdio::null());
    shell.stderr(Stdio::null()).spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_runtime_that_shall_outlive_its_terminal_does() {
    let dir = folder(&[("flows.json", FLOWS)]);
    // As `nohup` does.
    let mut running = by_shell(dir.path(), "trap '' HUP; routec run flows.json");
    eventually("it runs", || dir.path().join(".route/control.addr").exists());
    signal(&running, "-HUP");
    routec(dir.path(), &["status"]).succeeds_with("stack (none)");
    signal(&running, "-TERM");
    assert!(running.wait().unwrap().success());
}

#[test]
fn the_links_of_another_runtime_end_after_it_and_not_before() {
    let dir = folder(&[]);
    let mut links = by_shell(dir.path(), "routec uplink --state links");
    eventually("they listen", || dir.path().join("links/lock").exists());
    // A terminal sends it to the runtime and to its links at once.
    signal(&links, "-INT");
    signal(&links, "-TERM");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(links.try_wait().unwrap().is_none(), "they end before their runtime does");
    links.stdin.take().unwrap().write_all(b"{\"leave\":\"x\"}\n").unwrap();
    assert!(links.wait().unwrap().success());
}

#[test]
fn only_what_runs_is_said_to_run() {
    let dir = folder(&[("flows.json", FLOWS), ("nats.route", "tap all on * -> * { to nats \"all\" }\n")]);
    let dir = dir.path();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (args, why) in [
        (["--control", &address], format!("error: cannot listen on `{address}`")),
        (["--stack", "nats.route"], "error: tap `all`: this runtime has no sink `nats`".to_owned()),
    ] {
        let ran = routec(dir, &[&["run", "flows.json"], args.as_slice()].concat());
        ran.fails_with(2, &why);
        assert!(!ran.stderr.contains("running"), "{ran:?}");
    }
    let running = Running::start(dir, &["flows.json"]);
    eventually("it says so", || running.errors().contains("running 2 nodes of `flows.json`; Ctrl-C ends\n"));
    assert!(running.interrupt());
}
