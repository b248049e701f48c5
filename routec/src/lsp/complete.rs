//! Completion: words of the language, names of the stack, fields of messages, and names of nodes, tabs, groups and types
//! out of the flows.

use std::collections::BTreeMap;

use route_compiler::flow::{FlowGraph, Node};
use route_compiler::hir::Field;
use route_grammar::{Span, ident, keywords};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Value, json};

use super::document::Document;
use super::find::Outline;
use super::paths;
use super::world::{World, path_of};

/// Names that one answer has; the editor asks again when more is typed.
const MOST: usize = 200;

/// Kinds of the protocol.
const FUNCTION: u8 = 3;
const FIELD: u8 = 5;
const VARIABLE: u8 = 6;
const VALUE: u8 = 12;
const KEYWORD: u8 = 14;
const CONSTANT: u8 = 21;

/// What fits at a place.
pub(super) fn at(document: &Document, byte: u32, world: &mut World) -> Value {
    if let Some(inside) = document.quoted(byte) {
        let graph = world.stack(&document.uri).ok().map(|compiled| compiled.graph.clone());
        return graph.map_or_else(|| list(Vec::new(), false), |graph| names(document, inside, byte, &graph));
    }
    if let Some((root, path)) = paths::typed(&document.text, byte as usize) {
        return list(fields(document, &root, &path, world), false);
    }
    let outline = super::answers::outlines(document, world);
    list(words(&outline, world.snippets), false)
}

fn list(items: Vec<Value>, incomplete: bool) -> Value {
    json!({ "isIncomplete": incomplete, "items": items })
}

/// Fields below a path: of the message out of schemas and recordings, of a wire's ends as they always are.
fn fields(document: &Document, root: &str, path: &[String], world: &mut World) -> Vec<Value> {
    if root != "msg" {
        let all = Field::ALL.iter().filter(|_| path.is_empty());
        return all.map(|(name, _)| json!({ "label": name, "kind": FIELD })).collect();
    }
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    if let Some(folder) = path_of(&document.uri).as_deref().map(crate::input::folder) {
        for field in world.recordings.below(folder, path) {
            found.insert(field, "recorded".to_owned());
        }
    }
    if let Ok(compiled) = world.stack(&document.uri) {
        for (field, schema) in paths::of_schemas(&compiled.output.stack, path) {
            found.insert(field, format!("field of {schema}"));
        }
    }
    if path.is_empty() {
        for field in ["payload", "topic", "_msgid"] {
            found.entry(field.to_owned()).or_default();
        }
    }
    let item = |(name, about): (String, String)| json!({ "label": name, "kind": FIELD, "detail": about });
    found.into_iter().filter(|(name, _)| ident::is_name(name)).map(item).collect()
}

/// A name with what is said of it and the selector that means just that.
struct Choice {
    label: String,
    about: String,
    /// Put in the place of the quoted text and the kind before it.
    selector: String,
}

/// Names in quotes: of what kind says the word before them; without one they are nodes.
fn names(document: &Document, inside: Span, byte: u32, graph: &FlowGraph) -> Value {
    let quote = inside.start.saturating_sub(1) as usize;
    let before = document.text.get(..quote).unwrap_or_default();
    let head = before.trim_end_matches([' ', '\t']);
    let word_at = ident::start_of_last(head);
    let word = head.get(word_at..).unwrap_or_default();
    let typed = document.text.get(inside.start as usize..byte as usize).unwrap_or_default();
    let wanted: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let scopes = |kind: &str, all: &[route_compiler::flow::Scope]| -> Vec<Choice> {
        let names: std::collections::BTreeSet<&str> = all.iter().map(|s| s.name.as_str()).collect();
        let choice = |name: &&str| choice(name, "", format!("{kind} {}", quoted(name)));
        names.iter().filter(|name| !name.is_empty()).map(choice).collect()
    };
    let (choices, kind) = match word {
        "tab" => (scopes(word, &graph.tabs), true),
        "group" => (scopes(word, &graph.groups), true),
        "subflow" => (scopes(word, &graph.subflows), true),
        "type" => {
            let mut types: BTreeMap<&str, usize> = BTreeMap::new();
            graph.nodes.iter().for_each(|node| *types.entry(&node.ty).or_default() += 1);
            let all = types.into_iter();
            let about = |count| crate::words::many(count, "node");
            (all.map(|(ty, count)| choice(ty, &about(count), format!("type {}", quoted(ty)))).collect(), true)
        }
        "id" => {
            let of = |node: &Node| choice(&node.id, &format!("{} {}", node.ty, node.name), by_id(node));
            (graph.nodes.iter().map(of).collect(), true)
        }
        _ => (nodes(graph), word == "node"),
    };
    // Any words of a name, in any order: `alarm text` finds `Text of the alarm`.
    let fits = |choice: &Choice| {
        let name = format!("{} {}", choice.label, choice.about).to_lowercase();
        wanted.iter().all(|part| name.contains(part.as_str()))
    };
    let found: Vec<Choice> = choices.into_iter().filter(fits).take(MOST + 1).collect();
    let closed = document.text.get(inside.end as usize..).is_some_and(|rest| rest.starts_with('"'));
    // Half a text without its end: only what is typed is replaced, not the rest of the line.
    let end = if closed { inside.end as usize + 1 } else { byte as usize };
    let start = if kind { word_at } else { quote };
    let range = document.range(Span::new(start, end));
    let shown = document.text.get(start..byte as usize).unwrap_or_default();
    let item = |choice: &Choice| {
        json!({
            "label": choice.label,
            "kind": VALUE,
            "detail": choice.about,
            "filterText": format!("{shown} {}", choice.label),
            "textEdit": { "range": range, "newText": choice.selector },
        })
    };
    // With the next letter the texts that editors filter by are others: they must ask again.
    list(found.iter().take(MOST).map(item).collect(), true)
}

fn choice(label: &str, about: &str, selector: String) -> Choice {
    Choice { label: label.to_owned(), about: about.to_owned(), selector }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

fn by_id(node: &Node) -> String {
    format!("id {}", quoted(&node.id))
}

/// Every node once, with what means it alone: its name, its name in its tab, or its id.
fn nodes(graph: &FlowGraph) -> Vec<Choice> {
    let tab = |node: &Node| {
        node.tab.and_then(|tab| graph.tabs.get(tab.0 as usize)).map_or("", |tab| tab.name.as_str())
    };
    // A node inside of a subflow stands once for each instance; its name means all of them.
    let mut seen: FxHashMap<&str, &Node> = FxHashMap::default();
    for node in &graph.nodes {
        seen.entry(&node.static_id).or_insert(node);
    }
    let mut all: Vec<&Node> = seen.into_values().collect();
    all.sort_by_key(|node| (node.name.is_empty(), &node.name, &node.id));
    let mut by_name: FxHashMap<&str, u32> = FxHashMap::default();
    let mut by_tab: FxHashMap<(&str, &str), u32> = FxHashMap::default();
    for node in &all {
        *by_name.entry(&node.name).or_default() += 1;
        *by_tab.entry((&node.name, tab(node))).or_default() += 1;
    }
    let special = |name: &str| name.contains(['*', '?']);
    let of = |node: &&Node| {
        let name = node.name.as_str();
        let about = format!("{} in tab {}", node.ty, tab(node));
        if name.is_empty() {
            return choice(&format!("{} {}", node.ty, node.id), &about, by_id(node));
        }
        let selector = match (by_name.get(name), by_tab.get(&(name, tab(node)))) {
            _ if special(name) => by_id(node),
            (Some(1), _) => quoted(name),
            (_, Some(1)) if !tab(node).is_empty() && !special(tab(node)) => {
                format!("{} in tab {}", quoted(name), quoted(tab(node)))
            }
            _ => by_id(node),
        };
        choice(name, &about, selector)
    };
    all.iter().map(of).collect()
}

/// What a router is written like.
const ROUTERS: [(&str, &str); 9] = [
    ("filter", "keep when ${4:msg.payload > 0}"),
    ("halt", "when ${4:msg.payload > 0}"),
    ("tap", "to ${4:stdout}"),
    ("break", "hold at most ${4:100} for ${5:30s} then pass"),
    ("remote", "to ${4:cloud}"),
    ("set", "msg.${4:site} = ${5:\"north\"}"),
    ("redirect", "to node ${4:\"Other\"}"),
    ("limit", "at most ${4:10/s}"),
    ("call", "${4:plugin} { $5 }"),
];

fn words(outline: &[Outline], snippets: bool) -> Vec<Value> {
    let item = |label: &str, kind: u8, detail: &str, doc: &str, snippet: Option<String>| {
        let mut item = json!({ "label": label, "kind": kind });
        for (key, text) in [("detail", detail), ("documentation", doc)] {
            if !text.is_empty() {
                item[key] = Value::from(text);
            }
        }
        if let Some(snippet) = snippet.filter(|_| snippets) {
            item["insertText"] = Value::from(snippet);
            item["insertTextFormat"] = Value::from(2);
        }
        item
    };
    let router = |word: &str| {
        let (_, clause) = ROUTERS.iter().find(|(kind, _)| *kind == word)?;
        Some(format!("{word} ${{1:name}} on ${{2:*}} -> ${{3:*}} {{\n  {clause}$0\n}}"))
    };
    let call = |name: &str, takes: &[String]| {
        let holes = takes.iter().enumerate().map(|(at, takes)| format!("${{{}:{takes}}}", at + 1));
        format!("{name}({})$0", holes.collect::<Vec<_>>().join(", "))
    };
    let keywords = keywords::ALL.iter().map(|k| item(k.word, KEYWORD, "", k.doc, router(k.word)));
    let functions = keywords::FUNCTIONS.iter().map(|f| {
        let takes = super::help::split(f.takes);
        item(f.name, FUNCTION, &format!("{}({})", f.name, f.takes), f.doc, Some(call(f.name, &takes)))
    });
    let roots = keywords::ROOTS.iter().map(|(word, doc)| item(word, VARIABLE, "", doc, None));
    let own = outline.iter().flat_map(|o| std::iter::once(o).chain(&o.inside));
    let mut seen = FxHashSet::default();
    let own = own.filter(|o| o.kind != "test" && seen.insert((o.kind, o.name.as_str()))).map(|o| {
        let snippet = (!o.params.is_empty()).then(|| call(&o.name, &o.params));
        item(&o.name, CONSTANT, o.kind, &o.docs.join("\n"), snippet)
    });
    keywords.chain(functions).chain(roots).chain(own).collect()
}
