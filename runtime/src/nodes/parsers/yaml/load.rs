//! YAML to values: the parser is a library's, what a plain scalar means is js-yaml's default schema (core schema, dates,
//! merge keys, binary).

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use route_chain::{Object, Value};
use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

/// Deeper texts are refused.
const MAX_DEPTH: usize = 200;

/// The value of a text with one document; an empty text is undefined.
pub(crate) fn load(text: &str) -> Result<Value, String> {
    let mut loader = Loader { events: Parser::new_from_str(text), anchors: FxHashMap::default() };
    let mut documents = Vec::new();
    loop {
        match loader.next()? {
            Event::StreamEnd => break,
            Event::DocumentStart(_) => {
                let first = loader.next()?;
                documents.push(loader.value(first, 0)?);
            }
            _ => {}
        }
    }
    match documents.len() {
        0 | 1 => Ok(documents.pop().unwrap_or_default()),
        _ => Err("expected a single document in the stream, but found more".to_owned()),
    }
}

struct Loader<'a> {
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// Values are shared, so that an alias costs nothing.
    anchors: FxHashMap<usize, Value>,
}

impl<'a> Loader<'a> {
    fn next(&mut self) -> Result<Event<'a>, String> {
        match self.events.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(e)) => Err(e.to_string()),
            None => Ok(Event::StreamEnd),
        }
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err("the text is nested too deep".to_owned());
        }
        let (anchor, value) = match event {
            Event::Alias(anchor) => {
                return self.anchors.get(&anchor).cloned().ok_or_else(|| "unidentified alias".to_owned());
            }
            Event::Scalar(text, style, anchor, tag) => (anchor, scalar(&text, style, tag.as_deref())?),
            Event::SequenceStart(anchor, _) => (anchor, self.sequence(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.mapping(depth)?),
            _ => return Ok(Value::Null),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd | Event::StreamEnd => return Ok(Value::list(items)),
                event => items.push(self.value(event, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, String> {
        let mut object = Object::new();
        let mut merged: Vec<Arc<Object>> = Vec::new();
        loop {
            let event = self.next()?;
            if matches!(event, Event::MappingEnd | Event::StreamEnd) {
                break;
            }
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = match event {
                // A key is its text, but what is written in other ways is one key.
                Event::Scalar(text, style, anchor, tag) => {
                    let value = scalar(&text, style, tag.as_deref())?;
                    if anchor > 0 {
                        self.anchors.insert(anchor, value.clone());
                    }
                    super::super::super::value::coerce::to_text(&value)
                }
                event => super::super::super::value::coerce::to_text(&self.value(event, depth + 1)?),
            };
            let event = self.next()?;
            let value = self.value(event, depth + 1)?;
            if is_merge {
                merge(&value, &mut merged)?;
            } else if object.get(&key).is_some() {
                return Err(format!("duplicated mapping key `{key}`"));
            } else {
                object.insert(&key, value);
            }
        }
        for from in merged {
            for (key, value) in from.iter() {
                if object.get(key).is_none() {
                    object.insert(key, value.clone());
                }
            }
        }
        Ok(Value::Object(Arc::new(object)))
    }
}

fn merge(value: &Value, into: &mut Vec<Arc<Object>>) -> Result<(), String> {
    match value {
        Value::Object(object) => into.push(object.clone()),
        Value::List(items) => items.iter().try_for_each(|item| merge(item, into))?,
        _ => return Err("cannot merge mappings; the provided source object is unacceptable".to_owned()),
    }
    Ok(())
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let tag = tag.map(|tag| (tag.is_yaml_core_schema(), tag.suffix.as_str()));
    let wrong = |what: &str| format!("cannot resolve a node with !<tag:yaml.org,2002:{what}> explicit tag");
    Ok(match tag {
        Some((true, "str")) => Value::text(text),
        Some((true, "binary")) => {
            let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            Value::bytes(STANDARD.decode(plain).map_err(|_| wrong("binary"))?)
        }
        Some((true, kind @ ("int" | "float"))) => match plain(text) {
            number @ Value::Number(_) => number,
            _ => return Err(wrong(kind)),
        },
        Some((true, "bool")) if !matches!(plain(text), Value::Bool(_)) => return Err(wrong("bool")),
        Some((true, "null")) if !matches!(plain(text), Value::Null) => return Err(wrong("null")),
        Some((true, _)) => plain(text),
        Some((false, suffix)) if suffix != "!" && !suffix.is_empty() => {
            return Err(format!("unknown tag !<!{suffix}>"));
        }
        _ if style == ScalarStyle::Plain => plain(text),
        _ => Value::text(text),
    })
}

/// What a plain scalar means.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    match number(text).map(Value::Number).or_else(|| date(text).map(Value::Date)) {
        Some(value) => value,
        None => Value::text(text),
    }
}

fn number(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let in_radix = |prefix: &str, radix: u32| {
        let digits = digits.strip_prefix(prefix).filter(|d| !d.is_empty())?;
        digits.chars().try_fold(0.0, |n, c| Some(n * f64::from(radix) + f64::from(c.to_digit(radix)?)))
    };
    if let Some(n) = in_radix("0b", 2).or_else(|| in_radix("0o", 8)).or_else(|| in_radix("0x", 16)) {
        return Some(sign * n);
    }
    match digits {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if digits == text => return Some(f64::NAN),
        _ => {}
    }
    // A point in front goes without a sign.
    let leads = |c: char| c.is_ascii_digit() || (c == '.' && digits == text);
    let plain = digits.starts_with(leads)
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
        && digits.contains(|c: char| c.is_ascii_digit());
    plain.then(|| digits.parse::<f64>().ok()).flatten().filter(|n| n.is_finite()).map(|n| sign * n)
}

/// Milliseconds of `2001-12-14` or `2001-12-14t21:59:43.10-05:00`.
fn date(text: &str) -> Option<f64> {
    static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:Z|([-+])(\d\d?)(?::(\d\d))?))?)?$",
        )
        .ok()
    });
    let found = SHAPE.as_ref()?.captures(text)?;
    let n = |at: usize| found.get(at).and_then(|m| m.as_str().parse::<f64>().ok()).unwrap_or(0.0);
    if found.get(4).is_none() && text.len() != 10 {
        return None;
    }
    let day = jiff::civil::Date::new(n(1) as i16, n(2) as i8, n(3) as i8).ok()?;
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond() as f64;
    let fraction: String =
        found.get(7).map_or("", |m| m.as_str()).chars().chain("000".chars()).take(3).collect();
    let offset = (n(9) * 60.0 + n(10)) * 60_000.0;
    let offset = if found.get(8).is_some_and(|sign| sign.as_str() == "-") { -offset } else { offset };
    let time = ((n(4) * 60.0 + n(5)) * 60.0 + n(6)) * 1000.0 + fraction.parse::<f64>().unwrap_or(0.0);
    Some(midnight + time - offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn check(text: &str, expected: Json) {
        let loaded = load(text).map(|v| v.to_json().unwrap_or(json!("(undefined)")));
        assert_eq!(loaded.unwrap_or_else(|e| json!(format!("error: {e}"))), expected, "{text}");
    }

    #[test]
    fn scalars() {
        check(
            "[1, -2.5, 0x1f, 0o17, 0b11, 1e3, .5, 1_0, 0017]",
            json!([1, -2.5, 31, 15, 3, 1000, 0.5, "1_0", 17]),
        );
        check(
            "[true, False, ~, null, yes, '1', \"a\\n\"]",
            json!([true, false, null, null, "yes", "1", "a\n"]),
        );
        check("[2001-12-14, 2001-12-14t21:59:43.1-05:00]", {
            json!(["2001-12-14T00:00:00.000Z", "2001-12-15T02:59:43.100Z"])
        });
        check("!!str 5", json!("5"));
        check("!!binary aGk=", json!({"type": "Buffer", "data": [104, 105]}));
        check("", json!("(undefined)"));
    }

    #[test]
    fn blocks() {
        check("a: |\n  x\n  y\nb: >-\n  x\n  y\n", json!({"a": "x\ny\n", "b": "x y"}));
        check("- a: 1\n  b: [x, {c: d}]\n- ~\n", json!([{"a": 1, "b": ["x", {"c": "d"}]}, null]));
    }

    #[test]
    fn anchors_and_merges() {
        check("a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n  k: 2\n  l: 3", {
            json!({"a": {"k": 1}, "b": {"k": 1}, "c": {"k": 2, "l": 3}})
        });
        // Nine lines that would be a billion values if they were copied.
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..9 {
            let all = vec![format!("*a{}", n - 1); 10].join(", ");
            laughs += &format!("a{n}: &a{n} [{all}]\n");
        }
        assert!(load(&laughs).is_ok());
    }

    #[test]
    fn faults() {
        check("a: 1\na: 2", json!("error: duplicated mapping key `a`"));
        check("1\n---\n2", json!("error: expected a single document in the stream, but found more"));
        check("!own 1", json!("error: unknown tag !<!own>"));
        assert!(load("[1").is_err() && load("*x").is_err() && load(&"[".repeat(5000)).is_err());
    }
}
