//! Reading and changing a message by path. A change copies what is shared on the way, so that no sibling sees it.

use crate::ir::Seg;
use crate::message::Message;
use crate::value::{MAX_DEPTH, Object, Value};

impl Message {
    /// The value at a path; `None` when it leads nowhere or to undefined.
    pub fn at(&self, path: &[Seg]) -> Option<&Value> {
        let Some((Seg::Key(first), rest)) = path.split_first() else { return None };
        let mut value = self.get(first)?;
        for seg in rest {
            value = child(value, seg)?;
        }
        (!matches!(value, Value::Undefined)).then_some(value)
    }

    /// `msg.path = value`: objects on the way are made. False, and nothing changed: something on the way is neither
    /// absent nor an object or list, an index is past the end of its list (one past the end appends), or the message
    /// would become deeper than [`MAX_DEPTH`].
    pub fn set_at(&mut self, path: &[Seg], value: Value) -> bool {
        let Some((Seg::Key(first), rest)) = path.split_first() else { return false };
        let room = MAX_DEPTH.checked_sub(path.len());
        if !room.is_some_and(|room| value.is_within(room)) || !fits(self.get(first), rest) {
            return false;
        }
        let root = self.root_mut();
        let mut slot = entry(root, first);
        for seg in rest {
            match step(slot, seg) {
                Some(next) => slot = next,
                None => return false,
            }
        }
        *slot = value;
        true
    }

    /// `delete msg.path`; an element of a list is taken out.
    pub fn delete_at(&mut self, path: &[Seg]) -> Option<Value> {
        self.at(path)?;
        let (last, way) = path.split_last()?;
        let Some((Seg::Key(first), rest)) = way.split_first() else {
            let Seg::Key(key) = last else { return None };
            return self.remove(key);
        };
        let mut slot = self.root_mut().get_mut(first)?;
        for seg in rest {
            slot = step(slot, seg)?;
        }
        match last {
            Seg::Key(key) => slot.as_object_mut()?.remove(key),
            Seg::Index(i) => {
                let list = slot.as_list_mut()?;
                ((*i as usize) < list.len()).then(|| list.remove(*i as usize))
            }
        }
    }
}

/// The member of an object or list; `length` of a list or text is not one.
pub(crate) fn child<'v>(value: &'v Value, seg: &Seg) -> Option<&'v Value> {
    match (value, seg) {
        (Value::Object(object), Seg::Key(key)) => object.get(key),
        (Value::List(list), Seg::Index(i)) => list.get(*i as usize),
        _ => None,
    }
}

fn fits(mut value: Option<&Value>, path: &[Seg]) -> bool {
    for seg in path {
        match (value, seg) {
            (None | Some(Value::Undefined), Seg::Key(_)) => value = None,
            (Some(Value::Object(object)), Seg::Key(key)) => value = object.get(key),
            (Some(Value::List(list)), Seg::Index(i)) if *i as usize <= list.len() => {
                value = list.get(*i as usize)
            }
            _ => return false,
        }
    }
    true
}

fn step<'v>(slot: &'v mut Value, seg: &Seg) -> Option<&'v mut Value> {
    if matches!(slot, Value::Undefined) {
        *slot = Value::object::<&str>([]);
    }
    match seg {
        Seg::Key(key) => Some(entry(slot.as_object_mut()?, key)),
        Seg::Index(i) => {
            let (list, i) = (slot.as_list_mut()?, *i as usize);
            if i == list.len() {
                list.push(Value::Undefined);
            }
            list.get_mut(i)
        }
    }
}

fn entry<'o>(object: &'o mut Object, key: &str) -> &'o mut Value {
    if object.get(key).is_none() {
        object.insert(key, Value::Undefined);
    }
    // The key was just put there when it was absent.
    #[allow(clippy::expect_used)]
    object.get_mut(key).expect("the key is there")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> Vec<Seg> {
        text.split('.').map(|s| s.parse().map_or_else(|_| Seg::Key(s.to_owned()), Seg::Index)).collect()
    }

    #[test]
    fn a_change_is_not_seen_by_a_clone() {
        let mut one = Message::from_json(&json!({"payload": {"a": {"b": 1}, "l": [1]}}));
        let other = one.clone();
        assert!(one.set_at(&path("payload.a.b"), Value::Number(2.0)));
        assert!(one.set_at(&path("payload.l.1"), Value::Number(3.0)));
        assert_eq!(other.to_json(), json!({"payload": {"a": {"b": 1}, "l": [1]}}));
        assert_eq!(one.to_json(), json!({"payload": {"a": {"b": 2}, "l": [1, 3]}}));
    }

    #[test]
    fn objects_on_the_way_are_made() {
        let mut msg = Message::new();
        assert!(msg.set_at(&path("a.b.c"), Value::Bool(true)));
        assert_eq!(msg.to_json(), json!({"a": {"b": {"c": true}}}));
    }

    #[test]
    fn a_text_on_the_way_changes_nothing() {
        let mut msg = Message::from_json(&json!({"a": "text"}));
        assert!(!msg.set_at(&path("a.b"), Value::Null));
        assert_eq!(msg.to_json(), json!({"a": "text"}));
    }

    #[test]
    fn a_message_put_into_itself_again_and_again_stays_bounded() {
        let mut msg = Message::from_json(&json!({"payload": 1}));
        let deeper = |msg: &mut Message| {
            msg.set_at(&path("payload.inner"), msg.get("payload").cloned().unwrap_or_default())
        };
        msg.set("payload", Value::from_json(&json!({})));
        let times = (0..1000).take_while(|_| deeper(&mut msg)).count();
        assert_eq!(times, MAX_DEPTH - 2);
        assert!(msg.to_value().is_within(MAX_DEPTH) && !msg.to_value().is_within(MAX_DEPTH - 1));
    }

    #[test]
    fn a_message_doubled_again_and_again_stays_bounded() {
        let mut msg = Message::from_json(&json!({"payload": [1]}));
        let double = |msg: &mut Message| {
            let half = msg.get("payload").cloned().unwrap_or_default();
            msg.set_at(&path("payload"), Value::list(vec![half.clone(), half]))
        };
        assert!((0..100).take_while(|_| double(&mut msg)).count() < 25);
    }

    #[test]
    fn delete() {
        let mut msg = Message::from_json(&json!({"a": {"b": 1, "c": [1, 2]}}));
        assert!(msg.delete_at(&path("a.b")).is_some());
        assert!(msg.delete_at(&path("a.c.0")).is_some());
        assert!(msg.delete_at(&path("a.x.y")).is_none());
        assert_eq!(msg.to_json(), json!({"a": {"c": [2]}}));
    }
}
