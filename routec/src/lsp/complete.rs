//! Completion: words of the language, names of the stack, and names of nodes, tabs, groups and types out of the flows.

use std::collections::BTreeMap;

use gen_lsp_types::{CompletionItem, CompletionItemKind, Documentation};
use route_compiler::flow::FlowGraph;
use route_grammar::keywords;

use super::document::Document;
use super::find::Outline;

/// What fits at a place.
pub(super) fn at(
    document: &Document,
    byte: u32,
    graph: Option<&FlowGraph>,
    outline: &[Outline],
) -> Vec<CompletionItem> {
    match document.quoted(byte) {
        Some(inside) => names(document, inside.start, byte, graph),
        None => words(outline),
    }
}

/// Names in quotes: of what kind says the word before them; without one they are nodes.
fn names(document: &Document, start: u32, byte: u32, graph: Option<&FlowGraph>) -> Vec<CompletionItem> {
    let Some(graph) = graph else { return Vec::new() };
    let before = document.text.get(..start.saturating_sub(1) as usize).unwrap_or_default();
    let word = before.split_whitespace().next_back().unwrap_or_default();
    let typed = document.text.get(start as usize..byte as usize).unwrap_or_default().to_lowercase();
    let scopes =
        |all: &[route_compiler::flow::Scope]| all.iter().map(|s| (s.name.clone(), String::new())).collect();
    let mut found: BTreeMap<String, String> = match word {
        "tab" => scopes(&graph.tabs),
        "group" => scopes(&graph.groups),
        "subflow" => scopes(&graph.subflows),
        "type" => graph.nodes.iter().map(|node| (node.ty.clone(), String::new())).collect(),
        "id" => {
            graph.nodes.iter().map(|node| (node.id.clone(), format!("{} {}", node.ty, node.name))).collect()
        }
        _ => {
            let mut nodes: BTreeMap<String, String> = BTreeMap::new();
            for node in &graph.nodes {
                let tab = node
                    .tab
                    .and_then(|tab| graph.tabs.get(tab.0 as usize))
                    .map_or("", |tab| tab.name.as_str());
                let about = format!("{} in tab {tab}", node.ty);
                nodes
                    .entry(node.name.clone())
                    .and_modify(|known| known.push_str(&format!(", {about}")))
                    .or_insert(about);
            }
            nodes
        }
    };
    found.remove("");
    // Any words of a name, in any order: `alarm text` finds `Text of the alarm`.
    let fits = |name: &str| {
        let name = name.to_lowercase();
        typed.split_whitespace().all(|part| name.contains(part))
    };
    let item = |(name, about): (String, String)| CompletionItem {
        label: name.clone(),
        kind: Some(CompletionItemKind::Value),
        detail: (!about.is_empty()).then_some(about),
        filter_text: Some(format!("{typed} {name}")),
        insert_text: Some(name.replace('\\', "\\\\").replace('"', "\\\"")),
        ..CompletionItem::default()
    };
    found.into_iter().filter(|(name, _)| fits(name)).map(item).collect()
}

fn words(outline: &[Outline]) -> Vec<CompletionItem> {
    let item = |label: &str, kind, detail: &str, doc: &str| CompletionItem {
        label: label.to_owned(),
        kind: Some(kind),
        detail: (!detail.is_empty()).then(|| detail.to_owned()),
        documentation: (!doc.is_empty()).then(|| Documentation::String(doc.to_owned())),
        ..CompletionItem::default()
    };
    let keywords = keywords::ALL.iter().map(|k| item(k.word, CompletionItemKind::Keyword, "", k.doc));
    let functions = keywords::FUNCTIONS
        .iter()
        .map(|f| item(f.name, CompletionItemKind::Function, &format!("{}({})", f.name, f.takes), f.doc));
    let roots = keywords::ROOTS.iter().map(|(word, doc)| item(word, CompletionItemKind::Variable, "", doc));
    let own = outline.iter().flat_map(|o| std::iter::once(o).chain(&o.inside));
    let own = own
        .filter(|o| o.kind != "test")
        .map(|o| item(&o.name, CompletionItemKind::Constant, o.kind, &o.docs.join("\n")));
    keywords.chain(functions).chain(roots).chain(own).collect()
}
