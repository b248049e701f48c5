//! `split`: one message into many, in one pass over the value.

use route_chain::{Message, Value};

use super::props::{Path, Props, byte_list, unescape};
use crate::node::{Node, NodeCx, NodeInfo};

enum Cut {
    At(Vec<u8>),
    Length(usize),
}

struct Split {
    property: Path,
    cut: Cut,
    array: usize,
    stream: bool,
    key_to: Option<Path>,
    /// Stream mode: what is left of the message before, and how many parts went out.
    rest: Vec<u8>,
    index: u64,
    id: String,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let length = |key: &str| -> Result<usize, String> {
        let n = props.number(key).unwrap_or(1.0);
        if n >= 1.0 { Ok(n as usize) } else { Err(format!("`{key}` must be a length above zero")) }
    };
    let cut = match props.text_or("spltType", "str").as_str() {
        "len" => Cut::Length(length("splt")?),
        "bin" => Cut::At(byte_list(&props.text("splt"))?),
        // An empty text is a separator: each letter is a part.
        _ if props.json("splt").is_none() => Cut::At(b"\n".to_vec()),
        _ => Cut::At(unescape(&props.text("splt")).into_bytes()),
    };
    let addname = props.text("addname");
    Ok(Box::new(Split {
        property: props.path("property")?,
        cut,
        array: length("arraySplt")?,
        stream: props.flag("stream"),
        key_to: if addname.is_empty() { None } else { Some(Path::parse(&addname)?) },
        rest: Vec::new(),
        index: 0,
        id: String::new(),
    }))
}

/// One part, before it is a message.
struct Piece {
    value: Value,
    key: Option<String>,
}

impl From<Value> for Piece {
    fn from(value: Value) -> Self {
        Self { value, key: None }
    }
}

impl Split {
    /// Cuts bytes at the separator; the last piece may be empty.
    fn cut_bytes(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        match &self.cut {
            Cut::Length(n) => bytes.chunks(*n).map(<[u8]>::to_vec).collect(),
            Cut::At(at) if at.is_empty() => bytes.iter().map(|b| vec![*b]).collect(),
            Cut::At(at) => {
                let mut pieces = Vec::new();
                let (mut from, mut here) = (0, 0);
                while here + at.len() <= bytes.len() {
                    if bytes[here..].starts_with(at) {
                        pieces.push(bytes[from..here].to_vec());
                        here += at.len();
                        from = here;
                    } else {
                        here += 1;
                    }
                }
                pieces.push(bytes[from..].to_vec());
                pieces
            }
        }
    }

    fn cut_text(&self, text: &str) -> Vec<String> {
        match &self.cut {
            Cut::At(at) => match std::str::from_utf8(at) {
                Ok("") => text.chars().map(String::from).collect(),
                Ok(at) => text.split(at).map(str::to_owned).collect(),
                Err(_) => vec![text.to_owned()],
            },
            Cut::Length(n) => {
                let mut pieces = Vec::new();
                let mut rest = text;
                while !rest.is_empty() {
                    let end = rest.char_indices().nth(*n).map_or(rest.len(), |(at, _)| at);
                    pieces.push(rest[..end].to_owned());
                    rest = &rest[end..];
                }
                pieces
            }
        }
    }

    /// Stream mode keeps the last piece back when more may come to it.
    fn keep_rest(&self, complete: impl Fn(usize) -> bool, len: Option<usize>) -> bool {
        match (&self.cut, len) {
            (_, None) => false,
            (Cut::At(at), _) => !at.is_empty(),
            (Cut::Length(n), Some(len)) => !complete(*n) && len < *n,
        }
    }

    fn text_pieces(&mut self, text: &str) -> Vec<Piece> {
        if !self.stream {
            return self.cut_text(text).into_iter().map(|s| Value::text(s).into()).collect();
        }
        let mut whole = String::from_utf8_lossy(&std::mem::take(&mut self.rest)).into_owned();
        whole.push_str(text);
        let mut pieces = self.cut_text(&whole);
        let last = pieces.last().map(|s| s.chars().count());
        if self.keep_rest(|n| last == Some(n), last) {
            self.rest = pieces.pop().unwrap_or_default().into_bytes();
        }
        pieces.into_iter().map(|s| Value::text(s).into()).collect()
    }

    fn byte_pieces(&mut self, bytes: &[u8]) -> Vec<Piece> {
        if !self.stream {
            return self.cut_bytes(bytes).into_iter().map(|b| Value::bytes(b).into()).collect();
        }
        let mut whole = std::mem::take(&mut self.rest);
        whole.extend_from_slice(bytes);
        let mut pieces = self.cut_bytes(&whole);
        let last = pieces.last().map(Vec::len);
        if self.keep_rest(|n| last == Some(n), last) {
            self.rest = pieces.pop().unwrap_or_default();
        }
        pieces.into_iter().map(|b| Value::bytes(b).into()).collect()
    }

    /// The pieces, what kind of thing they were, and `parts.ch` or `parts.len`.
    fn pieces(&mut self, value: &Value) -> Option<(Vec<Piece>, &'static str, (&'static str, Value))> {
        let separator = |buffer: bool| match &self.cut {
            Cut::Length(n) => ("len", Value::Number(*n as f64)),
            Cut::At(at) if buffer => ("ch", Value::bytes(at.clone())),
            Cut::At(at) => ("ch", Value::text(String::from_utf8_lossy(at))),
        };
        Some(match value {
            Value::Text(s) => {
                let by = separator(false);
                (self.text_pieces(s), "string", by)
            }
            Value::Bytes(b) => {
                let by = separator(true);
                (self.byte_pieces(b), "buffer", by)
            }
            Value::List(items) => {
                let pieces: Vec<Piece> = if self.array == 1 {
                    items.iter().cloned().map(Piece::from).collect()
                } else {
                    items.chunks(self.array).map(|c| Value::list(c.to_vec()).into()).collect()
                };
                (pieces, "array", ("len", Value::Number(self.array as f64)))
            }
            Value::Object(o) => {
                let piece = |(k, v): (&str, &Value)| Piece { value: v.clone(), key: Some(k.to_owned()) };
                (o.iter().map(piece).collect(), "object", ("", Value::Undefined))
            }
            _ => return None,
        })
    }
}

impl Node for Split {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if self.stream && msg.get("reset").is_some() {
            self.rest.clear();
            self.index = 0;
            self.id.clear();
            return cx.done(&msg);
        }
        let Some((pieces, kind, (extra, extra_value))) =
            self.property.get(&msg).and_then(|v| self.pieces(&v))
        else {
            return cx.done(&msg);
        };
        let streams = self.stream && matches!(kind, "string" | "buffer");
        if !streams || self.id.is_empty() {
            self.id = cx.new_id();
            self.index = 0;
        }
        let mut base = msg.clone();
        base.remove("_msgid");
        let outer = base.remove("parts");
        let count = pieces.len();
        for piece in pieces {
            let mut parts = vec![("id", Value::text(&self.id)), ("type", Value::text(kind))];
            if !extra.is_empty() {
                parts.push((extra, extra_value.clone()));
            }
            if !streams {
                parts.push(("count", Value::Number(count as f64)));
            }
            parts.push(("index", Value::Number(self.index as f64)));
            if self.property.text != "payload" {
                parts.push(("property", Value::text(&self.property.text)));
            }
            if let Some(outer) = &outer {
                parts.push(("parts", outer.clone()));
            }
            let mut part = base.clone();
            self.property.set(&mut part, piece.value);
            if let Some(key) = piece.key {
                parts.push(("key", Value::text(&key)));
                if let Some(path) = &self.key_to {
                    path.set(&mut part, Value::text(&key));
                }
            }
            part.set("parts", Value::object(parts));
            self.index += 1;
            cx.send(0, part);
        }
        cx.done(&msg);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Bench, message};
    use super::*;
    use serde_json::json;

    #[test]
    fn texts() {
        let mut node = Bench::new(make, json!({"splt": "\\n", "spltType": "str"}));
        node.receive(json!({"topic": "t", "payload": "a\nb", "parts": {"id": "outer"}}));
        assert_eq!(
            node.sent(),
            json!([
                [0, {"topic": "t", "payload": "a", "parts": {"id": "0000000000000001", "type": "string", "ch": "\n",
                    "count": 2, "index": 0, "parts": {"id": "outer"}}}],
                [0, {"topic": "t", "payload": "b", "parts": {"id": "0000000000000001", "type": "string", "ch": "\n",
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
        let texts: Vec<_> =
            sent.iter().filter_map(|m| m.get("payload")).map(super::super::convert::to_text).collect();
        assert_eq!(texts, ["1", "22", "3"]);
        let sent = node.sent();
        assert_eq!(sent[2][1]["parts"]["index"], json!(2));
        assert_eq!(sent[2][1]["parts"].get("count"), None);
    }

    #[test]
    fn many_parts_cost_in_proportion() {
        let mut node = Bench::new(make, json!({}));
        node.receive(json!({"payload": (0..40_000).collect::<Vec<_>>()}));
        assert_eq!(node.cx.sends.len(), 40_000);
    }
}
