//! Messages as JSON text and back, nothing lost: Buffer, Date, `undefined`, NaN and infinities travel as tagged objects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use route_chain::{Message, Object, Value};
use serde_json::{Map, Number, Value as Json, json};

/// The key that marks a tagged value; an object of the message that has this key is tagged itself.
const TAG: &str = "$";
/// Deepest nesting of the JSON; the reader on the other side stops at 128.
const MAX_DEPTH: usize = 100;
/// Integers up to here are exact in both notations.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A message as JSON text. Fails on live handles and on nesting that no reader would take.
pub fn encode(msg: &Message) -> Result<String, String> {
    encode_value(&msg.to_value())
}

/// A value as JSON text, as in [`encode`].
pub fn encode_value(value: &Value) -> Result<String, String> {
    Ok(to_json(value, &mut String::from("msg"), 0)?.to_string())
}

/// A message from what [`encode`] wrote.
pub fn decode(json: &Json) -> Result<Message, String> {
    match from_json(json)? {
        Value::Object(root) => Ok(Message::from_object((*root).clone())),
        _ => Err("a message must be an object".into()),
    }
}

fn to_json(value: &Value, at: &mut String, depth: usize) -> Result<Json, String> {
    if depth > MAX_DEPTH {
        return Err(format!("the message is nested deeper than {MAX_DEPTH} levels and cannot travel"));
    }
    Ok(match value {
        Value::Undefined => json!({ TAG: "undefined" }),
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) => number(*n),
        Value::Text(s) => Json::String(s.as_str().into()),
        Value::Bytes(b) => json!({ TAG: "bytes", "v": STANDARD.encode(b.as_slice()) }),
        Value::Date(ms) => json!({ TAG: "date", "v": number(*ms) }),
        Value::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for (i, item) in items.iter().enumerate() {
                list.push(below(item, at, &i.to_string(), depth + 1)?);
            }
            Json::Array(list)
        }
        Value::Object(object) if object.get(TAG).is_some() => {
            let mut pairs = Vec::with_capacity(object.len());
            for (key, item) in object.iter() {
                pairs.push(json!([key, below(item, at, key, depth + 3)?]));
            }
            json!({ TAG: "object", "v": pairs })
        }
        Value::Object(object) => {
            let mut map = Map::with_capacity(object.len());
            for (key, item) in object.iter() {
                map.insert(key.to_owned(), below(item, at, key, depth + 1)?);
            }
            Json::Object(map)
        }
        Value::Opaque(handle) => {
            return Err(format!("`{at}` is a live {} of this process and cannot travel", handle.label));
        }
    })
}

fn below(item: &Value, at: &mut String, key: &str, depth: usize) -> Result<Json, String> {
    let end = at.len();
    at.push('.');
    at.push_str(key);
    let json = to_json(item, at, depth);
    at.truncate(end);
    json
}

/// A double that reads back as the same double: as a number when the JSON reader is exact for it, else as tagged text.
fn number(n: f64) -> Json {
    if n.fract() == 0.0 && n.abs() < EXACT && !(n == 0.0 && n.is_sign_negative()) {
        return Json::Number(Number::from(n as i64));
    }
    if let Some(plain) = Number::from_f64(n)
        && serde_json::from_str::<f64>(&plain.to_string()).is_ok_and(|back| back.to_bits() == n.to_bits())
    {
        return Json::Number(plain);
    }
    json!({ TAG: "number", "v": format!("{n:?}") })
}

fn from_json(json: &Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Number(n.as_f64().ok_or("a number is out of range")?),
        Json::String(s) => Value::text(s),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect::<Result<_, _>>()?),
        Json::Object(map) => match map.get(TAG) {
            Some(tag) => tagged(tag.as_str().unwrap_or_default(), map.get("v").unwrap_or(&Json::Null))?,
            None => Value::object(
                map.iter().map(|(k, v)| Ok((k, from_json(v)?))).collect::<Result<Vec<_>, String>>()?,
            ),
        },
    })
}

fn tagged(tag: &str, v: &Json) -> Result<Value, String> {
    match tag {
        "undefined" => Ok(Value::Undefined),
        "number" => {
            let text = v.as_str().ok_or("a tagged number must be text")?;
            text.parse().map(Value::Number).map_err(|_| format!("`{text}` is no number"))
        }
        "date" => match from_json(v)? {
            Value::Number(ms) => Ok(Value::Date(ms)),
            _ => Err("a tagged date must hold a number".into()),
        },
        "bytes" => {
            let text = v.as_str().ok_or("tagged bytes must be text")?;
            STANDARD.decode(text).map(Value::bytes).map_err(|e| format!("tagged bytes are not base64: {e}"))
        }
        "object" => {
            let mut object = Object::new();
            for pair in v.as_array().ok_or("a tagged object must be a list of pairs")? {
                match pair.as_array().map(Vec::as_slice) {
                    Some([Json::String(key), value]) => object.insert(key, from_json(value)?),
                    _ => return Err("a tagged object must be a list of pairs".into()),
                }
            }
            Ok(Value::Object(object.into()))
        }
        other => Err(format!("unknown tag `{other}`")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn same(a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Number(a), Value::Number(b)) | (Value::Date(a), Value::Date(b)) => {
                a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
            }
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
            }
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && same(a, b))
            }
            (a, b) => format!("{a:?}") == format!("{b:?}"),
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Undefined),
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<u64>().prop_map(|bits| Value::Number(f64::from_bits(bits))),
            prop_oneof![Just(-0.0), Just(0.1 + 0.2), Just(1e21), Just(f64::INFINITY)].prop_map(Value::Number),
            any::<i32>().prop_map(|n| Value::Number(f64::from(n))),
            prop_oneof![Just(f64::NAN), any::<u32>().prop_map(f64::from)].prop_map(Value::Date),
            ".{0,6}".prop_map(Value::text),
            proptest::collection::vec(any::<u8>(), 0..9).prop_map(Value::bytes),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::list),
                proptest::collection::vec(("[$va]{0,2}|.{0,3}", inner), 0..5).prop_map(Value::object),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_comes_back(value in values()) {
            let text = encode_value(&Value::object([("payload", value.clone())])).unwrap();
            let back = decode(&serde_json::from_str(&text).unwrap()).unwrap();
            prop_assert!(same(back.get("payload").unwrap(), &value), "{text}");
        }

        #[test]
        fn strange_text_is_no_panic(text in "[\\[\\]{}\"$:,va-z0-9]{0,40}") {
            if let Ok(json) = serde_json::from_str::<Json>(&text) {
                let _ = decode(&json);
            }
        }
    }

    #[test]
    fn live_handles_stay_here() {
        let mut msg = Message::new();
        msg.set("res", Value::list(vec![Value::opaque("ServerResponse", ())]));
        let error = encode(&msg).unwrap_err();
        assert_eq!(error, "`msg.res.0` is a live ServerResponse of this process and cannot travel");
    }

    #[test]
    fn deep_messages_are_refused_not_overflowed() {
        let deep = (0..500).fold(Value::Null, |inner, _| Value::list(vec![inner]));
        assert!(encode_value(&deep).unwrap_err().contains("nested deeper"));
    }
}
