//! Values as JavaScript turns them into text, numbers and booleans, and compares them (ECMA-262, abstract operations).

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use route_chain::Value;

pub(crate) use route_chain::iso_date;

/// `new Date(ms).toString()` in the time zone of this process.
fn date_text(ms: f64) -> String {
    let Some(at) = timestamp(ms) else { return "Invalid Date".to_owned() };
    let here = at.to_zoned(TimeZone::system());
    let offset = here.strftime("%a %b %d %Y %H:%M:%S GMT%z").to_string();
    match here.offset().is_zero() && here.time_zone().iana_name().is_none_or(|name| name.ends_with("UTC")) {
        true => format!("{offset} (Coordinated Universal Time)"),
        false => format!("{offset} ({})", here.strftime("%Z")),
    }
}

/// The point in time; `None` for an invalid one or one that a calendar cannot show.
pub(crate) fn timestamp(ms: f64) -> Option<Timestamp> {
    if ms.is_finite() { Timestamp::from_millisecond(ms as i64).ok() } else { None }
}

/// `String(n)`
pub(crate) fn number_text(n: f64) -> String {
    ryu_js::Buffer::new().format(n).to_owned()
}

/// `String(value)`
pub(crate) fn to_text(value: &Value) -> String {
    match value {
        Value::Undefined => "undefined".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => number_text(*n),
        Value::Text(s) => s.to_string(),
        Value::Bytes(b) => String::from_utf8_lossy(b).into_owned(),
        Value::Date(ms) => date_text(*ms),
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
pub(crate) fn to_number(value: &Value) -> f64 {
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
pub(crate) fn text_to_number(text: &str) -> f64 {
    let s = trim(text);
    match s {
        "" => 0.0,
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ => match s.get(..2) {
            Some("0x" | "0X") => in_radix(&s[2..], 16),
            Some("0b" | "0B") => in_radix(&s[2..], 2),
            Some("0o" | "0O") => in_radix(&s[2..], 8),
            _ if s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) => {
                s.parse().unwrap_or(f64::NAN)
            }
            _ => f64::NAN,
        },
    }
}

fn in_radix(digits: &str, radix: u32) -> f64 {
    let of = digits.chars().map(|c| c.to_digit(radix)).collect::<Option<Vec<u32>>>();
    match of {
        Some(digits) if !digits.is_empty() => {
            digits.iter().fold(0.0, |n, d| n * f64::from(radix) + f64::from(*d))
        }
        _ => f64::NAN,
    }
}

/// `text.trim()`
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// What JavaScript takes for white space.
fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// `parseFloat(value)`; NaN where no number stands in front.
pub(crate) fn parse_float(value: &Value) -> f64 {
    if let Value::Number(n) = value {
        return *n;
    }
    let text = to_text(value);
    let text = text.trim_start_matches(is_space);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.starts_with("Infinity") {
        return if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let mut end = 0;
    let (mut dot, mut exponent) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => {}
            '+' | '-' if at == 0 || text[..at].ends_with(['e', 'E']) => {}
            '.' if !dot && !exponent => dot = true,
            'e' | 'E' if !exponent && at > 0 => exponent = true,
            _ => break,
        }
        end = at + c.len_utf8();
    }
    // What follows the number may have begun like an exponent: `12em`.
    (1..=end).rev().find_map(|end| text.get(..end)?.parse().ok()).unwrap_or(f64::NAN)
}

/// `parseInt(value)` in base ten (or sixteen after `0x`); NaN where no digit stands in front.
pub(crate) fn parse_int(value: &Value) -> f64 {
    let text = to_text(value);
    let text = text.trim_start_matches(is_space);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => (16, hex),
        None => (10, digits),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    sign * in_radix(&digits[..end], radix)
}

/// Whether JavaScript takes the value for true.
pub(crate) fn truthy(value: &Value) -> bool {
    match value {
        Value::Undefined | Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => *n != 0.0 && !n.is_nan(),
        Value::Text(s) => !s.is_empty(),
        _ => true,
    }
}

/// `typeof value`
pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Undefined => "undefined",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::Text(_) => "string",
        _ => "object",
    }
}

/// `a == b`
pub(crate) fn loose_eq(a: &Value, b: &Value) -> bool {
    use Value::{Bool, Null, Number, Text, Undefined};
    match (a, b) {
        (Undefined | Null, Undefined | Null) => true,
        (Undefined | Null, _) | (_, Undefined | Null) => false,
        (Text(x), Text(y)) => x == y,
        (Number(_) | Bool(_) | Text(_), Number(_) | Bool(_) | Text(_)) => to_number(a) == to_number(b),
        // An object is compared as the text that it makes; a boolean is a number first.
        (Text(x), other) | (other, Text(x)) => x.as_str() == to_text(other),
        (primitive @ (Number(_) | Bool(_)), object) | (object, primitive @ (Number(_) | Bool(_))) => {
            text_to_number(&to_text(object)) == to_number(primitive)
        }
        _ => same(a, b),
    }
}

/// `a === b`
pub(crate) fn strict_eq(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Undefined, Value::Undefined) | (Value::Null, Value::Null) => true,
        (Value::Bool(x), Value::Bool(y)) => x == y,
        (Value::Number(x), Value::Number(y)) => x == y,
        (Value::Text(x), Value::Text(y)) => x == y,
        _ => same(a, b),
    }
}

/// Objects are equal when they are the same one.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(x), Value::List(y)) => Arc::ptr_eq(x, y),
        (Value::Object(x), Value::Object(y)) => Arc::ptr_eq(x, y),
        (Value::Bytes(x), Value::Bytes(y)) => Arc::ptr_eq(x, y),
        (Value::Opaque(x), Value::Opaque(y)) => Arc::ptr_eq(x, y),
        _ => false,
    }
}

/// Equality of Node-RED's `RED.util.compareObjects`: by value, objects by their own keys (so that all dates are alike).
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(x), Value::List(y)) => {
            Arc::ptr_eq(x, y) || (x.len() == y.len() && x.iter().zip(y.iter()).all(|(a, b)| equal(a, b)))
        }
        (Value::Bytes(x), Value::Bytes(y)) => x == y,
        (Value::List(_) | Value::Bytes(_), _) | (_, Value::List(_) | Value::Bytes(_)) => false,
        (Value::Object(x), Value::Object(y)) => {
            Arc::ptr_eq(x, y)
                || (x.len() == y.len()
                    && x.iter().all(|(key, a)| equal(a, y.get(key).unwrap_or(&Value::Undefined))))
        }
        (Value::Date(_), Value::Date(_)) => true,
        (Value::Date(_), Value::Object(o)) | (Value::Object(o), Value::Date(_)) => o.is_empty(),
        _ => strict_eq(a, b),
    }
}

/// `a < b` and the like; `None` when they do not compare (NaN).
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (as_text(a), as_text(b)) {
        (Some(x), Some(y)) => Some(compare_text(&x, &y)),
        _ => to_number(a).partial_cmp(&to_number(b)),
    }
}

/// Texts by their UTF-16 units, as JavaScript orders them.
pub(crate) fn compare_text(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// The text that a value is compared as, when it is not compared as a number.
fn as_text(value: &Value) -> Option<std::borrow::Cow<'_, str>> {
    match value {
        Value::Text(s) => Some(s.as_str().into()),
        Value::List(_) | Value::Object(_) | Value::Bytes(_) | Value::Opaque(_) => Some(to_text(value).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn t(text: &str) -> Value {
        Value::text(text)
    }
    fn n(n: f64) -> Value {
        Value::Number(n)
    }

    #[test]
    fn numbers_as_text_and_back() {
        for (n, text) in
            [(1.0, "1"), (0.1, "0.1"), (1e21, "1e+21"), (1.5e-7, "1.5e-7"), (-0.0, "0"), (f64::NAN, "NaN")]
        {
            assert_eq!(number_text(n), text);
        }
        for (text, n) in [(" 12 ", 12.0), ("0x1f", 31.0), ("", 0.0), ("\u{feff}5.", 5.0), ("0b11", 3.0)] {
            assert_eq!(text_to_number(text), n, "{text}");
        }
        for text in ["12a", "inf", "0x", "0x+1", "1_0", "."] {
            assert!(text_to_number(text).is_nan(), "{text}");
        }
    }

    #[test]
    fn the_number_in_front() {
        for (text, n) in [("12.5 °C", 12.5), ("12em", 12.0), ("-1e3", -1000.0), (" +.5x", 0.5), ("1e", 1.0)]
        {
            assert_eq!(parse_float(&t(text)), n, "{text}");
        }
        assert!(parse_float(&t("x")).is_nan() && parse_float(&t("e5")).is_nan());
        assert_eq!(parse_float(&t("-Infinityx")), f64::NEG_INFINITY);
        for (text, n) in [("12.9", 12.0), ("0x1fz", 31.0), ("-7a", -7.0)] {
            assert_eq!(parse_int(&t(text)), n, "{text}");
        }
        assert!(parse_int(&t("a")).is_nan());
    }

    #[test]
    fn equalities() {
        let list = Value::list(vec![n(1.0)]);
        assert!(loose_eq(&t("1"), &n(1.0)) && loose_eq(&Value::Bool(true), &t("1")));
        assert!(!loose_eq(&Value::Null, &n(0.0)) && loose_eq(&Value::Null, &Value::Undefined));
        assert!(loose_eq(&list, &n(1.0)) && loose_eq(&list, &t("1")) && loose_eq(&list, &Value::Bool(true)));
        assert!(!strict_eq(&list, &Value::list(vec![n(1.0)])) && equal(&list, &Value::list(vec![n(1.0)])));
        assert!(equal(&Value::Date(1.0), &Value::Date(2.0)), "dates have no keys of their own");
        assert!(!equal(&n(f64::NAN), &n(f64::NAN)));
    }

    #[test]
    fn orders() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, order) in [
            (t("10"), t("9"), Some(Less)),
            (t("10"), n(9.0), Some(Greater)),
            (Value::list(vec![t("b")]), t("a"), Some(Greater)),
            (Value::Null, n(0.0), Some(Equal)),
            (Value::Undefined, n(0.0), None),
        ] {
            assert_eq!(compare(&a, &b), order, "{a:?} {b:?}");
        }
    }

    #[test]
    fn dates() {
        assert_eq!(iso_date(0.0).unwrap(), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso_date(f64::NAN), None);
        assert!(to_text(&Value::Date(0.0)).starts_with("Thu Jan 01 1970") || date_text(0.0).contains("1969"));
        assert_eq!(to_text(&Value::Date(f64::NAN)), "Invalid Date");
    }
}
