//! A stack between lowering and the chain format: steps and chains by number, as passes change them.

use route_chain::ir::{self, ChainSet, Step};
use rustc_hash::FxHashMap;

use crate::analysis::atoms::Atoms;
use crate::analysis::walk::Prepared;
use crate::fleet::Placement;
use crate::flow::FlowGraph;
use crate::lower::{Lowerer, Table};
use crate::opt::Passes;

/// Distinct steps, by number.
#[derive(Default)]
pub(crate) struct Steps {
    all: Vec<Step>,
    /// By their printed form: they hold doubles, which cannot be hashed.
    known: FxHashMap<String, u32>,
}

impl Steps {
    pub(crate) fn intern(&mut self, step: Step) -> u32 {
        let key = format!("{step:?}");
        if let Some(at) = self.known.get(&key) {
            return *at;
        }
        let at = self.all.len() as u32;
        self.all.push(step);
        self.known.insert(key, at);
        at
    }

    pub(crate) fn get(&self, at: u32) -> Option<&Step> {
        self.all.get(at as usize)
    }
}

/// A chain by the numbers of its steps.
#[derive(Clone, Default)]
pub(crate) struct Chain {
    pub(crate) steps: Vec<u32>,
    pub(crate) tables: Vec<ir::Table>,
}

/// A stack, lowered.
pub(crate) struct Lowered {
    /// Turns further expressions into conditions over the same paths.
    pub(crate) lowerer: Lowerer,
    pub(crate) routers: Vec<ir::Router>,
    /// Distinct chains; the first is the empty one.
    pub(crate) chains: Vec<Chain>,
    /// The chain of each wire of the graph.
    pub(crate) of_wire: Vec<u32>,
}

/// What the chain format wants to know besides.
pub(crate) struct Heading<'a> {
    pub(crate) stack: &'a str,
    pub(crate) graph: &'a FlowGraph,
    pub(crate) placement: Option<&'a Placement>,
    pub(crate) source: String,
}

impl Lowered {
    /// Of the steps on each wire.
    pub(crate) fn new(lowerer: Lowerer, routers: Vec<ir::Router>, on: Vec<Vec<u32>>) -> Self {
        let mut distinct: Table<Vec<u32>> = Table::default();
        distinct.intern(&Vec::new());
        let of_wire = on.iter().map(|steps| distinct.intern(steps)).collect();
        let chains = distinct.items.into_iter().map(|steps| Chain { steps, tables: Vec::new() }).collect();
        Self { lowerer, routers, chains, of_wire }
    }

    pub(crate) fn step(&self, at: u32) -> Option<&Step> {
        self.lowerer.steps.get(at)
    }

    /// The layer of each router, by number.
    pub(crate) fn layers(&self) -> Vec<u32> {
        let mut layers: Table<String> = Table::default();
        self.routers.iter().map(|router| layers.intern(&router.layer)).collect()
    }

    /// Every step as the analysis sees it, by its number.
    pub(crate) fn prepared(&self) -> (Atoms, Vec<Prepared>) {
        let mut atoms = Atoms::new(&self.lowerer.paths.items, &self.lowerer.regexes.items);
        let steps = self.lowerer.steps.all.iter().map(|step| Prepared::new(step, &mut atoms)).collect();
        (atoms, steps)
    }

    /// Puts another step in the place of each.
    pub(crate) fn rewrite(&mut self, change: impl Fn(&Step) -> Step) {
        let old = std::mem::take(&mut self.lowerer.steps);
        let new: Vec<u32> = old.all.iter().map(|step| self.lowerer.steps.intern(change(step))).collect();
        for step in self.chains.iter_mut().flat_map(|chain| &mut chain.steps) {
            *step = new.get(*step as usize).copied().unwrap_or(*step);
        }
    }

    /// In the chain format: wires with an empty chain are left out, and so are paths and expressions that nothing
    /// refers to.
    pub(crate) fn finish(self, heading: Heading<'_>, passes: Passes) -> ChainSet {
        let Heading { stack, graph, placement, source } = heading;
        let mut known: Table<String> = Table::default();
        known.intern(&String::new());
        let mut chains = vec![ir::Chain::default()];
        let mut wires = Vec::new();
        for (wire, chain) in graph.wires.iter().zip(&self.of_wire) {
            let Some(chain) = self.chains.get(*chain as usize).filter(|chain| !chain.steps.is_empty()) else {
                continue;
            };
            let key = if passes.shares() { format!("{:?}", chain.steps) } else { wires.len().to_string() };
            let number = known.intern(&key);
            if number as usize == chains.len() {
                let steps = chain.steps.iter().filter_map(|step| self.step(*step).cloned()).collect();
                chains.push(ir::Chain { steps, tables: chain.tables.clone() });
            }
            let id =
                |node: crate::flow::NodeIx| graph.node(node).map_or(String::new(), |node| node.id.clone());
            wires.push(ir::Wire { from: id(wire.from), port: wire.port, to: id(wire.to), chain: number });
        }
        let mut set = ChainSet {
            magic: ir::MAGIC.to_owned(),
            version: ir::VERSION,
            stack: stack.to_owned(),
            flows: graph.hash.clone(),
            source,
            paths: self.lowerer.paths.items,
            regexes: self.lowerer.regexes.items,
            routers: self.routers,
            chains,
            wires,
            fleet: placement.map(|placement| {
                let (absent, homes) = placement.absent(graph);
                ir::Fleet { me: placement.me.clone(), runtimes: placement.runtimes.clone(), absent, homes }
            }),
        };
        route_chain::layer::drop_unused(&mut set);
        set
    }
}
