//! What a node is to the engine, and what the engine is to a node.

use std::any::Any;
use std::time::Duration;

use route_chain::{Message, Value};

/// A node of a deployed flow. All nodes of an engine run on its one thread: no method may block or wait; work that
/// waits is spawned with [`Engine::spawn`] and comes back through [`Node::on_event`].
pub trait Node {
    /// Called once after all nodes are made and wired, in file order. Sources begin here.
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        let _ = cx;
    }
    /// A message arrived. Call [`Engine::done`] when it is dealt with, unless it was handed to a task that will.
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>);
    /// A timer set with [`Engine::timer`] ran out.
    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        let _ = (token, cx);
    }
    /// A task of this node, or another part of the runtime, posted something.
    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        let _ = (event, cx);
    }
    /// The flow stops. Messages sent now are still delivered to nodes that are not closed yet.
    fn close(&mut self, cx: &mut NodeCx<'_>) {
        let _ = cx;
    }
}

/// What is posted to a node: any value it knows how to read.
pub type Event = Box<dyn Any + Send>;

/// A status as nodes show it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Status {
    /// `red`, `green`, …
    pub fill: String,
    /// `dot` or `ring`
    pub shape: String,
    /// Text.
    pub text: String,
}

/// What the engine gives a node while it runs; the engine implements it.
pub trait Engine {
    /// Sends one message on an output (from 0). The messages of one call that go to several wires are shared,
    /// and copied when one of them is changed. A message without `_msgid` gets one.
    fn send(&mut self, port: u32, msg: Message);
    /// The message is dealt with: `complete` nodes hear of it.
    fn done(&mut self, msg: &Message);
    /// The message could not be dealt with: `catch` nodes hear of it (with the message when there is one), else it is logged.
    fn error(&mut self, text: &str, msg: Option<&Message>);
    /// `warn`, `info`, `debug`, `trace` to the log.
    fn log(&mut self, level: Level, text: &str);
    /// Shown and told to `status` nodes.
    fn status(&mut self, status: Status);
    /// Calls [`Node::on_timer`] with the token after a while. Setting a token again replaces its timer.
    fn timer(&mut self, after: Duration, token: u64);
    /// Forgets a timer.
    fn cancel(&mut self, token: u64);
    /// A handle for tasks: posts events to this node from anywhere.
    fn mailbox(&self) -> Mailbox;
    /// Runs a future that may wait; it ends at the latest when the node closes.
    fn spawn(&mut self, task: std::pin::Pin<Box<dyn std::future::Future<Output = ()> + Send>>);
    /// Wall clock, milliseconds since 1970.
    fn now_ms(&self) -> f64;
    /// A fresh `_msgid`: 16 hex digits.
    fn new_id(&mut self) -> String;
    /// Context stores.
    fn context_get(&self, scope: Scope, key: &str) -> Value;
    /// Context stores; `Undefined` removes.
    fn context_set(&mut self, scope: Scope, key: &str, value: Value);
    /// Keys of a context store.
    fn context_keys(&self, scope: Scope) -> Vec<String>;
    /// An environment variable as Node-RED resolves it (`NR_NODE_ID`, subflow, group, tab, process).
    fn env(&self, name: &str) -> Option<Value>;
    /// Who this node is.
    fn info(&self) -> &NodeInfo;
    /// Another node by run-time id.
    fn node(&self, id: &str) -> Option<&NodeInfo>;
    /// A config node's properties by id.
    fn config(&self, id: &str) -> Option<&serde_json::Map<String, serde_json::Value>>;
    /// Delivers straight to a node's input, past every wire (link call, catch, status, complete).
    fn receive(&mut self, id: &str, msg: Message);
    /// Posts an event to another node of this engine.
    fn post(&mut self, id: &str, event: Event);
    /// State shared by nodes of one kind on this engine (the JavaScript engine, the HTTP server), made at first use.
    fn shared(&mut self, key: &'static str, make: &mut dyn FnMut() -> Box<dyn Any>) -> &mut dyn Any;
    /// Where relative file names start, and whether files may be written.
    fn base_dir(&self) -> &std::path::Path;
}

/// The engine, seen from one node.
pub type NodeCx<'a> = dyn Engine + 'a;

/// Posts events to one node from any thread. Bounded: `post` waits while the engine is busy.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// The node, by index in the engine.
    pub(crate) node: u32,
    /// Which deploy the node belongs to: an event for an older one is thrown away.
    pub(crate) generation: u64,
    pub(crate) to: tokio::sync::mpsc::Sender<Posted>,
}

/// An event on its way to a node.
pub struct Posted {
    /// Node index.
    pub node: u32,
    /// Deploy.
    pub generation: u64,
    /// The event.
    pub event: Event,
}

impl Mailbox {
    /// Posts, waiting for room. False: the engine or the node is gone.
    pub async fn post<T: Any + Send>(&self, event: T) -> bool {
        self.to
            .send(Posted { node: self.node, generation: self.generation, event: Box::new(event) })
            .await
            .is_ok()
    }
}

/// Log levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// Context scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Scope {
    Node,
    Flow,
    Global,
}

/// Who a node is.
#[derive(Clone, Debug)]
pub struct NodeInfo {
    /// Run-time id.
    pub id: String,
    /// Type.
    pub ty: String,
    /// Name, or empty.
    pub name: String,
    /// Tab or instance it lives in (`z` at run time).
    pub z: String,
    /// Groups, innermost first.
    pub groups: Vec<String>,
    /// Number of outputs.
    pub outputs: u32,
    /// Properties from `flows.json`, environment substituted.
    pub config: serde_json::Map<String, serde_json::Value>,
    /// Ids of the nodes wired to each output, without routers.
    pub wires: Vec<Vec<String>>,
}

/// Makes a node from its properties. An `Err` is said at deploy; the node then drops what it gets with an error.
pub type MakeNode = fn(&NodeInfo) -> Result<Box<dyn Node>, String>;
