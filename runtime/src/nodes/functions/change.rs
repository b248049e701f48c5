//! `change`: sets, replaces, deletes and moves properties of messages and context (Node-RED's 15-change.js).

use route_chain::{Message, Value};
use serde_json::Value as Json;

use crate::node::{Level, Node, NodeCx, NodeInfo, Scope};
use crate::nodes::js::Regex;
use crate::nodes::value::coerce;
use crate::nodes::value::context::ContextPath;
use crate::nodes::value::property::Path;
use crate::nodes::value::props::Props;
use crate::nodes::value::typed::{self, Typed};

/// Where a step writes.
#[derive(Debug)]
enum Target {
    Msg(Path),
    Context(ContextPath),
}

/// One step of a rule; a move is several.
#[derive(Debug)]
enum Step {
    Set(Target, To),
    Change(Target, From, To),
    Delete(Target),
}

/// What is put in.
#[derive(Debug)]
enum To {
    Typed(Typed),
    /// An environment variable, read when the flow starts.
    Env(String, Value),
}

/// What is looked for.
#[derive(Debug)]
enum From {
    /// A text and its kind, from the configuration.
    Fixed(Kind, String),
    /// The text of a regular expression, compiled when the flow starts.
    Regex(String, Option<Compiled>),
    /// Whatever stands there when the message comes.
    Of(Typed),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Text,
    Number,
    Bool,
}

struct Compiled(Regex);

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Regex")
    }
}

struct Change {
    steps: Vec<Step>,
    fault: Option<String>,
}

/// Makes a `change` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let mut steps = Vec::new();
    if props.json("rules").is_array() {
        for rule in props.entries("rules") {
            add_rule(rule, &mut steps)?;
        }
    } else {
        add_rule(Props::map(&of_old(props)), &mut steps)?;
    }
    Ok(Box::new(Change { steps, fault: None }))
}

/// The one rule of a node of Node-RED 0.9 and before.
fn of_old(props: Props<'_>) -> serde_json::Map<String, Json> {
    let action = props.text("action");
    let mut rule = serde_json::Map::new();
    let action = if action == "replace" { "set".to_owned() } else { action };
    rule.insert(
        "re".into(),
        Json::Bool(action == "change" && (props.json("reg").is_null() || props.truthy("reg"))),
    );
    rule.insert("t".into(), action.into());
    rule.insert("p".into(), props.text("property").into());
    rule.insert("from".into(), props.text("from").into());
    rule.insert("to".into(), props.text("to").into());
    rule
}

fn add_rule(rule: Props<'_>, steps: &mut Vec<Step>) -> Result<(), String> {
    let (p, to) = (rule.text("p"), rule.text("to"));
    let pt = rule.text_or("pt", "msg");
    let target = |ty: &str, path: &str| target(ty, path);
    match rule.text("t").as_str() {
        "set" => {
            let (tot, to) = match (rule.text("tot").as_str(), to.strip_prefix("msg.")) {
                ("", Some(path)) => ("msg".to_owned(), Json::from(path)),
                ("", None) => ("str".to_owned(), rule.json("to").clone()),
                (tot, _) => (tot.to_owned(), rule.json("to").clone()),
            };
            steps.push(Step::Set(target(&pt, &p)?, source(&tot, &to)?));
        }
        "change" => {
            let to = source(&rule.text_or("tot", "str"), rule.json("to"))?;
            steps.push(Step::Change(target(&pt, &p)?, from(rule)?, to));
        }
        "delete" => steps.push(Step::Delete(target(&pt, &p)?)),
        "move" => {
            let tot = rule.text_or("tot", "str");
            let read = |ty: &str, path: &str| source(ty, &path.into());
            if tot != pt || (p.contains(&to) && p != to) {
                steps.push(Step::Set(target(&tot, &to)?, read(&pt, &p)?));
                steps.push(Step::Delete(target(&pt, &p)?));
            } else {
                // By way of a third property, as the value may move below itself.
                const BETWEEN: &str = "_temp_move";
                steps.push(Step::Set(target(&tot, BETWEEN)?, read(&pt, &p)?));
                steps.push(Step::Delete(target(&pt, &p)?));
                steps.push(Step::Set(target(&tot, &to)?, read(&tot, BETWEEN)?));
                steps.push(Step::Delete(target(&pt, BETWEEN)?));
            }
        }
        other => return Err(format!("unknown rule `{other}`")),
    }
    Ok(())
}

fn target(ty: &str, path: &str) -> Result<Target, String> {
    Ok(match ty {
        "msg" => Target::Msg(Path::new(path)),
        "flow" => Target::Context(ContextPath::new(Scope::Flow, path)),
        "global" => Target::Context(ContextPath::new(Scope::Global, path)),
        other => return Err(format!("a change node cannot write to `{other}`")),
    })
}

fn source(ty: &str, value: &Json) -> Result<To, String> {
    let typed = match ty {
        "env" => return Ok(To::Env(crate::nodes::value::props::plain_text(value), Value::Undefined)),
        "jsonata" => Typed::parse(ty, value).map_err(invalid)?,
        ty => Typed::parse(ty, value)?,
    };
    match typed {
        Typed::Fault(_) => Err("Invalid 'to' JSON property".to_owned()),
        typed => Ok(To::Typed(typed)),
    }
}

fn invalid(fault: String) -> String {
    format!("Invalid JSONata expression: {fault}")
}

fn from(rule: Props<'_>) -> Result<From, String> {
    let text = rule.text("from");
    let ty = if rule.truthy("re") { "re".to_owned() } else { rule.text_or("fromt", "str") };
    Ok(match ty.as_str() {
        "re" => From::Regex(text, None),
        "msg" | "flow" | "global" => From::Of(Typed::parse(&ty, &text.into())?),
        "num" => From::Fixed(Kind::Number, text),
        "bool" => From::Fixed(Kind::Bool, text),
        _ => From::Fixed(Kind::Text, text),
    })
}

/// Why a message does not go on.
struct Stop;

impl Target {
    fn get(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Value {
        match self {
            Target::Msg(path) => path.get(msg),
            Target::Context(path) => path.get(msg, cx),
        }
        .unwrap_or_default()
    }

    fn set(&self, msg: &mut Message, value: Value, cx: &mut NodeCx<'_>) -> Result<(), Stop> {
        match self {
            Target::Msg(path) => {
                let deletes = matches!(value, Value::Undefined);
                if path.set(msg, value) == Ok(false) && !deletes {
                    cx.log(Level::Warn, &format!("Cannot set property of non-object type: {}", path.text));
                }
                Ok(())
            }
            Target::Context(path) => match path.set(msg, value, cx) {
                Ok(_) => Ok(()),
                Err(fault) => {
                    cx.error(&format!("Error: {fault}"), Some(msg));
                    Err(Stop)
                }
            },
        }
    }
}

impl To {
    /// `None`: the property that it should be has no parent, and the step is left out.
    fn value(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<Option<Value>, Stop> {
        match self {
            To::Env(_, value) => Ok(Some(value.clone())),
            To::Typed(Typed::Jsonata(expression)) => expression.eval(msg, cx).map(Some).map_err(|fault| {
                cx.error(&invalid(fault), Some(msg));
                Stop
            }),
            To::Typed(typed @ Typed::Msg(_)) => Ok(typed.eval(msg, cx).ok()),
            To::Typed(typed) => Ok(Some(typed.eval(msg, cx).unwrap_or_default())),
        }
    }
}

impl Step {
    fn apply(&self, msg: &mut Message, cx: &mut NodeCx<'_>) -> Result<(), Stop> {
        match self {
            Step::Delete(target) => target.set(msg, Value::Undefined, cx),
            Step::Set(target, to) => match to.value(msg, cx)? {
                Some(value) => target.set(msg, value, cx),
                None => Ok(()),
            },
            Step::Change(target, from, to) => {
                let Some(value) = to.value(msg, cx)? else { return Ok(()) };
                let current = target.get(msg, cx);
                match from.changed(&current, &value, to, msg, cx) {
                    Some(changed) => target.set(msg, changed, cx),
                    None => Ok(()),
                }
            }
        }
    }

    fn start(&mut self, cx: &mut NodeCx<'_>) -> Result<(), String> {
        if let Step::Set(_, To::Env(name, value)) | Step::Change(_, _, To::Env(name, value)) = self {
            *value = typed::env(&cx.env(), name);
        }
        if let Step::Change(_, From::Regex(source, compiled), _) = self {
            let regex = Regex::new(source, "g", cx);
            *compiled = Some(Compiled(regex.map_err(|e| format!("Invalid 'from' property: {e}"))?));
        }
        Ok(())
    }
}

impl From {
    /// What becomes of the current value; `None`: it stays.
    fn changed(
        &self,
        current: &Value,
        to: &Value,
        target: &To,
        msg: &Message,
        cx: &mut NodeCx<'_>,
    ) -> Option<Value> {
        let (kind, wanted) = match self {
            From::Fixed(kind, text) => (*kind, Value::text(text)),
            From::Regex(_, regex) => {
                let replaced = regex.as_ref()?.0.replace(current.as_text()?, &coerce::to_text(to));
                return self.replaced(replaced, to, target, msg, cx);
            }
            From::Of(typed) => match typed.eval(msg, cx) {
                Ok(text @ Value::Text(_)) => (Kind::Text, text),
                Ok(number @ Value::Number(_)) => (Kind::Number, number),
                Ok(flag @ Value::Bool(_)) => (Kind::Bool, flag),
                other => {
                    let ty = coerce::type_of(&other.unwrap_or_default());
                    cx.error(&format!("Error: Invalid 'from' property: unsupported type: {ty}"), Some(msg));
                    return None;
                }
            },
        };
        match current {
            Value::Text(_) if coerce::strict_eq(current, &wanted) => Some(to.clone()),
            Value::Text(text) => {
                let wanted = wanted.as_text()?;
                self.replaced(replace_all(text, wanted, &coerce::to_text(to), cx), to, target, msg, cx)
            }
            Value::Number(n) if kind == Kind::Number => {
                (*n == coerce::to_number(&wanted)).then(|| to.clone())
            }
            Value::Bool(b) if kind == Kind::Bool => {
                wanted.as_text().is_some_and(|wanted| wanted == b.to_string()).then(|| to.clone())
            }
            _ => None,
        }
    }

    /// A text that became the name of a boolean is one, when a boolean was to be put in.
    fn replaced(
        &self,
        text: Result<String, String>,
        to: &Value,
        target: &To,
        msg: &Message,
        cx: &mut NodeCx<'_>,
    ) -> Option<Value> {
        let text = text.map_err(|fault| cx.error(&fault, Some(msg))).ok()?;
        let flag = matches!(to, Value::Bool(_)) && matches!(target, To::Typed(Typed::Const(_)));
        Some(if flag && text == coerce::to_text(to) { to.clone() } else { Value::text(text) })
    }
}

/// `text.replace(/wanted/g, by)` for a `wanted` without special characters.
fn replace_all(text: &str, wanted: &str, by: &str, cx: &mut NodeCx<'_>) -> Result<String, String> {
    if !by.contains('$') {
        return Ok(text.replace(wanted, by));
    }
    // `$&` and the like stand for what was found.
    let special = |c: char| "-[]{}()*+?.,\\^$|#".contains(c) || c.is_whitespace();
    let mut source = String::new();
    for c in wanted.chars() {
        if special(c) {
            source.push('\\');
        }
        source.push(c);
    }
    Regex::new(&source, "g", cx)?.replace(text, by)
}

impl Node for Change {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        for step in &mut self.steps {
            if let Err(fault) = step.start(cx) {
                cx.error(&fault, None);
                self.fault = Some(fault);
            }
        }
    }

    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        if let Some(fault) = &self.fault {
            return cx.error(fault, Some(&msg));
        }
        for step in &self.steps {
            if let Err(Stop) = step.apply(&mut msg, cx) {
                return;
            }
        }
        cx.send(0, msg.clone());
        cx.done(&msg);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testkit::{Bench, info};
    use serde_json::json;

    /// What the rules make of a message.
    fn check(rules: Json, msg: Json, expected: Json) {
        let mut node = Bench::new(make, json!({ "rules": rules }));
        assert_eq!(node.receive(msg).sent(), json!([[0, expected]]), "{:?}", node.errors());
    }

    #[test]
    fn set() {
        check(
            json!([{"t": "set", "p": "a.b[1]", "to": "2", "tot": "num"}]),
            json!({}),
            json!({"a": {"b": [null, 2]}}),
        );
        check(
            json!([{"t": "set", "p": "b", "to": "a", "tot": "msg", "dc": true}]),
            json!({"a": [1]}),
            json!({"a": [1], "b": [1]}),
        );
        check(json!([{"t": "set", "p": "b", "to": "nope", "tot": "msg"}]), json!({"b": 1}), json!({}));
        check(
            json!([{"t": "set", "p": "n", "to": "$sum(a)", "tot": "jsonata"}]),
            json!({"a": [1, 2]}),
            json!({"a": [1, 2], "n": 3}),
        );
        check(
            json!([{"t": "set", "p": "o[msg.k]", "to": "x"}]),
            json!({"k": "q", "o": {}}),
            json!({"k": "q", "o": {"q": "x"}}),
        );
    }

    #[test]
    fn change() {
        let rule = |from: &str, ty: &str, to: &str, tot: &str| json!([{"t": "change", "p": "p", "from": from, "fromt": ty, "to": to, "tot": tot}]);
        check(rule("a.b", "str", "X", "str"), json!({"p": "a.b acb"}), json!({"p": "X acb"}));
        check(rule("(\\w)-(\\w)", "re", "$2$1$$", "str"), json!({"p": "a-b c-d"}), json!({"p": "ba$ dc$"}));
        check(rule("on", "str", "true", "bool"), json!({"p": "on"}), json!({"p": true}));
        check(rule("5", "num", "6", "num"), json!({"p": 5}), json!({"p": 6}));
        check(rule("5", "num", "6", "num"), json!({"p": 51}), json!({"p": 51}));
        check(rule("true", "bool", "1", "num"), json!({"p": true}), json!({"p": 1}));
        check(rule("b", "str", "[$&]", "str"), json!({"p": "abc"}), json!({"p": "a[b]c"}));
        check(rule("(?<=a)b", "re", "X", "str"), json!({"p": "ab cb"}), json!({"p": "aX cb"}));
        check(rule("w", "msg", "z", "str"), json!({"p": "a.a", "w": "."}), json!({"p": "aza", "w": "."}));
    }

    #[test]
    fn delete_and_move() {
        check(json!([{"t": "delete", "p": "a[0]"}]), json!({"a": [1, 2]}), json!({"a": [2]}));
        check(
            json!([{"t": "move", "p": "a", "to": "a.b", "tot": "msg"}]),
            json!({"a": 1}),
            json!({"a": {"b": 1}}),
        );
        check(
            json!([{"t": "move", "p": "a.b", "to": "c", "tot": "msg"}]),
            json!({"a": {"b": 1}}),
            json!({"a": {}, "c": 1}),
        );
    }

    #[test]
    fn context() {
        let rules = json!([
            {"t": "set", "p": "count.n", "pt": "flow", "to": "payload", "tot": "msg"},
            {"t": "set", "p": "copy", "to": "#:(memory)::count.n", "tot": "flow"},
            {"t": "move", "p": "count", "pt": "flow", "to": "all", "tot": "global"},
            {"t": "set", "p": "x", "to": "$globalContext('all.n') + 1", "tot": "jsonata"}
        ]);
        let mut node = Bench::new(make, json!({ "rules": rules }));
        assert_eq!(
            node.receive(json!({"payload": 4})).sent(),
            json!([[0, {"payload": 4, "copy": 4, "x": 5}]])
        );
        assert_eq!((node.cx.flow().keys().len(), node.cx.global().keys()), (0, vec!["all".to_owned()]));
    }

    #[test]
    fn old_single_rule() {
        let mut node = Bench::new(make, json!({"action": "replace", "property": "payload", "to": "new"}));
        assert_eq!(node.receive(json!({"payload": 1})).payloads(), json!(["new"]));
        let config = json!({"action": "change", "property": "payload", "from": "a+", "to": "b", "reg": true});
        assert_eq!(Bench::new(make, config).receive(json!({"payload": "caat"})).payloads(), json!(["cbt"]));
    }

    #[test]
    fn faults() {
        assert!(make(&info(json!({"rules": [{"t": "set", "p": "a", "to": "{", "tot": "json"}]}))).is_err());
        let rule = json!({"t": "change", "p": "a", "from": "(", "fromt": "re"});
        let mut node = Bench::new(make, json!({"rules": [rule]}));
        assert!(node.errors()[0].starts_with("Invalid 'from' property: "));
        assert_eq!((node.receive(json!({})).errors().len(), node.sent()), (1, json!([])));
        let mut node =
            Bench::new(make, json!({"rules": [{"t": "set", "p": "a", "to": "1 + 'x'", "tot": "jsonata"}]}));
        node.receive(json!({"payload": 1}));
        assert_eq!((node.errors().len(), node.sent(), node.cx.dones.len()), (1, json!([]), 0));
    }
}
