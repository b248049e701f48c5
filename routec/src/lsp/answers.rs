//! An answer for each request.

use std::collections::HashMap;

use gen_lsp_types::{
    CodeAction, CodeActionKind, Contents, DocumentSymbol, Hover, Location, MarkupContent, MarkupKind,
    Position, Range, SymbolKind, TextEdit, Uri, WorkspaceEdit,
};
use route_compiler::flow::FlowGraph;
use route_compiler::hir;
use route_grammar::{Applicability, FileId, Span, ident, keywords};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::complete;
use super::document::Document;
use super::find::{self, Outline};
use super::world::{Compiled, World, uri_of};
use super::{help, lens, names, tokens};
use crate::words::many;

/// Wires that a hover lists.
const MOST_WIRES: usize = 12;
/// Bytes of a declaration that a hover shows as it is written.
const MOST_WRITTEN: usize = 400;

pub(super) fn capabilities(utf8: bool) -> Value {
    json!({
        "positionEncoding": if utf8 { "utf-8" } else { "utf-16" },
        "textDocumentSync": { "openClose": true, "change": 2, "save": true },
        "completionProvider": { "triggerCharacters": ["\"", "."] },
        "signatureHelpProvider": { "triggerCharacters": ["(", ",", "{"] },
        "codeLensProvider": { "resolveProvider": false },
        "documentLinkProvider": { "resolveProvider": false },
        "workspaceSymbolProvider": true,
        "documentRangeFormattingProvider": true,
        "hoverProvider": true,
        "definitionProvider": true,
        "referencesProvider": true,
        "renameProvider": { "prepareProvider": true },
        "documentSymbolProvider": true,
        "documentFormattingProvider": true,
        "foldingRangeProvider": true,
        "inlayHintProvider": true,
        "codeActionProvider": { "codeActionKinds": ["quickfix", "source.fixAll"] },
        "semanticTokensProvider": {
            "legend": { "tokenTypes": tokens::TYPES, "tokenModifiers": tokens::MODIFIERS },
            "full": true,
            "range": true,
        },
    })
}

/// Why a request has no answer.
pub(super) enum Refusal {
    /// Nobody knows that request.
    Unknown,
    /// In words for people.
    Because(String),
}

pub(super) fn answer(
    method: &str,
    params: &Value,
    document: &Document,
    world: &mut World,
) -> Result<Value, Refusal> {
    let byte = || part::<Position>(params, "/position").map_or(0, |position| document.byte(&position));
    let range = || part::<Range>(params, "/range");
    Ok(match method {
        "textDocument/formatting" => json(&formatting(document)),
        "textDocument/rangeFormatting" => {
            json(&range().and_then(|range| range_formatting(document, &range, world)))
        }
        "textDocument/documentSymbol" => json(&symbols(document, &find::outline(world.parsed(document)))),
        "textDocument/foldingRange" => folding(document, &find::outline(world.parsed(document))),
        "textDocument/semanticTokens/full" => tokens::of(document, None),
        "textDocument/semanticTokens/range" => tokens::of(document, range()),
        "textDocument/completion" => complete::at(document, byte(), world),
        "textDocument/signatureHelp" => json(&help::at(document, byte(), &outlines(document, world))),
        "textDocument/hover" => json(&hover(document, byte(), world)),
        "textDocument/definition" => json(&definition(document, byte(), world)),
        "textDocument/references" => json(&names::references(document, byte(), world)),
        "textDocument/prepareRename" => {
            json(&names::declared(document, byte(), world).map(|span| document.range(span)))
        }
        "textDocument/rename" => {
            let new = params.get("newName").and_then(Value::as_str).unwrap_or_default();
            json(&names::rename(document, byte(), new, world).map_err(Refusal::Because)?)
        }
        "textDocument/codeAction" => {
            json(&range().map(|range| actions(document, &range, world)).unwrap_or_default())
        }
        "textDocument/codeLens" => lens::lenses(document, world),
        "textDocument/documentLink" => lens::links(document, world),
        "textDocument/inlayHint" => lens::hints(document, world, range()),
        _ => return Err(Refusal::Unknown),
    })
}

fn part<T: DeserializeOwned>(params: &Value, at: &str) -> Option<T> {
    serde_json::from_value(params.pointer(at)?.clone()).ok()
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// `None`: the text has faults.
fn formatting(document: &Document) -> Option<Vec<TextEdit>> {
    let new = route_grammar::format(&document.text).ok()?;
    let edit = TextEdit { range: document.range(document.all()), new_text: new };
    Some(if edit.new_text == *document.text { Vec::new() } else { vec![edit] })
}

/// The items that a range touches, each in the one style. `None`: they have faults.
fn range_formatting(document: &Document, range: &Range, world: &mut World) -> Option<Vec<TextEdit>> {
    let (from, to) = (document.byte(&range.start), document.byte(&range.end));
    let spans: Vec<Span> = world.parsed(document).items().map(|item| item.span).collect();
    let met = spans.into_iter().filter(|span| span.start <= to && from <= span.end);
    let mut edits = Vec::new();
    for span in met {
        let old = document.text.get(span.range())?;
        let new = route_grammar::format(old).ok()?;
        let new = new.trim_end_matches(['\n', '\r']);
        if new != old {
            edits.push(TextEdit { range: document.range(span), new_text: new.to_owned() });
        }
    }
    Some(edits)
}

/// The protocol's kind of an item.
pub(super) fn symbol_kind(kind: &str) -> SymbolKind {
    match kind {
        "stack" | "layer" => SymbolKind::Namespace,
        "const" | "param" => SymbolKind::Constant,
        "predicate" => SymbolKind::Function,
        "schema" => SymbolKind::Struct,
        "let" => SymbolKind::Variable,
        "test" => SymbolKind::Event,
        _ => SymbolKind::Object,
    }
}

fn symbols(document: &Document, outline: &[Outline]) -> Vec<DocumentSymbol> {
    #[allow(deprecated)]
    let symbol = |item: &Outline| DocumentSymbol {
        name: item.name.clone(),
        detail: Some(item.kind.to_owned()),
        kind: symbol_kind(item.kind),
        tags: None,
        deprecated: None,
        range: document.range(item.span),
        selection_range: document.range(item.name_span),
        children: Some(symbols(document, &item.inside)),
    };
    outline.iter().filter(|item| item.span.start <= item.name_span.start).map(symbol).collect()
}

fn folding(document: &Document, outline: &[Outline]) -> Value {
    fn add(document: &Document, items: &[Outline], found: &mut Vec<Value>) {
        for item in items {
            let range = document.range(item.span);
            if range.start.line < range.end.line {
                found.push(json!({ "startLine": range.start.line, "endLine": range.end.line }));
            }
            add(document, &item.inside, found);
        }
    }
    let mut found = Vec::new();
    add(document, outline, &mut found);
    Value::Array(found)
}

fn hover(document: &Document, byte: u32, world: &mut World) -> Option<Hover> {
    let shown = |text: String, span: Span| Hover {
        contents: Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: text }),
        range: Some(document.range(span)),
    };
    let compiled = world.stack(&document.uri).ok();
    if let (Some(span), Some(compiled)) = (document.quoted(byte), &compiled) {
        let name = document.text.get(span.range())?;
        let nodes = compiled.graph.nodes.iter().filter(|node| node.name == name || node.id == name);
        let mut lines: Vec<String> =
            nodes.map(|node| about(node, &compiled.graph)).take(MOST_WIRES).collect();
        if let Some(scope) = scope(document, span, name, &compiled.graph) {
            lines = vec![scope];
        }
        return (!lines.is_empty()).then(|| shown(lines.join("\n"), span));
    }
    let span = document.word(byte)?;
    let word = document.text.get(span.range())?;
    if let Some(router) = compiled.as_ref().and_then(|compiled| router_at(compiled, document, byte)) {
        let compiled = compiled.as_ref()?;
        return Some(shown(wires(router, compiled), span));
    }
    let named = names::at(document, byte, world);
    let keyword = keywords::lookup(word).filter(|keyword| !keyword.doc.is_empty());
    if let Some(keyword) = keyword.filter(|_| named.is_none()) {
        return Some(shown(format!("**{word}**: {}", keyword.doc), span));
    }
    if let Some(function) = keywords::FUNCTIONS.iter().find(|f| f.name == word) {
        return Some(shown(format!("`{}({})`\n\n{}", function.name, function.takes, function.doc), span));
    }
    let space = named?.space;
    let (word, span) = (word.to_owned(), span);
    for text in world.texts(document) {
        let outline = find::outline(world.parsed(&text));
        let Some(item) = find::declaration(&outline, &word, space) else { continue };
        let written = text.text.get(item.span.range()).unwrap_or_default();
        let mut said = match written.len() <= MOST_WRITTEN {
            true => format!("```route\n{written}\n```"),
            false => format!("{} `{}`", item.kind, item.name),
        };
        if !item.docs.is_empty() {
            said.push_str(&format!("\n\n{}", item.docs.join("\n")));
        }
        if item.kind == "let" {
            said.push_str(
                &world.selected(document, &word).map_or(String::new(), |found| format!("\n\n{found}")),
            );
        }
        return Some(shown(said, span));
    }
    None
}

/// What the texts of the stacks around this one declare, its own first.
pub(super) fn outlines(document: &Document, world: &mut World) -> Vec<Outline> {
    let texts = world.texts(document);
    texts.iter().flat_map(|text| find::outline(world.parsed(text))).collect()
}

/// Of a tab, group, subflow or type in quotes, how many nodes and wires it has.
fn scope(document: &Document, span: Span, name: &str, graph: &FlowGraph) -> Option<String> {
    let before = document.text.get(..(span.start as usize).saturating_sub(1))?.trim_end();
    let word = before.get(ident::start_of_last(before)..)?;
    let named =
        |all: &[route_compiler::flow::Scope], at: u32| all.get(at as usize).is_some_and(|s| s.name == name);
    let inside = |node: &route_compiler::flow::Node| match word {
        "tab" => node.tab.is_some_and(|tab| named(&graph.tabs, tab.0)),
        "group" => node.groups.iter().any(|group| named(&graph.groups, group.0)),
        "subflow" => node.subflow.is_some_and(|subflow| named(&graph.subflows, subflow.0)),
        _ => node.ty == name,
    };
    if !["tab", "group", "subflow", "type"].contains(&word) {
        return None;
    }
    let nodes = graph.nodes.iter().filter(|node| inside(node)).count();
    let from = |wire: &&route_compiler::flow::Wire| graph.node(wire.from).is_some_and(inside);
    let wires = graph.wires.iter().filter(from).count();
    Some(format!("{word} **{name}**: {}, {} from them", many(nodes, "node"), many(wires, "wire")))
}

fn about(node: &route_compiler::flow::Node, graph: &FlowGraph) -> String {
    let tab = node.tab.and_then(|tab| graph.tabs.get(tab.0 as usize)).map_or("", |tab| tab.name.as_str());
    let off = if node.disabled { ", disabled" } else { "" };
    format!("- **{}** `{}` in tab {tab}, {}{off}", node.ty, node.id, many(node.outputs as usize, "output"))
}

/// The router whose name or ends stand there.
fn router_at<'c>(compiled: &'c Compiled, document: &Document, byte: u32) -> Option<&'c hir::Router> {
    let file = file_of(compiled, document)?;
    let inside = |span: Span| span.start <= byte && byte <= span.end;
    compiled
        .output
        .stack
        .routers
        .iter()
        .find(|r| r.file == file && (inside(r.name_span) || inside(r.wires_span)))
}

pub(super) fn file_of(compiled: &Compiled, document: &Document) -> Option<FileId> {
    let name = super::world::path_of(&document.uri)?.display().to_string();
    compiled.output.sources.iter().find(|(_, source)| source.name == name).map(|(id, _)| id)
}

fn wires(router: &hir::Router, compiled: &Compiled) -> String {
    let graph = &compiled.graph;
    let name = |node| {
        graph
            .node(node)
            .map_or(String::new(), |n| if n.name.is_empty() { n.id.clone() } else { n.name.clone() })
    };
    let line = |at: &u32| {
        let wire = graph.wires.get(*at as usize)?;
        Some(format!("- {}.{} → {}", name(wire.from), wire.port + 1, name(wire.to)))
    };
    let mut text =
        format!("{} `{}` sits on {}", router.info.kind, router.info.name, many(router.wires.len(), "wire"));
    if !router.info.doc.is_empty() {
        text.push_str(&format!("\n\n{}", router.info.doc));
    }
    text.push_str("\n\n");
    let lines: Vec<String> = router.wires.iter().filter_map(line).take(MOST_WIRES).collect();
    text.push_str(&lines.join("\n"));
    if router.wires.len() > MOST_WIRES {
        text.push_str(&format!("\n- and {} more", router.wires.len() - MOST_WIRES));
    }
    text
}

fn definition(document: &Document, byte: u32, world: &mut World) -> Option<Vec<Location>> {
    let compiled = world.stack(&document.uri).ok();
    if let Some(span) = document.quoted(byte) {
        let (name, compiled) = (document.text.get(span.range())?, compiled?);
        if document.text.get(..span.start as usize)?.trim_end_matches('"').trim_end().ends_with("use") {
            let beside = super::world::path_of(&document.uri)?.parent()?.join(name);
            return Some(vec![Location { uri: Uri(uri_of(&beside)), range: Range::default() }]);
        }
        // A node's place in the flows.
        let (uri, flows) = (uri_of(&compiled.flows), &compiled.flows_text);
        let nodes = compiled.graph.nodes.iter().filter(|node| node.name == name || node.id == name);
        let place = |node: &route_compiler::flow::Node| {
            Some(Location { uri: Uri(uri.clone()), range: flows.range(compiled.place(node)?) })
        };
        return Some(nodes.filter_map(place).collect());
    }
    names::definition(document, byte, world)
}

/// Every suggestion of the findings in a range, each once; what may be put in without looking is preferred.
fn actions(document: &Document, range: &Range, world: &mut World) -> Vec<CodeAction> {
    let (mut found, mut all) = (Vec::new(), None);
    for compiled in world.stacks(&document.uri) {
        let Some(file) = file_of(&compiled, document) else { continue };
        for action in fixes(document, range, &compiled, file, world) {
            if !found.contains(&action) {
                found.push(action);
            }
        }
        all = all.or_else(|| all_fixes(document, &compiled, file));
    }
    found.extend(all);
    found
}

fn fixes(
    document: &Document,
    range: &Range,
    compiled: &Compiled,
    file: FileId,
    world: &World,
) -> Vec<CodeAction> {
    let (from, to) = (document.byte(&range.start), document.byte(&range.end));
    let met = |span: Span| span.start <= to && from <= span.end;
    let here = compiled.output.diagnostics.iter().filter(|d| d.primary.file == file && met(d.primary.span));
    let mut found = Vec::new();
    for (d, suggestion) in here.flat_map(|d| d.suggestions.iter().map(move |s| (d, s))) {
        let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
        for (file, span, text) in &suggestion.edits {
            let Some(source) = world.source(&compiled.output.sources, *file) else { continue };
            let edit = TextEdit { range: source.range(*span), new_text: text.clone() };
            changes.entry(Uri(source.uri)).or_default().push(edit);
        }
        found.push(CodeAction {
            title: format!("{}: {}", d.code(), suggestion.text),
            kind: Some(CodeActionKind::QuickFix),
            is_preferred: Some(suggestion.applicability == Applicability::Machine),
            edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
            ..CodeAction::default()
        });
    }
    found
}

/// Everything that may be put in without looking, at once; of two that touch one place the first.
fn all_fixes(document: &Document, compiled: &Compiled, file: FileId) -> Option<CodeAction> {
    let certain = |s: &&route_grammar::Suggestion| {
        s.applicability == Applicability::Machine && s.edits.iter().all(|(of, ..)| *of == file)
    };
    let mut taken: Vec<(Span, &String)> = Vec::new();
    let mut count = 0;
    for suggestion in compiled.output.diagnostics.iter().filter_map(|d| d.suggestions.iter().find(certain)) {
        let free = |(_, span, _): &(FileId, Span, String)| {
            taken.iter().all(|(other, _)| span.end < other.start || other.end < span.start)
        };
        if suggestion.edits.iter().all(free) {
            taken.extend(suggestion.edits.iter().map(|(_, span, text)| (*span, text)));
            count += 1;
        }
    }
    let edit =
        |(span, text): &(Span, &String)| TextEdit { range: document.range(*span), new_text: (*text).clone() };
    let changes = HashMap::from([(Uri(document.uri.clone()), taken.iter().map(edit).collect())]);
    (count > 0).then(|| CodeAction {
        title: format!("fix all: {}", many(count, "certain fix")),
        kind: Some(CodeActionKind::SourceFixAll),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    })
}
