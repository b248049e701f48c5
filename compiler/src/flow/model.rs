//! The flow graph as deployed: every node that will exist at run time (subflow instances expanded), and every wire.

use indexmap::IndexMap;
use route_grammar::Span;
use rustc_hash::FxHashMap;

/// Index of a node in [`FlowGraph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeIx(pub u32);

/// Index of a tab, group or subflow definition in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeIx(pub u32);

/// The deployed graph.
#[derive(Clone, Debug, Default)]
pub struct FlowGraph {
    /// Nodes that messages pass through, expanded: a node inside a subflow stands once per instance with the
    /// run-time id `INSTANCE-NODE`. Subflow instances themselves are nodes too. Disabled nodes are here, marked.
    pub nodes: Vec<Node>,
    /// Wires as messages run, each once: explicit wires, link out → link in (virtual), into and out of subflow
    /// instances as Node-RED routes them: `X → instance`, `(instance, input) → inner`, `(inner, port) → outer target`.
    /// In file order of the source node, then port, then order of targets.
    pub wires: Vec<Wire>,
    /// Tabs.
    pub tabs: Vec<Scope>,
    /// Groups.
    pub groups: Vec<Scope>,
    /// Subflow definitions.
    pub subflows: Vec<Scope>,
    /// Config nodes by id (brokers, …).
    pub configs: Vec<Node>,
    /// By run-time id.
    pub by_id: FxHashMap<String, NodeIx>,
    /// By subflow instance and output from 0. An output never appears as a wire's source; see
    /// [`FlowGraph::output_wires`].
    pub instance_outputs: FxHashMap<(NodeIx, u32), InstanceOutput>,
    /// What is odd in the file, but can be lived with.
    pub oddities: Vec<Oddity>,
    /// Hex sha256 of the graph's normal form: stable under reordering of keys and white space.
    pub hash: String,
    /// Look-up tables, made at the first question: the graph is not changed after that.
    pub(crate) tables: crate::index::Kept,
}

/// What stands behind one output of a subflow instance.
#[derive(Clone, Debug, Default)]
pub struct InstanceOutput {
    /// The nodes and ports inside that feed it; a nested instance stands for its own output, the instance itself
    /// for its input that leads straight through.
    pub sources: Vec<(NodeIx, u32)>,
    /// Where it leads.
    pub targets: Vec<NodeIx>,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Run-time id.
    pub id: String,
    /// Id in the file (differs inside subflow instances).
    pub static_id: String,
    /// `type`
    pub ty: String,
    /// `name`, or empty.
    pub name: String,
    /// The tab it stands on (of the outermost instance), if any.
    pub tab: Option<ScopeIx>,
    /// Innermost group, then its parents, outermost last.
    pub groups: Vec<ScopeIx>,
    /// The subflow definition that it stands in.
    pub subflow: Option<ScopeIx>,
    /// The instance that it lives in (a node of type `subflow:…`), innermost.
    pub instance: Option<NodeIx>,
    /// Is a subflow instance of this definition.
    pub instance_of: Option<ScopeIx>,
    /// Number of outputs.
    pub outputs: u32,
    /// Labels of the outputs, as far as given.
    pub output_labels: Vec<String>,
    /// Disabled itself, or its tab or group is.
    pub disabled: bool,
    /// Its place in `flows.json`: the whole object.
    pub span: Span,
    /// The place of its name's value (or of its id's value when it has no name).
    pub name_span: Span,
    /// All its properties, environment variables substituted (`${X}`, instance properties).
    pub config: serde_json::Map<String, serde_json::Value>,
    /// Environment seen by the node, outermost first wins last: tab, group, subflow and instance `env`.
    pub env: IndexMap<String, serde_json::Value>,
}

/// What joins two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WireKind {
    /// A line in the editor.
    Line,
    /// Link out → link in.
    Link,
    /// Into a subflow instance, or out of it.
    Subflow,
    /// Link call → link in and back.
    LinkCall,
}

/// One wire: from a node's output to a node.
#[derive(Clone, Debug)]
pub struct Wire {
    /// Source.
    pub from: NodeIx,
    /// Output, from 0.
    pub port: u32,
    /// Destination.
    pub to: NodeIx,
    /// What it is.
    pub kind: WireKind,
    /// Place of the target's id in `flows.json` (or of the source node).
    pub span: Span,
}

/// A tab, group or subflow definition.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Id in the file.
    pub id: String,
    /// Label or name, or empty.
    pub name: String,
    /// Disabled.
    pub disabled: bool,
    /// Its place in `flows.json`.
    pub span: Span,
    /// Place of its label or name.
    pub name_span: Span,
}

/// Something odd in `flows.json` that does not stop it from loading.
#[derive(Clone, Debug, PartialEq)]
pub struct Oddity {
    /// What is odd, for people.
    pub message: String,
    /// It is an id that leads nowhere; not that of a tab, which exports of a few nodes leave out.
    pub nowhere: bool,
    /// Where.
    pub span: Span,
}
