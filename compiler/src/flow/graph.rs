//! Questions about a flow graph: which wires join a node, and what lies up and down the stream from it.

use rustc_hash::FxHashSet;

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
    let mut seen: FxHashSet<NodeIx> = FxHashSet::default();
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

    /// The wires of one output of a node, output from 0, as the editor shows it: for a subflow instance those that
    /// messages really take, from the nodes inside that feed the output.
    pub fn output_wires(&self, edges: &Edges, node: NodeIx, output: u32) -> Vec<u32> {
        let Some(behind) = self.instance_outputs.get(&(node, output)) else {
            if self.is_opened(node) {
                return Vec::new();
            }
            let wires = edges.out_wires(node).iter().copied();
            return wires.filter(|&w| self.wires[w as usize].port == output).collect();
        };
        let targets: FxHashSet<NodeIx> = behind.targets.iter().copied().collect();
        let mut seen: FxHashSet<(NodeIx, u32, bool)> = FxHashSet::default();
        let mut open: Vec<(NodeIx, u32, bool)> =
            behind.sources.iter().map(|&(n, port)| (n, port, n == node)).collect();
        let mut found = Vec::new();
        while let Some((source, port, is_input)) = open.pop() {
            if !seen.insert((source, port, is_input)) {
                continue;
            }
            match self.instance_outputs.get(&(source, port)).filter(|_| !is_input) {
                Some(inner) => {
                    open.extend(inner.sources.iter().map(|&(n, port)| (n, port, n == source)));
                }
                None => found.extend(edges.out_wires(source).iter().copied().filter(|&w| {
                    let wire = &self.wires[w as usize];
                    wire.port == port && targets.contains(&wire.to)
                })),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether a node is a subflow instance whose inside is in this graph.
    pub fn is_opened(&self, node: NodeIx) -> bool {
        self.node(NodeIx(node.0 + 1)).is_some_and(|n| n.instance == Some(node))
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
