//! The flow graph with the stack on it: which nodes messages still reach, and what can no longer happen.

use route_chain::ir::{Op, Unreachable};
use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{live_request, lonely_request, redirect_cycle, remote_loop, starved_node, waiting_join};
use crate::analysis::atoms::Atoms;
use crate::analysis::facts::{Facts, Outcome};
use crate::analysis::walk::{Prepared, walk};
use crate::flow::{Edges, FlowGraph, NodeIx};
use crate::hir::Router;
use crate::lowered::Lowered;
use crate::resolver::Resolver;

/// Findings of one kind that are told; more would bury the reader.
const MOST: usize = 50;
/// Wires that are followed in search of loops through a remote; those beyond are not looked at.
const MAX_FOLLOWED: usize = 2_000_000;

/// What becomes of messages at the end of a chain.
#[derive(Clone, Debug, Default)]
struct Ends {
    /// Some arrive at the end of the wire, here or on another runtime.
    arrives: bool,
    /// Some are redirected to these nodes, by these routers.
    redirected: Vec<(String, u32)>,
    /// Routers that stop some of them.
    stops: Vec<u32>,
    /// Routers that send some of them to another runtime.
    remotes: Vec<u32>,
    /// A `halt` or `redirect` without a condition takes them all: that nothing arrives is what it says.
    plain: bool,
}

/// Rules on the graph as messages go through it.
pub(crate) fn check(
    routers: &[Router],
    lowered: &Lowered,
    (atoms, steps): (&Atoms, &[Prepared]),
    broken: &FxHashSet<u32>,
    resolver: &mut Resolver<'_>,
) {
    let graph = resolver.input.graph;
    let chains: Vec<Ends> = lowered
        .chains
        .iter()
        .map(|chain| {
            let mut ends = Ends::default();
            let own = |step: &Prepared| !broken.contains(&step.router);
            let mut redirected_for_certain = false;
            let last = walk(&chain.steps, steps, atoms, Facts::default(), &own, &mut |at, step, facts| {
                let op = chain.steps.get(at).and_then(|step| lowered.step(*step)).map(|step| &step.op);
                ends.see(op, step, facts, atoms, &mut redirected_for_certain);
            });
            ends.arrives |= !last.is_dead() && !redirected_for_certain;
            ends
        })
        .collect();
    let way = Way { graph, edges: graph.edges(), routers, lowered, chains };
    way.starved(resolver);
    way.cycles(resolver);
    way.joins(resolver);
    way.requests(resolver);
    way.live_requests(resolver);
    way.remote_loops(resolver);
}

impl Ends {
    fn see(
        &mut self,
        op: Option<&Op>,
        step: &Prepared,
        facts: &mut Facts,
        atoms: &Atoms,
        redirected: &mut bool,
    ) {
        if facts.is_dead() {
            return;
        }
        let when = step.when.as_ref().map_or(Outcome::Always, |when| facts.decide(when, atoms));
        if when == Outcome::Never {
            return;
        }
        self.plain |= step.when.is_none() && matches!(op, Some(Op::Halt { .. } | Op::Redirect { .. }));
        if matches!(op, Some(Op::Remote(_))) {
            self.remotes.push(step.router);
        }
        match op {
            Some(Op::Redirect { to }) => {
                self.redirected.push((to.clone(), step.router));
                *redirected |= when == Outcome::Always;
            }
            Some(Op::Remote(remote)) if remote.unreachable != Unreachable::Pass => {
                self.arrives |= !*redirected
            }
            Some(Op::Halt { .. }) => self.stops.push(step.router),
            Some(Op::Keep(_)) => {
                let keeps = step.keep.as_ref().map(|keep| facts.decide(keep, atoms));
                if keeps != Some(Outcome::Always) {
                    self.stops.push(step.router);
                }
            }
            Some(Op::Limit(limit)) if limit.over == route_chain::ir::Over::Halt => {
                self.stops.push(step.router)
            }
            _ => {}
        }
    }
}

struct Way<'a> {
    graph: &'a FlowGraph,
    edges: Edges,
    routers: &'a [Router],
    lowered: &'a Lowered,
    chains: Vec<Ends>,
}

impl<'a> Way<'a> {
    fn ends(&self, wire: u32) -> Option<&Ends> {
        self.chains.get(*self.lowered.of_wire.get(wire as usize)? as usize)
    }

    fn router(&self, at: u32) -> Option<&'a Router> {
        self.routers.get(at as usize)
    }

    fn is_live(&self, wire: u32) -> bool {
        let Some(wire) = self.graph.wires.get(wire as usize) else { return false };
        [wire.from, wire.to].into_iter().all(|node| self.graph.node(node).is_some_and(|node| !node.disabled))
    }

    /// The nodes that a message sent by a node comes to next, with the stack on the wires.
    fn next(&self, node: NodeIx) -> impl Iterator<Item = (NodeIx, Option<u32>)> + '_ {
        self.edges.out_wires(node).iter().filter(|wire| self.is_live(**wire)).flat_map(|wire| {
            let to = self.graph.wires.get(*wire as usize).map(|wire| wire.to);
            let ends = self.ends(*wire);
            let straight = to.filter(|_| ends.is_none_or(|ends| ends.arrives)).map(|to| (to, None));
            let redirected = ends.into_iter().flat_map(|ends| &ends.redirected);
            let redirected = redirected.filter_map(|(id, by)| Some((self.graph.node_by_id(id)?, Some(*by))));
            straight.into_iter().chain(redirected)
        })
    }

    /// Nodes that messages come to from some nodes, those included; with the stack or without it.
    fn reach(&self, from: impl IntoIterator<Item = NodeIx>, with_stack: bool) -> FxHashSet<NodeIx> {
        let mut open: Vec<NodeIx> = from.into_iter().collect();
        let mut seen: FxHashSet<NodeIx> = open.iter().copied().collect();
        while let Some(node) = open.pop() {
            let next: Vec<NodeIx> = match with_stack {
                true => self.next(node).map(|(node, _)| node).collect(),
                false => {
                    let live = self.edges.out_wires(node).iter().filter(|wire| self.is_live(**wire));
                    live.filter_map(|wire| Some(self.graph.wires.get(*wire as usize)?.to)).collect()
                }
            };
            open.extend(next.into_iter().filter(|node| seen.insert(*node)));
        }
        seen
    }

    fn nodes(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..self.graph.nodes.len() as u32).map(NodeIx)
    }

    /// Nodes that nothing reaches any more.
    fn starved(&self, resolver: &mut Resolver<'_>) {
        if self.chains.iter().all(|ends| ends.arrives && ends.redirected.is_empty()) {
            return;
        }
        let begins = |node: &NodeIx| self.edges.in_wires(*node).iter().all(|wire| !self.is_live(*wire));
        let sources: Vec<NodeIx> = self.nodes().filter(begins).collect();
        let (before, after) = (self.reach(sources.iter().copied(), false), self.reach(sources, true));
        let mut lost: Vec<NodeIx> = before.difference(&after).copied().collect();
        lost.sort_unstable();
        let mut told = 0;
        for node in lost {
            // Only the first of a row: what lies behind it is lost with it.
            let cut = self.edges.in_wires(node).iter().filter(|wire| self.is_live(**wire));
            let cut: Vec<u32> = cut
                .copied()
                .filter(|wire| {
                    self.graph.wires.get(*wire as usize).is_some_and(|wire| after.contains(&wire.from))
                })
                .collect();
            let cuts: Vec<&Ends> = cut.iter().filter_map(|wire| self.ends(*wire)).collect();
            if cuts.iter().all(|ends| ends.plain) {
                continue;
            }
            let mut by: Vec<u32> = cuts
                .iter()
                .flat_map(|ends| ends.stops.iter().copied().chain(ends.redirected.iter().map(|(_, by)| *by)))
                .collect();
            by.sort_unstable();
            by.dedup();
            let routers: Vec<&Router> = by.iter().filter_map(|at| self.router(*at)).collect();
            if let (Some(info), false, true) = (self.graph.node(node), routers.is_empty(), told < MOST) {
                starved_node::report(info, &routers, resolver);
                told += 1;
            }
        }
    }

    /// Redirects whose messages come back to them.
    fn cycles(&self, resolver: &mut Resolver<'_>) {
        let mut targets: FxHashMap<u32, (FxHashSet<&str>, Vec<u32>)> = FxHashMap::default();
        for (wire, _) in self.lowered.of_wire.iter().enumerate() {
            for (to, by) in self.ends(wire as u32).into_iter().flat_map(|ends| &ends.redirected) {
                let (all, wires) = targets.entry(*by).or_default();
                all.insert(to);
                wires.push(wire as u32);
            }
        }
        let mut by: Vec<_> = targets.into_iter().collect();
        by.sort_unstable_by_key(|(by, _)| *by);
        for (by, (to, wires)) in by.into_iter().take(MOST) {
            let from = to.into_iter().filter_map(|id| self.graph.node_by_id(id));
            let comes = self.reach(from, true);
            let back = wires.iter().find_map(|wire| {
                let wire = self.graph.wires.get(*wire as usize)?;
                comes.contains(&wire.from).then_some(wire.from)
            });
            if let (Some(router), Some(node)) = (self.router(by), back.and_then(|node| self.graph.node(node)))
            {
                redirect_cycle::report(router, node, resolver);
            }
        }
    }

    /// Parts of a sequence that do not arrive at the join that waits for them.
    fn joins(&self, resolver: &mut Resolver<'_>) {
        let is = |node: NodeIx, ty: &str| self.graph.node(node).is_some_and(|n| n.ty == ty && !n.disabled);
        let waits = |node: &NodeIx| {
            let mode = self.graph.node(*node).and_then(|n| n.config.get("mode")?.as_str());
            is(*node, "join") && matches!(mode, None | Some("auto" | "reduce"))
        };
        let splits: Vec<NodeIx> = self.nodes().filter(|node| is(*node, "split")).collect();
        let joins: Vec<NodeIx> = self.nodes().filter(waits).collect();
        if splits.is_empty() || joins.is_empty() {
            return;
        }
        let down: FxHashSet<NodeIx> = self.reach(splits, false);
        for join in joins {
            let up: FxHashSet<NodeIx> = self.edges.upstream(self.graph, [join]).into_iter().collect();
            let between = (0..self.graph.wires.len() as u32).filter(|wire| {
                self.is_live(*wire)
                    && self.graph.wires.get(*wire as usize).is_some_and(|wire| {
                        down.contains(&wire.from) && (wire.to == join || up.contains(&wire.to))
                    })
            });
            let mut stops: Vec<u32> = between
                .filter_map(|wire| self.ends(wire))
                .flat_map(|ends| ends.stops.iter().copied())
                .collect();
            stops.sort_unstable();
            stops.dedup();
            for router in stops.into_iter().filter_map(|at| self.router(at)).take(MOST) {
                if let Some(node) = self.graph.node(join) {
                    waiting_join::report(router, node, resolver);
                }
            }
        }
    }

    /// Requests that had an answer before there was a stack.
    fn requests(&self, resolver: &mut Resolver<'_>) {
        let answers = |reach: &FxHashSet<NodeIx>| {
            reach.iter().any(|node| self.graph.node(*node).is_some_and(|node| node.ty == "http response"))
        };
        for node in self.nodes() {
            let Some(info) = self.graph.node(node).filter(|n| n.ty == "http in" && !n.disabled) else {
                continue;
            };
            if answers(&self.reach([node], true)) || !answers(&self.reach([node], false)) {
                continue;
            }
            let within = self.reach([node], true);
            let mut by: Vec<u32> = within
                .iter()
                .flat_map(|node| self.edges.out_wires(*node))
                .filter_map(|wire| self.ends(*wire).filter(|ends| !ends.arrives))
                .flat_map(|ends| ends.stops.iter().copied().chain(ends.redirected.iter().map(|(_, by)| *by)))
                .collect();
            by.sort_unstable();
            by.dedup();
            let routers: Vec<&Router> = by.iter().filter_map(|at| self.router(*at)).collect();
            lonely_request::report(info, &routers, resolver);
        }
    }

    /// Remotes on the way from an `http in` to an `http response`.
    fn live_requests(&self, resolver: &mut Resolver<'_>) {
        if self.chains.iter().all(|ends| ends.remotes.is_empty()) {
            return;
        }
        let of_type =
            |ty: &str, node: &NodeIx| self.graph.node(*node).is_some_and(|n| n.ty == ty && !n.disabled);
        let answers: Vec<NodeIx> = self.nodes().filter(|node| of_type("http response", node)).collect();
        let mut answering: FxHashSet<NodeIx> = answers.iter().copied().collect();
        answering.extend(self.edges.upstream(self.graph, answers));
        let mut told: FxHashSet<u32> = FxHashSet::default();
        for request in self.nodes().filter(|node| of_type("http in", node)) {
            let mut by: Vec<u32> = self
                .reach([request], true)
                .iter()
                .flat_map(|node| self.edges.out_wires(*node))
                .filter(|wire| self.is_live(**wire))
                .filter(|wire| {
                    self.graph.wires.get(**wire as usize).is_some_and(|wire| answering.contains(&wire.to))
                })
                .flat_map(|wire| self.ends(*wire).into_iter().flat_map(|ends| ends.remotes.iter().copied()))
                .collect();
            by.sort_unstable();
            by.dedup();
            for at in by.into_iter().filter(|at| told.insert(*at)) {
                if let (Some(router), Some(info)) = (self.router(at), self.graph.node(request)) {
                    live_request::report(router, info, resolver);
                }
            }
        }
    }

    /// Loops that nothing on the way can end, with a remote in them.
    fn remote_loops(&self, resolver: &mut Resolver<'_>) {
        if self.chains.iter().all(|ends| ends.remotes.is_empty()) {
            return;
        }
        let mut told: FxHashSet<u32> = FxHashSet::default();
        let mut left = MAX_FOLLOWED;
        for wire in (0..self.lowered.of_wire.len() as u32).filter(|wire| self.goes_on(*wire)) {
            let fresh = |at: &&u32| !told.contains(at) && self.router(**at).is_some();
            let remotes = self.ends(wire).map(|ends| ends.remotes.as_slice()).unwrap_or_default();
            let Some(by) = remotes.iter().find(fresh).copied() else { continue };
            let Some(around) =
                self.graph.wires.get(wire as usize).and_then(|w| self.round(w.to, w.from, &mut left))
            else {
                continue;
            };
            told.insert(by);
            let around: Vec<_> = around.into_iter().filter_map(|node| self.graph.node(node)).collect();
            if let (Some(router), true) = (self.router(by), told.len() <= MOST) {
                remote_loop::report(router, &around, resolver);
            }
        }
    }

    /// The shortest way from one node to another over nodes and wires that pass on all that they get, both ends included.
    fn round(&self, from: NodeIx, to: NodeIx, left: &mut usize) -> Option<Vec<NodeIx>> {
        let mut before: FxHashMap<NodeIx, NodeIx> = FxHashMap::default();
        let mut open = std::collections::VecDeque::from([from]);
        if !self.passes_on(from) || !self.passes_on(to) {
            return None;
        }
        while let Some(node) = open.pop_front() {
            if node == to {
                let mut way = vec![to];
                while let Some(back) = way.last().filter(|at| **at != from).and_then(|at| before.get(at)) {
                    way.push(*back);
                }
                way.reverse();
                return Some(way);
            }
            let wires = self.edges.out_wires(node);
            *left = left.checked_sub(wires.len())?;
            let wires = wires.iter().filter(|wire| self.goes_on(**wire));
            for next in wires.filter_map(|wire| Some(self.graph.wires.get(*wire as usize)?.to)) {
                if next != from && self.passes_on(next) && !before.contains_key(&next) {
                    before.insert(next, node);
                    open.push_back(next);
                }
            }
        }
        None
    }

    /// Whether every message that is sent on a wire comes to its end, here or on another runtime.
    fn goes_on(&self, wire: u32) -> bool {
        self.is_live(wire)
            && self.ends(wire).is_none_or(|ends| {
                ends.stops.is_empty()
                    && ends.redirected.is_empty()
                    && (ends.arrives || !ends.remotes.is_empty())
            })
    }

    /// Whether a node is of a type that sends on every message that it gets.
    fn passes_on(&self, node: NodeIx) -> bool {
        let Some(node) = self.graph.node(node).filter(|node| !node.disabled) else { return false };
        match node.ty.as_str() {
            "change" | "template" | "link in" | "link out" | "junction" => true,
            "delay" => !matches!(node.config.get("drop"), Some(serde_json::Value::Bool(true))),
            _ => false,
        }
    }
}
