//! Nanoseconds per hop of the runtime: a source, ten nodes that hand on, a sink, with 0, 1 and 100 routers on every wire.
//! What source and sink cost is taken off: a hop is a tenth of the difference to a row without the ten nodes.
//! `cargo bench -p route-benches --bench hops`.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::cell::RefCell;
use std::time::{Duration, Instant};

use route_benches::{Sample, stack, table};
use route_chain::ir::ChainSet;
use route_chain::{Message, Value};
use route_runtime::deploy::{Deploy, Flow, FlowNode};
use route_runtime::engine::{Options, run};
use route_runtime::node::{MakeNode, Node, NodeCx, NodeInfo};
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;

/// Messages of one run.
const MESSAGES: u64 = 200_000;
/// Messages that the source sends before it lets others run.
const BURST: u64 = 500;
/// Nodes between source and sink.
const NODES: usize = 10;

thread_local! {
    /// Told by the sink when the last message is there.
    static DONE: RefCell<Option<oneshot::Sender<Instant>>> = const { RefCell::new(None) };
    static BEGAN: RefCell<Option<Instant>> = const { RefCell::new(None) };
}

/// Sends all messages, burst by burst.
struct Source(u64);

impl Node for Source {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        BEGAN.set(Some(Instant::now()));
        cx.timer(Duration::ZERO, 0);
    }
    fn on_message(&mut self, _: Message, _: &mut NodeCx<'_>) {}
    fn on_timer(&mut self, _: u64, cx: &mut NodeCx<'_>) {
        for _ in 0..BURST.min(MESSAGES - self.0) {
            self.0 += 1;
            let mut msg = Message::new();
            msg.set("_msgid", Value::text("0123456789abcdef"));
            msg.set("topic", Value::text("plant/line7/temp"));
            msg.set(
                "payload",
                Value::object([("temperature", Value::Number(self.0 as f64)), ("unit", Value::text("C"))]),
            );
            cx.send(0, msg);
        }
        if self.0 < MESSAGES {
            cx.timer(Duration::ZERO, 0);
        }
    }
}

/// Counts.
struct Sink(u64);

impl Node for Sink {
    fn on_message(&mut self, _: Message, _: &mut NodeCx<'_>) {
        self.0 += 1;
        if self.0 == MESSAGES
            && let Some(done) = DONE.take()
        {
            let _ = done.send(Instant::now());
        }
    }
}

fn find(ty: &str) -> Option<MakeNode> {
    match ty {
        "source" => Some(|_| Ok(Box::new(Source(0)))),
        "sink" => Some(|_| Ok(Box::new(Sink(0)))),
        other => route_runtime::nodes::find(other),
    }
}

/// A row of nodes of one type.
fn flows(ty: &str, nodes_between: usize) -> Json {
    let mut nodes = vec![json!({"id": "t", "type": "tab", "label": "T"})];
    let mut add = |at: usize, ty: &str, more: Json| {
        let mut node = json!({"id": format!("n{at}"), "type": ty, "z": "t", "name": format!("N{at}"), "wires": [[format!("n{}", at + 1)]]});
        node.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        nodes.push(node);
    };
    add(0, "source", json!({}));
    let rules = json!([{"t": "set", "p": "payload.seen", "pt": "msg", "to": "true", "tot": "bool"}]);
    (1..=nodes_between).for_each(|at| add(at, ty, json!({ "rules": rules })));
    nodes
        .push(json!({"id": format!("n{}", nodes_between + 1), "type": "sink", "z": "t", "name": "End", "wires": []}));
    Json::Array(nodes)
}

fn flow(flows: &Json, hash: &str) -> Flow {
    let nodes = flows.as_array().unwrap().iter().filter(|n| n["type"] != "tab");
    let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
    let node = |n: &Json| FlowNode {
        info: NodeInfo {
            id: text(&n["id"]),
            ty: text(&n["type"]),
            name: text(&n["name"]),
            z: text(&n["z"]),
            groups: Vec::new(),
            outputs: 1,
            config: n.as_object().cloned().unwrap_or_default(),
            wires: serde_json::from_value(n["wires"].clone()).unwrap(),
        },
        env: Vec::new(),
    };
    Flow { nodes: nodes.map(node).collect(), configs: Vec::new(), hash: hash.to_owned() }
}

/// Nanoseconds for each message from the first to the last, median of some runs.
fn median(flows: &Json, set: &ChainSet, rounds: usize) -> f64 {
    let mut times: Vec<f64> = (0..rounds).map(|_| once(flows, set)).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2] * 1e9 / MESSAGES as f64
}

/// Seconds from the first message to the last.
fn once(flows: &Json, set: &ChainSet) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (tell, told) = oneshot::channel();
    DONE.set(Some(tell));
    let options = Options { find, ..Options::default() };
    let deploy = Deploy { flow: flow(flows, &set.flows), stack: Some(set.clone()) };
    let ended = std::rc::Rc::new(std::cell::Cell::new(None));
    let at = ended.clone();
    let totals = runtime.block_on(run(deploy, options, async move { at.set(told.await.ok()) })).unwrap();
    let wires = flows.as_array().map_or(0, Vec::len) as u64 - 2;
    assert_eq!(totals.delivered, MESSAGES * wires, "{totals:?}");
    let ended: Instant = ended.get().expect("the sink told the end");
    (ended - BEGAN.take().expect("the source began")).as_secs_f64()
}

fn main() {
    let quick = std::env::args().any(|a| a == "--quick");
    let rounds = if quick { 3 } else { 15 };
    let rules = |n: u32, rule: fn(u32) -> String| (0..n).map(rule).collect::<Vec<_>>().join("\n");
    let one = |i: u32| format!("filter f{i} on * -> * {{ keep when msg.payload.temperature > -{i}00 }}");
    let topics = |i: u32| format!("halt h{i} on * -> * {{ when msg.topic == \"dev/{i}\" }}");
    let stacks = [
        ("no router", String::new()),
        ("1 filter", rules(1, one)),
        ("100 filters on a number", rules(100, one)),
        ("100 halts on a topic", rules(100, topics)),
    ];
    let mut samples = Vec::new();
    let only = std::env::var("ROUTE_BENCH_ONLY").ok();
    for ty in ["junction", "change"] {
        for (name, text) in stacks.iter().filter(|(name, _)| only.as_deref().is_none_or(|only| *name == only))
        {
            let [without, with] = [0, NODES].map(|nodes| {
                let flows = flows(ty, nodes);
                median(&flows, &stack::chain_set_on(text, &flows.to_string()), rounds)
            });
            let ns = (with - without) / NODES as f64;
            samples.push(Sample { row: (*name).to_owned(), column: format!("{ty} nodes"), ns, answer: 0 });
        }
    }
    table::print("ns per hop (× to no router)", &samples, "no router");
    for sample in samples.iter().filter(|sample| sample.row == "no router") {
        println!("{}: {:.1} million hops a second", sample.column, 1e3 / sample.ns);
    }
}
