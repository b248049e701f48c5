//! `join`: many messages into one, by their `parts` or as configured; by an expression in `reduce.rs` (Node-RED's
//! 17-split.js).

use std::collections::HashMap;

use route_chain::{Message, Object, Value};

use super::{parts, reduce};
use crate::node::{Level, Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::property::Path;
use crate::nodes::value::props::{MAX_HELD, Props, js_wait, say_lost, unescape};
use crate::nodes::value::typed;

#[derive(Clone, Copy, PartialEq)]
enum Build {
    Text,
    Buffer,
    Array,
    Object,
    Merged,
}

/// Messages that have come in, on their way to be one.
struct Group {
    build: Build,
    /// How many make it whole; 0: that is not known.
    target: f64,
    count: usize,
    /// Arrays of more than one element were split off.
    chunked: bool,
    /// What stands between texts and buffers; `None`: nothing, and nothing was said.
    joiner: Option<Vec<u8>>,
    /// Where the parts go; undefined: not there yet.
    items: Vec<Value>,
    object: Object,
    msg: Message,
    timer: Option<u64>,
    property: Path,
}

struct Join {
    auto: bool,
    build: Build,
    property: Path,
    /// Whole messages are joined, not a property of them.
    whole: bool,
    key: Path,
    joiner: Vec<u8>,
    count: f64,
    /// No count was given: messages bring their own.
    count_of_parts: bool,
    use_parts: bool,
    timeout_ms: f64,
    accumulate: bool,
    groups: HashMap<String, Group>,
    by_timer: HashMap<u64, String>,
    next: u64,
    held: usize,
}

/// Makes a `join` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let mode = props.text_or("mode", "auto");
    if mode == "reduce" {
        return reduce::make(props);
    }
    let auto = mode == "auto";
    let whole = props.text("propertyType") == "full";
    let joiner = props.text("joiner");
    Ok(Box::new(Join {
        auto,
        build: build_of(&props.text_or("build", "array")),
        property: if whole { Path::new("payload") } else { props.path("property") },
        whole,
        key: Path::new(&props.text_or("key", "topic")),
        joiner: match props.text("joinerType").as_str() {
            "bin" => match typed::json(if joiner.is_empty() { "[]" } else { &joiner })? {
                Value::List(items) => items.iter().map(typed::byte).collect(),
                _ => return Err("the joiner must be a list of bytes".to_owned()),
            },
            _ => unescape(&joiner).into_bytes(),
        },
        count: props.number_or("count", 0.0),
        count_of_parts: props.json("count").as_str() == Some(""),
        use_parts: !props.has("useparts") || props.truthy("useparts"),
        timeout_ms: if auto { 0.0 } else { props.number_or("timeout", 0.0) * 1000.0 },
        accumulate: !auto && matches!(props.json("accumulate"), serde_json::Value::Bool(true)),
        groups: HashMap::new(),
        by_timer: HashMap::new(),
        next: 0,
        held: 0,
    }))
}

fn build_of(name: &str) -> Build {
    match name {
        "string" => Build::Text,
        "buffer" => Build::Buffer,
        "object" => Build::Object,
        "merged" => Build::Merged,
        _ => Build::Array,
    }
}

/// Where a message belongs, and as what.
struct Place {
    group: String,
    build: Build,
    target: f64,
    joiner: Option<Vec<u8>>,
    key: Option<String>,
    index: Option<usize>,
    chunked: bool,
    property: Path,
    value: Value,
}

/// Why a message is not joined.
enum Refused {
    /// Said in the log; the message is done.
    Warned(String),
    /// Told to `catch` nodes.
    Failed(String),
    /// A message that only resets all.
    Reset,
}

impl Join {
    fn place(&self, msg: &Message) -> Result<Place, Refused> {
        let value = match self.whole {
            true => msg.to_value(),
            false => self
                .property
                .get(msg)
                .map_err(|_| Refused::Warned(format!("Message property {} not found", self.property.text)))?,
        };
        if self.auto { self.place_of_part(msg) } else { self.place_as_told(msg, value) }
    }

    fn place_of_part(&self, msg: &Message) -> Result<Place, Refused> {
        let missing = || match msg.get("reset") {
            Some(_) => Refused::Reset,
            None => {
                Refused::Warned("Message missing msg.parts property - cannot join in 'auto' mode".to_owned())
            }
        };
        let parts = parts::of(msg).filter(|parts| parts.get("id").is_some()).ok_or_else(missing)?;
        let part = |key: &str| parts.get(key).cloned().unwrap_or_default();
        let property = match part("property") {
            Value::Text(path) => Path::new(&path),
            _ => Path::new("payload"),
        };
        let value = property.get(msg).map_err(|fault| Refused::Failed(fault.thrown()))?;
        let index = parts::number(parts, "index").filter(|n| *n >= 0.0 && n.fract() == 0.0);
        Ok(Place {
            group: parts::id(parts),
            build: build_of(part("type").as_text().unwrap_or_default()),
            target: parts::number(parts, "count").unwrap_or(0.0),
            joiner: joiner_of(&part("ch")),
            key: key_of(&part("key")),
            index: index.map(|n| n as usize),
            chunked: parts::number(parts, "len").is_some_and(|n| n > 1.0),
            property,
            value,
        })
    }

    fn place_as_told(&self, msg: &Message, value: Value) -> Result<Place, Refused> {
        let (mut group, mut target) = ("_".to_owned(), self.count);
        if let (true, Some(parts)) = (self.count_of_parts, parts::of(msg)) {
            target = parts::number(parts, "count").unwrap_or(0.0);
            if parts.get("id").is_some() {
                group = parts::id(parts);
            }
        }
        let key = match self.build {
            Build::Object => self.key.get(msg).map_err(|fault| Refused::Failed(fault.thrown()))?,
            _ => Value::Undefined,
        };
        Ok(Place {
            group,
            build: self.build,
            target,
            joiner: Some(self.joiner.clone()),
            key: key_of(&key),
            index: None,
            chunked: false,
            property: self.property.clone(),
            value,
        })
    }

    fn receive(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) -> Result<(), Refused> {
        if !self.auto && !self.use_parts {
            forget_parts(&mut msg);
        }
        let place = self.place(&msg)?;
        if msg.get("restartTimeout").is_some() {
            self.restart(&place.group, cx);
        }
        if msg.get("reset").is_some() {
            self.forget(&place.group, cx);
            cx.done(&msg);
            return Ok(());
        }
        let completes = msg.get("complete").cloned();
        if place.build == Build::Object && place.key.is_none() {
            self.keyless(&place.group, completes, cx)?;
            cx.done(&msg);
            return Ok(());
        }
        if self.groups.len() >= MAX_HELD || self.held >= MAX_HELD {
            return Err(Refused::Failed("too many pending messages in join node".to_owned()));
        }
        self.open(&place, &msg, cx);
        let Some(group) = self.groups.get_mut(&place.group) else { return Ok(()) };
        let before = group.items.len();
        group.add(&place, completes.is_some(), cx)?;
        self.held += group.items.len().saturating_sub(before);
        for (key, value) in msg.root().iter() {
            group.msg.set(key, value.clone());
        }
        if let Some(parts) = parts::of(&msg)
            && group.target == 0.0
        {
            group.target = parts::number(parts, "count").unwrap_or(0.0);
        }
        if completes.is_some() || (group.target > 0.0 && group.count as f64 >= group.target) {
            self.complete(&place.group, cx);
        }
        cx.done(&msg);
        Ok(())
    }

    /// A message without a key can only complete an object.
    fn keyless(&mut self, id: &str, completes: Option<Value>, cx: &mut NodeCx<'_>) -> Result<(), Refused> {
        if self.auto {
            let text = "Message missing 'msg.parts.key' property - cannot add to object";
            return Err(Refused::Warned(text.to_owned()));
        }
        let Some(completes) = completes else {
            let key = &self.key.text;
            let text = format!("Message missing key property 'msg.{key}' - cannot add to object");
            return Err(Refused::Warned(text));
        };
        if let Some(group) = self.groups.get_mut(id) {
            group.msg.set("complete", completes);
            self.complete(id, cx);
        }
        Ok(())
    }

    fn open(&mut self, place: &Place, msg: &Message, cx: &mut NodeCx<'_>) {
        if self.groups.contains_key(&place.group) {
            return;
        }
        let group = Group {
            build: place.build,
            target: place.target,
            count: 0,
            chunked: place.chunked,
            joiner: place.joiner.clone(),
            items: Vec::new(),
            object: Object::new(),
            msg: msg.clone(),
            timer: None,
            property: place.property.clone(),
        };
        self.groups.insert(place.group.clone(), group);
        self.restart(&place.group, cx);
    }

    /// Sets the time of a group anew.
    fn restart(&mut self, id: &str, cx: &mut NodeCx<'_>) {
        let Some(group) = self.groups.get_mut(id).filter(|_| self.timeout_ms > 0.0) else { return };
        if let Some(timer) = group.timer.take() {
            self.by_timer.remove(&timer);
            cx.cancel(timer);
        }
        self.next += 1;
        group.timer = Some(self.next);
        self.by_timer.insert(self.next, id.to_owned());
        cx.timer(js_wait(self.timeout_ms), self.next);
    }

    fn forget(&mut self, id: &str, cx: &mut NodeCx<'_>) -> Option<Group> {
        let mut group = self.groups.remove(id)?;
        self.held = self.held.saturating_sub(group.items.len());
        if let Some(timer) = group.timer.take() {
            self.by_timer.remove(&timer);
            cx.cancel(timer);
        }
        Some(group)
    }

    fn complete(&mut self, id: &str, cx: &mut NodeCx<'_>) {
        let keeps = self.accumulate && self.groups.get(id).is_some_and(|g| g.msg.get("complete").is_none());
        if !keeps {
            if let Some(group) = self.forget(id, cx) {
                group.send(cx);
            }
            return;
        }
        let Some(group) = self.groups.get_mut(id) else { return };
        if let Some(timer) = group.timer.take() {
            self.by_timer.remove(&timer);
            cx.cancel(timer);
        }
        group.send(cx);
    }
}

fn forget_parts(msg: &mut Message) {
    let outer = parts::of(msg).and_then(|parts| parts.get("parts")).cloned();
    match outer {
        Some(outer) => msg.set("parts", Value::object([("parts", outer)])),
        None => drop(msg.remove("parts")),
    }
}

/// `parts.ch`: text, a buffer, or a list of bytes.
fn joiner_of(ch: &Value) -> Option<Vec<u8>> {
    match ch {
        Value::Text(text) => Some(text.as_bytes().to_vec()),
        Value::Bytes(bytes) => Some(bytes.to_vec()),
        Value::List(items) => Some(items.iter().map(typed::byte).collect()),
        _ => None,
    }
}

fn key_of(key: &Value) -> Option<String> {
    match key {
        Value::Undefined | Value::Null => None,
        key => Some(coerce::to_text(key)).filter(|key| !key.is_empty()),
    }
}

impl Group {
    fn add(&mut self, place: &Place, completes: bool, cx: &mut NodeCx<'_>) -> Result<(), Refused> {
        match (place.build, &place.value) {
            (Build::Object, value) => {
                self.object.insert(place.key.as_deref().unwrap_or_default(), value.clone());
                self.count = self.object.len();
            }
            (Build::Merged, Value::Object(members)) => {
                for (key, value) in members.iter().filter(|(key, _)| *key != "_msgid") {
                    self.object.insert(key, value.clone());
                }
                self.count = self.object.len();
            }
            (Build::Merged, Value::Null) => {}
            (Build::Merged, _) => {
                if !completes {
                    cx.log(Level::Warn, "Cannot merge non-object types");
                }
            }
            (Build::Buffer, value) if bytes_of(value).is_none() && !matches!(value, Value::Undefined) => {
                return Err(Refused::Failed(format!("Cannot join {} to buffer", coerce::type_of(value))));
            }
            (_, value) => self.put(place.index, value)?,
        }
        Ok(())
    }

    fn put(&mut self, index: Option<usize>, value: &Value) -> Result<(), Refused> {
        let Some(at) = index else {
            if !matches!(value, Value::Undefined) {
                self.items.push(value.clone());
                self.count += 1;
            }
            return Ok(());
        };
        if at >= MAX_HELD {
            return Err(Refused::Failed("too many pending messages in join node".to_owned()));
        }
        if at >= self.items.len() {
            self.items.resize(at + 1, Value::Undefined);
        }
        self.count += usize::from(matches!(self.items[at], Value::Undefined | Value::Null));
        self.items[at] = value.clone();
        Ok(())
    }

    /// The joined value.
    fn value(&self) -> Value {
        match self.build {
            Build::Object | Build::Merged => Value::Object(self.object.clone().into()),
            Build::Array if self.chunked => {
                let flat = self.items.iter().filter(|item| !matches!(item, Value::Undefined));
                let flat = flat.flat_map(|item| match item {
                    Value::List(inner) => inner.to_vec(),
                    other => vec![other.clone()],
                });
                Value::list(flat.collect())
            }
            Build::Array => Value::list(self.items.clone()),
            Build::Buffer => {
                let joiner = self.joiner.clone().unwrap_or_default();
                let parts: Vec<Vec<u8>> = self.items.iter().filter_map(bytes_of).collect();
                Value::bytes(parts.join(joiner.as_slice()))
            }
            Build::Text => {
                let joiner = String::from_utf8_lossy(self.joiner.as_deref().unwrap_or_default()).into_owned();
                let text = |item: &Value| match item {
                    Value::Undefined | Value::Null => String::new(),
                    other => coerce::to_text(other),
                };
                Value::text(self.items.iter().map(text).collect::<Vec<_>>().join(&joiner))
            }
        }
    }

    fn send(&self, cx: &mut NodeCx<'_>) {
        let mut msg = self.msg.clone();
        if let Err(fault) = self.property.set(&mut msg, self.value()) {
            return cx.error(&fault.thrown(), Some(&self.msg));
        }
        let outer = parts::of(&msg).and_then(|parts| parts.get("parts")).cloned();
        match outer {
            Some(outer) => msg.set("parts", outer),
            None => drop(msg.remove("parts")),
        }
        msg.remove("complete");
        cx.send(0, msg);
    }
}

fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Bytes(b) => Some(b.to_vec()),
        Value::Text(s) => Some(s.as_bytes().to_vec()),
        Value::List(items) => Some(items.iter().map(typed::byte).collect()),
        _ => None,
    }
}

impl Node for Join {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        match self.receive(msg.clone(), cx) {
            Ok(()) => {}
            Err(Refused::Failed(fault)) => cx.error(&fault, Some(&msg)),
            Err(Refused::Warned(text)) => {
                cx.log(Level::Warn, &text);
                cx.done(&msg);
            }
            Err(Refused::Reset) => {
                let ids: Vec<String> = self.groups.keys().cloned().collect();
                ids.iter().for_each(|id| drop(self.forget(id, cx)));
                cx.done(&msg);
            }
        }
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        if let Some(id) = self.by_timer.remove(&token) {
            if let Some(group) = self.groups.get_mut(&id) {
                group.timer = None;
            }
            self.complete(&id, cx);
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        let held: usize = self.groups.values().map(|group| group.count).sum();
        say_lost(cx, held);
        self.by_timer.drain().for_each(|(token, _)| cx.cancel(token));
        self.groups.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::sequence::split;
    use crate::nodes::testkit::Bench;
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
            json!(["[object Object]\n[object Object]"])
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
}
