//! What other parts of the process ask of a running engine, and the handle by which they ask.

use std::sync::Arc;

use route_chain::{Message, ir};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::holds::HeldView;
use crate::taps::stream::Filter;

/// Called once: `Ok` when the message was handed to the node, else the reason.
pub type Ack = Box<dyn FnOnce(Result<(), String>) + Send>;

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
    /// It cannot be run.
    #[error("{0}")]
    Invalid(String),
    /// There is no earlier stack.
    #[error("there is no earlier stack to return to")]
    NoEarlier,
    /// The engine has ended.
    #[error("the engine has ended")]
    Gone,
}

/// The stack in force after a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InForce {
    /// Its name.
    pub stack: String,
    /// Counts the changes since the start; the first stack is 1.
    pub number: u64,
    /// Routers whose state was taken over from the stack before.
    pub kept_state: usize,
    /// Hash of its text.
    pub source: String,
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

/// What is asked.
pub(crate) enum Command {
    Status(oneshot::Sender<serde_json::Value>),
    Stack(Box<ir::ChainSet>, Option<String>, oneshot::Sender<Result<InForce, Refusal>>),
    Rollback(oneshot::Sender<Result<InForce, Refusal>>),
    Subscribe(Filter, oneshot::Sender<mpsc::Receiver<Arc<str>>>),
    Held(oneshot::Sender<Vec<HeldView>>),
    Release(u64, Release, oneshot::Sender<bool>),
    Flows(oneshot::Sender<String>),
    Deliver(String, Message, Ack),
}

/// Talks to a running engine from any thread. Every call waits for its turn between two messages.
#[derive(Clone)]
pub struct Handle {
    pub(crate) to: mpsc::Sender<Command>,
}

impl Handle {
    /// Routers with their counts, wires, nodes, stack and hash of the flows; `None`: the engine has ended.
    pub async fn status(&self) -> Option<serde_json::Value> {
        self.ask(Command::Status).await
    }

    /// Puts a stack in force, at once for all wires. `flows`: the hash that the caller believes is deployed.
    pub async fn stack(&self, set: ir::ChainSet, flows: Option<String>) -> Result<InForce, Refusal> {
        self.ask(|reply| Command::Stack(Box::new(set), flows, reply)).await.unwrap_or(Err(Refusal::Gone))
    }

    /// Returns to the stack before.
    pub async fn rollback(&self) -> Result<InForce, Refusal> {
        self.ask(Command::Rollback).await.unwrap_or(Err(Refusal::Gone))
    }

    /// Copies of messages as lines of JSON. Ends with the engine.
    pub async fn subscribe(&self, filter: Filter) -> Option<mpsc::Receiver<Arc<str>>> {
        self.ask(|reply| Command::Subscribe(filter, reply)).await
    }

    /// The held messages, oldest first.
    pub async fn held(&self) -> Option<Vec<HeldView>> {
        self.ask(Command::Held).await
    }

    /// Lets a held message go; `Some(false)`: no message of this number is held.
    pub async fn release(&self, id: u64, how: Release) -> Option<bool> {
        self.ask(|reply| Command::Release(id, how, reply)).await
    }

    /// The text of the deployed flows.
    pub async fn flows(&self) -> Option<String> {
        self.ask(Command::Flows).await
    }

    /// Delivers a message that came from another runtime to a node's input. `ack` is always called, unless the
    /// engine ends first; then it is dropped uncalled.
    pub async fn deliver(&self, to: &str, msg: Message, ack: Ack) -> bool {
        self.to.send(Command::Deliver(to.to_string(), msg, ack)).await.is_ok()
    }

    /// As `deliver`, but without waiting for room: `Err` gives message and callback back.
    pub fn try_deliver(&self, to: &str, msg: Message, ack: Ack) -> Result<(), Option<(Message, Ack)>> {
        let sent = self.to.try_send(Command::Deliver(to.to_string(), msg, ack));
        sent.map_err(|e| match e.into_inner() {
            Command::Deliver(_, msg, ack) => Some((msg, ack)),
            _ => None,
        })
    }

    async fn ask<T>(&self, make: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.to.send(make(reply)).await.ok()?;
        answer.await.ok()
    }
}
