//! Node properties, read as loosely as Node-RED reads them.

use std::time::Duration;

use route_chain::Value;
use serde_json::{Map, Value as Json};

use super::coerce;
use super::property::Path;
use crate::node::{Level, NodeCx, NodeInfo};

/// How many messages one node keeps at most.
pub(crate) const MAX_HELD: usize = 100_000;

/// The properties of a node.
#[derive(Clone, Copy)]
pub(crate) struct Props<'a>(&'a Map<String, Json>);

impl<'a> Props<'a> {
    pub(crate) fn of(info: &'a NodeInfo) -> Self {
        Self(&info.config)
    }
    /// The properties of a config node, or of an entry of a list.
    pub(crate) fn map(map: &'a Map<String, Json>) -> Self {
        Self(map)
    }
    /// A property as text; empty when it is not there.
    pub(crate) fn text(&self, key: &str) -> String {
        self.0.get(key).map(plain_text).unwrap_or_default()
    }
    /// A property as text, or else when it is not there or empty.
    pub(crate) fn text_or(&self, key: &str, other: &str) -> String {
        let text = self.text(key);
        if text.is_empty() { other.to_owned() } else { text }
    }
    /// `Number(property)`; NaN when it is not there.
    pub(crate) fn number(&self, key: &str) -> f64 {
        self.0.get(key).map_or(f64::NAN, |json| coerce::to_number(&Value::from_json(json)))
    }
    /// `Number(property || other)`
    pub(crate) fn number_or(&self, key: &str, other: f64) -> f64 {
        if self.truthy(key) { self.number(key) } else { other }
    }
    /// True, or the text `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.text(key) == "true"
    }
    /// Whether JavaScript takes the property for true: any text but the empty one.
    pub(crate) fn truthy(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|json| coerce::truthy(&Value::from_json(json)))
    }
    /// Whether the property is there, null included.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
    /// The property as it is.
    pub(crate) fn json(&self, key: &str) -> &'a Json {
        self.0.get(key).unwrap_or(&Json::Null)
    }
    /// The entries of a list of objects; none when it is no list.
    pub(crate) fn entries(&self, key: &str) -> impl Iterator<Item = Props<'a>> {
        self.json(key).as_array().into_iter().flatten().filter_map(Json::as_object).map(Props)
    }
    /// A property expression; `payload` when there is none.
    pub(crate) fn path(&self, key: &str) -> Path {
        Path::new(&self.text_or(key, "payload"))
    }
}

/// A property as text: numbers and booleans as JavaScript prints them, null as empty.
pub(crate) fn plain_text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(s) => s.clone(),
        Json::Array(_) | Json::Object(_) => value.to_string(),
        other => coerce::to_text(&Value::from_json(other)),
    }
}

/// A wait from milliseconds that may be anything.
pub(crate) fn wait(ms: f64) -> Duration {
    const YEAR: f64 = 366.0 * 86_400_000.0;
    Duration::from_secs_f64(if ms > 0.0 { ms.min(YEAR) / 1000.0 } else { 0.0 })
}

/// A wait as JavaScript's timers take it: at least a millisecond, and one millisecond when it is no time that they know.
pub(crate) fn js_wait(ms: f64) -> Duration {
    const LONGEST: f64 = 2_147_483_647.0;
    Duration::from_secs_f64(if (1.0..=LONGEST).contains(&ms) { ms.trunc() / 1000.0 } else { 0.001 })
}

/// `\n`, `\r`, `\t`, `\e`, `\f` and `\0` in a property, as the editor writes them.
pub(crate) fn unescape(text: &str) -> String {
    let pairs = [("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ("\\e", "e"), ("\\f", "\u{c}"), ("\\0", "\0")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Says at close how many messages a node still held: they are lost, as they are in Node-RED.
pub(crate) fn say_lost(cx: &mut NodeCx<'_>, count: usize) {
    match count {
        0 => {}
        1 => cx.log(Level::Warn, "closed with 1 message still held: it is lost"),
        _ => cx.log(Level::Warn, &format!("closed with {count} messages still held: they are lost")),
    }
}
