//! Which `catch`, `status` and `complete` nodes hear of a node, and what they are told, as Node-RED has it.

use std::cmp::Ordering;
use std::sync::Arc;

use route_chain::{Message, Object, Value};
use serde_json::Value as Json;

use crate::node::{Failure, NodeInfo, Status};

/// An error that came back to its own source so often is a loop.
const LOOP: f64 = 10.0;

/// The listeners of a deploy by node index, in the order in which they are asked.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    catch: Vec<u32>,
    status: Vec<u32>,
    complete: Vec<u32>,
}

impl Listeners {
    /// Finds them among the nodes.
    pub(crate) fn new<'a>(nodes: impl IntoIterator<Item = &'a NodeInfo>) -> Self {
        let mut listeners = Self::default();
        let mut catch = Vec::new();
        for (index, info) in (0..).zip(nodes) {
            match info.ty.as_str() {
                "catch" => catch.push((index, has_list(info), uncaught(info))),
                "status" => listeners.status.push(index),
                "complete" => listeners.complete.push(index),
                _ => {}
            }
        }
        catch.sort_by(|(_, list_a, un_a), (_, list_b, un_b)| match (list_a, list_b) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (true, true) => Ordering::Equal,
            (false, false) => un_a.cmp(un_b),
        });
        listeners.catch = catch.into_iter().map(|(index, _, _)| index).collect();
        listeners
    }

    /// Who catches an error of `source`, nearest group first; `info` gives a node by index.
    pub(crate) fn catchers<'a>(
        &self,
        source: &NodeInfo,
        info: impl Fn(u32) -> Option<&'a NodeInfo>,
    ) -> Vec<u32> {
        let mut found: Vec<(usize, u32)> = Vec::new();
        for &index in &self.catch {
            let distance = info(index).and_then(|listener| reach(listener, source));
            found.extend(distance.map(|distance| (distance, index)));
        }
        found.sort_by_key(|(distance, _)| *distance);
        let mut told = Vec::new();
        let mut by_uncaught = false;
        for (_, index) in found {
            if info(index).is_some_and(uncaught) && !by_uncaught {
                if !told.is_empty() {
                    continue;
                }
                by_uncaught = true;
            }
            told.push(index);
        }
        told
    }

    /// Who hears of a status of `source`.
    pub(crate) fn watchers<'a>(
        &self,
        source: &NodeInfo,
        info: impl Fn(u32) -> Option<&'a NodeInfo>,
    ) -> Vec<u32> {
        let hears = |index: &u32| info(*index).is_some_and(|listener| reach(listener, source).is_some());
        self.status.iter().copied().filter(hears).collect()
    }

    /// Who hears that `source` is done with a message.
    pub(crate) fn completers<'a>(
        &self,
        source: &NodeInfo,
        info: impl Fn(u32) -> Option<&'a NodeInfo>,
    ) -> Vec<u32> {
        let hears =
            |index: &u32| info(*index).is_some_and(|l| l.z == source.z && listed(l, source) == Some(true));
        self.complete.iter().copied().filter(hears).collect()
    }

    /// Whether any `complete` node exists; most flows have none.
    pub(crate) fn any_complete(&self) -> bool {
        !self.complete.is_empty()
    }
}

/// How far a listener is from a node that it hears (groups between them); `None`: it does not hear it.
fn reach(listener: &NodeInfo, source: &NodeInfo) -> Option<usize> {
    if listener.z != source.z || listed(listener, source) == Some(false) {
        return None;
    }
    let group = listener.groups.first();
    let distance = group.and_then(|g| source.groups.iter().position(|s| s == g));
    match distance {
        Some(distance) => Some(distance),
        None if group.is_some() && listener.config.get("scope").and_then(Json::as_str) == Some("group") => {
            None
        }
        None => Some(source.groups.len()),
    }
}

/// Whether the listener's list names the node; `None`: it has no list. Inside an instance the list has static ids.
fn listed(listener: &NodeInfo, source: &NodeInfo) -> Option<bool> {
    let list = listener.config.get("scope")?.as_array()?;
    let inside = source.id.strip_prefix(listener.z.as_str()).and_then(|rest| rest.strip_prefix('-'));
    Some(list.iter().filter_map(Json::as_str).any(|id| id == source.id || Some(id) == inside))
}

fn has_list(info: &NodeInfo) -> bool {
    info.config.get("scope").is_some_and(|scope| !scope.is_null())
}

fn uncaught(info: &NodeInfo) -> bool {
    info.config.get("uncaught").and_then(Json::as_bool).unwrap_or(false)
}

/// The message that `catch` nodes get; `None`: the error has gone in a circle ten times and is only logged.
pub(crate) fn error_message(source: &NodeInfo, failure: &Failure, msg: &Message) -> Option<Message> {
    let mut told = msg.clone();
    let mut count = 1.0;
    if let Some(earlier) = told.get("error").cloned() {
        if let Some(before) = earlier.as_object().and_then(|e| e.get("source")).and_then(Value::as_object)
            && before.get("id").and_then(Value::as_text) == Some(&source.id)
        {
            count += before.get("count").and_then(Value::as_number).unwrap_or(1.0);
            if count >= LOOP {
                return None;
            }
        }
        told.set("_error", earlier);
    }
    let mut from = identity(source);
    from.insert("count", Value::Number(count));
    let mut error: Object =
        [("message", Value::text(&failure.message)), ("source", Value::Object(Arc::new(from)))]
            .into_iter()
            .collect();
    for (key, value) in &failure.details {
        error.insert(key, value.clone());
    }
    told.set("error", Value::Object(Arc::new(error)));
    Some(told)
}

/// The message that `status` nodes get.
pub(crate) fn status_message(source: &NodeInfo, status: &Status) -> Message {
    let mut told = status.0.clone();
    told.insert("source", Value::Object(Arc::new(identity(source))));
    Message::from_object([("status", Value::Object(Arc::new(told)))].into_iter().collect())
}

/// The message that `complete` nodes get.
pub(crate) fn complete_message(source: &NodeInfo, msg: &Message) -> Message {
    let mut told = msg.clone();
    told.set("complete", Value::object([("source", Value::Object(Arc::new(identity(source))))]));
    told
}

fn identity(source: &NodeInfo) -> Object {
    let name = if source.name.is_empty() && source.config.get("name").is_none() {
        Value::Undefined
    } else {
        Value::text(&source.name)
    };
    [("id", Value::text(&source.id)), ("type", Value::text(&source.ty)), ("name", name)].into_iter().collect()
}
