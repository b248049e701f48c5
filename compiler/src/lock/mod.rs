//! What a stack meant when it was locked: the nodes that it names, and the wires that each of its routers sits on.
//!
//! Ids in `flows.json` stay when people rename nodes, tabs and groups. With the ids written down, a name that is gone
//! tomorrow is told as a rename, and a selector that silently matches less is told too.

mod find;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use route_grammar::ast::Kind;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::Stack;
use crate::flow::{Edges, FlowGraph, Node, Wire};
use crate::select::word;

pub(crate) use find::{Became, became, named};

/// Wires of one router that are written down one by one; of more only the number is.
pub const MOST_WIRES: usize = 1000;
/// Neighbours of a node that are written down for each direction.
const MOST_NEIGHBOURS: usize = 8;

/// The lock file of a folder: its stacks by the names of their files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// By the name of the root file.
    pub stacks: BTreeMap<String, Locked>,
}

/// What one stack meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Locked {
    /// What its selectors name, by kind, name and id.
    pub named: Vec<Named>,
    /// The wires of each router, by `LAYER/NAME`.
    pub wires: BTreeMap<String, Wires>,
}

/// A node, tab, group or subflow that a selector names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// `node`, `tab`, `group`, `subflow` or `id`.
    pub kind: String,
    /// Its name as the selector has it; of `id` the name of the node, for people.
    pub name: String,
    /// Id in `flows.json`.
    pub id: String,
    /// Type of the node; empty for the others.
    pub ty: String,
    /// Tab of the node.
    pub tab: String,
    /// Names, or types, of the nodes that send to it, in order; at most eight.
    pub from: Vec<String>,
    /// And of those that it sends to.
    pub to: Vec<String>,
}

/// The wires of a router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wires {
    /// Each.
    Each(Vec<LockedWire>),
    /// Too many to write down.
    Many(usize),
}

/// A wire by the ids that its ends have at run time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedWire {
    /// Source.
    pub from: String,
    /// Output, from 0.
    pub port: u32,
    /// Destination.
    pub to: String,
    /// `A -> B` by names, for people.
    pub shown: String,
}

/// Something that a selector names, as it was resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reference {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// Id in the file.
    pub(crate) id: String,
}

impl Locked {
    /// Of a resolved stack on its flow graph.
    pub fn of(stack: &Stack, graph: &FlowGraph) -> Self {
        let edges = graph.edges();
        let mut seen = FxHashSet::default();
        let fresh = stack.references.iter().filter(|reference| seen.insert(*reference));
        let by_id: FxHashMap<&str, &Node> =
            graph.nodes.iter().rev().flat_map(|n| [(n.static_id.as_str(), n), (n.id.as_str(), n)]).collect();
        let named =
            fresh.map(|reference| name(reference, by_id.get(reference.id.as_str()).copied(), graph, &edges));
        let mut named: Vec<Named> = named.collect();
        named.sort();
        let wires = stack.routers.iter().map(|router| (key(&router.info), wires_of(&router.wires, graph)));
        Self { named, wires: wires.collect() }
    }
}

impl Wires {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Wires::Each(wires) => wires.len(),
            Wires::Many(count) => *count,
        }
    }
}

/// How a router is known in the lock file.
pub(crate) fn key(router: &route_chain::ir::Router) -> String {
    format!("{}/{}", router.layer, router.name)
}

fn wires_of(wires: &[u32], graph: &FlowGraph) -> Wires {
    if wires.len() > MOST_WIRES {
        return Wires::Many(wires.len());
    }
    let all = wires.iter().filter_map(|wire| graph.wires.get(*wire as usize));
    Wires::Each(all.filter_map(|wire| locked(wire, graph)).collect())
}

fn locked(wire: &Wire, graph: &FlowGraph) -> Option<LockedWire> {
    let (from, to) = (graph.node(wire.from)?, graph.node(wire.to)?);
    let port = if from.outputs > 1 { format!(".{}", wire.port + 1) } else { String::new() };
    let shown = format!("{}{port} -> {}", label(from), label(to));
    Some(LockedWire { from: from.id.clone(), port: wire.port, to: to.id.clone(), shown })
}

fn name(reference: &Reference, node: Option<&Node>, graph: &FlowGraph, edges: &Edges) -> Named {
    let mut named = Named {
        kind: word(reference.kind).to_owned(),
        name: reference.name.clone(),
        id: reference.id.clone(),
        ty: String::new(),
        tab: String::new(),
        from: Vec::new(),
        to: Vec::new(),
    };
    if !matches!(reference.kind, Kind::Node | Kind::Id) {
        return named;
    }
    if let Some(node) = node {
        if reference.kind == Kind::Id {
            named.name.clone_from(&node.name);
        }
        (named.ty, named.tab) = (node.ty.clone(), tab(node, graph).to_owned());
        (named.from, named.to) = neighbours(node, graph, edges);
    }
    named
}

/// Labels of the nodes that send to a node and of those that it sends to, sorted, each once, cut to a few.
pub(crate) fn neighbours(node: &Node, graph: &FlowGraph, edges: &Edges) -> (Vec<String>, Vec<String>) {
    let Some(at) = graph.node_by_id(&node.id) else { return Default::default() };
    let labels = |wires: &[u32], end: fn(&Wire) -> crate::flow::NodeIx| {
        let ends = wires.iter().filter_map(|wire| graph.node(end(graph.wires.get(*wire as usize)?)));
        let mut labels: Vec<String> = ends.map(label).collect();
        labels.sort();
        labels.dedup();
        labels.truncate(MOST_NEIGHBOURS);
        labels
    };
    (labels(edges.in_wires(at), |wire| wire.from), labels(edges.out_wires(at), |wire| wire.to))
}

fn label(node: &Node) -> String {
    if node.name.is_empty() { node.ty.clone() } else { node.name.clone() }
}

fn tab<'g>(node: &Node, graph: &'g FlowGraph) -> &'g str {
    node.tab.and_then(|tab| graph.tabs.get(tab.0 as usize)).map_or("", |tab| tab.name.as_str())
}
