//! A small engine for node tests: records what a node does, with a clock and timers that move by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code)]

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use route_chain::{Message, Value};
use serde_json::json;

use crate::node::{
    Engine, Env, Event, Failure, Level, Mailbox, MakeNode, Node, NodeInfo, Posted, Scope, Status, Store,
};

/// What the node did, and what it may ask for.
pub(crate) struct Fake {
    pub(crate) sends: Vec<(u32, Message)>,
    pub(crate) dones: Vec<Message>,
    pub(crate) errors: Vec<(String, Option<Message>)>,
    pub(crate) logs: Vec<(Level, String)>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) timers: BTreeMap<u64, f64>,
    pub(crate) now: f64,
    pub(crate) failures: Vec<Failure>,
    stores: [Store; 3],
    env: Env,
    pub(crate) info: NodeInfo,
    pub(crate) nodes: HashMap<String, NodeInfo>,
    pub(crate) configs: HashMap<String, serde_json::Map<String, serde_json::Value>>,
    pub(crate) received: Vec<(String, Message)>,
    pub(crate) posted: Vec<(String, Event)>,
    pub(crate) tasks: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
    pub(crate) base: PathBuf,
    shared: HashMap<&'static str, Box<dyn Any>>,
    to: tokio::sync::mpsc::Sender<Posted>,
    ids: u64,
}

impl Engine for Fake {
    fn send(&mut self, port: u32, msg: Message) {
        self.sends.push((port, msg));
    }
    fn done(&mut self, msg: &Message) {
        self.dones.push(msg.clone());
    }
    fn send_many(&mut self, port: u32, msgs: Vec<Message>) {
        self.sends.extend(msgs.into_iter().map(|msg| (port, msg)));
    }
    fn fail(&mut self, failure: &Failure, msg: Option<&Message>) {
        self.errors.push((failure.message.clone(), msg.cloned()));
        self.failures.push(failure.clone());
    }
    fn log(&mut self, level: Level, text: &str) {
        self.logs.push((level, text.to_owned()));
    }
    fn status(&mut self, status: Status) {
        self.statuses.push(status);
    }
    fn timer(&mut self, after: Duration, token: u64) {
        self.timers.insert(token, self.now + after.as_secs_f64() * 1000.0);
    }
    fn cancel(&mut self, token: u64) {
        self.timers.remove(&token);
    }
    fn mailbox(&self) -> Mailbox {
        Mailbox { node: 0, generation: 0, to: self.to.clone() }
    }
    fn spawn(&mut self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.tasks.push(task);
    }
    fn spawn_lasting(&mut self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.tasks.push(task);
    }
    fn now_ms(&self) -> f64 {
        self.now
    }
    fn new_id(&mut self) -> String {
        self.ids += 1;
        format!("{:016x}", self.ids)
    }
    fn context(&mut self, scope: Scope) -> Store {
        self.stores[scope as usize].clone()
    }
    fn env(&self) -> Env {
        self.env.clone()
    }
    fn info(&self) -> &NodeInfo {
        &self.info
    }
    fn node(&self, id: &str) -> Option<&NodeInfo> {
        self.nodes.get(id)
    }
    fn config(&self, id: &str) -> Option<&serde_json::Map<String, serde_json::Value>> {
        self.configs.get(id)
    }
    fn receive(&mut self, id: &str, msg: Message) {
        self.received.push((id.to_owned(), msg));
    }
    fn post(&mut self, id: &str, event: Event) {
        self.posted.push((id.to_owned(), event));
    }
    fn shared(&mut self, key: &'static str, make: &mut dyn FnMut() -> Box<dyn Any>) -> &mut dyn Any {
        self.shared.entry(key).or_insert_with(make).as_mut()
    }
    fn base_dir(&self) -> &Path {
        &self.base
    }
}

impl Fake {
    /// The context of the flow.
    pub(crate) fn flow(&self) -> Store {
        self.stores[Scope::Flow as usize].clone()
    }
    /// The context of all flows.
    pub(crate) fn global(&self) -> Store {
        self.stores[Scope::Global as usize].clone()
    }
    /// Sets the environment variables of the flow.
    pub(crate) fn vars(&mut self, vars: &[(&str, serde_json::Value)]) {
        let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), Value::from_json(value))).collect();
        self.env = Env::new(Rc::new(self.info.clone()), vars);
    }
}

/// A node on its bench: `Bench::new(make, json!({…}))`, then `receive`, `advance`, `payloads`.
pub(crate) struct Bench {
    pub(crate) node: Box<dyn Node>,
    pub(crate) cx: Fake,
    from: tokio::sync::mpsc::Receiver<Posted>,
}

impl Bench {
    /// Makes the node from its properties and starts it.
    pub(crate) fn new(make: MakeNode, config: serde_json::Value) -> Self {
        Self::with(make, config, |_| {})
    }

    /// As `new`, with the engine prepared first (context, environment, config nodes, clock).
    pub(crate) fn with(make: MakeNode, config: serde_json::Value, prepare: impl FnOnce(&mut Fake)) -> Self {
        let info = info(config);
        let node = make(&info).unwrap();
        let (to, from) = tokio::sync::mpsc::channel(1024);
        let mut cx = Fake {
            sends: vec![],
            dones: vec![],
            errors: vec![],
            logs: vec![],
            statuses: vec![],
            timers: BTreeMap::new(),
            now: 1_700_000_000_000.0,
            failures: vec![],
            stores: Default::default(),
            env: Env::new(Rc::new(info.clone()), HashMap::new()),
            info,
            nodes: HashMap::new(),
            configs: HashMap::new(),
            received: vec![],
            posted: vec![],
            tasks: vec![],
            base: std::env::temp_dir(),
            shared: HashMap::new(),
            to,
            ids: 0,
        };
        prepare(&mut cx);
        let mut bench = Self { node, cx, from };
        bench.node.start(&mut bench.cx);
        bench
    }

    /// Hands the node a message.
    pub(crate) fn receive(&mut self, msg: serde_json::Value) -> &mut Self {
        let mut msg = message(msg);
        // Every message has one by the time that it comes to a node.
        if msg.get("_msgid").is_none() {
            let id = self.cx.new_id();
            msg.set("_msgid", Value::text(id));
        }
        self.receive_msg(msg)
    }

    /// Hands the node a message that JSON cannot say.
    pub(crate) fn receive_msg(&mut self, msg: Message) -> &mut Self {
        self.node.on_message(msg, &mut self.cx);
        self
    }

    /// Moves the clock; timers run out in order of time, those that they set too.
    pub(crate) fn advance(&mut self, by: Duration) -> &mut Self {
        let end = self.cx.now + by.as_secs_f64() * 1000.0;
        loop {
            let next = self.cx.timers.iter().filter(|(_, at)| **at <= end).min_by(|a, b| a.1.total_cmp(b.1));
            let Some((token, at)) = next.map(|(t, a)| (*t, *a)) else { break };
            self.cx.timers.remove(&token);
            self.cx.now = self.cx.now.max(at);
            self.node.on_timer(token, &mut self.cx);
        }
        self.cx.now = end;
        self
    }

    /// Runs spawned tasks to their end, handing what they post to the node.
    pub(crate) fn run_tasks(&mut self) -> &mut Self {
        let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        while !self.cx.tasks.is_empty() {
            for task in std::mem::take(&mut self.cx.tasks) {
                rt.block_on(task);
            }
            while let Ok(posted) = self.from.try_recv() {
                self.node.on_event(posted.event, &mut self.cx);
            }
        }
        self
    }

    /// The node's close.
    pub(crate) fn close(&mut self) -> &mut Self {
        self.node.close(&mut self.cx);
        self
    }

    /// Takes what was sent: `[[port, msg], …]`, without `_msgid`.
    pub(crate) fn sent(&mut self) -> serde_json::Value {
        let sends = std::mem::take(&mut self.cx.sends);
        sends
            .into_iter()
            .map(|(port, mut msg)| {
                msg.remove("_msgid");
                json!([port, msg.to_json()])
            })
            .collect()
    }

    /// Takes the payloads that were sent, in order.
    pub(crate) fn payloads(&mut self) -> serde_json::Value {
        let sends = std::mem::take(&mut self.cx.sends);
        sends
            .iter()
            .map(|(_, msg)| msg.get("payload").and_then(Value::to_json).unwrap_or(json!("(none)")))
            .collect()
    }

    /// Takes the outputs that were sent on, in order.
    pub(crate) fn ports(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.cx.sends).into_iter().map(|(port, _)| port).collect()
    }

    /// Takes the texts of the errors.
    pub(crate) fn errors(&mut self) -> Vec<String> {
        std::mem::take(&mut self.cx.errors).into_iter().map(|(text, _)| text).collect()
    }
}

/// Who a node with these properties is.
pub(crate) fn info(config: serde_json::Value) -> NodeInfo {
    let config = config.as_object().cloned().unwrap_or_default();
    let text = |key: &str| config.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    NodeInfo {
        id: "n1".to_owned(),
        ty: text("type"),
        name: text("name"),
        z: "tab1".to_owned(),
        groups: vec![],
        outputs: config.get("outputs").and_then(serde_json::Value::as_u64).unwrap_or(1) as u32,
        wires: vec![],
        config,
    }
}

/// A message from JSON.
pub(crate) fn message(msg: serde_json::Value) -> Message {
    Message::from_json(&msg)
}
