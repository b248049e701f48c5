//! `debug`: shows messages on standard output and in its status.

use std::io::Write;

use route_chain::{Message, Value};

use super::convert;
use super::typed::{Typed, bool_of, text_of};
use crate::node::{Event, Node, NodeCx, NodeInfo, Status};

/// Post to a `debug` node to switch it on or off.
#[derive(Clone, Copy, Debug)]
pub struct SetActive(pub bool);

/// How much text a status shows.
const STATUS_CHARS: usize = 64;

enum What {
    Whole,
    Part(Typed),
}

enum Shown {
    Nothing,
    Same,
    Count(u64),
    Other(Typed),
}

struct Debug {
    label: String,
    what: What,
    print: bool,
    shown: Shown,
    active: bool,
}

/// Makes a `debug` node.
pub fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let config = &info.config;
    let complete = text_of(config, "complete");
    let typed = |ty: &str, text: &str| Typed::parse(ty, &text.into());
    let what = match (text_of(config, "targetType").as_str(), complete.as_str()) {
        ("jsonata", expression) => What::Part(typed("jsonata", expression)?),
        ("full", _) | (_, "true") => What::Whole,
        (_, "" | "false") => What::Part(typed("msg", "payload")?),
        (_, path) => What::Part(typed("msg", path)?),
    };
    let value = text_of(config, "statusVal");
    let shown = match (bool_of(config, "tostatus").unwrap_or(false), text_of(config, "statusType").as_str()) {
        (false, _) => Shown::Nothing,
        (true, "" | "auto") => Shown::Same,
        (true, "counter") => Shown::Count(0),
        (true, ty) => Shown::Other(typed(ty, &value)?),
    };
    let console = bool_of(config, "console").unwrap_or(false);
    let label = if info.name.is_empty() { &info.id } else { &info.name };
    Ok(Box::new(Debug {
        label: label.clone(),
        what,
        print: console || bool_of(config, "tosidebar").unwrap_or(true),
        shown,
        active: bool_of(config, "active").unwrap_or(true),
    }))
}

impl Debug {
    fn read(&self, msg: &Message, cx: &NodeCx<'_>) -> Result<Value, String> {
        match &self.what {
            What::Whole => Ok(msg.to_value()),
            What::Part(part) => part.eval(msg, cx),
        }
    }

    fn status(&mut self, msg: &Message, output: &Value, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let value = match &mut self.shown {
            Shown::Nothing => return Ok(()),
            Shown::Same => output.clone(),
            Shown::Count(n) => {
                *n += 1;
                Value::Number(*n as f64)
            }
            Shown::Other(typed) => typed.eval(msg, cx)?,
        };
        cx.status(as_status(&value));
        Ok(())
    }
}

fn as_status(value: &Value) -> Status {
    let own = |key: &str| value.as_object().and_then(|o| o.get(key)).and_then(Value::as_text);
    let (fill, shape, text) = match (own("fill"), own("shape"), own("text")) {
        (Some(fill), Some(shape), Some(text)) => (fill, shape, text.to_owned()),
        _ => ("grey", "dot", value.as_text().map_or_else(|| shown(value), str::to_owned)),
    };
    let mut short: String = text.chars().take(STATUS_CHARS).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    Status { fill: fill.to_owned(), shape: shape.to_owned(), text: short }
}

/// JSON, but `undefined` is said.
fn shown(value: &Value) -> String {
    match value {
        Value::Undefined => "undefined".to_owned(),
        Value::Number(n) if !n.is_finite() => convert::number_text(*n),
        other => convert::to_json(other).to_string(),
    }
}

fn line(label: &str, value: &Value) -> String {
    format!("[{label}] {}\n", shown(value))
}

impl Node for Debug {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if self.active {
            let result = self.read(&msg, cx).and_then(|output| {
                if self.print {
                    // A closed standard output is no reason to stop the flow.
                    let _ = std::io::stdout().lock().write_all(line(&self.label, &output).as_bytes());
                }
                self.status(&msg, &output, cx)
            });
            if let Err(fault) = result {
                return cx.error(&fault, Some(&msg));
            }
        }
        cx.done(&msg);
    }

    fn on_event(&mut self, event: Event, _cx: &mut NodeCx<'_>) {
        if let Ok(set) = event.downcast::<SetActive>() {
            self.active = set.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::Bench;
    use super::*;
    use serde_json::json;

    /// The status that a debug node shows for a message.
    fn status(config: serde_json::Value, msg: serde_json::Value) -> String {
        let mut node = Bench::new(make, config);
        node.receive(msg);
        node.cx.statuses.pop().map(|s| format!("{} {} {}", s.fill, s.shape, s.text)).unwrap_or_default()
    }

    #[test]
    fn shows_what_it_is_asked_to() {
        let msg = json!({"payload": {"a": 1}, "topic": "t"});
        let with = |key: &str, value: &str, ty: &str| json!({"tostatus": true, key: value, "targetType": ty});
        assert_eq!(status(with("complete", "false", "msg"), msg.clone()), r#"grey dot {"a":1}"#);
        assert_eq!(status(with("complete", "payload.a", "msg"), msg.clone()), "grey dot 1");
        assert_eq!(status(with("complete", "payload.b", "msg"), msg.clone()), "grey dot undefined");
        assert_eq!(status(with("complete", "topic & '!'", "jsonata"), msg.clone()), "grey dot t!");
        assert_eq!(
            status(with("complete", "true", "full"), msg),
            r#"grey dot {"payload":{"a":1},"topic":"t"}"#
        );
    }

    #[test]
    fn status_of_another_kind() {
        let config = json!({"tostatus": true, "statusType": "msg", "statusVal": "s"});
        let own = json!({"s": {"fill": "red", "shape": "ring", "text": "x".repeat(70)}});
        assert_eq!(status(config, own), format!("red ring {}...", "x".repeat(64)));
        let mut node = Bench::new(make, json!({"tostatus": true, "statusType": "counter"}));
        node.receive(json!({})).receive(json!({}));
        assert_eq!(node.cx.statuses[1].text, "2");
    }

    #[test]
    fn switched_off() {
        let mut node = Bench::new(make, json!({"tostatus": true, "active": false}));
        node.receive(json!({"payload": 1}));
        assert!(node.cx.statuses.is_empty() && node.cx.dones.len() == 1);
        node.node.on_event(Box::new(SetActive(true)), &mut node.cx);
        node.receive(json!({"payload": 1}));
        assert_eq!(node.cx.statuses.len(), 1);
    }

    #[test]
    fn one_line_each() {
        assert_eq!(line("out", &Value::text("a\nb")), "[out] \"a\\nb\"\n");
        assert_eq!(line("out", &Value::Number(f64::NAN)), "[out] NaN\n");
    }
}
