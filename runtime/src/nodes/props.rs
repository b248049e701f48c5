//! Node properties, read as loosely as Node-RED reads them, and property expressions ready to use.

use route_chain::{Message, Value};
use serde_json::Value as Json;

use super::convert::{self, Seg};
use crate::node::NodeInfo;

/// How many messages one node keeps at most.
pub(crate) const MAX_HELD: usize = 100_000;

/// The properties of a node.
pub(crate) struct Props<'a>(&'a serde_json::Map<String, Json>);

impl<'a> Props<'a> {
    pub(crate) fn of(info: &'a NodeInfo) -> Self {
        Self(&info.config)
    }
    /// A property as text; empty when it is not there.
    pub(crate) fn text(&self, key: &str) -> String {
        match self.0.get(key) {
            Some(Json::String(s)) => s.clone(),
            Some(Json::Number(n)) => n.to_string(),
            Some(Json::Bool(b)) => b.to_string(),
            _ => String::new(),
        }
    }
    /// A property as text, or else.
    pub(crate) fn text_or(&self, key: &str, other: &str) -> String {
        let text = self.text(key);
        if text.is_empty() { other.to_owned() } else { text }
    }
    /// A number, or a text that holds one.
    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        self.text(key).trim().parse().ok().filter(|n: &f64| n.is_finite())
    }
    /// True, or the text `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.text(key) == "true"
    }
    /// The property as it is.
    pub(crate) fn json(&self, key: &str) -> Option<&'a Json> {
        self.0.get(key)
    }
    /// A property expression; `payload` when there is none.
    pub(crate) fn path(&self, key: &str) -> Result<Path, String> {
        Path::parse(&self.text_or(key, "payload"))
    }
}

/// A property expression below `msg`.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    segs: Vec<Seg>,
    /// As it was written.
    pub(crate) text: String,
}

impl Path {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { segs: convert::parse_path(text)?, text: text.to_owned() })
    }
    pub(crate) fn get(&self, msg: &Message) -> Option<Value> {
        match self.segs.as_slice() {
            [Seg::Key(key)] => msg.get(key).cloned(),
            segs => convert::get_path(msg.root(), segs),
        }
    }
    pub(crate) fn set(&self, msg: &mut Message, value: Value) -> bool {
        match self.segs.as_slice() {
            [Seg::Key(key)] => {
                msg.set(key, value);
                true
            }
            segs => convert::set_path(msg.root_mut(), segs, value),
        }
    }
}

/// `parseFloat(value)`
pub(crate) fn parse_float(value: &Value) -> Option<f64> {
    if let Value::Number(n) = value {
        return Some(*n).filter(|n| !n.is_nan());
    }
    let text = convert::to_text(value);
    let text = text.trim_start();
    let mut end = 0;
    let (mut dot, mut exponent) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => {}
            '+' | '-' if at == 0 || text[..at].ends_with(['e', 'E']) => {}
            '.' if !dot && !exponent => dot = true,
            'e' | 'E' if !exponent => exponent = true,
            _ => break,
        }
        end = at + c.len_utf8();
    }
    // What follows the number may have begun like an exponent: `12em`.
    (1..=end).rev().find_map(|end| text.get(..end)?.parse().ok())
}

/// Milliseconds of a unit; Node-RED has short and long names for them.
pub(crate) fn unit_ms(unit: &str) -> f64 {
    match unit {
        "milliseconds" | "ms" => 1.0,
        "minutes" | "minute" | "min" => 60_000.0,
        "hours" | "hour" | "hr" => 3_600_000.0,
        "days" | "day" => 86_400_000.0,
        _ => 1000.0,
    }
}

/// A wait from milliseconds that may be anything.
pub(crate) fn wait(ms: f64) -> std::time::Duration {
    const YEAR: f64 = 366.0 * 86_400_000.0;
    std::time::Duration::from_secs_f64(if ms > 0.0 { ms.min(YEAR) / 1000.0 } else { 0.0 })
}

/// `\n`, `\t` and the like in a property, as the editor writes them.
pub(crate) fn unescape(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").replace("\\0", "\0")
}

/// The bytes of a property of type `bin`: a JSON list of numbers.
pub(crate) fn byte_list(text: &str) -> Result<Vec<u8>, String> {
    serde_json::from_str(text).map_err(|_| format!("not a list of bytes: `{text}`"))
}

/// `{{path}}` from the message; sections and partials are the template node's.
pub(crate) fn fill(text: &str, msg: &Message) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((tag, after)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        let name = tag.trim_matches(|c: char| matches!(c, '{' | '}' | '&') || c.is_whitespace());
        if let Some(value) = Path::parse(name).ok().and_then(|path| path.get(msg))
            && !matches!(value, Value::Undefined | Value::Null)
        {
            out.push_str(&convert::to_text(&value));
        }
        rest = after.strip_prefix('}').filter(|_| tag.starts_with('{')).unwrap_or(after);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_float_takes_the_front() {
        let of = |s: &str| parse_float(&Value::text(s));
        assert_eq!(of("12.5 °C"), Some(12.5));
        assert_eq!(of("12em"), Some(12.0));
        assert_eq!(of("-1e3"), Some(-1000.0));
        assert_eq!(of("x"), None);
    }
}
