//! Values to and from JSON. What JSON has not: undefined is left out (`null` in lists), NaN and infinities are `null`,
//! a Buffer is `{"type":"Buffer","data":[…]}` as Node.js writes it, a Date is its ISO text, a live handle is its label.

use serde_json::{Map, Value as Json};

use crate::message::Message;
use crate::value::{Object, Value};

impl Value {
    /// From JSON; a Buffer as Node.js writes it becomes bytes again.
    pub fn from_json(json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(b) => Value::Bool(*b),
            Json::Number(n) => Value::Number(n.as_f64().unwrap_or(f64::NAN)),
            Json::String(s) => Value::text(s),
            Json::Array(items) => Value::list(items.iter().map(Value::from_json).collect()),
            Json::Object(map) => match buffer(map) {
                Some(bytes) => Value::bytes(bytes),
                None => Value::object(map.iter().map(|(k, v)| (k, Value::from_json(v)))),
            },
        }
    }

    /// To JSON; `None` for undefined.
    pub fn to_json(&self) -> Option<Json> {
        Some(match self {
            Value::Undefined => return None,
            Value::Null => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::Number(n) => number(*n),
            Value::Text(s) => Json::String(s.to_string()),
            Value::Bytes(bytes) => serde_json::json!({ "type": "Buffer", "data": bytes.as_slice() }),
            Value::Date(ms) => iso_date(*ms).map_or(Json::Null, Json::String),
            Value::List(items) => {
                Json::Array(items.iter().map(|v| v.to_json().unwrap_or(Json::Null)).collect())
            }
            Value::Object(object) => Json::Object(object.to_json()),
            Value::Opaque(handle) => Json::String(format!("[{}]", handle.label)),
        })
    }
}

impl Object {
    /// To a JSON object, keys in order.
    pub fn to_json(&self) -> Map<String, Json> {
        self.iter().filter_map(|(k, v)| Some((k.to_owned(), v.to_json()?))).collect()
    }
}

impl Message {
    /// To a JSON object.
    pub fn to_json(&self) -> Json {
        Json::Object(self.root().to_json())
    }
    /// From a JSON object; anything else becomes the payload.
    pub fn from_json(json: &Json) -> Message {
        let mut message = Message::new();
        match json {
            Json::Object(map) => map.iter().for_each(|(k, v)| message.set(k, Value::from_json(v))),
            other => message.set("payload", Value::from_json(other)),
        }
        message
    }
}

/// A number as JavaScript writes it: whole ones without a fraction.
fn number(n: f64) -> Json {
    const SAFE: f64 = 9_007_199_254_740_992.0;
    if n.fract() == 0.0 && n.abs() < SAFE {
        return Json::from(n as i64);
    }
    serde_json::Number::from_f64(n).map_or(Json::Null, Json::Number)
}

fn buffer(map: &Map<String, Json>) -> Option<Vec<u8>> {
    if map.len() != 2 || map.get("type")?.as_str()? != "Buffer" {
        return None;
    }
    map.get("data")?.as_array()?.iter().map(|b| b.as_u64().and_then(|b| u8::try_from(b).ok())).collect()
}

/// `new Date(ms).toISOString()`: `2026-11-24T06:00:00.000Z`, years before 0 and after 9999 with a sign and six digits. `None` for
/// what is no date: not a number, or further than 8.64e15 ms from 1970.
pub fn iso_date(ms: f64) -> Option<String> {
    if ms.is_nan() || ms.abs() > 8.64e15 {
        return None;
    }
    let ms = ms as i64;
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    // Days to civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (h, m, s, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    let year = if (0..=9999).contains(&year) { format!("{year:04}") } else { format!("{year:+07}") };
    Some(format!("{year}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{milli:03}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_json_has_not() {
        assert_eq!(Value::Undefined.to_json(), None);
        assert_eq!(Value::Number(f64::NAN).to_json(), Some(Json::Null));
        assert_eq!(Value::list(vec![Value::Undefined]).to_json(), Some(json!([null])));
        assert_eq!(Value::Date(0.0).to_json(), Some(json!("1970-01-01T00:00:00.000Z")));
        assert_eq!(Value::Date(951_782_400_000.0).to_json(), Some(json!("2000-02-29T00:00:00.000Z")));
        assert_eq!(Value::Date(253_402_300_800_000.0).to_json(), Some(json!("+010000-01-01T00:00:00.000Z")));
        assert_eq!(Value::Date(-62_167_219_200_001.0).to_json(), Some(json!("-000001-12-31T23:59:59.999Z")));
        assert_eq!(Value::Date(8.64e15).to_json(), Some(json!("+275760-09-13T00:00:00.000Z")));
        assert_eq!(Value::Date(-8.64e15).to_json(), Some(json!("-271821-04-20T00:00:00.000Z")));
        assert_eq!(Value::Date(8.64e15 + 1.0).to_json(), Some(Json::Null));
        assert_eq!(Value::bytes([1, 2]).to_json(), Some(json!({"type": "Buffer", "data": [1, 2]})));
    }

    #[test]
    fn there_and_back() {
        let json = json!({"payload": {"a": [1, 2.5, "x", null, true]}, "b": {"type": "Buffer", "data": [7]}});
        assert_eq!(Message::from_json(&json).to_json(), json);
    }
}
