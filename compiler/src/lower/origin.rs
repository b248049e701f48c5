//! From the atoms of lowered conditions back to the text that they were written as.

use std::rc::Rc;

use route_chain::format::FormatError;
use route_chain::ir::{self, ChainSet, Cond};
use route_chain::trace::{self, Judged, Recorder};
use route_chain::{Message, Value};
use route_grammar::Sources;
use rustc_hash::FxHashMap;

use super::{Lowerer, On};
use crate::flow::FlowGraph;
use crate::fold;
use crate::hir::{Body, Expr, Kind, Router};
use crate::story::{self, Because, because};

/// Looks up where atoms come from. The answer is exact for steps as they are lowered, before any optimiser.
pub struct Origins<'a> {
    graph: &'a FlowGraph,
    routers: &'a [Router],
    lowerer: Lowerer,
    known: FxHashMap<(u32, Option<u32>), Rc<Written<'a>>>,
}

/// The expressions that a step's atoms were written as, in the order of the atoms.
#[derive(Clone, Debug, Default)]
pub struct Written<'a> {
    /// Of its `when`.
    pub when: Vec<&'a Expr>,
    /// Of what a filter keeps by.
    pub keep: Vec<&'a Expr>,
}

impl<'a> Origins<'a> {
    /// For the routers of a stack.
    pub fn new(graph: &'a FlowGraph, routers: &'a [Router]) -> Self {
        Self { graph, routers, lowerer: Lowerer::default(), known: FxHashMap::default() }
    }

    /// The atoms of a router on a wire, both by index. Routers that no text stands for have none.
    pub fn of(&mut self, router: u32, wire: u32) -> Rc<Written<'a>> {
        let Some(info) = self.routers.get(router as usize) else { return Rc::default() };
        let per_wire = info.exprs().iter().any(|e| e.uses_wire());
        let key = (router, per_wire.then_some(wire));
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let written = Rc::new(self.find(info, wire));
        self.known.insert(key, written.clone());
        written
    }

    fn find(&mut self, router: &'a Router, wire: u32) -> Written<'a> {
        let on = self.graph.wires.get(wire as usize).map(|wire| (self.graph, wire));
        let mut written = Written::default();
        self.lowerer.all_atoms(router.when.iter().map(|e| (true, e)), on, &mut written.when);
        if let Body::Filter(tests) = &router.body {
            self.lowerer.all_atoms(tests.iter().map(|(keep, e)| (*keep, e)), on, &mut written.keep);
        }
        written
    }
}

impl Lowerer {
    /// The atoms of all conditions together; `false` before one that is negated.
    fn all_atoms<'e>(
        &mut self,
        conds: impl Iterator<Item = (bool, &'e Expr)>,
        wire: On<'_>,
        found: &mut Vec<&'e Expr>,
    ) {
        let lowered = conds.map(|(yes, e)| {
            let cond = self.atoms(e, wire, found);
            if yes { cond } else { fold::not(cond) }
        });
        if matches!(fold::and(lowered.collect()), Cond::Const(_)) {
            found.clear();
        }
    }

    /// A set of nothing but the tables.
    fn tables(self) -> ChainSet {
        ChainSet {
            magic: ir::MAGIC.to_owned(),
            version: ir::VERSION,
            stack: String::new(),
            flows: String::new(),
            source: String::new(),
            paths: self.paths.items,
            regexes: self.regexes.items,
            routers: Vec::new(),
            chains: Vec::new(),
            wires: Vec::new(),
            fleet: None,
        }
    }

    /// What [`Lowerer::cond`] makes of an expression; adds an origin for each atom that is left of it.
    fn atoms<'e>(&mut self, e: &'e Expr, wire: On<'_>, found: &mut Vec<&'e Expr>) -> Cond {
        let before = found.len();
        let cond = match &e.kind {
            Kind::Not(a) => fold::not(self.atoms(a, wire, found)),
            Kind::And(a, b) => fold::and(vec![self.atoms(a, wire, found), self.atoms(b, wire, found)]),
            Kind::Or(a, b) => fold::or(vec![self.atoms(a, wire, found), self.atoms(b, wire, found)]),
            _ => {
                let cond = self.cond(e, wire);
                found.extend(std::iter::repeat_n(e, trace::atoms(&cond)));
                cond
            }
        };
        if matches!(cond, Cond::Const(_)) {
            found.truncate(before);
        }
        cond
    }
}

/// A condition outside of any router, asked of messages.
pub(crate) struct Question<'e> {
    cond: Cond,
    recorder: Recorder,
    /// The paths and regular expressions that it refers to.
    set: ChainSet,
    /// What its atoms were written as.
    atoms: Vec<&'e Expr>,
}

impl<'e> Question<'e> {
    /// On a wire, to which `source` and `dest` refer.
    pub(crate) fn new(e: &'e Expr, wire: On<'_>) -> Result<Self, FormatError> {
        let mut lowerer = Lowerer::default();
        let mut atoms = Vec::new();
        let cond = lowerer.atoms(e, wire, &mut atoms);
        let set = lowerer.tables();
        let recorder = Recorder::new(&set.paths, &set.regexes)?;
        Ok(Self { cond, recorder, set, atoms })
    }

    pub(crate) fn ask(&self, msg: &Message, random: &mut dyn FnMut() -> f64) -> Judged {
        self.recorder.judge(&self.cond, msg, random)
    }

    /// Why it came out as it did.
    pub(crate) fn because(&self, judged: &Judged, sources: &Sources) -> Vec<Because> {
        let lowered = |at, negated| story::lowered(&self.set, Some(&self.cond), at, negated);
        because(judged, &self.atoms, &self.set.paths, sources, &lowered)
    }
}

/// The value of an expression outside of any router; `None`: absent.
pub(crate) fn value(
    e: &Expr,
    wire: On<'_>,
    msg: &Message,
    random: &mut dyn FnMut() -> f64,
) -> Result<Option<Value>, FormatError> {
    let mut lowerer = Lowerer::default();
    let operand = lowerer.operand(e, wire);
    let set = lowerer.tables();
    let recorder = Recorder::new(&set.paths, &set.regexes)?;
    Ok(recorder.read(&operand, msg, random).value)
}
