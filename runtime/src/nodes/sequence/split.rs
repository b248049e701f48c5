//! `split`: one message into many, in one pass over the value (Node-RED's 17-split.js).

use route_chain::{Message, Object, Value};

use crate::node::{Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::property::{self, Fault, Path};
use crate::nodes::value::props::{Props, say_lost, unescape};
use crate::nodes::value::typed::byte;

/// Where texts and buffers are cut.
enum Cut {
    At(Vec<u8>),
    /// At bytes that were given as numbers; `parts.ch` is their list.
    Bytes(Vec<u8>, Value),
    Length(usize),
}

struct Split {
    property: Path,
    cut: Cut,
    array: usize,
    stream: bool,
    key_to: Option<Path>,
    /// Stream mode: what is left of the messages before, how many parts went out, and which messages wait for the rest.
    text: String,
    bytes: Vec<u8>,
    index: u64,
    pending: Vec<Message>,
}

/// Makes a `split` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let length = |key: &str| {
        let n = coerce::parse_int(&Value::from_json(props.json(key)));
        if n >= 1.0 { Ok(n as usize) } else { Err(format!("`{key}` must be a length above zero")) }
    };
    let cut = match props.text_or("spltType", "str").as_str() {
        "len" => Cut::Length(length("splt")?),
        "bin" => match crate::nodes::value::typed::json(&props.text("splt"))? {
            Value::List(list) if !list.is_empty() => {
                Cut::Bytes(list.iter().map(byte).collect(), Value::List(list))
            }
            _ => return Err("the separator must be a list of bytes".to_owned()),
        },
        _ => Cut::At(unescape(&props.text_or("splt", "\\n")).into_bytes()),
    };
    let addname = props.text("addname");
    Ok(Box::new(Split {
        property: props.path("property"),
        cut,
        array: if props.has("arraySplt") { length("arraySplt")? } else { 1 },
        stream: matches!(props.json("stream"), serde_json::Value::Bool(true)),
        key_to: if addname.is_empty() { None } else { Some(Path::new(&addname)) },
        text: String::new(),
        bytes: Vec::new(),
        index: 0,
        pending: Vec::new(),
    }))
}

/// A message that is being taken apart.
struct Source {
    /// Without identity and without the value.
    msg: Message,
    parts: Object,
}

impl Source {
    /// A part that is split again carries its parts within its parts; where that goes round, it ends at the bound.
    fn new(msg: &Message, property: &Path, kind: &str, cx: &mut NodeCx<'_>) -> Result<Self, String> {
        let mut base = msg.clone();
        base.remove("_msgid");
        let mut parts = Object::new();
        if let Some(outer) = base.remove("parts") {
            property::is_bounded(&outer, 2).map_err(|fault| fault.thrown())?;
            parts.insert("parts", outer);
        }
        parts.insert("id", Value::text(cx.new_id()));
        if property.text != "payload" {
            parts.insert("property", Value::text(&property.text));
        }
        parts.insert("type", Value::text(kind));
        Ok(Self { msg: base, parts })
    }

    fn say(&mut self, key: &str, value: impl Into<f64>) {
        self.parts.insert(key, Value::Number(value.into()));
    }

    /// One part, ready to be sent.
    fn part(&mut self, property: &Path, value: Value, index: u64) -> Result<Message, Fault> {
        self.say("index", index as f64);
        let mut msg = self.msg.clone();
        property.set(&mut msg, value)?;
        msg.set("parts", Value::Object(self.parts.clone().into()));
        Ok(msg)
    }
}

/// The pieces of a text or buffer, and what may go on in the next one.
struct Pieces {
    whole: Vec<Value>,
    /// The last piece; `None`: nothing comes after the last separator.
    last: Option<Value>,
}

impl Split {
    fn take(&mut self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<(), String> {
        match self.property.get(msg).map_err(|fault| fault.thrown())? {
            Value::Text(text) => self.text(msg, &text, cx),
            Value::Bytes(bytes) => self.bytes(msg, &bytes, cx),
            Value::List(items) => self.list(msg, &items, cx),
            Value::Object(object) => self.object(msg, &object, cx),
            Value::Null => Err("TypeError: Cannot convert undefined or null to object".to_owned()),
            Value::Date(_) => self.object(msg, &Object::new(), cx),
            Value::Undefined | Value::Bool(_) | Value::Number(_) | Value::Opaque(_) => {
                cx.done(msg);
                Ok(())
            }
        }
    }

    fn text(&mut self, msg: &Message, text: &str, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let mut source = Source::new(msg, &self.property, "string", cx)?;
        let whole = std::mem::take(&mut self.text) + text;
        let mut pieces: Vec<&str> = match &self.cut {
            Cut::Length(n) => {
                source.parts.insert("ch", Value::text(""));
                source.say("len", *n as f64);
                by_length(&whole, *n)
            }
            Cut::At(at) => {
                let at = String::from_utf8_lossy(at);
                source.parts.insert("ch", Value::text(&at));
                whole.split(at.as_ref()).collect()
            }
            Cut::Bytes(at, list) => {
                source.parts.insert("ch", list.clone());
                whole.split(String::from_utf8_lossy(at).as_ref()).collect()
            }
        };
        let kept = self.kept(pieces.last().map(|last| last.encode_utf16().count()));
        if kept {
            self.text = pieces.pop().unwrap_or_default().to_owned();
        }
        let count = if whole.is_empty() && matches!(self.cut, Cut::Length(_)) { 0 } else { pieces.len() };
        let pieces = pieces.into_iter().map(Value::text).collect();
        self.send(source, pieces, count, cx)?;
        // A text cut at a separator is dealt with, whatever is kept of it.
        self.settle(msg, kept && matches!(self.cut, Cut::Length(_)), cx);
        Ok(())
    }

    fn bytes(&mut self, msg: &Message, bytes: &[u8], cx: &mut NodeCx<'_>) -> Result<(), String> {
        let mut source = Source::new(msg, &self.property, "buffer", cx)?;
        let mut whole = std::mem::take(&mut self.bytes);
        whole.extend_from_slice(bytes);
        let value = |bytes: &[u8]| Value::bytes(bytes);
        let Pieces { whole: mut pieces, last } = match &self.cut {
            Cut::Length(n) => {
                source.say("len", *n as f64);
                let mut pieces: Vec<Value> = whole.chunks(*n).map(value).collect();
                let last = pieces.pop().or_else(|| Some(Value::bytes([])));
                Pieces { whole: pieces, last }
            }
            Cut::At(at) => {
                source.parts.insert("ch", Value::text(String::from_utf8_lossy(at)));
                by_separator(&whole, at)
            }
            Cut::Bytes(at, list) => {
                source.parts.insert("ch", list.clone());
                by_separator(&whole, at)
            }
        };
        let by_length = matches!(self.cut, Cut::Length(_));
        // What follows the last separator counts as a part, even when nothing does.
        let count = pieces.len() + usize::from(!by_length || !whole.is_empty());
        let len =
            last.as_ref().and_then(|last| if let Value::Bytes(b) = last { Some(b.len()) } else { None });
        let kept = self.kept(len);
        match last {
            Some(Value::Bytes(last)) if kept => self.bytes = last.to_vec(),
            Some(last) => pieces.push(last),
            None => {}
        }
        self.send(source, pieces, count, cx)?;
        self.settle(msg, kept && !self.bytes.is_empty(), cx);
        Ok(())
    }

    /// Whether the last piece, of this length, is kept for more to come to it.
    fn kept(&self, last: Option<usize>) -> bool {
        match (&self.cut, last) {
            _ if !self.stream => false,
            (Cut::Length(n), Some(last)) => last != *n,
            (_, last) => last.is_some(),
        }
    }

    /// A message of which something is kept is done when that went out.
    fn settle(&mut self, msg: &Message, waits: bool, cx: &mut NodeCx<'_>) {
        if waits { self.pending.push(msg.clone()) } else { cx.done(msg) }
    }

    fn send(
        &mut self,
        mut source: Source,
        pieces: Vec<Value>,
        count: usize,
        cx: &mut NodeCx<'_>,
    ) -> Result<(), String> {
        if !self.stream {
            source.say("count", count as f64);
            self.index = 0;
        }
        if !pieces.is_empty() {
            self.pending.drain(..).for_each(|before| cx.done(&before));
        }
        for piece in pieces {
            let part = source.part(&self.property, piece, self.index).map_err(|fault| fault.thrown())?;
            self.index += 1;
            cx.send(0, part);
        }
        if !self.stream {
            self.index = 0;
        }
        Ok(())
    }

    fn list(&mut self, msg: &Message, items: &[Value], cx: &mut NodeCx<'_>) -> Result<(), String> {
        let mut source = Source::new(msg, &self.property, "array", cx)?;
        source.say("count", items.len().div_ceil(self.array) as f64);
        source.say("len", self.array as f64);
        for (index, chunk) in (0..).zip(items.chunks(self.array)) {
            let value = match chunk {
                [one] if self.array == 1 => one.clone(),
                chunk => Value::list(chunk.to_vec()),
            };
            // A part that is undefined is one without the property.
            cx.send(0, source.part(&self.property, value, index).map_err(|fault| fault.thrown())?);
        }
        cx.done(msg);
        Ok(())
    }

    fn object(&mut self, msg: &Message, object: &Object, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let mut source = Source::new(msg, &self.property, "object", cx)?;
        source.say("count", object.len() as f64);
        for (index, (key, value)) in (0..).zip(object.iter()) {
            source.parts.insert("key", Value::text(key));
            let mut part =
                source.part(&self.property, value.clone(), index).map_err(|fault| fault.thrown())?;
            if let Some(path) = &self.key_to {
                path.set(&mut part, Value::text(key)).map_err(|fault| fault.thrown())?;
            }
            cx.send(0, part);
        }
        cx.done(msg);
        Ok(())
    }
}

/// Pieces of so many UTF-16 units; a pair of them is not torn apart.
fn by_length(text: &str, length: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut units) = (0, 0);
    for (at, c) in text.char_indices() {
        if units >= length {
            pieces.push(&text[from..at]);
            (from, units) = (at, 0);
        }
        units += c.len_utf16();
    }
    pieces.push(&text[from..]);
    pieces
}

fn by_separator(bytes: &[u8], at: &[u8]) -> Pieces {
    let mut whole = Vec::new();
    let (mut from, mut here) = (0, 0);
    while here + at.len() <= bytes.len() {
        if bytes[here..].starts_with(at) {
            whole.push(Value::bytes(&bytes[from..here]));
            here += at.len();
            from = here;
        } else {
            here += 1;
        }
    }
    let last = (from < bytes.len()).then(|| Value::bytes(&bytes[from..]));
    Pieces { whole, last }
}

impl Node for Split {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if let Err(fault) = self.take(&msg, cx) {
            cx.error(&fault, Some(&msg));
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, usize::from(!self.text.is_empty()) + usize::from(!self.bytes.is_empty()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testkit::{Bench, message};
    use serde_json::json;

    #[test]
    fn texts() {
        let mut node = Bench::new(make, json!({"splt": "\\n", "spltType": "str"}));
        node.receive(json!({"topic": "t", "payload": "a\nb", "parts": {"id": "outer"}}));
        assert_eq!(
            node.sent(),
            json!([
                [0, {"topic": "t", "payload": "a", "parts": {"id": "0000000000000002", "type": "string", "ch": "\n",
                    "count": 2, "index": 0, "parts": {"id": "outer"}}}],
                [0, {"topic": "t", "payload": "b", "parts": {"id": "0000000000000002", "type": "string", "ch": "\n",
                    "count": 2, "index": 1, "parts": {"id": "outer"}}}],
            ])
        );
        let mut node = Bench::new(make, json!({"splt": "2", "spltType": "len"}));
        assert_eq!(node.receive(json!({"payload": "äöüxy"})).payloads(), json!(["äö", "üx", "y"]));
    }

    #[test]
    fn arrays_and_objects() {
        let mut node = Bench::new(make, json!({"arraySplt": "2", "addname": "topic"}));
        assert_eq!(node.receive(json!({"payload": [1, 2, 3]})).payloads(), json!([[1, 2], [3]]));
        let sent = node.receive(json!({"payload": {"a": 1, "b": [2]}})).sent();
        assert_eq!((&sent[0][1]["topic"], &sent[1][1]["payload"]), (&json!("a"), &json!([2])));
        assert_eq!(sent[1][1]["parts"]["key"], json!("b"));
        assert_eq!(node.receive(json!({"payload": 5})).payloads(), json!([]));
    }

    #[test]
    fn buffers_and_streams() {
        let mut node = Bench::new(make, json!({"splt": "[44]", "spltType": "bin", "stream": true}));
        for text in ["1,2", "2,3", ","] {
            let mut msg = message(json!({}));
            msg.set("payload", Value::bytes(text));
            node.receive_msg(msg);
        }
        let sent: Vec<_> = node.cx.sends.iter().map(|(_, m)| m.clone()).collect();
        let texts: Vec<_> = sent.iter().filter_map(|m| m.get("payload")).map(coerce::to_text).collect();
        assert_eq!(texts, ["1", "22", "3"]);
        let sent = node.sent();
        assert_eq!(sent[2][1]["parts"]["index"], json!(2));
        assert_eq!(sent[2][1]["parts"].get("count"), None);
    }

    /// Each turn of a wire from `split` back to itself nests `parts` once more.
    #[test]
    fn a_loop_ends_at_the_bound() {
        let mut node = Bench::new(make, json!({}));
        let mut msg = message(json!({"payload": "a"}));
        let mut turns = 0;
        while node.cx.errors.is_empty() {
            node.receive_msg(msg.clone());
            if let Some((_, sent)) = node.cx.sends.pop() {
                msg = sent;
                turns += 1;
            }
        }
        assert_eq!(turns, route_chain::MAX_DEPTH - 1);
        assert!(msg.to_value().is_within(route_chain::MAX_DEPTH));
    }

    #[test]
    fn many_parts_cost_in_proportion() {
        let mut node = Bench::new(make, json!({}));
        node.receive(json!({"payload": (0..40_000).collect::<Vec<_>>()}));
        assert_eq!(node.cx.sends.len(), 40_000);
    }
}
