//! A path with remembered places: reading it costs a comparison of numbers for each step, not a search for a key.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ir::{Path, Seg};
use crate::message::Message;
use crate::value::{SlotCache, Value};

/// A path below `msg`, as one step of one chain reads it.
#[derive(Debug)]
pub(crate) struct Slot {
    first: Key,
    /// The second step when it is a key, which most paths have: `msg.payload.x`.
    second: Option<Key>,
    rest: Box<[(Seg, SlotCache)]>,
    path: u32,
    /// How often there was nothing; taken by [`Slot::take_absent`].
    absent: AtomicU64,
}

#[derive(Debug)]
struct Key {
    name: Box<str>,
    at: SlotCache,
}

impl Key {
    fn new(name: &str) -> Self {
        Self { name: name.into(), at: SlotCache::default() }
    }
}

/// How a path is read fastest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// `msg.x`
    One,
    /// `msg.x.y`
    Two,
    /// Longer, or with an index.
    More,
}

impl Slot {
    /// `None`: the path does not begin with a key, which a checked set excludes.
    pub(crate) fn new(index: u32, path: &Path) -> Option<Self> {
        let (Seg::Key(first), rest) = path.split_first()? else { return None };
        let (second, rest) = match rest.split_first() {
            Some((Seg::Key(second), rest)) => (Some(Key::new(second)), rest),
            _ => (None, rest),
        };
        Some(Self {
            first: Key::new(first),
            second,
            rest: rest.iter().map(|seg| (seg.clone(), SlotCache::default())).collect(),
            path: index,
            absent: AtomicU64::new(0),
        })
    }

    pub(crate) fn depth(&self) -> Depth {
        match (&self.second, self.rest.is_empty()) {
            (None, true) => Depth::One,
            (Some(_), true) => Depth::Two,
            (_, false) => Depth::More,
        }
    }

    /// The value; counts when there is none.
    #[inline]
    pub(crate) fn get<'m>(&self, msg: &'m Message) -> Option<&'m Value> {
        match self.find(msg) {
            None => self.miss(),
            found => found,
        }
    }

    /// The value, without counting.
    pub(crate) fn find<'m>(&self, msg: &'m Message) -> Option<&'m Value> {
        let mut at = self.raw_one(msg)?;
        if let Some(second) = &self.second {
            at = member(at, second)?;
        }
        for (seg, cache) in &self.rest {
            at = match (at, seg) {
                (Value::Object(object), Seg::Key(key)) => object.get_cached(key, cache)?,
                (Value::List(items), Seg::Index(i)) => items.get(*i as usize)?,
                _ => return None,
            };
        }
        (!matches!(at, Value::Undefined)).then_some(at)
    }

    /// The value of a path of depth one; `undefined` is told apart by the caller.
    #[inline(always)]
    pub(crate) fn raw_one<'m>(&self, msg: &'m Message) -> Option<&'m Value> {
        msg.root().get_cached(&self.first.name, &self.first.at)
    }

    /// The value of a path of depth two; `undefined` is told apart by the caller.
    #[inline(always)]
    pub(crate) fn raw_two<'m>(&self, msg: &'m Message) -> Option<&'m Value> {
        member(self.raw_one(msg)?, self.second.as_ref()?)
    }

    /// Counts that there is nothing.
    #[cold]
    #[inline(never)]
    pub(crate) fn miss<'m>(&self) -> Option<&'m Value> {
        self.absent.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// Index of the path in its set.
    pub(crate) fn path(&self) -> u32 {
        self.path
    }

    /// How often nothing was there since this was asked last.
    pub(crate) fn take_absent(&self) -> u64 {
        self.absent.swap(0, Ordering::Relaxed)
    }
}

#[inline(always)]
fn member<'m>(value: &'m Value, key: &Key) -> Option<&'m Value> {
    match value {
        Value::Object(object) => object.get_cached(&key.name, &key.at),
        _ => None,
    }
}
