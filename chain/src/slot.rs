//! A path with remembered places: reading it costs a comparison of numbers for each step, not a search for a key.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ir::{Path, Seg};
use crate::message::Message;
use crate::value::{SlotCache, Value};

/// A path below `msg`, as one step of one chain reads it.
#[derive(Debug)]
pub(crate) struct Slot {
    first: SlotCache,
    second: SlotCache,
    /// What is not needed as long as the places are remembered; kept apart so that many slots fit into the cache.
    way: Box<Way>,
    path: u32,
    /// How often there was nothing; taken by [`Slot::take_absent`].
    absent: AtomicU64,
}

/// The steps of a path.
#[derive(Debug)]
struct Way {
    first: Box<str>,
    /// The second step when it is a key, which most paths have: `msg.payload.x`.
    second: Option<Box<str>>,
    rest: Box<[(Seg, SlotCache)]>,
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
            Some((Seg::Key(second), rest)) => (Some(second.as_str().into()), rest),
            _ => (None, rest),
        };
        let rest = rest.iter().map(|seg| (seg.clone(), SlotCache::default())).collect();
        Some(Self {
            first: SlotCache::default(),
            second: SlotCache::default(),
            way: Box::new(Way { first: first.as_str().into(), second, rest }),
            path: index,
            absent: AtomicU64::new(0),
        })
    }

    pub(crate) fn depth(&self) -> Depth {
        match (&self.way.second, self.way.rest.is_empty()) {
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
        if let Some(second) = &self.way.second {
            at = member(at, second, &self.second)?;
        }
        for (seg, cache) in &self.way.rest {
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
        msg.root().get_cached(&self.way.first, &self.first)
    }

    /// The value of a path of depth two; `undefined` is told apart by the caller.
    #[inline(always)]
    pub(crate) fn raw_two<'m>(&self, msg: &'m Message) -> Option<&'m Value> {
        let Value::Object(object) = self.raw_one(msg)? else { return None };
        // Only asked of paths that have a second step.
        object.get_cached(self.way.second.as_deref().unwrap_or_default(), &self.second)
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
fn member<'m>(value: &'m Value, key: &str, at: &SlotCache) -> Option<&'m Value> {
    match value {
        Value::Object(object) => object.get_cached(key, at),
        _ => None,
    }
}
