//! Values of messages: what JSON has, and what Node-RED messages have besides (Buffer, undefined, Date, NaN, live handles).
//! Cheap to share, copied on write.

use std::any::Any;
use std::sync::Arc;

use arcstr::ArcStr;
use smallvec::SmallVec;

use crate::shape::Keys;
pub use crate::shape::SlotCache;

/// A value: 16 bytes. Cloning is at most one reference count.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// JavaScript's `undefined`: a key that is there without a value.
    #[default]
    Undefined,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// An IEEE double; NaN and infinities included.
    Number(f64),
    /// Text.
    Text(ArcStr),
    /// A Node.js Buffer.
    Bytes(Arc<Vec<u8>>),
    /// A Date: milliseconds since 1970-01-01T00:00Z; NaN for an invalid one.
    Date(f64),
    /// A list.
    List(Arc<Vec<Value>>),
    /// An object; keys keep their order.
    Object(Arc<Object>),
    /// A live thing that only this process can use (an HTTP response, …); never written to disk or network.
    Opaque(Arc<Opaque>),
}

/// The most levels that a message may have. Nothing in this workspace makes a deeper one, so that code which goes down a
/// message level by level needs no more than a known part of the stack.
pub const MAX_DEPTH: usize = 256;

/// The most members that `set` lets a message have, each counted as often as it is reached: members are shared, so that a
/// message that is put into itself twice over and over would hold more than any text of it could.
pub const MAX_MEMBERS: usize = 1 << 22;

fn take(from: &mut usize, many: usize) -> bool {
    match from.checked_sub(many) {
        Some(rest) => {
            *from = rest;
            true
        }
        None => false,
    }
}

/// A live handle, such as `msg.res`. Compared by identity.
pub struct Opaque {
    /// For people: `ServerResponse`.
    pub label: &'static str,
    /// The thing.
    pub handle: Box<dyn Any + Send + Sync>,
}

impl std::fmt::Debug for Opaque {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}]", self.label)
    }
}

/// An object: keys in insertion order. Objects with the same keys in the same order share one list of them.
#[derive(Clone, Default)]
pub struct Object {
    pub(crate) keys: Keys,
    slots: SmallVec<[Value; 6]>,
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Object {
    /// An empty object.
    pub fn new() -> Self {
        Self::default()
    }
    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.slots.get(self.keys.find(key)?)
    }
    /// The value under a key, remembering in `cache` where objects of this shape have it.
    #[inline]
    pub fn get_cached(&self, key: &str, cache: &SlotCache) -> Option<&Value> {
        let slot = match cache.read(self.keys.shape()) {
            Some(slot) => slot,
            None => self.look_up(key, cache),
        };
        self.slots.get(slot as usize)
    }
    #[cold]
    #[inline(never)]
    fn look_up(&self, key: &str, cache: &SlotCache) -> u32 {
        let slot = self.keys.find(key);
        match self.keys.shape() {
            // Keys of its own: nothing to remember. A slot past `u32` cannot be: keys take more memory than there is.
            0 => slot.and_then(|s| u32::try_from(s).ok()).unwrap_or(u32::MAX),
            shape => cache.write(shape, slot),
        }
    }
    /// The value under a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let at = self.keys.find(key)?;
        self.slots.get_mut(at)
    }
    /// Sets a key; a new one goes last.
    pub fn insert(&mut self, key: &str, value: Value) {
        if self.keys.push_usual(key) {
            return self.slots.push(value);
        }
        match self.get_mut(key) {
            Some(slot) => *slot = value,
            None => {
                self.keys.push(key);
                self.slots.push(value);
            }
        }
    }
    /// Where a key stands; a new one is `undefined` and goes last.
    pub(crate) fn place(&mut self, key: &str) -> usize {
        if self.keys.push_usual(key) {
            self.slots.push(Value::Undefined);
            return self.slots.len() - 1;
        }
        self.keys.find(key).unwrap_or_else(|| {
            self.keys.push(key);
            self.slots.push(Value::Undefined);
            self.slots.len() - 1
        })
    }
    /// Sets the value at a place.
    pub(crate) fn put(&mut self, at: usize, value: Value) {
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = value;
        }
    }
    /// The value under a key, to change; a new one is `undefined` and goes last.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        let at = self.place(key);
        &mut self.slots[at]
    }
    /// Takes a key out; the order of the others stays.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.keys.find(key)?;
        self.keys = self.keys.without(at);
        Some(self.slots.remove(at))
    }
    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.keys.names().iter().map(ArcStr::as_str).zip(&self.slots)
    }
    /// How many keys.
    pub fn len(&self) -> usize {
        self.slots.len()
    }
    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

impl<K: AsRef<str>> FromIterator<(K, Value)> for Object {
    fn from_iter<T: IntoIterator<Item = (K, Value)>>(iter: T) -> Self {
        let mut object = Object::new();
        for (k, v) in iter {
            object.insert(k.as_ref(), v);
        }
        object
    }
}

impl Value {
    /// Text.
    pub fn text(s: impl AsRef<str>) -> Self {
        Value::Text(ArcStr::from(s.as_ref()))
    }
    /// A Buffer.
    pub fn bytes(b: impl Into<Vec<u8>>) -> Self {
        Value::Bytes(Arc::new(b.into()))
    }
    /// A list.
    pub fn list(items: Vec<Value>) -> Self {
        Value::List(Arc::new(items))
    }
    /// An object.
    pub fn object<K: AsRef<str>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Value::Object(Arc::new(entries.into_iter().collect()))
    }
    /// A live handle.
    pub fn opaque(label: &'static str, handle: impl Any + Send + Sync) -> Self {
        Value::Opaque(Arc::new(Opaque { label, handle: Box::new(handle) }))
    }
    /// Whether the value has at most so many levels (a text has none, a list of texts one) and, counted as often as they
    /// are reached, at most [`MAX_MEMBERS`] members. Looks no further than that.
    pub fn is_within(&self, levels: usize) -> bool {
        self.spend(levels, &mut { MAX_MEMBERS })
    }

    fn spend(&self, levels: usize, members: &mut usize) -> bool {
        match self {
            Value::List(items) => {
                levels > 0
                    && take(members, items.len())
                    && items.iter().all(|member| member.spend(levels - 1, members))
            }
            Value::Object(object) => {
                levels > 0
                    && take(members, object.len())
                    && object.iter().all(|(_, member)| member.spend(levels - 1, members))
            }
            _ => true,
        }
    }
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(s) => Some(s),
            _ => None,
        }
    }
    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Number(n) => Some(*n),
            _ => None,
        }
    }
    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }
    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(l) => Some(l),
            _ => None,
        }
    }
    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(o) => Some(o),
            _ => None,
        }
    }
    /// The object to change: copied first when it is shared.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Value::Object(o) => Some(Arc::make_mut(o)),
            _ => None,
        }
    }
    /// The list to change: copied first when it is shared.
    pub fn as_list_mut(&mut self) -> Option<&mut Vec<Value>> {
        match self {
            Value::List(l) => Some(Arc::make_mut(l)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn a_value_is_small() {
        assert_eq!(size_of::<Value>(), 16);
    }
}
