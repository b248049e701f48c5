//! Test nodes, and an engine around a test.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::cell::RefCell;
use std::time::Duration;

use route_chain::ir::{self, ChainSet, Op};
use route_chain::{Message, Value};
use route_runtime::deploy::{Deploy, Flow, FlowNode};
use route_runtime::engine::{Engine, Handle, Options, Totals, Undelivered};
use route_runtime::node::{MakeNode, Node, NodeCx, NodeInfo};
use serde_json::{Map, json};

thread_local! {
    static SEEN: RefCell<Vec<(String, Message)>> = const { RefCell::new(Vec::new()) };
}

/// What `sink` nodes of this test got since the last call: node and message.
pub fn seen() -> Vec<(String, Message)> {
    SEEN.take()
}

/// The payloads of it.
pub fn payloads() -> Vec<f64> {
    seen().iter().filter_map(|(_, m)| m.get("payload").and_then(Value::as_number)).collect()
}

struct Pass;
impl Node for Pass {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        cx.done(&msg);
        cx.send(0, msg);
    }
}

struct Sink(String);
impl Node for Sink {
    fn on_message(&mut self, msg: Message, _: &mut NodeCx<'_>) {
        SEEN.with_borrow_mut(|seen| seen.push((self.0.clone(), msg)));
    }
}

struct Fails;
impl Node for Fails {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        cx.status(route_runtime::node::Status::text("failing"));
        cx.error("it broke", Some(&msg));
    }
}

/// Sends as many numbered messages as the payload says, a hundred at each tick.
struct Source {
    next: f64,
    until: f64,
}
impl Node for Source {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        self.until = msg.get("payload").and_then(Value::as_number).unwrap();
        cx.timer(Duration::ZERO, 0);
    }
    fn on_timer(&mut self, _: u64, cx: &mut NodeCx<'_>) {
        for _ in 0..100 {
            if self.next < self.until {
                cx.send(0, number(self.next));
                self.next += 1.0;
            }
        }
        if self.next < self.until {
            cx.timer(Duration::ZERO, 0);
        }
    }
}

pub fn find(ty: &str) -> Option<MakeNode> {
    Some(match ty {
        "pass" | "catch" | "status" | "complete" => |_| Ok(Box::new(Pass)),
        "sink" => |info| Ok(Box::new(Sink(info.id.clone()))),
        "fails" => |_| Ok(Box::new(Fails)),
        "source" => |_| Ok(Box::new(Source { next: 0.0, until: 0.0 })),
        _ => return None,
    })
}

pub fn number(n: f64) -> Message {
    let mut msg = Message::new();
    msg.set("payload", Value::Number(n));
    msg
}

/// A node on tab `t`, wired on output 0 to these.
pub fn node(id: &str, ty: &str, wires: &[&str]) -> FlowNode {
    configured(id, ty, wires, Map::new())
}

pub fn configured(id: &str, ty: &str, wires: &[&str], config: Map<String, serde_json::Value>) -> FlowNode {
    let info = NodeInfo {
        id: id.into(),
        ty: ty.into(),
        name: String::new(),
        z: "t".into(),
        groups: Vec::new(),
        outputs: 1,
        config,
        wires: vec![wires.iter().map(|s| s.to_string()).collect()],
    };
    FlowNode { info, env: Vec::new() }
}

pub fn deploy(nodes: Vec<FlowNode>, stack: Option<ChainSet>) -> Deploy {
    Deploy { flow: Flow { nodes, configs: Vec::new(), hash: "f".into() }, stack }
}

/// `a`, which passes on, and `b`, which writes down.
pub fn pair() -> Vec<FlowNode> {
    vec![node("a", "pass", &["b"]), node("b", "sink", &[])]
}

/// A stack with one router per operation, in this order, on the wire `a -> b`.
pub fn stack(name: &str, ops: Vec<Op>) -> ChainSet {
    let routers = ops.iter().enumerate().map(|(i, op)| ir::Router {
        name: format!("r{i}"),
        kind: serde_json::to_value(op).unwrap().as_object().unwrap().keys().next().unwrap().clone(),
        layer: "main".into(),
        file: "t.route".into(),
        line: i as u32 + 1,
        doc: String::new(),
    });
    let routers: Vec<_> = routers.collect();
    let steps = ops.into_iter().zip(0..).map(|(op, router)| ir::Step { router, when: None, op }).collect();
    ChainSet {
        magic: ir::MAGIC.into(),
        version: ir::VERSION,
        stack: name.into(),
        flows: "f".into(),
        source: String::new(),
        paths: vec![vec![ir::Seg::Key("payload".into())]],
        regexes: Vec::new(),
        routers,
        chains: vec![ir::Chain::default(), ir::Chain::of(steps)],
        wires: vec![ir::Wire { from: "a".into(), port: 0, to: "b".into(), chain: 1 }],
        fleet: None,
    }
}

pub fn halt() -> Op {
    Op::Halt { reason: Some("closed".into()), as_error: false }
}

pub fn tap(sink: ir::Sink) -> Op {
    Op::Tap(ir::Tap { sink, select: ir::Select::Whole, every: 1, at_most: None, block: false })
}

pub fn hold(max: u64, for_ms: f64, then_pass: bool) -> Op {
    Op::Break(ir::Break { hits: 1, max, for_ms, then_pass, log: None })
}

pub fn options() -> Options {
    Options { find, ..Options::default() }
}

/// Runs an engine around a test, and shuts it down after it.
pub async fn run<T>(deploy: Deploy, options: Options, test: impl AsyncFnOnce(Handle) -> T) -> (T, Totals) {
    seen();
    let engine = Engine::new(deploy, options).unwrap();
    let handle = engine.handle();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let test = async {
        let result = test(handle).await;
        drop(stop);
        result
    };
    let shutdown = async {
        stopped.await.ok();
    };
    let (result, totals) = tokio::join!(test, engine.run(shutdown));
    (result, totals.unwrap())
}

/// Hands a message to a node and waits until the node has taken it.
pub async fn give(handle: &Handle, to: &str, msg: Message) -> Result<(), Undelivered> {
    let (tell, told) = tokio::sync::oneshot::channel();
    handle.deliver(to, msg, Box::new(move |done| drop(tell.send(done)))).await;
    told.await.unwrap()
}

/// Waits until nothing is under way inside.
pub async fn settle(handle: &Handle) -> serde_json::Value {
    loop {
        let status = handle.status().await.unwrap();
        if status["queue"] == json!(0) {
            return status;
        }
    }
}
