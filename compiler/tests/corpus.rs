//! Every real flow of the corpus loads, spans point at what they say, and size costs time in proportion only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Instant;

use proptest::prelude::*;
use route_compiler::flow::{self, FlowGraph};
use route_compiler::names;

/// What holds for every graph.
fn check(graph: &FlowGraph, text: &str) {
    for (i, node) in graph.nodes.iter().enumerate() {
        assert!(text.get(node.span.range()).is_some() && text.get(node.name_span.range()).is_some());
        if let Some(instance) = node.instance {
            assert!((instance.0 as usize) < i, "an instance comes before its inside");
        }
    }
    for wire in &graph.wires {
        assert!(graph.node(wire.from).is_some() && graph.node(wire.to).is_some());
        assert!(text.get(wire.span.range()).is_some());
    }
    assert!(graph.wires.is_sorted_by_key(|w| (w.from, w.port)));
    let names = names::identifiers(graph);
    let unique: std::collections::HashSet<&String> = names.iter().collect();
    assert_eq!(unique.len(), graph.nodes.len());
}

#[test]
fn every_file_loads() {
    let Some(paths) = common::corpus() else { return };
    let (mut nodes, mut wires, mut odd) = (0, 0, 0);
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        match flow::read(&text) {
            Ok(graph) => {
                check(&graph, &text);
                let file = names::names(&graph);
                let (_, diagnostics) = route_grammar::parse(&file, route_grammar::FileId(0));
                assert!(diagnostics.is_empty(), "{}: {diagnostics:?}\n{file}", path.display());
                nodes += graph.nodes.len();
                wires += graph.wires.len();
                odd += graph.oddities.len();
            }
            Err(e) => {
                // The corpus may hold JSON that is no flow; then it must have no list of nodes in it.
                let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert!(!value.is_array() && value.get("flows").is_none(), "{}: {e}", path.display());
            }
        }
    }
    println!("{} files, {nodes} nodes, {wires} wires, {odd} oddities", paths.len());
    assert!(!paths.is_empty() && nodes > 0 && wires > 0);
}

/// Stacks that fit every flow.
const STACKS: [(&str, &str); 4] = [
    ("filter", "filter sound on * -> * { keep when has msg.payload }\n"),
    (
        "tap, set, limit",
        "tap before on * -> * { to stream }\nset mark on * -> * { msg.seen = true }\n\
         limit calm on * -> * { at most 100/s }\n",
    ),
    (
        "remote, break",
        "runtime here { zenoh \"tcp/10.0.0.1:7447\" }\nruntime there { zenoh \"tcp/10.0.0.2:7447\" }\n\
         remote far on * -> * { when msg.payload is number to there }\n\
         break stop on * -> * { when msg.topic == \"x\" hold at most 10 for 5s then pass }\n",
    ),
    (
        "halt, filter",
        "halt odd on * -> * { when msg.payload is null }\n\
         filter numbers on * -> * { keep when not (msg.payload is null) or msg.topic == \"x\" }\n",
    ),
];

struct One(String);

impl route_compiler::Files for One {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.clone())
    }
}

/// Every warning on real flows was looked at and is true: of each flow, the joins that wait for all parts of a `split`
/// and get them past the router, the `http in` nodes whose answer lies behind the remote, the tap that shows messages
/// before the change, the link of one example to a node that is not in it, and the filter that keeps all that the halt
/// before it lets through (and so stops no part).
#[test]
fn what_is_told_of_real_flows() {
    let Some(paths) = common::corpus() else { return };
    let mut told = String::new();
    for (name, stack) in STACKS {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for path in &paths {
            let text = std::fs::read_to_string(path).unwrap();
            let Ok(graph) = flow::read(&text) else { continue };
            let files = One(stack.to_owned());
            let output = route_compiler::compile(route_compiler::Input::new(
                &files,
                "s.route",
                &graph,
                ("flows.json", &text),
            ));
            for d in &output.diagnostics {
                println!("{name}: {}: {} {}", path.file_name().unwrap().display(), d.code(), d.message);
                *counts.entry(format!("{} {}", d.code(), d.rule.name)).or_default() += 1;
            }
        }
        println!("{name}: {counts:?}");
        let _ = writeln!(told, "{name}: {}", counts.into_keys().collect::<Vec<_>>().join(", "));
    }
    insta::assert_snapshot!(told, @r"
    filter: R1041 dangling-id, R3062 waiting-join
    tap, set, limit: R1041 dangling-id, R3062 waiting-join, R3065 tap-before-set
    remote, break: R1041 dangling-id, R3064 live-request
    halt, filter: R1041 dangling-id, R2050 always-true, R3062 waiting-join
    ");
}

#[test]
fn a_hundred_thousand_nodes() {
    let mut text = String::from("[{\"id\":\"t\",\"type\":\"tab\",\"label\":\"T\"}");
    for i in 0..100_000 {
        let (a, b) = ((i + 1) % 100_000, (i * 7 + 3) % 100_000);
        let _ = write!(
            text,
            ",\n{{\"id\":\"n{i}\",\"type\":\"function\",\"z\":\"t\",\"name\":\"step {i}\",\"func\":\"return msg;\",\
             \"outputs\":1,\"x\":{i},\"y\":20,\"wires\":[[\"n{a}\",\"n{b}\"]]}}"
        );
    }
    text.push(']');
    let start = Instant::now();
    let graph = flow::read(&text).unwrap();
    let oddities = graph.oddities.clone();
    println!("{} MiB read in {:?}", text.len() >> 20, start.elapsed());
    assert_eq!(graph.nodes.len(), 100_000);
    assert_eq!(graph.wires.len() + oddities.len(), 200_000);
    let start = Instant::now();
    let edges = graph.edges();
    assert_eq!(edges.downstream(&graph, graph.node_by_id("n5")).len(), 100_000);
    assert_eq!(names::names(&graph).lines().count(), 300_001);
    println!("reached and named in {:?}", start.elapsed());
}

const SEED: &str = r#"[{"id":"t","type":"tab","label":"T","env":[{"name":"A","value":"1","type":"num"}]},
{"id":"g","type":"group","z":"t","g":"g","nodes":["a"],"name":"G"},
{"id":"s","type":"subflow","name":"S","in":[{"wires":[{"id":"f"}]}],"out":[{"wires":[{"id":"f","port":0},{"id":"s","port":0}]}],"status":{"wires":[{"id":"f","port":0}]}},
{"id":"f","type":"function","z":"s","outputs":"1","x":1,"y":1,"wires":[[]]},
{"id":"i","type":"subflow:s","z":"t","x":1,"y":1,"wires":[["a"]],"env":[{"name":"B","value":"${A}"}]},
{"id":"a","type":"link out","z":"t","d":true,"g":"g","links":["b"],"x":-1.5e3,"y":1,"wires":[]},
{"id":"b","type":"link in","z":"t","links":["a"],"name":"\u00e9\ud83d\ude00","x":1,"y":1,"wires":[["i"]]}]"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_text_never_panics(cuts in prop::collection::vec((0..SEED.len(), 0..20_usize, ".{0,6}"), 1..6)) {
        let mut bytes = SEED.as_bytes().to_vec();
        for (at, len, new) in cuts {
            let at = at.min(bytes.len());
            let end = (at + len).min(bytes.len());
            bytes.splice(at..end, new.bytes());
        }
        let text = String::from_utf8_lossy(&bytes);
        match flow::read(&text) {
            Ok(graph) => check(&graph, &text),
            Err(e) => prop_assert!(text.get(e.span.range()).is_some(), "{:?}", e),
        }
        let json = text.trim_start_matches('\u{feff}');
        let serde = serde_json::from_str::<serde_json::Value>(json);
        let ours = flow::json::parse(json);
        if let (Ok(a), Ok(b)) = (&serde, &ours) {
            prop_assert_eq!(a, &b.to_value());
        }
        // The other way round there are texts that only this reader takes: lone surrogates, huge numbers.
        prop_assert!(serde.is_err() || ours.is_ok());
    }

    #[test]
    fn mutated_trees_never_panic(swaps in prop::collection::vec((0..400_usize, 0..400_usize), 1..8)) {
        let mut value: serde_json::Value = serde_json::from_str(SEED).unwrap();
        for (to, from) in swaps {
            let mut pool = Vec::new();
            collect(&value, &mut pool);
            let new = pool[from % pool.len()].clone();
            let mut count = to % pool.len();
            replace(&mut value, &mut count, &new);
        }
        let text = value.to_string();
        if let Ok(graph) = flow::read(&text) {
            check(&graph, &text);
        }
    }
}

fn collect<'v>(value: &'v serde_json::Value, pool: &mut Vec<&'v serde_json::Value>) {
    pool.push(value);
    match value {
        serde_json::Value::Array(list) => list.iter().for_each(|v| collect(v, pool)),
        serde_json::Value::Object(map) => map.values().for_each(|v| collect(v, pool)),
        _ => {}
    }
}

/// Puts `new` in the place of the `count`th value in document order.
fn replace(value: &mut serde_json::Value, count: &mut usize, new: &serde_json::Value) -> bool {
    if *count == 0 {
        *value = new.clone();
        return true;
    }
    *count -= 1;
    match value {
        serde_json::Value::Array(list) => list.iter_mut().any(|v| replace(v, count, new)),
        serde_json::Value::Object(map) => map.values_mut().any(|v| replace(v, count, new)),
        _ => false,
    }
}
