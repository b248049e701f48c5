//! Messages that breakpoints and limits hold: one bounded table, oldest first.

use std::collections::BTreeMap;
use std::rc::Rc;

use route_chain::Message;
use route_chain::host::Position;
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
    pub(crate) since_ms: f64,
    pub(crate) until_ms: f64,
    pub(crate) msg: Message,
}

/// What holds a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A breakpoint that lets it go when its time is over.
    BreakThenPass,
    /// A breakpoint that stops it when its time is over.
    BreakThenDrop,
    /// A limit, until the rate has room.
    Limit,
    /// A tap whose sink is full.
    Sink,
    /// Someone at the debugger went one router further.
    Step,
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
    /// Source node.
    pub from: String,
    /// Output, from 0.
    pub port: u32,
    /// Destination node.
    pub to: String,
    /// Since when, milliseconds since 1970.
    pub since_ms: f64,
    /// Until when; absent: until there is room for its copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<f64>,
    /// Routers that it has still to pass, `tap audit`.
    pub ahead: Vec<String>,
    /// The message.
    pub msg: serde_json::Value,
}

/// The table.
pub(crate) struct Holds {
    held: BTreeMap<u64, Held>,
    /// Held messages by stack (its address, which they keep alive) and router.
    counts: std::collections::HashMap<(usize, u32), u64>,
    next: u64,
    max: usize,
}

impl Holds {
    pub(crate) fn new(max: usize) -> Self {
        Self { held: BTreeMap::new(), counts: std::collections::HashMap::new(), next: 1, max }
    }

    /// Puts a message in; `Err` gives it back when the table is full.
    pub(crate) fn put(&mut self, held: Held) -> Result<u64, Box<Held>> {
        if self.held.len() >= self.max {
            return Err(Box::new(held));
        }
        let id = self.next;
        self.next += 1;
        *self.counts.entry((Rc::as_ptr(&held.run.stack) as usize, held.router)).or_insert(0) += 1;
        self.held.insert(id, held);
        Ok(id)
    }

    /// How many the same router of the same stack holds.
    pub(crate) fn of(&self, held: &Held) -> u64 {
        let key = (Rc::as_ptr(&held.run.stack) as usize, held.router);
        self.counts.get(&key).copied().unwrap_or(0)
    }

    /// Takes a message out.
    pub(crate) fn take(&mut self, id: u64) -> Option<Held> {
        let held = self.held.remove(&id)?;
        let key = (Rc::as_ptr(&held.run.stack) as usize, held.router);
        if let Some(count) = self.counts.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&key);
            }
        }
        Some(held)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Held> {
        self.held.get_mut(&id)
    }

    pub(crate) fn most(&self) -> usize {
        self.max
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
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
    fn view(&self, id: u64) -> HeldView {
        let router = self.run.stack.router(self.router);
        HeldView {
            id,
            router: router.map(|r| r.name.clone()).unwrap_or_default(),
            layer: router.map(|r| r.layer.clone()).unwrap_or_default(),
            why: self.why,
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
