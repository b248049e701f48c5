//! `switch`: sends a message to the outputs whose rules hold (Node-RED's 10-switch.js).

use std::cmp::Ordering::{self, Equal, Greater, Less};
use std::collections::HashMap;

use route_chain::{Message, Object, Value};

use crate::node::{Level, Node, NodeCx, NodeInfo};
use crate::nodes::js::Regex;
use crate::nodes::sequence::parts;
use crate::nodes::value::coerce;
use crate::nodes::value::jsonata::Jsonata;
use crate::nodes::value::props::{MAX_HELD, Props, say_lost};
use crate::nodes::value::typed::Typed;

/// What a rule compares with.
enum Operand {
    Typed(Typed),
    /// The value that the message before had.
    Previous,
}

enum Rule {
    Eq(Operand),
    Neq(Operand),
    /// Every order but those that are not comparable.
    Order(&'static [Ordering], Operand),
    Between(Operand, Operand),
    Contains(Operand),
    Matches(Pattern),
    True,
    False,
    Null,
    NotNull,
    Empty,
    NotEmpty,
    IsType(Operand),
    HasKey(Operand),
    Head(Operand),
    Tail(Operand),
    Index(Operand, Operand),
    Jsonata(Operand),
    Else,
}

/// A regular expression, compiled when its text is known, and again when that changes.
struct Pattern {
    source: Operand,
    any_case: bool,
    compiled: Option<(String, Regex)>,
}

struct Switch {
    property: Typed,
    rules: Vec<Rule>,
    first_only: bool,
    /// Sequences are numbered again on each output.
    repair: bool,
    /// The rules need the length of the sequence.
    counts: bool,
    previous: Value,
    /// Messages of sequences that are not complete.
    waiting: HashMap<String, Vec<Message>>,
    /// By sequence, what its messages so far were sent to.
    decided: HashMap<String, Vec<(Message, Vec<bool>)>>,
    held: usize,
}

/// Makes a `switch` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let ty = props.text_or("propertyType", "msg");
    let property = Typed::parse(&ty, &props.text("property").into()).map_err(invalid)?;
    let rules = props.entries("rules").map(rule).collect::<Result<Vec<_>, _>>()?;
    let repair = props.truthy("repair");
    Ok(Box::new(Switch {
        property,
        counts: repair || rules.iter().any(|rule| matches!(rule, Rule::Tail(_))),
        rules,
        first_only: props.text("checkall") == "false" && props.json("checkall").is_string(),
        repair,
        previous: Value::Null,
        waiting: HashMap::new(),
        decided: HashMap::new(),
        held: 0,
    }))
}

fn invalid(fault: String) -> String {
    format!("Invalid JSONata expression: {fault}")
}

fn operand(props: Props<'_>, value: &str, ty: &str) -> Result<Operand, String> {
    let json = props.json(value);
    let raw = Value::from_json(json);
    Ok(Operand::Typed(match props.text(ty).as_str() {
        "prev" => return Ok(Operand::Previous),
        // So it is there, whatever the value says.
        word @ ("json" | "null") => Typed::Const(Value::text(word)),
        // Flows of early versions have no types.
        "" if coerce::to_number(&raw).is_nan() || !props.has(value) => Typed::parse("str", json)?,
        "" => Typed::parse("num", json)?,
        ty => Typed::parse(ty, json).map_err(invalid)?,
    }))
}

fn rule(props: Props<'_>) -> Result<Rule, String> {
    let one = || operand(props, "v", "vt");
    let two = || operand(props, "v2", "v2t");
    Ok(match props.text("t").as_str() {
        "eq" => Rule::Eq(one()?),
        "neq" => Rule::Neq(one()?),
        "lt" => Rule::Order(&[Less], one()?),
        "lte" => Rule::Order(&[Less, Equal], one()?),
        "gt" => Rule::Order(&[Greater], one()?),
        "gte" => Rule::Order(&[Greater, Equal], one()?),
        "btwn" => Rule::Between(one()?, two()?),
        "cont" => Rule::Contains(one()?),
        "regex" => Rule::Matches(Pattern { source: one()?, any_case: props.truthy("case"), compiled: None }),
        "true" => Rule::True,
        "false" => Rule::False,
        "null" => Rule::Null,
        "nnull" => Rule::NotNull,
        "empty" => Rule::Empty,
        "nempty" => Rule::NotEmpty,
        "istype" => Rule::IsType(one()?),
        "hask" => Rule::HasKey(one()?),
        "head" => Rule::Head(one()?),
        "tail" => Rule::Tail(one()?),
        "index" => Rule::Index(one()?, two()?),
        "jsonata_exp" => Rule::Jsonata(one()?),
        "else" => Rule::Else,
        other => return Err(format!("unknown rule `{other}`")),
    })
}

/// What a rule looks at.
struct Look<'a> {
    value: &'a Value,
    previous: &'a Value,
    msg: &'a Message,
    none_yet: bool,
}

impl Look<'_> {
    /// The operand; what cannot be worked out is undefined, but a JSONata expression that fails is an error.
    fn operand(&self, operand: &Operand, cx: &mut NodeCx<'_>) -> Result<Value, String> {
        match operand {
            Operand::Previous => Ok(self.previous.clone()),
            Operand::Typed(Typed::Jsonata(expression)) => self.jsonata(expression, cx),
            Operand::Typed(typed) => Ok(typed.eval(self.msg, cx).unwrap_or_default()),
        }
    }

    fn jsonata(&self, expression: &Jsonata, cx: &mut NodeCx<'_>) -> Result<Value, String> {
        let place = parts::placed(self.msg);
        let place = place.map(|parts| {
            let of = |key: &str| parts.get(key).cloned().unwrap_or_default();
            [("I", of("index")), ("N", of("count"))]
        });
        expression.eval_with(&self.msg.to_value(), place.as_ref().map_or(&[], |p| p), cx).map_err(invalid)
    }

    fn parts(&self, key: &str) -> Result<&Object, String> {
        parts::of(self.msg)
            .ok_or_else(|| format!("TypeError: Cannot read properties of undefined (reading '{key}')"))
    }

    fn number(&self, operand: &Operand, cx: &mut NodeCx<'_>) -> Result<f64, String> {
        Ok(coerce::to_number(&self.operand(operand, cx)?))
    }
}

impl Rule {
    fn holds(&mut self, look: &Look<'_>, cx: &mut NodeCx<'_>) -> Result<bool, String> {
        let a = look.value;
        let is = |b: &Value, wanted: &[Ordering]| coerce::compare(a, b).is_some_and(|o| wanted.contains(&o));
        Ok(match self {
            Rule::Eq(b) => coerce::loose_eq(a, &look.operand(b, cx)?),
            Rule::Neq(b) => !coerce::loose_eq(a, &look.operand(b, cx)?),
            Rule::Order(wanted, b) => is(&look.operand(b, cx)?, wanted),
            Rule::Between(b, c) => {
                let (b, c) = (look.operand(b, cx)?, look.operand(c, cx)?);
                (is(&b, &[Greater, Equal]) && is(&c, &[Less, Equal]))
                    || (is(&b, &[Less, Equal]) && is(&c, &[Greater, Equal]))
            }
            Rule::Contains(b) => coerce::to_text(a).contains(&coerce::to_text(&look.operand(b, cx)?)),
            Rule::Matches(pattern) => pattern.matches(look, cx)?,
            Rule::True => matches!(a, Value::Bool(true)),
            Rule::False => matches!(a, Value::Bool(false)),
            Rule::Null => matches!(a, Value::Undefined | Value::Null),
            Rule::NotNull => !matches!(a, Value::Undefined | Value::Null),
            Rule::Empty => length(a) == Some(0),
            Rule::NotEmpty => length(a).is_some_and(|n| n > 0),
            Rule::IsType(b) => is_type(a, &coerce::to_text(&look.operand(b, cx)?)),
            Rule::HasKey(b) => has_key(a, &look.operand(b, cx)?),
            Rule::Head(b) => {
                let count = look.number(b, cx)?;
                parts::number(look.parts("index")?, "index").is_some_and(|at| at < count)
            }
            Rule::Tail(b) => {
                let (parts, wanted) = (look.parts("count")?, look.number(b, cx)?);
                match (parts::number(parts, "index"), parts::number(parts, "count")) {
                    (Some(at), Some(count)) => count - wanted <= at,
                    _ => false,
                }
            }
            Rule::Index(b, c) => {
                let (from, to) = (look.number(b, cx)?, look.number(c, cx)?);
                parts::number(look.parts("index")?, "index").is_some_and(|at| from <= at && at <= to)
            }
            Rule::Jsonata(b) => matches!(look.operand(b, cx)?, Value::Bool(true)),
            Rule::Else => look.none_yet,
        })
    }
}

impl Pattern {
    fn matches(&mut self, look: &Look<'_>, cx: &mut NodeCx<'_>) -> Result<bool, String> {
        let source = match look.operand(&self.source, cx)? {
            Value::Undefined => String::new(),
            other => coerce::to_text(&other),
        };
        if self.compiled.as_ref().is_none_or(|(known, _)| *known != source) {
            let flags = if self.any_case { "i" } else { "" };
            let regex = Regex::new(&source, flags, cx).map_err(|e| format!("SyntaxError: {e}"))?;
            self.compiled = Some((source, regex));
        }
        match &self.compiled {
            Some((_, regex)) => regex.is_match(&coerce::to_text(look.value)),
            None => Ok(false),
        }
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Text(s) => Some(s.len()),
        Value::Bytes(b) => Some(b.len()),
        Value::List(l) => Some(l.len()),
        Value::Object(o) => Some(o.len()),
        Value::Date(_) => Some(0),
        _ => None,
    }
}

fn is_type(value: &Value, ty: &str) -> bool {
    match ty {
        "array" => matches!(value, Value::List(_)),
        "buffer" => matches!(value, Value::Bytes(_)),
        "json" => {
            let parses = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
            !matches!(value, Value::Undefined) && parses(&coerce::to_text(value))
        }
        "null" => matches!(value, Value::Null),
        "number" => matches!(value, Value::Number(n) if !n.is_nan()),
        "object" => matches!(value, Value::Object(_) | Value::Date(_) | Value::Opaque(_)),
        ty => coerce::type_of(value) == ty,
    }
}

/// `value.hasOwnProperty(key)`
fn has_key(value: &Value, key: &Value) -> bool {
    if coerce::type_of(key) == "object" {
        return false;
    }
    let key = coerce::to_text(key);
    let index = || key.parse::<usize>().ok().filter(|at| at.to_string() == key);
    match value {
        Value::Object(object) => object.get(&key).is_some(),
        Value::List(items) => key == "length" || index().is_some_and(|at| at < items.len()),
        Value::Text(s) => key == "length" || index().is_some_and(|at| at < s.encode_utf16().count()),
        Value::Bytes(bytes) => index().is_some_and(|at| at < bytes.len()),
        _ => false,
    }
}

impl Switch {
    /// Takes a message up, or keeps it until its sequence is there.
    fn receive(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let Some(parts) = parts::placed(&msg).filter(|_| self.counts) else { return self.decide(msg, cx) };
        if self.held >= MAX_HELD {
            return cx.error("too many pending messages in switch node", Some(&msg));
        }
        let id = parts::id(parts);
        let waiting = self.waiting.entry(id.clone()).or_default();
        waiting.push(msg);
        self.held += 1;
        let count = waiting.iter().rev().find_map(|msg| parts::of(msg)?.get("count").cloned());
        let all = count.as_ref().map(coerce::to_number).is_some_and(|n| waiting.len() as f64 == n);
        if let (Some(count), true) = (count, all) {
            let waiting = self.waiting.remove(&id).unwrap_or_default();
            self.held -= waiting.len();
            for mut msg in waiting {
                parts::set(&mut msg, &[("count", count.clone())]);
                self.decide(msg, cx);
            }
        }
    }

    /// Applies the rules, and sends.
    fn decide(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let value = match &self.property {
            Typed::Jsonata(expression) => match expression.eval(&msg, cx) {
                Ok(value) => value,
                Err(fault) => {
                    cx.log(Level::Warn, &invalid(fault));
                    return cx.done(&msg);
                }
            },
            property => property.eval(&msg, cx).unwrap_or_default(),
        };
        let outputs = match self.outputs(value, &msg, cx) {
            Ok(outputs) => outputs,
            Err(fault) => return cx.error(&fault, Some(&msg)),
        };
        if self.repair && parts::placed(&msg).is_some() {
            return self.gather(msg, outputs, cx);
        }
        for port in (0u32..).zip(outputs).filter_map(|(port, holds)| holds.then_some(port)) {
            cx.send(port, msg.clone());
        }
        cx.done(&msg);
    }

    /// Which rules hold, as far as they were looked at.
    fn outputs(&mut self, value: Value, msg: &Message, cx: &mut NodeCx<'_>) -> Result<Vec<bool>, String> {
        let mut outputs = Vec::with_capacity(self.rules.len());
        let mut none_yet = true;
        for rule in &mut self.rules {
            let look = Look { value: &value, previous: &self.previous, msg, none_yet };
            let holds = rule.holds(&look, cx)?;
            none_yet = !holds && (none_yet || matches!(rule, Rule::Else));
            outputs.push(holds);
            if holds && self.first_only {
                break;
            }
        }
        if !outputs.is_empty() {
            self.previous = value;
        }
        Ok(outputs)
    }

    /// Keeps what was decided until all of a sequence is, then sends it with new parts.
    fn gather(&mut self, msg: Message, outputs: Vec<bool>, cx: &mut NodeCx<'_>) {
        let Some(parts) = parts::of(&msg) else { return };
        let (id, count) = (parts::id(parts), parts::number(parts, "count"));
        let decided = self.decided.entry(id.clone()).or_default();
        decided.push((msg.clone(), outputs));
        if count == Some(decided.len() as f64) {
            let decided = self.decided.remove(&id).unwrap_or_default();
            self.send_sequence(decided, cx);
        }
        cx.done(&msg);
    }

    fn send_sequence(&mut self, decided: Vec<(Message, Vec<bool>)>, cx: &mut NodeCx<'_>) {
        let ports = decided.iter().map(|(_, outputs)| outputs.len()).max().unwrap_or(0);
        let to = |outputs: &[bool], port: usize| outputs.get(port).copied().unwrap_or(false);
        let counts: Vec<usize> =
            (0..ports).map(|port| decided.iter().filter(|(_, outputs)| to(outputs, port)).count()).collect();
        let ids: Vec<Value> = (0..ports).map(|_| Value::text(cx.new_id())).collect();
        let mut next = vec![0.0; ports];
        for (msg, outputs) in decided {
            for port in (0..ports).filter(|port| to(&outputs, *port)) {
                let mut msg = msg.clone();
                let count = Value::Number(counts[port] as f64);
                parts::set(
                    &mut msg,
                    &[("id", ids[port].clone()), ("index", Value::Number(next[port])), ("count", count)],
                );
                next[port] += 1.0;
                cx.send(port as u32, msg);
            }
        }
    }
}

impl Node for Switch {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        self.receive(msg, cx);
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.held + self.decided.values().map(Vec::len).sum::<usize>());
        self.waiting.clear();
        self.decided.clear();
        self.held = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testkit::{Bench, info, message};
    use serde_json::{Value as Json, json};

    /// The payloads, out of those given, that a rule lets pass.
    fn passes(rule: Json, payloads: Json) -> Json {
        let mut node = Bench::new(make, json!({"property": "payload", "rules": [rule]}));
        for payload in payloads.as_array().into_iter().flatten() {
            node.receive(json!({"payload": payload, "limit": 3, "kind": "^a"}));
        }
        assert_eq!(node.errors(), Vec::<String>::new());
        node.payloads()
    }

    #[test]
    fn comparisons() {
        let v = |t: &str, v: &str, vt: &str| json!({"t": t, "v": v, "vt": vt});
        let all = json!([1, 3, 5, "3", "x", null]);
        assert_eq!(passes(v("eq", "3", "num"), all.clone()), json!([3, "3"]));
        assert_eq!(passes(v("neq", "3", "str"), all.clone()), json!([1, 5, "x", null]));
        assert_eq!(passes(v("lt", "limit", "msg"), all.clone()), json!([1, null]));
        assert_eq!(passes(v("lte", "3", "num"), all.clone()), json!([1, 3, "3", null]));
        assert_eq!(passes(v("gt", "3", "num"), all.clone()), json!([5]));
        assert_eq!(passes(v("gte", "3", ""), all.clone()), json!([3, 5, "3"]));
        assert_eq!(
            passes(json!({"t": "btwn", "v": "5", "vt": "num", "v2": "2", "v2t": "num"}), all),
            json!([3, 5, "3"])
        );
    }

    #[test]
    fn texts() {
        assert_eq!(
            passes(json!({"t": "cont", "v": "a", "vt": "str"}), json!(["cat", "dog", ["a"]])),
            json!(["cat", ["a"]])
        );
        assert_eq!(
            passes(json!({"t": "regex", "v": "^C", "vt": "str", "case": true}), json!(["cat", "dog"])),
            json!(["cat"])
        );
        assert_eq!(
            passes(json!({"t": "regex", "v": "kind", "vt": "msg"}), json!(["cat", "ant"])),
            json!(["ant"])
        );
    }

    #[test]
    fn kinds_of_values() {
        let all = json!([true, false, null, "", "a", [], [1], {}, {"k": 1}, 0, "{}"]);
        let is = |t: &str| passes(json!({"t": t}), all.clone());
        assert_eq!(is("true"), json!([true]));
        assert_eq!(is("false"), json!([false]));
        assert_eq!(is("null"), json!([null]));
        assert_eq!(is("nnull").as_array().map(Vec::len), Some(10));
        assert_eq!(is("empty"), json!(["", [], {}]));
        assert_eq!(is("nempty"), json!(["a", [1], {"k": 1}, "{}"]));
        let istype = |ty: &str| passes(json!({"t": "istype", "v": ty, "vt": ty}), all.clone());
        assert_eq!(istype("array"), json!([[], [1]]));
        assert_eq!(istype("object"), json!([{}, {"k": 1}]));
        assert_eq!(istype("json"), json!([true, false, null, [1], 0, "{}"]));
        assert_eq!(istype("number"), json!([0]));
        assert_eq!(passes(json!({"t": "hask", "v": "k", "vt": "str"}), all), json!([{"k": 1}]));
    }

    #[test]
    fn expression_and_previous() {
        assert_eq!(
            passes(json!({"t": "jsonata_exp", "v": "payload > limit", "vt": "jsonata"}), json!([2, 4])),
            json!([4])
        );
        assert_eq!(passes(json!({"t": "gt", "vt": "prev"}), json!([1, 5, 4, 6])), json!([1, 5, 6]));
    }

    #[test]
    fn else_and_first_only() {
        let rules =
            json!([{"t": "gt", "v": "1", "vt": "num"}, {"t": "gt", "v": "2", "vt": "num"}, {"t": "else"}]);
        let ports = |all: &str, payload: u32| {
            let mut node = Bench::new(make, json!({"property": "payload", "rules": rules, "checkall": all}));
            node.receive(json!({ "payload": payload })).ports()
        };
        assert_eq!((ports("true", 3), ports("false", 3), ports("true", 0)), (vec![0, 1], vec![0], vec![2]));
    }

    fn sequence(node: &mut Bench, count: u32) {
        for at in 0..count {
            node.receive_msg(message(
                json!({"payload": at, "parts": {"id": "s", "index": at, "count": count}}),
            ));
        }
    }

    #[test]
    fn sequences() {
        let check = |rule: Json, expected: Json| {
            let mut node = Bench::new(make, json!({"property": "payload", "rules": [rule]}));
            sequence(&mut node, 5);
            assert_eq!(node.payloads(), expected);
        };
        check(json!({"t": "head", "v": "2", "vt": "num"}), json!([0, 1]));
        check(json!({"t": "tail", "v": "2", "vt": "num"}), json!([3, 4]));
        check(json!({"t": "index", "v": "1", "vt": "num", "v2": "2", "v2t": "num"}), json!([1, 2]));
    }

    #[test]
    fn repaired_sequences() {
        let mut node = Bench::new(
            make,
            json!({"property": "payload", "rules": [{"t": "gt", "v": "1", "vt": "num"}], "repair": true}),
        );
        sequence(&mut node, 4);
        assert_eq!(
            node.sent(),
            json!([
                [0, {"payload": 2, "parts": {"id": "0000000000000001", "index": 0, "count": 2}}],
                [0, {"payload": 3, "parts": {"id": "0000000000000001", "index": 1, "count": 2}}]
            ])
        );
        assert_eq!(node.cx.dones.len(), 4);
    }

    #[test]
    fn faults() {
        let fault = |rule: Json| make(&info(json!({ "rules": [rule] }))).err().unwrap_or_default();
        assert!(fault(json!({"t": "nope"})).contains("`nope`"));
        assert!(
            fault(json!({"t": "eq", "v": "(", "vt": "jsonata"})).starts_with("Invalid JSONata expression: ")
        );
        let mut node = Bench::new(
            make,
            json!({"property": "payload", "rules": [{"t": "regex", "v": "(", "vt": "str"}]}),
        );
        let errors = node.receive(json!({"payload": "x"})).errors();
        assert!(errors[0].starts_with("SyntaxError: "), "{errors:?}");
        let mut node =
            Bench::new(make, json!({"property": "payload", "rules": [{"t": "head", "v": "1", "vt": "num"}]}));
        let errors = node.receive(json!({"payload": "x"})).errors();
        assert_eq!(errors, ["TypeError: Cannot read properties of undefined (reading 'index')"]);
    }
}
