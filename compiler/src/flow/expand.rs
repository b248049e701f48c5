//! Expands subflow instances as Node-RED does at run time, and draws every wire that messages take.

use std::cell::Cell;
use std::rc::Rc;

use indexmap::IndexMap;
use route_grammar::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::entries::{self, Entries, PortEnd, Static};
use super::env::{self, Env};
use super::{FlowGraph, InstanceOutput, Node, NodeIx, Oddity, ScopeIx, Wire, WireKind};

/// Most nodes after expansion; fewer in unit tests, which run unoptimised.
const MAX_NODES: usize = if cfg!(test) { 20_000 } else { 1_000_000 };
/// Most bytes that copies may take: bodies of subflows, and variables seen by or substituted into nodes. Bounds what
/// one long text in a small file costs.
const MAX_COPIED_BYTES: usize = if cfg!(test) { 1 << 24 } else { 1 << 30 };
/// Most wires and ports after expansion.
const MAX_WIRES: usize = 8_000_000;
/// Deepest nesting of subflow instances.
const MAX_NESTING: usize = 64;
/// Most steps in the search for the ends of called links.
const MAX_CALL_STEPS: usize = 10_000_000;

/// The graph of the entries, without its hash.
pub(super) fn expand(entries: &Entries<'_, '_>, oddities: &mut Vec<Oddity>) -> FlowGraph {
    let graph = FlowGraph {
        tabs: entries.tabs.clone(),
        groups: entries.groups.clone(),
        subflows: entries.subflows.clone(),
        ..FlowGraph::default()
    };
    let root = Frame { def: None, inst: None, nodes: Vec::new(), status: None, env: Rc::new(Env::new()) };
    let mut x = Expansion {
        entries,
        oddities,
        graph,
        origin: Vec::new(),
        frames: vec![root],
        envs: FxHashMap::default(),
        bytes: 0,
        told: FxHashSet::default(),
    };
    x.frame(0, &mut Vec::new());
    x.wires();
    x.returns();
    x.graph
}

/// One run-time copy of a scope: the file outside of all definitions, or the inside of one instance.
struct Frame {
    def: Option<ScopeIx>,
    inst: Option<NodeIx>,
    /// By slot in the scope.
    nodes: Vec<Option<NodeIx>>,
    status: Option<NodeIx>,
    env: Rc<Env>,
}

/// An environment and about how many bytes a copy of it takes.
#[derive(Default)]
struct Weighed {
    env: Env,
    weight: usize,
}

/// What made a run-time node.
#[derive(Clone, Copy)]
struct Origin {
    /// `None`: the status node of an instance.
    of: Option<usize>,
    frame: usize,
    /// The frame inside, of an expanded instance.
    opened: Option<usize>,
}

/// The run-time targets of each port of a node.
type Targets = Vec<Vec<(NodeIx, WireKind, Span)>>;

struct Expansion<'e, 'r, 'a> {
    entries: &'e Entries<'r, 'a>,
    oddities: &'e mut Vec<Oddity>,
    graph: FlowGraph,
    origin: Vec<Origin>,
    frames: Vec<Frame>,
    /// Environment by frame, tab and innermost group.
    envs: FxHashMap<(usize, Option<ScopeIx>, Option<ScopeIx>), Rc<Weighed>>,
    bytes: usize,
    /// Places that were told already, however often they are expanded.
    told: FxHashSet<Span>,
}

impl<'e, 'r, 'a> Expansion<'e, 'r, 'a> {
    fn odd(&mut self, message: String, span: Span) {
        if self.told.insert(span) {
            self.oddities.push(Oddity { message, nowhere: false, span });
        }
    }

    /// Makes the nodes of a frame, instances opened as they come. Recursion ends at [`MAX_NESTING`].
    fn frame(&mut self, frame: usize, above: &mut Vec<ScopeIx>) {
        let entries = self.entries;
        let (items, configs) = match self.frames[frame].def {
            None => (&entries.roots, &entries.configs),
            Some(def) => (&entries.inside[def.0 as usize].items, &entries.inside[def.0 as usize].configs),
        };
        for &i in configs {
            if let Some(node) = self.make(frame, &entries.nodes[i]) {
                self.graph.configs.push(node);
            }
        }
        for &i in items {
            let stat = &entries.nodes[i];
            let node = self.make(frame, stat);
            let ix = node.map(|node| self.add(node, Origin { of: Some(i), frame, opened: None }));
            self.frames[frame].nodes.push(ix);
            if let (Some(ix), Some(def)) = (ix, stat.instance_of) {
                self.open(ix, stat, def, frame, above);
            }
        }
    }

    fn add(&mut self, node: Node, origin: Origin) -> NodeIx {
        let ix = NodeIx(self.graph.nodes.len() as u32);
        if self.graph.by_id.contains_key(&node.id) {
            self.odd(
                format!("the id `{}` is taken by a node inside a subflow instance", node.id),
                node.name_span,
            );
        } else {
            self.graph.by_id.insert(node.id.clone(), ix);
        }
        self.graph.nodes.push(node);
        self.origin.push(origin);
        ix
    }

    fn open(
        &mut self,
        inst: NodeIx,
        stat: &Static<'r, 'a>,
        def: ScopeIx,
        outer: usize,
        above: &mut Vec<ScopeIx>,
    ) {
        let inside = &self.entries.inside[def.0 as usize];
        let node = &mut self.graph.nodes[inst.0 as usize];
        node.outputs = inside.outputs as u32;
        if node.output_labels.is_empty() {
            node.output_labels = inside.output_labels.clone();
        }
        let (id, disabled, tab, groups) = (node.id.clone(), node.disabled, node.tab, node.groups.clone());
        if above.contains(&def) || above.len() >= MAX_NESTING {
            let why = if above.contains(&def) { "contains itself" } else { "is nested too deep" };
            let name = &self.entries.subflows[def.0 as usize].name;
            return self.odd(format!("the subflow `{name}` {why}; this instance is empty"), stat.value.span);
        }
        self.bytes += inside.value.map_or(0, |v| v.span.range().len());
        let mut env = self.env_of(outer, stat).env.clone();
        if let Some(value) = inside.value {
            env::extend(&mut env, value);
        }
        env::extend(&mut env, stat.value);
        let frame = self.frames.len();
        self.frames.push(Frame {
            def: Some(def),
            inst: Some(inst),
            nodes: Vec::new(),
            status: None,
            env: Rc::new(env),
        });
        self.origin[inst.0 as usize].opened = Some(frame);
        above.push(def);
        self.frame(frame, above);
        above.pop();
        if let Some(span) = inside.status {
            let status = Node {
                id: format!("{id}:status"),
                static_id: format!("{}:status", stat.id),
                ty: "subflow-status".to_owned(),
                name: String::new(),
                tab,
                groups,
                subflow: Some(def),
                instance: Some(inst),
                instance_of: None,
                outputs: 0,
                output_labels: Vec::new(),
                disabled,
                span,
                name_span: span,
                config: serde_json::Map::new(),
                env: IndexMap::new(),
            };
            let ix = self.add(status, Origin { of: None, frame, opened: None });
            self.frames[frame].status = Some(ix);
        }
    }

    /// A run-time node, or nothing when the limits are reached.
    fn make(&mut self, frame: usize, stat: &Static<'r, 'a>) -> Option<Node> {
        let mut env = self.env_of(frame, stat);
        self.bytes += env.weight;
        let (def, inst) = (self.frames[frame].def, self.frames[frame].inst);
        if inst.is_some() {
            self.bytes += stat.value.span.range().len();
            let count = self.graph.nodes.len() + self.graph.configs.len();
            if count >= MAX_NODES || self.bytes > MAX_COPIED_BYTES {
                self.odd(
                    format!("subflow instances make more than {count} nodes; the rest is left out"),
                    Span::default(),
                );
                return None;
            }
        }
        if self.bytes > MAX_COPIED_BYTES {
            self.odd(
                "the environment is too large; some nodes are read without it".to_owned(),
                Span::default(),
            );
            env = Rc::default();
        }
        let spent = Cell::new(0);
        let owner = inst.map(|i| &self.graph.nodes[i.0 as usize]);
        let tab = owner.map_or(stat.tab, |o| o.tab);
        let mut groups = stat.groups.clone();
        groups.extend(owner.iter().flat_map(|o| o.groups.iter().copied()));
        let id = owner.map_or_else(|| stat.id.to_owned(), |o| format!("{}-{}", o.id, stat.id));
        let disabled = stat.disabled
            || owner.is_some_and(|o| o.disabled)
            || def.is_some_and(|d| self.entries.subflows[d.0 as usize].disabled);
        let (name, name_span) = entries::name(stat.value, "name");
        let lookup = |var: &str| {
            let value = env.env.get(var);
            spent.set(spent.get() + value.map_or(0, env::weight));
            let value = value.filter(|_| self.bytes + spent.get() <= MAX_COPIED_BYTES).cloned();
            value.or_else(|| self.built_in(var, &id, &name, tab, groups.first(), owner))
        };
        let mut config = env::config(stat.value, &lookup);
        if let (Some(def), Some(owner)) = (def, owner) {
            rename(&mut config, &self.entries.inside[def.0 as usize].ids, &owner.id);
        }
        self.bytes += spent.get();
        Some(Node {
            static_id: stat.id.to_owned(),
            ty: stat.ty.to_owned(),
            tab,
            groups,
            subflow: def,
            instance: inst,
            instance_of: if stat.config { None } else { stat.instance_of },
            outputs: stat.outputs,
            output_labels: stat.output_labels.clone(),
            disabled,
            span: stat.value.span,
            name_span,
            config,
            env: env.env.clone(),
            id,
            name,
        })
    }

    /// The variables that Node-RED sets itself.
    fn built_in(
        &self,
        var: &str,
        id: &str,
        name: &str,
        tab: Option<ScopeIx>,
        group: Option<&ScopeIx>,
        owner: Option<&Node>,
    ) -> Option<Value> {
        let tab = tab.map(|t| &self.graph.tabs[t.0 as usize]);
        let group = group.map(|g| &self.graph.groups[g.0 as usize]);
        let text = match var {
            "NR_NODE_ID" => id,
            "NR_NODE_NAME" => name,
            "NR_FLOW_ID" => owner.map(|o| o.id.as_str()).or(tab.map(|t| t.id.as_str()))?,
            "NR_FLOW_NAME" => owner.map(|o| o.name.as_str()).or(tab.map(|t| t.name.as_str()))?,
            "NR_GROUP_ID" => &group?.id,
            "NR_GROUP_NAME" => &group?.name,
            "NR_SUBFLOW_ID" => &owner?.id,
            "NR_SUBFLOW_NAME" => &owner?.name,
            _ => return None,
        };
        Some(Value::String(text.to_owned()))
    }

    fn env_of(&mut self, frame: usize, stat: &Static<'r, 'a>) -> Rc<Weighed> {
        let key = (frame, stat.tab, stat.groups.first().copied());
        if let Some(env) = self.envs.get(&key) {
            return Rc::clone(env);
        }
        let mut env = (*self.frames[frame].env).clone();
        if let Some(tab) = stat.tab {
            env::extend(&mut env, self.entries.tab_values[tab.0 as usize]);
        }
        for group in stat.groups.iter().rev() {
            env::extend(&mut env, self.entries.group_values[group.0 as usize]);
        }
        let weight = env.iter().map(|(key, value)| key.len() + env::weight(value)).sum();
        let env = Rc::new(Weighed { env, weight });
        self.envs.insert(key, Rc::clone(&env));
        env
    }

    /// Draws the wires. An instance comes before its inside, so what its outputs lead to is known there.
    fn wires(&mut self) {
        let mut outs: FxHashMap<NodeIx, Rc<Targets>> = FxHashMap::default();
        let mut seen: FxHashSet<(u32, NodeIx)> = FxHashSet::default();
        let mut work = 0;
        for i in 0..self.graph.nodes.len() {
            let origin = self.origin[i];
            let Some(of) = origin.of else { continue };
            let mut targets = self.targets(of, origin.frame, &outs);
            if let Some(opened) = origin.opened {
                let straight = self.inputs(opened, &targets);
                self.outputs(opened, &targets);
                outs.insert(NodeIx(i as u32), Rc::new(targets));
                targets = straight;
            }
            work += targets.iter().map(|port| 1 + port.len()).sum::<usize>();
            if work > MAX_WIRES {
                self.odd(
                    format!("more than {MAX_WIRES} wires and outputs; the rest is left out"),
                    Span::default(),
                );
                return;
            }
            seen.clear();
            for (port, list) in targets.iter().enumerate() {
                for &(to, kind, span) in list {
                    if seen.insert((port as u32, to)) {
                        self.graph.wires.push(Wire {
                            from: NodeIx(i as u32),
                            port: port as u32,
                            to,
                            kind,
                            span,
                        });
                    }
                }
            }
        }
    }

    /// Where a node's ports lead: its own wires, then what lies behind the outputs of its subflow that it feeds.
    fn targets(&self, of: usize, frame: usize, outs: &FxHashMap<NodeIx, Rc<Targets>>) -> Targets {
        let stat = &self.entries.nodes[of];
        let frame = &self.frames[frame];
        let mut targets: Targets = stat.wires.iter().map(|port| self.at(frame, port)).collect();
        let Some(def) = frame.def else { return targets };
        for &(port, end) in self.entries.inside[def.0 as usize].feeds.get(&of).into_iter().flatten() {
            if targets.len() <= port {
                targets.resize_with(port + 1, Vec::new);
            }
            let behind = frame.inst.and_then(|inst| outs.get(&inst));
            match (end, behind) {
                (PortEnd::Output(k), Some(behind)) => {
                    let list = behind.get(k).into_iter().flatten();
                    targets[port].extend(list.map(|&(to, _, span)| (to, WireKind::Subflow, span)));
                }
                (PortEnd::Status, _) => {
                    targets[port].extend(frame.status.map(|s| (s, WireKind::Subflow, stat.value.span)))
                }
                (PortEnd::Output(_), None) => {}
            }
        }
        targets
    }

    /// Where the inputs of an instance lead, as ports of the instance.
    fn inputs(&self, opened: usize, outer: &Targets) -> Targets {
        let frame = &self.frames[opened];
        let Some(def) = frame.def else { return Vec::new() };
        let inside = &self.entries.inside[def.0 as usize];
        let mut targets: Targets = inside.inputs.iter().map(|port| self.at(frame, port)).collect();
        for &(input, end) in &inside.straight {
            if targets.len() <= input {
                targets.resize_with(input + 1, Vec::new);
            }
            match end {
                PortEnd::Output(k) => {
                    let list = outer.get(k).into_iter().flatten();
                    targets[input].extend(list.map(|&(to, _, span)| (to, WireKind::Subflow, span)));
                }
                PortEnd::Status => {
                    let span = inside.status.unwrap_or_default();
                    targets[input].extend(frame.status.map(|s| (s, WireKind::Subflow, span)));
                }
            }
        }
        targets
    }

    /// Notes what feeds each output of an instance, and where it leads.
    fn outputs(&mut self, opened: usize, outer: &Targets) {
        let frame = &self.frames[opened];
        let (Some(def), Some(inst)) = (frame.def, frame.inst) else { return };
        let inside = &self.entries.inside[def.0 as usize];
        let mut outputs: Vec<InstanceOutput> = vec![InstanceOutput::default(); inside.outputs];
        for (output, targets) in outputs.iter_mut().zip(outer) {
            output.targets = targets.iter().map(|t| t.0).collect();
        }
        let mut source = |end: PortEnd, node: Option<NodeIx>, port: usize| {
            if let (PortEnd::Output(k), Some(node)) = (end, node) {
                outputs[k].sources.push((node, port as u32));
            }
        };
        for (&of, ends) in &inside.feeds {
            let node = frame.nodes.get(self.entries.nodes[of].slot).copied().flatten();
            ends.iter().for_each(|&(port, end)| source(end, node, port));
        }
        inside.straight.iter().for_each(|&(input, end)| source(end, Some(inst), input));
        for (k, mut output) in outputs.into_iter().enumerate() {
            output.sources.sort_unstable();
            self.graph.instance_outputs.insert((inst, k as u32), output);
        }
    }

    fn at(&self, frame: &Frame, port: &[entries::Target]) -> Vec<(NodeIx, WireKind, Span)> {
        let place = |t: &entries::Target| {
            let slot = self.entries.nodes[t.to].slot;
            frame.nodes.get(slot).copied().flatten().map(|ix| (ix, t.kind, t.span))
        };
        port.iter().filter_map(place).collect()
    }

    /// Link out (return) → the link calls whose messages can reach it.
    fn returns(&mut self) {
        let calls: Vec<(NodeIx, NodeIx, Span)> = self
            .graph
            .wires
            .iter()
            .filter(|w| w.kind == WireKind::LinkCall)
            .map(|w| (w.from, w.to, w.span))
            .collect();
        if calls.is_empty() {
            return;
        }
        let edges = self.graph.edges();
        let mut ends: FxHashMap<NodeIx, Vec<NodeIx>> = FxHashMap::default();
        let mut steps = 0;
        let mut back: Vec<Wire> = Vec::new();
        for (call, link_in, span) in calls {
            if steps > MAX_CALL_STEPS {
                self.odd("too many link calls; some of their returns are left out".to_owned(), span);
                break;
            }
            let ends = ends.entry(link_in).or_insert_with(|| {
                let reached = edges.downstream(&self.graph, [link_in]);
                steps += reached.len();
                reached.into_iter().filter(|&ix| self.graph.is_link_return(ix)).collect()
            });
            steps += ends.len();
            back.extend(ends.iter().map(|&from| Wire {
                from,
                port: 0,
                to: call,
                kind: WireKind::LinkCall,
                span,
            }));
        }
        for wire in &back {
            let node = &mut self.graph.nodes[wire.from.0 as usize];
            node.outputs = node.outputs.max(1);
        }
        self.graph.wires.extend(back);
        // The sort is stable: inside a port the order of targets stays.
        self.graph.wires.sort_by_key(|w| (w.from, w.port));
        let mut seen = FxHashSet::default();
        self.graph.wires.retain(|w| seen.insert((w.from, w.port, w.to, w.kind)));
    }
}

/// References to nodes of the same definition get the run-time ids of this instance.
fn rename(config: &mut serde_json::Map<String, Value>, ids: &FxHashSet<&str>, instance: &str) {
    let swap = |text: &mut String| {
        if ids.contains(text.as_str()) {
            *text = format!("{instance}-{text}");
        }
    };
    for (key, value) in config.iter_mut() {
        match (key.as_str(), value) {
            ("id" | "type" | "z" | "g" | "name" | "label", _) => {}
            ("links" | "scope", Value::Array(list)) => {
                for item in list {
                    if let Value::String(text) = item {
                        swap(text);
                    }
                }
            }
            (_, Value::String(text)) => swap(text),
            _ => {}
        }
    }
}
