//! `switch`: sends a message to the outputs whose rules hold.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};
use route_chain::{Message, Value};
use serde_json::Value as Json;

use super::convert;
use super::typed::{Typed, bool_of, text_of};
use crate::node::{Node, NodeCx, NodeInfo};

/// Messages of unfinished sequences that one node keeps at most.
const MAX_HELD: usize = 10_000;

/// What a rule compares with.
enum Operand {
    Typed(Typed),
    Previous,
}

enum Rule {
    Eq(Operand),
    Neq(Operand),
    Lt(Operand),
    Lte(Operand),
    Gt(Operand),
    Gte(Operand),
    Between(Operand, Operand),
    Contains(Operand),
    Regex(Regex),
    /// A pattern that is known only with the message; true: case does not count.
    RegexOf(Operand, bool),
    True,
    False,
    Null,
    NotNull,
    Empty,
    NotEmpty,
    IsType(String),
    HasKey(Operand),
    Head(Operand),
    Tail(Operand),
    Index(Operand, Operand),
    Jsonata(Typed),
    Else,
}

struct Switch {
    property: Typed,
    rules: Vec<Rule>,
    check_all: bool,
    /// Sequences are numbered again on each output.
    repair: bool,
    /// The rules need the length of the sequence.
    counts: bool,
    previous: Value,
    groups: HashMap<String, Vec<Message>>,
    held: usize,
}

/// Makes a `switch` node.
pub fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let config = &info.config;
    let [ty, property] = ["propertyType", "property"].map(|key| text_of(config, key));
    let property = if property.is_empty() { "payload".to_owned() } else { property };
    let rules = config.get("rules").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let rules: Vec<Rule> = rules.iter().filter_map(Json::as_object).map(rule).collect::<Result<_, _>>()?;
    Ok(Box::new(Switch {
        property: Typed::parse(if ty.is_empty() { "msg" } else { &ty }, &property.into())?,
        counts: rules.iter().any(|rule| matches!(rule, Rule::Tail(_))),
        rules,
        check_all: bool_of(config, "checkall").unwrap_or(true),
        repair: bool_of(config, "repair").unwrap_or(false),
        previous: Value::Null,
        groups: HashMap::new(),
        held: 0,
    }))
}

type Config = serde_json::Map<String, Json>;

fn operand(config: &Config, value: &str, ty: &str) -> Result<Operand, String> {
    let json = config.get(value).unwrap_or(&Json::Null);
    Ok(match text_of(config, ty).as_str() {
        "prev" => Operand::Previous,
        // Flows of early versions have no types.
        "" => {
            let number = convert::text_to_number(&text_of(config, value));
            Operand::Typed(Typed::parse(if number.is_nan() { "str" } else { "num" }, json)?)
        }
        ty => Operand::Typed(Typed::parse(ty, json)?),
    })
}

fn rule(config: &Config) -> Result<Rule, String> {
    let one = || operand(config, "v", "vt");
    let two = || operand(config, "v2", "v2t");
    Ok(match text_of(config, "t").as_str() {
        "eq" => Rule::Eq(one()?),
        "neq" => Rule::Neq(one()?),
        "lt" => Rule::Lt(one()?),
        "lte" => Rule::Lte(one()?),
        "gt" => Rule::Gt(one()?),
        "gte" => Rule::Gte(one()?),
        "btwn" => Rule::Between(one()?, two()?),
        "cont" => Rule::Contains(one()?),
        "regex" => regex_rule(config)?,
        "true" => Rule::True,
        "false" => Rule::False,
        "null" => Rule::Null,
        "nnull" => Rule::NotNull,
        "empty" => Rule::Empty,
        "nempty" => Rule::NotEmpty,
        "istype" => Rule::IsType(text_of(config, "v")),
        "hask" => Rule::HasKey(one()?),
        "head" => Rule::Head(one()?),
        "tail" => Rule::Tail(one()?),
        "index" => Rule::Index(one()?, two()?),
        "jsonata_exp" => Rule::Jsonata(Typed::parse("jsonata", config.get("v").unwrap_or(&Json::Null))?),
        "else" => Rule::Else,
        other => return Err(format!("unknown rule `{other}`")),
    })
}

fn regex_rule(config: &Config) -> Result<Rule, String> {
    let any_case = bool_of(config, "case").unwrap_or(false);
    Ok(match text_of(config, "vt").as_str() {
        "" | "str" | "re" | "num" => Rule::Regex(pattern(&text_of(config, "v"), any_case)?),
        _ => Rule::RegexOf(operand(config, "v", "vt")?, any_case),
    })
}

fn pattern(text: &str, any_case: bool) -> Result<Regex, String> {
    let built = RegexBuilder::new(text).case_insensitive(any_case).build();
    built.map_err(|e| format!("invalid regular expression `{text}`: {e}"))
}

/// What a rule looks at.
struct Look<'a> {
    value: &'a Value,
    previous: &'a Value,
    msg: &'a Message,
    none_yet: bool,
}

impl Rule {
    fn holds(&self, look: &Look<'_>, cx: &NodeCx<'_>) -> Result<bool, String> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let a = look.value;
        let of = |operand: &Operand| match operand {
            Operand::Typed(typed) => typed.eval(look.msg, cx),
            Operand::Previous => Ok(look.previous.clone()),
        };
        let is = |operand: &Operand, wanted: &[std::cmp::Ordering]| {
            Ok::<_, String>(convert::compare(a, &of(operand)?).is_some_and(|order| wanted.contains(&order)))
        };
        let number = |operand: &Operand| Ok::<_, String>(convert::to_number(&of(operand)?));
        Ok(match self {
            Rule::Eq(b) => convert::loose_eq(a, &of(b)?),
            Rule::Neq(b) => !convert::loose_eq(a, &of(b)?),
            Rule::Lt(b) => is(b, &[Less])?,
            Rule::Lte(b) => is(b, &[Less, Equal])?,
            Rule::Gt(b) => is(b, &[Greater])?,
            Rule::Gte(b) => is(b, &[Greater, Equal])?,
            Rule::Between(b, c) => {
                (is(b, &[Greater, Equal])? && is(c, &[Less, Equal])?)
                    || (is(b, &[Less, Equal])? && is(c, &[Greater, Equal])?)
            }
            Rule::Contains(b) => convert::to_text(a).contains(&convert::to_text(&of(b)?)),
            Rule::Regex(regex) => regex.is_match(&convert::to_text(a)),
            Rule::RegexOf(b, any_case) => {
                pattern(&convert::to_text(&of(b)?), *any_case)?.is_match(&convert::to_text(a))
            }
            Rule::True => matches!(a, Value::Bool(true)),
            Rule::False => matches!(a, Value::Bool(false)),
            Rule::Null => matches!(a, Value::Undefined | Value::Null),
            Rule::NotNull => !matches!(a, Value::Undefined | Value::Null),
            Rule::Empty => length(a) == Some(0),
            Rule::NotEmpty => length(a).is_some_and(|n| n > 0),
            Rule::IsType(ty) => is_type(a, ty),
            Rule::HasKey(b) => {
                a.as_object().is_some_and(|o| of(b).is_ok_and(|key| o.get(&convert::to_text(&key)).is_some()))
            }
            Rule::Head(b) => part(look.msg, "index").is_some_and(|at| number(b).is_ok_and(|n| at < n)),
            Rule::Tail(b) => match (part(look.msg, "index"), part(look.msg, "count")) {
                (Some(at), Some(count)) => at >= count - number(b)?,
                _ => false,
            },
            Rule::Index(b, c) => match part(look.msg, "index") {
                Some(at) => at >= number(b)? && at <= number(c)?,
                None => false,
            },
            Rule::Jsonata(expression) => matches!(expression.eval(look.msg, cx)?, Value::Bool(true)),
            Rule::Else => look.none_yet,
        })
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
        "json" => value.as_text().is_some_and(|s| serde_json::from_str::<serde::de::IgnoredAny>(s).is_ok()),
        "null" => matches!(value, Value::Null),
        "undefined" => matches!(value, Value::Undefined),
        "number" => matches!(value, Value::Number(n) if !n.is_nan()),
        "string" => matches!(value, Value::Text(_)),
        "boolean" => matches!(value, Value::Bool(_)),
        "object" => matches!(value, Value::Object(_) | Value::Date(_) | Value::Opaque(_)),
        _ => false,
    }
}

fn part(msg: &Message, key: &str) -> Option<f64> {
    msg.get("parts")?.as_object()?.get(key)?.as_number()
}

fn group(msg: &Message) -> Option<&str> {
    msg.get("parts")?.as_object()?.get("id")?.as_text()
}

impl Switch {
    /// The outputs that a message goes to.
    fn outputs(&mut self, msg: &Message, cx: &NodeCx<'_>) -> Result<Vec<u32>, String> {
        let value = self.property.eval(msg, cx)?;
        let mut ports = Vec::new();
        let mut none_yet = true;
        for (port, rule) in self.rules.iter().enumerate() {
            let look = Look { value: &value, previous: &self.previous, msg, none_yet };
            if rule.holds(&look, cx)? {
                ports.push(port as u32);
                none_yet = false;
                if !self.check_all {
                    break;
                }
            } else if matches!(rule, Rule::Else) {
                none_yet = true;
            }
        }
        self.previous = value;
        Ok(ports)
    }

    /// Keeps a message until its sequence is there; `None`: it is kept.
    fn gather(&mut self, msg: Message, cx: &mut NodeCx<'_>) -> Option<Vec<Message>> {
        let Some(id) = group(&msg).map(str::to_owned) else { return Some(vec![msg]) };
        if self.held >= MAX_HELD {
            cx.error("too many messages of unfinished sequences", Some(&msg));
            return None;
        }
        self.held += 1;
        let held = self.groups.entry(id.clone()).or_default();
        held.push(msg);
        let count = held.iter().find_map(|msg| part(msg, "count"))?;
        if (held.len() as f64) < count {
            return None;
        }
        let mut all = self.groups.remove(&id)?;
        self.held -= all.len();
        all.sort_by(|a, b| part(a, "index").unwrap_or(0.0).total_cmp(&part(b, "index").unwrap_or(0.0)));
        for msg in &mut all {
            set_parts(msg, &[("count", Value::Number(count))]);
        }
        Some(all)
    }

    fn send_sequence(&mut self, all: Vec<Message>, cx: &mut NodeCx<'_>) {
        let mut out: Vec<Vec<Message>> = self.rules.iter().map(|_| Vec::new()).collect();
        for msg in &all {
            match self.outputs(msg, cx) {
                Ok(ports) => ports.into_iter().for_each(|port| out[port as usize].push(msg.clone())),
                Err(fault) => cx.error(&fault, Some(msg)),
            }
        }
        for (port, msgs) in out.into_iter().enumerate() {
            let (id, count) = (Value::text(cx.new_id()), Value::Number(msgs.len() as f64));
            for (at, mut msg) in msgs.into_iter().enumerate() {
                if group(&msg).is_some() {
                    let index = Value::Number(at as f64);
                    set_parts(&mut msg, &[("id", id.clone()), ("index", index), ("count", count.clone())]);
                }
                cx.send(port as u32, msg);
            }
        }
        all.iter().for_each(|msg| cx.done(msg));
    }
}

fn set_parts(msg: &mut Message, fields: &[(&str, Value)]) {
    if let Some(parts) = msg.root_mut().get_mut("parts").and_then(Value::as_object_mut) {
        for (key, value) in fields {
            parts.insert(key, value.clone());
        }
    }
}

impl Node for Switch {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let msgs = if self.repair || self.counts {
            match self.gather(msg, cx) {
                Some(msgs) => msgs,
                None => return,
            }
        } else {
            vec![msg]
        };
        if self.repair {
            return self.send_sequence(msgs, cx);
        }
        for msg in msgs {
            match self.outputs(&msg, cx) {
                Ok(ports) => {
                    ports.into_iter().for_each(|port| cx.send(port, msg.clone()));
                    cx.done(&msg);
                }
                Err(fault) => cx.error(&fault, Some(&msg)),
            }
        }
    }

    fn close(&mut self, _cx: &mut NodeCx<'_>) {
        self.groups.clear();
        self.held = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Bench, message};
    use super::*;
    use serde_json::json;

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
        assert_eq!(istype("json"), json!(["{}"]));
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
            let mut node = Bench::new(make, json!({"rules": rules, "checkall": all}));
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
            let mut node = Bench::new(make, json!({ "rules": [rule] }));
            sequence(&mut node, 5);
            assert_eq!(node.payloads(), expected);
        };
        check(json!({"t": "head", "v": "2", "vt": "num"}), json!([0, 1]));
        check(json!({"t": "tail", "v": "2", "vt": "num"}), json!([3, 4]));
        check(json!({"t": "index", "v": "1", "vt": "num", "v2": "2", "v2t": "num"}), json!([1, 2]));
    }

    #[test]
    fn repaired_sequences() {
        let mut node =
            Bench::new(make, json!({"rules": [{"t": "gt", "v": "1", "vt": "num"}], "repair": true}));
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
        let info = super::super::testkit::info;
        assert!(make(&info(json!({"rules": [{"t": "regex", "v": "("}]}))).is_err());
        assert!(make(&info(json!({"rules": [{"t": "nope"}]}))).is_err());
    }
}
