//! `sort`: orders the elements of a list, or the messages of a sequence (Node-RED's 18-sort.js).

use std::cmp::Ordering;
use std::collections::HashMap;

use route_chain::{Message, Value};

use super::parts;
use crate::node::{Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::jsonata::Jsonata;
use crate::nodes::value::property::Path;
use crate::nodes::value::props::{MAX_HELD, Props, say_lost};

/// What is compared.
enum Key {
    /// The elements themselves, or a property of the messages.
    Path(Path),
    Jsonata(Box<Jsonata>),
}

struct Sort {
    /// The property that holds the list; `None`: messages of a sequence are sorted.
    target: Option<Path>,
    key: Key,
    descending: bool,
    as_numbers: bool,
    /// Unfinished sequences, with the messages in order of arrival.
    groups: HashMap<String, Vec<Message>>,
    held: usize,
}

/// Makes a `sort` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let of_list = props.text("targetType") == "msg";
    let [key, ty] = if of_list { ["msgKey", "msgKeyType"] } else { ["seqKey", "seqKeyType"] };
    let key = match props.text(ty).as_str() {
        "jsonata" => Key::Jsonata(Box::new(Jsonata::compile(&props.text(key)).map_err(invalid)?)),
        _ => Key::Path(props.path("seqKey")),
    };
    Ok(Box::new(Sort {
        target: of_list.then(|| props.path("target")),
        key,
        descending: props.text_or("order", "ascending") != "ascending",
        as_numbers: props.truthy("as_num"),
        groups: HashMap::new(),
        held: 0,
    }))
}

fn invalid(fault: String) -> String {
    format!("Invalid JSONata expression in sort node: {fault}")
}

impl Sort {
    fn order(&self, a: &Value, b: &Value) -> Ordering {
        let of = |v: &Value| if self.as_numbers { Value::Number(coerce::to_number(v)) } else { v.clone() };
        let (a, b) = (of(a), of(b));
        let order = match coerce::compare(&a, &b) {
            _ if coerce::strict_eq(&a, &b) => Ordering::Equal,
            Some(Ordering::Greater) => Ordering::Greater,
            _ => Ordering::Less,
        };
        if self.descending { order.reverse() } else { order }
    }

    fn sort_list(&self, items: &[Value], cx: &mut NodeCx<'_>) -> Result<Vec<Value>, String> {
        let mut keyed = Vec::with_capacity(items.len());
        let mut undefined = 0;
        for item in items {
            match &self.key {
                Key::Jsonata(expression) => {
                    keyed.push((expression.eval_with(item, &[], cx).map_err(invalid)?, item.clone()));
                }
                Key::Path(_) if matches!(item, Value::Undefined) => undefined += 1,
                Key::Path(_) => keyed.push((item.clone(), item.clone())),
            }
        }
        let sorted = merge_sort(keyed, &|a, b| self.order(a, b));
        let mut sorted: Vec<Value> = sorted.into_iter().map(|(_, item)| item).collect();
        sorted.resize(sorted.len() + undefined, Value::Undefined);
        Ok(sorted)
    }

    fn on_list(&self, path: &Path, mut msg: Message, cx: &mut NodeCx<'_>) {
        let sorted = match path.get(&msg) {
            Ok(Value::List(items)) => self.sort_list(&items, cx),
            Ok(_) => return cx.done(&msg),
            Err(fault) => return cx.error(&fault.thrown(), Some(&msg)),
        };
        match sorted.and_then(|sorted| path.set(&mut msg, Value::list(sorted)).map_err(|f| f.to_string())) {
            Ok(_) => {
                cx.send(0, msg.clone());
                cx.done(&msg);
            }
            Err(fault) => cx.error(&fault, Some(&msg)),
        }
    }

    fn on_part(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let Some(parts) = parts::placed(&msg) else { return cx.done(&msg) };
        if self.held >= MAX_HELD {
            return cx.error("Too many pending messages in sort node", Some(&msg));
        }
        let id = parts::id(parts);
        let group = self.groups.entry(id.clone()).or_default();
        group.push(msg);
        self.held += 1;
        let count = group.iter().rev().find_map(|msg| parts::number(parts::of(msg)?, "count"));
        if count == Some(group.len() as f64) {
            let group = self.groups.remove(&id).unwrap_or_default();
            self.held -= group.len();
            self.send(group, cx);
        }
    }

    fn send(&self, group: Vec<Message>, cx: &mut NodeCx<'_>) {
        let mut keyed = Vec::with_capacity(group.len());
        for msg in &group {
            let key = match &self.key {
                Key::Jsonata(expression) => expression.eval(msg, cx).map_err(invalid),
                Key::Path(path) => path.get(msg).map_err(|fault| fault.thrown()),
            };
            match key {
                Ok(key) => keyed.push((key, msg.clone())),
                Err(fault) => {
                    cx.error(&fault, group.last());
                    return group.iter().rev().skip(1).for_each(|msg| cx.done(msg));
                }
            }
        }
        let sorted = merge_sort(keyed, &|a, b| self.order(a, b));
        for (at, (_, mut msg)) in sorted.into_iter().enumerate() {
            parts::set(&mut msg, &[("index", Value::Number(at as f64))]);
            cx.send(0, msg.clone());
            cx.done(&msg);
        }
    }
}

/// Sorts by keys, stable. JavaScript's comparisons are no total order (`"10" < "9"`, `9 < "10"`), which the standard
/// library's sort may refuse.
fn merge_sort<T>(mut items: Vec<(Value, T)>, order: &dyn Fn(&Value, &Value) -> Ordering) -> Vec<(Value, T)> {
    if items.len() < 2 {
        return items;
    }
    let right = items.split_off(items.len() / 2);
    let mut left = merge_sort(items, order).into_iter().peekable();
    let mut right = merge_sort(right, order).into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let first = if order(&a.0, &b.0) == Ordering::Greater { right.next() } else { left.next() };
        merged.extend(first);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

impl Node for Sort {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        match &self.target {
            Some(path) => self.on_list(path, msg, cx),
            None => self.on_part(msg, cx),
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.held);
        self.groups.clear();
        self.held = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testkit::Bench;
    use serde_json::{Value as Json, json};

    /// How a list is sorted.
    fn check(config: Json, list: Json, expected: Json) {
        let mut all = json!({"target": "payload", "targetType": "msg"});
        if let (Some(all), Some(config)) = (all.as_object_mut(), config.as_object()) {
            all.extend(config.clone());
        }
        let mut node = Bench::new(make, all);
        assert_eq!(node.receive(json!({ "payload": list })).payloads(), json!([expected]), "{config}");
    }

    #[test]
    fn lists() {
        check(json!({}), json!(["9", "10", "1"]), json!(["1", "10", "9"]));
        check(
            json!({"as_num": true, "order": "descending"}),
            json!(["9", "10", "1"]),
            json!(["10", "9", "1"]),
        );
        let by_b = json!({"msgKeyType": "jsonata", "msgKey": "a.b"});
        check(
            by_b,
            json!([{"a": {"b": "y"}}, {"a": {"b": "x"}}]),
            json!([{"a": {"b": "x"}}, {"a": {"b": "y"}}]),
        );
        // No order at all, and no panic.
        let odd = json!(["10", "9", 9.5, "a", null, [1], {"k": 1}]);
        let all: Vec<Json> = (0..40).flat_map(|_| odd.as_array().cloned().unwrap_or_default()).collect();
        let mut node = Bench::new(make, json!({"targetType": "msg"}));
        assert_eq!(
            node.receive(json!({ "payload": all })).sent()[0][1]["payload"].as_array().map(Vec::len),
            Some(280)
        );
    }

    #[test]
    fn what_is_no_list_stays_here() {
        let mut node = Bench::new(make, json!({"targetType": "msg"}));
        assert_eq!(node.receive(json!({"payload": 1})).payloads(), json!([]));
        assert_eq!(node.cx.dones.len(), 1);
        assert!(make(&crate::nodes::testkit::info(json!({"seqKeyType": "jsonata", "seqKey": "("}))).is_err());
    }

    #[test]
    fn sequences() {
        for (config, expected) in [
            (json!({"targetType": "seq", "seqKey": "payload"}), json!(["a", "b", "c"])),
            (
                json!({"targetType": "seq", "seqKey": "-$number(n)", "seqKeyType": "jsonata"}),
                json!(["b", "a", "c"]),
            ),
        ] {
            let mut node = Bench::new(make, config);
            for (index, payload) in ["c", "a", "b"].iter().enumerate() {
                let n = index.to_string();
                node.receive(
                    json!({"payload": payload, "n": n, "parts": {"id": 1, "count": 3, "index": index}}),
                );
            }
            assert_eq!(
                node.cx.sends[0].1.get("parts").and_then(Value::to_json).map(|p| p["index"].clone()),
                Some(json!(0))
            );
            assert_eq!(node.payloads(), expected);
            assert_eq!(node.cx.dones.len(), 3);
        }
    }
}
