//! Values as JSON, as JavaScript would print, compare and coerce them.

use route_chain::{Object, Value};

/// A value from JSON.
pub fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => Value::Number(n.as_f64().unwrap_or(f64::NAN)),
        serde_json::Value::String(s) => Value::text(s),
        serde_json::Value::Array(items) => Value::list(items.iter().map(from_json).collect()),
        serde_json::Value::Object(map) => Value::object(map.iter().map(|(k, v)| (k, from_json(v)))),
    }
}

/// The value as `JSON.stringify` writes it: no undefined keys, NaN as null, dates as ISO text, buffers as
/// `{"type":"Buffer","data":[…]}`. Live handles become their label.
pub fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Undefined | Value::Null => serde_json::Value::Null,
        Value::Bool(b) => (*b).into(),
        Value::Number(n) => number_to_json(*n),
        Value::Text(s) => s.as_str().into(),
        Value::Bytes(b) => serde_json::json!({"type": "Buffer", "data": b.as_slice()}),
        Value::Date(ms) => iso_date(*ms).map_or(serde_json::Value::Null, Into::into),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Object(object) => serde_json::Value::Object(
            object
                .iter()
                .filter(|(_, v)| !matches!(v, Value::Undefined))
                .map(|(k, v)| (k.to_owned(), to_json(v)))
                .collect(),
        ),
        Value::Opaque(o) => format!("[{}]", o.label).into(),
    }
}

/// The largest double below which every whole number is exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn number_to_json(n: f64) -> serde_json::Value {
    if n.fract() == 0.0 && n.abs() < EXACT {
        (n as i64).into()
    } else {
        serde_json::Number::from_f64(n).map_or(serde_json::Value::Null, serde_json::Value::Number)
    }
}

/// `new Date(ms).toISOString()`; `None` for an invalid date.
pub fn iso_date(ms: f64) -> Option<String> {
    if !ms.is_finite() {
        return None;
    }
    let at = jiff::Timestamp::from_millisecond(ms as i64).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// `String(n)`
pub fn number_text(n: f64) -> String {
    if n.is_nan() {
        return "NaN".to_owned();
    }
    if n.is_infinite() {
        return if n > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if n == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&n.abs()) {
        return format!("{n}");
    }
    let text = format!("{n:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent}"),
        _ => text,
    }
}

/// `String(value)`
pub fn to_text(value: &Value) -> String {
    match value {
        Value::Undefined => "undefined".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => number_text(*n),
        Value::Text(s) => s.to_string(),
        Value::Bytes(b) => String::from_utf8_lossy(b).into_owned(),
        Value::Date(ms) => iso_date(*ms).unwrap_or_else(|| "Invalid Date".to_owned()),
        Value::List(items) => {
            let parts = items.iter().map(|v| match v {
                Value::Undefined | Value::Null => String::new(),
                other => to_text(other),
            });
            parts.collect::<Vec<_>>().join(",")
        }
        Value::Object(_) | Value::Opaque(_) => "[object Object]".to_owned(),
    }
}

/// `Number(value)`
pub fn to_number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Bool(b) => f64::from(u8::from(*b)),
        Value::Number(n) | Value::Date(n) => *n,
        Value::Text(s) => text_to_number(s),
        Value::Bytes(_) | Value::List(_) => text_to_number(&to_text(value)),
        Value::Undefined | Value::Object(_) | Value::Opaque(_) => f64::NAN,
    }
}

/// `Number(text)`
pub fn text_to_number(text: &str) -> f64 {
    let s = text.trim();
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).map_or(f64::NAN, |n| n as f64);
    match s {
        "" => 0.0,
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ => match s.get(..2) {
            Some("0x" | "0X") => radix(&s[2..], 16),
            Some("0b" | "0B") => radix(&s[2..], 2),
            Some("0o" | "0O") => radix(&s[2..], 8),
            _ if s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) => {
                s.parse().unwrap_or(f64::NAN)
            }
            _ => f64::NAN,
        },
    }
}

/// Whether JavaScript takes the value for true.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Undefined | Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => *n != 0.0 && !n.is_nan(),
        Value::Text(s) => !s.is_empty(),
        _ => true,
    }
}

/// `a == b`
pub fn loose_eq(a: &Value, b: &Value) -> bool {
    use Value::{Bool, Null, Number, Text, Undefined};
    match (a, b) {
        (Undefined | Null, Undefined | Null) => true,
        (Undefined | Null, _) | (_, Undefined | Null) => false,
        (Text(x), Text(y)) => x == y,
        (Number(_) | Bool(_) | Text(_), Number(_) | Bool(_) | Text(_)) => to_number(a) == to_number(b),
        (Text(x), other) | (other, Text(x)) => x.as_str() == to_text(other),
        (Number(_) | Bool(_), other) | (other, Number(_) | Bool(_)) => {
            to_number(a) == to_number(b) && is_primitive_like(other)
        }
        _ => same(a, b),
    }
}

/// `a === b`
pub fn strict_eq(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Undefined, Value::Undefined) | (Value::Null, Value::Null) => true,
        (Value::Bool(x), Value::Bool(y)) => x == y,
        (Value::Number(x), Value::Number(y)) => x == y,
        (Value::Text(x), Value::Text(y)) => x == y,
        _ => same(a, b),
    }
}

fn is_primitive_like(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Date(_) | Value::Bytes(_))
}

/// Objects are equal when they are the same one.
fn same(a: &Value, b: &Value) -> bool {
    use std::sync::Arc;
    match (a, b) {
        (Value::List(x), Value::List(y)) => Arc::ptr_eq(x, y),
        (Value::Object(x), Value::Object(y)) => Arc::ptr_eq(x, y),
        (Value::Bytes(x), Value::Bytes(y)) => Arc::ptr_eq(x, y),
        (Value::Opaque(x), Value::Opaque(y)) => Arc::ptr_eq(x, y),
        _ => false,
    }
}

/// `a < b` and the like; `None` when they do not compare (NaN).
pub fn compare(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Value::Text(x), Value::Text(y)) => Some(x.encode_utf16().cmp(y.encode_utf16())),
        _ => to_number(a).partial_cmp(&to_number(b)),
    }
}

/// A step of a property path.
#[derive(Clone, Debug, PartialEq)]
pub enum Seg {
    /// `.key` or `["key"]`
    Key(String),
    /// `[0]`
    Index(usize),
    /// `[msg.other]`: the key is read from the message.
    Nested(Vec<Seg>),
}

/// Reads a property expression as Node-RED's `normalisePropertyExpression` does: `payload.a[0]["b c"][msg.topic]`.
pub fn parse_path(text: &str) -> Result<Vec<Seg>, String> {
    let bad = || format!("invalid property expression: `{text}`");
    let mut segs = Vec::new();
    let mut rest = text;
    let mut first = true;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let quote = inner.chars().next().filter(|c| *c == '"' || *c == '\'');
            let (seg, after) = if let Some(q) = quote {
                let end = inner[1..].find(q).ok_or_else(bad)? + 1;
                (Seg::Key(inner[1..end].to_owned()), inner[end + 1..].strip_prefix(']').ok_or_else(bad)?)
            } else {
                let end = closing(inner).ok_or_else(bad)?;
                (bracket(&inner[..end]).ok_or_else(bad)?, &inner[end + 1..])
            };
            segs.push(seg);
            rest = after;
        } else {
            let start = if first { rest } else { rest.strip_prefix('.').ok_or_else(bad)? };
            let end = start.find(['.', '[']).unwrap_or(start.len());
            let key = &start[..end];
            if key.is_empty() || key.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ']')) {
                return Err(bad());
            }
            segs.push(Seg::Key(key.to_owned()));
            rest = &start[end..];
        }
        first = false;
    }
    if segs.is_empty() { Err(bad()) } else { Ok(segs) }
}

fn closing(inner: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in inner.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 0 => return Some(at),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn bracket(inner: &str) -> Option<Seg> {
    if let Some(path) = inner.strip_prefix("msg.") {
        return parse_path(path).ok().map(Seg::Nested);
    }
    inner.parse().ok().map(Seg::Index)
}

/// Replaces `[msg.x]` by what the message holds there.
pub fn resolve_path(path: &[Seg], msg: &Object) -> Vec<Seg> {
    path.iter()
        .map(|seg| match seg {
            Seg::Nested(inner) => match get_path(msg, inner) {
                Some(Value::Number(n)) if n >= 0.0 && n.fract() == 0.0 => Seg::Index(n as usize),
                Some(other) => Seg::Key(to_text(&other)),
                None => Seg::Key("undefined".to_owned()),
            },
            other => other.clone(),
        })
        .collect()
}

/// The value at a path below an object. `None`: not there.
pub fn get_path(root: &Object, path: &[Seg]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    let mut value = match first {
        Seg::Key(key) => root.get(key)?.clone(),
        Seg::Index(at) => root.get(&at.to_string())?.clone(),
        Seg::Nested(inner) => root.get(&to_text(&get_path(root, inner)?))?.clone(),
    };
    for seg in rest {
        value = match seg {
            Seg::Key(key) => member(&value, key)?,
            Seg::Index(at) => element(&value, *at)?,
            Seg::Nested(inner) => match get_path(root, inner)? {
                Value::Number(n) if n >= 0.0 => element(&value, n as usize)?,
                other => member(&value, &to_text(&other))?,
            },
        };
    }
    Some(value)
}

fn member(value: &Value, key: &str) -> Option<Value> {
    match value {
        Value::Object(o) => o.get(key).cloned(),
        Value::List(items) if key == "length" => Some(Value::Number(items.len() as f64)),
        Value::Bytes(b) if key == "length" => Some(Value::Number(b.len() as f64)),
        Value::Text(s) if key == "length" => Some(Value::Number(s.encode_utf16().count() as f64)),
        Value::List(_) | Value::Bytes(_) => element(value, key.parse().ok()?),
        _ => None,
    }
}

fn element(value: &Value, at: usize) -> Option<Value> {
    match value {
        Value::List(items) => items.get(at).cloned(),
        Value::Bytes(b) => b.get(at).map(|b| Value::Number(f64::from(*b))),
        Value::Object(o) => o.get(&at.to_string()).cloned(),
        Value::Text(s) => s.chars().nth(at).map(|c| Value::text(c.to_string())),
        _ => None,
    }
}

/// How far past its end a list may be set, so that a message cannot ask for all memory.
const MAX_GROW: usize = 1 << 20;

/// Sets the value at a path, making objects and lists on the way; `Undefined` deletes. False: something on the way
/// is neither object nor list.
pub fn set_path(root: &mut Object, path: &[Seg], value: Value) -> bool {
    let path = resolve_path(path, root);
    let mut top = Value::Object(std::sync::Arc::new(std::mem::take(root)));
    let done = set_in(&mut top, &path, value);
    if let Some(object) = top.as_object_mut() {
        *root = std::mem::take(object);
    }
    done
}

fn set_in(at: &mut Value, path: &[Seg], value: Value) -> bool {
    let Some((seg, rest)) = path.split_first() else {
        *at = value;
        return true;
    };
    let deletes = matches!(value, Value::Undefined);
    if matches!(at, Value::Undefined | Value::Null) {
        if deletes {
            return true;
        }
        *at = if matches!(seg, Seg::Index(_)) {
            Value::list(vec![])
        } else {
            Value::Object(Default::default())
        };
    }
    match at {
        Value::Object(_) => {
            let key = match seg {
                Seg::Key(key) => key.clone(),
                Seg::Index(i) => i.to_string(),
                Seg::Nested(_) => return false,
            };
            let Some(object) = at.as_object_mut() else { return false };
            if rest.is_empty() && deletes {
                object.remove(&key);
                return true;
            }
            if object.get(&key).is_none() {
                if deletes {
                    return true;
                }
                object.insert(&key, Value::Undefined);
            }
            object.get_mut(&key).is_some_and(|slot| set_in(slot, rest, value))
        }
        Value::List(_) => {
            let Some(index) = (match seg {
                Seg::Index(i) => Some(*i),
                Seg::Key(key) => key.parse().ok(),
                Seg::Nested(_) => None,
            }) else {
                return false;
            };
            let Some(list) = at.as_list_mut() else { return false };
            if rest.is_empty() && deletes {
                if index < list.len() {
                    list.remove(index);
                }
                return true;
            }
            if index >= list.len() {
                if deletes || index - list.len() > MAX_GROW {
                    return deletes;
                }
                list.resize(index + 1, Value::Undefined);
            }
            set_in(&mut list[index], rest, value)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn paths() {
        let mut root = from_json(&json!({"topic": "b", "payload": {"a": [1, {"b": 2}], "x y": 3}}));
        let object = root.as_object_mut().unwrap();
        let get = |o: &Object, p: &str| get_path(o, &parse_path(p).unwrap()).map(|v| to_json(&v));
        assert_eq!(get(object, "payload.a[1].b"), Some(json!(2)));
        assert_eq!(get(object, "payload.a[1][msg.topic]"), Some(json!(2)));
        assert_eq!(get(object, "payload['x y']"), Some(json!(3)));
        assert_eq!(get(object, "payload.a.length"), Some(json!(2)));
        assert_eq!(get(object, "payload.nope.b"), None);
        assert!(set_path(object, &parse_path("new.list[1].k").unwrap(), Value::Number(7.0)));
        assert_eq!(get(object, "new"), Some(json!({"list": [null, {"k": 7}]})));
        assert!(set_path(object, &parse_path("payload.a[0]").unwrap(), Value::Undefined));
        assert_eq!(get(object, "payload.a"), Some(json!([{"b": 2}])));
        assert!(!set_path(object, &parse_path("topic.x").unwrap(), Value::Null));
        for bad in ["", "a..b", ".a", "a[", "a b", "a['x", "a[x]"] {
            assert!(parse_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn as_javascript_says() {
        let texts =
            [(1.0, "1"), (0.1, "0.1"), (1e21, "1e+21"), (1.5e-7, "1.5e-7"), (-0.0, "0"), (f64::NAN, "NaN")];
        for (n, text) in texts {
            assert_eq!(number_text(n), text);
        }
        assert_eq!(text_to_number(" 12 "), 12.0);
        assert_eq!(text_to_number("0x1f"), 31.0);
        assert!(text_to_number("12a").is_nan() && text_to_number("inf").is_nan());
        assert!(
            loose_eq(&Value::text("1"), &Value::Number(1.0))
                && loose_eq(&Value::Bool(true), &Value::text("1"))
        );
        assert!(!loose_eq(&Value::Null, &Value::Number(0.0)) && loose_eq(&Value::Null, &Value::Undefined));
        assert_eq!(iso_date(0.0).unwrap(), "1970-01-01T00:00:00.000Z");
    }
}
