//! Writes the file of `let` names by id: one readable, unique name per node, for flows whose nodes have no good names.

use std::fmt::Write;

use route_grammar::keywords;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::flow::{Edges, FlowGraph, Node, NodeIx, WireKind};

/// Longest name before a number is added.
const MAX_NAME: usize = 48;
/// Most neighbours that a comment lists on each side.
const MAX_NEIGHBOURS: usize = 4;
/// The text of the names file. The same flow gives the same text, whatever the order of its entries.
pub fn names(graph: &FlowGraph) -> String {
    let edges = graph.edges();
    let taken = granted(graph, &edges);
    let mut order: Vec<NodeIx> = (0..graph.nodes.len() as u32).map(NodeIx).collect();
    order.sort_by_cached_key(|&ix| (tab(graph, ix).to_owned(), taken[ix.0 as usize].clone()));
    let mut out = String::from("// Names by id, one per node, as `routec names` writes them.\n");
    for ix in order {
        out.push('\n');
        entry(&mut out, graph, &edges, ix, &taken[ix.0 as usize]);
    }
    out
}

/// The name of every node, by index: its words, then type, tab and a number as far as needed to be unique.
pub fn identifiers(graph: &FlowGraph) -> Vec<String> {
    granted(graph, &graph.edges())
}

fn granted(graph: &FlowGraph, edges: &Edges) -> Vec<String> {
    let mut by_id: Vec<u32> = (0..graph.nodes.len() as u32).collect();
    by_id.sort_by(|&a, &b| graph.nodes[a as usize].id.cmp(&graph.nodes[b as usize].id));
    let all: Vec<[String; 3]> =
        (0..graph.nodes.len() as u32).map(|i| wishes(graph, edges, NodeIx(i))).collect();
    let mut names = vec![String::new(); graph.nodes.len()];
    let mut taken: FxHashSet<String> = FxHashSet::default();
    // A wish is granted only where one node has it, so that no name moves when a twin is added elsewhere.
    let mut open = by_id;
    for round in [0, 1, 2] {
        let wish = |i: u32| all[i as usize][round].as_str();
        let mut count: FxHashMap<&str, u32> = FxHashMap::default();
        for &i in &open {
            *count.entry(wish(i)).or_default() += 1;
        }
        open.retain(|&i| {
            let wish = wish(i);
            let free = count.get(wish) == Some(&1) && keywords::lookup(wish).is_none();
            if free && taken.insert(wish.to_owned()) {
                wish.clone_into(&mut names[i as usize]);
                return false;
            }
            true
        });
    }
    let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
    for i in open {
        let wish = all[i as usize][2].as_str();
        let next = numbers.entry(wish).or_insert(0);
        let name = loop {
            *next += 1;
            let name = format!("{wish}_{next}");
            if taken.insert(name.clone()) {
                break name;
            }
        };
        names[i as usize] = name;
    }
    names
}

/// By name or type; then with type, or after a neighbour; then with tab or instance too.
fn wishes(graph: &FlowGraph, edges: &Edges, ix: NodeIx) -> [String; 3] {
    let node = &graph.nodes[ix.0 as usize];
    let ty = type_name(graph, node);
    let named = node.name.contains(|c: char| c.is_ascii_alphanumeric());
    let place = node.instance.map_or_else(
        || tab(graph, ix).to_owned(),
        |i| format!("{} {}", tab(graph, ix), label(graph, &graph.nodes[i.0 as usize])),
    );
    if named {
        let typed = format!("{} {ty}", node.name);
        return [words(&node.name), words(&typed), words(&format!("{place} {typed}"))];
    }
    let by = match neighbour(graph, edges.in_wires(ix), |w| graph.wires[w as usize].from) {
        Some(before) => format!("{ty} after {before}"),
        None => match neighbour(graph, edges.out_wires(ix), |w| graph.wires[w as usize].to) {
            Some(after) => format!("{ty} before {after}"),
            None => ty.clone(),
        },
    };
    [words(&ty), words(&by), words(&format!("{place} {by}"))]
}

/// The least name at the other ends: it does not depend on the order of wires.
fn neighbour<'g>(graph: &'g FlowGraph, wires: &[u32], end: impl Fn(u32) -> NodeIx) -> Option<&'g str> {
    let names = wires.iter().map(|&w| graph.nodes[end(w).0 as usize].name.as_str());
    names.filter(|name| !name.is_empty()).min()
}

/// Lower-case words joined by `_`; what is not ASCII is left out, and a name never begins with a digit.
fn words(text: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() {
            gap = true;
            continue;
        }
        if out.len() >= MAX_NAME {
            break;
        }
        if (gap && !out.is_empty()) || (out.is_empty() && c.is_ascii_digit()) {
            out.push('_');
        }
        gap = false;
        out.push(c.to_ascii_lowercase());
    }
    if out.is_empty() { "node_".to_owned() } else { out }
}

fn tab(graph: &FlowGraph, ix: NodeIx) -> &str {
    let tab = graph.nodes[ix.0 as usize].tab.and_then(|t| graph.tabs.get(t.0 as usize));
    tab.map_or("", |t| if t.name.is_empty() { &t.id } else { &t.name })
}

fn type_name(graph: &FlowGraph, node: &Node) -> String {
    match node.instance_of.and_then(|s| graph.subflows.get(s.0 as usize)) {
        Some(subflow) if !subflow.name.is_empty() => format!("subflow {}", subflow.name),
        _ => node.ty.clone(),
    }
}

fn label(graph: &FlowGraph, node: &Node) -> String {
    if node.name.is_empty() { type_name(graph, node) } else { node.name.clone() }
}

fn entry(out: &mut String, graph: &FlowGraph, edges: &Edges, ix: NodeIx, name: &str) {
    let node = &graph.nodes[ix.0 as usize];
    let mut about = String::new();
    if node.name.is_empty() {
        let _ = write!(about, "{}", type_name(graph, node));
    } else {
        let _ = write!(about, "\"{}\", {}", node.name, type_name(graph, node));
    }
    if !tab(graph, ix).is_empty() {
        let _ = write!(about, ", tab \"{}\"", tab(graph, ix));
    }
    if let Some(group) = node.groups.first().and_then(|g| graph.groups.get(g.0 as usize))
        && !group.name.is_empty()
    {
        let _ = write!(about, ", group \"{}\"", group.name);
    }
    if let Some(instance) = node.instance {
        let _ = write!(about, ", in \"{}\"", label(graph, &graph.nodes[instance.0 as usize]));
    }
    if node.disabled {
        about.push_str(", disabled");
    }
    let before = neighbours(graph, edges.in_wires(ix), |w| graph.wires[w as usize].from);
    if !before.is_empty() {
        let _ = write!(about, "; from {before}");
    }
    let after = neighbours(graph, edges.out_wires(ix), |w| graph.wires[w as usize].to);
    if !after.is_empty() {
        let _ = write!(about, "; to {after}");
    }
    let _ = writeln!(out, "/// {}", one_line(&about));
    let _ = writeln!(out, "let {name} = id {}", quote(&node.id));
}

/// Labels of the nodes at the other end, sorted, each once.
fn neighbours(graph: &FlowGraph, wires: &[u32], end: impl Fn(u32) -> NodeIx) -> String {
    let is_line = |w: &&u32| graph.wires[**w as usize].kind != WireKind::LinkCall;
    let mut labels: Vec<String> = wires
        .iter()
        .filter(is_line)
        .map(|&w| format!("\"{}\"", label(graph, &graph.nodes[end(w).0 as usize])))
        .collect();
    labels.sort();
    labels.dedup();
    let more = labels.len().saturating_sub(MAX_NEIGHBOURS);
    labels.truncate(MAX_NEIGHBOURS);
    let mut text = labels.join(", ");
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

/// A text of the language: quotes and backslashes escaped, control characters as `\u{…}`.
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::flow::read;

    const FLOW: &str = r#"[
        {"id":"t","type":"tab","label":"Green House"},
        {"id":"a","type":"inject","z":"t","name":"Sensor 1","wires":[["b","c"]]},
        {"id":"b","type":"debug","z":"t","name":"out","wires":[]},
        {"id":"c","type":"function","z":"t","name":"out","wires":[["d","e"]]},
        {"id":"d","type":"debug","z":"t","wires":[]},
        {"id":"e","type":"debug","z":"t","wires":[],"d":true},
        {"id":"f\"x","type":"debug","name":"tab","z":"t","wires":[]},
        {"id":"g","type":"debug","name":"温室","z":"t","wires":[]},
        {"id":"h","type":"debug","name":"1st\nline","z":"t","wires":[]}
    ]"#;

    #[test]
    fn one_readable_name_each() {
        let text = names(&read(FLOW).unwrap());
        assert_eq!(
            text,
            r#"// Names by id, one per node, as `routec names` writes them.

/// "1st line", debug, tab "Green House"
let _1st_line = id "h"

/// "温室", debug, tab "Green House"
let debug = id "g"

/// debug, tab "Green House"; from "out"
let green_house_debug_after_out_1 = id "d"

/// debug, tab "Green House", disabled; from "out"
let green_house_debug_after_out_2 = id "e"

/// "out", debug, tab "Green House"; from "Sensor 1"
let out_debug = id "b"

/// "out", function, tab "Green House"; from "Sensor 1"; to "debug"
let out_function = id "c"

/// "Sensor 1", inject, tab "Green House"; to "out"
let sensor_1 = id "a"

/// "tab", debug, tab "Green House"
let tab_debug = id "f\"x"
"#
        );
    }

    #[test]
    fn the_language_takes_it() {
        let text = names(&read(FLOW).unwrap());
        let (ast, diagnostics) = route_grammar::parse(&text, route_grammar::FileId(0));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert_eq!(ast.items.len(), 8);
    }

    #[test]
    fn order_of_entries_does_not_matter() {
        let mut list: Vec<serde_json::Value> = serde_json::from_str(FLOW).unwrap();
        let there = names(&read(FLOW).unwrap());
        list.reverse();
        assert_eq!(there, names(&read(&serde_json::to_string(&list).unwrap()).unwrap()));
    }

    #[test]
    fn every_name_is_unique_and_an_identifier() {
        let flow: Vec<String> = (0..500)
            .map(|i| {
                format!(
                    r#"{{"id":"{i}","type":"debug","name":"{}","wires":[]}}"#,
                    ["a 2", "a", "in", ""][i % 4]
                )
            })
            .collect();
        let graph = read(&format!("[{}]", flow.join(","))).unwrap();
        let names = identifiers(&graph);
        let set: FxHashSet<&String> = names.iter().collect();
        assert_eq!(set.len(), 500);
        for name in &names {
            assert!(keywords::lookup(name).is_none());
            assert!(name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{name}");
        }
    }
}
