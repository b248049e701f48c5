//! `route.toml`, the environment and the flags: which of them counts, and what is said when one is wrong.
#![allow(clippy::unwrap_used)]

use std::fs;

use route_tests::routec;
use tempfile::TempDir;

const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
{"id":"a","type":"inject","z":"t","name":"A","wires":[["b"]]},
{"id":"b","type":"debug","z":"t","name":"B","wires":[]}]"#;

const STACK: &str = "param hot: number = 30\n\nconst spare = 1\n\nhalt cold on \"A\" -> \"B\" {\n  when msg.payload < hot\n}\n";

/// A project whose flows lie elsewhere, with this `route.toml`.
fn project(config: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("stacks/one")).unwrap();
    fs::create_dir(dir.path().join("deployed")).unwrap();
    fs::write(dir.path().join("deployed/flows.json"), FLOWS).unwrap();
    fs::write(dir.path().join("stacks/one/cold.route"), STACK).unwrap();
    fs::write(dir.path().join("route.toml"), config).unwrap();
    dir
}

const FLOWS_KEY: &str = "[check]\nflows = \"deployed/flows.json\"\n";

#[test]
fn the_nearest_file_upward_names_the_flows() {
    let dir = project(FLOWS_KEY);
    routec(dir.path(), &["check", "stacks/one/cold.route"]).fails_with(1, "const `spare` is never used");
    routec(&dir.path().join("stacks/one"), &["check", "cold.route"])
        .fails_with(1, "const `spare` is never used");
    fs::write(dir.path().join("stacks/route.toml"), "[check]\nflows = \"none.json\"\n").unwrap();
    routec(dir.path(), &["check", "stacks/one/cold.route"]).fails_with(2, "no such file: `stacks/none.json`");
}

#[test]
fn levels_come_from_the_file_and_then_from_flags() {
    let dir = project(&format!("{FLOWS_KEY}[levels]\nunused = \"allow\"\n"));
    let check = |more: &[&str]| routec(dir.path(), &[&["check", "stacks/one/cold.route"], more].concat());
    check(&[]).succeeds_with("no findings: 1 router on 1 of 1 wire");
    check(&["--warn", "R1013"]).fails_with(1, "1 warning");
    check(&["--warn", "R1013", "--max-warnings", "1"]).succeeds_with("1 warning");
    check(&["--deny", "unused"]).fails_with(1, "1 error");
    check(&["--deny", "unusd"]).fails_with(2, "`--deny unusd`: there is no rule `unusd`; there is `unused`");
    check(&["--allow", "unknown-node"]).fails_with(2, "`unknown-node` is always an error");
}

#[test]
fn parameters_of_the_file_may_belong_to_other_stacks() {
    let dir = project(&format!("{FLOWS_KEY}[params]\nhot = \"warm\"\nother = 1\n"));
    let check = |more: &[&str]| {
        routec(dir.path(), &[&["check", "stacks/one/cold.route", "--allow", "unused"], more].concat())
    };
    check(&[]).fails_with(1, "parameter `hot` was set to `warm`, which is no number");
    check(&["--param", "hot=20"]).succeeds_with("no findings");
    check(&["--param", "hot=20", "--param", "other=2"]).fails_with(1, "the stack has no such parameter");
}

#[test]
fn the_format_comes_from_the_file_unless_a_flag_asks_for_another() {
    let dir = project(&format!("{FLOWS_KEY}output-format = \"concise\"\n"));
    let stack = "stacks/one/cold.route";
    routec(dir.path(), &["check", stack]).fails_with(1, "cold.route:3:7: warning[R1013]: const `spare`");
    routec(dir.path(), &["check", stack, "--output-format", "json-lines"])
        .fails_with(1, "\"rule\":\"unused\"");
}

#[test]
fn a_wrong_key_is_an_error_with_its_line() {
    let dir = project("[check]\nflow = \"deployed/flows.json\"\n");
    let ran = routec(dir.path(), &["check", "stacks/one/cold.route"]);
    ran.fails_with(2, "error: `route.toml`, line 2: there is no key `flow`\n  help: there is `flows`");
}

#[test]
fn rules_explain_themselves() {
    let dir = TempDir::new().unwrap();
    routec(dir.path(), &["explain", "R1001"]).succeeds_with("# unknown-node (R1001)");
    routec(dir.path(), &["explain", "unbounded-break"]).succeeds_with("## Passes");
    routec(dir.path(), &["explain", "--all"]).succeeds_with("R1013  unused ");
    routec(dir.path(), &["explain", "R9999"]).fails_with(2, "there is no rule `R9999`");
    routec(dir.path(), &["explain", "unknwn-node"]).fails_with(
        2,
        "there is no rule `unknwn-node`, and no file or folder\n  help: there is `unknown-node`",
    );
    routec(dir.path(), &["explain", "doors.route"]).fails_with(2, "no such file: `doors.route`");
}

#[test]
fn a_runtime_is_named_where_there_are_some() {
    let dir = project(&format!("{FLOWS_KEY}as = \"attic\"\n"));
    let stack = dir.path().join("stacks/one/cold.route");
    let check =
        |more: &[&str]| routec(dir.path(), &[&["check", "stacks/one", "--allow", "unused"], more].concat());
    // What `route.toml` says may be for other stacks.
    check(&[]).succeeds_with("no findings");
    check(&["--as", "attic"]).fails_with(2, "`--as attic`: the stack has no runtimes");
    let fleet = "runtime house { zenoh \"tcp/127.0.0.1:1\" }\nruntime attic { zenoh \"tcp/127.0.0.1:2\" }\n";
    fs::write(&stack, format!("{fleet}{STACK}")).unwrap();
    check(&[]).succeeds_with("no findings");
    check(&["--as", "cellar"]).fails_with(1, "no runtime is named `cellar`");
}
