//! Lenses over routers and tests, hints in the text, links, and symbols of the workspace.

use std::path::Path;

use gen_lsp_types::Range;
use route_compiler::hir::Router;
use route_grammar::ast::{ExprKind, ItemKind};
use serde_json::{Value, json};

use super::answers::file_of;
use super::document::Document;
use super::find::{self, Outline};
use super::world::{Compiled, World, path_of, uri_of};
use crate::words::many;

/// Places of nodes that one lens brings along.
const MOST_PLACES: usize = 20;
/// Symbols that one answer has.
const MOST_SYMBOLS: usize = 500;

/// The wires of each router (`route.showWires`), and a way to run each test (`route.runTest`).
pub(super) fn lenses(document: &Document, world: &mut World) -> Value {
    let mut found = Vec::new();
    if let Ok(compiled) = world.stack(&document.uri) {
        let file = file_of(&compiled, document);
        for router in compiled.output.stack.routers.iter().filter(|r| Some(r.file) == file) {
            let range = document.range(router.name_span);
            let arguments = json!([document.uri, range.start, places(router, &compiled)]);
            found.push(json!({ "range": range, "command": {
                "title": many(router.wires.len(), "wire"),
                "command": "route.showWires",
                "arguments": arguments,
            }}));
        }
    }
    for test in find::outline(world.parsed(document)).iter().filter(|item| item.kind == "test") {
        found.push(json!({ "range": document.range(test.name_span), "command": {
            "title": "Run test",
            "command": "route.runTest",
            "arguments": [document.uri, test.name],
        }}));
    }
    Value::Array(found)
}

/// Where the sources of a router's wires stand in the flows, each once.
fn places(router: &Router, compiled: &Compiled) -> Vec<Value> {
    let wires = router.wires.iter().filter_map(|wire| compiled.graph.wires.get(*wire as usize));
    let mut nodes: Vec<_> = wires.map(|wire| wire.from).take(MOST_PLACES * 4).collect();
    nodes.dedup();
    let uri = uri_of(&compiled.flows);
    let place = |node| {
        let span = compiled.place(compiled.graph.node(node)?)?;
        Some(json!({ "uri": uri, "range": compiled.flows_text.range(span) }))
    };
    nodes.into_iter().filter_map(place).take(MOST_PLACES).collect()
}

/// How many wires each router sits on, and the types that parameters and predicates have without a word of it.
pub(super) fn hints(document: &Document, world: &mut World, range: Option<Range>) -> Value {
    let mut found = Vec::new();
    let mut hint = |byte: u32, label: String, left: bool| {
        let at = document.position(byte);
        let inside = |range: &Range| (range.start.line..=range.end.line).contains(&at.line);
        if range.as_ref().is_none_or(inside) {
            found.push(json!({ "position": at, "label": label, "paddingLeft": left }));
        }
    };
    if let Ok(compiled) = world.stack(&document.uri) {
        let file = file_of(&compiled, document);
        for router in compiled.output.stack.routers.iter().filter(|r| Some(r.file) == file) {
            hint(router.wires_span.end, many(router.wires.len(), "wire"), true);
        }
    }
    for item in world.parsed(document).items() {
        match &item.kind {
            ItemKind::Param { name, ty: None, default: Some(value) } => {
                let ty = match &value.kind {
                    ExprKind::Number(_) => "number",
                    ExprKind::Text(_) => "string",
                    ExprKind::Bool(_) => "bool",
                    ExprKind::Duration(_) => "duration",
                    ExprKind::Size(_) => "size",
                    ExprKind::Rate { .. } => "rate",
                    _ => continue,
                };
                hint(name.span.end, format!(": {ty}"), false);
            }
            ItemKind::Predicate { name, params, .. } if params.is_empty() => {
                hint(name.span.end, ": bool".to_owned(), false);
            }
            _ => {}
        }
    }
    Value::Array(found)
}

/// The files that a text uses.
pub(super) fn links(document: &Document, world: &mut World) -> Value {
    let Some(path) = path_of(&document.uri) else { return json!([]) };
    let link = |item: &std::sync::Arc<route_grammar::ast::Item>| match &item.kind {
        ItemKind::Use(text) => Some(json!({
            "range": document.range(text.span),
            "target": uri_of(Path::new(&route_compiler::beside(&path.to_string_lossy(), &text.value))),
        })),
        _ => None,
    };
    world.parsed(document).items().filter_map(link).collect()
}

/// Declarations of all stacks that are open or lie in the editor's folders, by letters in order.
pub(super) fn symbols(query: &str, world: &mut World) -> Value {
    // By path: of one file the editor and the folder may have URIs that differ in what they escape.
    let mut texts = world.files_of_folders();
    texts.extend(world.all_open());
    let mut found = Vec::new();
    for text in texts {
        let Some(document) = world.text(&text) else { continue };
        let outline = find::outline(world.parsed(&document));
        add(&document, &outline, "", &query.to_lowercase(), &mut found);
    }
    found.truncate(MOST_SYMBOLS);
    Value::Array(found)
}

fn add(document: &Document, outline: &[Outline], within: &str, query: &str, found: &mut Vec<Value>) {
    for item in outline {
        if fits(&item.name.to_lowercase(), query) {
            let place = json!({ "uri": document.uri, "range": document.range(item.name_span) });
            let kind = super::answers::symbol_kind(item.kind);
            found
                .push(json!({ "name": item.name, "kind": kind, "location": place, "containerName": within }));
        }
        add(document, &item.inside, &item.name, query, found);
    }
}

/// Whether the letters of the query stand in the name in this order.
fn fits(name: &str, query: &str) -> bool {
    let mut letters = name.chars();
    query.chars().all(|wanted| letters.any(|letter| letter == wanted))
}
