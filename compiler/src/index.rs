//! Look-up tables over the flow graph: nodes by name, type and id; outputs as slots; wires by output and by target.

use route_grammar::Span;
use rustc_hash::FxHashMap;

use crate::bits::Bits;
use crate::flow::{FlowGraph, Node};

/// The flow graph with its tables. A *slot* is one output of one node; a node without outputs has one slot, so that
/// a set of slots can stand for any set of nodes.
pub(crate) struct Index<'a> {
    pub(crate) graph: &'a FlowGraph,
    offsets: Vec<u32>,
    owners: Vec<u32>,
    by_name: FxHashMap<&'a str, Vec<u32>>,
    by_type: FxHashMap<&'a str, Vec<u32>>,
    by_static: FxHashMap<&'a str, Vec<u32>>,
    wires_by_slot: Vec<Vec<u32>>,
    wires_by_target: Vec<Vec<u32>>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(graph: &'a FlowGraph) -> Self {
        let mut slots: Vec<u32> = graph.nodes.iter().map(|node| node.outputs.max(1)).collect();
        for wire in &graph.wires {
            if let Some(count) = slots.get_mut(wire.from.0 as usize) {
                *count = (*count).max(wire.port + 1);
            }
        }
        let mut offsets = vec![0];
        let mut owners = Vec::new();
        for (node, count) in slots.iter().enumerate() {
            owners.extend(std::iter::repeat_n(node as u32, *count as usize));
            offsets.push(owners.len() as u32);
        }
        let mut index = Self {
            graph,
            wires_by_slot: vec![Vec::new(); owners.len()],
            wires_by_target: vec![Vec::new(); graph.nodes.len()],
            offsets,
            owners,
            by_name: FxHashMap::default(),
            by_type: FxHashMap::default(),
            by_static: FxHashMap::default(),
        };
        index.fill();
        index
    }

    fn fill(&mut self) {
        for (at, node) in self.graph.nodes.iter().enumerate() {
            if !node.name.is_empty() {
                self.by_name.entry(&node.name).or_default().push(at as u32);
            }
            self.by_type.entry(&node.ty).or_default().push(at as u32);
            self.by_static.entry(&node.static_id).or_default().push(at as u32);
        }
        for (at, wire) in self.graph.wires.iter().enumerate() {
            let slot = self.offsets.get(wire.from.0 as usize).copied().unwrap_or(0) + wire.port;
            if let Some(list) = self.wires_by_slot.get_mut(slot as usize) {
                list.push(at as u32);
            }
            if let Some(list) = self.wires_by_target.get_mut(wire.to.0 as usize) {
                list.push(at as u32);
            }
        }
    }

    pub(crate) fn node(&self, at: u32) -> &'a Node {
        &self.graph.nodes[at as usize]
    }
    pub(crate) fn slot_count(&self) -> usize {
        self.owners.len()
    }
    pub(crate) fn slots_of(&self, node: u32) -> std::ops::Range<usize> {
        self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize
    }
    pub(crate) fn named(&self, name: &str) -> &[u32] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }
    pub(crate) fn typed(&self, ty: &str) -> &[u32] {
        self.by_type.get(ty).map_or(&[], Vec::as_slice)
    }
    /// The node with that run-time id, or every instance of the node with that id in the file.
    pub(crate) fn with_id(&self, id: &str) -> Vec<u32> {
        match self.graph.by_id.get(id) {
            Some(node) => vec![node.0],
            None => self.by_static.get(id).cloned().unwrap_or_default(),
        }
    }
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.by_name.keys().copied()
    }
    pub(crate) fn types(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.by_type.keys().copied()
    }
    pub(crate) fn ids(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.by_static.keys().copied()
    }

    /// All slots of the nodes.
    pub(crate) fn slots(&self, nodes: impl IntoIterator<Item = u32>) -> Bits {
        let mut bits = Bits::new(self.slot_count());
        for node in nodes {
            self.slots_of(node).for_each(|slot| bits.insert(slot));
        }
        bits
    }
    /// The nodes that own the slots, ascending, each once.
    pub(crate) fn nodes(&self, slots: &Bits) -> Vec<u32> {
        let mut nodes: Vec<u32> = slots.iter().map(|slot| self.owners[slot]).collect();
        nodes.dedup();
        nodes
    }
    /// Indices of the wires from one of the slots to one of the nodes, in the graph's order; not those that
    /// begin or end at a disabled node, for they do not exist at run time.
    pub(crate) fn wires(&self, from: &Bits, to: &Bits) -> Vec<u32> {
        let mut wires: Vec<u32> = Vec::new();
        for slot in from.iter() {
            for wire in self.wires_by_slot.get(slot).into_iter().flatten() {
                let ends = &self.graph.wires[*wire as usize];
                let live = !self.node(ends.from.0).disabled && !self.node(ends.to.0).disabled;
                if live && to.contains(self.offsets[ends.to.0 as usize] as usize) {
                    wires.push(*wire);
                }
            }
        }
        wires.sort_unstable();
        wires
    }
    /// Nodes that one of the nodes sends to.
    pub(crate) fn targets(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        self.slots_of(node)
            .flat_map(|slot| &self.wires_by_slot[slot])
            .map(|wire| self.graph.wires[*wire as usize].to.0)
    }
    /// Nodes that send to the node.
    pub(crate) fn senders(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        self.wires_by_target[node as usize].iter().map(|wire| self.graph.wires[*wire as usize].from.0)
    }
    /// The instances that a node lives in, innermost first.
    pub(crate) fn instances(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = self.node(node).instance;
        let mut left = 64;
        std::iter::from_fn(move || {
            let here = at?;
            left -= 1;
            at = if left > 0 { self.graph.nodes.get(here.0 as usize).and_then(|n| n.instance) } else { None };
            Some(here.0)
        })
    }
    /// How people know a node: its name, else its type and id.
    pub(crate) fn label(&self, node: u32) -> String {
        let node = self.node(node);
        if node.name.is_empty() { format!("{} {}", node.ty, node.id) } else { node.name.clone() }
    }
    /// Where the node stands, for lists of candidates: ``in tab `A`, id `f1` ``.
    pub(crate) fn place(&self, node: u32) -> String {
        let node = self.node(node);
        let tab = node.tab.and_then(|tab| self.graph.tabs.get(tab.0 as usize));
        let tab = tab.map(|tab| format!("in tab `{}`, ", tab.name)).unwrap_or_default();
        let state = if node.disabled { ", disabled" } else { "" };
        format!("{tab}type `{}`, id `{}`{state}", node.ty, node.id)
    }
    pub(crate) fn name_span(&self, node: u32) -> Span {
        self.node(node).name_span
    }
}
