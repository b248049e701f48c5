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
