//! Questions about a flow graph: which wires join a node, and what lies up and down the stream from it.

use super::{FlowGraph, Node, NodeIx, Wire};

/// Wires by node: indices into [`FlowGraph::wires`], built once in linear time.
#[derive(Clone, Debug, Default)]
pub struct Edges {
    out_start: Vec<u32>,
    out: Vec<u32>,
    in_start: Vec<u32>,
    into: Vec<u32>,
}

impl Edges {
    /// Indices of the wires that leave a node, in the graph's order.
    pub fn out_wires(&self, node: NodeIx) -> &[u32] {
        slice(&self.out_start, &self.out, node)
    }

    /// Indices of the wires that enter a node, in the graph's order.
    pub fn in_wires(&self, node: NodeIx) -> &[u32] {
        slice(&self.in_start, &self.into, node)
    }

    /// The nodes that messages sent by `from` can reach, `from` itself only if on a cycle; ascending.
    pub fn downstream(&self, graph: &FlowGraph, from: impl IntoIterator<Item = NodeIx>) -> Vec<NodeIx> {
        reach(graph, from, |n| self.out_wires(n), |w| w.to)
    }

    /// The nodes whose messages can reach `to`, `to` itself only if on a cycle; ascending.
    pub fn upstream(&self, graph: &FlowGraph, to: impl IntoIterator<Item = NodeIx>) -> Vec<NodeIx> {
        reach(graph, to, |n| self.in_wires(n), |w| w.from)
    }
}

fn slice<'s>(start: &[u32], list: &'s [u32], node: NodeIx) -> &'s [u32] {
    let i = node.0 as usize;
    match (start.get(i), start.get(i + 1)) {
        (Some(&a), Some(&b)) => &list[a as usize..b as usize],
        _ => &[],
    }
}

fn reach<'s>(
    graph: &FlowGraph,
    from: impl IntoIterator<Item = NodeIx>,
    wires: impl Fn(NodeIx) -> &'s [u32],
    end: impl Fn(&Wire) -> NodeIx,
) -> Vec<NodeIx> {
    let mut queue: Vec<NodeIx> = from.into_iter().collect();
    let mut seen: rustc_hash::FxHashSet<NodeIx> = rustc_hash::FxHashSet::default();
    while let Some(node) = queue.pop() {
        for &w in wires(node) {
            let next = end(&graph.wires[w as usize]);
            if seen.insert(next) {
                queue.push(next);
            }
        }
    }
    let mut found: Vec<NodeIx> = seen.into_iter().collect();
    found.sort_unstable();
    found
}

/// Counting sort of wire indices by `key`.
fn index(graph: &FlowGraph, key: impl Fn(&Wire) -> NodeIx) -> (Vec<u32>, Vec<u32>) {
    let mut start = vec![0_u32; graph.nodes.len() + 1];
    for wire in &graph.wires {
        start[key(wire).0 as usize + 1] += 1;
    }
    for i in 1..start.len() {
        start[i] += start[i - 1];
    }
    let mut next = start.clone();
    let mut list = vec![0_u32; graph.wires.len()];
    for (w, wire) in graph.wires.iter().enumerate() {
        let slot = &mut next[key(wire).0 as usize];
        list[*slot as usize] = w as u32;
        *slot += 1;
    }
    (start, list)
}

impl FlowGraph {
    /// The node with this run-time id.
    pub fn node_by_id(&self, id: &str) -> Option<NodeIx> {
        self.by_id.get(id).copied()
    }

    /// The node at an index of this graph.
    pub fn node(&self, ix: NodeIx) -> Option<&Node> {
        self.nodes.get(ix.0 as usize)
    }

    /// Wires by node.
    pub fn edges(&self) -> Edges {
        let (out_start, out) = index(self, |w| w.from);
        let (in_start, into) = index(self, |w| w.to);
        Edges { out_start, out, in_start, into }
    }

    /// Whether a node is inside an instance, at any depth.
    pub fn is_inside(&self, node: NodeIx, instance: NodeIx) -> bool {
        let mut at = self.node(node).and_then(|n| n.instance);
        while let Some(ix) = at {
            if ix == instance {
                return true;
            }
            at = self.node(ix).and_then(|n| n.instance);
        }
        false
    }

    /// Whether a node gives messages back to the link call that they came from.
    pub fn is_link_return(&self, ix: NodeIx) -> bool {
        self.node(ix).is_some_and(|n| {
            n.ty == "link out" && n.config.get("mode").and_then(|m| m.as_str()) == Some("return")
        })
    }
}
