//! `template`: fills a text with what the message, context and environment hold (Node-RED's 80-template.js).

use std::collections::HashMap;

use route_chain::{Message, Value};

use crate::node::{Node, NodeCx, NodeInfo, Scope};
use crate::nodes::parsers::yaml;
use crate::nodes::value::context::ContextPath;
use crate::nodes::value::mustache::{Surroundings, Template as Mustache};
use crate::nodes::value::property::Path;
use crate::nodes::value::props::Props;
use crate::nodes::value::typed;

#[derive(Clone, Copy, PartialEq)]
enum Output {
    Text,
    Json,
    Yaml,
}

enum Field {
    Msg(Path),
    Context(ContextPath),
}

struct Template {
    /// The template of the node, parsed when the flow is made.
    own: Parsed,
    /// The node has no template: the message may bring one.
    is_empty: bool,
    mustache: bool,
    output: Output,
    field: Field,
}

/// A template and the values that it looks for outside of the message.
struct Parsed {
    text: String,
    template: Result<Mustache, String>,
    outside: HashMap<String, Outside>,
}

enum Outside {
    Env(String),
    Context(ContextPath),
}

/// Makes a `template` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let text = props.text("template");
    let field = props.text_or("field", "payload");
    Ok(Box::new(Template {
        is_empty: text.is_empty(),
        own: Parsed::new(text),
        mustache: props.text_or("syntax", "mustache") == "mustache",
        output: match props.text_or("output", "str").as_str() {
            "json" => Output::Json,
            "yaml" => Output::Yaml,
            _ => Output::Text,
        },
        field: match props.text_or("fieldType", "msg").as_str() {
            "msg" => Field::Msg(Path::new(&field)),
            "flow" => Field::Context(ContextPath::new(Scope::Flow, &field)),
            "global" => Field::Context(ContextPath::new(Scope::Global, &field)),
            other => return Err(format!("a template cannot write to `{other}`")),
        },
    }))
}

impl Parsed {
    fn new(text: String) -> Self {
        let template = Mustache::parse(&text);
        let names = template.iter().flat_map(Mustache::names);
        let outside = names.filter_map(|name| Some((name.to_owned(), Outside::of(name)?))).collect();
        Self { text, template, outside }
    }

    fn render(&self, msg: &Message, json: bool, cx: &mut NodeCx<'_>) -> Result<String, String> {
        let template = self.template.as_ref().map_err(Clone::clone)?;
        let mut found = HashMap::new();
        for (name, outside) in &self.outside {
            found.insert(name.as_str(), outside.value(msg, cx)?);
        }
        let outer = |name: &str| match found.get(name) {
            Some(value) => value.clone(),
            None => Value::text(""),
        };
        let prepare = |text: String| if json { for_json(&text) } else { text };
        template.render(&msg.to_value(), &Surroundings { outer: &outer, prepare: &prepare })
    }
}

impl Outside {
    /// `env.NAME`, `flow.key`, `flow[store].key`, `global.key`
    fn of(name: &str) -> Option<Self> {
        if let Some(name) = name.strip_prefix("env.").filter(|name| !name.is_empty()) {
            return Some(Self::Env(name.to_owned()));
        }
        let (scope, rest) = match (name.strip_prefix("flow"), name.strip_prefix("global")) {
            (Some(rest), _) => (Scope::Flow, rest),
            (_, Some(rest)) => (Scope::Global, rest),
            _ => return None,
        };
        let rest = rest.strip_prefix('[').and_then(|r| r.split_once(']')).map_or(rest, |(_, after)| after);
        let key = rest.strip_prefix('.').filter(|key| !key.is_empty())?;
        Some(Self::Context(ContextPath::new(scope, key)))
    }

    fn value(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<Value, String> {
        match self {
            Self::Env(name) => Ok(typed::env(&cx.env(), name)),
            Self::Context(path) => path.get(msg, cx).map_err(|fault| fault.to_string()),
        }
    }
}

impl Template {
    fn result(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<Value, String> {
        let brought = msg.get("template").filter(|_| self.is_empty);
        let text = match brought {
            Some(Value::Text(text)) if self.mustache => {
                Parsed::new(text.to_string()).render(msg, self.output == Output::Json, cx)?
            }
            Some(Value::Text(text)) => text.to_string(),
            Some(other) if !self.mustache => return Ok(other.clone()),
            Some(_) => return Err("Invalid template! Template should be a \"string\"".to_owned()),
            None if self.mustache => self.own.render(msg, self.output == Output::Json, cx)?,
            None => self.own.text.clone(),
        };
        match self.output {
            Output::Text => Ok(Value::text(text)),
            Output::Json => typed::json(&text),
            Output::Yaml => yaml::load(&text),
        }
    }
}

/// Node-RED escapes what would break a JSON text, but not quotes: those the template may want.
fn for_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            '\r' => out += "\\r",
            '\u{c}' => out += "\\f",
            '\u{8}' => out += "\\b",
            c => out.push(c),
        }
    }
    out
}

impl Node for Template {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        let set = self.result(&msg, cx).and_then(|value| {
            let set = match &self.field {
                Field::Msg(path) => path.set(&mut msg, value),
                Field::Context(path) => path.set(&msg, value, cx),
            };
            set.map_err(|fault| fault.to_string())
        });
        match set {
            Ok(_) => {
                cx.send(0, msg.clone());
                cx.done(&msg);
            }
            Err(fault) => cx.error(&fault, Some(&msg)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testkit::Bench;
    use serde_json::json;

    #[test]
    fn message_context_and_environment() {
        let config = json!({"template": "{{topic}} {{flow.a.b}} {{global[file].g}} {{env.E}}{{flow.none}}", "field": "out.text"});
        let mut node = Bench::with(make, config, |cx| {
            cx.flow().set("a", Value::object([("b", Value::Number(2.0))]));
            cx.global().set("g", Value::text("G"));
            cx.vars(&[("E", json!("env"))]);
        });
        assert_eq!(
            node.receive(json!({"topic": "t"})).sent(),
            json!([[0, {"topic": "t", "out": {"text": "t 2 G env"}}]])
        );
    }

    #[test]
    fn parsed_as_json() {
        let mut node = Bench::new(make, json!({"template": "{\"a\": \"{{{t}}}\"}", "output": "json"}));
        assert_eq!(node.receive(json!({"t": "x\ny\\"})).payloads(), json!([{"a": "x\ny\\"}]));
        node.receive(json!({"t": "\""}));
        assert_eq!((node.errors().len(), node.payloads()), (1, json!([])));
    }

    #[test]
    fn plain_and_of_the_message() {
        assert_eq!(
            Bench::new(make, json!({"template": "{{a}}", "syntax": "plain"})).receive(json!({})).payloads(),
            json!(["{{a}}"])
        );
        let mut node = Bench::new(make, json!({"template": "", "fieldType": "flow", "field": "f"}));
        node.receive(json!({"template": "<{{a}}>", "a": 1}));
        assert_eq!(node.cx.flow().get("f").as_text(), Some("<1>"));
    }

    #[test]
    fn faults() {
        let mut node = Bench::new(make, json!({"template": "{{#a}}"}));
        assert_eq!(node.receive(json!({})).errors(), ["Unclosed section \"a\" at 6"]);
    }
}
