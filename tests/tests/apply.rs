//! `plan`, `apply`, overlays and `rollback` against a running runtime, as users see them.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use route_tests::{Running, eventually, folder, routec, routec_path};

/// A sends ten messages a second to B.
const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
{"id":"a","type":"inject","z":"t","name":"A","repeat":"0.1","once":true,"onceDelay":"0","topic":"bed/1",
 "payload":"{\"n\":1}","payloadType":"json","props":[{"p":"payload"},{"p":"topic","vt":"str"}],"wires":[["b"]]},
{"id":"b","type":"debug","z":"t","name":"B","wires":[]}]"#;

const STACK: &str = r#"stack field

param mark: string = "north"

let b = node "B"

set site on "A" -> b { msg.site = mark }
"#;

const DEBUG: &str = r#"use "common.route"

/// Everything that goes to B.
tap look on * -> b {
  when small
  to stream
}
"#;

const COMMON: &str = "predicate small = msg.payload.n < 10\n";

fn project() -> tempfile::TempDir {
    folder(&[
        ("flows.json", FLOWS),
        ("field.route", STACK),
        ("debug.route", DEBUG),
        ("common.route", COMMON),
        ("other.route", &STACK.replace("msg.site = mark", "msg.place = mark")),
    ])
}

fn run(dir: &Path) -> Running {
    Running::start(dir, &["flows.json", "--stack", "field.route"])
}

#[test]
fn a_plan_shows_what_apply_would_change_and_goes_stale() {
    let dir = project();
    let dir = dir.path();
    let running = run(dir);
    routec(dir, &["plan", "field.route"]).succeeds_with("nothing would change");
    routec(dir, &["plan", "field.route", "--detailed-exitcode"]).succeeds_with("nothing would change");
    routec(dir, &["plan", "nowhere.route", "--detailed-exitcode"]).fails_with(1, "no such file");

    let plan = routec(dir, &["plan", "other.route", "--detailed-exitcode", "--out", "p.json"]);
    plan.fails_with(2, "      - msg.site = \"north\"\n      + msg.place = \"north\"\n");
    plan.fails_with(2, "1 changed");
    let json = routec(dir, &["plan", "other.route", "--output-format", "json"]);
    json.succeeds_with("\"what\": \"changed\"");

    routec(dir, &["apply", "p.json"])
        .succeeds_with("applied `field` as planned: 1 router on 1 wire (number 2)");
    routec(dir, &["apply", "p.json"])
        .fails_with(2, "the saved plan is stale: since then, applied `other.route`");
    fs::write(dir.join("p.json"), "{\"magic\":\"route-plan\",\"version\":1,\"tag\":1}").unwrap();
    routec(dir, &["apply", "p.json"]).fails_with(2, "the plan `p.json` is damaged");
    assert!(running.interrupt());
}

#[test]
fn an_overlay_lies_on_top_of_whatever_stack_is_applied() {
    let dir = project();
    let dir = dir.path();
    let running = run(dir);
    routec(dir, &["apply", "--overlay", "debug.route", "--for", "10m", "--by", "anna"])
        .succeeds_with("  + tap debug/look  on 1 wire: \"A\".1 -> \"B\"\n");
    routec(dir, &["status"]).succeeds_with("overlay debug of anna: 1 router, until ");
    routec(dir, &["tap", "look", "-n", "1"]).succeeds_with("\"router\":\"look\"");

    // The texts of the overlay are the runtime's now: its files may go.
    fs::remove_file(dir.join("common.route")).unwrap();
    routec(dir, &["apply", "other.route", "--param", "mark=south"]).succeeds_with("2 routers on 1 wire");
    routec(dir, &["tap", "look", "-n", "1"]).succeeds_with("\"place\":\"south\"");

    routec(dir, &["apply", "--overlay", "debug.route", "--by", "eve"])
        .fails_with(2, "the overlay `debug` belongs to anna");
    routec(dir, &["apply", "--remove", "dbg"]).fails_with(2, "no overlay is called `dbg`; there is `debug`");
    routec(dir, &["plan", "--remove", "debug"]).succeeds_with("  - tap debug/look  on 1 wire");
    routec(dir, &["apply", "--remove", "debug"]).succeeds_with("removed overlay `debug` (number 4)");
    routec(dir, &["tap", "look"]).fails_with(2, "no router is called `look`");
    routec(dir, &["rollback", "--by", "bob"]).succeeds_with("overlay `debug` in place again");
    routec(dir, &["rollback", "--list"]).succeeds_with("bob   rolled back to 3");
    routec(dir, &["rollback", "1"]).succeeds_with("rolled back to `field` (number 6: rolled back to 1)");
    routec(dir, &["rollback", "77"])
        .fails_with(2, "there is no stack 77 to return to; there are 0, 1, 2, 3, 4, 5");
    assert!(running.interrupt());
}

#[test]
fn a_wire_is_tapped_on_a_condition() {
    let dir = project();
    let dir = dir.path();
    let running = run(dir);
    let tap = |when: &str| routec(dir, &["tap", "A -> B", "--when", when, "-n", "1"]);
    tap("msg.topic starts with \"bed\" and msg.payload.n in 0..5").succeeds_with("\"router\":null");
    tap("true").succeeds_with("\"topic\":\"bed/1\"");
    // Names of the stack in place are known.
    tap("mark == \"north\"").succeeds_with("\"topic\":\"bed/1\"");
    let all = |when: &str| routec(dir, &["tap", "* -> *", "--when", when, "-n", "1"]);
    all("dest.name == \"B\" and source.name != dest.name").succeeds_with("\"topic\":\"bed/1\"");
    tap("msg.payload.n >").fails_with(1, "error");
    routec(dir, &["tap", "A -> Gong"])
        .fails_with(2, "no node is named `Gong`\n  help: there are `A` and `B`");
    // Nothing would ever come there.
    routec(dir, &["tap", "B -> A"]).fails_with(2, "no wire goes from `B` to `A`");
    routec(dir, &["tap", "A.2 -> B"]).fails_with(2, "no wire goes from output 2 of `A` to `B`");
    routec(dir, &["tap", "A.1 -> B", "-n", "1"]).succeeds_with("\"topic\":\"bed/1\"");
    assert!(running.interrupt());
}

#[test]
fn an_overlay_leaves_at_its_time() {
    let dir = project();
    let dir = dir.path();
    let running = run(dir);
    routec(dir, &["apply", "--overlay", "debug.route", "--for", "300ms"]).succeeds_with("applied");
    eventually("the overlay is gone", || {
        !routec(dir, &["status", "--output-format", "json"]).stdout.contains("\"look\"")
    });
    routec(dir, &["status"]).succeeds_with("the time of overlay `debug` is over");
    assert!(running.interrupt());
}

#[test]
fn flows_that_are_newer_than_those_that_run_are_told() {
    let dir = project();
    let dir = dir.path();
    let running = run(dir);
    let note = "note: it was compiled against the flows that run, and `flows.json` holds others";
    let slip = STACK.replace("\"A\"", "\"Aa\"");
    fs::write(dir.join("slip.route"), &slip).unwrap();
    let ran = routec(dir, &["apply", "slip.route"]);
    assert!(ran.code == 1 && !ran.stderr.contains(note), "{ran:?}");

    // The node is renamed in the file, and the stack follows it.
    fs::write(dir.join("flows.json"), FLOWS.replace("\"name\":\"A\"", "\"name\":\"Aa\"")).unwrap();
    routec(dir, &["check", "slip.route"]).succeeds_with("no findings");
    for command in ["plan", "apply"] {
        let ran = routec(dir, &[command, "slip.route"]);
        ran.fails_with(1, "no node is named `Aa`");
        ran.fails_with(1, note);
    }
    // A stack that fits what runs is nobody's error.
    let ran = routec(dir, &["apply", "other.route"]);
    assert!(ran.code == 0 && !ran.stderr.contains(note), "{ran:?}");
    assert!(running.interrupt());
}

#[test]
fn what_an_overlay_must_not_do_is_said() {
    let dir = project();
    let dir = dir.path();
    fs::write(dir.join("fleet.route"), "runtime cloud { zenoh \"tcp/127.0.0.1:1\" }\n").unwrap();
    fs::write(dir.join("field2.route"), STACK.replace("let b =", "let c =").replace("-> b", "-> c")).unwrap();
    let running = run(dir);
    routec(dir, &["apply", "--overlay", "fleet.route"]).fails_with(1, "an overlay cannot change the fleet");
    routec(dir, &["apply", "--overlay", "debug.route", "--param", "mark=x"])
        .fails_with(2, "`mark` is no parameter of the overlay");
    routec(dir, &["apply", "--overlay", "debug.route"]).succeeds_with("applied");
    // An overlay that does not fit a new stack keeps it out, and it is said how to go on.
    routec(dir, &["apply", "field2.route"]).fails_with(1, "does not fit: `routec apply --remove debug`");
    assert!(running.interrupt());
}

#[test]
fn what_is_said_of_an_overlay_is_said_with_one() {
    let dir = project();
    let running = run(dir.path());
    for command in ["apply", "plan"] {
        for what in [&["other.route"][..], &["--remove", "debug"]] {
            let flag = |flag: &[&str]| routec(dir.path(), &[&[command], what, flag].concat());
            flag(&["--for", "1m"]).fails_with(2, "`--for` goes with `--overlay`");
            flag(&["--name", "short"]).fails_with(2, "`--name` goes with `--overlay`");
        }
    }
    routec(dir.path(), &["status"]).succeeds_with("number 1");
    assert!(running.interrupt());
}

#[test]
fn before_the_first_stack_there_is_none() {
    let dir = project();
    let running = Running::start(dir.path(), &["flows.json"]);
    routec(dir.path(), &["plan", "field.route"]).succeeds_with("in place: no stack\n");
    assert!(running.interrupt());
}

#[test]
fn who_has_no_name_in_the_environment_is_known_to_the_system() {
    let dir = project();
    let running = run(dir.path());
    let mut apply = Command::new(routec_path());
    apply.args(["apply", "other.route"]).current_dir(dir.path());
    let nameless = apply.env_remove("USER").env_remove("LOGNAME").env_remove("USERNAME");
    assert!(nameless.output().unwrap().status.success());
    let me = Command::new("id").arg("-un").output().unwrap();
    let me = String::from_utf8(me.stdout).unwrap();
    routec(dir.path(), &["status"]).succeeds_with(&format!("applied `other.route` by {}", me.trim()));
    assert!(running.interrupt());
}
