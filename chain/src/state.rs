//! What routers keep between messages: counts, rates, keys seen. One state for each router, however many chains and
//! stacks it is in, found by layer, name and kind (Click's `take_state`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use arcstr::ArcStr;
use lru::LruCache;
use rustc_hash::FxHashMap;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::ir;
use crate::text::{self, Order};
use crate::value::Value;

/// What a router did since its state began.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RouterCounts {
    /// Messages that came to it and to which its `when` applied.
    pub seen: u64,
    /// Of those, passed on, at once or after they were held.
    pub passed: u64,
    /// Stopped, at once or after they were held.
    pub stopped: u64,
    /// Held, ever.
    pub held: u64,
    /// Held now: `seen` is `passed`, `stopped`, `remote` and these together.
    pub holds: u64,
    /// Sent to another runtime.
    pub remote: u64,
    /// Copies that a full sink did not take.
    pub dropped_copies: u64,
    /// Paths that were absent when it asked for them, and how often.
    pub absent: BTreeMap<String, u64>,
}

/// The states of all routers of one engine.
#[derive(Debug, Default)]
pub struct States {
    /// What changes with every message stands apart from what only some routers need.
    counts: Vec<Counts>,
    slots: Vec<State>,
    known: FxHashMap<Key, (u32, u32)>,
    free: Vec<u32>,
}

/// Who a router is from one stack to the next: layer, name, kind.
type Key = (String, String, String);

impl States {
    /// No state yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes over the states of routers that are known and begins those of others; where they are, by router.
    pub(crate) fn bind(&mut self, routers: &[ir::Router]) -> Box<[u32]> {
        routers.iter().map(|router| self.user(router)).collect()
    }

    fn user(&mut self, router: &ir::Router) -> u32 {
        let slot = match self.known.get_mut(&key(router)) {
            Some((slot, users)) => {
                *users += 1;
                return *slot;
            }
            None => self.free.pop(),
        };
        let slot = slot.unwrap_or_else(|| {
            self.counts.push(Counts::default());
            self.slots.push(State::default());
            self.slots.len() as u32 - 1
        });
        self.known.insert(key(router), (slot, 1));
        slot
    }

    /// Forgets the states that no stack uses any more.
    pub(crate) fn unbind(&mut self, routers: &[ir::Router]) {
        for router in routers {
            let Some((slot, users)) = self.known.get_mut(&key(router)) else { continue };
            *users -= 1;
            if *users == 0 {
                let slot = *slot;
                self.known.remove(&key(router));
                if let (Some(counts), Some(state)) =
                    (self.counts.get_mut(slot as usize), self.slots.get_mut(slot as usize))
                {
                    *counts = Counts::default();
                    *state = State::default();
                }
                self.free.push(slot);
            }
        }
    }

    /// Whether a router of this name is known already.
    pub fn knows(&self, router: &ir::Router) -> bool {
        self.known.contains_key(&key(router))
    }

    #[inline]
    pub(crate) fn counts(&mut self, slot: u32) -> Option<&mut Counts> {
        self.counts.get_mut(slot as usize)
    }

    /// The counts of a router as people see them.
    pub(crate) fn view(&self, slot: u32) -> RouterCounts {
        let counts = self.counts.get(slot as usize).copied().unwrap_or_default();
        let holds = counts.held.saturating_sub(counts.released);
        RouterCounts {
            seen: counts.seen,
            passed: counts.seen.saturating_sub(counts.stopped + holds + counts.remote),
            stopped: counts.stopped,
            held: counts.held,
            holds,
            remote: counts.remote,
            dropped_copies: counts.dropped_copies,
            absent: self.slots.get(slot as usize).map(|state| state.absent.clone()).unwrap_or_default(),
        }
    }

    #[inline]
    pub(crate) fn at(&mut self, slot: u32) -> Option<&mut State> {
        self.slots.get_mut(slot as usize)
    }
}

fn key(router: &ir::Router) -> Key {
    (router.layer.clone(), router.name.clone(), router.kind.clone())
}

/// What is counted of one router.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
#[repr(align(64))]
pub(crate) struct Counts {
    pub(crate) seen: u64,
    pub(crate) stopped: u64,
    pub(crate) held: u64,
    /// Of those held: gone on or stopped since.
    pub(crate) released: u64,
    pub(crate) remote: u64,
    pub(crate) dropped_copies: u64,
}

/// What else is kept of one router.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) absent: BTreeMap<String, u64>,
    /// Messages that matched, for `every` and `hits`.
    pub(crate) matched: u64,
    pub(crate) tap_bucket: Option<Bucket>,
    pub(crate) rates: Keyed<Rated>,
    pub(crate) last_seen: Keyed<f64>,
}

/// A token bucket, and when the last message held for it goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rated {
    pub(crate) bucket: Bucket,
    pub(crate) release_ms: f64,
}

/// A token bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    pub(crate) tokens: f64,
    pub(crate) at_ms: f64,
}

impl Bucket {
    pub(crate) fn full(rate: &ir::Rate, now: f64) -> Self {
        Self { tokens: rate.burst.max(1.0), at_ms: now }
    }

    pub(crate) fn take(&mut self, rate: &ir::Rate, now: f64) -> bool {
        let gained = (now - self.at_ms).max(0.0) * rate.count / rate.per_ms;
        // A nanosecond's worth of rounding must not cost a token that is due.
        self.tokens = (self.tokens + gained).min(rate.burst.max(1.0));
        self.at_ms = now;
        let due = self.tokens >= 1.0 - 1e-9;
        if due {
            self.tokens -= 1.0;
        }
        due
    }
}

/// A bounded map that forgets the key used longest ago.
#[derive(Debug)]
pub(crate) struct Keyed<T>(LruCache<StateKey, T>);

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self(LruCache::unbounded())
    }
}

impl<T> Keyed<T> {
    /// The entry of a key, made when it is new; of more than `most` keys the one used longest ago goes.
    pub(crate) fn entry(&mut self, key: StateKey, most: u32, make: impl FnOnce() -> T) -> &mut T {
        if !self.0.contains(&key) {
            while self.0.len() >= most.max(1) as usize && self.0.pop_lru().is_some() {}
        }
        self.0.get_or_insert_mut(key, make)
    }
}

/// What a limit counts by: values are one key when their canonical JSON texts are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum StateKey {
    /// Without `per`.
    All,
    Absent,
    Text(ArcStr),
    /// The double's bits; never `-0`, NaN or infinite.
    Number(u64),
    /// JSON text of anything else.
    Json(String),
    /// Of longer texts the SHA-256, so that a key takes little room whatever a message holds.
    Long([u8; 32]),
}

impl StateKey {
    /// Bytes up to which a text is kept as it is.
    const SHORT: usize = 128;

    pub(crate) fn of(value: Option<&Value>) -> Self {
        match value {
            None | Some(Value::Undefined) => StateKey::Absent,
            Some(Value::Text(text)) if text.len() <= Self::SHORT => StateKey::Text(text.clone()),
            Some(Value::Number(n)) if n.is_finite() => StateKey::Number((n + 0.0).to_bits()),
            Some(value) => {
                let mut text = String::new();
                text::write(value, Order::Sorted, &mut text);
                Self::of_json(text)
            }
        }
    }

    fn of_json(text: String) -> Self {
        // A Date is its text, and so one key with it.
        match serde_json::from_str::<String>(&text) {
            Ok(plain) if plain.len() <= Self::SHORT => StateKey::Text(plain.into()),
            _ if text.len() <= Self::SHORT => StateKey::Json(text),
            _ => StateKey::Long(Sha256::digest(&text).into()),
        }
    }
}

/// A path as the language writes it: `msg.payload.beds[0]["soil pH"]`.
pub fn path_text(path: &[ir::Seg]) -> String {
    let mut out = String::from("msg");
    for seg in path {
        let _ = match seg {
            ir::Seg::Index(i) => write!(out, "[{i}]"),
            ir::Seg::Key(key) if is_name(key) => write!(out, ".{key}"),
            ir::Seg::Key(key) => write!(out, "[{}]", serde_json::Value::from(key.as_str())),
        };
    }
    out
}

fn is_name(key: &str) -> bool {
    let mut chars = key.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
