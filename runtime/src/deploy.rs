//! What the engine is given to run: nodes, wires, chains. The command line makes it from the compiler's flow graph.

use route_chain::ir::ChainSet;

use crate::node::NodeInfo;

/// A flow to run.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Nodes, in file order, without the disabled ones.
    pub nodes: Vec<FlowNode>,
    /// Config nodes: id and properties.
    pub configs: Vec<(String, serde_json::Map<String, serde_json::Value>)>,
    /// Hash of the graph that the chains must have been compiled against.
    pub hash: String,
}

/// A node of it.
#[derive(Clone, Debug)]
pub struct FlowNode {
    /// Who it is; `wires` holds the run-time targets of each output, links and subflows resolved.
    pub info: NodeInfo,
    /// The environment it sees.
    pub env: Vec<(String, serde_json::Value)>,
}

/// A flow and the stack on it.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// The flow.
    pub flow: Flow,
    /// The stack; `None`: every wire has the empty chain.
    pub stack: Option<ChainSet>,
}
