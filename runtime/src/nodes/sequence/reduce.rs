//! `join` in reduce mode: an expression makes one value out of the messages of a sequence (Node-RED's 17-split.js).

use std::collections::HashMap;

use route_chain::{Message, Value};

use super::parts;
use crate::node::{Node, NodeCx};
use crate::nodes::value::coerce;
use crate::nodes::value::jsonata::Jsonata;
use crate::nodes::value::props::{MAX_HELD, Props, say_lost};
use crate::nodes::value::typed::Typed;

struct Reduce {
    step: Jsonata,
    fixup: Option<Jsonata>,
    initial: Typed,
    from_last: bool,
    groups: HashMap<String, Group>,
    held: usize,
}

#[derive(Default)]
struct Group {
    count: Option<f64>,
    msgs: Vec<Message>,
}

/// Makes the node.
pub(super) fn make(props: Props<'_>) -> Result<Box<dyn Node>, String> {
    let compile = |key: &str| Jsonata::compile(&props.text(key)).map_err(invalid);
    Ok(Box::new(Reduce {
        step: compile("reduceExp")?,
        fixup: if props.truthy("reduceFixup") { Some(compile("reduceFixup")?) } else { None },
        initial: Typed::parse(&props.text("reduceInitType"), props.json("reduceInit")).map_err(invalid)?,
        from_last: props.truthy("reduceRight"),
        groups: HashMap::new(),
        held: 0,
    }))
}

fn invalid(fault: String) -> String {
    format!("Invalid JSONata expression: {fault}")
}

impl Reduce {
    fn take(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let Some(parts) = parts::of(&msg) else {
            cx.send(0, msg.clone());
            return cx.done(&msg);
        };
        if self.held >= MAX_HELD {
            return cx.error("too many pending messages in join node", Some(&msg));
        }
        let (id, count) = (parts::id(parts), parts.get("count").map(coerce::to_number));
        let group = self.groups.entry(id.clone()).or_default();
        group.count = group.count.or(count);
        group.msgs.push(msg);
        self.held += 1;
        if group.count == Some(group.msgs.len() as f64)
            && let Some(group) = self.groups.remove(&id)
        {
            self.held -= group.msgs.len();
            self.finish(group.msgs, cx);
        }
    }

    fn finish(&self, mut msgs: Vec<Message>, cx: &mut NodeCx<'_>) {
        let index = |msg: &Message| {
            parts::of(msg).and_then(|parts| parts::number(parts, "index")).unwrap_or(f64::INFINITY)
        };
        let arrived = msgs.clone();
        msgs.sort_by(|a, b| index(a).total_cmp(&index(b)));
        if self.from_last {
            msgs.reverse();
        }
        let Some(mut last) = msgs.last().cloned() else { return };
        match self.reduced(&msgs, cx) {
            Ok(value) => {
                match value {
                    Value::Undefined => drop(last.remove("payload")),
                    value => last.set("payload", value),
                }
                cx.send(0, last);
                arrived.iter().for_each(|msg| cx.done(msg));
            }
            Err(fault) => {
                cx.error(&invalid(fault), arrived.last());
                arrived.iter().rev().skip(1).for_each(|msg| cx.done(msg));
            }
        }
    }

    fn reduced(&self, msgs: &[Message], cx: &mut NodeCx<'_>) -> Result<Value, String> {
        let count = Value::Number(msgs.len() as f64);
        let mut value = self.initial.eval(&Message::new(), cx)?;
        for msg in msgs {
            let index = parts::of(msg).and_then(|parts| parts.get("index")).cloned().unwrap_or_default();
            let variables = [("I", index), ("N", count.clone()), ("A", value)];
            value = self.step.eval_with(&msg.to_value(), &variables, cx)?;
        }
        match &self.fixup {
            Some(fixup) => {
                let nothing = Message::new().to_value();
                fixup.eval_with(&nothing, &[("N", count), ("A", value)], cx)
            }
            None => Ok(value),
        }
    }
}

impl Node for Reduce {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        self.take(msg, cx);
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.held);
        self.groups.clear();
        self.held = 0;
    }
}

#[cfg(test)]
mod tests {
    use crate::nodes::testkit::Bench;
    use serde_json::{Value as Json, json};

    /// What becomes of the payloads 1, 2, 3, which come in the order 2, 3, 1.
    fn check(config: Json, expected: Json) {
        let mut all = json!({"mode": "reduce", "reduceInit": "0", "reduceInitType": "num"});
        if let (Some(all), Some(config)) = (all.as_object_mut(), config.as_object()) {
            all.extend(config.clone());
        }
        let mut node = Bench::new(crate::nodes::sequence::join::make, all);
        for n in [2, 3, 1] {
            node.receive(json!({"payload": n, "parts": {"id": "s", "index": n - 1, "count": 3}}));
        }
        assert_eq!(node.payloads(), expected, "{config} {:?}", node.errors());
        assert_eq!(node.cx.dones.len(), 3);
    }

    #[test]
    fn reduces() {
        check(json!({"reduceExp": "$A + payload"}), json!([6]));
        check(json!({"reduceExp": "$A + payload", "reduceFixup": "$A / $N"}), json!([2]));
        check(
            json!({"reduceExp": "$A & payload & $I", "reduceInit": "", "reduceInitType": "str"}),
            json!(["102132"]),
        );
        let right = json!({"reduceExp": "$A & payload", "reduceInit": "", "reduceInitType": "str", "reduceRight": true});
        check(right, json!(["321"]));
        check(
            json!({"reduceExp": "$append($A, payload)", "reduceInit": "[]", "reduceInitType": "json"}),
            json!([[1, 2, 3]]),
        );
    }

    #[test]
    fn what_is_no_part_goes_on() {
        let mut node =
            Bench::new(crate::nodes::sequence::join::make, json!({"mode": "reduce", "reduceExp": "$A"}));
        assert_eq!(node.receive(json!({"payload": 1})).payloads(), json!([1]));
    }
}
