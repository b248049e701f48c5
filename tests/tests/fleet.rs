//! Two runtimes as two processes over Zenoh: one is killed in the middle of a stream, a node moves, the fleet begins late.
#![allow(clippy::unwrap_used)]

use std::net::TcpListener;
use std::path::Path;

use route_tests::{Running, eventually, folder, routec};
use serde_json::Value;

/// `Count` sends the numbers below N, all at once, or one at each tick.
fn flows(count: &str) -> String {
    let function = serde_json::to_string(count).unwrap();
    format!(
        r#"[{{"id":"h","type":"tab","label":"House"}},{{"id":"a","type":"tab","label":"Attic"}},
{{"id":"go","type":"inject","z":"h","name":"Go","once":true,"onceDelay":"0.1","repeat":"0.005","props":[],"wires":[["count"]]}},
{{"id":"count","type":"function","z":"h","name":"Count","outputs":1,"func":{function},"wires":[["show"]]}},
{{"id":"show","type":"debug","z":"a","name":"Show","wires":[]}}]"#
    )
}

const ALL_AT_ONCE: &str = "if (context.get('done')) return; context.set('done', true);
for (let n = 0; n < 20000; n++) node.send({ payload: n });";

const ONE_AT_A_TIME: &str = "const n = context.get('n') || 0; if (n >= 400) return;
context.set('n', n + 1); return { payload: n };";

/// The fleet, with this after it.
fn stack(more: &str) -> String {
    let fleet = "stack home\nparam house_at: string\nparam attic_at: string\n\
        runtime house { zenoh house_at }\nruntime attic { zenoh attic_at }\n";
    format!("{fleet}{more}")
}

/// Addresses that are free, as parameters.
struct Addresses([String; 2]);

impl Addresses {
    fn new() -> Self {
        // Held until both are known, so that they differ.
        let held = [TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap()];
        let at = held.each_ref().map(|socket| socket.local_addr().unwrap());
        Self([format!("house_at=tcp/{}", at[0]), format!("attic_at=tcp/{}", at[1])])
    }

    fn with<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        let mut all = args.to_vec();
        self.0.iter().for_each(|param| all.extend(["--param", param]));
        all
    }

    fn start(&self, dir: &Path, me: &str) -> Running {
        Running::start(dir, &self.with(&["flows.json", "--stack", "home.route", "--as", me, "--state", me]))
    }
}

fn status(dir: &Path, me: &str) -> Value {
    let ran = routec(dir, &["status", "--output-format", "json", "--state", me]);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"))
}

/// The numbers that `Show` printed.
fn shown(lines: &[String]) -> Vec<u32> {
    lines.iter().filter_map(|line| line.strip_prefix("[Show] ")?.trim().parse().ok()).collect()
}

#[test]
fn a_receiver_killed_in_the_middle_of_a_stream_neither_misses_nor_doubles_what_was_acknowledged() {
    let remote = "place tab \"Attic\" on attic\n\
        remote over on \"Count\" -> \"Show\" { to attic  unreachable spool 64MiB  ack delivered }\n";
    let dir = folder(&[("flows.json", &flows(ALL_AT_ONCE)), ("home.route", &stack(remote))]);
    let (dir, at) = (dir.path(), Addresses::new());
    let house = at.start(dir, "house");
    let attic = at.start(dir, "attic");
    attic.wait_for("[Show] 500");
    let mut lines: Vec<u32> = (0..=500).collect();
    lines.extend(shown(&attic.kill()));
    assert!(lines.len() < 20_000, "it was killed too late");

    let attic = at.start(dir, "attic");
    let peer = || status(dir, "house")["uplink"]["attic"].clone();
    eventually("everything is settled", || peer()["waiting"] == 0);
    let stats = peer();
    let n = |key: &str| stats[key].as_u64().unwrap();
    assert!(house.interrupt());
    let (ended, rest) = attic.end();
    assert!(ended);
    lines.extend(shown(&rest));

    assert!(lines.is_sorted_by(|a, b| a < b), "out of order, or one came twice");
    let missing = 20_000 - lines.len() as u64;
    assert_eq!((n("taken"), n("acknowledged") + n("uncertain")), (20_000, 20_000), "{stats}");
    // The one whose delivery was cut off may or may not have been shown, and was not acknowledged.
    assert!(missing <= n("uncertain") && n("uncertain") <= 1, "{missing} are missing, {stats}");
}

#[test]
fn a_node_moves_from_one_runtime_to_the_other_and_its_messages_with_it() {
    let dir = folder(&[
        ("flows.json", &flows(ONE_AT_A_TIME)),
        ("home.route", &stack("place tab \"Attic\" on attic\n")),
        ("moved.route", &stack("place tab \"Attic\" on house\n")),
    ]);
    let (dir, at) = (dir.path(), Addresses::new());
    let house = at.start(dir, "house");
    let attic = at.start(dir, "attic");
    attic.wait_for("[Show] 20");
    // What was sent to the attic and finds the node gone from there is sent after it.
    routec(dir, &at.with(&["apply", "moved.route", "--state", "attic"])).succeeds_with("applied `home`");
    routec(dir, &at.with(&["apply", "moved.route", "--state", "house"])).succeeds_with("1 node comes here");
    let received = |me: &str| {
        let ran = routec(dir, &["status", "--nodes", "--output-format", "json", "--state", me]);
        let status: Value = serde_json::from_str(&ran.stdout).unwrap();
        let nodes = status["nodes"].as_array().unwrap();
        nodes.iter().find(|node| node["id"] == "show").unwrap()["received"].as_u64().unwrap()
    };
    eventually("all have arrived", || received("house") + received("attic") == 400);
    let (_, at_house) = house.end();
    let (_, at_attic) = attic.end();
    let mut all: Vec<u32> = (0..=20).collect();
    all.extend(shown(&at_attic));
    let moved = shown(&at_house);
    assert!(!moved.is_empty());
    all.extend(moved);
    all.sort_unstable();
    let missing: Vec<u32> = (0..400).filter(|n| !all.contains(n)).collect();
    assert!(missing.is_empty() && all.len() == 400, "{missing:?} are missing, {} came", all.len());
}

#[test]
fn a_fleet_begins_when_a_stack_with_one_is_applied() {
    let dir = folder(&[
        ("flows.json", &flows(ONE_AT_A_TIME)),
        ("home.route", &stack("place tab \"Attic\" on attic\n")),
    ]);
    let (dir, at) = (dir.path(), Addresses::new());
    let house = Running::start(dir, &["flows.json", "--state", "house"]);
    let attic = at.start(dir, "attic");
    let fault = routec(dir, &at.with(&["apply", "home.route", "--state", "attic", "--as", "house"]));
    fault.fails_with(2, "this runtime is `attic`, and the stack was compiled for `house`");
    routec(dir, &at.with(&["apply", "home.route", "--state", "house", "--as", "house"]))
        .succeeds_with("runtime `attic` joins at tcp/127.0.0.1:");
    attic.wait_for("[Show] ");
    assert!(house.interrupt() && attic.interrupt());
}
