//! `debug`: shows messages on standard output (what the editor's sidebar is in Node-RED), in the log and in its status
//! (Node-RED's 21-debug.js).

use std::io::Write;
use std::time::Duration;

use route_chain::{Message, Object, Value};

use crate::node::{Level, Node, NodeCx, NodeInfo, Status};
use crate::nodes::value::coerce;
use crate::nodes::value::inspect::{DEFAULT_DEPTH, inspect};
use crate::nodes::value::jsonata::Jsonata;
use crate::nodes::value::property::Path;
use crate::nodes::value::props::Props;

/// How much text a status shows, and how much of each text, list and buffer the output shows.
const STATUS_CHARS: usize = 32;
const SHOWN: usize = 1000;
/// How deep the log shows objects.
const CONSOLE_DEPTH: usize = 10;
/// A count is shown at once when the last one is so old, else when nothing more came for a while.
const COUNT_AT_ONCE_MS: f64 = 100.0;
const COUNT_LATER: Duration = Duration::from_millis(200);

enum What {
    Whole,
    Property(Path),
    Jsonata(Box<Jsonata>, String),
}

enum Shown {
    Nothing,
    /// The same as the output, or what the message says of an error or a status.
    Auto,
    Count {
        count: u64,
        last_ms: f64,
    },
    Other(What),
}

struct Debug {
    label: String,
    what: What,
    console: bool,
    sidebar: bool,
    active: bool,
    shown: Shown,
    before: Option<Object>,
}

/// Makes a `debug` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let what = match (props.text("targetType").as_str(), props.text_or("complete", "payload").as_str()) {
        ("jsonata", source) => expression(source)?,
        (_, "true") => What::Whole,
        (_, "false") => What::Property(Path::new("payload")),
        (_, path) => What::Property(Path::new(path)),
    };
    let to_status = matches!(props.json("tostatus"), serde_json::Value::Bool(true));
    let status_value = props.text_or("statusVal", &props.text_or("complete", "payload"));
    let shown = match props.text_or("statusType", "auto").as_str() {
        _ if !to_status => Shown::Nothing,
        "auto" => Shown::Auto,
        "counter" => Shown::Count { count: 0, last_ms: 0.0 },
        "jsonata" => Shown::Other(expression(&status_value)?),
        _ => Shown::Other(What::Property(Path::new(&status_value))),
    };
    let label = if info.name.is_empty() { &info.id } else { &info.name };
    Ok(Box::new(Debug {
        label: label.clone(),
        what,
        console: props.flag("console"),
        sidebar: !props.has("tosidebar") || props.truthy("tosidebar"),
        active: props.json("active").is_null() || props.truthy("active"),
        shown,
        before: None,
    }))
}

fn expression(source: &str) -> Result<What, String> {
    let made = Jsonata::compile(source).map_err(|e| format!("Invalid JSONata expression: {e}"))?;
    Ok(What::Jsonata(Box::new(made), source.to_owned()))
}

impl What {
    fn read(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<Value, String> {
        match self {
            What::Whole => Ok(msg.to_value()),
            What::Property(path) => Ok(path.get(msg).unwrap_or_default()),
            What::Jsonata(expression, source) => {
                expression.eval(msg, cx).map_err(|_| format!("Invalid JSONata expression: {source}"))
            }
        }
    }
}

impl Debug {
    fn log(&self, output: &Value, cx: &mut NodeCx<'_>) {
        let text = match output {
            Value::Text(text) if text.contains('\n') => format!("\n{text}"),
            Value::Text(text) => text.to_string(),
            output if coerce::type_of(output) == "object" => format!("\n{}", inspect(output, CONSOLE_DEPTH)),
            output => inspect(output, DEFAULT_DEPTH),
        };
        cx.log(Level::Info, &text);
    }

    fn show(&mut self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let auto = matches!(self.shown, Shown::Auto);
        let output = match &mut self.shown {
            Shown::Nothing => return Ok(()),
            Shown::Count { count, last_ms } => {
                let since = cx.now_ms() - std::mem::replace(last_ms, cx.now_ms());
                *count += 1;
                match since > COUNT_AT_ONCE_MS {
                    true => cx.status(counted(*count)),
                    false => cx.timer(COUNT_LATER, 0),
                }
                return Ok(());
            }
            Shown::Other(what) => what.read(msg, cx)?,
            Shown::Auto if matches!(self.what, What::Whole) => {
                msg.get("payload").cloned().unwrap_or_default()
            }
            Shown::Auto => self.what.read(msg, cx)?,
        };
        let status = as_status(&output, msg, auto);
        if self.before.as_ref().is_none_or(|before| before.to_json() != status.0.to_json()) {
            self.before = Some(status.0.clone());
            cx.status(status);
        }
        Ok(())
    }
}

fn counted(count: u64) -> Status {
    Status::new("blue", "ring", count.to_string())
}

/// `auto`: what the message says of an error or a status goes before its value.
fn as_status(value: &Value, msg: &Message, auto: bool) -> Status {
    let of = |object: &Value, key: &str| {
        object.as_object()?.get(key).filter(|v| coerce::truthy(v)).map(coerce::to_text)
    };
    let own = |key: &str| of(value, key);
    let (mut fill, mut shape, mut text) = match (own("fill"), own("shape"), own("text")) {
        (Some(fill), Some(shape), Some(text)) => (fill, shape, text),
        _ => {
            let text = value.as_text().map_or_else(|| inspect(value, DEFAULT_DEPTH), str::to_owned);
            ("grey".to_owned(), "dot".to_owned(), text)
        }
    };
    if let Some(error) = msg.get("error").filter(|_| auto) {
        fill = "red".to_owned();
        text = of(error, "message").unwrap_or_default();
    }
    if let Some(status) = msg.get("status").filter(|_| auto) {
        fill = of(status, "fill").unwrap_or("grey".to_owned());
        shape = of(status, "shape").unwrap_or("ring".to_owned());
        text = of(status, "text").unwrap_or_default();
    }
    let mut short: String = text.chars().take(STATUS_CHARS).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    Status::new(&fill, &shape, short)
}

/// One line for an output: JSON, but `undefined` and numbers that JSON has not are said; long texts, lists and buffers
/// are cut.
fn line(label: &str, value: &Value) -> String {
    let text = match value {
        Value::Undefined => "undefined".to_owned(),
        Value::Number(n) if !n.is_finite() => coerce::number_text(*n),
        other => cut(other).to_text(),
    };
    format!("[{label}] {text}\n")
}

fn cut(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.chars().nth(SHOWN).is_some() => {
            Value::text(text.chars().take(SHOWN).collect::<String>() + "...")
        }
        Value::Bytes(bytes) if bytes.len() > SHOWN => Value::bytes(&bytes[..SHOWN]),
        Value::List(items) => Value::list(items.iter().take(SHOWN).map(cut).collect()),
        Value::Object(object) => Value::object(object.iter().map(|(key, value)| (key, cut(value)))),
        other => other.clone(),
    }
}

impl Node for Debug {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        if let Shown::Count { count, .. } = self.shown {
            cx.status(counted(count));
        }
    }

    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        // Its own status, by way of a status node, would go round for ever.
        let source = msg.get("status").and_then(Value::as_object).and_then(|status| status.get("source"));
        let id =
            source.and_then(Value::as_object).and_then(|source| source.get("id")).and_then(Value::as_text);
        if id == Some(&cx.info().id) {
            return cx.done(&msg);
        }
        if let Err(fault) = self.show(&msg, cx) {
            cx.error(&fault, None);
        }
        let output = match self.what.read(&msg, cx) {
            Ok(output) => output,
            Err(fault) => return cx.error(&fault, None),
        };
        if self.console {
            self.log(&output, cx);
        }
        if self.active && self.sidebar {
            // A closed standard output is no reason to stop the flow.
            let _ = std::io::stdout().lock().write_all(line(&self.label, &output).as_bytes());
        }
        cx.done(&msg);
    }

    fn on_timer(&mut self, _: u64, cx: &mut NodeCx<'_>) {
        if let Shown::Count { count, .. } = self.shown {
            cx.status(counted(count));
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        if self.before.take().is_some() {
            cx.status(Status::clear());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testkit::Bench;
    use serde_json::{Value as Json, json};

    /// The status that a debug node shows for a message.
    fn status(config: Json, msg: Json, expected: &str) {
        let mut all = json!({"tostatus": true});
        if let (Some(all), Some(config)) = (all.as_object_mut(), config.as_object()) {
            all.extend(config.clone());
        }
        let mut node = Bench::new(make, all);
        node.receive(msg);
        let shown =
            node.cx.statuses.pop().map(|s| s.0.iter().map(|(_, v)| coerce::to_text(v)).collect::<Vec<_>>());
        assert_eq!(shown.unwrap_or_default().join(" "), expected, "{config}");
    }

    #[test]
    fn shows_what_it_is_asked_to() {
        let msg = json!({"payload": {"a": 1}, "topic": "t"});
        status(json!({}), msg.clone(), "grey dot { a: 1 }");
        status(json!({"complete": "payload.a"}), msg.clone(), "grey dot 1");
        status(json!({"complete": "payload.b.c"}), msg.clone(), "grey dot undefined");
        status(json!({"complete": "topic & '!'", "targetType": "jsonata"}), msg.clone(), "grey dot t!");
        status(json!({"complete": "true", "targetType": "full"}), msg.clone(), "grey dot { a: 1 }");
        status(json!({"statusType": "msg", "statusVal": "topic"}), msg.clone(), "grey dot t");
        status(json!({"statusType": "jsonata", "statusVal": "topic & '?'"}), msg, "grey dot t?");
    }

    #[test]
    fn what_the_message_says_of_itself() {
        let own = json!({"payload": {"fill": "red", "shape": "ring", "text": "x".repeat(40)}});
        status(json!({}), own, &format!("red ring {}...", "x".repeat(32)));
        status(json!({}), json!({"payload": 1, "error": {"message": "no"}}), "red dot no");
        status(json!({}), json!({"payload": 1, "status": {"text": "s", "fill": "green"}}), "green ring s");
    }

    #[test]
    fn counts() {
        let mut node = Bench::new(make, json!({"tostatus": true, "statusType": "counter"}));
        node.receive(json!({})).receive(json!({})).receive(json!({})).advance(Duration::from_secs(1));
        let shown: Vec<_> = node.cx.statuses.iter().map(|s| s.0.get("text").map(coerce::to_text)).collect();
        assert_eq!(shown, ["0", "1", "3"].map(|s| Some(s.to_owned())));
    }

    #[test]
    fn the_log_is_another_matter_than_the_sidebar() {
        let mut node = Bench::new(make, json!({"console": "true", "active": false}));
        node.receive(json!({"payload": {"a": [1]}}))
            .receive(json!({"payload": "text"}))
            .receive(json!({"payload": 1}));
        let texts: Vec<&str> = node.cx.logs.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["\n{ a: [ 1 ] }", "text", "1"]);
        assert_eq!(node.cx.dones.len(), 3);
    }

    #[test]
    fn its_own_status_ends_here() {
        let mut node = Bench::new(make, json!({"tostatus": true}));
        node.receive(json!({"status": {"text": "x", "source": {"id": "n1"}}}));
        assert!(node.cx.statuses.is_empty() && node.cx.dones.len() == 1);
    }

    #[test]
    fn one_line_each() {
        assert_eq!(line("out", &Value::text("a\nb")), "[out] \"a\\nb\"\n");
        assert_eq!(line("out", &Value::Number(f64::NAN)), "[out] NaN\n");
        assert_eq!(line("out", &Value::text("x".repeat(2000))).len(), 1000 + 3 + 2 + 6 + 1);
    }
}
