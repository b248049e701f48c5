//! JSONata expressions over a message, with what Node-RED adds to them: `$flowContext`, `$globalContext`, `$env`, `$clone`.

use std::rc::Rc;

use indexmap::IndexMap;
use jsonata_core::Expression;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError, EvaluatorOptions};
use jsonata_core::value::JValue;
use route_chain::{Message, Object, Value};

use super::{coerce, context, property, random};
use crate::node::{Env, NodeCx, Scope, Store};

/// How long one evaluation may take: the engine has one thread.
const TIMEOUT_MS: u64 = 1_000;

/// A compiled expression.
pub(crate) struct Jsonata {
    expression: Expression,
    source: String,
    /// The expression is names with points between: no evaluator is needed while only objects lie on the way.
    path: Option<Vec<String>>,
    /// Old expressions begin at `msg`, new ones inside of it.
    legacy: bool,
    /// The expression may look at all of the message; else only what it names is handed over.
    whole: bool,
    extras: Extras,
}

/// What the functions of Node-RED look into.
pub(crate) struct Scopes {
    pub(crate) flow: Store,
    pub(crate) global: Store,
    pub(crate) env: Env,
}

/// Which of Node-RED's functions it calls.
struct Extras {
    flow: bool,
    global: bool,
    env: bool,
    clone: bool,
    random: bool,
}

impl std::fmt::Debug for Jsonata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Jsonata({})", self.source)
    }
}

fn options() -> EvaluatorOptions {
    EvaluatorOptions {
        timeout_ms: Some(TIMEOUT_MS),
        max_stack_depth: Some(500),
        ..EvaluatorOptions::default()
    }
}

impl Jsonata {
    /// Parses an expression.
    pub(crate) fn compile(source: &str) -> Result<Self, String> {
        let expression = Expression::compile_with_options(source, options()).map_err(|e| e.to_string())?;
        let has = |name: &str| source.contains(name);
        Ok(Self {
            expression,
            path: names(source),
            legacy: is_legacy(source),
            whole: sees_all(source),
            extras: Extras {
                flow: has("$flowContext"),
                global: has("$globalContext"),
                env: has("$env"),
                clone: has("$clone"),
                random: has("$random"),
            },
            source: source.to_owned(),
        })
    }

    /// Evaluates over the message; nothing found is undefined.
    pub(crate) fn eval(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<Value, String> {
        self.eval_with(&msg.to_value(), &[], cx)
    }

    /// Evaluates over any value, with variables.
    pub(crate) fn eval_with(
        &self,
        data: &Value,
        variables: &[(&str, Value)],
        cx: &mut NodeCx<'_>,
    ) -> Result<Value, String> {
        self.eval_in(data, variables, &mut || Scopes {
            flow: cx.context(Scope::Flow),
            global: cx.context(Scope::Global),
            env: cx.env(),
        })
    }

    /// As `eval_with`, for those who have no engine at hand; `scopes` is asked only when the expression needs it.
    pub(crate) fn eval_in(
        &self,
        data: &Value,
        variables: &[(&str, Value)],
        scopes: &mut dyn FnMut() -> Scopes,
    ) -> Result<Value, String> {
        if let (Some(path), Value::Object(object)) = (&self.path, data)
            && let Some(found) = straight(object, path)
        {
            return Ok(found);
        }
        let data = self.data(data);
        let fails = |e: EvaluatorError| match e.message().split_once(": ") {
            Some((_, text)) if e.code().is_some() => text.to_owned(),
            _ => e.message().to_owned(),
        };
        let Extras { flow, global, env, clone, random } = self.extras;
        if variables.is_empty() && !(flow || global || env || clone || random) {
            return self.expression.evaluate(&data).map(|v| from_jvalue(&v)).map_err(fails);
        }
        let mut bound = Context::new();
        for (name, value) in variables {
            bound.bind((*name).to_owned(), to_jvalue(value));
        }
        let mut evaluator = Evaluator::with_options(bound, options());
        self.register(&mut evaluator, scopes).map_err(fails)?;
        evaluator.evaluate(self.expression.ast(), &data).map(|v| from_jvalue(&v)).map_err(fails)
    }

    fn register(
        &self,
        evaluator: &mut Evaluator,
        scopes: &mut dyn FnMut() -> Scopes,
    ) -> Result<(), EvaluatorError> {
        if self.extras.flow || self.extras.global || self.extras.env {
            let Scopes { flow, global, env } = scopes();
            for (name, store) in [("flowContext", flow), ("globalContext", global)] {
                evaluator.register_fn(name, move |args: &[JValue]| Ok(look_up(&store, args)))?;
            }
            evaluator.register_fn("env", move |args: &[JValue]| {
                let value = args.first().and_then(JValue::as_str).and_then(|name| env.get(name));
                Ok(value.map_or_else(|| JValue::from(""), |value| to_jvalue(&value)))
            })?;
        }
        if self.extras.random {
            evaluator.register_fn_override("random", |_: &[JValue]| Ok(JValue::Number(random::unit())))?;
        }
        if self.extras.clone {
            evaluator.register_fn("clone", |args: &[JValue]| {
                Ok(args.first().cloned().unwrap_or(JValue::Undefined))
            })?;
        }
        Ok(())
    }

    /// What the expression is evaluated on.
    fn data(&self, data: &Value) -> JValue {
        let Value::Object(object) = data else { return to_jvalue(data) };
        let seen = |key: &str| self.whole || self.source.contains(key);
        let kept = object.iter().filter(|(key, v)| !hidden(v) && seen(key));
        let msg = JValue::object(kept.map(|(k, v)| (k.to_owned(), to_jvalue(v))).collect::<IndexMap<_, _>>());
        match self.legacy {
            true => JValue::object(IndexMap::from([("msg".to_owned(), msg)])),
            false => msg,
        }
    }
}

/// `a.b.c` as its names; `None` for anything more.
fn names(source: &str) -> Option<Vec<String>> {
    const WORDS: [&str; 8] = ["and", "or", "in", "true", "false", "null", "function", "msg"];
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let plain = |name: &&str| {
        name.starts_with(letter)
            && name.chars().all(|c| letter(c) || c.is_ascii_digit())
            && !WORDS.contains(name)
    };
    let names: Vec<&str> = source.trim().split('.').collect();
    names.iter().all(plain).then(|| names.into_iter().map(str::to_owned).collect())
}

/// The value at the end of a way through objects; `None`: a list or something that is no object lies on it.
fn straight(object: &Object, path: &[String]) -> Option<Value> {
    let (last, way) = path.split_last()?;
    let mut at = object;
    for name in way {
        match at.get(name) {
            None | Some(Value::Undefined) => return Some(Value::Undefined),
            Some(Value::Object(next)) => at = next,
            Some(_) => return None,
        }
    }
    Some(at.get(last).cloned().unwrap_or_default())
}

/// Whether an expression is of the kind that begins at `msg` (`_legacyMode` of `@node-red/util`).
fn is_legacy(source: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '\'' | '"');
    source.match_indices("msg").any(|(at, word)| {
        let before = source[..at].chars().next_back();
        let after = source[at + word.len()..].chars().next();
        before.is_none_or(|c| !inside(c)) && after.is_none_or(|c| !inside(c))
    })
}

/// Whether an expression may reach members of the message that it does not name: by `$` or `*`, or by a function that
/// looks at all that is around it.
fn sees_all(source: &str) -> bool {
    const WIDE: [&str; 10] = ["*", "%", "|", "()", "$each", "$sift", "$lookup", "$spread", "$eval", "$keys"];
    let is_name = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    source.match_indices('$').any(|(at, _)| !is_name(&source[at + 1..]))
        || WIDE.iter().any(|word| source.contains(word))
}

fn look_up(store: &Store, args: &[JValue]) -> JValue {
    let Some(key) = args.first().and_then(JValue::as_str).map(context::plain_key) else {
        return JValue::Undefined;
    };
    let store = context::named(store.clone(), key);
    match (store, property::parse(key.trim_start_matches("$parent."))) {
        (Some(store), Ok(path)) => to_jvalue(&context::read(&store, &path)),
        _ => JValue::Undefined,
    }
}

/// What JSONata cannot hold.
fn hidden(value: &Value) -> bool {
    matches!(value, Value::Undefined | Value::Opaque(_))
}

fn to_jvalue(value: &Value) -> JValue {
    match value {
        Value::Undefined | Value::Opaque(_) => JValue::Undefined,
        Value::Null => JValue::Null,
        Value::Bool(b) => JValue::Bool(*b),
        Value::Number(n) => JValue::Number(*n),
        Value::Text(s) => JValue::String(Rc::from(s.as_str())),
        Value::Bytes(b) => JValue::array(b.iter().map(|b| JValue::Number(f64::from(*b))).collect()),
        Value::Date(ms) => coerce::iso_date(*ms).map_or(JValue::Null, JValue::from),
        Value::List(items) => JValue::array(items.iter().map(to_jvalue).collect()),
        Value::Object(object) => {
            let kept = object.iter().filter(|(_, v)| !hidden(v));
            JValue::object(kept.map(|(k, v)| (k.to_owned(), to_jvalue(v))).collect::<IndexMap<_, _>>())
        }
    }
}

fn from_jvalue(value: &JValue) -> Value {
    match value {
        JValue::Null => Value::Null,
        JValue::Bool(b) => Value::Bool(*b),
        JValue::Number(n) => Value::Number(*n),
        JValue::String(s) => Value::text(s),
        JValue::Array(items) => Value::list(items.iter().map(from_jvalue).collect()),
        JValue::Object(_) => match value.as_object() {
            Some(map) => Value::object(map.iter().map(|(k, v)| (k, from_jvalue(v)))),
            None => Value::Undefined,
        },
        _ => Value::Undefined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testkit::Bench;
    use serde_json::{Value as Json, json};

    /// What an expression finds in a message.
    fn check(expression: &str, msg: Json, expected: Json) {
        let mut bench = Bench::with(crate::nodes::common::pass::make, json!({}), |cx| {
            cx.flow().set("f", Value::from_json(&json!({"x": 3})));
            cx.vars(&[("E", json!("env"))]);
        });
        let found =
            Jsonata::compile(expression).and_then(|e| e.eval(&Message::from_json(&msg), &mut bench.cx));
        let shown = found.map_or_else(|e| json!(e), |v| v.to_json().unwrap_or(json!("(undefined)")));
        assert_eq!(shown, expected, "{expression}");
    }

    #[test]
    fn expressions() {
        let items = json!({"payload": {"items": [{"name": "a", "price": 1}, {"name": "b", "price": 2}]}});
        check("payload.items[price > 1].name", items.clone(), json!("b"));
        check("payload.items.name", items, json!(["a", "b"]));
        check("$flowContext('f.x') + 1", json!({}), json!(4));
        check("$flowContext('#:(file)::f').x", json!({}), json!(3));
        check("$env('E') & $env('none') & '!'", json!({}), json!("env!"));
        check("($r := $random(); $r >= 0 and $r < 1)", json!({}), json!(true));
        check("$map(payload, function($v) { $v * 2 })", json!({"payload": [1, 2]}), json!([2, 4]));
        check("nothing", json!({"payload": 1}), json!("(undefined)"));
        check("payload.a", json!({"payload": {"a": [1]}}), json!([1]));
        check("$sum($.payload)", json!({"payload": [1, 2]}), json!(3));
        check("$keys($$)", json!({"payload": 1, "topic": 2}), json!(["payload", "topic"]));
        check("*", json!({"a": 1, "b": 2}), json!([1, 2]));
    }

    #[test]
    fn old_expressions_begin_at_msg() {
        check("msg.payload + 1", json!({"payload": 1}), json!(2));
        check("$.msg.topic", json!({"topic": "t"}), json!("t"));
        // Node-RED takes this for an old one, too, and finds nothing.
        check("payload.msg", json!({"payload": {"msg": 1}}), json!("(undefined)"));
        check("'msg' & payload", json!({"payload": 1}), json!("msg1"));
    }

    #[test]
    fn buffers_survive_a_plain_path() {
        check("payload.b", json!({"payload": {"b": {"type": "Buffer", "data": [7]}}}), {
            json!({"type": "Buffer", "data": [7]})
        });
    }

    #[test]
    fn endless_recursion_ends() {
        let mut bench = Bench::new(crate::nodes::common::pass::make, json!({}));
        let endless = Jsonata::compile("($f := function($n) { 1 + $f($n) }; $f(1))");
        assert!(endless.and_then(|e| e.eval(&Message::new(), &mut bench.cx)).is_err());
    }
}
