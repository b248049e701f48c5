//! `routec infer`: a schema of what recorded messages have in common.

use std::fmt::Write;
use std::path::Path;

use indexmap::IndexMap;
use route_chain::{Message, Value};
use route_compiler::flow::FlowGraph;
use route_compiler::names::quote;
use route_compiler::shapes::{self, Seen};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::args::Infer;
use crate::compile::read_graph;
use crate::fault::Fault;
use crate::words::many;
use crate::{Outcome, input, to_stdout};

/// A line as `tap … to file` writes it; a line that is none is a message itself.
#[derive(Deserialize)]
struct Line {
    from: String,
    port: u32,
    msg: Json,
}

/// The output of a node that messages came from; `None`: the recording does not say.
type Source = Option<(String, u32)>;

pub(crate) fn run(args: &Infer) -> Result<Outcome, Fault> {
    let mut seen: IndexMap<Source, Seen> = IndexMap::new();
    for path in &args.recorded {
        read(path, args.each, &mut seen)?;
    }
    if seen.is_empty() {
        return Err(Fault::new("there is no message in it").help("record some: `tap … to file \"…\"`"));
    }
    let flows = args.flows.as_deref().map(input::flows_of).transpose()?;
    let graph = flows.as_deref().map(read_graph).transpose()?.map(|(_, graph)| graph);
    let stem = args.recorded.first().and_then(|path| path.file_stem()).unwrap_or_default();
    let stem = shapes::name_of(&stem.to_string_lossy());
    let mut items = Vec::new();
    for (source, seen) in &seen {
        let name = match (source, &args.name) {
            (Some((id, port)), None) => name_of(id, *port, graph.as_ref()),
            (_, Some(name)) => name.clone(),
            (None, None) => stem.clone(),
        };
        items.push((unique(name, &items), source, seen));
    }
    let text = match args.json_schema {
        true => json_schema(&items, args.literals)?,
        false => route(&items, args.literals),
    };
    to_stdout(&text)?;
    Ok(Outcome::Clean)
}

/// Takes in every message of a file: NDJSON, or one JSON list.
fn read(path: &Path, each: bool, seen: &mut IndexMap<Source, Seen>) -> Result<(), Fault> {
    let text = input::json(path)?;
    let shown = path.display();
    if text.trim_start().starts_with('[') {
        let list: Vec<Json> =
            serde_json::from_str(&text).map_err(|e| Fault::new(format!("`{shown}` is no JSON: {e}")))?;
        list.into_iter().for_each(|message| take(message, each, seen));
        return Ok(());
    }
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let message: Json = serde_json::from_str(line).map_err(|e| {
            Fault::new(format!("`{shown}`, line {number}: {e}"))
                .help("a recording has a JSON object in each line, as `tap … to file` writes them")
        })?;
        if !message.is_object() {
            return Err(Fault::new(format!("`{shown}`, line {number}: a message is a JSON object")));
        }
        take(message, each, seen);
    }
    Ok(())
}

fn take(message: Json, each: bool, seen: &mut IndexMap<Source, Seen>) {
    let (source, message) = match Line::deserialize(&message) {
        Ok(Line { from, port, msg }) => (Some((from, port)).filter(|_| each), msg),
        Err(_) => (None, message),
    };
    let message = match Value::from_json(&message) {
        Value::Object(object) => Message::from_object((*object).clone()),
        _ => Message::from_json(&message),
    };
    seen.entry(source).or_default().message(&message);
}

/// Named after the node, and its output when it has several.
fn name_of(id: &str, port: u32, graph: Option<&FlowGraph>) -> String {
    let node = graph.and_then(|graph| graph.node(graph.node_by_id(id)?));
    let name = node.map(|node| node.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(id);
    let several = port > 0 || node.is_some_and(|node| node.outputs > 1);
    let port = if several { format!(" {}", port + 1) } else { String::new() };
    shapes::name_of(&format!("{name}{port}"))
}

fn unique(name: String, known: &[(String, &Source, &Seen)]) -> String {
    let taken = |name: &str| known.iter().any(|(other, ..)| other == name);
    let mut names = (2..).map(|n| format!("{name}_{n}"));
    if taken(&name) { names.find(|name| !taken(name)).unwrap_or(name) } else { name }
}

fn route(items: &[(String, &Source, &Seen)], literals: usize) -> String {
    let mut text = String::new();
    for (name, source, seen) in items {
        let _ = writeln!(text, "/// Inferred from {}.", many(seen.count() as usize, "message"));
        text += &shapes::item(name, &seen.shape(literals));
        if let Some((id, port)) = source {
            let _ = writeln!(text, "carry {name} on id {}.{} -> *", quote(id), port + 1);
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len() + 1);
    text
}

fn json_schema(items: &[(String, &Source, &Seen)], literals: usize) -> Result<String, Fault> {
    let schema =
        |(name, _, seen): &(String, &Source, &Seen)| shapes::to_json_schema(name, &seen.shape(literals));
    let value = match items {
        [one] => schema(one),
        many => Json::Object(many.iter().map(|item| (item.0.clone(), schema(item))).collect()),
    };
    let text = serde_json::to_string_pretty(&value);
    text.map(|text| text + "\n").map_err(|e| Fault::new(format!("cannot write the schema: {e}")))
}
