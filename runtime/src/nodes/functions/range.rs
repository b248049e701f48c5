//! `range`: maps a number from one range to another (Node-RED's 16-range.js).

use route_chain::{Message, Value};

use crate::node::{Level, Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::property::{Fault, Path};
use crate::nodes::value::props::Props;

struct Range {
    property: Path,
    min_in: f64,
    max_in: f64,
    min_out: f64,
    max_out: f64,
    action: String,
    round: bool,
}

/// Makes a `range` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let [mut min_in, mut max_in, mut min_out, mut max_out] =
        ["minin", "maxin", "minout", "maxout"].map(|key| props.number(key));
    if min_in > max_in {
        std::mem::swap(&mut min_in, &mut max_in);
        std::mem::swap(&mut min_out, &mut max_out);
    }
    let round = props.truthy("round");
    if round {
        (min_out, max_out) = (min_out.ceil(), max_out.floor());
    }
    let (property, action) = (props.path("property"), props.text("action"));
    Ok(Box::new(Range { property, min_in, max_in, min_out, max_out, action, round }))
}

impl Range {
    /// `None`: the value is out of range and to be dropped.
    fn map(&self, mut n: f64) -> Option<f64> {
        match self.action.as_str() {
            "drop" if n < self.min_in || n > self.max_in => return None,
            "clamp" if n < self.min_in => n = self.min_in,
            "clamp" if n > self.max_in => n = self.max_in,
            "roll" => {
                let span = self.max_in - self.min_in;
                n = ((n - self.min_in) % span + span) % span + self.min_in;
            }
            _ => {}
        }
        let scaled = (n - self.min_in) / (self.max_in - self.min_in) * (self.max_out - self.min_out);
        let out = scaled + self.min_out;
        Some(if self.round { round(out) } else { out })
    }

    fn mapped(&self, msg: &mut Message, cx: &mut NodeCx<'_>) -> Result<bool, Fault> {
        let value = self.property.get(msg)?;
        if matches!(value, Value::Undefined) {
            return Ok(true);
        }
        let n = coerce::to_number(&value);
        if n.is_nan() {
            cx.log(Level::Info, &format!("Not a number: {}", coerce::to_text(&value)));
            return Ok(false);
        }
        let Some(n) = self.map(n) else { return Ok(false) };
        self.property.set(msg, Value::Number(n))?;
        Ok(true)
    }
}

/// `Math.round`: halves up, not away from zero.
fn round(n: f64) -> f64 {
    let low = n.floor();
    if n - low >= 0.5 { low + 1.0 } else { low }
}

impl Node for Range {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        match self.mapped(&mut msg, cx) {
            Ok(send) => {
                if send {
                    cx.send(0, msg.clone());
                }
                cx.done(&msg);
            }
            Err(fault) => cx.error(&fault.thrown(), Some(&msg)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::nodes::testkit::Bench;
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
