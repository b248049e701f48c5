//! `rbe` (filter): lets a message through when its value changed, or changed by enough.

use std::collections::HashMap;

use route_chain::{Message, Value};

use super::convert;
use super::props::{MAX_HELD, Path, Props, parse_float};
use crate::node::{Level, Node, NodeCx, NodeInfo};

#[derive(Clone, Copy, PartialEq)]
enum Test {
    Changed {
        first: bool,
    },
    /// Through when the change is larger than the gap, or as large (`equal`).
    Dead {
        equal: bool,
    },
    /// Through when the change is smaller than the gap, or as small unless `equal`.
    Narrow {
        equal: bool,
    },
}

struct Rbe {
    test: Test,
    gap: f64,
    percent: bool,
    start: Option<f64>,
    /// Compare with the last value that came in, not with the last that went out.
    last_in: bool,
    by_topic: bool,
    topic: Path,
    property: Path,
    previous: HashMap<String, Value>,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let gap = props.text_or("gap", "0");
    let (number, percent) = match gap.trim().strip_suffix('%') {
        Some(number) => (number, true),
        None => (gap.trim(), false),
    };
    Ok(Box::new(Rbe {
        test: match props.text_or("func", "rbe").as_str() {
            "rbe" => Test::Changed { first: true },
            "rbei" => Test::Changed { first: false },
            "deadband" => Test::Dead { equal: false },
            "deadbandEq" => Test::Dead { equal: true },
            "narrowband" => Test::Narrow { equal: false },
            "narrowbandEq" => Test::Narrow { equal: true },
            other => return Err(format!("unknown filter mode `{other}`")),
        },
        gap: number.trim().parse::<f64>().map_err(|_| format!("not a number: `{gap}`"))?.abs(),
        percent,
        start: props.number("start"),
        last_in: props.text("inout") == "in",
        by_topic: props.json("septopics").is_none() || props.flag("septopics"),
        topic: Path::parse(&props.text_or("topi", "topic"))?,
        property: props.path("property")?,
        previous: HashMap::new(),
    }))
}

impl Rbe {
    fn key(&self, msg: &Message) -> Option<String> {
        if !self.by_topic {
            return None;
        }
        self.topic.get(msg).filter(convert::truthy).map(|t| convert::to_text(&t))
    }

    /// `None`: the value is no number although it must be one.
    fn passes(&mut self, key: &str, value: &Value) -> Option<bool> {
        if let Test::Changed { first } = self.test {
            let before = self.previous.get(key);
            if before.is_some_and(|before| equal(before, value)) {
                return Some(false);
            }
            let passes = first || before.is_some();
            self.previous.insert(key.to_owned(), value.clone());
            return Some(passes);
        }
        let n = parse_float(value)?;
        let narrow = matches!(self.test, Test::Narrow { .. });
        let before = self.previous.get(key).and_then(Value::as_number);
        let before = before.or_else(|| narrow.then(|| self.start.unwrap_or(n)));
        let passes = match before {
            None => true,
            Some(before) => {
                let gap = if self.percent { (before * self.gap / 100.0).abs() } else { self.gap };
                let change = (n - before).abs();
                match self.test {
                    Test::Dead { equal } => change > gap || (equal && change == gap),
                    Test::Narrow { equal } => change < gap || (!equal && change == gap),
                    Test::Changed { .. } => true,
                }
            }
        };
        if passes || self.last_in {
            self.previous.insert(key.to_owned(), Value::Number(n));
        } else if let Some(before) = before {
            self.previous.insert(key.to_owned(), Value::Number(before));
        }
        Some(passes)
    }
}

/// Deep and strict equality.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(x), Value::List(y)) => {
            std::sync::Arc::ptr_eq(x, y)
                || (x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| equal(x, y)))
        }
        (Value::Object(x), Value::Object(y)) => {
            std::sync::Arc::ptr_eq(x, y)
                || (x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| equal(v, w))))
        }
        (Value::Bytes(x), Value::Bytes(y)) => x == y,
        (Value::Date(x), Value::Date(y)) => x == y,
        _ => convert::strict_eq(a, b),
    }
}

impl Node for Rbe {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let key = self.key(&msg);
        if msg.get("reset").is_some() {
            match &key {
                Some(key) => drop(self.previous.remove(key)),
                None => self.previous.clear(),
            }
        }
        if let Some(value) = self.property.get(&msg).filter(|v| !matches!(v, Value::Undefined)) {
            let key = key.unwrap_or_default();
            if self.previous.len() >= MAX_HELD && !self.previous.contains_key(&key) {
                cx.error("too many topics to remember", Some(&msg));
                return;
            }
            match self.passes(&key, &value) {
                Some(true) => cx.send(0, msg.clone()),
                Some(false) => {}
                None => cx.log(Level::Warn, &format!("not a number: {}", convert::to_text(&value))),
            }
        }
        cx.done(&msg);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::Bench;
    use serde_json::{Value, json};

    fn run(config: Value, payloads: &[Value]) -> Value {
        let mut node = Bench::new(super::make, config);
        for payload in payloads {
            node.receive(json!({ "payload": payload }));
        }
        node.payloads()
    }

    #[test]
    fn changes() {
        let values = [json!(1), json!(1), json!("1"), json!({"a": [1]}), json!({"a": [1]}), json!(1)];
        assert_eq!(run(json!({"func": "rbe"}), &values), json!([1, "1", {"a": [1]}, 1]));
        assert_eq!(run(json!({"func": "rbei"}), &values), json!(["1", {"a": [1]}, 1]));
    }

    #[test]
    fn bands() {
        let values = [10, 12, 15, 16, 30, 31].map(|n| json!(n));
        let gap = |func: &str, gap: &str, inout: &str| json!({"func": func, "gap": gap, "inout": inout});
        assert_eq!(run(gap("deadband", "5", "out"), &values), json!([10, 16, 30]));
        assert_eq!(run(gap("deadbandEq", "5", "out"), &values), json!([10, 15, 30]));
        assert_eq!(run(gap("deadband", "5", "in"), &values), json!([10, 30]));
        assert_eq!(run(gap("deadband", "10%", "out"), &values), json!([10, 12, 15, 30]));
        assert_eq!(run(gap("narrowband", "5", "out"), &values), json!([10, 12, 15, 16]));
        assert_eq!(run(gap("narrowband", "5", "in"), &values), json!([10, 12, 15, 16, 31]));
    }

    #[test]
    fn topics_and_reset() {
        let mut node = Bench::new(super::make, json!({"func": "rbe"}));
        for topic in ["a", "b", "a"] {
            node.receive(json!({"topic": topic, "payload": 1}));
        }
        node.receive(json!({"topic": "a", "reset": true})).receive(json!({"topic": "a", "payload": 1}));
        assert_eq!(node.payloads(), json!([1, 1, 1]));
        assert_eq!(node.cx.dones.len(), 5);
    }
}
