//! `yaml`: between YAML texts and values (Node-RED's 70-YAML.js, which uses js-yaml 4).

mod dump;
mod load;

use route_chain::{Message, Value};

use crate::node::{Level, Node, NodeCx, NodeInfo};
use crate::nodes::value::property::Path;
use crate::nodes::value::props::Props;

pub(crate) use load::load;

struct Yaml {
    property: Path,
}

/// Makes a `yaml` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(Yaml { property: Props::of(info).path("property") }))
}

impl Yaml {
    /// `None`: there is nothing to convert, and the message stays here.
    fn converted(&self, value: &Value, cx: &mut NodeCx<'_>) -> Result<Option<Value>, String> {
        Ok(match value {
            Value::Text(text) => Some(load(text)?),
            Value::Bytes(_) => {
                cx.log(Level::Warn, "Ignored non-object payload");
                None
            }
            Value::Bool(_) | Value::Number(_) => {
                cx.log(Level::Warn, "Ignored unsupported payload type");
                None
            }
            other => Some(Value::text(dump::dump(other))),
        })
    }
}

impl Node for Yaml {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        let value = match self.property.get(&msg) {
            Ok(value) => value,
            Err(fault) => return cx.error(&fault.thrown(), Some(&msg)),
        };
        if !matches!(value, Value::Undefined) {
            let set = self.converted(&value, cx).and_then(|value| match value {
                Some(value) => self.property.set(&mut msg, value).map(|_| true).map_err(|f| f.to_string()),
                None => Ok(false),
            });
            match set {
                Ok(true) => {}
                Ok(false) => return cx.done(&msg),
                Err(fault) => return cx.error(&fault, Some(&msg)),
            }
        }
        cx.send(0, msg.clone());
        cx.done(&msg);
    }
}

#[cfg(test)]
mod tests {
    use crate::nodes::testkit::Bench;
    use serde_json::json;

    #[test]
    fn both_ways() {
        let mut node = Bench::new(super::make, json!({}));
        node.receive(json!({"payload": "a: [1, x]\n"})).receive(json!({"payload": {"a": [1, "x"]}}));
        node.receive(json!({"payload": 5})).receive(json!({"topic": "t"}));
        assert_eq!(node.payloads(), json!([{"a": [1, "x"]}, "a:\n  - 1\n  - x\n", "(none)"]));
        assert_eq!(node.cx.logs[0].1, "Ignored unsupported payload type");
        assert_eq!(node.receive(json!({"payload": "a: [1"})).errors().len(), 1);
    }
}
