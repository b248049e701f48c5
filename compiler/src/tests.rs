//! One-call tests: a stack with the findings it must have written below the words at fault.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use route_grammar::{Level, Severity};

use crate::testkit::{FLOW, Memory, chains_on, check};
use crate::{Input, Levels, Output, compile, explain, flow};

fn run_with(files: &[(&str, &str)], params: &[(&str, &str)], as_runtime: Option<&str>) -> Output {
    let graph = flow::read(FLOW).unwrap();
    let files = Memory(files.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
    let params: Vec<_> = params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    compile(Input {
        params: &params,
        as_runtime,
        ..Input::new(&files, "main.route", &graph, ("flows.json", FLOW))
    })
}

fn run(text: &str) -> Output {
    run_with(&[("main.route", text)], &[], None)
}

fn run_at(text: &str, levels: &Levels) -> Output {
    let graph = flow::read(FLOW).unwrap();
    let files = Memory(BTreeMap::from([("main.route".to_owned(), text.to_owned())]));
    compile(Input { levels, ..Input::new(&files, "main.route", &graph, ("flows.json", FLOW)) })
}

#[track_caller]
fn chains(text: &str) -> String {
    chains_on(FLOW, text)
}

#[test]
fn a_stack_becomes_chains_in_text_order() {
    insta::assert_snapshot!(chains(
        r#"
const hot = 35
let sensors = tab "Sensors" and type "inject"
predicate above(x, y) = x > y and msg.unit == "C"
filter plausible on sensors -> * { drop when not (msg.payload in -40..85) }
set site on * -> * { msg.site = source.name }
limit chatter on sensors -> * { at most 10/s per msg.topic }
tap audit on * -> "Alarm" { when above(msg.payload, hot) or msg.unit != "F" omit msg.secret to file "a.ndjson" }
halt retired on "Threshold"."ok" -> * { when dest.name == "Log" reason "old" }
halt never on * -> * { when source.type == "mqtt in" }
"#
    ), @r#"
    "Sensor 1".1 -> "Threshold"
        filter plausible: keep when msg.payload in -40..85
        set site: msg.site = "Sensor 1"
        limit chatter: at most 10/s per msg.topic

    "Sensor 2".1 -> "Threshold"
        filter plausible: keep when msg.payload in -40..85
        set site: msg.site = "Sensor 2"
        limit chatter: at most 10/s per msg.topic

    "Threshold".1 -> "Log"
        set site: msg.site = "Threshold"
        halt retired: stop reason "old"

    "Threshold".2 -> "Alarm"
        set site: msg.site = "Threshold"
        tap audit: when msg.unit != "F" to file "a.ndjson" omit msg.secret
    "#);
}

#[test]
fn equal_chains_are_stored_once_and_bare_wires_not_listed() {
    let set = run("tap all on \"Sensor*\" -> * { to stdout }\n").set.unwrap();
    assert_eq!((set.chains.len(), set.wires.len()), (2, 2));
    assert!(set.wires.iter().all(|wire| wire.chain == 1));
}

#[test]
fn unknown_names_are_told_with_what_is_near() {
    check(
        r#"
tap a on "Sensr 1" -> * { to stream }
//       ^^^^^^^^^ error[R1001]: no node is named `Sensr 1`
tap b on tab "Cellar" -> * { to stream }
//           ^^^^^^^^ error[R1002]: no tab is named `Cellar`
tap c on sensor -> * { to stream }
//       ^^^^^^ error[R1009]: no `let` is named `sensor`
tap d on "Twin" -> * { to stream }
//       ^^^^^^ error[R1007]: 2 nodes are named `Twin`
tap e on "Threshold".3 -> * { to stream }
//                   ^ error[R1014]: `Threshold` has no output 3
"#,
    );
}

#[test]
fn suggestions_only_when_close() {
    let output =
        run("tap a on \"Sensr 1\" -> * { to stream }\ntap b on \"Boiler room\" -> * { to stream }\n");
    assert_eq!(output.diagnostics[0].suggestions[0].edits[0].2, "\"Sensor 1\"");
    assert!(output.diagnostics[1].suggestions.is_empty());
}

#[test]
fn a_twin_is_told_apart_by_where_it_stands() {
    let output = run("redirect r on * -> \"Alarm\" { to node \"Twin\" in tab \"Alerts\" }\n");
    assert_eq!(output.diagnostics, []);
    let ambiguous = run("redirect r on * -> \"Alarm\" { to node \"Twin\" }\n");
    let d = &ambiguous.diagnostics[0];
    assert_eq!(d.rule, crate::codes::AMBIGUOUS_NODE);
    assert_eq!(d.suggestions[0].edits[0].2, "\"Twin\" in tab \"Sensors\"");
    let label = &d.secondary[0];
    assert_eq!(FLOW.get(label.span.range()), Some("\"Twin\""));
}

#[test]
fn what_is_declared_must_be_used() {
    check(
        r#"
let a = "Alarm"
//  ^ warning[R1013]: let `a` is never used
const b = 1
//    ^ warning[R1013]: const `b` is never used
predicate c = msg.x == 1
//        ^ warning[R1013]: predicate `c` is never used
allow(R1013) "kept for tests"
const d = 1
let by_id = id "al"
"#,
    );
}

#[test]
fn an_allow_names_a_rule_and_silences_its_findings_in_the_item() {
    check(
        r#"
allow(no-wire) "wired tomorrow"
tap a on "Sensor 1" -> "Alarm" { to stream }
allow(unused)
layer spare {
  const a = 1
}
allow(nothing) "?"
//    ^^^^^^^ warning[R1028]: there is no rule `nothing`
  allow(unknown-node)
//^^^^^^^^^^^^^^^^^^^ warning[R1027]: `allow(unknown-node)` silences nothing
tap b on "Nobody" -> * { to stream }
//       ^^^^^^^^ error[R1001]: no node is named `Nobody`
"#,
    );
}

#[test]
fn levels_make_findings_graver_or_silent() {
    let found = |set: &[(&str, Level)]| {
        let mut levels = Levels::default();
        set.iter().for_each(|(rule, level)| levels.set(rule, *level).unwrap());
        let text = "const a = 1\ntap b on \"Sensor 1\" -> \"Alarm\" { to stream }\n";
        let output = run_at(text, &levels);
        assert_eq!(output.set.is_none(), output.diagnostics.iter().any(|d| d.severity == Severity::Error));
        output.diagnostics.iter().map(|d| format!("{:?} {}", d.severity, d.rule.name)).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), ["Warning unused", "Warning no-wire"]);
    assert_eq!(found(&[("R1013", Level::Deny)]), ["Error unused", "Warning no-wire"]);
    assert_eq!(found(&[("warnings", Level::Deny), ("unused", Level::Allow)]), ["Error no-wire"]);
    assert_eq!(found(&[("warnings", Level::Allow), ("unused", Level::Deny)]), ["Error unused"]);
    let mut levels = Levels::default();
    assert_eq!(levels.set("unusd", Level::Warn).unwrap_err(), "there is no rule `unusd`; there is `unused`");
    assert!(levels.set("unknown-node", Level::Warn).unwrap_err().contains("always an error"));
}

#[test]
fn an_allow_that_silences_nothing_is_told() {
    let output = run("allow(R1013) \"why\"\ntap a on * -> * { to stream }\n");
    assert_eq!(output.diagnostics.len(), 1, "{:#?}", output.diagnostics);
    assert_eq!(output.diagnostics[0].rule, crate::codes::UNUSED_ALLOW);
}

#[test]
fn ends_and_targets_must_be_joined_and_live() {
    check(
        r#"
tap a on "Sensor 1" -> "Alarm" { to stream }
//       ^^^^^^^^^^^^^^^^^^^^^ warning[R3001]: no wire joins these ends
halt b on * -> "Dusty"
//             ^^^^^^^ warning[R1015]: node `Dusty` is disabled
//        ^^^^^^^^^^^^ warning[R3001]: no wire joins these ends
filter c on * -> *
//     ^ error[R0009]: `filter c`
"#,
    );
    let output = run("redirect b on * -> \"Alarm\" { to node \"Dusty\" }\n");
    assert!(output.diagnostics.iter().any(|d| d.rule == crate::codes::TARGET));
}

#[test]
fn operands_that_never_compare() {
    check(
        r#"
filter a on * -> * { keep when len(msg.x) == "5" }
//                             ^^^^^^^^^^^^^^^^^ error[R2001]: a number never compares with a text
filter b on * -> * { keep when msg.x + 1 }
//                             ^^^^^^^^^ error[R2004]: a condition is wanted here, this is a number
filter c on * -> * { keep when lower(msg.x, 1) == "a" }
//                             ^^^^^ error[R1025]: `lower` takes 1 values, not 2
filter d on * -> * { keep when lowr(msg.x) == "a" }
//                             ^^^^ error[R1024]: no function or predicate is named `lowr`
filter e on * -> * { keep when msg.x matches /a(/ }
//                                           ^^^^ error[R1017]: `a(` is no regular expression
limit f on * -> * { at most 10s }
//                          ^^^ error[R2002]: a rate, such as `10/s`, is wanted here, this is a duration
"#,
    );
}

#[test]
fn paths_are_checked_against_the_schema() {
    check(
        r#"
schema Reading { payload: { temperature: number, unit: "C" | "F" } }
carry Reading on "Sensor*" -> *
set s on "Sensor*" -> * { msg.site = "north" }
filter a on "Sensor 1" -> * { keep when msg.payload.temprature > 1 and msg.site == "north" }
//                                      ^^^^^^^^^^^^^^^^^^^^^^ error[R2003]: `Reading` has no field `temprature` here
filter b on "Sensor 1" -> * { keep when msg.payload.temperature == "hot" }
//                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[R2001]: a number never compares with a text
"#,
    );
}

#[test]
fn a_breakpoint_says_its_bound() {
    check(
        r#"
break b on * -> "Alarm" { when msg.x == 1 }
//    ^ warning[R3002]: break `b` has no bound
"#,
    );
}

/// What a warning misses may stand in the clause that could not be read.
#[test]
fn items_that_could_not_be_read_whole_get_no_warnings() {
    check(
        r#"
break b on * -> "Alarm" { hold 4 for 60s then pass }
//                             ^ error[R0001]: expected `at`, found `4`
break c on * -> "Alarm" { when msg.x == 1 }
//    ^ warning[R3002]: break `c` has no bound
"#,
    );
}

#[test]
fn names_defined_by_themselves() {
    let output = run("predicate a = b\npredicate b = a\nfilter f on * -> * { keep when a }\n");
    assert!(output.diagnostics.iter().any(|d| d.rule == crate::codes::RECURSION));
    assert!(output.set.is_none());
}

#[test]
fn parameters_are_read_by_their_type() {
    let text = "param hot: number = 35\nparam site: string\nfilter f on \"Sensor 1\" -> * { keep when msg.x > hot and msg.site == site }\n";
    let files = [("main.route", text)];
    let missing = run_with(&files, &[], None);
    assert_eq!(missing.diagnostics[0].rule, crate::codes::PARAM_MISSING);
    let wrong = run_with(&files, &[("hot", "warm"), ("site", "n")], None);
    assert_eq!(wrong.diagnostics[0].rule, crate::codes::PARAM_VALUE);
    let good = run_with(&files, &[("hot", "38.5"), ("site", "north")], None);
    let graph = flow::read(FLOW).unwrap();
    assert!(explain(&good, &graph, None).contains("keep when msg.x > 38.5 and msg.site == \"north\""));
}

#[test]
fn used_files_are_layers_and_may_not_use_themselves() {
    let a = "use \"lib/b.route\"\ntap last on \"Sensor 1\" -> * { to stream }\n";
    let good = run_with(
        &[("main.route", a), ("lib/b.route", "tap first on \"Sensor 1\" -> * { to stream }\n")],
        &[],
        None,
    );
    let routers: Vec<_> = good.set.unwrap().routers.into_iter().map(|r| (r.layer, r.name, r.line)).collect();
    assert_eq!(routers, [("b".to_owned(), "first".to_owned(), 1), ("main".to_owned(), "last".to_owned(), 2)]);
    let cycle = run_with(&[("main.route", a), ("lib/b.route", "use \"../main.route\"\n")], &[], None);
    assert!(cycle.diagnostics.iter().any(|d| d.rule == crate::codes::USE_CYCLE));
}

#[test]
fn wires_that_leave_get_a_remote() {
    let text = "runtime edge { zenoh \"tcp/10.0.0.2:7447\" }\nruntime cloud { nats \"nats://10.0.0.9:4222\" durable }\nplace tab \"Alerts\" on cloud\n";
    let edge = run_with(&[("main.route", text)], &[], None);
    assert_eq!(edge.diagnostics, []);
    let set = edge.set.unwrap();
    let fleet = set.fleet.unwrap();
    assert_eq!((fleet.me.as_str(), fleet.absent), ("edge", vec!["al".to_owned(), "d2".to_owned()]));
    assert_eq!(set.wires.len(), 1);
    assert_eq!((set.wires[0].from.as_str(), set.wires[0].port, set.wires[0].to.as_str()), ("th", 1, "al"));
    let cloud = run_with(&[("main.route", text)], &[], Some("cloud")).set.unwrap();
    assert_eq!((cloud.wires.len(), cloud.fleet.unwrap().absent.len()), (0, 6));
}

#[test]
fn a_hundred_thousand_wires_share_one_chain() {
    let mut text = String::from("[{\"id\":\"t\",\"type\":\"tab\",\"label\":\"T\"}");
    for at in 0..10_000 {
        let to: Vec<String> = (1..=10).map(|n| format!("\"n{}\"", (at + n) % 10_000)).collect();
        text.push_str(&format!(
            ",{{\"id\":\"n{at}\",\"type\":\"function\",\"z\":\"t\",\"name\":\"f{at}\",\"outputs\":1,\"wires\":[[{}]]}}",
            to.join(",")
        ));
    }
    text.push(']');
    let graph = flow::read(&text).unwrap();
    let files =
        Memory(BTreeMap::from([("main.route".to_owned(), "tap all on * -> * { to stdout }\n".to_owned())]));
    let output = compile(Input::new(&files, "main.route", &graph, ("flows.json", &text)));
    let set = output.set.unwrap();
    assert_eq!((set.wires.len(), set.chains.len()), (100_000, 2));
}

#[test]
fn tests_use_names_and_mention_routers_that_are_there() {
    check(
        r#"
let alarm = "Alarm"
tap audit on "Threshold" -> "Alarm" { to stream }
test "audited" {
  send "Threshold" -> alarm { payload: 1 }
  expect tap audt
//           ^^^^ error[R1031]: no router is named `audt`
  expect stopped by audit
//                  ^^^^^ error[R1031]: `audit` is a tap and never stops messages
  send "Threshold" -> alarm { payload: msg.x }
//                                     ^^^^^ error[R2007]: there is no message yet
  stub "Threshold" { pass to "hot" pass to 3 }
//                                         ^ error[R1014]: `Threshold` has no output 3
  expect sent to cloud
//               ^^^^^ error[R1008]: no runtime is named `cloud`
}
"#,
    );
}

#[test]
fn values_that_json_does_not_have_are_left_to_the_runtime() {
    let text = "halt h on \"Sensor 1\" -> * { when msg.payload < 7 / 0 or 0 / 0 == 0 / 0 }";
    insta::assert_snapshot!(chains(text), @r#"
    "Sensor 1".1 -> "Threshold"
        halt h: when msg.payload < 7 / 0 stop
    "#);
    check(
        r#"
const far = 7 / 0
          //^^^^^ error[R2006]: this is no constant; one is wanted here
const three = len("abc")
            //^^^^^^^^^^ error[R2006]: this is no constant; one is wanted here
const read = msg.payload
           //^^^^^^^^^^^ error[R2006]: this depends on the message; a constant is wanted here
halt h on "Sensor 1" -> * { when msg.payload in [far, three, read] }
"#,
    );
}
