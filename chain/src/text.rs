//! Values as JSON text, written as JavaScript's `JSON.stringify` writes it (ECMA-262, numbers as `Number::toString`), and
//! read as `JSON.parse` reads it.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::message::Message;
use crate::value::{Object, Value};

/// Takes text piece by piece.
pub(crate) trait Out {
    fn put(&mut self, piece: &str);
}

impl Out for String {
    fn put(&mut self, piece: &str) {
        self.push_str(piece);
    }
}

/// Counts bytes.
pub(crate) struct Bytes(pub(crate) usize);

impl Out for Bytes {
    fn put(&mut self, piece: &str) {
        self.0 += piece.len();
    }
}

/// FNV-1a, 32 bits.
pub(crate) struct Fnv(pub(crate) u32);

impl Fnv {
    pub(crate) fn new() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Out for Fnv {
    fn put(&mut self, piece: &str) {
        self.0 = piece.bytes().fold(self.0, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    }
}

/// The order of an object's keys in text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As they stand in the object.
    Kept,
    /// By code point, so that equal objects have equal text.
    Sorted,
}

/// Writes a value; `undefined` writes as `null`.
pub(crate) fn write(value: &Value, order: Order, out: &mut impl Out) {
    match value {
        Value::Undefined | Value::Null => out.put("null"),
        Value::Bool(true) => out.put("true"),
        Value::Bool(false) => out.put("false"),
        Value::Number(n) => number(*n, out),
        Value::Text(text) => quoted(text, out),
        Value::Date(ms) => match crate::json::iso_date(*ms) {
            Some(text) => quoted(&text, out),
            None => out.put("null"),
        },
        Value::Bytes(bytes) => buffer(bytes, order, out),
        Value::List(items) => {
            out.put("[");
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.put(",");
                }
                write(item, order, out);
            }
            out.put("]");
        }
        Value::Object(members) => object(members, order, out),
        Value::Opaque(handle) => quoted(&format!("[{}]", handle.label), out),
    }
}

fn object(object: &Object, order: Order, out: &mut impl Out) {
    let there = object.iter().filter(|(_, value)| !matches!(value, Value::Undefined));
    let mut entries: Vec<(&str, &Value)> = there.collect();
    if order == Order::Sorted {
        entries.sort_unstable_by_key(|(key, _)| *key);
    }
    out.put("{");
    for (at, (key, value)) in entries.into_iter().enumerate() {
        if at > 0 {
            out.put(",");
        }
        quoted(key, out);
        out.put(":");
        write(value, order, out);
    }
    out.put("}");
}

/// `{"type":"Buffer","data":[1,2]}`
fn buffer(bytes: &[u8], order: Order, out: &mut impl Out) {
    out.put(if order == Order::Sorted { "{\"data\":[" } else { "{\"type\":\"Buffer\",\"data\":[" });
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 {
            out.put(",");
        }
        number(f64::from(*byte), out);
    }
    out.put(if order == Order::Sorted { "],\"type\":\"Buffer\"}" } else { "]}" });
}

fn number(n: f64, out: &mut impl Out) {
    let whole = n as i64;
    if whole as f64 == n && whole.unsigned_abs() < 1 << 53 {
        out.put(itoa::Buffer::new().format(whole));
    } else if n.is_finite() {
        out.put(ryu_js::Buffer::new().format_finite(n));
    } else {
        out.put("null");
    }
}

fn quoted(text: &str, out: &mut impl Out) {
    out.put("\"");
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            8 => "\\b",
            12 => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        // An escaped byte is ASCII, so the text can be cut on both sides of it.
        out.put(text.get(from..at).unwrap_or_default());
        match escaped {
            "" => out.put(&format!("\\u{byte:04x}")),
            escaped => out.put(escaped),
        }
        from = at + 1;
    }
    out.put(text.get(from..).unwrap_or_default());
    out.put("\"");
}

impl Value {
    /// As JSON text, as `JSON.stringify` writes it; `undefined` is `null`.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        write(self, Order::Kept, &mut out);
        out
    }
}

impl Message {
    /// As JSON text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        object(self.root(), Order::Kept, &mut out);
        out
    }
}

/// As `JSON.parse`: nothing becomes a Buffer or a Date.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Number(n as f64))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(Value::Number(n as f64))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Value, E> {
        Ok(Value::Number(n))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::with_capacity(items.size_hint().unwrap_or(0).min(1024));
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::list(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some(at) = entries.next_key_seed(KeyInto(&mut object))? {
            object.put(at, entries.next_value()?);
        }
        Ok(Value::Object(std::sync::Arc::new(object)))
    }
}

/// Reads a key straight into an object, and says where it stands: no text is made for it when its shape is known.
struct KeyInto<'o>(&'o mut Object);

impl<'de> de::DeserializeSeed<'de> for KeyInto<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<usize, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyInto<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, key: &str) -> Result<usize, E> {
        Ok(self.0.place(key))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn sorted(value: &Value) -> String {
        let mut out = String::new();
        write(value, Order::Sorted, &mut out);
        out
    }

    #[test]
    fn as_javascript_writes() {
        let numbers = [1.0, -0.0, 0.1, 1e21, 1e-7, 123456789012345680000.0, f64::NAN, f64::INFINITY, 5e-324];
        let list = Value::list(numbers.into_iter().map(Value::Number).collect());
        assert_eq!(list.to_text(), "[1,0,0.1,1e+21,1e-7,123456789012345680000,null,null,5e-324]");
        assert_eq!(
            Value::text("a\"\\\n\u{1}\u{7f}é\u{2028}/").to_text(),
            "\"a\\\"\\\\\\n\\u0001\u{7f}é\u{2028}/\""
        );
        let object = Value::object([
            ("b", Value::Undefined),
            ("a", Value::list(vec![Value::Undefined])),
            ("", Value::Date(0.0)),
        ]);
        assert_eq!(object.to_text(), r#"{"a":[null],"":"1970-01-01T00:00:00.000Z"}"#);
        assert_eq!(Value::bytes([1, 255]).to_text(), r#"{"type":"Buffer","data":[1,255]}"#);
    }

    #[test]
    fn equal_objects_have_one_canonical_text() {
        assert_eq!(sorted(&read(r#"{"b":1,"a":{"d":1,"c":2}}"#)), r#"{"a":{"c":2,"d":1},"b":1}"#);
        assert_eq!(sorted(&Value::bytes([1])), sorted(&read(r#"{"type":"Buffer","data":[1]}"#)));
    }

    #[test]
    fn reads_as_json_parse() {
        // The last of two equal keys counts, at the place of the first.
        assert_eq!(read(r#"{"a":1,"b":2,"a":3}"#).to_text(), r#"{"a":3,"b":2}"#);
        assert!(matches!(read(r#"{"type":"Buffer","data":[1]}"#), Value::Object(_)));
        assert!(serde_json::from_str::<Value>(&"[".repeat(100_000)).is_err());
        assert!(serde_json::from_str::<Value>("{\"a\":}").is_err());
    }

    fn tree() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i32>().prop_map(Json::from),
            any::<f64>().prop_map(|n| json!(n)),
            ".{0,8}".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
                prop::collection::vec((".{0,4}", inner), 0..5).prop_map(|m| m.into_iter().collect::<Json>()),
            ]
        })
    }

    proptest! {
        #[test]
        fn text_and_values_agree(json in tree()) {
            let read = read(&json.to_string());
            prop_assert!(crate::ops::equal(&read, &Value::from_json(&json)) || json.to_string().contains("Buffer"));
            let again: Json = serde_json::from_str(&read.to_text()).unwrap();
            prop_assert_eq!(Value::from_json(&again).to_text(), read.to_text());
            prop_assert_eq!(Value::from_json(&again).to_text().len(), read.to_text().len());
            let mut bytes = Bytes(0);
            write(&read, Order::Sorted, &mut bytes);
            prop_assert_eq!(bytes.0, sorted(&read).len());
        }
    }
}
