//! Messages that breakpoints, limits and full sinks hold: one bounded table, and the order of those that must not be overtaken.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use route_chain::Message;
use route_chain::host::Position;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::engine::route::Run;
use crate::engine::stack::Stack;
use crate::taps::line;

/// A held message and where it goes on. It keeps the stack it began with alive.
pub(crate) struct Held {
    pub(crate) run: Run,
    pub(crate) at: Position,
    pub(crate) router: u32,
    pub(crate) why: Why,
    /// When its time is over it stops instead of going on.
    pub(crate) then_drop: bool,
    /// It stands in the lane of its wire.
    pub(crate) in_lane: bool,
    pub(crate) since_ms: f64,
    pub(crate) until_ms: f64,
    pub(crate) msg: Message,
}

/// What holds a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A breakpoint.
    Break,
    /// A limit, until the rate has room.
    Limit,
    /// A tap whose sink is full.
    Sink,
    /// Someone at the debugger went one router further.
    Step,
    /// An earlier message of its wire, which a limit or a full sink holds, and which it must not overtake.
    Behind,
}

/// A held message as tools see it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeldView {
    /// Number for `release`.
    pub id: u64,
    /// Router that holds it.
    pub router: String,
    /// The router's layer.
    pub layer: String,
    /// What holds it.
    pub why: Why,
    /// When its time is over it stops instead of going on.
    pub then_drop: bool,
    /// Source node.
    pub from: String,
    /// Output, from 0.
    pub port: u32,
    /// Destination node.
    pub to: String,
    /// Since when, milliseconds since 1970.
    pub since_ms: f64,
    /// Until when; absent: until something else happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<f64>,
    /// Routers that it has still to pass, `tap audit`.
    pub ahead: Vec<String>,
    /// The message.
    pub msg: serde_json::Value,
}

/// The table. A *lane* is the order of the messages of one wire that a limit or a full sink delays: whoever comes later
/// goes no further than the one before, so the wire's messages arrive in the order in which they were sent.
pub(crate) struct Holds {
    held: BTreeMap<u64, Held>,
    /// By wire; a lane that becomes empty is taken away.
    lanes: FxHashMap<u32, VecDeque<u64>>,
    /// Messages that breakpoints and limits hold, by the number of the router in its engine.
    counts: FxHashMap<u32, u64>,
    next: u64,
    max: usize,
}

impl Holds {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            held: BTreeMap::new(),
            lanes: FxHashMap::default(),
            counts: FxHashMap::default(),
            next: 1,
            max,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.held.len() >= self.max
    }

    /// Whether messages of this wire must line up. Asked for every message.
    #[inline]
    pub(crate) fn blocks(&self, lane: u32) -> bool {
        !self.lanes.is_empty() && self.lanes.contains_key(&lane)
    }

    /// A number for a message to hold.
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Puts a message in; its place in its lane is not touched.
    pub(crate) fn put(&mut self, id: u64, held: Held) {
        if let Some(slot) = held.counted() {
            *self.counts.entry(slot).or_insert(0) += 1;
        }
        self.held.insert(id, held);
    }

    /// Takes a message out; its place in its lane is not touched.
    pub(crate) fn take(&mut self, id: u64) -> Option<Held> {
        let held = self.held.remove(&id)?;
        if let Some(slot) = held.counted()
            && let Some(count) = self.counts.get_mut(&slot)
        {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&slot);
            }
        }
        Some(held)
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Held> {
        self.held.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Held> {
        self.held.get_mut(&id)
    }

    /// How many a router holds, by its number in the engine.
    pub(crate) fn of(&self, slot: u32) -> u64 {
        self.counts.get(&slot).copied().unwrap_or(0)
    }

    /// Puts a message at the end of a lane.
    pub(crate) fn line_up(&mut self, lane: u32, id: u64) {
        self.lanes.entry(lane).or_default().push_back(id);
    }

    pub(crate) fn length(&self, lane: u32) -> usize {
        self.lanes.get(&lane).map_or(0, VecDeque::len)
    }

    /// The message at a place of a lane.
    pub(crate) fn at(&self, lane: u32, place: usize) -> Option<u64> {
        self.lanes.get(&lane)?.get(place).copied()
    }

    pub(crate) fn place(&self, lane: u32, id: u64) -> Option<usize> {
        self.lanes.get(&lane)?.iter().position(|other| *other == id)
    }

    /// The step that a message at this place must not run yet; `None`: nobody is before it.
    pub(crate) fn barrier(&self, lane: u32, place: usize, run: &Run, chain: u32) -> Option<u32> {
        let before = self.held.get(&self.at(lane, place.checked_sub(1)?)?)?;
        let same = Rc::ptr_eq(&before.run.stack, &run.stack) && before.at.chain == chain;
        // On another stack the steps cannot be compared: it begins when the other one has gone.
        Some(if same { before.at.step } else { 0 })
    }

    /// Takes a message out of its lane.
    pub(crate) fn leave(&mut self, lane: u32, place: usize) {
        let Some(line) = self.lanes.get_mut(&lane) else { return };
        line.remove(place);
        if line.is_empty() {
            self.lanes.remove(&lane);
        }
    }

    pub(crate) fn most(&self) -> usize {
        self.max
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// All numbers with what they stand for, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Held)> {
        self.held.iter().map(|(id, held)| (*id, held))
    }

    /// The stacks that held messages still need.
    pub(crate) fn stacks(&self) -> impl Iterator<Item = &Rc<Stack>> {
        self.held.values().map(|held| &held.run.stack)
    }

    /// All of them, oldest first.
    pub(crate) fn views(&self) -> Vec<HeldView> {
        self.held.iter().map(|(id, held)| held.view(*id)).collect()
    }
}

impl Held {
    /// The router by whose bound it counts.
    fn counted(&self) -> Option<u32> {
        matches!(self.why, Why::Break | Why::Limit).then(|| self.run.stack.running.slot(self.router))
    }

    fn view(&self, id: u64) -> HeldView {
        let router = self.run.stack.router(self.router);
        HeldView {
            id,
            router: router.map(|r| r.name.clone()).unwrap_or_default(),
            layer: router.map(|r| r.layer.clone()).unwrap_or_default(),
            why: self.why,
            then_drop: self.then_drop,
            from: self.run.wire.from.clone(),
            port: self.run.wire.port,
            to: self.at.redirect.as_deref().unwrap_or(&self.run.wire.to).to_owned(),
            since_ms: self.since_ms,
            until_ms: self.until_ms.is_finite().then_some(self.until_ms),
            ahead: self.run.stack.ahead(self.at.chain, self.at.step),
            msg: line::message(&self.msg),
        }
    }
}
