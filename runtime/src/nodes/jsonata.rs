//! JSONata expressions over a message, with `$flowContext`, `$globalContext` and `$env`.

use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;
use jsonata_core::Expression;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorOptions};
use jsonata_core::value::JValue;
use route_chain::{Message, Value};

use super::convert::{self, Seg};
use super::typed;
use crate::node::{NodeCx, Scope};

/// How long one evaluation may take: the engine has one thread.
const TIMEOUT_MS: u64 = 1_000;

/// A compiled expression.
pub struct Jsonata {
    expression: Expression,
    flow: bool,
    global: bool,
    random: bool,
    env: Option<Vec<String>>,
}

impl std::fmt::Debug for Jsonata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Jsonata")
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
    pub fn compile(source: &str) -> Result<Self, String> {
        let expression = Expression::compile_with_options(source, options())
            .map_err(|e| format!("invalid JSONata expression `{source}`: {e}"))?;
        Ok(Self {
            expression,
            flow: source.contains("$flowContext"),
            global: source.contains("$globalContext"),
            random: source.contains("$random"),
            env: source.contains("$env").then(|| string_literals(source)),
        })
    }

    /// Evaluates over the message; nothing found is `Undefined`.
    pub fn eval(&self, msg: &Message, cx: &NodeCx<'_>) -> Result<Value, String> {
        let data = to_jvalue(&msg.to_value());
        let fails = |e: jsonata_core::evaluator::EvaluatorError| format!("JSONata: {e}");
        if !self.flow && !self.global && !self.random && self.env.is_none() {
            return self.expression.evaluate(&data).map(|v| from_jvalue(&v)).map_err(fails);
        }
        let mut evaluator = Evaluator::with_options(Context::new(), options());
        for (wanted, name, scope) in
            [(self.flow, "flowContext", Scope::Flow), (self.global, "globalContext", Scope::Global)]
        {
            if wanted {
                let store = snapshot(cx, scope);
                evaluator
                    .register_fn(name, move |args: &[JValue]| Ok(look_up(&store, args)))
                    .map_err(fails)?;
            }
        }
        if self.random {
            evaluator
                .register_fn_override("random", |_: &[JValue]| Ok(JValue::Number(random())))
                .map_err(fails)?;
        }
        if let Some(names) = &self.env {
            let known: HashMap<String, JValue> =
                names.iter().filter_map(|n| Some((n.clone(), to_jvalue(&cx.env(n)?)))).collect();
            let find = move |args: &[JValue]| {
                let name = args.first().and_then(JValue::as_str).unwrap_or_default();
                Ok(known.get(name).cloned().unwrap_or_else(|| JValue::from("")))
            };
            evaluator.register_fn("env", find).map_err(fails)?;
        }
        evaluator.evaluate(self.expression.ast(), &data).map(|v| from_jvalue(&v)).map_err(fails)
    }
}

/// At least 0, less than 1: the hasher's keys differ each time.
fn random() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let bits = std::collections::hash_map::RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

/// Host functions outlive the borrow of the engine, so they read a snapshot: values are shared, not copied, and
/// nothing else runs while an expression does.
fn snapshot(cx: &NodeCx<'_>, scope: Scope) -> route_chain::Object {
    cx.context_keys(scope).into_iter().map(|key| (key.clone(), cx.context_get(scope, &key))).collect()
}

fn look_up(store: &route_chain::Object, args: &[JValue]) -> JValue {
    let path: Vec<Seg> = match args.first().and_then(JValue::as_str).map(typed::context_key) {
        Some(Ok(path)) => path,
        _ => return JValue::Undefined,
    };
    convert::get_path(store, &path).map_or(JValue::Undefined, |v| to_jvalue(&v))
}

/// Texts in quotes: the names that an expression can ask `$env` for.
pub(crate) fn string_literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if !matches!(c, '"' | '\'' | '`') {
            continue;
        }
        let mut text = String::new();
        while let Some(next) = chars.next().filter(|n| *n != c) {
            text.push(if next == '\\' { chars.next().unwrap_or(next) } else { next });
        }
        found.push(text);
    }
    found
}

fn to_jvalue(value: &Value) -> JValue {
    match value {
        Value::Undefined | Value::Opaque(_) => JValue::Undefined,
        Value::Null => JValue::Null,
        Value::Bool(b) => JValue::Bool(*b),
        Value::Number(n) => JValue::Number(*n),
        Value::Text(s) => JValue::String(Rc::from(s.as_str())),
        Value::Bytes(b) => JValue::array(b.iter().map(|b| JValue::Number(f64::from(*b))).collect()),
        Value::Date(ms) => convert::iso_date(*ms).map_or(JValue::Null, JValue::from),
        Value::List(items) => JValue::array(items.iter().map(to_jvalue).collect()),
        Value::Object(object) => {
            let kept = object.iter().filter(|(_, v)| !matches!(v, Value::Undefined | Value::Opaque(_)));
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
    #![allow(clippy::unwrap_used)]
    use super::super::testkit::Bench;
    use serde_json::{Value as Json, json};

    /// What an expression finds in a message.
    fn check(expression: &str, msg: Json, expected: Json) {
        let rules = json!([{"t": "set", "p": "payload", "to": expression, "tot": "jsonata"}]);
        let mut node = Bench::with(super::super::change::make, json!({ "rules": rules }), |cx| {
            cx.context.push((
                crate::node::Scope::Flow,
                "f".into(),
                super::Value::object([("x", super::Value::Number(3.0))]),
            ));
            cx.env.insert("E".into(), super::Value::text("env"));
        });
        assert_eq!(node.receive(msg).payloads(), json!([expected]), "{:?}", node.errors());
    }

    #[test]
    fn expressions() {
        check(
            "payload.items[price > 1].name",
            json!({"payload": {"items": [{"name": "a", "price": 1}, {"name": "b", "price": 2}]}}),
            json!("b"),
        );
        check("$flowContext('f.x') + 1", json!({}), json!(4));
        check("$env('E') & '!'", json!({}), json!("env!"));
        check("($r := $random(); $r >= 0 and $r < 1)", json!({}), json!(true));
        check("$map(payload, function($v) { $v * 2 })", json!({"payload": [1, 2]}), json!([2, 4]));
        check("nothing", json!({"payload": 1}), json!("(none)"));
    }

    #[test]
    fn endless_recursion_ends() {
        let rules = json!([{"t": "set", "p": "payload", "to": "($f := function($n) { 1 + $f($n) }; $f(1))", "tot": "jsonata"}]);
        let mut node = Bench::new(super::super::change::make, json!({ "rules": rules }));
        assert_eq!(node.receive(json!({})).errors().len(), 1);
    }
}
