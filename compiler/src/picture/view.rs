//! Which part of a flow is drawn, and the nodes that a name on the command line means.

use route_grammar::ast::{EndsKind, ItemKind};
use route_grammar::{Diagnostic, FileId, Severity, Sources};
use rustc_hash::FxHashSet;

use crate::flow::{FlowGraph, NodeIx, Wire};
use crate::index::Index;
use crate::load::Placed;
use crate::resolver::Resolver;
use crate::{Files, Input, scope};

/// What is asked for; everything, unless something is set.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// These nodes alone.
    nodes: Option<FxHashSet<NodeIx>>,
    /// Wires that leave these nodes are drawn too, with a mark for what they lead to.
    open: bool,
    /// Nodes that are marked.
    pub(super) focus: Vec<NodeIx>,
    /// Only wires with one of these routers.
    pub(super) routers: Vec<String>,
    /// Only wires with routers.
    routed: bool,
}

impl View {
    /// Only these nodes, and wires that begin or end at one of them.
    pub fn of_nodes(mut self, nodes: impl IntoIterator<Item = NodeIx>) -> Self {
        self.nodes = Some(nodes.into_iter().collect());
        self.open = true;
        self
    }

    /// Only these nodes and what is so many wires away from them, against the wires or along; of those asked for
    /// before, if any were.
    pub fn around(mut self, graph: &FlowGraph, focus: Vec<NodeIx>, hops: u32) -> Self {
        let edges = graph.edges();
        let mut near: FxHashSet<NodeIx> = focus.iter().copied().collect();
        let mut rim: Vec<NodeIx> = focus.clone();
        for _ in 0..hops {
            let mut next = Vec::new();
            for node in rim {
                let wire = |at: &u32| graph.wires.get(*at as usize);
                let behind = edges.in_wires(node).iter().filter_map(wire).map(|wire| wire.from);
                let ahead = edges.out_wires(node).iter().filter_map(wire).map(|wire| wire.to);
                next.extend(behind.chain(ahead).filter(|node| near.insert(*node)));
            }
            if next.is_empty() {
                break;
            }
            rim = next;
        }
        if let Some(nodes) = &self.nodes {
            near.retain(|node| nodes.contains(node) || focus.contains(node));
        }
        self.nodes = Some(near);
        self.open = false;
        self.focus = focus;
        self
    }

    /// Only wires with routers, of these names if any are given, and the nodes at their ends.
    pub fn routed(mut self, routers: Vec<String>) -> Self {
        self.routers = routers;
        self.routed = true;
        self
    }

    pub(super) fn is_routed(&self) -> bool {
        self.routed
    }

    pub(super) fn has(&self, node: NodeIx) -> bool {
        self.nodes.as_ref().is_none_or(|nodes| nodes.contains(&node))
    }

    pub(super) fn has_wire(&self, wire: &Wire) -> bool {
        let (from, to) = (self.has(wire.from), self.has(wire.to));
        if self.open { from || to } else { from && to }
    }
}

/// What is wrong with a name, and the texts that it is told in.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// Where findings point.
    pub sources: Sources,
    /// At least one error.
    pub diagnostics: Vec<Diagnostic>,
}

/// The nodes that a text means, ascending: a selector of the language (`"Format" in tab "Alerts"`, `id "f1"`), or a
/// plain name, glob or id without quotes. A name must mean exactly one node, in however many instances of a subflow; `tab …`,
/// `group …` and the like mean all that they match. `flows` are name and text of `flows.json`; `label` is what the text
/// is called in findings.
///
/// # Errors
/// The findings that the compiler has for such a selector in a stack.
pub fn find(
    graph: &FlowGraph,
    flows: (&str, &str),
    label: &str,
    wanted: &str,
) -> Result<Vec<NodeIx>, Box<Unknown>> {
    let index = Index::new(graph);
    let is_name = !index.named(wanted).is_empty();
    let is_id = !is_name && !index.with_id(wanted).is_empty();
    let plain = is_name || !(wanted.contains('"') || wanted.contains("~/"));
    let ends = match (is_id, plain) {
        (true, _) => format!("id {}", crate::names::quote(wanted)),
        (false, true) => crate::names::quote(wanted),
        (false, false) => wanted.to_owned(),
    };
    let text = format!("let shown = {ends}\n");
    let mut sources = Sources::default();
    let flows_at = sources.add(flows.0, flows.1);
    let file = sources.add(label, &text);
    let (parsed, mut diagnostics) = route_grammar::parse(&text, file);
    let items: Vec<Placed> = parsed
        .items
        .into_iter()
        .map(|item| Placed { file, layer: crate::load::MAIN.to_owned(), item: item.into() })
        .collect();
    let scope = scope::collect(&items, &mut diagnostics);
    let input = Input::new(&NoFiles, label, graph, flows);
    let mut resolver = Resolver::new(&input, &sources, flows_at, &index, &scope);
    let found = match items.as_slice() {
        [only] => nodes(&mut resolver, only, file),
        _ => None,
    };
    diagnostics.append(&mut resolver.diagnostics);
    match found.filter(|_| diagnostics.iter().all(|d| d.severity != Severity::Error)) {
        Some(nodes) if !nodes.is_empty() => Ok(nodes),
        _ => Err(Box::new(Unknown { sources, diagnostics })),
    }
}

fn nodes<'a>(resolver: &mut Resolver<'a>, placed: &'a Placed, file: FileId) -> Option<Vec<NodeIx>> {
    let ItemKind::Let { ends, .. } = &placed.item.kind else { return None };
    if matches!(ends.kind, EndsKind::Error) {
        return None;
    }
    let sel = resolver.ends(ends, file)?;
    Some(resolver.index.nodes(&sel.slots).into_iter().map(NodeIx).collect())
}

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<String, String> {
        Err("no file is read here".to_owned())
    }
}
