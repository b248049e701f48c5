//! From the compiler's flow graph to what the engine runs.

use route_compiler::flow::{FlowGraph, Node, NodeIx};
use route_runtime::deploy::{Flow, FlowNode};
use route_runtime::node::NodeInfo;

/// The flow without its disabled nodes. Nodes that live on another runtime stay in it: the engine starts those that the
/// stack in force places here.
pub(crate) fn flow_of(graph: &FlowGraph) -> Flow {
    let mut wires: Vec<Vec<Vec<String>>> =
        graph.nodes.iter().map(|n| vec![Vec::new(); n.outputs as usize]).collect();
    for wire in &graph.wires {
        let outputs = &mut wires[wire.from.0 as usize];
        let port = wire.port as usize;
        if outputs.len() <= port {
            outputs.resize(port + 1, Vec::new());
        }
        outputs[port].push(graph.nodes[wire.to.0 as usize].id.clone());
    }
    let nodes = graph
        .nodes
        .iter()
        .zip(wires)
        .filter(|(node, _)| !node.disabled)
        .map(|(node, wires)| FlowNode {
            info: info(graph, node, wires),
            env: node.env.clone().into_iter().collect(),
        })
        .collect();
    let configs = graph.configs.iter().map(|node| (node.id.clone(), node.config.clone())).collect();
    Flow { nodes, configs, hash: graph.hash.clone() }
}

fn info(graph: &FlowGraph, node: &Node, wires: Vec<Vec<String>>) -> NodeInfo {
    let id_of = |ix: NodeIx| graph.nodes[ix.0 as usize].id.clone();
    let tab = || node.tab.map(|tab| graph.tabs[tab.0 as usize].id.clone());
    NodeInfo {
        id: node.id.clone(),
        ty: node.ty.clone(),
        name: node.name.clone(),
        z: node.instance.map(id_of).or_else(tab).unwrap_or_default(),
        groups: node.groups.iter().map(|g| graph.groups[g.0 as usize].id.clone()).collect(),
        outputs: node.outputs,
        config: node.config.clone(),
        wires,
    }
}
