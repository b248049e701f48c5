//! `range`: maps a number from one range to another.

use route_chain::{Message, Value};

use super::convert;
use super::props::{Path, Props};
use crate::node::{Level, Node, NodeCx, NodeInfo};

struct Range {
    property: Path,
    min_in: f64,
    max_in: f64,
    min_out: f64,
    max_out: f64,
    action: String,
    round: bool,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let number = |key: &str| props.number(key).ok_or_else(|| format!("`{key}` is not a number"));
    Ok(Box::new(Range {
        property: props.path("property")?,
        min_in: number("minin")?,
        max_in: number("maxin")?,
        min_out: number("minout")?,
        max_out: number("maxout")?,
        action: props.text("action"),
        round: props.flag("round"),
    }))
}

impl Range {
    /// `None`: the value is out of range and to be dropped.
    fn map(&self, mut n: f64) -> Option<f64> {
        let (low, high) = (self.min_in.min(self.max_in), self.min_in.max(self.max_in));
        match self.action.as_str() {
            "drop" if n < low || n > high => return None,
            "clamp" => n = n.max(low).min(high),
            "roll" => {
                let span = self.max_in - self.min_in;
                n = ((n - self.min_in) % span + span) % span + self.min_in;
            }
            _ => {}
        }
        let scaled = (n - self.min_in) / (self.max_in - self.min_in) * (self.max_out - self.min_out);
        let out = scaled + self.min_out;
        // `Math.round` rounds halves up, not away from zero.
        Some(if self.round { (out + 0.5).floor() } else { out })
    }
}

impl Node for Range {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        let original = msg.clone();
        match self.property.get(&msg) {
            None | Some(Value::Undefined) => cx.send(0, msg),
            Some(value) => {
                let n = convert::to_number(&value);
                if n.is_nan() {
                    cx.log(Level::Info, &format!("not a number: {}", convert::to_text(&value)));
                } else if let Some(n) = self.map(n) {
                    self.property.set(&mut msg, Value::Number(n));
                    cx.send(0, msg);
                }
            }
        }
        cx.done(&original);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::Bench;
    use serde_json::{Value, json};

    fn map(action: &str, round: bool, values: &[Value]) -> Value {
        let mut node = Bench::new(
            super::make,
            json!({"minin": "0", "maxin": "10", "minout": 0, "maxout": "100", "action": action, "round": round}),
        );
        for value in values {
            node.receive(json!({ "payload": value }));
        }
        node.payloads()
    }

    #[test]
    fn actions() {
        assert_eq!(map("scale", false, &[json!(5), json!("12"), json!("x")]), json!([50, 120]));
        assert_eq!(map("clamp", false, &[json!(-5), json!(12)]), json!([0, 100]));
        assert_eq!(map("roll", false, &[json!(12), json!(-1)]), json!([20, 90]));
        assert_eq!(map("drop", false, &[json!(11), json!(9)]), json!([90]));
        assert_eq!(map("scale", true, &[json!(0.25), json!(0.14)]), json!([3, 1]));
    }
}
