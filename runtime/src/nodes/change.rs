//! `change`: sets, replaces, deletes and moves properties of messages and context.

use regex::Regex;
use route_chain::{Message, Value};
use serde_json::Value as Json;

use super::convert::{self, Seg};
use super::typed::{self, Typed, bool_of, text_of};
use crate::node::{Level, Node, NodeCx, NodeInfo, Scope};

/// Where a rule writes.
struct Target {
    scope: Option<Scope>,
    path: Vec<Seg>,
}

enum Rule {
    Set(Target, Typed),
    Change(Target, From, Typed),
    Delete(Target),
    /// `two_steps`: the source is deleted before the target is set, so that a value can move below itself.
    Move {
        from: Target,
        to: Target,
        two_steps: bool,
    },
}

enum From {
    /// Text or a regular expression from the configuration, its type, and its words.
    Fixed { pattern: Regex, ty: String, text: String },
    /// Read for each message.
    Read(Typed),
}

struct Change {
    rules: Vec<Rule>,
}

/// Makes a `change` node.
pub fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let config = &info.config;
    let rules = match config.get("rules").and_then(Json::as_array) {
        Some(rules) => rules.iter().filter_map(Json::as_object).map(rule).collect::<Result<_, _>>()?,
        None => vec![rule(&old_form(config))?],
    };
    Ok(Box::new(Change { rules }))
}

type Config = serde_json::Map<String, Json>;

/// The single rule of early versions, as one of today.
fn old_form(config: &Config) -> Config {
    let of = |key: &str| Json::from(text_of(config, key));
    let action = text_of(config, "action");
    let mut rule = Config::new();
    let regex = bool_of(config, "reg").unwrap_or(true);
    rule.insert("t".into(), if action == "replace" { "set".into() } else { action.into() });
    rule.insert("p".into(), of("property"));
    rule.insert("from".into(), of("from"));
    rule.insert("fromt".into(), if regex { "re" } else { "str" }.into());
    rule.insert("to".into(), of("to"));
    rule
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.is_empty() { default } else { text }
}

fn target(ty: &str, path: &str) -> Result<Target, String> {
    let scope = match ty {
        "" | "msg" => return Ok(Target { scope: None, path: convert::parse_path(path)? }),
        "flow" => Scope::Flow,
        "global" => Scope::Global,
        _ => return Err(format!("a rule cannot write to `{ty}`")),
    };
    Ok(Target { scope: Some(scope), path: typed::context_key(path)? })
}

fn rule(config: &Config) -> Result<Rule, String> {
    let [t, p, pt, to_type] = ["t", "p", "pt", "tot"].map(|key| text_of(config, key));
    let at = target(&pt, &p)?;
    let to = || Typed::parse(or(&to_type, "str"), config.get("to").unwrap_or(&Json::Null));
    Ok(match t.as_str() {
        "set" => Rule::Set(at, to()?),
        "delete" => Rule::Delete(at),
        "change" => Rule::Change(at, from(config)?, to()?),
        "move" => {
            let (from_type, to_type) = (or(&pt, "msg"), or(&to_type, "msg"));
            let to = text_of(config, "to");
            let two_steps = from_type == to_type && !p.contains(&to);
            Rule::Move { from: at, to: target(to_type, &to)?, two_steps }
        }
        _ => return Err(format!("unknown rule `{t}`")),
    })
}

fn from(config: &Config) -> Result<From, String> {
    let (text, ty) = (text_of(config, "from"), text_of(config, "fromt"));
    if matches!(ty.as_str(), "msg" | "flow" | "global" | "env") {
        return Ok(From::Read(Typed::parse(&ty, &text.into())?));
    }
    let is_regex = ty == "re" || (ty.is_empty() && bool_of(config, "re") == Some(true));
    let source = if is_regex { text.clone() } else { regex::escape(&text) };
    let pattern = Regex::new(&source).map_err(|e| format!("invalid regular expression `{text}`: {e}"))?;
    let ty = if is_regex { "re" } else { or(&ty, "str") }.to_owned();
    Ok(From::Fixed { pattern, ty, text })
}

impl Target {
    fn read(&self, msg: &Message, cx: &NodeCx<'_>) -> Value {
        match self.scope {
            None => convert::get_path(msg.root(), &self.path).unwrap_or_default(),
            Some(scope) => typed::context_get(cx, scope, &convert::resolve_path(&self.path, msg.root())),
        }
    }

    fn write(&self, msg: &mut Message, value: Value, cx: &mut NodeCx<'_>) {
        let done = match self.scope {
            None => convert::set_path(msg.root_mut(), &self.path, value),
            Some(scope) => {
                typed::context_set(cx, scope, &convert::resolve_path(&self.path, msg.root()), value)
            }
        };
        if !done {
            cx.log(Level::Warn, "cannot set a property of something that is no object");
        }
    }
}

impl Rule {
    fn apply(&self, msg: &mut Message, cx: &mut NodeCx<'_>) -> Result<(), String> {
        match self {
            Rule::Set(at, to) => {
                let value = to.eval(msg, cx)?;
                at.write(msg, value, cx);
            }
            Rule::Delete(at) => at.write(msg, Value::Undefined, cx),
            Rule::Move { from, to, two_steps } => {
                let value = from.read(msg, cx);
                if *two_steps {
                    from.write(msg, Value::Undefined, cx);
                    to.write(msg, value, cx);
                } else {
                    to.write(msg, value, cx);
                    from.write(msg, Value::Undefined, cx);
                }
            }
            Rule::Change(at, from, to) => {
                let value = to.eval(msg, cx)?;
                let current = at.read(msg, cx);
                let changed = match from {
                    From::Fixed { pattern, ty, text } => replaced(&current, pattern, ty, text, value),
                    From::Read(typed) => {
                        let (ty, wanted) = match typed.eval(msg, cx)? {
                            Value::Number(n) => ("num", convert::number_text(n)),
                            Value::Bool(b) => ("bool", b.to_string()),
                            Value::Text(s) => ("str", s.to_string()),
                            _ => {
                                return Err("what to look for is neither text, number nor boolean".to_owned());
                            }
                        };
                        let pattern = Regex::new(&regex::escape(&wanted)).map_err(|e| e.to_string())?;
                        replaced(&current, &pattern, ty, &wanted, value)
                    }
                };
                if let Some(value) = changed {
                    at.write(msg, value, cx);
                }
            }
        }
        Ok(())
    }
}

/// What a `change` rule makes of a value; `None`: it stays.
fn replaced(current: &Value, pattern: &Regex, ty: &str, text: &str, to: Value) -> Option<Value> {
    match current {
        // A whole match takes the type of what replaces it.
        Value::Text(s) if matches!(ty, "num" | "bool" | "str") && s.as_str() == text => Some(to),
        Value::Text(s) => Some(Value::text(replace_all(pattern, s, &convert::to_text(&to)))),
        Value::Number(n) if ty == "num" => (*n == convert::text_to_number(text)).then_some(to),
        Value::Bool(b) if ty == "bool" => (b.to_string() == text).then_some(to),
        _ => None,
    }
}

/// `text.replace(/pattern/g, to)`: `$1`, `$&`, `` $` ``, `$'`, `$<name>` and `$$` as JavaScript has them.
fn replace_all(pattern: &Regex, text: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        out += &text[last..whole.start()];
        last = whole.end();
        expand(to, text, &found, whole, &mut out);
    }
    out + &text[last..]
}

fn expand(to: &str, text: &str, found: &regex::Captures<'_>, whole: regex::Match<'_>, out: &mut String) {
    let mut rest = to;
    while let Some(at) = rest.find('$') {
        *out += &rest[..at];
        let after = &rest[at + 1..];
        let group = |digits: usize| {
            let n: usize = after.get(..digits)?.parse().ok()?;
            (n > 0 && n < found.len()).then(|| (found.get(n).map_or("", |m| m.as_str()), digits))
        };
        let named = || {
            let name = &after.strip_prefix('<')?;
            let end = name.find('>')?;
            Some((found.name(&name[..end]).map_or("", |m| m.as_str()), end + 2))
        };
        let simple = || {
            Some(match after.chars().next()? {
                '$' => ("$", 1),
                '&' => (whole.as_str(), 1),
                '`' => (&text[..whole.start()], 1),
                '\'' => (&text[whole.end()..], 1),
                _ => return None,
            })
        };
        let (with, taken) =
            simple().or_else(|| group(2)).or_else(|| group(1)).or_else(named).unwrap_or(("$", 0));
        *out += with;
        rest = &after[taken..];
    }
    *out += rest;
}

impl Node for Change {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        for rule in &self.rules {
            if let Err(fault) = rule.apply(&mut msg, cx) {
                return cx.error(&fault, Some(&msg));
            }
        }
        cx.send(0, msg.clone());
        cx.done(&msg);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{Bench, info};
    use super::*;
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
        assert_eq!(node.cx.context.len(), 1);
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
        assert!(
            make(&info(json!({"rules": [{"t": "change", "p": "a", "from": "(", "fromt": "re"}]}))).is_err()
        );
        let mut node =
            Bench::new(make, json!({"rules": [{"t": "set", "p": "a", "to": "1 + 'x'", "tot": "jsonata"}]}));
        node.receive(json!({"payload": 1}));
        assert_eq!((node.errors().len(), node.sent(), node.cx.dones.len()), (1, json!([]), 0));
    }
}
