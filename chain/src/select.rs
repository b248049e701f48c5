//! The part of a message that a tap copies: all of it, without some paths (`omit`), or some paths alone (`only`).
//!
//! Indices are those of the message as it is: to omit `[0]` and `[1]` takes out the first two. What `only` picks out of
//! a list stands in a shorter list, in order.

use std::sync::Arc;

use crate::ir::{self, Seg};
use crate::message::Message;
use crate::value::{Object, Value};

/// Which part.
#[derive(Clone, Debug)]
pub(crate) enum Select {
    Whole,
    Omit(Picks),
    Only(Picks),
}

/// Paths as a tree: what lies below one value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picks(Vec<(Seg, Pick)>);

#[derive(Clone, Debug)]
enum Pick {
    /// The value itself, with all below it.
    Here,
    Below(Picks),
}

impl Select {
    /// Paths that the table does not have are passed over; a checked set has none.
    pub(crate) fn new(select: &ir::Select, paths: &[ir::Path]) -> Self {
        let picks = |all: &[u32]| {
            let mut picks = Picks::default();
            all.iter().filter_map(|at| paths.get(*at as usize)).for_each(|path| picks.put(path));
            picks
        };
        match select {
            ir::Select::Whole => Select::Whole,
            ir::Select::Omit(all) => Select::Omit(picks(all)),
            ir::Select::Only(all) => Select::Only(picks(all)),
        }
    }

    /// The copy. What is not changed is shared with the message.
    pub(crate) fn copy(&self, msg: &Message) -> Message {
        match self {
            Select::Whole => msg.clone(),
            Select::Omit(picks) => {
                let mut copy = msg.clone();
                picks.take_out_of(copy.root_mut());
                copy
            }
            Select::Only(picks) => Message::from_object(picks.of_object(msg.root())),
        }
    }
}

impl Picks {
    fn put(&mut self, path: &[Seg]) {
        let Some((first, rest)) = path.split_first() else { return };
        let at = self.0.iter().position(|(seg, _)| seg == first).unwrap_or_else(|| {
            self.0.push((first.clone(), Pick::Below(Picks::default())));
            self.0.len() - 1
        });
        let pick = &mut self.0[at].1;
        match pick {
            _ if rest.is_empty() => *pick = Pick::Here,
            Pick::Here => {}
            Pick::Below(picks) => picks.put(rest),
        }
    }

    fn of_object(&self, object: &Object) -> Object {
        let picked = |(seg, pick): &(Seg, Pick)| match seg {
            Seg::Key(key) => Some((key.clone(), pick.of(object.get(key)?)?)),
            Seg::Index(_) => None,
        };
        self.0.iter().filter_map(picked).collect()
    }

    fn of_list(&self, items: &[Value]) -> Vec<Value> {
        let mut found: Vec<(u32, Value)> = self
            .0
            .iter()
            .filter_map(|(seg, pick)| match seg {
                Seg::Index(i) => Some((*i, pick.of(items.get(*i as usize)?)?)),
                Seg::Key(_) => None,
            })
            .collect();
        found.sort_by_key(|(i, _)| *i);
        found.into_iter().map(|(_, value)| value).collect()
    }

    fn take_out_of(&self, object: &mut Object) {
        for (seg, pick) in &self.0 {
            match (seg, pick) {
                (Seg::Key(key), Pick::Here) => drop(object.remove(key)),
                (Seg::Key(key), Pick::Below(picks)) => {
                    if let Some(value) = object.get_mut(key) {
                        picks.take_out(value);
                    }
                }
                (Seg::Index(_), _) => {}
            }
        }
    }

    fn take_out(&self, value: &mut Value) {
        match value {
            Value::Object(object) => self.take_out_of(Arc::make_mut(object)),
            Value::List(items) => {
                let items = Arc::make_mut(items);
                let mut gone: Vec<usize> = Vec::new();
                for (seg, pick) in &self.0 {
                    let Seg::Index(i) = seg else { continue };
                    match pick {
                        Pick::Here => gone.push(*i as usize),
                        Pick::Below(picks) => {
                            items.get_mut(*i as usize).into_iter().for_each(|item| picks.take_out(item))
                        }
                    }
                }
                let mut at = 0..;
                items.retain(|_| !at.next().is_some_and(|i| gone.contains(&i)));
            }
            _ => {}
        }
    }
}

impl Pick {
    /// `None`: there is nothing of it in the value.
    fn of(&self, value: &Value) -> Option<Value> {
        match (self, value) {
            (_, Value::Undefined) => None,
            (Pick::Here, value) => Some(value.clone()),
            (Pick::Below(picks), Value::Object(object)) => {
                let picked = picks.of_object(object);
                (!picked.is_empty()).then(|| Value::Object(Arc::new(picked)))
            }
            (Pick::Below(picks), Value::List(items)) => {
                let picked = picks.of_list(items);
                (!picked.is_empty()).then(|| Value::list(picked))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value as Json, json};

    use super::*;

    const MSG: fn() -> Json = || json!({"topic": "t", "payload": {"a": 1, "secret": {"k": 2, "l": 3}, "list": [{"x": 1, "y": 2}, 5, 6]}});

    fn copy(select: fn(Vec<u32>) -> ir::Select, paths: Json) -> Json {
        let paths: Vec<ir::Path> = serde_json::from_value(paths).unwrap();
        let all = (0..paths.len() as u32).collect();
        let msg = Message::from_json(&MSG());
        let copy = Select::new(&select(all), &paths).copy(&msg).to_json();
        assert_eq!(msg.to_json(), MSG());
        copy
    }

    #[test]
    fn omit() {
        let without = |paths: Json| copy(ir::Select::Omit, paths);
        assert_eq!(without(json!([["payload"]])), json!({"topic": "t"}));
        assert_eq!(
            without(json!([["payload", "secret", "k"], ["payload", "list"]])),
            json!({"topic": "t", "payload": {"a": 1, "secret": {"l": 3}}})
        );
        assert_eq!(
            without(json!([["payload", "list", 0], ["payload", "list", 1], ["payload", "secret"]])),
            json!({"topic": "t", "payload": {"a": 1, "list": [6]}})
        );
        assert_eq!(without(json!([["payload", "list", 9], ["nothing"], ["topic", "x"]])), MSG());
    }

    #[test]
    fn only() {
        let with = |paths: Json| copy(ir::Select::Only, paths);
        assert_eq!(with(json!([["topic"], ["payload", "a"]])), json!({"topic": "t", "payload": {"a": 1}}));
        assert_eq!(
            with(json!([["payload", "list", 2], ["payload", "list", 0, "y"]])),
            json!({"payload": {"list": [{"y": 2}, 6]}})
        );
        assert_eq!(with(json!([["payload", "missing"], ["topic", "x"]])), json!({}));
        assert_eq!(
            with(json!([["payload", "secret"], ["payload", "secret", "k"]])),
            json!({"payload": {"secret": {"k": 2, "l": 3}}})
        );
    }
}
