//! A project's folder: every command takes it, and what lies in it is found by one rule.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use route_tests::{Running, folder, routec};
use tempfile::TempDir;

const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
{"id":"a","type":"inject","z":"t","name":"A","wires":[["b"]]},
{"id":"b","type":"debug","z":"t","name":"B","wires":[]}]"#;

const STACK: &str = "stack doors\n\ntap all on \"A\" -> \"B\" {\n  to stdout\n}\n";

#[test]
fn a_file_of_names_is_no_stack() {
    let dir = folder(&[("flows.json", FLOWS), ("doors.route", STACK)]);
    let dir = dir.path();
    routec(dir, &["names", ".", "-o", "names.route"]).succeeds_with("");
    let takes_the_folder = |how: &str| {
        for command in ["check", "lock", "graph", "explain", "build", "test"] {
            let ran = routec(dir, &[command, "."]);
            assert_eq!(ran.code, 0, "{command} with {how}: {ran:?}");
        }
    };
    takes_the_folder("names that no stack uses");
    fs::write(dir.join("doors.route"), format!("use \"names.route\"\n\n{STACK}").replace("\"A\"", "a"))
        .unwrap();
    takes_the_folder("names that the stack uses");
}

#[test]
fn what_another_file_uses_is_no_stack() {
    let part = "halt never on \"A\" -> \"B\" { when msg.payload == 1 }\n";
    let root = "use \"./part.route\"\nuse \"more/../part2.route\"\n";
    let dir =
        folder(&[("flows.json", FLOWS), ("z.route", root), ("part.route", part), ("part2.route", STACK)]);
    fs::create_dir(dir.path().join("more")).unwrap();
    routec(dir.path(), &["explain", "."]).succeeds_with("halt part/never");
    routec(dir.path(), &["explain", "."]).succeeds_with("tap part2/all");
}

#[test]
fn of_several_stacks_one_is_to_be_named_and_it_is_said_how() {
    let dir =
        folder(&[("flows.json", FLOWS), ("doors.route", STACK), ("night.route", STACK), ("m.json", "{}")]);
    for (args, how) in [
        (vec!["check", "."], "routec check doors.route"),
        (vec!["lock"], "routec lock doors.route"),
        (vec!["graph", "."], "routec graph doors.route"),
        (vec!["test"], "routec test doors.route"),
        (vec!["run", "."], "routec run . --stack doors.route"),
        (vec!["trace", "m.json", "--wire", "A -> B"], "routec trace … --stack doors.route"),
        (vec!["replay", "m.json"], "routec replay … --stack doors.route"),
    ] {
        let several = "error: `.` holds several stacks: `doors.route`, `night.route`\n  help: name one: ";
        routec(dir.path(), &args).fails_with(2, &format!("{several}`{how}`\n"));
    }
    // Two that use each other: neither is the root.
    for (name, other) in [("doors.route", "night"), ("night.route", "doors")] {
        fs::write(dir.path().join(name), format!("use \"{other}.route\"\n")).unwrap();
    }
    routec(dir.path(), &["check", "."]).fails_with(2, "holds several stacks");
}

#[test]
fn a_file_with_an_error_counts_as_a_stack() {
    let dir =
        folder(&[("flows.json", FLOWS), ("doors.route", STACK), ("night.route", "haltt x on * -> *\n")]);
    routec(dir.path(), &["check", "."]).fails_with(2, "several stacks: `doors.route`, `night.route`");
}

/// A project whose flows lie in a folder of their own, as `route.toml` says.
fn apart() -> TempDir {
    let config = "[check]\nflows = \"nr/flows.json\"\n";
    let dir = folder(&[("route.toml", config), ("doors.route", STACK)]);
    fs::create_dir(dir.path().join("nr")).unwrap();
    fs::write(dir.path().join("nr/flows.json"), FLOWS).unwrap();
    dir
}

fn run(dir: &Path) -> Running {
    Running::start(dir, &["."])
}

#[test]
fn commands_take_a_folder_for_the_stack_and_for_the_flows() {
    let dir = folder(&[("flows.json", FLOWS), ("doors.route", STACK)]);
    let dir = dir.path();
    let running = run(dir);
    routec(dir, &["plan", "."]).succeeds_with("nothing would change");
    routec(dir, &["apply", "."]).succeeds_with("applied `doors`");
    assert!(running.interrupt());

    let dir = apart();
    let dir = dir.path();
    routec(dir, &["names", "."]).succeeds_with("let a = id \"a\"");
    routec(dir, &["check", "doors.route", "--flows", "."]).succeeds_with("no findings: 1 router");
    routec(dir, &["check", ".", "--flows", "nr"]).succeeds_with("no findings: 1 router");
    routec(dir, &["check", ".", "--flows", "nowhere"]).fails_with(2, "no such file: `nowhere`");
    routec(dir, &["run", ".", "--stack", "nr"]).fails_with(2, "there is no `.route` file in `nr`");
}

#[test]
fn all_files_of_a_folder_are_formatted() {
    let untidy = "stack   x\n";
    let dir =
        folder(&[("a.route", untidy), ("b.route", "stack b\n"), ("c.route", untidy), ("d.txt", untidy)]);
    let dir = dir.path();
    routec(dir, &["fmt", ".", "--check"])
        .fails_with(1, "would reformat `a.route`\nwould reformat `c.route`\n");
    routec(dir, &["fmt", "."]).succeeds_with("");
    let now =
        ["a.route", "b.route", "c.route", "d.txt"].map(|name| fs::read_to_string(dir.join(name)).unwrap());
    assert_eq!(now, ["stack x\n", "stack b\n", "stack x\n", untidy]);
    fs::create_dir(dir.join("empty")).unwrap();
    routec(dir, &["fmt", "empty"]).fails_with(2, "there is no `.route` file in `empty`");
}

#[test]
fn a_runtime_is_found_where_run_found_its_flows() {
    let dir = apart();
    let dir = dir.path();
    let running = Running::start_in(dir, &["."], "nr/.route");
    for of in [vec![], vec!["--of", "."], vec!["--of", "nr"], vec!["--of", "nr/flows.json"]] {
        routec(dir, &[vec!["status"], of].concat()).succeeds_with("stack doors");
    }
    routec(&dir.join("nr"), &["status"]).succeeds_with("stack doors");
    routec(dir, &["plan", "doors.route"]).succeeds_with("nothing would change");
    assert!(running.interrupt());
}

#[test]
fn a_slip_of_the_pen_finds_no_other_runtime() {
    let dir = folder(&[("flows.json", FLOWS)]);
    let running = Running::start(dir.path(), &["flows.json"]);
    let typo = dir.path().join("typo").display().to_string();
    let said = format!("error: no such file: `{typo}`");
    routec(Path::new("/"), &["status", "--of", &typo]).fails_with(2, &said);
    assert!(running.interrupt());
}

#[test]
#[cfg(unix)]
fn what_may_not_be_looked_at_is_not_said_to_be_absent() {
    let dir = folder(&[("doors.route", STACK)]);
    // Not even root can tell where it leads.
    std::os::unix::fs::symlink("flows.json", dir.path().join("flows.json")).unwrap();
    routec(dir.path(), &["check", "doors.route"]).fails_with(2, "error: cannot read `flows.json`: ");
}
