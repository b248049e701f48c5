//! Typed inputs: what a node's configuration means by a value and a type, such as `msg` `payload.a` or `num` `3`
//! (`evaluateNodeProperty` of `@node-red/util`).

use route_chain::{Message, Value};
use serde_json::Value as Json;

use super::coerce;
use super::context::ContextPath;
use super::jsonata::Jsonata;
use super::moment;
use super::property::Path;
use super::props::plain_text;
use crate::node::{Env, NodeCx, Scope};

/// A value to be worked out for a message.
#[derive(Debug)]
pub(crate) enum Typed {
    /// Always the same.
    Const(Value),
    /// A property of the message.
    Msg(Path),
    /// A property of a context store.
    Context(ContextPath),
    /// An environment variable, or text with `${…}` in it.
    Env(String),
    /// Now, in milliseconds.
    Millis,
    /// Now, as a Date.
    Date,
    /// Now, as ISO text.
    Iso,
    /// Now, in the tokens of Moment.js.
    Format(String),
    /// An expression over the message.
    Jsonata(Box<Jsonata>),
    /// It never works: why.
    Fault(String),
}

impl Typed {
    /// Reads a value and its type. An expression that does not parse is an error; JSON that does not parse is one when it
    /// is used, as in Node-RED. A type that nobody knows leaves the value as it is.
    pub(crate) fn parse(ty: &str, value: &Json) -> Result<Self, String> {
        let text = plain_text(value);
        Ok(match ty {
            "str" => Typed::Const(Value::text(&text)),
            "num" => Typed::Const(Value::Number(coerce::to_number(&Value::from_json(value)))),
            "bool" => Typed::Const(Value::Bool(text.eq_ignore_ascii_case("true"))),
            "json" => of(json(&text)),
            "bin" => of(bin(&text)),
            "date" => match text.as_str() {
                "" => Typed::Millis,
                "object" => Typed::Date,
                "iso" => Typed::Iso,
                _ => Typed::Format(text),
            },
            "msg" => Typed::Msg(Path::new(&text)),
            "flow" => Typed::Context(ContextPath::new(Scope::Flow, &text)),
            "global" => Typed::Context(ContextPath::new(Scope::Global, &text)),
            "env" => Typed::Env(text),
            "jsonata" => Typed::Jsonata(Box::new(Jsonata::compile(&text)?)),
            _ => Typed::Const(Value::from_json(value)),
        })
    }

    /// The value for a message; undefined when there is none.
    pub(crate) fn eval(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<Value, String> {
        Ok(match self {
            Typed::Const(value) => value.clone(),
            Typed::Msg(path) => path.get(msg).map_err(|fault| fault.to_string())?,
            Typed::Context(path) => path.get(msg, cx).map_err(|fault| fault.to_string())?,
            Typed::Env(text) => env(&cx.env(), text),
            Typed::Millis => Value::Number(cx.now_ms().floor()),
            Typed::Date => Value::Date(cx.now_ms().floor()),
            Typed::Iso => coerce::iso_date(cx.now_ms()).map_or(Value::Undefined, Value::text),
            Typed::Format(format) => Value::text(moment::format(cx.now_ms(), format)),
            Typed::Jsonata(expression) => expression.eval(msg, cx)?,
            Typed::Fault(why) => return Err(why.clone()),
        })
    }
}

fn of(read: Result<Value, String>) -> Typed {
    read.map_or_else(Typed::Fault, Typed::Const)
}

/// `JSON.parse(text)`; what is wrong is worded as V8 words it.
pub(crate) fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|e| {
        if e.is_eof() {
            return "Unexpected end of JSON input".to_owned();
        }
        let line = text.split_inclusive('\n').take(e.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let at = (line + e.column().saturating_sub(1)).min(text.len());
        match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(c) => format!("Unexpected token '{c}', {} is not valid JSON", around(text, at)),
            None => e.to_string(),
        }
    })
}

/// A short text in quotes, or what stands around a place of a long one.
fn around(text: &str, at: usize) -> String {
    const CONTEXT: usize = 10;
    if text.chars().count() <= 40 {
        return format!("\"{text}\"");
    }
    let before: Vec<char> = text[..at].chars().rev().take(CONTEXT).collect();
    let after: String = text[at..].chars().take(CONTEXT).collect();
    let begin = if before.len() < CONTEXT { "" } else { "..." };
    let end = if after.chars().count() < CONTEXT { "" } else { "..." };
    format!("{begin}\"{}{after}\"{end}", before.iter().rev().collect::<String>())
}

/// `Buffer.from(JSON.parse(text))`
pub(crate) fn bin(text: &str) -> Result<Value, String> {
    match json(text)? {
        Value::List(items) => Ok(Value::bytes(items.iter().map(byte).collect::<Vec<_>>())),
        Value::Text(s) => Ok(Value::bytes(s.as_bytes())),
        _ => Err("Not string or array".to_owned()),
    }
}

/// A number as a byte, as `Uint8Array` takes it.
pub(crate) fn byte(value: &Value) -> u8 {
    let n = coerce::to_number(value);
    if n.is_finite() { n.trunc().rem_euclid(256.0) as u8 } else { 0 }
}

/// `NAME`, `${NAME}`, or text with several `${NAME}` in it; what is not there is an empty text.
pub(crate) fn env(env: &Env, text: &str) -> Value {
    let nothing = || Value::text("");
    let whole = text.strip_prefix("${").and_then(|t| t.strip_suffix('}'));
    if let Some(name) = whole.filter(|name| !name.is_empty() && !name.contains('}')) {
        return env.get(name).unwrap_or_else(nothing);
    }
    // `${` needs something else than white space and an end after it to be a place to fill.
    let filled = text.find("${").is_some_and(|at| {
        text[at + 2..].find('}').is_some_and(|end| end > 0 && !text[at + 2..at + 2 + end].starts_with(' '))
    });
    if !filled {
        return env.get(text).unwrap_or_else(nothing);
    }
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        out += before;
        match after.split_once('}').filter(|(name, _)| !name.is_empty()) {
            Some((name, after)) => {
                out += &env.get(name).map(|v| coerce::to_text(&v)).unwrap_or_default();
                rest = after;
            }
            None => {
                out += "${";
                rest = after;
            }
        }
    }
    Value::text(out + rest)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::rc::Rc;

    use super::*;
    use crate::nodes::testkit::{Bench, info};
    use serde_json::json;

    /// What a typed input is, for a message.
    fn is(ty: &str, value: Json, expected: Json) {
        let mut bench = Bench::with(crate::nodes::common::pass::make, json!({}), |cx| {
            cx.flow().set("a", Value::from_json(&json!({"b": [1, 2]})));
            cx.vars(&[("HOST", json!("h")), ("N", json!(5))]);
        });
        let msg = Message::from_json(&json!({"payload": {"x": 1}, "at": 1}));
        let made = Typed::parse(ty, &value).and_then(|typed| typed.eval(&msg, &mut bench.cx));
        let shown = made
            .map_or_else(|e| json!(format!("error: {e}")), |v| v.to_json().unwrap_or(json!("(undefined)")));
        assert_eq!(shown, expected, "{ty} {value}");
    }

    #[test]
    fn of_every_type() {
        is("str", json!(5), json!("5"));
        is("num", json!("0x10"), json!(16));
        is("num", json!(""), json!(0));
        is("bool", json!("TRUE"), json!(true));
        is("bool", json!("1"), json!(false));
        is("json", json!("{\"a\":[1]}"), json!({"a": [1]}));
        is("bin", json!("[1,257]"), json!({"type": "Buffer", "data": [1, 1]}));
        is("bin", json!("\"é\""), json!({"type": "Buffer", "data": [195, 169]}));
        is("bin", json!("5"), json!("error: Not string or array"));
        is("date", json!(""), json!(1_700_000_000_000_u64));
        is("date", json!("iso"), json!("2023-11-14T22:13:20.000Z"));
        is("date", json!("object"), json!("2023-11-14T22:13:20.000Z"));
        is("msg", json!("payload.x"), json!(1));
        is("msg", json!("none"), json!("(undefined)"));
        is("msg", json!("none.x"), json!("error: Cannot read properties of undefined (reading 'x')"));
        is("flow", json!("a.b[msg.at]"), json!(2));
        is("flow", json!("#:(file)::a.b[0]"), json!(1));
        is("global", json!("a"), json!("(undefined)"));
        is("jsonata", json!("payload.x + 1"), json!(2));
        is("other", json!({"k": 1}), json!({"k": 1}));
    }

    #[test]
    fn environment() {
        is("env", json!("HOST"), json!("h"));
        is("env", json!("${N}"), json!(5));
        is("env", json!("a${HOST}b${N}${none}"), json!("ahb5"));
        is("env", json!("NOT_THERE_AT_ALL"), json!(""));
        let env = Env::new(Rc::new(info(json!({"name": "me"}))), HashMap::new());
        assert_eq!(env.get("NR_NODE_NAME").and_then(|v| v.as_text().map(str::to_owned)), Some("me".into()));
    }
}
