//! Paths into messages, out of schemas and of recorded messages.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use route_compiler::Stack;
use route_compiler::hir::{Found, Shape};
use route_grammar::ident;
use serde_json::Value;

use crate::config::Config;

/// Bytes of a recording that are looked at.
const MOST_BYTES: u64 = 4 << 20;
/// Messages of a recording that are looked at.
const MOST_LINES: usize = 2_000;
/// Depth to which fields are remembered.
const MOST_DEPTH: usize = 12;
/// Fields of one object that are remembered.
const MOST_FIELDS: usize = 500;

/// Fields by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(BTreeMap<String, Fields>);

/// Recordings that `route.toml` names, as they were read last.
#[derive(Debug, Default)]
pub(super) struct Recordings(HashMap<PathBuf, (SystemTime, Fields)>);

impl Recordings {
    /// The fields below a path that the recorded messages of a stack's `route.toml` have.
    pub(super) fn below(&mut self, folder: &Path, path: &[String]) -> Vec<String> {
        let files = Config::near(folder).map(|config| config.recordings).unwrap_or_default();
        let mut found = Vec::new();
        for file in files {
            let Ok(changed) = std::fs::metadata(&file).and_then(|about| about.modified()) else { continue };
            let known = self.0.entry(file.clone()).or_insert((SystemTime::UNIX_EPOCH, Fields::default()));
            if known.0 != changed {
                *known = (changed, read(&file));
            }
            let at = path.iter().try_fold(&known.1, |fields, key| fields.0.get(key));
            found.extend(at.into_iter().flat_map(|fields| fields.0.keys().cloned()));
        }
        found
    }
}

/// One message a line, by itself or as `msg` of an object, as taps and the runtime's journal write them.
fn read(file: &Path) -> Fields {
    let mut fields = Fields::default();
    let Ok(file) = std::fs::File::open(file) else { return fields };
    for line in BufReader::new(file.take(MOST_BYTES)).lines().map_while(Result::ok).take(MOST_LINES) {
        if let Ok(value) = serde_json::from_str::<Value>(line.trim_start_matches('\u{feff}')) {
            fields.add(value.get("msg").filter(|msg| msg.is_object()).unwrap_or(&value), 0);
        }
    }
    fields
}

impl Fields {
    fn add(&mut self, value: &Value, depth: usize) {
        let Some(object) = value.as_object().filter(|_| depth < MOST_DEPTH) else { return };
        for (key, value) in object {
            if self.0.len() < MOST_FIELDS || self.0.contains_key(key) {
                self.0.entry(key.clone()).or_default().add(value, depth + 1);
            }
        }
    }
}

/// The fields that schemas of a stack have below a path, each with the schema's name.
pub(super) fn of_schemas(stack: &Stack, path: &[String]) -> Vec<(String, String)> {
    let keys: Vec<_> = path.iter().map(|key| route_chain::ir::Seg::Key(key.clone())).collect();
    let mut found = Vec::new();
    for (name, shape, _) in stack.shapes() {
        let at = if keys.is_empty() { Found::Shape(shape) } else { shape.find(&keys) };
        if let Found::Shape(shape) = at {
            fields(shape, &mut |field| found.push((field.to_owned(), name.to_owned())));
        }
    }
    found
}

fn fields(shape: &Shape, add: &mut dyn FnMut(&str)) {
    match shape {
        Shape::Object(all) => all.iter().for_each(|(name, ..)| add(name)),
        Shape::Union(members) => members.iter().for_each(|member| fields(member, add)),
        _ => {}
    }
}

/// The path that is being typed before a byte: `msg.payload.te` is the root `msg`, below `["payload"]`. `None`: it is none.
pub(super) fn typed(text: &str, byte: usize) -> Option<(String, Vec<String>)> {
    let before = text.get(..byte)?;
    let start = before.trim_end_matches(|c| c == '.' || ident::is_part(c)).len();
    let mut parts: Vec<String> = before.get(start..)?.split('.').map(str::to_owned).collect();
    parts.pop()?;
    let mut parts = parts.into_iter();
    let root = parts.next()?;
    ["msg", "source", "dest"].contains(&root.as_str()).then(|| (root, parts.collect()))
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn what_is_typed() {
        let at =
            |text: &str| typed(text, text.len()).map(|(root, path)| format!("{root}:{}", path.join("/")));
        assert_eq!(at("when msg."), Some("msg:".to_owned()));
        assert_eq!(at("when msg.payload.te"), Some("msg:payload".to_owned()));
        assert_eq!(at("é (source.na"), Some("source:".to_owned()));
        assert_eq!(at("when ms"), None);
        assert_eq!(at("x.y"), None);
    }
}
