//! From a flow graph, the chains on it, and what is asked for, to what is drawn.

use route_chain::ir::{ChainSet, Cond, Op, Sink, Step};
use rustc_hash::FxHashMap;

use super::{Dot, Edge, EdgeKind, Frame, FrameKind, Picture, Router, Shape, Side, View};
use crate::explain::Printer;
use crate::flow::{FlowGraph, Node, NodeIx, Scope, ScopeIx, Wire, WireKind};

/// Groups within groups that are drawn as frames.
const MOST_NESTED: usize = 8;

/// The picture of a graph with the stack on it, compiled for each runtime of its fleet; no side at all draws the flow
/// alone.
pub fn picture(graph: &FlowGraph, sides: &[Side<'_>], view: &View, title: &str) -> Picture {
    let stack = Stack::new(graph, sides);
    let runtimes = match sides.first().and_then(|side| side.written.fleet.as_ref()) {
        Some(fleet) => fleet.runtimes.iter().map(|runtime| runtime.name.clone()).collect(),
        None => Vec::new(),
    };
    let mut builder = Builder {
        graph,
        view,
        homes: homes(sides),
        places: FxHashMap::default(),
        frames: FxHashMap::default(),
        picture: Picture { title: title.to_owned(), runtimes, ..Picture::default() },
    };
    let on: Vec<Sits> = graph.wires.iter().map(|wire| stack.on(wire)).collect();
    let wires: Vec<bool> =
        (0..).zip(&graph.wires).map(|(at, wire)| builder.has_wire(at, wire, &on)).collect();
    builder.nodes(&wires, &on);
    for ((at, wire), sits) in (0..).zip(&graph.wires).zip(on) {
        if wires.get(at as usize) == Some(&true) {
            builder.edges(at, wire, sits);
        }
    }
    builder.picture
}

/// Where nodes live, by id.
fn homes(sides: &[Side<'_>]) -> Option<Homes> {
    let fleet = sides.first()?.written.fleet.as_ref()?;
    let me = fleet.runtimes.iter().position(|runtime| runtime.name == fleet.me);
    let away = fleet.absent.iter().zip(&fleet.homes).map(|(id, home)| (id.clone(), *home as usize));
    Some(Homes { me, away: away.collect() })
}

struct Homes {
    me: Option<usize>,
    away: FxHashMap<String, usize>,
}

/// What the stack does on one wire.
#[derive(Clone, Debug, Default)]
struct Sits {
    routers: Vec<Router>,
    remote: Vec<String>,
    stopped: bool,
    /// By id of the node: redirects and copies, each with its router.
    beside: Vec<(EdgeKind, String, Router)>,
}

/// Chains by wire: source, output, destination.
type Chains<'a> = FxHashMap<(&'a str, u32, &'a str), (&'a ChainSet, &'a [Step])>;

struct Stack<'a> {
    graph: &'a FlowGraph,
    written: Chains<'a>,
    optimised: Chains<'a>,
}

impl<'a> Stack<'a> {
    fn new(graph: &'a FlowGraph, sides: &[Side<'a>]) -> Self {
        let chains = |pick: &dyn Fn(&Side<'a>) -> &'a ChainSet| {
            let mut all = Chains::default();
            for set in sides.iter().map(pick) {
                for wire in &set.wires {
                    let Some(chain) = set.chains.get(wire.chain as usize) else { continue };
                    all.insert((wire.from.as_str(), wire.port, wire.to.as_str()), (set, &chain.steps));
                }
            }
            all
        };
        Self { graph, written: chains(&|side| side.written), optimised: chains(&|side| side.optimised) }
    }

    fn on(&self, wire: &Wire) -> Sits {
        let mut sits = Sits::default();
        let (Some(from), Some(to)) = (self.graph.node(wire.from), self.graph.node(wire.to)) else {
            return sits;
        };
        let key = (from.id.as_str(), wire.port, to.id.as_str());
        if let Some((set, steps)) = self.written.get(&key) {
            let printer = Printer { set, graph: self.graph };
            steps.iter().for_each(|step| sits.add(step, set, &printer));
        }
        if let Some((_, steps)) = self.optimised.get(&key) {
            sits.stopped = steps.iter().any(ends_all);
        }
        sits
    }
}

/// Whether a step lets no message through, whatever it is.
fn ends_all(step: &Step) -> bool {
    step.when.is_none()
        && matches!(step.op, Op::Halt { .. } | Op::Keep(Cond::Const(false)) | Op::Redirect { .. })
}

impl Sits {
    fn add(&mut self, step: &Step, set: &ChainSet, printer: &Printer<'_>) {
        let Some(info) = set.routers.get(step.router as usize) else { return };
        let layer = if info.layer == crate::load::MAIN { String::new() } else { format!("{}/", info.layer) };
        let router = Router {
            kind: info.kind.clone(),
            name: format!("{layer}{}", info.name),
            does: printer.clauses(step),
        };
        match &step.op {
            Op::Remote(remote) => {
                let new = remote.to.iter().filter(|to| !self.remote.contains(to));
                let new: Vec<String> = new.cloned().collect();
                self.remote.extend(new);
            }
            Op::Redirect { to } => self.beside.push((EdgeKind::Redirect, to.clone(), router.clone())),
            Op::Tap(tap) => {
                if let Sink::Node(to) = &tap.sink {
                    self.beside.push((EdgeKind::Copy, to.clone(), router.clone()));
                }
            }
            _ => {}
        }
        // What `place` makes has no name of its own: the runtime says it all.
        if info.layer != crate::lower::PLACE {
            self.routers.push(router);
        }
    }

    /// Whether one of the routers has one of the names, or there is any when no name is given.
    fn has(&self, names: &[String]) -> bool {
        let named = |router: &Router| {
            let last = router.name.rsplit('/').next().unwrap_or_default();
            names.iter().any(|name| *name == router.name || name == last)
        };
        match names {
            [] => !self.routers.is_empty() || !self.remote.is_empty(),
            _ => self.routers.iter().any(named),
        }
    }
}

/// Frames by what they stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Tab(ScopeIx),
    /// A group of the file, once in each instance of a subflow.
    Group(ScopeIx, Option<NodeIx>),
    Instance(NodeIx),
}

struct Builder<'a> {
    graph: &'a FlowGraph,
    view: &'a View,
    homes: Option<Homes>,
    /// Index into the picture's nodes.
    places: FxHashMap<NodeIx, usize>,
    frames: FxHashMap<Key, usize>,
    picture: Picture,
}

impl Builder<'_> {
    fn has_wire(&self, at: u32, wire: &Wire, on: &[Sits]) -> bool {
        let routed =
            !self.view.is_routed() || on.get(at as usize).is_some_and(|sits| sits.has(&self.view.routers));
        routed && self.view.has_wire(wire)
    }

    fn nodes(&mut self, wires: &[bool], on: &[Sits]) {
        let mut ends = vec![false; self.graph.nodes.len()];
        for ((wire, sits), _) in self.graph.wires.iter().zip(on).zip(wires).filter(|(_, shown)| **shown) {
            let beside = sits.beside.iter().filter_map(|(_, to, _)| self.graph.node_by_id(to));
            for end in [wire.from, wire.to].into_iter().chain(beside) {
                ends[end.0 as usize] = true;
            }
        }
        let all = (0..self.graph.nodes.len() as u32).map(NodeIx);
        let is_end = |node: NodeIx| ends.get(node.0 as usize) == Some(&true);
        let (inside, outside): (Vec<NodeIx>, Vec<NodeIx>) = all.partition(|node| self.view.has(*node));
        for node in inside.into_iter().filter(|node| !self.view.is_routed() || is_end(*node)) {
            self.node(node, false);
        }
        for node in outside.into_iter().filter(|node| is_end(*node)) {
            self.node(node, true);
        }
    }

    fn node(&mut self, ix: NodeIx, elsewhere: bool) {
        let Some(node) = self.graph.node(ix) else { return };
        let ty = match node.instance_of.and_then(|at| self.graph.subflows.get(at.0 as usize)) {
            Some(subflow) => format!("subflow {}", label(subflow)),
            None => node.ty.clone(),
        };
        let (name, ty) =
            if node.name.trim().is_empty() { (ty, String::new()) } else { (node.name.clone(), ty) };
        let shape = match node.ty.as_str() {
            _ if elsewhere => Shape::Elsewhere,
            "junction" => Shape::Junction,
            "comment" => Shape::Note,
            "link in" | "link out" | "link call" => Shape::Link,
            _ if node.instance_of.is_some() => Shape::Subflow,
            _ => Shape::Box,
        };
        let home = self.homes.as_ref().and_then(|homes| homes.away.get(&node.id).copied().or(homes.me));
        let dot = Dot {
            id: node.id.clone(),
            name,
            ty,
            shape,
            frame: if elsewhere { None } else { self.frame_of(ix, node) },
            disabled: node.disabled,
            outputs: node.outputs,
            home,
            focus: self.view.focus.contains(&ix),
            about: self.about(node),
        };
        self.places.insert(ix, self.picture.nodes.len());
        self.picture.nodes.push(dot);
    }

    /// `on tab "Alerts", in group "Hot", inside "Mixer"`
    fn about(&self, node: &Node) -> String {
        let quoted =
            |word: &str, name: &str| format!("{word} \"{}\"", super::text::line(name, super::text::LABEL));
        let mut parts = Vec::new();
        parts.extend(
            node.tab.and_then(|at| self.graph.tabs.get(at.0 as usize)).map(|tab| quoted("tab", label(tab))),
        );
        let groups = node.groups.iter().filter_map(|at| self.graph.groups.get(at.0 as usize));
        parts.extend(groups.filter(|group| !group.name.is_empty()).map(|group| quoted("group", &group.name)));
        parts.extend(
            node.instance.and_then(|ix| self.graph.node(ix)).map(|outer| quoted("inside", node_label(outer))),
        );
        parts.join(", ")
    }

    fn frame_of(&mut self, ix: NodeIx, node: &Node) -> Option<usize> {
        // The groups of the instance follow those of the node itself.
        let owner = node
            .instance
            .filter(|outer| outer.0 < ix.0)
            .and_then(|outer| Some((outer, self.graph.node(outer)?)));
        let (mut within, groups) = match owner {
            Some((at, outer)) => {
                let around = self.frame_of(at, outer);
                let frame = self.frame(
                    Key::Instance(at),
                    FrameKind::Instance,
                    node_label(outer),
                    outer.disabled,
                    around,
                );
                let own = node.groups.len().saturating_sub(outer.groups.len());
                (Some(frame), node.groups.get(..own).unwrap_or_default())
            }
            None => {
                let tab = node.tab.and_then(|at| Some((at, self.graph.tabs.get(at.0 as usize)?)));
                let frame = tab.map(|(at, tab)| {
                    self.frame(Key::Tab(at), FrameKind::Tab, label(tab), tab.disabled, None)
                });
                (frame, node.groups.as_slice())
            }
        };
        for at in groups.iter().rev().take(MOST_NESTED) {
            let Some(group) = self.graph.groups.get(at.0 as usize) else { continue };
            let key = Key::Group(*at, node.instance);
            within = Some(self.frame(key, FrameKind::Group, &group.name, group.disabled, within));
        }
        within
    }

    fn frame(
        &mut self,
        key: Key,
        kind: FrameKind,
        label: &str,
        disabled: bool,
        within: Option<usize>,
    ) -> usize {
        if let Some(known) = self.frames.get(&key) {
            return *known;
        }
        let at = self.picture.frames.len();
        self.picture.frames.push(Frame { kind, label: label.to_owned(), within, disabled });
        self.frames.insert(key, at);
        at
    }

    fn edges(&mut self, at: u32, wire: &Wire, sits: Sits) {
        let (Some(from), Some(to)) = (self.places.get(&wire.from), self.places.get(&wire.to)) else { return };
        let (from, to) = (*from, *to);
        let disabled = |at: usize| self.picture.nodes.get(at).is_some_and(|node| node.disabled);
        let through = matches!(wire.kind, WireKind::Link | WireKind::LinkCall);
        let Sits { routers, remote, stopped, beside } = sits;
        let mut new = vec![Edge {
            from,
            port: wire.port,
            to,
            kind: EdgeKind::Wire(at, through),
            routers,
            stopped,
            remote,
            disabled: disabled(from) || disabled(to),
        }];
        for (kind, to, router) in beside {
            let Some(to) = self.graph.node_by_id(&to).and_then(|ix| self.places.get(&ix)).copied() else {
                continue;
            };
            let (routers, disabled) = (vec![router], disabled(from) || disabled(to));
            let (port, stopped, remote) = (wire.port, false, Vec::new());
            new.push(Edge { from, port, to, kind, routers, stopped, remote, disabled });
        }
        // One redirect on several wires of an output leads to one place.
        let fresh = |edge: &Edge| {
            matches!(edge.kind, EdgeKind::Wire(..))
                || !self.picture.edges.iter().rev().take(64).any(|old| old == edge)
        };
        new.retain(fresh);
        self.picture.edges.extend(new);
    }
}

/// A scope's label, or its id when it has none.
fn label(scope: &Scope) -> &str {
    if scope.name.is_empty() { &scope.id } else { &scope.name }
}

fn node_label(node: &Node) -> &str {
    if node.name.is_empty() { &node.id } else { &node.name }
}
