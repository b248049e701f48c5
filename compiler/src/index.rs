//! Look-up tables over the flow graph: nodes by name, type, id and place; outputs as slots; wires by slot and by target.

use std::sync::OnceLock;

use route_grammar::Span;
use rustc_hash::FxHashMap;

use crate::bits::Bits;
use crate::flow::{FlowGraph, Node, NodeIx, Wire};

/// The flow graph with its tables.
///
/// A *slot* is what wires leave from. Each output of a node is one, and a node without outputs has one all the same,
/// so that a set of slots can stand for any set of nodes. The outputs of a subflow instance are slots too, though its
/// messages really leave from nodes inside; and so are its *entrances*, the inputs as seen from the inside.
pub(crate) struct Index<'a> {
    pub(crate) graph: &'a FlowGraph,
    tables: &'a Tables,
}

impl std::ops::Deref for Index<'_> {
    type Target = Tables;
    fn deref(&self) -> &Tables {
        self.tables
    }
}

/// The tables of a graph, made when they are asked for first and kept with it.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// By node, its first slot; one more at the end.
    offsets: Vec<u32>,
    /// By node, its first entrance, or the first slot of the next node.
    entrances: Vec<u32>,
    owners: Vec<u32>,
    /// By node, one past the last node inside it; the node's own index + 1 when nothing is inside.
    inside_end: Vec<u32>,
    names: Table,
    types: Table,
    static_ids: Table,
    /// By tab, the nodes that lie on it.
    on_tab: Lists,
    wires_by_slot: Lists,
    slots_by_wire: Lists,
    wires_by_target: Lists,
}

type Table = FxHashMap<Box<str>, Vec<u32>>;

/// Holds the tables of one graph. A copy of a graph may be changed, so that it makes its own.
#[derive(Debug, Default)]
pub(crate) struct Kept(OnceLock<Box<Tables>>);

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Lists of numbers one after the other in one piece of memory.
#[derive(Debug, Default)]
struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// `pairs`: list and item; items of a list keep their order.
    fn of(count: usize, pairs: &[(u32, u32)]) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for (list, _) in pairs {
            starts[*list as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut items = vec![0; pairs.len()];
        for (list, item) in pairs {
            let slot = &mut next[*list as usize];
            items[*slot as usize] = *item;
            *slot += 1;
        }
        Self { starts, items }
    }

    fn get(&self, list: usize) -> &[u32] {
        match (self.starts.get(list), self.starts.get(list + 1)) {
            (Some(a), Some(b)) => &self.items[*a as usize..*b as usize],
            _ => &[],
        }
    }
}

impl<'a> Index<'a> {
    pub(crate) fn new(graph: &'a FlowGraph) -> Self {
        Self { graph, tables: graph.tables.0.get_or_init(|| Box::new(Tables::new(graph))) }
    }
}

impl Tables {
    fn new(graph: &FlowGraph) -> Self {
        let inside_end = inside_ends(graph);
        // A box: wires that begin at it begin at its entrances.
        let is_box = |node: usize| {
            inside_end[node] > node as u32 + 1
                || graph.instance_outputs.contains_key(&(NodeIx(node as u32), 0))
        };
        let mut ports: Vec<u32> = vec![0; graph.nodes.len()];
        for wire in &graph.wires {
            if let Some(count) = ports.get_mut(wire.from.0 as usize) {
                *count = (*count).max(wire.port + 1);
            }
        }
        let (mut offsets, mut entrances, mut owners) = (vec![0], Vec::new(), Vec::new());
        for (at, node) in graph.nodes.iter().enumerate() {
            let (outputs, inputs) = match is_box(at) {
                true => (node.outputs.max(1), ports[at]),
                false => (node.outputs.max(ports[at]).max(1), 0),
            };
            entrances.push(owners.len() as u32 + outputs);
            owners.extend(std::iter::repeat_n(at as u32, (outputs + inputs) as usize));
            offsets.push(owners.len() as u32);
        }
        let mut tables = Self { offsets, entrances, owners, inside_end, ..Self::default() };
        tables.fill(graph);
        tables
    }

    fn fill(&mut self, graph: &FlowGraph) {
        for (at, node) in graph.nodes.iter().enumerate() {
            let put = |table: &mut Table, key: &str| match table.get_mut(key) {
                Some(all) => all.push(at as u32),
                None => drop(table.insert(key.into(), vec![at as u32])),
            };
            if !node.name.is_empty() {
                put(&mut self.names, &node.name);
            }
            put(&mut self.types, &node.ty);
            put(&mut self.static_ids, &node.static_id);
        }
        let placed = graph.nodes.iter().zip(0..).filter_map(|(node, at)| Some((node.tab?.0, at)));
        self.on_tab = Lists::of(graph.tabs.len(), &placed.collect::<Vec<_>>());
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for (at, wire) in graph.wires.iter().enumerate() {
            let node = wire.from.0 as usize;
            let entrances = self.entrances[node] as usize..self.offsets[node + 1] as usize;
            let first = if entrances.is_empty() { self.offsets[node] } else { entrances.start as u32 };
            from.push((first + wire.port, at as u32));
            to.push((wire.to.0, at as u32));
        }
        let edges = graph.edges();
        for &(instance, output) in graph.instance_outputs.keys() {
            let slot = self.offsets[instance.0 as usize] + output;
            let wires = graph.output_wires(&edges, instance, output);
            from.extend(wires.into_iter().map(|wire| (slot, wire)));
        }
        self.wires_by_slot = Lists::of(self.owners.len(), &from);
        from.iter_mut().for_each(|pair| *pair = (pair.1, pair.0));
        self.slots_by_wire = Lists::of(graph.wires.len(), &from);
        self.wires_by_target = Lists::of(graph.nodes.len(), &to);
    }
}

impl<'a> Index<'a> {
    pub(crate) fn node(&self, at: u32) -> &'a Node {
        &self.graph.nodes[at as usize]
    }
    pub(crate) fn wire(&self, at: u32) -> &'a Wire {
        &self.graph.wires[at as usize]
    }
    pub(crate) fn slot_count(&self) -> usize {
        self.owners.len()
    }
    /// The outputs of a node.
    pub(crate) fn outputs_of(&self, node: u32) -> std::ops::Range<usize> {
        self.offsets[node as usize] as usize..self.entrances[node as usize] as usize
    }
    /// The inputs of a subflow instance as seen from the inside.
    pub(crate) fn entrances_of(&self, node: u32) -> std::ops::Range<usize> {
        self.entrances[node as usize] as usize..self.offsets[node as usize + 1] as usize
    }
    /// The nodes inside a subflow instance, at any depth.
    pub(crate) fn inside(&self, node: u32) -> std::ops::Range<u32> {
        node + 1..self.inside_end[node as usize]
    }
    pub(crate) fn named(&self, name: &str) -> &[u32] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }
    pub(crate) fn typed(&self, ty: &str) -> &[u32] {
        self.types.get(ty).map_or(&[], Vec::as_slice)
    }
    /// The node with that run-time id, or every instance of the node with that id in the file.
    pub(crate) fn with_id(&self, id: &str) -> Vec<u32> {
        match self.graph.by_id.get(id) {
            Some(node) => vec![node.0],
            None => self.static_ids.get(id).cloned().unwrap_or_default(),
        }
    }
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.tables.names.keys().map(|key| &**key)
    }
    pub(crate) fn types(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.tables.types.keys().map(|key| &**key)
    }
    pub(crate) fn ids(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.tables.static_ids.keys().map(|key| &**key)
    }

    /// All outputs of the nodes.
    pub(crate) fn slots(&self, nodes: impl IntoIterator<Item = u32>) -> Bits {
        let mut bits = Bits::new(self.slot_count());
        nodes.into_iter().for_each(|node| bits.insert_all(self.outputs_of(node)));
        bits
    }
    /// The nodes that lie on a tab, by index.
    pub(crate) fn on_tab(&self, tab: usize) -> &[u32] {
        self.on_tab.get(tab)
    }
    /// Whether all nodes that own the slots are disabled.
    pub(crate) fn all_disabled(&self, slots: &Bits) -> bool {
        slots.iter().all(|slot| self.owners.get(slot).is_some_and(|node| self.node(*node).disabled))
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
        let live = |wire: &u32| self.is_live(self.wire(*wire));
        if to.count() < from.count() {
            for node in self.nodes(to).into_iter().filter(|node| self.is_in(*node, to)) {
                let leaves = |wire: &u32| {
                    self.slots_by_wire.get(*wire as usize).iter().any(|slot| from.contains(*slot as usize))
                };
                let into = self.wires_by_target.get(node as usize).iter().copied();
                wires.extend(into.filter(|wire| live(wire) && leaves(wire)));
            }
        } else {
            for slot in from.iter() {
                let out = self.wires_by_slot.get(slot).iter().copied();
                wires.extend(out.filter(|wire| live(wire) && self.is_in(self.wire(*wire).to.0, to)));
            }
        }
        wires.sort_unstable();
        wires.dedup();
        wires
    }
    /// Whether a node as a destination is one of these: entrances alone are none.
    fn is_in(&self, node: u32, slots: &Bits) -> bool {
        slots.contains(self.offsets[node as usize] as usize)
    }
    /// Whether messages can run on a wire.
    pub(crate) fn is_live(&self, wire: &Wire) -> bool {
        !self.node(wire.from.0).disabled && !self.node(wire.to.0).disabled
    }

    /// Nodes that the slots lead to by one wire.
    pub(crate) fn targets(&self, slots: impl IntoIterator<Item = usize>) -> impl Iterator<Item = u32> {
        slots.into_iter().flat_map(|slot| self.wires_by_slot.get(slot)).map(|wire| self.wire(*wire).to.0)
    }
    /// Nodes that send to the node by one wire, as the editor shows it: for a message out of a subflow, the node inside
    /// and the instance.
    pub(crate) fn senders(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        self.wires_by_target.get(node as usize).iter().flat_map(|wire| self.leaves(self.wire(*wire)))
    }
    /// The source of a wire, unless the wire is the entrance of a subflow, and the instances that it leads out of.
    fn leaves<'s>(&'s self, wire: &'s Wire) -> impl Iterator<Item = u32> + 's {
        let within = |box_: &u32| self.inside(*box_).contains(&wire.to.0);
        let mut inner = Some(wire.from.0).filter(|from| !within(from));
        std::iter::from_fn(move || {
            let here = inner?;
            inner = self.node(here).instance.map(|i| i.0).filter(|outer| !within(outer));
            Some(here)
        })
    }
    /// All slots that messages can be sent from after they came to one of these: downstream of them.
    pub(crate) fn downstream(&self, slots: &Bits) -> Bits {
        let mut reached = Bits::new(self.slot_count());
        let mut open: Vec<u32> = self.targets(slots.iter()).collect();
        while let Some(node) = open.pop() {
            if reached.insert(self.offsets[node as usize] as usize) {
                let all = self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize;
                reached.insert_all(all.clone());
                open.extend(self.targets(all));
            }
        }
        reached
    }
    /// All slots whose messages can come to the nodes of these: upstream of them.
    pub(crate) fn upstream(&self, slots: &Bits) -> Bits {
        let mut reached = Bits::new(self.slot_count());
        let mut open = self.nodes(slots);
        while let Some(node) = open.pop() {
            for wire in self.wires_by_target.get(node as usize) {
                let from = self.wire(*wire).from.0 as usize;
                if reached.insert(self.offsets[from] as usize) {
                    reached.insert_all(self.offsets[from] as usize..self.offsets[from + 1] as usize);
                    open.push(from as u32);
                }
            }
        }
        reached
    }

    /// The instances that a node lives in, innermost first.
    pub(crate) fn instances(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = self.node(node).instance;
        std::iter::from_fn(move || {
            let NodeIx(here) = at?;
            at = self.node(here).instance;
            Some(here)
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
        let inside = node.instance.map(|i| format!("inside `{}`, ", self.label(i.0))).unwrap_or_default();
        let state = if node.disabled { ", disabled" } else { "" };
        format!("{tab}{inside}type `{}`, id `{}`{state}", node.ty, node.id)
    }
    pub(crate) fn name_span(&self, node: u32) -> Span {
        self.node(node).name_span
    }
}

/// The inside of an instance follows it in the list of nodes, and an instance comes before its inside.
fn inside_ends(graph: &FlowGraph) -> Vec<u32> {
    let mut ends: Vec<u32> = (1..=graph.nodes.len() as u32).collect();
    for at in (0..graph.nodes.len()).rev() {
        if let Some(NodeIx(instance)) = graph.nodes[at].instance
            && (instance as usize) < at
        {
            ends[instance as usize] = ends[instance as usize].max(ends[at]);
        }
    }
    ends
}
