//! `template`: fills a text with what the message, context and environment hold.

use route_chain::{Message, Value};

use super::convert::{self, Seg};
use super::mustache::Template as Mustache;
use super::typed::{self, text_of};
use crate::node::{Level, Node, NodeCx, NodeInfo, Scope};

enum Text {
    Plain(String),
    Mustache(Mustache),
    /// The message brings its own, in `msg.template`.
    OfMessage,
}

struct Template {
    text: Text,
    mustache: bool,
    json: bool,
    scope: Option<Scope>,
    field: Vec<Seg>,
}

/// Makes a `template` node.
pub fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let config = &info.config;
    let [text, field, field_type] = ["template", "field", "fieldType"].map(|key| text_of(config, key));
    let field = if field.is_empty() { "payload" } else { &field };
    let mustache = text_of(config, "syntax") != "plain";
    let json = match text_of(config, "output").as_str() {
        "" | "str" => false,
        "json" => true,
        other => return Err(format!("output as `{other}` is not supported")),
    };
    let (scope, field) = match field_type.as_str() {
        "" | "msg" => (None, convert::parse_path(field)?),
        "flow" => (Some(Scope::Flow), typed::context_key(field)?),
        "global" => (Some(Scope::Global), typed::context_key(field)?),
        other => return Err(format!("a template cannot write to `{other}`")),
    };
    let text = match (text.is_empty(), mustache) {
        (true, _) => Text::OfMessage,
        (false, true) => Text::Mustache(Mustache::parse(&text)?),
        (false, false) => Text::Plain(text),
    };
    Ok(Box::new(Template { text, mustache, json, scope, field }))
}

impl Template {
    fn result(&self, msg: &Message, cx: &NodeCx<'_>) -> Result<Value, String> {
        let text = match &self.text {
            Text::Plain(text) => text.clone(),
            Text::Mustache(template) => self.render(template, msg, cx)?,
            Text::OfMessage => {
                let own = msg.get("template").map(convert::to_text).unwrap_or_default();
                if self.mustache { self.render(&Mustache::parse(&own)?, msg, cx)? } else { own }
            }
        };
        if !self.json {
            return Ok(Value::text(text));
        }
        let json: serde_json::Value =
            serde_json::from_str(&text).map_err(|e| format!("the template does not make JSON: {e}"))?;
        Ok(convert::from_json(&json))
    }

    fn render(&self, template: &Mustache, msg: &Message, cx: &NodeCx<'_>) -> Result<String, String> {
        let outer = |name: &str| outside(name, cx);
        let prepare = |text: String| if self.json { for_json(&text) } else { text };
        template.render(msg.to_value(), &outer, &prepare)
    }
}

/// `env.NAME`, `flow.key`, `flow[store].key`, `global.key`
fn outside(name: &str, cx: &NodeCx<'_>) -> Value {
    if let Some(name) = name.strip_prefix("env.") {
        return cx.env(name).unwrap_or_default();
    }
    let (scope, rest) = match (name.strip_prefix("flow"), name.strip_prefix("global")) {
        (Some(rest), _) => (Scope::Flow, rest),
        (_, Some(rest)) => (Scope::Global, rest),
        _ => return Value::Undefined,
    };
    let rest = rest.strip_prefix('[').and_then(|r| r.split_once(']')).map_or(rest, |(_, after)| after);
    match rest.strip_prefix('.').map(convert::parse_path) {
        Some(Ok(path)) => typed::context_get(cx, scope, &path),
        _ => Value::Undefined,
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
        let value = match self.result(&msg, cx) {
            Ok(value) => value,
            Err(fault) => return cx.error(&fault, Some(&msg)),
        };
        let done = match self.scope {
            None => convert::set_path(msg.root_mut(), &self.field, value),
            Some(scope) => {
                typed::context_set(cx, scope, &convert::resolve_path(&self.field, msg.root()), value)
            }
        };
        if !done {
            cx.log(Level::Warn, "cannot set a property of something that is no object");
        }
        cx.send(0, msg.clone());
        cx.done(&msg);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Bench, info};
    use super::*;
    use serde_json::json;

    #[test]
    fn message_context_and_environment() {
        let config = json!({"template": "{{topic}} {{flow.a.b}} {{global[file].g}} {{env.E}}{{flow.none}}", "field": "out.text"});
        let mut node = Bench::with(make, config, |cx| {
            cx.context.push((Scope::Flow, "a".into(), Value::object([("b", Value::Number(2.0))])));
            cx.context.push((Scope::Global, "g".into(), Value::text("G")));
            cx.env.insert("E".into(), Value::text("env"));
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
        assert_eq!(node.cx.context[0].2.as_text(), Some("<1>"));
    }

    #[test]
    fn faults() {
        let fault = |config| make(&info(config)).err().unwrap_or_default();
        assert_eq!(fault(json!({"template": "x", "output": "yaml"})), "output as `yaml` is not supported");
        assert_eq!(fault(json!({"template": "{{#a}}"})), "section `a` is not closed");
    }
}
