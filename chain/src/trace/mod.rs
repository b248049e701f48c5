//! What every router did with a message, and why: the reference interpreter of chains, which keeps a record.
//!
//! It runs the steps of a set as they are written, one by one, without tables, and shares the routers' states with the
//! running form, so that both can take turns on one stream of messages. A property test holds them to the same verdicts.

mod condition;
mod run;
#[cfg(test)]
mod tests;

use arcstr::ArcStr;

use crate::host::TapResult;
use crate::message::Message;
use crate::value::Value;

pub use condition::{Recorder, atoms};
pub use run::Tracer;

/// What one router did with a message that came to it.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Which step of the chain it is.
    pub step: u32,
    /// Index of the router.
    pub router: u32,
    /// Its `when`, if it has one.
    pub when: Option<Judged>,
    /// What it did.
    pub did: Did,
}

/// A condition asked of a message.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Whether it holds.
    pub holds: bool,
    /// Its atoms (what is no `and`, `or`, `not` or constant), from left to right; `None`: it was not asked any more.
    pub atoms: Vec<Option<Atom>>,
    /// Those atoms that alone make the outcome what it is, ascending.
    pub decisive: Vec<u32>,
}

/// One comparison or test.
#[derive(Clone, Debug)]
pub struct Atom {
    /// How it came out.
    pub outcome: Outcome,
    /// Its operands, from left to right.
    pub operands: Vec<Read>,
    /// The random number that `sample` drew, in `0..1`.
    pub drawn: Option<f64>,
}

/// How an atom came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It does not, because an operand has no value.
    Absent,
}

/// A value that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// What it was; `None`: absent.
    pub value: Option<Value>,
    /// The paths of the message in it, each with what was there.
    pub paths: Vec<(u32, Option<Value>)>,
}

/// What a router did.
#[derive(Clone, Debug)]
pub enum Did {
    /// Nothing: its `when` does not hold.
    Skipped,
    /// `filter`: let it pass.
    Kept(Judged),
    /// `filter`: stopped it.
    Dropped(Judged),
    /// `halt`: stopped it.
    Halted {
        /// For people.
        reason: Option<ArcStr>,
        /// Raised at the source node.
        as_error: bool,
    },
    /// `set`
    Changed(Vec<Change>),
    /// `redirect`: it will be delivered to this node.
    Redirected(ArcStr),
    /// `limit`
    Limited(Limited),
    /// `tap`: copied it.
    Copied {
        /// The copy.
        copy: Message,
        /// What became of it.
        result: TapResult,
    },
    /// `tap`: copied nothing.
    NotCopied(NotCopied),
    /// `break`: let it pass, because the hit from which on it holds was not reached.
    BelowHits {
        /// Messages that matched, this one included.
        hits: u64,
        /// From which one on it holds.
        wanted: u64,
    },
    /// `break`: reported it.
    Logged(String),
    /// `break`: holds it.
    Held {
        /// Milliseconds since 1970.
        until_ms: f64,
    },
    /// `remote`: gave it away.
    Sent,
    /// `call`
    Called(Called),
}

/// One change of `set`.
#[derive(Clone, Debug)]
pub struct Change {
    /// Index of the path.
    pub path: u32,
    /// What was there.
    pub before: Option<Value>,
    /// What is there now.
    pub after: Option<Value>,
    /// What was assigned; `None`: the path was to be deleted.
    pub assigned: Option<Read>,
    /// Whether the change was made: not when there is no value to assign, nothing to delete, or something on the way is
    /// neither an object nor a list.
    pub done: bool,
}

/// What a limit found.
#[derive(Clone, Debug)]
pub struct Limited {
    /// The value of `distinct by`.
    pub distinct: Option<Read>,
    /// The value of `per`.
    pub per: Option<Read>,
    /// What follows.
    pub found: Found,
}

/// Where a message stands with a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// It passes.
    Within,
    /// The same key came so many milliseconds before: it stops.
    Duplicate {
        /// Milliseconds.
        after_ms: f64,
    },
    /// Over the rate: it stops.
    Over,
    /// Over the rate: it is held.
    Waits {
        /// Milliseconds since 1970.
        until_ms: f64,
    },
}

/// Why a tap copied nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCopied {
    /// Only every so many-th message is copied.
    Every {
        /// Messages that matched, this one included.
        nth: u64,
        /// Which are copied.
        every: u64,
    },
    /// Over the rate of copies.
    Rate,
}

/// What a module said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// The message goes on.
    Passed,
    /// It stops, for this reason.
    Stopped(String),
    /// The module failed, and the message goes on.
    FaultPassed(String),
    /// The module failed, and the message stops.
    FaultStopped {
        /// What it said.
        text: String,
        /// Raised at the source node.
        as_error: bool,
    },
}
