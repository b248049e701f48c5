//! Bad input to `routec`: each gets a clear error, the right exit status, and nothing is lost.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use route_tests::{Ran, Running, folder, routec};

const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
{"id":"a","type":"inject","z":"t","name":"A","wires":[["b"]]},
{"id":"b","type":"debug","z":"t","name":"B","wires":[]}]"#;

fn check(dir: &Path, stack: &str) -> Ran {
    routec(dir, &["check", stack])
}

#[test]
fn no_such_file() {
    let dir = folder(&[("flows.json", FLOWS)]);
    check(dir.path(), "x.route").fails_with(2, "no such file: `x.route`");
}

#[test]
fn a_directory_without_a_stack() {
    let dir = folder(&[("flows.json", FLOWS)]);
    check(dir.path(), ".").fails_with(2, "there is no `.route` file");
}

#[test]
fn a_directory_as_flows() {
    let dir = folder(&[("x.route", "stack x\n")]);
    fs::create_dir(dir.path().join("flows.json")).unwrap();
    check(dir.path(), "x.route").fails_with(2, "is a directory");
}

#[test]
fn not_utf8() {
    let dir = folder(&[("flows.json", FLOWS)]);
    fs::write(dir.path().join("x.route"), b"stack x\n\xff").unwrap();
    check(dir.path(), "x.route").fails_with(2, "is not UTF-8: byte 8");
}

#[test]
fn flows_that_are_not_utf8() {
    let dir = folder(&[("x.route", "stack x\n")]);
    fs::write(dir.path().join("flows.json"), b"[{\"id\":\"\xe9\"}]").unwrap();
    check(dir.path(), "x.route").fails_with(2, "`flows.json` is not UTF-8: byte 8");
}

#[test]
fn flows_that_are_not_json() {
    let dir = folder(&[("flows.json", "[{\"id\": }]"), ("x.route", "stack x\n")]);
    check(dir.path(), "x.route").fails_with(2, "`flows.json` is no flow");
}

#[test]
fn json_of_another_shape() {
    let dir = folder(&[("flows.json", "42"), ("x.route", "stack x\n")]);
    check(dir.path(), "x.route").fails_with(2, "`flows.json` is no flow");
}

#[test]
fn no_flows_beside_the_stack() {
    let dir = folder(&[("x.route", "stack x\n")]);
    check(dir.path(), "x.route").fails_with(2, "there is no `flows.json` beside");
}

#[test]
fn an_empty_flow_is_a_flow() {
    let dir = folder(&[("flows.json", "[]"), ("x.route", "stack x\n")]);
    check(dir.path(), "x.route").succeeds_with("no findings");
}

#[test]
fn a_clean_stack() {
    let dir = folder(&[
        ("flows.json", FLOWS),
        ("x.route", "stack x\n\ntap all on \"A\" -> \"B\" {\n  to stdout\n}\n"),
    ]);
    check(dir.path(), "x.route").succeeds_with("no findings: 1 router on 1 of 1 wire");
}

#[test]
fn a_finding_is_status_1() {
    let dir = folder(&[("flows.json", FLOWS), ("x.route", "stack x\n\nhalt no on \"Q\" -> \"B\"\n")]);
    check(dir.path(), "x.route").fails_with(1, "Q");
}

#[test]
fn a_file_that_uses_itself() {
    let dir = folder(&[("flows.json", FLOWS), ("x.route", "stack x\n\nuse \"x.route\"\n")]);
    let ran = check(dir.path(), "x.route");
    ran.fails_with(1, "uses itself");
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let deep = format!("stack x\n\npredicate p = {}true{}\n", "(".repeat(5000), ")".repeat(5000));
    let dir = folder(&[("flows.json", FLOWS), ("x.route", &deep)]);
    check(dir.path(), "x.route").fails_with(1, "nest");
}

#[test]
fn a_parameter_without_value() {
    let dir = folder(&[("flows.json", FLOWS), ("x.route", "stack x\n")]);
    routec(dir.path(), &["check", "x.route", "--param", "hot"]).fails_with(2, "`--param hot` has no value");
}

#[test]
fn no_runtime_here() {
    let dir = folder(&[("flows.json", FLOWS)]);
    routec(dir.path(), &["status"]).fails_with(2, "no runtime is running here");
}

#[test]
fn fmt_leaves_a_broken_file_alone() {
    let broken = "stack x\n\nhalt halt halt\n";
    let dir = folder(&[("x.route", broken)]);
    routec(dir.path(), &["fmt", "x.route"]).fails_with(1, "error");
    assert_eq!(fs::read_to_string(dir.path().join("x.route")).unwrap(), broken);
}

const STACK: &str = "stack x\n\ntap all on \"A\" -> \"B\" {\n  to stdout\n}\n";

/// A chain file of the flow, as text.
fn chain(dir: &Path) -> String {
    routec(dir, &["build", "x.route", "-o", "x.chain"]).succeeds_with("");
    fs::read_to_string(dir.join("x.chain")).unwrap()
}

#[test]
fn a_chain_file_that_is_damaged_or_of_another_version() {
    let dir = folder(&[("flows.json", FLOWS), ("x.route", STACK)]);
    let text = chain(dir.path());
    let running = Running::start(dir.path(), &["flows.json"]);
    let cut = &text[..text.len() / 2];
    let other = text.replace("\"version\":2", "\"version\":7");
    let wrong = text.replace("\"router\":0", "\"router\":9");
    assert!(other != text && wrong != text);
    for (bad, said) in [
        (cut, "`bad.chain`: the chain file is damaged"),
        (other.as_str(), "has version 7, this program reads version 2; compile the stack again"),
        (wrong.as_str(), "the chain file is invalid: a step has no router"),
    ] {
        fs::write(dir.path().join("bad.chain"), bad).unwrap();
        routec(dir.path(), &["apply", "bad.chain"]).fails_with(2, said);
        routec(dir.path(), &["run", "flows.json", "--stack", "bad.chain", "--state", "s"])
            .fails_with(2, said);
    }
    routec(dir.path(), &["apply", "x.chain"]).succeeds_with("applied `x`: 1 router on 1 wire");
    assert!(running.interrupt());
}

#[test]
fn a_chain_file_for_other_flows() {
    let dir = folder(&[("flows.json", FLOWS), ("x.route", STACK)]);
    chain(dir.path());
    fs::write(dir.path().join("flows.json"), FLOWS.replace("\"b\"", "\"c\"")).unwrap();
    routec(dir.path(), &["run", "flows.json", "--stack", "x.chain"])
        .fails_with(2, "the chain file was compiled against other flows");
    let running = Running::start(dir.path(), &["flows.json"]);
    for command in ["plan", "apply"] {
        let ran = routec(dir.path(), &[command, "x.chain"]);
        ran.fails_with(2, "the chain file was compiled against other flows than those that run (409)");
        ran.fails_with(2, "write it again with `routec build`");
    }
    routec(dir.path(), &["status"]).succeeds_with("stack (none)");
    assert!(running.interrupt());
}

#[test]
fn a_wrong_token_and_a_dead_runtime() {
    let dir = folder(&[("flows.json", FLOWS), ("x.route", STACK), ("wrong", "not the token")]);
    let running = Running::start(dir.path(), &["flows.json"]);
    routec(dir.path(), &["apply", "x.route", "--token-file", "wrong"])
        .fails_with(2, "does not take this token");
    routec(dir.path(), &["status", "--token-file", "nowhere"])
        .fails_with(2, "cannot read the token in `nowhere`");
    routec(dir.path(), &["status", "--token-file", "/dev/null"])
        .fails_with(2, "the token file `/dev/null` is empty");
    routec(dir.path(), &["status", "--token", "a\nb"])
        .fails_with(2, "the token is no token: it has several lines");
    routec(dir.path(), &["run", "flows.json"]).fails_with(2, "is in use by another runtime (process ");
    drop(running.kill());
    routec(dir.path(), &["status"]).fails_with(2, "no runtime answers at http://127.0.0.1:");
    // What a killed runtime leaves behind does not keep the next one from starting.
    assert!(Running::start(dir.path(), &["flows.json"]).interrupt());
}

#[test]
fn an_address_that_is_none() {
    let dir = folder(&[("flows.json", FLOWS)]);
    let running = Running::start(dir.path(), &["flows.json"]);
    let address = fs::read_to_string(dir.path().join(".route/control.addr")).unwrap();
    let address = address.trim();
    let status = |target: &str| routec(dir.path(), &["status", "--target", target]);
    status(address).fails_with(2, &format!("write `http://{address}`"));
    status(&format!("http://{address}")).succeeds_with("stack (none)");
    let tls = status(&format!("https://{address}"));
    tls.fails_with(2, &format!("what listens there speaks no TLS: is it `http://{address}`?"));
    // 2 would say that something changes.
    routec(dir.path(), &["plan", ".", "--detailed-exitcode", "--target", address])
        .fails_with(1, "write `http");
    assert!(running.interrupt());
}

#[test]
fn a_state_folder_that_cannot_be_used() {
    let dir = folder(&[("flows.json", FLOWS), ("file", "")]);
    routec(dir.path(), &["run", "flows.json", "--state", "file"])
        .fails_with(2, "cannot use the state folder `file`");
    routec(dir.path(), &["run", "flows.json", "--state", "/proc/none"])
        .fails_with(2, "cannot use the state folder `/proc/none`");
}

#[test]
fn a_control_address_that_others_reach() {
    let dir = folder(&[("flows.json", FLOWS)]);
    routec(dir.path(), &["run", "flows.json", "--control", "0.0.0.0:0"])
        .fails_with(2, "the control API listens on this machine alone");
}

/// More than any flow that was ever seen: refused or read within bounds, never a crash.
#[test]
fn flows_of_200_megabytes() {
    let dir = folder(&[("s.route", "tap all on * -> * { to counter \"all\" }\n")]);
    let mut text = String::with_capacity(200 << 20);
    text.push_str("[{\"id\":\"t\",\"type\":\"tab\"},{\"id\":\"a\",\"z\":\"t\",\"type\":\"inject\",\"wires\":[[\"b\"]]},");
    // One function with all of its code, as a generated flow may have it.
    text.push_str("{\"id\":\"b\",\"z\":\"t\",\"type\":\"function\",\"wires\":[],\"func\":\"");
    while text.len() < 200 << 20 {
        text.push_str("node.log('0123456789 0123456789 0123456789 0123456789 0123456789');");
    }
    text.push_str("\"}]");
    std::fs::write(dir.path().join("flows.json"), &text).unwrap();
    drop(text);
    check(dir.path(), "s.route").succeeds_with("1 router on 1 of 1 wire");
}

#[test]
fn a_stack_of_ten_thousand_routers() {
    let rules: String = (0..10_000)
        .map(|at| {
            format!(
                "halt h{at} on \"A\" -> \"B\" {{ when msg.topic == \"t/{at}\" and msg.n > {} }}\n",
                at % 7
            )
        })
        .collect();
    let dir = folder(&[("flows.json", FLOWS), ("s.route", &rules)]);
    check(dir.path(), "s.route").succeeds_with("10000 routers on 1 of 1 wire");
    routec(dir.path(), &["build", "s.route", "-o", "s.json"]).succeeds_with("");
    // One more than the limit is said once.
    let many: String =
        (0..30_000).map(|at| format!("halt h{at} on * -> * {{ when msg.n == {at} }}\n")).collect();
    std::fs::write(dir.path().join("s.route"), many).unwrap();
    let ran = check(dir.path(), "s.route");
    assert!(
        ran.code == 1 && ran.stdout.contains("items") && ran.stdout.len() < 4000,
        "{} {}",
        ran.code,
        ran.stdout.len()
    );
}

#[test]
fn arguments_that_go_by_another_name_or_mean_nothing() {
    let dir = folder(&[]);
    let tip = "a similar argument exists: '--output-format'";
    routec(dir.path(), &["check", "x.route", "--format", "json"]).fails_with(2, tip);
    routec(dir.path(), &["test", "--format=json"]).fails_with(2, tip);
    routec(dir.path(), &["tap", "all", "--count", "0"]).fails_with(2, "invalid value '0' for '--count <N>'");
}

/// Editors and shells of some systems put one before what they write.
#[test]
fn a_byte_order_mark_before_json() {
    let mark = |text: &str| format!("\u{feff}{text}");
    let line = "{\"from\": \"a\", \"port\": 0, \"to\": \"b\", \"msg\": {\"payload\": 1}}\n";
    let dir = folder(&[
        ("flows.json", &mark(FLOWS)),
        ("x.route", &mark(STACK)),
        ("route.toml", &mark("[levels]\n")),
        ("m.json", &mark("{\"payload\": 1}")),
        ("lines.ndjson", &mark(line)),
        ("shape.json", &mark("{\"type\": \"object\"}")),
    ]);
    let ran = |args: &[&str]| routec(dir.path(), args);
    ran(&["trace", "m.json", "--wire", "A -> B"]).succeeds_with("delivered to \"B\"");
    ran(&["infer", "m.json"]).succeeds_with("schema M");
    ran(&["infer", "lines.ndjson", "--each"]).succeeds_with(" on id \"a\".1");
    ran(&["replay", "lines.ndjson"]).succeeds_with("1 message replayed");
    ran(&["schema", "shape.json"]).succeeds_with("schema Shape");
    ran(&["lock"]).succeeds_with("");
    for (name, text) in [("route.lock", None), ("x.chain", Some(chain(dir.path())))] {
        let text = text.unwrap_or_else(|| fs::read_to_string(dir.path().join(name)).unwrap());
        fs::write(dir.path().join(name), mark(&text)).unwrap();
    }
    ran(&["check", "x.route"]).succeeds_with("no findings");
    let running = Running::start(dir.path(), &["flows.json", "--stack", "x.chain"]);
    ran(&["apply", "x.chain"]).succeeds_with("applied `x`");
    assert!(running.interrupt());
}

#[test]
fn json_that_is_no_stack() {
    let dir = folder(&[("flows.json", FLOWS), ("x.route", STACK), ("m.json", "{\"payload\": 1}")]);
    let running = Running::start(dir.path(), &["flows.json"]);
    for (file, state) in [("m.json", "s"), ("flows.json", "t")] {
        let said = format!("`{file}` is no chain file, and no stack either");
        routec(dir.path(), &["apply", file]).fails_with(2, &said);
        routec(dir.path(), &["run", "flows.json", "--stack", file, "--state", state]).fails_with(2, &said);
    }
    routec(dir.path(), &["plan", "x.route", "--out", "x.plan"]).succeeds_with("saved");
    routec(dir.path(), &["plan", "x.plan"]).fails_with(2, "`x.plan` is a plan already");
    assert!(running.interrupt());
}
