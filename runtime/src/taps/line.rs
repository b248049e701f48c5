//! How a copy is written by a sink: one line of JSON.

use route_chain::{Message, Value, ir};
use serde_json::{Map, Value as Json, json};

/// The line of a copy: when, which router (`null`: the bare wire), which wire, what.
pub fn line(now_ms: f64, router: Option<&str>, wire: &ir::Wire, msg: &Message) -> String {
    let line = json!({
        "at": now_ms.floor() as i64,
        "router": router,
        "from": wire.from,
        "port": wire.port,
        "to": wire.to,
        "msg": message(msg),
    });
    line.to_string()
}

/// A message as JSON, for people and tools.
pub fn message(msg: &Message) -> Json {
    json(&msg.to_value()).unwrap_or(Json::Null)
}

/// A value as `JSON.stringify` writes it in Node.js; a live handle becomes its label. `None`: `undefined`.
pub fn json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Undefined => return None,
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) => number(*n),
        Value::Text(s) => Json::String(s.to_string()),
        Value::Bytes(b) => json!({ "type": "Buffer", "data": b.as_slice() }),
        Value::Date(ms) => date(*ms),
        Value::List(items) => items.iter().map(|v| json(v).unwrap_or(Json::Null)).collect(),
        Value::Object(object) => {
            let entries = object.iter().filter_map(|(k, v)| Some((k.to_string(), json(v)?)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
        Value::Opaque(opaque) => Json::String(format!("[{}]", opaque.label)),
    })
}

/// A value changed to what JSON says. Where the JSON is what [`json()`] writes of the old value, the old value stays as it
/// is, so that Dates, live handles and `undefined` outlive the edit of another field.
pub fn edited(old: Option<&Value>, new: &Json) -> Value {
    match (old, new) {
        (Some(Value::Object(old)), Json::Object(new)) => {
            let changed = new.iter().map(|(key, value)| (key.as_str(), edited(old.get(key), value)));
            let undefined = old
                .iter()
                .filter(|(key, value)| matches!(value, Value::Undefined) && !new.contains_key(*key));
            Value::object(changed.chain(undefined.map(|(key, value)| (key, value.clone()))))
        }
        (Some(Value::List(old)), Json::Array(new)) => {
            Value::list(new.iter().enumerate().map(|(at, value)| edited(old.get(at), value)).collect())
        }
        (Some(old), new) if json(old).as_ref() == Some(new) => old.clone(),
        (_, new) => from_json(new),
    }
}

/// As a tool writes it: `{"type":"Buffer","data":[…]}` is a Buffer again, as `JSON.parse` of Node-RED's editor has it.
fn from_json(json: &Json) -> Value {
    match json {
        Json::Object(fields) => buffer(fields)
            .unwrap_or_else(|| Value::object(fields.iter().map(|(key, value)| (key, from_json(value))))),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        plain => Value::from_json(plain),
    }
}

fn buffer(fields: &Map<String, Json>) -> Option<Value> {
    let data = fields.get("data")?.as_array()?;
    if fields.len() != 2 || fields.get("type")? != "Buffer" {
        return None;
    }
    let byte = |byte: &Json| u8::try_from(byte.as_u64()?).ok();
    data.iter().map(byte).collect::<Option<Vec<u8>>>().map(Value::bytes)
}

/// Whole numbers without a fraction, as JavaScript writes them; what JSON cannot say is `null`.
fn number(n: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if n.fract() == 0.0 && n.abs() <= EXACT {
        return Json::from(n as i64);
    }
    serde_json::Number::from_f64(n).map(Json::Number).unwrap_or(Json::Null)
}

fn date(ms: f64) -> Json {
    let stamp = if ms.is_finite() { jiff::Timestamp::from_millisecond(ms as i64).ok() } else { None };
    stamp.map(|t| Json::String(format!("{t:.3}"))).unwrap_or(Json::Null)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use route_chain::Opaque;

    use super::*;

    #[test]
    fn an_edit_keeps_what_it_does_not_change() {
        let response = Opaque { label: "ServerResponse", handle: Box::new(()) };
        let old = Value::object([
            ("when", Value::Date(0.0)),
            ("res", Value::Opaque(response.into())),
            ("gone", Value::Undefined),
            ("list", Value::list(vec![Value::bytes(vec![1, 2]), Value::Number(f64::NAN)])),
            ("n", Value::Number(1.0)),
        ]);
        let mut shown = json(&old).unwrap();
        shown["n"] = json!(2);
        shown["new"] = json!({ "type": "Buffer", "data": [7] });
        let Value::Object(new) = edited(Some(&old), &shown) else { panic!() };
        assert!(matches!(new.get("when"), Some(Value::Date(_))));
        assert!(matches!(new.get("res"), Some(Value::Opaque(_))));
        assert!(matches!(new.get("gone"), Some(Value::Undefined)));
        let Some(Value::List(list)) = new.get("list") else { panic!() };
        assert!(matches!(&list[..], [Value::Bytes(_), Value::Number(n)] if n.is_nan()));
        assert_eq!(new.get("n").and_then(Value::as_number), Some(2.0));
        assert!(matches!(new.get("new"), Some(Value::Bytes(bytes)) if bytes[..] == [7]));
    }
}
