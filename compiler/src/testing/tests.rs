//! One call on a stack with its tests: all pass, or what is said of those that fail.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::sync::Arc;

use super::run::{Options, Results, run};
use crate::flow::FlowGraph;
use crate::world::{NoModules, Stage};
use crate::{Files, Input, Output, compile, flow};

const FLOW: &str = r#"[
 {"id":"t1","type":"tab","label":"Sensors"},
 {"id":"t2","type":"tab","label":"Alerts"},
 {"id":"s1","type":"inject","z":"t1","name":"Sensor","wires":[["th","j1"]]},
 {"id":"j1","type":"junction","z":"t1","wires":[["lo"]]},
 {"id":"th","type":"switch","z":"t1","name":"Threshold","outputs":2,"outputLabels":["ok","hot"],"wires":[["lo"],["al"]]},
 {"id":"lo","type":"debug","z":"t1","name":"Log","wires":[]},
 {"id":"al","type":"function","z":"t2","name":"Alarm","wires":[["ma"]]},
 {"id":"ma","type":"debug","z":"t2","name":"Mail","wires":[]}
]"#;

struct One<'t>(&'t str);

impl Files for One<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
}

/// Runs all tests of a compiled stack, for every runtime of its fleet.
pub(crate) fn run_all(output: &Output, graph: &FlowGraph) -> Results {
    run_sets(output, graph, vec![Arc::new(output.set.clone().unwrap())])
}

fn run_sets(output: &Output, graph: &FlowGraph, sets: Vec<Arc<route_chain::ir::ChainSet>>) -> Results {
    let stage = Stage::new(graph, sets).unwrap();
    let options = Options { wanted: &|_| true, seed: 7, threads: 2, modules: &|| Box::new(NoModules) };
    run(output, &stage, &options)
}

fn results(text: &str) -> (Output, Results) {
    let graph = flow::read(FLOW).unwrap();
    let files = One(text);
    let input = Input {
        passes: crate::opt::Passes::LOWERED,
        ..Input::new(&files, "main.route", &graph, ("flows.json", FLOW))
    };
    let output = compile(input);
    assert!(output.set.is_some(), "{:#?}", output.diagnostics);
    let mut sets = vec![Arc::new(output.set.clone().unwrap())];
    if let Some(fleet) = sets[0].fleet.clone() {
        let of = |name: &str| compile(Input { as_runtime: Some(name), ..input }).set.unwrap();
        sets = fleet.runtimes.iter().map(|runtime| Arc::new(of(&runtime.name))).collect();
    }
    let results = run_sets(&output, &graph, sets);
    (output, results)
}

#[track_caller]
fn passes(text: &str) {
    let (output, results) = results(text);
    assert_eq!(said(&output, &results), "", "{text}");
    assert!(results.tests.iter().all(|test| test.expectations > 0));
}

/// What is said of tests that fail: the message, each marked place with what is said there, and what ran.
fn said(output: &Output, results: &Results) -> String {
    let mut out = String::new();
    for failure in results.tests.iter().flat_map(|test| &test.failures) {
        let d = &failure.diagnostic;
        let _ = writeln!(out, "{}", d.message);
        for label in std::iter::once(&d.primary).chain(&d.secondary) {
            let text = &output.sources.get(label.file).unwrap().text[label.span.range()];
            let _ = writeln!(out, "  `{text}` {}", label.text);
        }
        d.help.iter().for_each(|help| writeln!(out, "  = {help}").unwrap());
        for hop in &failure.told {
            let _ = writeln!(out, "  {} -> {}", hop.from, hop.to);
            hop.routers.iter().for_each(|r| writeln!(out, "    {} {}: {}", r.kind, r.name, r.did).unwrap());
            let _ = writeln!(out, "    {}", hop.ended);
        }
    }
    out
}

fn fails(text: &str) -> String {
    let (output, results) = results(text);
    said(&output, &results)
}

#[test]
fn every_outcome_can_be_expected() {
    passes(
        r#"
param hot: number = 35
filter plausible on "Sensor" -> * { keep when msg.payload in -40..85 }
set site on "Sensor" -> * { msg.site = "north" }
tap audit on "Threshold".2 -> * { when msg.payload > hot only msg.payload to stdout }
break look on "Threshold".2 -> * { when msg.topic == "look" hold at most 2 for 30s then drop }
redirect canary on "Threshold".1 -> * { when msg.topic == "canary" to node "Mail" }
halt retired on "Alarm" -> * { when msg.topic == "old" reason "gone" as error }
limit once on "Alarm" -> * { distinct by msg.payload within 10s }

test "a reading is delivered with its site" {
  send "Sensor" -> "Threshold" { payload: 20 }
  expect delivered to "Threshold"
  expect delivered to "Threshold" 1 times with { site: "north" } where msg.payload == 20
  expect msg.site == "north" and msg.payload < hot
  expect not msg.site == "south"
  expect not stopped
  expect no error
  expect not delivered to "Log"
}
test "an implausible one stops" {
  send "Sensor" -> "Threshold" { payload: 999 }
  expect stopped by plausible
  expect nothing
}
test "nodes that only hand on need no stub" {
  send "Sensor" -> type "junction" { payload: 1 }
  expect delivered to "Log" with { payload: 1, site: "north" }
}
test "over several wires" {
  stub "Threshold" { pass to "hot" when msg.payload > hot pass to 1 when not (msg.payload > hot) }
  stub "Alarm" { send { payload: msg.payload + 1, was: { value: msg.payload } } }
  send "Sensor" -> "Threshold" { payload: 40 }
  expect tap audit with { payload: 40 }
  expect tap audit where not has msg.site
  expect delivered to "Mail" with { payload: 41, was: { value: 40 } }
  send "Sensor" -> "Threshold" { payload: 20 }
  expect delivered to "Log"
  expect no tap audit
}
test "held, then dropped" {
  send "Threshold".2 -> "Alarm" { payload: 1, topic: "look" } 3 times
  expect held by look 2 times
  expect stopped by look 1 times
  advance 29s
  expect nothing
  advance 1s
  expect stopped by look 2 times
}
test "redirected" {
  send "Threshold".1 -> "Log" { topic: "canary" }
  expect redirected by canary to "Mail"
  expect delivered to "Mail"
  expect not delivered to "Log"
}
test "an error" {
  send "Alarm" -> "Mail" { topic: "old" }
  expect error "gone"
  expect stopped by retired
}
test "once in ten seconds" {
  send "Alarm" -> "Mail" { payload: 1 } 3 times every 5s
  expect delivered 2 times
  expect stopped by once
}
"#,
    );
}

#[test]
fn what_is_said_of_a_failure() {
    let said = fails(
        r#"
param hot: number = 35
predicate above(x, y) = x > y
predicate odd = msg.unit != "C"
filter plausible on "Sensor" -> * { keep when msg.payload.t in -40..85 and msg.ok }
tap audit on "Sensor" -> "Threshold" { when above(msg.payload.t, hot) or odd to stdout }
test "one" {
  send "Sensor" -> "Threshold" { payload: { t: 34 }, ok: true, unit: "C" }
  expect tap audit
  expect msg.payload.t == hot
  expect delivered with { payload: { t: 34, u: 1 } }
  expect delivered where len(msg.unit) > 1
  expect delivered to "Log"
  expect delivered 2 times
  expect nothing
}
test "two" {
  send "Sensor" -> * { payload: { t: 99 } }
  expect delivered to "Threshold"
  expect not stopped by plausible
  expect tap audit
}
test "three" {
  send "Alarm" -> "Mail" {}
  expect stopped by plausible
}
"#,
    );
    insta::assert_snapshot!(said);
}

#[test]
fn a_fleet_is_tested_as_a_whole() {
    passes(
        r#"
runtime edge { zenoh "tcp/10.0.0.2:7447" }
runtime cloud { zenoh "tcp/10.0.0.3:7447" }
place tab "Alerts" on cloud
remote far on "Threshold".1 -> * { to cloud unreachable error }
filter loud on "Alarm" -> * { keep when msg.payload > 10 }
test "what leaves arrives, and goes on there" {
  stub "Alarm" { pass }
  send "Threshold".2 -> "Alarm" { payload: 11 }
  expect sent to cloud
  expect delivered to "Mail"
  send "Threshold".2 -> "Alarm" { payload: 9 }
  expect stopped by loud
}
test "away" {
  unreachable cloud
  send "Threshold".2 -> "Alarm" { payload: 11 }
  expect held
  expect not delivered
  send "Threshold".1 -> "Log" {}
  expect error "cloud cannot be reached"
}
"#,
    );
}

#[test]
fn stubs_that_go_round_end_the_test() {
    let flow_goes_round = r#"
tap all on * -> * { to stream }
test "round" {
  stub "Alarm" { pass }
  stub "Mail" {}
  send "Sensor" -> type "mqtt *" {}
  expect nothing
}
"#;
    assert!(fails(flow_goes_round).starts_with("nothing is sent here: no wire joins these ends"));
}

#[test]
fn outcomes_of_atoms_are_counted() {
    let (_, results) = results(
        r#"
schema Reading { payload: number, unit?: string }
carry Reading on "Sensor" -> *
predicate big = msg.payload > 10
filter f on "Sensor" -> * { keep when big and msg.unit != "C" }
tap t on "Sensor" -> "Threshold" { when has msg.unit or source.name == "Sensor" and big to stream }
halt never on "Alarm" -> * { when msg.payload == 1 }
test "t" {
  send "Sensor" -> "Threshold" { payload: 20 }
  send "Sensor" -> "Threshold" { payload: 20, unit: "C" }
  expect delivered once_only times
}
const once_only = 1
"#,
    );
    let shown: Vec<String> = results
        .coverage
        .routers
        .iter()
        .map(|r| {
            let atoms = r.atoms.iter().map(|a| format!(" {}={}/{}/{:?}", a.text, a.held, a.failed, a.absent));
            format!("{} {}/{}:{}", r.name, r.came, r.applied, atoms.collect::<String>())
        })
        .collect();
    assert_eq!(
        shown,
        [
            r#"f 2/2: big=2/0/None msg.unit != "C"=0/1/Some(1)"#,
            "t 1/1: has msg.unit=0/1/None big=1/0/None",
            "never 0/0: msg.payload == 1=0/0/Some(0)",
        ]
    );
    assert_eq!(results.coverage.reached(), super::coverage::Share { met: 2, of: 3 });
}
