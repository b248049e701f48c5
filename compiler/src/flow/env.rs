//! Environment variables of tabs, groups, subflows and instances, and their substitution into properties.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::json::Spanned;

/// Variables by name.
pub(super) type Env = IndexMap<String, Value>;

/// Longest text that substitution makes of several: variables that double each other would grow without end.
const MAX_TEXT: usize = 1 << 20;

/// About how many bytes a value takes in memory.
pub(super) fn weight(value: &Value) -> usize {
    64 + match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(weight).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + weight(value)).sum(),
        _ => 0,
    }
}

/// Members that are never substituted: they say what and where the node is.
const FIXED: [&str; 6] = ["id", "type", "z", "g", "wires", "env"];

/// Adds the `env` list of a tab, group, subflow or instance; each entry sees those before it and outside of it.
pub(super) fn extend(env: &mut Env, owner: &Spanned<'_>) {
    for item in owner.get("env").and_then(Spanned::list).unwrap_or(&[]) {
        let Some(name) = item.get("name").and_then(Spanned::text) else { continue };
        let ty = item.get("type").and_then(Spanned::text).unwrap_or("str");
        if let Some(value) = item.get("value").and_then(|v| evaluate(env, ty, v)) {
            env.insert(name.to_owned(), value);
        }
    }
}

/// `None`: nothing is known of it before run time (a credential, say).
fn evaluate(env: &Env, ty: &str, value: &Spanned<'_>) -> Option<Value> {
    let Some(text) = value.text() else { return Some(value.to_value()) };
    let as_text = || Value::String(text.to_owned());
    match ty {
        "cred" => None,
        "num" => text.trim().parse::<f64>().ok().and_then(number).or_else(|| Some(as_text())),
        "bool" => Some(Value::Bool(text == "true")),
        "json" => Some(serde_json::from_str(text).unwrap_or_else(|_| as_text())),
        "env" => expand(env, text),
        _ => Some(whole_name(text).and_then(|name| env.get(name).cloned()).unwrap_or_else(as_text)),
    }
}

/// Whole numbers stay whole, so that a port reads `1883` and not `1883.0`.
fn number(n: f64) -> Option<Value> {
    if n.fract() == 0.0 && n.abs() < 9e15 {
        return Some(Value::from(n as i64));
    }
    serde_json::Number::from_f64(n).map(Value::Number)
}

/// The value of `NAME`, or a text with each `${NAME}` in it replaced.
fn expand(env: &Env, text: &str) -> Option<Value> {
    if !text.contains("${") {
        return env.get(text).cloned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if out.len() > MAX_TEXT {
            return Some(Value::String(text.to_owned()));
        }
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        match env.get(name) {
            Some(Value::String(s)) => out.push_str(s),
            Some(value) => out.push_str(&value.to_string()),
            None => {}
        }
        rest = after;
    }
    out.push_str(rest);
    Some(Value::String(out))
}

/// The name in a text that is `${NAME}` and nothing else: only such a property is substituted by Node-RED.
fn whole_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(name)
}

/// All members of a node, `${X}` replaced by what `lookup` knows; what it does not know stays as it is.
pub(super) fn config(node: &Spanned<'_>, lookup: &dyn Fn(&str) -> Option<Value>) -> Map<String, Value> {
    let swap = |text: &str| whole_name(text).and_then(lookup);
    let mut map = Map::with_capacity(node.members().len());
    for (key, value) in node.members() {
        let fixed = FIXED.contains(&key.as_ref());
        let value = if fixed { value.to_value() } else { value.map_texts(&swap) };
        map.insert(key.clone().into_owned(), value);
    }
    map
}
