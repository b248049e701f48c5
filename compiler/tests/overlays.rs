//! Overlays: layers on top of a stack, which leave it as it was.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use route_chain::layer::without_layer;
use route_compiler::{Files, Input, Output, compile, flow};

const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
 {"id":"a","type":"inject","z":"t","name":"A","wires":[["b","c"]]},
 {"id":"b","type":"switch","z":"t","name":"B","wires":[["d"]]},
 {"id":"c","type":"debug","z":"t","name":"C","wires":[]},
 {"id":"d","type":"debug","z":"t","name":"D","wires":[]}]"#;

const BASE: &str = r#"stack s
use "common.route"
runtime edge { zenoh "tcp/127.0.0.1:7601" }
filter warm on "A" -> * { keep when hot or msg.unit matches /^C$/ }
set seen on * -> "D" { msg.seen = msg.payload.n }
"#;

const COMMON: &str = "predicate hot = msg.payload.temperature > 30\n";

struct Memory(BTreeMap<&'static str, String>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }
}

fn compiled(overlays: &[(&'static str, &str, &str)]) -> Output {
    let mut files = BTreeMap::from([("base.route", BASE.to_owned()), ("common.route", COMMON.to_owned())]);
    files.extend(overlays.iter().map(|(path, _, text)| (*path, (*text).to_owned())));
    let overlays: Vec<_> =
        overlays.iter().map(|(path, name, _)| ((*path).to_owned(), (*name).to_owned())).collect();
    let graph = flow::read(FLOWS).unwrap();
    compile(Input {
        overlays: &overlays,
        ..Input::new(&Memory(files), "base.route", &graph, ("flows.json", FLOWS))
    })
}

const DEBUG: &str = r#"use "common.route"
layer inner { break look on "A" -> "B" { when hot or msg.unit matches /^K$/  hold at most 5 for 10s then pass } }
tap all on * -> * { only msg.payload, msg.trace  to stream }
"#;

#[test]
fn a_stack_without_its_overlay_is_the_stack_compiled_alone() {
    let (alone, with) = (compiled(&[]).set.unwrap(), compiled(&[("debug.route", "debug", DEBUG)]));
    let with = with.set.unwrap();
    assert_eq!(with.routers.iter().filter(|r| r.layer == "debug").count(), 2);
    assert_ne!((with.wires.len(), with.paths.len()), (alone.wires.len(), alone.paths.len()));
    let source = alone.source.clone();
    assert_eq!(route_chain::ir::ChainSet { source, ..without_layer(&with, "debug") }, alone);
}

#[test]
fn of_two_overlays_each_leaves_alone() {
    let other = "set mark on * -> \"C\" { msg.mark = 1 }\n";
    let both = compiled(&[("debug.route", "debug", DEBUG), ("other.route", "other", other)]).set.unwrap();
    let (alone, first) = (compiled(&[]).set.unwrap(), without_layer(&both, "other"));
    let same = |mut set: route_chain::ir::ChainSet| {
        set.source.clear();
        set
    };
    assert_eq!(same(first.clone()), same(compiled(&[("debug.route", "debug", DEBUG)]).set.unwrap()));
    assert_eq!(same(without_layer(&first, "debug")), same(alone));
}

/// The messages of the findings.
fn found(path: &'static str, name: &str, text: &str) -> Vec<String> {
    let output = compiled(&[(path, name, text)]);
    output.diagnostics.iter().map(|d| format!("{}: {}", d.code(), d.message)).collect()
}

#[test]
fn what_an_overlay_cannot_do() {
    let fleet = "runtime cloud { zenoh \"tcp/127.0.0.1:7602\" }\nplace \"C\" on cloud\n";
    assert_eq!(found("o.route", "o", fleet), ["R1040: an overlay cannot change the fleet"; 2]);
    let tap = "tap all on * -> \"C\" { to stream }\n";
    assert_eq!(found("o.route", "main", tap), ["R1040: the stack has a layer `main` already"]);
    assert_eq!(found("base.route", "o", BASE), ["R1040: `base.route` is part of the stack already"]);
}
