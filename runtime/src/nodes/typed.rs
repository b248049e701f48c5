//! Typed inputs: what a node's configuration means by a value and a type, such as `msg` `payload.a` or `num` `3`.

use route_chain::{Message, Object, Value};

use super::convert::{self, Seg};
use super::jsonata::Jsonata;
use crate::node::{NodeCx, Scope};

/// A value to be worked out for a message.
#[derive(Debug)]
pub enum Typed {
    /// Always the same.
    Const(Value),
    /// A property of the message.
    Msg(Vec<Seg>),
    /// A property of a context store.
    Context(Scope, Vec<Seg>),
    /// An environment variable, or text with `${…}` in it.
    Env(String),
    /// Now, in milliseconds.
    Millis,
    /// Now, as a Date.
    Date,
    /// Now, as ISO text.
    Iso,
    /// An expression over the message.
    Jsonata(Box<Jsonata>),
}

impl Typed {
    /// Reads a value and its type. Unknown types, numbers that are none and JSON that does not parse are errors.
    pub fn parse(ty: &str, value: &serde_json::Value) -> Result<Self, String> {
        let text = plain_text(value);
        Ok(match ty {
            "str" | "string" | "re" | "none" => Typed::Const(Value::text(&text)),
            "num" => match value {
                serde_json::Value::Number(_) => Typed::Const(convert::from_json(value)),
                _ => Typed::Const(Value::Number(convert::text_to_number(&text))),
            },
            "bool" => Typed::Const(Value::Bool(text.eq_ignore_ascii_case("true"))),
            "null" => Typed::Const(Value::Null),
            "json" => Typed::Const(json(value, &text)?),
            "bin" => Typed::Const(bin(value, &text)?),
            "date" => match text.as_str() {
                "object" => Typed::Date,
                "iso" => Typed::Iso,
                _ => Typed::Millis,
            },
            "msg" => Typed::Msg(convert::parse_path(&text)?),
            "flow" => Typed::Context(Scope::Flow, context_key(&text)?),
            "global" => Typed::Context(Scope::Global, context_key(&text)?),
            "node" => Typed::Context(Scope::Node, context_key(&text)?),
            "env" => Typed::Env(text),
            "jsonata" => Typed::Jsonata(Box::new(Jsonata::compile(&text)?)),
            _ => return Err(format!("unknown type of value `{ty}`")),
        })
    }

    /// The value for a message; `Undefined` when there is none.
    pub fn eval(&self, msg: &Message, cx: &NodeCx<'_>) -> Result<Value, String> {
        Ok(match self {
            Typed::Const(value) => value.clone(),
            Typed::Msg(path) => convert::get_path(msg.root(), path).unwrap_or_default(),
            Typed::Context(scope, path) => context_get(cx, *scope, &convert::resolve_path(path, msg.root())),
            Typed::Env(text) => env(cx, text),
            Typed::Millis => Value::Number(cx.now_ms().floor()),
            Typed::Date => Value::Date(cx.now_ms().floor()),
            Typed::Iso => convert::iso_date(cx.now_ms()).map_or(Value::Undefined, Value::text),
            Typed::Jsonata(expression) => expression.eval(msg, cx)?,
        })
    }
}

/// A property of the configuration as text: numbers and booleans as JavaScript prints them, absent as empty.
pub fn plain_text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(s) => s.clone(),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => value.to_string(),
        other => convert::to_text(&convert::from_json(other)),
    }
}

/// A property of a node's configuration as text; empty when absent.
pub fn text_of(config: &serde_json::Map<String, serde_json::Value>, key: &str) -> String {
    config.get(key).map(plain_text).unwrap_or_default()
}

/// A property that is a boolean or its text; `None` when absent or something else.
pub fn bool_of(config: &serde_json::Map<String, serde_json::Value>, key: &str) -> Option<bool> {
    match config.get(key)? {
        serde_json::Value::Bool(b) => Some(*b),
        serde_json::Value::String(s) if s == "true" => Some(true),
        serde_json::Value::String(s) if s == "false" => Some(false),
        _ => None,
    }
}

fn json(value: &serde_json::Value, text: &str) -> Result<Value, String> {
    if !value.is_string() {
        return Ok(convert::from_json(value));
    }
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|e| format!("invalid JSON `{text}`: {e}"))?;
    Ok(convert::from_json(&json))
}

fn bin(value: &serde_json::Value, text: &str) -> Result<Value, String> {
    Ok(match json(value, text)? {
        Value::List(items) => Value::bytes(
            items.iter().map(|v| convert::to_number(v).rem_euclid(256.0) as u8).collect::<Vec<_>>(),
        ),
        Value::Text(s) => Value::bytes(s.as_bytes()),
        _ => return Err(format!("a buffer is a JSON list or text, not `{text}`")),
    })
}

/// A context key without its store: `#:(file)::count` is `count`.
pub fn context_key(text: &str) -> Result<Vec<Seg>, String> {
    let key = text.strip_prefix("#:(").and_then(|rest| rest.split_once(")::")).map_or(text, |(_, key)| key);
    convert::parse_path(key)
}

/// Reads a path of a context store.
pub fn context_get(cx: &NodeCx<'_>, scope: Scope, path: &[Seg]) -> Value {
    let Some((Seg::Key(first), rest)) = path.split_first() else { return Value::Undefined };
    let value = cx.context_get(scope, first);
    if rest.is_empty() {
        return value;
    }
    let root: Object = [(first, value)].into_iter().collect();
    convert::get_path(&root, path).unwrap_or_default()
}

/// Writes a path of a context store; `Undefined` removes. False: something on the way is neither object nor list.
pub fn context_set(cx: &mut NodeCx<'_>, scope: Scope, path: &[Seg], value: Value) -> bool {
    let Some((Seg::Key(first), rest)) = path.split_first() else { return false };
    if rest.is_empty() {
        cx.context_set(scope, first, value);
        return true;
    }
    let mut root: Object = [(first, cx.context_get(scope, first))].into_iter().collect();
    let done = convert::set_path(&mut root, path, value);
    if done {
        cx.context_set(scope, first, root.remove(first).unwrap_or_default());
    }
    done
}

fn env(cx: &NodeCx<'_>, text: &str) -> Value {
    let Some(start) = text.find("${") else { return cx.env(text).unwrap_or_else(|| Value::text("")) };
    let whole = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).filter(|name| !name.contains('}'));
    if let Some(name) = whole {
        return cx.env(name).unwrap_or_else(|| Value::text(""));
    }
    let (mut out, mut rest) = (text[..start].to_owned(), &text[start..]);
    while let Some((name, after)) = rest.strip_prefix("${").and_then(|r| r.split_once('}')) {
        out += &cx.env(name).map(|v| convert::to_text(&v)).unwrap_or_default();
        let next = after.find("${").unwrap_or(after.len());
        out += &after[..next];
        rest = &after[next..];
    }
    out += rest;
    Value::text(out)
}
