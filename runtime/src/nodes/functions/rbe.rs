//! `rbe` (filter): lets a message through when its value changed, or changed by enough (Node-RED's rbe.js).

use std::collections::HashMap;

use route_chain::{Message, Value};

use crate::node::{Level, Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::property::Path;
use crate::nodes::value::props::{MAX_HELD, Props};

#[derive(Clone, Copy, PartialEq)]
enum Test {
    /// Through when the value is another one; the first counts as another one or not.
    Changed { first: bool },
    /// Through when the change is larger than the gap, or as large (`equal`).
    Dead { equal: bool },
    /// Through when the change is smaller than the gap, or as large (`equal`).
    Narrow { equal: bool },
}

struct Filter {
    test: Test,
    gap: f64,
    percent: bool,
    start: Option<f64>,
    /// The value compared with is the last one that came in, not the last one that went out.
    against_input: bool,
    property: Path,
    topic: Path,
    by_topic: bool,
    previous: HashMap<String, Value>,
}

/// Makes a `filter` node; its type is `rbe` in flows.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let test = match props.text_or("func", "rbe").as_str() {
        "rbe" => Test::Changed { first: true },
        "rbei" => Test::Changed { first: false },
        "deadband" => Test::Dead { equal: false },
        "deadbandEq" => Test::Dead { equal: true },
        "narrowband" => Test::Narrow { equal: true },
        "narrowbandEq" => Test::Narrow { equal: false },
        other => return Err(format!("unknown way to filter `{other}`")),
    };
    let gap = props.text_or("gap", "0");
    let percent = gap.ends_with('%');
    let number = if percent { coerce::parse_float(&Value::text(&gap)) } else { coerce::text_to_number(&gap) };
    Ok(Box::new(Filter {
        test,
        gap: number,
        percent,
        start: Some(props.number("start")).filter(|_| props.truthy("start")),
        against_input: props.text("inout") == "in",
        property: props.path("property"),
        topic: Path::new(&props.text_or("topi", "topic")),
        by_topic: !matches!(props.json("septopics"), serde_json::Value::Bool(false)),
        previous: HashMap::new(),
    }))
}

impl Filter {
    /// Whether a value goes on.
    fn passes(&mut self, key: &str, value: &Value, cx: &mut NodeCx<'_>) -> bool {
        if let Test::Changed { first } = self.test {
            return self.changed(key, value, first);
        }
        let n = coerce::parse_float(value);
        if n.is_nan() {
            cx.log(Level::Warn, "no number found in payload");
            return false;
        }
        let before = self.before(key, n);
        let gap = self.gap(before.unwrap_or(f64::NAN));
        // What was never seen is as far away as need be.
        let before = before.unwrap_or(n - gap - 1.0);
        let change = (n - before).abs();
        let goes = match self.test {
            Test::Dead { equal } => change > gap || (equal && change == gap),
            Test::Narrow { equal } => change < gap || (equal && change == gap),
            Test::Changed { .. } => false,
        };
        let kept = if goes || self.against_input { n } else { before };
        self.previous.insert(key.to_owned(), Value::Number(kept));
        goes
    }

    /// What a number is compared with; `None`: nothing was seen yet.
    fn before(&self, key: &str, n: f64) -> Option<f64> {
        match (self.previous.get(key), self.test) {
            (Some(before), _) => Some(coerce::to_number(before)),
            (None, Test::Narrow { .. }) => Some(self.start.unwrap_or(n)),
            (None, _) => None,
        }
    }

    fn gap(&self, before: f64) -> f64 {
        match self.percent {
            true => Some((before * self.gap / 100.0).abs()).filter(|gap| !gap.is_nan()).unwrap_or(0.0),
            false => self.gap,
        }
    }

    fn changed(&mut self, key: &str, value: &Value, first: bool) -> bool {
        let goes = first || self.previous.contains_key(key);
        let before = self.previous.get(key);
        let is_object = coerce::type_of(value) == "object";
        let same = match before {
            // Objects are compared with an empty one at first.
            before if is_object && before.is_none_or(|b| coerce::type_of(b) != "object") => {
                let empty = Value::object::<&str>([]);
                let same = coerce::equal(value, &empty);
                self.previous.insert(key.to_owned(), empty);
                same
            }
            Some(before) if is_object => coerce::equal(value, before),
            Some(before) => coerce::strict_eq(value, before),
            None => false,
        };
        if !same {
            self.previous.insert(key.to_owned(), value.clone());
        }
        goes && !same
    }
}

impl Node for Filter {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let topic = self.topic.get(&msg).ok().filter(coerce::truthy);
        if msg.get("reset").is_some() {
            match &topic {
                Some(Value::Text(_)) if self.by_topic => {
                    let key = coerce::to_text(msg.get("topic").unwrap_or(&Value::Undefined));
                    self.previous.remove(&key);
                }
                _ => self.previous.clear(),
            }
        }
        let value = self.property.get(&msg).unwrap_or_default();
        if matches!(value, Value::Undefined) {
            return cx.done(&msg);
        }
        let key = match topic.filter(|_| self.by_topic) {
            Some(topic) => coerce::to_text(&topic),
            None => "_no_topic".to_owned(),
        };
        if self.previous.len() >= MAX_HELD && !self.previous.contains_key(&key) {
            return cx.error("too many topics are remembered", Some(&msg));
        }
        if self.passes(&key, &value, cx) {
            cx.send(0, msg.clone());
        }
        cx.done(&msg);
    }
}

#[cfg(test)]
mod tests {
    use crate::nodes::testkit::Bench;
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
