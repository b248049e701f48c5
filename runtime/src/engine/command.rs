//! What other parts of the process ask of a running engine, and the handle by which they ask.

use route_chain::{Message, ir};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use super::ledger::{Change, Past, Sources, Standing};
use crate::holds::HeldView;
use crate::taps::stream::{Copies, Filter};

/// Called once: `Ok` when the message was handed to the node, else the reason.
pub type Ack = Box<dyn FnOnce(Result<(), Undelivered>) + Send>;

/// Why a message from another runtime did not get to its node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The node is not there, or nobody can take the message to it.
    #[error("{0}")]
    Refused(String),
    /// It was sent on to here, and as far as this runtime knows the node lives where it came from: one of the two has a newer
    /// stack, and the other will have it soon.
    #[error("the runtimes do not agree where its node lives")]
    Disputed,
}

/// Why a stack was not put in force.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It was compiled against another flow.
    #[error("the stack was compiled against flows `{given}`, but `{deployed}` is deployed; compile it again")]
    Stale {
        /// Hash of the flow that runs.
        deployed: String,
        /// Hash that the stack names.
        given: String,
    },
    /// Someone else was faster: another stack is in force than the caller knows of.
    #[error("the stack has been changed since: {why} (number {number})")]
    Changed {
        /// Number of the stack in force.
        number: u64,
        /// Who put it there.
        by: String,
        /// When, milliseconds since 1970.
        at_ms: f64,
        /// What was done.
        why: String,
    },
    /// It cannot be run.
    #[error("{0}")]
    Invalid(String),
    /// There is no earlier stack.
    #[error("there is no earlier stack to return to")]
    NoEarlier,
    /// The stack to return to is the one in force.
    #[error("number {0} is in force already")]
    InForce(u64),
    /// The stack to return to is not known, or no longer.
    #[error("there is no stack {wanted} to return to; there are {}", list(kept))]
    NotKept {
        /// Asked for.
        wanted: u64,
        /// Kept.
        kept: Vec<u64>,
    },
    /// There is no such overlay.
    #[error("no overlay is called `{name}`{}", others(known))]
    NoOverlay {
        /// Asked for.
        name: String,
        /// Those that are in force.
        known: Vec<String>,
    },
    /// The engine has ended.
    #[error("the engine has ended")]
    Gone,
}

fn list(numbers: &[u64]) -> String {
    if numbers.is_empty() {
        return "none".to_owned();
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

fn others(names: &[String]) -> String {
    if names.is_empty() {
        return "; there is none".to_owned();
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("; there is {}", names.join(", "))
}

/// The stack in force after a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InForce {
    /// Its name.
    pub stack: String,
    /// Counts the changes since the start; the first stack is 1.
    pub number: u64,
    /// Routers whose state was taken over from the stack before.
    pub kept_state: usize,
    /// Held messages that went on because what held them is no longer in the stack.
    #[serde(default)]
    pub released: usize,
    /// Hash of its text.
    pub source: String,
}

/// What came of letting a held message go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It went on, or stopped, or stands one router further.
    Done,
    /// It still waits: for room in a sink, or behind another message of its wire.
    Waits,
    /// No message of this number is held.
    NotHeld,
}

/// A way back to an earlier stack.
#[derive(Clone, Debug, Default)]
pub struct Rollback {
    /// Number of the stack to return to; `None`: the one before.
    pub to: Option<u64>,
    /// Who wants it.
    pub by: String,
    /// The tag of the stack that the caller believes is in force.
    pub expected: Option<String>,
}

/// An overlay to take away.
#[derive(Clone, Debug, Default)]
pub struct Removal {
    /// Its name.
    pub name: String,
    /// Who wants it.
    pub by: String,
    /// The tag of the stack that the caller believes is in force.
    pub expected: Option<String>,
}

/// What can be done with a held message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Goes on.
    Resume,
    /// Stops, and is counted.
    Drop,
    /// Goes one router further and is held again there.
    Step,
}

type Done = oneshot::Sender<Result<InForce, Refusal>>;

/// Parts of the status that are long in a large flow.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    /// Counts of each wire.
    pub wires: bool,
    /// State of each node.
    pub nodes: bool,
}

/// What is asked.
pub(crate) enum Command {
    Status(Wanted, oneshot::Sender<serde_json::Value>),
    Standing(oneshot::Sender<Box<Standing>>),
    Past(oneshot::Sender<Vec<Past>>),
    Change(Box<Change>, Done),
    Rollback(Rollback, Done),
    RemoveOverlay(Removal, Done),
    Subscribe(Filter, oneshot::Sender<Copies>),
    Held(oneshot::Sender<Vec<HeldView>>),
    Release(u64, Release, oneshot::Sender<Released>),
    Edit(u64, serde_json::Value, oneshot::Sender<Result<bool, String>>),
    Flows(oneshot::Sender<String>),
}

/// A message from another runtime.
pub(crate) struct Arrived {
    pub(crate) to: String,
    pub(crate) msg: Message,
    /// How often it was sent on because its node had moved.
    pub(crate) hops: u8,
    /// The runtime that it comes from, as a part of keys; `None`: no other runtime.
    pub(crate) from: Option<String>,
    pub(crate) ack: Ack,
}

/// Talks to a running engine from any thread. Every call waits for its turn between two messages.
#[derive(Clone)]
pub struct Handle {
    pub(crate) to: mpsc::Sender<Command>,
    pub(crate) arrivals: mpsc::Sender<Arrived>,
}

impl Handle {
    /// Routers with their counts, stack and hash of the flows; `None`: the engine has ended.
    pub async fn status(&self) -> Option<serde_json::Value> {
        self.status_with(Wanted::default()).await
    }

    /// As [`Handle::status`], with what is long when it is asked for.
    pub async fn status_with(&self, wanted: Wanted) -> Option<serde_json::Value> {
        self.ask(|reply| Command::Status(wanted, reply)).await
    }

    /// Puts a stack in force that comes without its text, at once for all wires, whatever is in force.
    pub async fn stack(&self, set: ir::ChainSet) -> Result<InForce, Refusal> {
        let (sources, by, why) = (Sources::default(), String::new(), "applied".to_owned());
        self.change(Change { set, sources, by, why, expected: None }).await
    }

    /// Puts a stack in force, at once for all wires.
    pub async fn change(&self, change: Change) -> Result<InForce, Refusal> {
        self.ask(|reply| Command::Change(Box::new(change), reply)).await.unwrap_or(Err(Refusal::Gone))
    }

    /// Returns to an earlier stack.
    pub async fn rollback(&self, rollback: Rollback) -> Result<InForce, Refusal> {
        self.ask(|reply| Command::Rollback(rollback, reply)).await.unwrap_or(Err(Refusal::Gone))
    }

    /// Takes an overlay away.
    pub async fn remove_overlay(&self, removal: Removal) -> Result<InForce, Refusal> {
        self.ask(|reply| Command::RemoveOverlay(removal, reply)).await.unwrap_or(Err(Refusal::Gone))
    }

    /// The stack in force with the texts that it was compiled from.
    pub async fn standing(&self) -> Option<Standing> {
        self.ask(Command::Standing).await.map(|standing| *standing)
    }

    /// The changes of stack that are remembered, oldest first; the last one is in force.
    pub async fn past(&self) -> Option<Vec<Past>> {
        self.ask(Command::Past).await
    }

    /// Copies of messages. Ends with the engine.
    pub async fn subscribe(&self, filter: Filter) -> Option<Copies> {
        self.ask(|reply| Command::Subscribe(filter, reply)).await
    }

    /// The held messages, oldest first.
    pub async fn held(&self) -> Option<Vec<HeldView>> {
        self.ask(Command::Held).await
    }

    /// Lets a held message go; `None`: the engine has ended.
    pub async fn release(&self, id: u64, how: Release) -> Option<Released> {
        self.ask(|reply| Command::Release(id, how, reply)).await
    }

    /// Changes a held message to this JSON; what stays the same stays what it is (Dates, Buffers, live handles).
    /// `Ok(false)`: no message of this number is held. `Err`: the JSON is no object.
    pub async fn edit(&self, id: u64, msg: serde_json::Value) -> Option<Result<bool, String>> {
        self.ask(|reply| Command::Edit(id, msg, reply)).await
    }

    /// The text of the deployed flows.
    pub async fn flows(&self) -> Option<String> {
        self.ask(Command::Flows).await
    }

    /// Delivers a message that came from another runtime to a node's input; waits while the engine is busy. `ack` is always
    /// called, unless the engine ends first; then it is dropped uncalled. False: the engine has ended.
    pub async fn deliver(&self, to: &str, msg: Message, ack: Ack) -> bool {
        self.arrive(Arrived { to: to.to_string(), msg, hops: 0, from: None, ack }).await
    }

    pub(crate) async fn arrive(&self, arrived: Arrived) -> bool {
        self.arrivals.send(arrived).await.is_ok()
    }

    async fn ask<T>(&self, make: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.to.send(make(reply)).await.ok()?;
        answer.await.ok()
    }
}
