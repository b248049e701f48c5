//! Shapes: lists of keys shared by all objects that have them in the same order, so that a key is found by index.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use arcstr::ArcStr;
use rustc_hash::{FxHashMap, FxHashSet};

/// Shapes are never freed, so there are at most so many; objects beyond carry keys of their own.
const MAX_SHAPES: u32 = 4096;
/// Larger objects are used as tables rather than records.
const MAX_KEYS: usize = 64;
/// Longer keys are data rather than names.
const MAX_KEY_BYTES: usize = 64;
/// Keys asked for once that a shape remembers, so that the second time they get a shape.
const MAX_TRIED: usize = 64;
/// From so many keys on a hash index pays.
const INDEXED: usize = 12;

/// The keys of one object.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// The shape's number; 0: keys of its own.
    id: u32,
    list: List,
}

#[derive(Clone, Debug)]
enum List {
    Shared(&'static Shape),
    Own(Arc<KeyList>),
}

/// Keys in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyList {
    names: Vec<ArcStr>,
    /// Hashed with a secret: strangers choose the keys.
    index: Option<HashMap<ArcStr, usize>>,
}

/// An interned list of keys and the shapes that follow from it by one more key.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    id: u32,
    list: KeyList,
    next: RwLock<FxHashMap<ArcStr, &'static Shape>>,
    /// The first of them, which records of one kind all take: it is found without a lock.
    usual: OnceLock<(ArcStr, &'static Shape)>,
    /// Keys asked for once. Objects that are used as tables have keys that never come again: a key gets a shape when it
    /// is asked for twice, so that such objects do not use up the shapes.
    tried: Mutex<FxHashSet<ArcStr>>,
}

/// Where a key was found last, for two shapes. Shapes never change, so a hit is always right.
#[derive(Debug)]
pub struct SlotCache([AtomicU64; 2]);

impl Default for SlotCache {
    /// Remembers nothing: no shape has the number `u32::MAX`.
    fn default() -> Self {
        Self([AtomicU64::new(u64::MAX), AtomicU64::new(u64::MAX)])
    }
}

impl SlotCache {
    /// The slot for a shape; a key that the shape has not is remembered as a slot that no object has.
    #[inline]
    pub(crate) fn read(&self, shape: u32) -> Option<u32> {
        let [first, second] = &self.0;
        let both = first.load(Ordering::Relaxed);
        if (both >> 32) as u32 == shape {
            return Some(both as u32);
        }
        let both = second.load(Ordering::Relaxed);
        ((both >> 32) as u32 == shape).then_some(both as u32)
    }

    /// Remembers in place of the older of the two.
    pub(crate) fn write(&self, shape: u32, slot: Option<usize>) -> u32 {
        let slot = slot.and_then(|s| u32::try_from(s).ok()).unwrap_or(u32::MAX);
        let [first, second] = &self.0;
        second.store(first.load(Ordering::Relaxed), Ordering::Relaxed);
        first.store(u64::from(shape) << 32 | u64::from(slot), Ordering::Relaxed);
        slot
    }
}

impl Default for Keys {
    fn default() -> Self {
        Keys::shared(root())
    }
}

impl Keys {
    fn shared(shape: &'static Shape) -> Self {
        Self { id: shape.id, list: List::Shared(shape) }
    }

    fn own(list: KeyList) -> Self {
        Self { id: 0, list: List::Own(Arc::new(list)) }
    }

    /// The shape's number; 0: keys of its own.
    #[inline]
    pub(crate) fn shape(&self) -> u32 {
        self.id
    }

    pub(crate) fn find(&self, key: &str) -> Option<usize> {
        self.list().find(key)
    }

    pub(crate) fn names(&self) -> &[ArcStr] {
        &self.list().names
    }

    fn list(&self) -> &KeyList {
        match &self.list {
            List::Shared(shape) => &shape.list,
            List::Own(list) => list,
        }
    }

    /// Appends one by the way that objects of this shape usually take; false: that is another key, or they end here. A key
    /// on that way is never among those that are there.
    #[inline]
    pub(crate) fn push_usual(&mut self, key: &str) -> bool {
        let List::Shared(shape) = self.list else { return false };
        match shape.usual.get() {
            Some((usual, next)) if usual == key => {
                *self = Keys::shared(next);
                true
            }
            _ => false,
        }
    }

    /// Appends one; the caller knows that it is not among them.
    pub(crate) fn push(&mut self, key: &str) {
        match &mut self.list {
            List::Shared(shape) => match shape.then(key) {
                Some(next) => *self = Keys::shared(next),
                None => {
                    let mut list = shape.list.clone();
                    list.push(ArcStr::from(key));
                    *self = Keys::own(list);
                }
            },
            List::Own(list) => Arc::make_mut(list).push(ArcStr::from(key)),
        }
    }

    /// These without the one at `at`.
    pub(crate) fn without(&self, at: usize) -> Keys {
        let rest = self.names().iter().enumerate().filter(|(i, _)| *i != at).map(|(_, k)| k);
        if let List::Shared(_) = self.list {
            let mut shape = Some(root());
            for key in rest.clone() {
                shape = shape.and_then(|s| s.then(key));
            }
            if let Some(shape) = shape {
                return Keys::shared(shape);
            }
        }
        let mut list = KeyList::default();
        rest.for_each(|key| list.push(key.clone()));
        Keys::own(list)
    }
}

impl KeyList {
    fn find(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.names.iter().position(|k| k == key),
        }
    }

    fn push(&mut self, key: ArcStr) {
        self.names.push(key.clone());
        match &mut self.index {
            Some(index) => {
                index.insert(key, self.names.len() - 1);
            }
            None if self.names.len() >= INDEXED => {
                self.index = Some(self.names.iter().cloned().enumerate().map(|(i, k)| (k, i)).collect());
            }
            None => {}
        }
    }
}

impl Shape {
    /// The shape with one more key; `None` the first time, and when the limits are reached.
    fn then(&self, key: &str) -> Option<&'static Shape> {
        if let Some(next) = self.next.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Some(next);
        }
        if self.list.names.len() >= MAX_KEYS || key.len() > MAX_KEY_BYTES || !self.asked_before(key) {
            return None;
        }
        let mut next = self.next.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = next.get(key) {
            return Some(known);
        }
        let id = COUNT
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < MAX_SHAPES).then_some(n + 1))
            .ok()?
            .wrapping_add(1);
        let key = ArcStr::from(key);
        let mut list = self.list.clone();
        list.push(key.clone());
        let shape: &'static Shape = Box::leak(Box::new(Shape { id, list, ..Shape::default() }));
        let _ = self.usual.set((key.clone(), shape));
        next.insert(key, shape);
        Some(shape)
    }

    fn asked_before(&self, key: &str) -> bool {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if tried.remove(key) {
            return true;
        }
        if tried.len() >= MAX_TRIED {
            tried.clear();
        }
        tried.insert(ArcStr::from(key));
        false
    }
}

/// Shapes made so far; the empty one is number 1.
static COUNT: AtomicU32 = AtomicU32::new(1);

fn root() -> &'static Shape {
    static ROOT: OnceLock<Shape> = OnceLock::new();
    ROOT.get_or_init(|| Shape { id: 1, ..Shape::default() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::value::{Object, SlotCache, Value};

    #[test]
    fn keys_keep_their_order_whatever_is_taken_out() {
        let mut object: Object =
            [("a", Value::Null), ("b", Value::Bool(true)), ("c", Value::Number(1.0))].into_iter().collect();
        assert_eq!(object.remove("b").unwrap().as_bool(), Some(true));
        object.insert("b", Value::Number(2.0));
        assert_eq!(object.iter().map(|(k, _)| k).collect::<Vec<_>>(), ["a", "c", "b"]);
        assert_eq!(object.get("b").unwrap().as_number(), Some(2.0));
        assert!(object.get("d").is_none());
    }

    #[test]
    fn a_cached_slot_follows_the_shape() {
        let cache = SlotCache::default();
        for _ in 0..4 {
            // The first ones carry keys of their own, the later ones share a shape.
            let one: Object = [("a", Value::Number(1.0)), ("x", Value::Number(2.0))].into_iter().collect();
            let two: Object = [("x", Value::Number(3.0))].into_iter().collect();
            assert_eq!(one.get_cached("x", &cache).unwrap().as_number(), Some(2.0));
            assert_eq!(two.get_cached("x", &cache).unwrap().as_number(), Some(3.0));
            assert!(Object::new().get_cached("x", &cache).is_none());
        }
    }

    #[test]
    fn keys_that_never_come_again_get_no_shape() {
        let shaped = |key: &str| {
            let mut object = Object::new();
            object.insert(key, Value::Null);
            object.keys.shape() != 0
        };
        assert!(!(0..1000).any(|i| shaped(&format!("never again {i}"))));
        assert!(!shaped("comes again") && shaped("comes again"));
    }

    #[test]
    fn a_table_of_many_keys_works_without_shapes() {
        let cache = SlotCache::default();
        let mut object = Object::new();
        for i in 0..5000 {
            object.insert(&format!("key {i}"), Value::Number(f64::from(i)));
        }
        for i in (0..5000).step_by(100) {
            object.remove(&format!("key {i}"));
        }
        assert_eq!(object.len(), 4950);
        assert_eq!(object.get_cached("key 4999", &cache).unwrap().as_number(), Some(4999.0));
        assert!(object.get("key 4900").is_none());
    }
}
