//! `json`: between JSON text and values (Node-RED's 70-JSON.js), with a JSON schema that a message may bring.

use route_chain::{Message, Value};

use crate::node::{Level, Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::property::Path;
use crate::nodes::value::props::Props;
use crate::nodes::value::typed;

use super::schema::Schema;

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
    /// The last schema that a message brought, and what it came from.
    schema: Option<(String, Schema)>,
}

/// Makes a `json` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    Ok(Box::new(Json {
        property: props.path("property"),
        action: match props.text("action").as_str() {
            "str" => Action::ToText,
            "obj" => Action::ToValue,
            _ => Action::Either,
        },
        pretty: props.truthy("pretty"),
        schema: None,
    }))
}

/// `JSON.stringify(value, null, 4)`
fn pretty(value: &Value, indent: usize, out: &mut String) {
    let line = |out: &mut String, indent: usize| {
        out.push('\n');
        out.push_str(&" ".repeat(indent));
    };
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                line(out, indent + 4);
                pretty(item, indent + 4, out);
            }
            line(out, indent);
            out.push(']');
        }
        Value::Bytes(bytes) => {
            let data = bytes.iter().map(|b| Value::Number(f64::from(*b))).collect();
            let shown = Value::object([("type", Value::text("Buffer")), ("data", Value::list(data))]);
            pretty(&shown, indent, out);
        }
        Value::Object(object) => {
            let there: Vec<_> = object.iter().filter(|(_, v)| !matches!(v, Value::Undefined)).collect();
            if there.is_empty() {
                return out.push_str("{}");
            }
            out.push('{');
            for (at, (key, value)) in there.into_iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                line(out, indent + 4);
                out.push_str(&Value::text(key).to_text());
                out.push_str(": ");
                pretty(value, indent + 4, out);
            }
            line(out, indent);
            out.push('}');
        }
        other => out.push_str(&other.to_text()),
    }
}

/// What is done with a value.
enum Plan {
    /// Parsed, or as it is: the value that a schema is held against; it takes the property's place.
    Value(Value),
    /// Text stays text; a schema is held against what it says.
    Text(Value),
    /// A value becomes text.
    Write,
    Ignore(&'static str),
}

impl Json {
    fn plan(&self, value: &Value) -> Result<Plan, String> {
        let text = match value {
            Value::Text(text) => Some(text.to_string()),
            Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        };
        Ok(match (text, &self.action) {
            (Some(text), Action::ToText) => match self.schema {
                Some(_) => Plan::Text(typed::json(&text)?),
                None => Plan::Text(Value::Undefined),
            },
            (Some(text), _) => Plan::Value(typed::json(&text)?),
            (None, _) if matches!(value, Value::Undefined) => {
                Plan::Ignore("Ignored unsupported payload type")
            }
            (None, Action::ToValue) => Plan::Value(value.clone()),
            (None, _) => Plan::Write,
        })
    }

    /// Compiles the schema of a message when it is another one.
    fn take_schema(&mut self, msg: &Message) -> Result<(), String> {
        let Some(schema) = msg.get("schema").filter(|schema| coerce::truthy(schema)) else {
            self.schema = None;
            return Ok(());
        };
        let text = schema.to_text();
        if self.schema.as_ref().is_none_or(|(known, _)| *known != text) {
            self.schema = None;
            let made = Schema::compile(schema);
            self.schema =
                Some((text, made.map_err(|_| "JSON Schema error: failed to compile schema".to_owned())?));
        }
        Ok(())
    }

    /// Holds the schema against a value; what does not fit is written into the message.
    fn check(&self, value: &Value, msg: &mut Message) -> Result<(), String> {
        let Some((_, schema)) = &self.schema else { return Ok(()) };
        match schema.check(value) {
            Ok(()) => drop(msg.remove("schema")),
            Err((errors, text)) => {
                msg.set("schemaError", errors);
                return Err(format!("JSON Schema error: {text}"));
            }
        }
        Ok(())
    }

    fn convert(&mut self, msg: &mut Message, cx: &mut NodeCx<'_>) -> Result<bool, String> {
        self.take_schema(msg)?;
        let value = self.property.get(msg).map_err(|fault| fault.thrown())?;
        if matches!(value, Value::Undefined) {
            return Ok(true);
        }
        let new = match self.plan(&value)? {
            Plan::Ignore(why) => {
                cx.log(Level::Warn, why);
                return Ok(false);
            }
            Plan::Text(said) => {
                self.check(&said, msg)?;
                return Ok(true);
            }
            Plan::Value(new) => {
                // As in Node-RED, a value that does not fit the schema has taken its place already.
                self.property.set(msg, new.clone()).map_err(|fault| fault.to_string())?;
                self.check(&new, msg)?;
                return Ok(true);
            }
            Plan::Write => {
                self.check(&value, msg)?;
                let mut text = String::new();
                match self.pretty {
                    true => pretty(&value, 0, &mut text),
                    false => text = value.to_text(),
                }
                Value::text(text)
            }
        };
        self.property.set(msg, new).map_err(|fault| fault.to_string())?;
        Ok(true)
    }
}

impl Node for Json {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        match self.convert(&mut msg, cx) {
            Ok(send) => {
                if send {
                    cx.send(0, msg.clone());
                }
                cx.done(&msg);
            }
            Err(fault) => cx.error(&fault, Some(&msg)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::nodes::testkit::Bench;
    use serde_json::json;

    #[test]
    fn both_ways() {
        let mut node = Bench::new(super::make, json!({"action": ""}));
        node.receive(json!({"payload": "{\"b\":1,\"a\":[true]}"})).receive(json!({"payload": {"b": 1.5}}));
        node.receive(json!({"payload": null})).receive(json!({"payload": 1e21}));
        assert_eq!(node.payloads(), json!([{"b": 1, "a": [true]}, "{\"b\":1.5}", "null", "1e+21"]));
    }

    #[test]
    fn one_way() {
        let mut node = Bench::new(super::make, json!({"action": "obj"}));
        node.receive(json!({"payload": {"a": 1}})).receive(json!({"payload": "{oops"}));
        assert_eq!(node.payloads(), json!([{"a": 1}]));
        assert_eq!(node.errors(), ["Unexpected token 'o', \"{oops\" is not valid JSON"]);
        let mut node = Bench::new(super::make, json!({"action": "str", "pretty": true}));
        let nested = json!({"a": [1, {}], "b": {"c": []}});
        node.receive(json!({"payload": "{}"})).receive(json!({ "payload": nested }));
        let text =
            "{\n    \"a\": [\n        1,\n        {}\n    ],\n    \"b\": {\n        \"c\": []\n    }\n}";
        assert_eq!(node.payloads(), json!(["{}", text]));
    }

    #[cfg(feature = "json-schema")]
    #[test]
    fn with_a_schema() {
        let schema = json!({"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]});
        let mut node = Bench::new(super::make, json!({"action": ""}));
        node.receive(json!({"payload": "{\"n\":1}", "schema": schema}));
        assert_eq!(node.sent(), json!([[0, {"payload": {"n": 1}}]]));
        node.receive(json!({"payload": "{\"n\":\"x\"}", "schema": schema}))
            .receive(json!({"payload": {}, "schema": schema}));
        let told: Vec<_> =
            node.cx.errors.iter().filter_map(|(_, m)| m.as_ref()?.get("schemaError")?.to_json()).collect();
        assert_eq!(told[0][0]["keyword"], json!("type"));
        assert_eq!(
            node.errors(),
            [
                "JSON Schema error: data/n must be number",
                "JSON Schema error: data must have required property 'n'"
            ]
        );
        node.receive(json!({"payload": {}, "schema": {"type": "nonsense"}}));
        assert_eq!(node.errors(), ["JSON Schema error: failed to compile schema"]);
    }
}
