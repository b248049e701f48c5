//! `msg.parts`: where a message stands in a sequence.

use route_chain::{Message, Object, Value};

use super::super::value::coerce;

/// The parts of a message, when it has any.
pub(crate) fn of(msg: &Message) -> Option<&Object> {
    msg.get("parts").and_then(Value::as_object)
}

/// Whether a message is a part of a sequence: it says of which and at which place.
pub(crate) fn placed(msg: &Message) -> Option<&Object> {
    of(msg).filter(|parts| parts.get("id").is_some() && parts.get("index").is_some())
}

/// A member as a number; `None` when it is not there or none.
pub(crate) fn number(parts: &Object, key: &str) -> Option<f64> {
    parts.get(key).map(coerce::to_number).filter(|n| !n.is_nan())
}

/// The sequence's identity as text.
pub(crate) fn id(parts: &Object) -> String {
    parts.get("id").map(coerce::to_text).unwrap_or_default()
}

/// Sets members of `msg.parts`, which is made when it is not there.
pub(crate) fn set(msg: &mut Message, members: &[(&str, Value)]) {
    let slot = msg.root_mut().entry("parts");
    if slot.as_object().is_none() {
        *slot = Value::object::<&str>([]);
    }
    if let Some(parts) = slot.as_object_mut() {
        for (key, value) in members {
            parts.insert(key, value.clone());
        }
    }
}
