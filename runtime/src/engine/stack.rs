//! One stack, linked: never changed after it is made.

use std::cell::RefCell;
use std::collections::HashSet;

use route_chain::ir::{self, ChainSet};
use route_chain::link::{Linked, Running};
use route_chain::state::{RouterCounts, States};

use crate::plugin::{Registry, RouterModule};

/// A stack that messages run on. It lives as long as something is held on it, or `rollback` can return to it.
pub(crate) struct Stack {
    pub(super) running: Running,
    pub(super) modules: RefCell<Modules>,
    absent: HashSet<String>,
}

/// The modules of a stack's `call` routers, by router; closed when the stack goes.
pub(crate) struct Modules(pub(super) Vec<Option<Box<dyn RouterModule>>>);

/// A stack checked and linked, with its modules open, that no message runs on yet.
pub(crate) struct Ready {
    linked: Linked,
    modules: Modules,
}

impl Ready {
    /// Checks and links a chain set, and opens its modules.
    pub(crate) fn link(set: ChainSet, registry: &Registry) -> Result<Self, String> {
        let linked = Linked::link(set).map_err(|e| e.to_string())?;
        let set = linked.set();
        let mut modules = Modules(set.routers.iter().map(|_| None).collect());
        for step in set.chains.iter().flat_map(|chain| &chain.steps) {
            let ir::Op::Call(call) = &step.op else { continue };
            let Some(slot) = modules.0.get_mut(step.router as usize) else { continue };
            if slot.is_none() {
                *slot = Some(registry.open(&call.plugin, &call.options)?);
            }
        }
        Ok(Self { linked, modules })
    }

    pub(crate) fn set(&self) -> &ChainSet {
        self.linked.set()
    }

    /// Joins it to the states of the engine's routers.
    pub(crate) fn bind(self, states: &mut States) -> Stack {
        let absent = self.set().fleet.iter().flat_map(|fleet| fleet.absent.iter().cloned()).collect();
        Stack { running: self.linked.bind(states), modules: RefCell::new(self.modules), absent }
    }
}

impl Stack {
    /// The stack that does nothing, on every flow.
    pub(crate) fn empty(flows: &str, states: &mut States) -> Result<Self, String> {
        let set = ChainSet {
            magic: ir::MAGIC.to_string(),
            version: ir::VERSION,
            stack: String::new(),
            flows: flows.to_string(),
            source: String::new(),
            paths: Vec::new(),
            regexes: Vec::new(),
            routers: Vec::new(),
            chains: vec![ir::Chain::default()],
            wires: Vec::new(),
            fleet: None,
        };
        Ok(Ready::link(set, &Registry::default())?.bind(states))
    }

    pub(crate) fn set(&self) -> &ChainSet {
        self.running.set()
    }

    pub(crate) fn router(&self, index: u32) -> Option<&ir::Router> {
        self.set().routers.get(index as usize)
    }

    /// Whether a node lives on another runtime of the fleet.
    pub(crate) fn is_absent(&self, id: &str) -> bool {
        self.absent.contains(id)
    }

    pub(crate) fn chain_of(&self, from: &str, port: u32, to: &str) -> u32 {
        self.running.chain_of(from, port, to)
    }

    /// The routers from a step of a chain on, in words.
    pub(crate) fn ahead(&self, chain: u32, from: u32) -> Vec<String> {
        let steps = self.set().chains.get(chain as usize).map(|c| c.steps.as_slice()).unwrap_or_default();
        let routers = steps.iter().skip(from as usize).filter_map(|step| self.router(step.router));
        routers.map(|router| format!("{} {}", router.kind, router.name)).collect()
    }

    /// How many messages a router may hold; `None`: as many as the table.
    pub(crate) fn most_held(&self, chain: u32, router: u32) -> Option<u64> {
        let steps = &self.set().chains.get(chain as usize)?.steps;
        steps.iter().filter(|step| step.router == router).find_map(|step| match &step.op {
            ir::Op::Break(b) => Some(b.max),
            ir::Op::Limit(ir::Limit { over: ir::Over::Hold { max }, .. }) => Some(*max),
            _ => None,
        })
    }

    /// The counts of a router.
    pub(crate) fn counts(&self, router: u32, states: &mut States) -> RouterCounts {
        self.running.counts(router, states)
    }
}

impl Drop for Modules {
    fn drop(&mut self) {
        self.0.iter_mut().flatten().for_each(|module| module.close());
    }
}
