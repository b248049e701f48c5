//! `json`: between JSON text and values.

use route_chain::{Message, Value};

use super::convert;
use super::props::{Path, Props};
use crate::node::{Level, Node, NodeCx, NodeInfo};

#[derive(PartialEq)]
enum Action {
    Either,
    ToText,
    ToValue,
}

struct Json {
    property: Path,
    action: Action,
    pretty: bool,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    Ok(Box::new(Json {
        property: props.path("property")?,
        action: match props.text("action").as_str() {
            "str" => Action::ToText,
            "obj" => Action::ToValue,
            _ => Action::Either,
        },
        pretty: props.flag("pretty"),
    }))
}

/// JSON as Node-RED's json node indents it: four spaces.
fn pretty(json: &serde_json::Value) -> Result<String, String> {
    let mut out = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut out, format);
    serde::Serialize::serialize(json, &mut writer).map_err(|e| e.to_string())?;
    String::from_utf8(out).map_err(|e| e.to_string())
}

impl Json {
    /// `None`: the value is already what is asked for.
    fn convert(&self, value: &Value) -> Result<Option<Value>, String> {
        let text = match value {
            Value::Text(s) => Some(s.as_str()),
            Value::Bytes(b) if self.action != Action::ToText => {
                Some(std::str::from_utf8(b).map_err(|_| "the buffer is not UTF-8 text".to_owned())?)
            }
            _ => None,
        };
        match text {
            Some(_) if self.action == Action::ToText => Ok(None),
            Some(text) => {
                let json: serde_json::Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
                Ok(Some(convert::from_json(&json)))
            }
            None if self.action == Action::ToValue => Ok(None),
            None => {
                let json = convert::to_json(value);
                let text = if self.pretty { pretty(&json)? } else { json.to_string() };
                Ok(Some(Value::text(text)))
            }
        }
    }
}

impl Node for Json {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        let original = msg.clone();
        if let Some(value) = self.property.get(&msg).filter(|v| !matches!(v, Value::Undefined)) {
            match (&value, self.convert(&value)) {
                (_, Ok(Some(new))) => {
                    self.property.set(&mut msg, new);
                }
                (Value::Number(_) | Value::Bool(_), Ok(None)) => {
                    cx.log(Level::Warn, "ignored a number or boolean: not text to parse");
                    return cx.done(&original);
                }
                (_, Ok(None)) => {}
                (_, Err(text)) => return cx.error(&text, Some(&original)),
            }
        }
        cx.send(0, msg);
        cx.done(&original);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::Bench;
    use serde_json::json;

    #[test]
    fn both_ways() {
        let mut node = Bench::new(super::make, json!({"action": ""}));
        node.receive(json!({"payload": "{\"b\":1,\"a\":[true]}"})).receive(json!({"payload": {"b": 1.5}}));
        assert_eq!(node.payloads(), json!([{"b": 1, "a": [true]}, "{\"b\":1.5}"]));
    }

    #[test]
    fn one_way() {
        let mut node = Bench::new(super::make, json!({"action": "obj"}));
        node.receive(json!({"payload": {"a": 1}})).receive(json!({"payload": "{oops"}));
        assert_eq!(node.payloads(), json!([{"a": 1}]));
        assert_eq!(node.errors(), ["key must be a string at line 1 column 2"]);
        let mut node = Bench::new(super::make, json!({"action": "str", "pretty": true}));
        node.receive(json!({"payload": "{}"})).receive(json!({"payload": {"a": 1}}));
        assert_eq!(node.payloads(), json!(["{}", "{\n    \"a\": 1\n}"]));
    }
}
