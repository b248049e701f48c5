//! `join`: many messages into one, by their `parts` or as configured.

use std::collections::HashMap;

use route_chain::{Message, Object, Value};

use super::convert;
use super::props::{MAX_HELD, Path, Props, byte_list, parse_float, unescape, wait};
use crate::node::{Level, Node, NodeCx, NodeInfo};

#[derive(Clone, Copy, PartialEq)]
enum Build {
    Text,
    Buffer,
    Array,
    Object,
    Merged,
}

struct Group {
    build: Build,
    target: f64,
    /// Arrays of this length were split into parts.
    array_len: f64,
    joiner: Vec<u8>,
    /// Where the parts go; `None`: not there yet.
    items: Vec<Option<Value>>,
    object: Object,
    count: f64,
    msg: Object,
    token: Option<u64>,
    property: Path,
}

struct Join {
    auto: bool,
    build: Build,
    property: Path,
    whole: bool,
    key: Path,
    joiner: Vec<u8>,
    count: Option<f64>,
    timeout_ms: f64,
    accumulate: bool,
    groups: HashMap<String, Group>,
    by_token: HashMap<u64, String>,
    next: u64,
    held: usize,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let auto = match props.text_or("mode", "auto").as_str() {
        "auto" => true,
        "custom" => false,
        "reduce" => return Err("a join that reduces by an expression is not supported".to_owned()),
        other => return Err(format!("unknown join mode `{other}`")),
    };
    let whole = props.text("propertyType") == "full";
    let joiner = props.text("joiner");
    Ok(Box::new(Join {
        auto,
        build: build(&props.text_or("build", "array")).ok_or("unknown thing to build")?,
        property: if whole { Path::parse("payload")? } else { props.path("property")? },
        whole,
        key: Path::parse(&props.text_or("key", "topic"))?,
        joiner: match props.text("joinerType").as_str() {
            "bin" => byte_list(&joiner)?,
            _ => unescape(&joiner).into_bytes(),
        },
        count: props.number("count"),
        timeout_ms: props.number("timeout").unwrap_or(0.0) * 1000.0,
        accumulate: !auto && props.flag("accumulate"),
        groups: HashMap::new(),
        by_token: HashMap::new(),
        next: 0,
        held: 0,
    }))
}

fn build(name: &str) -> Option<Build> {
    Some(match name {
        "string" => Build::Text,
        "buffer" => Build::Buffer,
        "array" => Build::Array,
        "object" => Build::Object,
        "merged" => Build::Merged,
        _ => return None,
    })
}

fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Bytes(b) => Some(b.to_vec()),
        Value::Text(s) => Some(s.as_bytes().to_vec()),
        Value::List(items) => Some(items.iter().map(|v| convert::to_number(v) as i64 as u8).collect()),
        _ => None,
    }
}

/// Where a message belongs, and as what.
struct Place {
    group: String,
    build: Build,
    target: f64,
    joiner: Vec<u8>,
    key: Option<String>,
    index: Option<usize>,
    array_len: f64,
    property: Path,
}

impl Join {
    fn place(&self, msg: &Message) -> Result<Place, String> {
        let parts = msg.get("parts").and_then(Value::as_object);
        let part = |key: &str| parts.and_then(|p| p.get(key));
        let count = part("count").and_then(Value::as_number).unwrap_or(0.0);
        let key_text = |v: &Value| Some(convert::to_text(v)).filter(|t| !t.is_empty());
        if !self.auto {
            let key = self.key.get(msg).filter(|v| !matches!(v, Value::Null | Value::Undefined));
            return Ok(Place {
                group: "_".to_owned(),
                build: self.build,
                target: self.count.unwrap_or(count),
                joiner: self.joiner.clone(),
                key: key.as_ref().and_then(key_text),
                index: None,
                array_len: 0.0,
                property: self.property.clone(),
            });
        }
        let missing = "the message has no `msg.parts` to join by";
        let id = part("id").ok_or(missing)?;
        let kind = part("type").and_then(Value::as_text).unwrap_or("array");
        Ok(Place {
            group: convert::to_text(id),
            build: build(kind).ok_or_else(|| format!("`msg.parts.type` is `{kind}`"))?,
            target: count,
            joiner: part("ch").and_then(bytes_of).unwrap_or_default(),
            key: part("key").and_then(key_text),
            index: part("index").and_then(Value::as_number).filter(|n| *n >= 0.0).map(|n| n as usize),
            array_len: part("len").and_then(Value::as_number).unwrap_or(0.0),
            property: match part("property").and_then(Value::as_text) {
                Some(text) => Path::parse(text)?,
                None => Path::parse("payload")?,
            },
        })
    }

    fn open(&mut self, place: &Place, cx: &mut NodeCx<'_>) {
        if self.groups.contains_key(&place.group) {
            return;
        }
        let group = Group {
            build: place.build,
            target: place.target,
            array_len: place.array_len,
            joiner: place.joiner.clone(),
            items: Vec::new(),
            object: Object::new(),
            count: 0.0,
            msg: Object::new(),
            token: None,
            property: place.property.clone(),
        };
        self.groups.insert(place.group.clone(), group);
        self.restart(&place.group, cx);
    }

    fn restart(&mut self, id: &str, cx: &mut NodeCx<'_>) {
        if self.timeout_ms <= 0.0 {
            return;
        }
        let Some(group) = self.groups.get_mut(id) else { return };
        if let Some(token) = group.token.take() {
            cx.cancel(token);
            self.by_token.remove(&token);
        }
        self.next += 1;
        group.token = Some(self.next);
        self.by_token.insert(self.next, id.to_owned());
        cx.timer(wait(self.timeout_ms), self.next);
    }

    fn forget(&mut self, id: &str, cx: &mut NodeCx<'_>) -> Option<Group> {
        let group = self.groups.remove(id)?;
        self.held = self.held.saturating_sub(group.items.len());
        if let Some(token) = group.token {
            cx.cancel(token);
            self.by_token.remove(&token);
        }
        Some(group)
    }

    fn complete(&mut self, id: &str, cx: &mut NodeCx<'_>) {
        let keeps = self.accumulate && self.groups.get(id).is_some_and(|g| g.msg.get("complete").is_none());
        let done = if keeps {
            self.groups.get(id).map(Group::message)
        } else {
            self.forget(id, cx).map(|g| g.message())
        };
        if let Some(msg) = done {
            cx.send(0, msg);
        }
    }
}

impl Group {
    /// Adds a part; `Err`: it does not fit this kind of group.
    fn add(&mut self, value: Option<Value>, place: &Place) -> Result<(), &'static str> {
        match self.build {
            Build::Object => {
                if let Some(key) = &place.key {
                    self.object.insert(key, value.unwrap_or_default());
                }
                self.count = self.object.len() as f64;
            }
            Build::Merged => {
                let Some(Value::Object(from)) = value else { return Err("only objects can be merged") };
                for (key, value) in from.iter() {
                    self.object.insert(key, value.clone());
                }
                self.count = self.object.len() as f64;
            }
            Build::Text | Build::Buffer | Build::Array => {
                let Some(value) = value else { return Ok(()) };
                if self.build == Build::Buffer && bytes_of(&value).is_none() {
                    return Err("only buffers, texts and lists of bytes can be joined to a buffer");
                }
                let at = place.index.unwrap_or(self.items.len());
                if at >= MAX_HELD {
                    return Err("`msg.parts.index` is too large");
                }
                if at >= self.items.len() {
                    self.items.resize(at + 1, None);
                }
                if self.items[at].replace(value).is_none() {
                    self.count += 1.0;
                }
            }
        }
        Ok(())
    }

    fn payload(&self) -> Value {
        let items = self.items.iter().flatten();
        match self.build {
            Build::Object | Build::Merged => Value::object(self.object.iter().map(|(k, v)| (k, v.clone()))),
            Build::Array if self.array_len > 1.0 => Value::list(
                items
                    .flat_map(|v| match v {
                        Value::List(inner) => inner.to_vec(),
                        other => vec![other.clone()],
                    })
                    .collect(),
            ),
            Build::Array => Value::list(self.items.iter().map(|v| v.clone().unwrap_or_default()).collect()),
            Build::Buffer => {
                Value::bytes(items.filter_map(bytes_of).collect::<Vec<_>>().join(self.joiner.as_slice()))
            }
            Build::Text => {
                let texts = items.filter(|v| !matches!(v, Value::Null | Value::Undefined)).map(|v| match v {
                    Value::Object(_) | Value::List(_) => convert::to_json(v).to_string(),
                    other => convert::to_text(other),
                });
                Value::text(texts.collect::<Vec<_>>().join(&String::from_utf8_lossy(&self.joiner)))
            }
        }
    }

    fn message(&self) -> Message {
        let mut msg = Message::from_object(self.msg.clone());
        self.property.set(&mut msg, self.payload());
        let outer = msg.remove("parts").and_then(|p| p.as_object().and_then(|p| p.get("parts").cloned()));
        if let Some(outer) = outer {
            msg.set("parts", outer);
        }
        msg.remove("complete");
        msg
    }
}

impl Node for Join {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let place = match self.place(&msg) {
            Ok(place) => place,
            Err(text) => {
                cx.log(Level::Warn, &text);
                return cx.done(&msg);
            }
        };
        if msg.get("reset").is_some() {
            self.forget(&place.group, cx);
            return cx.done(&msg);
        }
        let completes = msg.get("complete").is_some();
        let value = if self.whole { Some(msg.to_value()) } else { place.property.get(&msg) };
        let value = value.filter(|v| !matches!(v, Value::Undefined));
        let keyless = place.build == Build::Object && place.key.is_none();
        let not_mergeable = place.build == Build::Merged && !matches!(value, Some(Value::Object(_)));
        if (keyless || not_mergeable) && !completes {
            let text =
                if keyless { "the message has no key to join by" } else { "only objects can be merged" };
            cx.log(Level::Warn, text);
            return cx.done(&msg);
        }
        if self.groups.len() >= MAX_HELD || self.held >= MAX_HELD {
            return cx.error("too many messages are held", Some(&msg));
        }
        self.open(&place, cx);
        if msg.get("restartTimeout").is_some() {
            self.restart(&place.group, cx);
        }
        let Some(group) = self.groups.get_mut(&place.group) else { return };
        let before = group.items.len();
        if !keyless
            && !not_mergeable
            && let Err(text) = group.add(value, &place)
        {
            return cx.error(text, Some(&msg));
        }
        self.held += group.items.len() - before;
        for (key, value) in msg.root().iter() {
            group.msg.insert(key, value.clone());
        }
        // A stream says its count with its last part only.
        let count =
            msg.get("parts").and_then(Value::as_object).and_then(|p| p.get("count")).and_then(parse_float);
        let target = if group.target > 0.0 { group.target } else { count.unwrap_or(0.0) };
        if completes || (target > 0.0 && group.count >= target) {
            self.complete(&place.group, cx);
        }
        cx.done(&msg);
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        if let Some(id) = self.by_token.remove(&token) {
            self.complete(&id, cx);
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        for (token, _) in self.by_token.drain() {
            cx.cancel(token);
        }
        self.groups.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::split;
    use super::super::testkit::Bench;
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    /// What a split sends, joined again, last part first.
    fn round_trip(config: serde_json::Value, payload: serde_json::Value) -> serde_json::Value {
        let mut parts = Bench::new(split::make, config);
        parts.receive(json!({"payload": payload, "parts": {"id": "outer"}}));
        let mut node = Bench::new(make, json!({"mode": "auto"}));
        for (_, msg) in std::mem::take(&mut parts.cx.sends).into_iter().rev() {
            node.receive_msg(msg);
        }
        let sent = node.sent();
        assert_eq!(sent[0][1]["parts"], json!({"id": "outer"}));
        sent[0][1]["payload"].clone()
    }

    #[test]
    fn what_was_split() {
        for payload in [json!("a\nb\nc"), json!([1, [2], 3]), json!({"a": 1})] {
            assert_eq!(round_trip(json!({}), payload.clone()), payload);
        }
        assert_eq!(round_trip(json!({"arraySplt": 2}), json!([1, 2, 3])), json!([1, 2, 3]));
        assert_eq!(round_trip(json!({"splt": "2", "spltType": "len"}), json!("abcde")), json!("abcde"));
    }

    #[test]
    fn custom() {
        let run = |config: serde_json::Value| {
            let mut node = Bench::new(make, config);
            node.receive(json!({"topic": "a", "payload": {"x": 1}}));
            node.receive(json!({"topic": "b", "payload": {"y": 2}}));
            node.payloads()
        };
        assert_eq!(
            run(json!({"mode": "custom", "build": "array", "count": "2"})),
            json!([[{"x": 1}, {"y": 2}]])
        );
        assert_eq!(
            run(json!({"mode": "custom", "build": "object", "key": "topic", "count": 2})),
            json!([{"a": {"x": 1}, "b": {"y": 2}}])
        );
        assert_eq!(
            run(json!({"mode": "custom", "build": "merged", "count": "2"})),
            json!([{"x": 1, "y": 2}])
        );
        assert_eq!(
            run(json!({"mode": "custom", "build": "string", "joiner": "\\n", "count": "2"})),
            json!(["{\"x\":1}\n{\"y\":2}"])
        );
        assert_eq!(
            run(
                json!({"mode": "custom", "build": "string", "count": "1", "accumulate": true, "property": "topic"})
            ),
            json!([{"x": 1}, {"y": 2}])
        );
    }

    #[test]
    fn timeout_complete_and_reset() {
        let mut node =
            Bench::new(make, json!({"mode": "custom", "build": "array", "timeout": "2", "count": ""}));
        node.receive(json!({"payload": 1})).advance(Duration::from_secs(2));
        node.receive(json!({"payload": 2})).receive(json!({"complete": true}));
        node.receive(json!({"payload": 3})).receive(json!({"reset": 1})).advance(Duration::from_secs(9));
        assert_eq!(node.payloads(), json!([[1], [2]]));
    }

    #[test]
    fn reduce_is_refused() {
        let refused = make(&super::super::testkit::info(json!({"mode": "reduce"})));
        assert!(refused.is_err_and(|text| text.contains("reduces")));
    }
}
