//! What a chain needs of the runtime around it, and what it says to it.

use std::sync::Arc;

use arcstr::ArcStr;

use crate::ir;
use crate::message::Message;
use crate::state::States;
use crate::value::Value;

/// The runtime around a chain.
pub trait Host {
    /// What routers keep between messages.
    fn states(&mut self) -> &mut States;
    /// Milliseconds since 1970.
    fn now_ms(&mut self) -> f64;
    /// A random number in `0..1`.
    fn random(&mut self) -> f64;
    /// Takes a copy for a sink.
    fn tap(&mut self, router: u32, tap: &ir::Tap, wire: &ir::Wire, copy: Message) -> TapResult;
    /// A line of a breakpoint that only reports.
    fn log(&mut self, router: u32, text: &str);
    /// Runs a router module.
    fn call(&mut self, router: u32, call: &ir::Call, wire: &ir::Wire, msg: Message) -> CallResult;
}

/// A host without a runtime: its clock stands, its dice always show the same, its sinks take every copy and keep none, and
/// its modules let every message pass. For tools that run chains for their verdicts alone.
#[derive(Debug)]
pub struct Still {
    /// What routers keep.
    pub states: States,
    /// The number that the dice show, in `0..1`.
    pub dice: f64,
}

impl Default for Still {
    fn default() -> Self {
        Self { states: States::default(), dice: 0.5 }
    }
}

impl Host for Still {
    fn states(&mut self) -> &mut States {
        &mut self.states
    }
    fn now_ms(&mut self) -> f64 {
        0.0
    }
    fn random(&mut self) -> f64 {
        self.dice
    }
    fn tap(&mut self, _: u32, _: &ir::Tap, _: &ir::Wire, _: Message) -> TapResult {
        TapResult::Taken
    }
    fn log(&mut self, _: u32, _: &str) {}
    fn call(&mut self, _: u32, _: &ir::Call, _: &ir::Wire, msg: Message) -> CallResult {
        CallResult::Pass(msg)
    }
}

/// What became of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapResult {
    /// The sink has it.
    Taken,
    /// The sink was full, and the copy is gone.
    Dropped,
    /// The sink is full, and the message must wait (`full block`).
    Full,
}

/// What a router module says.
#[derive(Debug)]
pub enum CallResult {
    /// The message goes on.
    Pass(Message),
    /// It stops, for this reason.
    Stop(Message, String),
    /// The module failed.
    Fault(Message, String),
}

/// Why a message is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldKind {
    /// At a breakpoint; when its time is over it passes or stops.
    Break {
        /// Passes.
        pass: bool,
    },
    /// Over a limit: goes on at its time.
    Limit,
    /// Its copy waits for room in a sink: the same step is tried again.
    Sink,
}

/// Where a message stands in its chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The chain.
    pub chain: u32,
    /// The step that comes next.
    pub step: u32,
    /// Where it will be delivered, when a `redirect` before this step said so.
    pub redirect: Option<ArcStr>,
}

impl Position {
    /// The beginning of a chain.
    pub fn start(chain: u32) -> Self {
        Self { chain, step: 0, redirect: None }
    }
}

/// What becomes of the message at the end of its chain, or where it left it.
#[derive(Debug)]
pub enum Verdict {
    /// To the node at the end of the wire.
    Deliver(Message),
    /// To this node instead.
    Redirect {
        /// Node id.
        to: ArcStr,
        /// The message.
        msg: Message,
    },
    /// Stopped.
    Stop {
        /// Which router stopped it.
        router: u32,
        /// For people.
        reason: Option<ArcStr>,
        /// Raised at the source node.
        as_error: bool,
        /// The message.
        msg: Message,
    },
    /// Held; goes on with [`Running::resume`](crate::link::Running::resume).
    Hold {
        /// Which router holds it.
        router: u32,
        /// Where it goes on.
        at: Position,
        /// Why.
        kind: HoldKind,
        /// When its time is over, milliseconds since 1970.
        release_at_ms: f64,
        /// The message.
        msg: Message,
    },
    /// To another runtime; when that cannot be and the router says `pass`, it goes on here.
    Remote {
        /// Which router sends it.
        router: u32,
        /// Where it would go on.
        at: Position,
        /// Where to, and how.
        remote: Arc<ir::Remote>,
        /// The value of `by hash`, `null` when it is absent; `None`: it is not chosen by hash.
        key: Option<Value>,
        /// The message.
        msg: Message,
    },
}
