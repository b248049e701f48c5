//! What a runtime is told besides the flow: limits, folders, hooks.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::control::ControlOptions;
use crate::engine::command::Handle;
use crate::engine::ledger::Sources;
use crate::engine::uplink::Uplink;
use crate::io::Io;
use crate::node::{Level, MakeNode};
use crate::plugin::Registry;

/// Where log lines go: level, who speaks (`node:ID`, `router:NAME`, `engine`), text.
pub type LogSink = Arc<dyn Fn(Level, &str, &str) + Send + Sync>;

/// Makes the link to other runtimes, given a handle by which it delivers what comes in.
pub type MakeUplink = Box<dyn FnOnce(Handle) -> Result<Box<dyn Uplink>, String>>;

/// Called once.
pub type Told = Box<dyn FnOnce()>;

/// Where the `stdout` sink writes.
pub type TapOutput = Box<dyn tokio::io::AsyncWrite + Send + Unpin>;

/// Options of an engine. Every bound has a default that a small device can bear.
pub struct Options {
    /// Most deliveries that wait inside; a `send` over it is an error at the sending node.
    pub queue: usize,
    /// Events from outside (timers of tasks, sockets) that wait; more makes their senders wait.
    pub mailbox: usize,
    /// Events from outside are taken only while fewer deliveries than this wait.
    pub busy: usize,
    /// Most messages held over all breakpoints and limits; one more goes the way of its expiry at once.
    pub held: usize,
    /// Copies that wait at each sink.
    pub sink_queue: usize,
    /// Earlier stacks that `rollback` can return to.
    pub history: usize,
    /// How long the end may take: for what is held and under way, and again for what sinks have still to write.
    pub grace: Duration,
    /// Where relative file names of nodes and file taps start.
    pub base_dir: PathBuf,
    /// The text of the flows, given out by the control API.
    pub flows_text: String,
    /// What the first stack was compiled from, given out likewise.
    pub sources: Sources,
    /// Who started it, for the list of changes.
    pub by: String,
    /// The node types.
    pub find: fn(&str) -> Option<MakeNode>,
    /// The router modules.
    pub modules: Registry,
    /// The link to other runtimes.
    pub uplink: Option<MakeUplink>,
    /// The thread for input and output, when it shall be shared.
    pub io: Io,
    /// The control API; `None`: it does not listen.
    pub control: Option<ControlOptions>,
    /// Called when nothing can keep the flow from running any more: the control API listens, the nodes begin.
    pub begins: Option<Told>,
    /// The log.
    pub log: LogSink,
    /// Where the `stdout` sink writes; `None`: standard output.
    pub stdout: Option<TapOutput>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue: 1_000_000,
            mailbox: 1024,
            busy: 1024,
            held: 100_000,
            sink_queue: 1024,
            history: 10,
            grace: Duration::from_secs(5),
            base_dir: PathBuf::from("."),
            flows_text: String::new(),
            sources: Sources::default(),
            by: String::new(),
            find: crate::nodes::find,
            modules: Registry::default(),
            uplink: None,
            io: Io::default(),
            control: None,
            begins: None,
            log: Arc::new(to_tracing),
            stdout: None,
        }
    }
}

fn to_tracing(level: Level, from: &str, text: &str) {
    match level {
        Level::Trace => tracing::trace!(from, "{text}"),
        Level::Debug => tracing::debug!(from, "{text}"),
        Level::Info => tracing::info!(from, "{text}"),
        Level::Warn => tracing::warn!(from, "{text}"),
        Level::Error => tracing::error!(from, "{text}"),
    }
}
