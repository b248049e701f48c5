//! What a node is to the engine, and what the engine is to a node.

use std::any::Any;
use std::time::Duration;

use route_chain::{Message, Object, Value};

pub use crate::engine::context::{Entry, Live, Store};
pub use crate::engine::env::Env;

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

/// A status as nodes show it: by custom `fill` (`red`, …), `shape` (`dot`, `ring`) and `text`, in the order of the node.
#[derive(Clone, Debug, Default)]
pub struct Status(pub Object);

impl Status {
    /// One with all three.
    pub fn new(fill: &str, shape: &str, text: impl AsRef<str>) -> Self {
        let of = [("fill", Value::text(fill)), ("shape", Value::text(shape)), ("text", Value::text(text))];
        Self(of.into_iter().collect())
    }
    /// One with a text only.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self([("text", Value::text(text))].into_iter().collect())
    }
    /// None any more.
    pub fn clear() -> Self {
        Self::default()
    }
}

impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.to_json().serialize(to)
    }
}

/// What went wrong in a node, as `catch` nodes are told.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// For people, and for flows: becomes `msg.error.message`.
    pub message: String,
    /// More of it: `code`, `stack`, `cause`.
    pub details: Vec<(&'static str, Value)>,
}

impl<T: Into<String>> From<T> for Failure {
    fn from(message: T) -> Self {
        Self { message: message.into(), details: Vec::new() }
    }
}

/// What the engine gives a node while it runs; the engine implements it.
pub trait Engine {
    /// Sends one message on an output (from 0). The messages of one call that go to several wires are shared,
    /// and copied when one of them is changed. A message without `_msgid` gets one.
    fn send(&mut self, port: u32, msg: Message);
    /// The message is dealt with: `complete` nodes hear of it.
    fn done(&mut self, msg: &Message);
    /// Sends several messages on an output: all of them on the first wire, then all on the next, as Node-RED does.
    fn send_many(&mut self, port: u32, msgs: Vec<Message>);
    /// The message could not be dealt with: `catch` nodes hear of it. Without a message, and when nobody catches it, it
    /// is logged.
    fn fail(&mut self, failure: &Failure, msg: Option<&Message>);
    /// As `fail`, with a text alone.
    fn error(&mut self, text: &str, msg: Option<&Message>) {
        self.fail(&Failure::from(text), msg);
    }
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
    /// As `spawn`, but the future goes on when the node closes, and the engine waits for its end: for what must be written.
    fn spawn_lasting(&mut self, task: std::pin::Pin<Box<dyn std::future::Future<Output = ()> + Send>>);
    /// Wall clock, milliseconds since 1970.
    fn now_ms(&self) -> f64;
    /// A fresh `_msgid`: 16 hex digits.
    fn new_id(&mut self) -> String;
    /// A context store that this node sees.
    fn context(&mut self, scope: Scope) -> Store;
    /// The environment variables that this node sees.
    fn env(&self) -> Env;
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
