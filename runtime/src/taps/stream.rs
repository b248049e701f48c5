//! Subscribers of `routec tap`: each has its own bounded queue, and a slow one loses copies of its own only.

use std::collections::HashMap;
use std::sync::Arc;

use route_chain::eval::Tables;
use route_chain::format::{self, FormatError};
use route_chain::ir::{self, ChainSet, Cond, Op};
use serde::Deserialize;
use tokio::sync::{Notify, mpsc};

use super::room::{Room, RoomMaker};
use super::tapped::Tapped;

/// Which copies a subscriber wants: what `stream` taps copy, or, with `wires`, `from`, `port` or `to`, every message that
/// is sent on those wires, tap or no tap.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Source node.
    pub from: Option<String>,
    /// Output, from 0.
    pub port: Option<u32>,
    /// Destination node.
    pub to: Option<String>,
    /// A `stream` tap by name: its copies only.
    pub router: Option<String>,
    /// Bare wires, all of them unless `from`, `port` or `to` say which.
    #[serde(default)]
    pub wires: bool,
}

impl Filter {
    fn fits(&self, router: Option<&str>, wire: &ir::Wire) -> bool {
        let named = match router {
            Some(router) => !self.wants_wires() && self.router.as_deref().is_none_or(|r| r == router),
            None => self.wants_wires(),
        };
        named
            && self.from.as_deref().is_none_or(|f| f == wire.from)
            && self.port.is_none_or(|p| p == wire.port)
            && self.to.as_deref().is_none_or(|t| t == wire.to)
    }

    fn wants_wires(&self) -> bool {
        self.router.is_none()
            && (self.wires || self.from.is_some() || self.port.is_some() || self.to.is_some())
    }
}

/// A condition on messages, asked where they are read and not on the engine's thread.
pub struct When {
    tables: Tables,
    /// By chain.
    conds: Vec<Cond>,
    /// Wires whose chain is not the first one.
    wires: HashMap<(String, u32, String), u32>,
    random: u64,
}

impl When {
    /// From a compiled stack of one filter: what it keeps, wire by wire.
    ///
    /// # Errors
    /// The set is invalid, or is no such stack.
    pub fn of(set: &ChainSet) -> Result<Self, FormatError> {
        format::check(set)?;
        let cond = |chain: &ir::Chain| match chain.steps.as_slice() {
            [] => Ok(Cond::Const(true)),
            [ir::Step { when: None, op: Op::Keep(cond), .. }] => Ok(cond.clone()),
            _ => Err(FormatError::Invalid("it is no stack of one filter".to_owned())),
        };
        let conds = set.chains.iter().map(cond).collect::<Result<_, _>>()?;
        let wires = set.wires.iter().map(|w| ((w.from.clone(), w.port, w.to.clone()), w.chain)).collect();
        let regexes = set.regexes.iter().filter_map(|regex| regex::Regex::new(regex).ok()).collect();
        let tables = Tables::new(set.paths.clone(), regexes);
        Ok(Self { tables, conds, wires, random: 0x9e37_79b9_7f4a_7c15 })
    }

    fn holds(&mut self, copy: &Tapped) -> bool {
        let Self { tables, conds, wires, random } = self;
        let wire = (copy.wire.from.clone(), copy.wire.port, copy.wire.to.clone());
        let chain = wires.get(&wire).copied().unwrap_or(0);
        let Some(cond) = conds.get(chain as usize) else { return true };
        // xorshift64*: which messages a sample shows matters to nobody.
        let mut next = || {
            *random ^= *random >> 12;
            *random ^= *random << 25;
            *random ^= *random >> 27;
            (random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
        };
        tables.holds(cond, &copy.msg, &mut next)
    }
}

/// A subscriber's end: the copies that it wants.
pub struct Copies {
    from: mpsc::Receiver<Tapped>,
    room: RoomMaker,
    when: Option<When>,
}

impl Copies {
    /// Only those for which this holds.
    pub fn when(mut self, when: Option<When>) -> Self {
        self.when = when;
        self
    }

    /// The next copy; `None`: the engine has ended.
    pub async fn recv(&mut self) -> Option<Tapped> {
        loop {
            let copy = self.from.recv().await?;
            self.room.0.made();
            if self.when.as_mut().is_none_or(|when| when.holds(&copy)) {
                return Some(copy);
            }
        }
    }
}

struct Subscriber {
    filter: Filter,
    to: mpsc::Sender<Tapped>,
    room: Arc<Room>,
}

/// All subscribers.
pub(crate) struct Streams {
    subscribers: Vec<Subscriber>,
    engine: Arc<Notify>,
    /// Copies that a slow subscriber lost, over all.
    pub(crate) dropped: u64,
    wire_watchers: usize,
}

impl Streams {
    /// `engine`: is woken when a subscriber has room again.
    pub(crate) fn new(engine: Arc<Notify>) -> Self {
        Self { subscribers: Vec::new(), engine, dropped: 0, wire_watchers: 0 }
    }

    /// A new subscriber; it leaves by dropping its end.
    pub(crate) fn subscribe(&mut self, filter: Filter, queue: usize) -> Copies {
        let (to, from) = mpsc::channel(queue.max(1));
        let room = Arc::new(Room::new(self.engine.clone()));
        self.subscribers.push(Subscriber { filter, to, room: room.clone() });
        self.count();
        Copies { from, room: RoomMaker(room), when: None }
    }

    /// Whether bare wires must be shown at all; asked for every message, so it is one comparison.
    #[inline]
    pub(crate) fn watches_wires(&self) -> bool {
        self.wire_watchers > 0
    }

    /// Whether everyone whom a copy concerns has room for it; if not, the engine is woken when they may have.
    pub(crate) fn has_room(&self, router: Option<&str>, wire: &ir::Wire) -> bool {
        let full = |s: &Subscriber| s.to.capacity() == 0 && !s.to.is_closed();
        let concerned = || self.subscribers.iter().filter(|s| s.filter.fits(router, wire));
        for subscriber in concerned().filter(|s| full(s)) {
            subscriber.room.want();
        }
        !concerned().any(full)
    }

    /// Hands a copy to everyone whom it concerns; false: one of them lost it.
    pub(crate) fn publish(
        &mut self,
        router: Option<&str>,
        wire: &ir::Wire,
        copy: impl FnOnce() -> Tapped,
    ) -> bool {
        let mut concerned = self.subscribers.iter().filter(|s| s.filter.fits(router, wire)).peekable();
        if concerned.peek().is_none() {
            return true;
        }
        let copy = copy();
        let (mut gone, mut lost) = (false, 0);
        for subscriber in concerned {
            match subscriber.to.try_send(copy.clone()) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(_)) => lost += 1,
                Err(mpsc::error::TrySendError::Closed(_)) => gone = true,
            }
        }
        self.dropped += lost;
        if gone {
            self.subscribers.retain(|s| !s.to.is_closed());
            self.count();
        }
        lost == 0
    }

    /// Ends every subscription.
    pub(crate) fn close(&mut self) {
        self.subscribers.clear();
        self.wire_watchers = 0;
    }

    fn count(&mut self) {
        self.wire_watchers = self.subscribers.iter().filter(|s| s.filter.wants_wires()).count();
    }
}
