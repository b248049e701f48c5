//! `sort`: sorts a list, or the messages of a sequence.

use std::cmp::Ordering;
use std::collections::HashMap;

use route_chain::{Message, Value};

use super::convert;
use super::props::{MAX_HELD, Path, Props};
use crate::node::{Node, NodeCx, NodeInfo};

struct Sort {
    /// `None`: the messages of a sequence.
    list: Option<Path>,
    /// `None`: by the element itself.
    key: Option<Path>,
    descending: bool,
    as_number: bool,
    groups: HashMap<String, Vec<Message>>,
    held: usize,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let sequence = props.text("targetType") == "seq";
    let (ty, key) = if sequence { ("seqKeyType", "seqKey") } else { ("msgKeyType", "msgKey") };
    let key = match props.text(ty).as_str() {
        "jsonata" => return Err("sorting by an expression is not supported".to_owned()),
        "elem" | "" if !sequence => None,
        _ => Some(props.path(key)?),
    };
    Ok(Box::new(Sort {
        list: if sequence { None } else { Some(props.path("target")?) },
        key,
        descending: props.text("order") == "descending",
        as_number: props.flag("as_num"),
        groups: HashMap::new(),
        held: 0,
    }))
}

impl Sort {
    fn compare(&self, a: &Value, b: &Value) -> Ordering {
        let order = if self.as_number {
            convert::to_number(a).partial_cmp(&convert::to_number(b)).unwrap_or(Ordering::Equal)
        } else {
            convert::compare(a, b).unwrap_or(Ordering::Equal)
        };
        if self.descending { order.reverse() } else { order }
    }

    fn key_of(&self, element: &Value) -> Value {
        match (&self.key, element) {
            (Some(path), Value::Object(o)) => {
                path.get(&Message::from_object((**o).clone())).unwrap_or_default()
            }
            _ => element.clone(),
        }
    }

    fn add(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let parts = msg.get("parts").and_then(Value::as_object);
        let part = |key: &str| parts.and_then(|p| p.get(key));
        let Some(id) = part("id").map(convert::to_text) else { return };
        let count = part("count").and_then(Value::as_number);
        if self.held >= MAX_HELD {
            return cx.error("too many messages are held", Some(&msg));
        }
        let group = self.groups.entry(id.clone()).or_default();
        group.push(msg);
        self.held += 1;
        let known = group.iter().find_map(|m| m.get("parts")?.as_object()?.get("count")?.as_number());
        if count.or(known).is_some_and(|count| group.len() as f64 >= count) {
            let group = self.groups.remove(&id).unwrap_or_default();
            self.held -= group.len();
            self.send_sorted(group, cx);
        }
    }

    fn send_sorted(&self, group: Vec<Message>, cx: &mut NodeCx<'_>) {
        let key = |msg: &Message| self.key.as_ref().and_then(|path| path.get(msg)).unwrap_or_default();
        let mut keyed: Vec<_> = group.into_iter().map(|msg| (key(&msg), msg)).collect();
        keyed.sort_by(|(a, _), (b, _)| self.compare(a, b));
        for (index, (_, msg)) in keyed.into_iter().enumerate() {
            let mut sorted = msg.clone();
            if let Some(parts) = sorted.root_mut().get_mut("parts").and_then(Value::as_object_mut) {
                parts.insert("index", Value::Number(index as f64));
            }
            cx.send(0, sorted);
            cx.done(&msg);
        }
    }
}

impl Node for Sort {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let Some(path) = &self.list else {
            if msg.get("parts").is_none() {
                return cx.done(&msg);
            }
            return self.add(msg, cx);
        };
        let mut sorted = msg.clone();
        if let Some(Value::List(list)) = path.get(&msg) {
            let mut keyed: Vec<_> = list.iter().map(|v| (self.key_of(v), v.clone())).collect();
            keyed.sort_by(|(a, _), (b, _)| self.compare(a, b));
            path.set(&mut sorted, Value::list(keyed.into_iter().map(|(_, v)| v).collect()));
            cx.send(0, sorted);
        }
        cx.done(&msg);
    }

    fn close(&mut self, _: &mut NodeCx<'_>) {
        self.groups.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::Bench;
    use serde_json::json;

    #[test]
    fn lists() {
        let mut node =
            Bench::new(super::make, json!({"msgKeyType": "elem", "as_num": true, "order": "descending"}));
        assert_eq!(node.receive(json!({"payload": ["9", "10", "1"]})).payloads(), json!([["10", "9", "1"]]));
        let mut node = Bench::new(super::make, json!({"msgKeyType": "msg", "msgKey": "a.b"}));
        node.receive(json!({"payload": [{"a": {"b": "y"}}, {"a": {"b": "x"}}]}));
        assert_eq!(node.payloads(), json!([[{"a": {"b": "x"}}, {"a": {"b": "y"}}]]));
    }

    #[test]
    fn sequences() {
        let mut node = Bench::new(super::make, json!({"targetType": "seq", "seqKey": "payload"}));
        for (index, payload) in ["c", "a", "b"].iter().enumerate() {
            node.receive(json!({"payload": payload, "parts": {"id": 1, "count": 3, "index": index}}));
        }
        assert_eq!(node.payloads(), json!(["a", "b", "c"]));
        assert_eq!(node.cx.dones.len(), 3);
    }
}
