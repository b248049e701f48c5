//! Wires as people name them: `A -> B`, `A.2 -> B` for the second output, each end by name or id, `*` for any.

use std::collections::BTreeSet;

use route_compiler::flow::{FlowGraph, Node, NodeIx, Wire};
use route_compiler::suggest::nearest;

use crate::fault::Fault;
use crate::words::{few, list};

/// What somebody wrote for a wire.
pub(crate) struct Named<'t> {
    from: &'t str,
    /// From 0.
    port: Option<u32>,
    to: &'t str,
}

/// The ends of wires, where they were named, by the ids of their nodes.
#[derive(Debug, PartialEq)]
pub(crate) struct Ids {
    pub(crate) from: Option<String>,
    pub(crate) port: Option<u32>,
    pub(crate) to: Option<String>,
}

const ANY: &str = "*";

/// Other ends that are named where there is no such wire.
const SHOWN: usize = 5;

impl<'t> Named<'t> {
    /// Without an arrow: all wires of that node.
    pub(crate) fn read(text: &'t str, graph: &FlowGraph) -> Self {
        let plain = |end: &'t str| end.trim().trim_matches('"');
        let (from, to) = text.split_once("->").unwrap_or((text, ANY));
        let (from, to) = (plain(from), plain(to));
        let output =
            from.rsplit_once('.').and_then(|(node, output)| Some((node, output.parse::<u32>().ok()?)));
        match output {
            // A point may also be a part of the name.
            Some((node, output)) if output > 0 && !is_known(graph, from) => {
                Self { from: plain(node), port: Some(output - 1), to }
            }
            _ => Self { from, port: None, to },
        }
    }

    /// The wires of that name, one at the least.
    pub(crate) fn wires(&self, graph: &FlowGraph) -> Result<Vec<u32>, Fault> {
        for end in [self.from, self.to] {
            if !is_known(graph, end) {
                return Err(no_node(graph, end));
            }
        }
        let found = |wire: &Wire| {
            is_at(graph, wire.from, self.from)
                && is_at(graph, wire.to, self.to)
                && self.port.is_none_or(|port| port == wire.port)
        };
        let found: Vec<u32> =
            (0..).zip(&graph.wires).filter(|(_, wire)| found(wire)).map(|(at, _)| at).collect();
        if found.is_empty() { Err(self.no_wire(graph)) } else { Ok(found) }
    }

    /// The same for a runtime, which knows ids alone.
    pub(crate) fn ids(&self, graph: &FlowGraph) -> Result<Ids, Fault> {
        let wires = self.wires(graph)?;
        let wires: Vec<&Wire> = wires.iter().filter_map(|wire| graph.wires.get(*wire as usize)).collect();
        let from = only(graph, self.from, wires.iter().map(|wire| wire.from))?;
        let to = only(graph, self.to, wires.iter().map(|wire| wire.to))?;
        Ok(Ids { from, port: self.port, to })
    }

    fn no_wire(&self, graph: &FlowGraph) -> Fault {
        let output = self.port.map(|port| format!("output {} of ", port + 1)).unwrap_or_default();
        let fault = match (self.from, self.to) {
            (ANY, ANY) => Fault::new("the flow has no wire"),
            (from, ANY) => Fault::new(format!("no wire leaves {output}`{from}`")),
            (ANY, to) => Fault::new(format!("no wire goes to `{to}`")),
            (from, to) => Fault::new(format!("no wire goes from {output}`{from}` to `{to}`")),
        };
        let wires = || graph.wires.iter();
        let onward =
            others(graph, wires().filter(|wire| is_at(graph, wire.from, self.from)).map(|wire| wire.to));
        let back = others(graph, wires().filter(|wire| is_at(graph, wire.to, self.to)).map(|wire| wire.from));
        if self.from != ANY && !onward.is_empty() {
            fault.help(format!("from `{}` wires go to {}", self.from, few(&onward, SHOWN)))
        } else if self.to != ANY && !back.is_empty() {
            fault.help(format!("to `{}` wires come from {}", self.to, few(&back, SHOWN)))
        } else {
            fault
        }
    }
}

/// Whether a node bears this name or id; `*` is every node's.
fn is(node: &Node, named: &str) -> bool {
    named == ANY || node.id == named || node.name == named
}

fn is_at(graph: &FlowGraph, node: NodeIx, named: &str) -> bool {
    graph.node(node).is_some_and(|node| is(node, named))
}

fn is_known(graph: &FlowGraph, named: &str) -> bool {
    named == ANY || !named.is_empty() && graph.nodes.iter().any(|node| is(node, named))
}

/// What nodes are called: by their name, or else their id; each once.
fn others(graph: &FlowGraph, nodes: impl Iterator<Item = NodeIx>) -> Vec<&str> {
    let called = |node: NodeIx| {
        let node = graph.node(node)?;
        Some(if node.name.is_empty() { node.id.as_str() } else { node.name.as_str() })
    };
    let names: BTreeSet<&str> = nodes.filter_map(called).collect();
    names.into_iter().collect()
}

fn no_node(graph: &FlowGraph, named: &str) -> Fault {
    let names: BTreeSet<&str> =
        graph.nodes.iter().map(|node| node.name.as_str()).filter(|name| !name.is_empty()).collect();
    let fault = Fault::new(format!("no node is named `{named}`"));
    match nearest(named, names.iter().copied()) {
        Some(near) => fault.help(format!("there is `{near}`")),
        None if names.is_empty() => fault.help("the nodes of this flow have no names: take their ids"),
        None => fault.help(format!("there are {}", few(&names.into_iter().collect::<Vec<_>>(), SHOWN))),
    }
}

/// The id of the only node of an end; `None` for `*`.
fn only(
    graph: &FlowGraph,
    named: &str,
    nodes: impl Iterator<Item = NodeIx>,
) -> Result<Option<String>, Fault> {
    if named == ANY {
        return Ok(None);
    }
    let ids: BTreeSet<&str> =
        nodes.filter_map(|node| graph.node(node)).map(|node| node.id.as_str()).collect();
    match ids.iter().copied().collect::<Vec<_>>().as_slice() {
        [id] => Ok(Some((*id).to_owned())),
        several => Err(Fault::new(format!("{} nodes are named `{named}`", several.len()))
            .help(format!("name one by its id: {}", list(several)))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FLOWS: &str = r#"[{"id":"t","type":"tab"},
    {"id":"a","z":"t","type":"switch","name":"Front door","wires":[["b"],["c","e"]]},
    {"id":"v","z":"t","type":"switch","name":"v1.2","wires":[["b"]]},
    {"id":"b","z":"t","type":"debug","name":"Bell"},
    {"id":"c","z":"t","type":"debug","name":"Log"},
    {"id":"d","z":"t","type":"debug","name":"Log"},
    {"id":"e","z":"t","type":"debug","name":"Log"}]"#;

    fn ids(text: &str) -> Result<Ids, String> {
        let graph = route_compiler::flow::read(FLOWS).unwrap();
        Named::read(text, &graph).ids(&graph).map_err(|fault| fault.to_string())
    }

    #[test]
    fn ends_are_names_ids_or_any() {
        let end = |id: &str| Some(id.to_owned()).filter(|id| id != ANY);
        for (text, from, port, to) in [
            ("Front door -> Bell", "a", None, "b"),
            ("\"Front door\".1 -> \"Bell\"", "a", Some(0), "b"),
            ("a.2 -> c", "a", Some(1), "c"),
            ("v1.2 -> *", "v", None, ANY),
            ("* -> Bell", ANY, None, "b"),
            ("* -> *", ANY, None, ANY),
            ("v", "v", None, ANY),
        ] {
            assert_eq!(ids(text), Ok(Ids { from: end(from), port, to: end(to) }), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_what_there_is() {
        for (text, said) in [
            ("Front dor -> Bell", "no node is named `Front dor`\n  help: there is `Front door`"),
            (
                "Front door -> Gong",
                "no node is named `Gong`\n  help: there are `Bell`, `Front door`, `Log` and `v1.2`",
            ),
            ("v -> Log", "no wire goes from `v` to `Log`\n  help: from `v` wires go to `Bell`"),
            ("Bell -> Front door", "no wire goes from `Bell` to `Front door`"),
            (
                "Bell -> Log",
                "no wire goes from `Bell` to `Log`\n  help: to `Log` wires come from `Front door`",
            ),
            (
                "a.2 -> Bell",
                "no wire goes from output 2 of `a` to `Bell`\n  help: from `a` wires go to `Bell` and `Log`",
            ),
            ("Bell -> *", "no wire leaves `Bell`"),
            ("* -> a", "no wire goes to `a`"),
            ("Front door -> Log", "2 nodes are named `Log`\n  help: name one by its id: `c` and `e`"),
        ] {
            assert_eq!(ids(text), Err(format!("error: {said}")), "{text}");
        }
    }
}
