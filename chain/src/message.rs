//! A message: an object with, by custom, `topic`, `payload` and `_msgid`. Cloning shares; changing copies the path changed.

use std::sync::Arc;

use crate::value::{Object, Value};

/// A message.
#[derive(Clone, Debug, Default)]
pub struct Message {
    root: Arc<Object>,
}

impl Message {
    /// A message with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }
    /// From an object.
    pub fn from_object(object: Object) -> Self {
        Self { root: Arc::new(object) }
    }
    /// The object.
    pub fn root(&self) -> &Object {
        &self.root
    }
    /// The object to change; copied first (one level) when it is shared.
    pub fn root_mut(&mut self) -> &mut Object {
        Arc::make_mut(&mut self.root)
    }
    /// The whole message as a value, shared.
    pub fn to_value(&self) -> Value {
        Value::Object(self.root.clone())
    }
    /// `msg[key]`
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.root.get(key)
    }
    /// `msg[key] = value`
    pub fn set(&mut self, key: &str, value: Value) {
        self.root_mut().insert(key, value);
    }
    /// `delete msg[key]`
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.root_mut().remove(key)
    }
    /// `msg._msgid`, or empty.
    pub fn id(&self) -> &str {
        self.get("_msgid").and_then(Value::as_text).unwrap_or("")
    }
}
