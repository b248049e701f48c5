//! Routers on wires to chains. Cannot fail: everything about the ends of a wire, and every constant, is folded away.

mod origin;

use std::hash::Hash;

use route_chain::ir::{self, Cond, Op, Operand, Step};
use rustc_hash::FxHashMap;

use crate::fleet::Placement;
use crate::flow::{FlowGraph, Wire};
use crate::fold;
use crate::hir::{Body, Choose, Expr, Field, Kind, LogPart, Router, Select, Side, TextOp};
use crate::lowered::{Lowered, Steps};
use crate::opt::Passes;

pub use origin::{Origins, Written};
pub(crate) use origin::{Question, value};

/// A stack ready to be lowered.
pub(crate) struct Plan<'a> {
    pub(crate) graph: &'a FlowGraph,
    pub(crate) routers: &'a [Router],
    pub(crate) placement: Option<&'a Placement>,
    pub(crate) passes: Passes,
}

/// Lowers every router onto its wires.
pub(crate) fn lower(plan: &Plan<'_>) -> Lowered {
    let mut lowerer = Lowerer { as_written: !plan.passes.folds(), ..Lowerer::default() };
    // Per wire, the steps on it; routers come in stack order, so steps do too.
    let mut on: Vec<Vec<u32>> = vec![Vec::new(); plan.graph.wires.len()];
    for (at, router) in plan.routers.iter().enumerate() {
        lowerer.router(at as u32, router, plan, &mut on);
    }
    let mut routers: Vec<ir::Router> = plan.routers.iter().map(|r| r.info.clone()).collect();
    if let Some(placement) = plan.placement {
        lowerer.place(placement, plan, &mut on, &mut routers);
    }
    Lowered::new(lowerer, routers, on)
}

/// Values stored once each, by index.
pub(crate) struct Table<T> {
    pub(crate) items: Vec<T>,
    known: FxHashMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new(), known: FxHashMap::default() }
    }
}

impl<T: Hash + Eq + Clone> Table<T> {
    pub(crate) fn intern(&mut self, value: &T) -> u32 {
        if let Some(at) = self.known.get(value) {
            return *at;
        }
        let at = self.items.len() as u32;
        self.items.push(value.clone());
        self.known.insert(value.clone(), at);
        at
    }
}

/// Turns resolved expressions into those of chains.
#[derive(Default)]
pub(crate) struct Lowerer {
    pub(crate) paths: Table<ir::Path>,
    pub(crate) regexes: Table<String>,
    pub(crate) steps: Steps,
    /// Leaves what is known as it is written, rather than compute it.
    as_written: bool,
}

/// The wire that an expression is lowered for.
pub(crate) type On<'a> = Option<(&'a FlowGraph, &'a Wire)>;

impl Lowerer {
    fn router(&mut self, at: u32, router: &Router, plan: &Plan<'_>, on: &mut [Vec<u32>]) {
        // What is to go where it is already just passes.
        if let (Some(placement), Body::Remote { to, .. }) = (plan.placement, &router.body)
            && to.iter().all(|name| *name == placement.me)
        {
            return;
        }
        let per_wire = router.exprs().iter().any(|e| e.uses_wire());
        let shared = if per_wire { None } else { self.step(at, router, None) };
        for wire in &router.wires {
            let wire = *wire as usize;
            if let Some(placement) = plan.placement
                && placement.home[plan.graph.wires[wire].from.0 as usize] != placement.mine
            {
                continue;
            }
            let step = match per_wire {
                true => self.step(at, router, Some((plan.graph, &plan.graph.wires[wire]))),
                false => shared,
            };
            on[wire].extend(step);
        }
    }

    /// The step on a wire; `None`: the router does nothing there.
    fn step(&mut self, at: u32, router: &Router, wire: On<'_>) -> Option<u32> {
        let when = fold::and(router.when.iter().map(|e| self.cond(e, wire)).collect());
        let when = match when {
            Cond::Const(false) => return None,
            Cond::Const(true) => None,
            when => Some(when),
        };
        let op = match &router.body {
            Body::Filter(tests) => {
                let keep = tests.iter().map(|(keep, e)| match keep {
                    true => self.cond(e, wire),
                    false => fold::not(self.cond(e, wire)),
                });
                match fold::and(keep.collect()) {
                    Cond::Const(true) => return None,
                    keep => Op::Keep(keep),
                }
            }
            body => self.op(body, wire),
        };
        Some(self.steps.intern(Step { router: at, when, op }))
    }

    fn op(&mut self, body: &Body, wire: On<'_>) -> Op {
        match body {
            Body::Ready(op) => op.clone(),
            Body::Filter(_) => Op::Keep(Cond::Const(true)),
            Body::Set(changes) => Op::Set(
                changes
                    .iter()
                    .map(|(path, value)| {
                        let path = self.paths.intern(path);
                        match value {
                            Some(e) => ir::Change::Assign(path, self.operand(e, wire)),
                            None => ir::Change::Delete(path),
                        }
                    })
                    .collect(),
            ),
            Body::Limit { rate, per, distinct, over } => Op::Limit(ir::Limit {
                rate: *rate,
                per: per.as_ref().map(|e| self.operand(e, wire)),
                distinct: distinct
                    .as_ref()
                    .map(|(e, within_ms)| ir::Distinct { by: self.operand(e, wire), within_ms: *within_ms }),
                over: over.clone(),
                max_keys: crate::routers::MAX_KEYS,
            }),
            Body::Tap { sink, select, every, at_most, block } => Op::Tap(ir::Tap {
                sink: sink.clone(),
                select: match select {
                    Select::Whole => ir::Select::Whole,
                    Select::Omit(paths) => ir::Select::Omit(self.all_paths(paths)),
                    Select::Only(paths) => ir::Select::Only(self.all_paths(paths)),
                },
                every: *every,
                at_most: *at_most,
                block: *block,
            }),
            Body::Break { hits, max, for_ms, then_pass, log, .. } => Op::Break(ir::Break {
                hits: *hits,
                max: *max,
                for_ms: *for_ms,
                then_pass: *then_pass,
                log: log.as_ref().map(|parts| parts.iter().map(|part| self.log(part, wire)).collect()),
            }),
            Body::Remote { to, choose, unreachable, ttl_ms, ack } => Op::Remote(ir::Remote {
                to: to.clone(),
                choose: match choose {
                    Choose::Order => ir::Choose::Order,
                    Choose::RoundRobin => ir::Choose::RoundRobin,
                    Choose::Latency => ir::Choose::Latency,
                    Choose::Hash(e) => ir::Choose::Hash(self.operand(e, wire)),
                },
                unreachable: unreachable.clone(),
                ttl_ms: *ttl_ms,
                ack: *ack,
            }),
        }
    }

    fn all_paths(&mut self, paths: &[ir::Path]) -> Vec<u32> {
        paths.iter().map(|path| self.paths.intern(path)).collect()
    }

    fn log(&mut self, part: &LogPart, wire: On<'_>) -> ir::LogPart {
        match part {
            LogPart::Text(text) => ir::LogPart::Text(text.clone()),
            LogPart::Value(e) => ir::LogPart::Value(self.operand(e, wire)),
        }
    }

    /// A condition, for a wire if it depends on one.
    pub(crate) fn cond(&mut self, e: &Expr, wire: On<'_>) -> Cond {
        let cond = match &e.kind {
            Kind::Not(a) => fold::not(self.cond(a, wire)),
            Kind::And(a, b) => fold::and(vec![self.cond(a, wire), self.cond(b, wire)]),
            Kind::Or(a, b) => fold::or(vec![self.cond(a, wire), self.cond(b, wire)]),
            Kind::Cmp(op, negated, a, b) => {
                let cmp = Cond::Cmp(*op, self.operand(a, wire), self.operand(b, wire));
                let cmp = self.fold(cmp);
                if *negated { fold::not(cmp) } else { cmp }
            }
            Kind::Has(a) => match &a.kind {
                Kind::Msg(path) => Cond::Has(self.paths.intern(path)),
                _ => Cond::Const(true),
            },
            Kind::Sample(share, None) => Cond::Sample(*share),
            Kind::Sample(share, Some(key)) => Cond::SampleBy(*share, self.operand(key, wire)),
            Kind::InList(a, items) => self.in_list(a, items, wire),
            Kind::InRange(a, low, high, inclusive) => Cond::InRange(
                self.operand(a, wire),
                self.operand(low, wire),
                self.operand(high, wire),
                *inclusive,
            ),
            Kind::InCidr(a, net) => Cond::InCidr(self.operand(a, wire), net.clone()),
            Kind::Matches(a, regex) => match self.operand(a, wire) {
                Operand::Lit(value) if !self.as_written => Cond::Const(fold::matches(&value, regex)),
                operand => Cond::Matches(operand, self.regexes.intern(regex)),
            },
            Kind::Text(op, a, b) => {
                let (a, b) = (self.operand(a, wire), self.operand(b, wire));
                match op {
                    TextOp::Contains => Cond::Contains(a, b),
                    TextOp::StartsWith => Cond::StartsWith(a, b),
                    TextOp::EndsWith => Cond::EndsWith(a, b),
                }
            }
            Kind::Is(a, ty) => Cond::Is(self.operand(a, wire), *ty),
            _ => match self.operand(e, wire) {
                Operand::Lit(value) => Cond::Const(value == serde_json::Value::Bool(true)),
                operand => Cond::Truth(operand),
            },
        };
        self.fold(cond)
    }

    fn fold(&self, cond: Cond) -> Cond {
        if self.as_written { cond } else { fold::cond(cond) }
    }

    fn in_list(&mut self, a: &Expr, items: &[Expr], wire: On<'_>) -> Cond {
        let operand = self.operand(a, wire);
        let items: Vec<Operand> = items.iter().map(|e| self.operand(e, wire)).collect();
        let literal = |o: &Operand| match o {
            Operand::Lit(value) => Some(value.clone()),
            _ => None,
        };
        match items.iter().map(literal).collect::<Option<Vec<_>>>() {
            Some(values) => Cond::InList(operand, values),
            None => fold::or(
                items
                    .into_iter()
                    .map(|item| self.fold(Cond::Cmp(ir::Cmp::Eq, operand.clone(), item)))
                    .collect(),
            ),
        }
    }

    fn operand(&mut self, e: &Expr, wire: On<'_>) -> Operand {
        if let Some(constant) = e.as_const() {
            return Operand::Lit(constant.to_json());
        }
        let operand = match &e.kind {
            Kind::Msg(path) => Operand::Path(self.paths.intern(path)),
            Kind::End(side, field) => Operand::Lit(end(*side, *field, wire)),
            Kind::Neg(a) => Operand::Neg(Box::new(self.operand(a, wire))),
            Kind::Arith(op, a, b) => {
                Operand::Arith(*op, Box::new(self.operand(a, wire)), Box::new(self.operand(b, wire)))
            }
            Kind::Call(func, args) => {
                Operand::Call(*func, args.iter().map(|e| self.operand(e, wire)).collect())
            }
            Kind::List(items) => Operand::List(items.iter().map(|e| self.operand(e, wire)).collect()),
            Kind::Object(fields) => {
                Operand::Object(fields.iter().map(|(k, e)| (k.clone(), self.operand(e, wire))).collect())
            }
            Kind::Const(c) => Operand::Lit(c.to_json()),
            Kind::Hole | Kind::Error => Operand::Lit(serde_json::Value::Null),
            _ => match self.cond(e, wire) {
                Cond::Const(b) => Operand::Lit(serde_json::Value::Bool(b)),
                cond => Operand::Cond(Box::new(cond)),
            },
        };
        if self.as_written { operand } else { fold::operand(operand) }
    }

    /// Wires from a node of ours to one that lives elsewhere end in a remote step.
    fn place(
        &mut self,
        placement: &Placement,
        plan: &Plan<'_>,
        on: &mut [Vec<u32>],
        routers: &mut Vec<ir::Router>,
    ) {
        let mut step_to: FxHashMap<u32, u32> = FxHashMap::default();
        for (at, wire) in plan.graph.wires.iter().enumerate() {
            let (from, to) = (placement.home[wire.from.0 as usize], placement.home[wire.to.0 as usize]);
            let node = |n: u32| plan.graph.nodes.get(n as usize);
            let dead = [wire.from.0, wire.to.0].into_iter().any(|n| node(n).is_none_or(|n| n.disabled));
            let Some(runtime) = placement.runtimes.get(to as usize) else { continue };
            if dead || from != placement.mine || to == from || self.sends(&on[at], &runtime.name) {
                continue;
            }
            let step = match step_to.get(&to) {
                Some(step) => *step,
                None => {
                    routers.push(placing(&runtime.name));
                    let step = Step {
                        router: routers.len() as u32 - 1,
                        when: None,
                        op: Op::Remote(crate::routers::placed_remote(&runtime.name)),
                    };
                    let step = self.steps.intern(step);
                    step_to.insert(to, step);
                    step
                }
            };
            on[at].push(step);
        }
    }

    /// Whether the steps send every message that reaches their end to that runtime already.
    fn sends(&self, steps: &[u32], runtime: &str) -> bool {
        steps.iter().filter_map(|at| self.steps.get(*at)).any(|step| match &step.op {
            Op::Remote(remote) => {
                step.when.is_none()
                    && remote.unreachable != ir::Unreachable::Pass
                    && remote.to.iter().any(|name| name == runtime)
            }
            _ => false,
        })
    }
}

/// The layer of routers that stand for `place` items.
pub(crate) const PLACE: &str = "place";

/// The router that stands for `place` items.
fn placing(runtime: &str) -> ir::Router {
    ir::Router {
        name: format!("to {runtime}"),
        kind: "remote".to_owned(),
        layer: PLACE.to_owned(),
        file: String::new(),
        line: 0,
        doc: format!("Sends to nodes that are placed on {runtime}."),
    }
}

/// What is known of an end of the wire.
fn end(side: Side, field: Field, wire: On<'_>) -> serde_json::Value {
    let text = |s: &str| serde_json::Value::String(s.to_owned());
    let Some((graph, wire)) = wire else { return serde_json::Value::Null };
    let at = if side == Side::Source { wire.from } else { wire.to };
    let Some(node) = graph.nodes.get(at.0 as usize) else { return serde_json::Value::Null };
    match field {
        Field::Id => text(&node.id),
        Field::Name => text(&node.name),
        Field::Type => text(&node.ty),
        Field::Port => serde_json::Value::from(wire.port + 1),
        Field::Tab => {
            let tab = node.tab.and_then(|tab| graph.tabs.get(tab.0 as usize));
            tab.map_or(serde_json::Value::Null, |tab| text(&tab.name))
        }
        Field::Group => {
            let group = node.groups.first().and_then(|group| graph.groups.get(group.0 as usize));
            group.map_or(serde_json::Value::Null, |group| text(&group.name))
        }
    }
}
