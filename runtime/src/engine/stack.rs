//! One stack, linked: never changed after it is made, but for the state of its routers.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use route_chain::ir::{self, ChainSet};
use route_chain::link::Linked;

use crate::plugin::{Registry, RouterModule};

/// A stack that messages run on. It lives as long as something is held on it, or `rollback` can return to it.
pub(crate) struct Stack {
    set: ChainSet,
    pub(super) linked: RefCell<Linked>,
    pub(super) modules: RefCell<Vec<Option<Box<dyn RouterModule>>>>,
    absent: HashSet<String>,
    /// The chain that ends after a step, for chains on which a message can be held.
    steps: HashMap<(u32, usize), u32>,
}

impl Stack {
    /// The stack that does nothing, on every flow.
    pub(crate) fn empty(flows: &str) -> Result<Self, String> {
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
        Self::link(set, &Registry::default())
    }

    /// Checks and links a chain set, and opens its modules.
    pub(crate) fn link(set: ChainSet, registry: &Registry) -> Result<Self, String> {
        let (stepped, steps) = with_steps(&set);
        let linked = Linked::link(stepped).map_err(|e| e.to_string())?;
        let mut modules: Vec<Option<Box<dyn RouterModule>>> = set.routers.iter().map(|_| None).collect();
        for step in set.chains.iter().flat_map(|chain| &chain.steps) {
            let ir::Op::Call(call) = &step.op else { continue };
            let Some(slot) = modules.get_mut(step.router as usize) else { continue };
            if slot.is_none() {
                *slot = Some(registry.open(&call.plugin, &call.options)?);
            }
        }
        let absent = set.fleet.iter().flat_map(|fleet| fleet.absent.iter().cloned()).collect();
        Ok(Self { set, linked: RefCell::new(linked), modules: RefCell::new(modules), absent, steps })
    }

    pub(crate) fn set(&self) -> &ChainSet {
        &self.set
    }

    pub(crate) fn router(&self, index: u32) -> Option<&ir::Router> {
        self.set.routers.get(index as usize)
    }

    /// Whether a node lives on another runtime of the fleet.
    pub(crate) fn is_absent(&self, id: &str) -> bool {
        self.absent.contains(id)
    }

    pub(crate) fn chain_of(&self, from: &str, port: u32, to: &str) -> u32 {
        self.linked.borrow().chain_of(from, port, to)
    }

    /// The chain that ends after this step, and whether the step is the last; `None`: there is no such step.
    pub(crate) fn step(&self, chain: u32, at: usize) -> Option<(u32, bool)> {
        let last = self.set.chains.get(chain as usize)?.steps.len() == at + 1;
        Some((*self.steps.get(&(chain, at))?, last))
    }

    /// How many messages a router may hold; `None`: as many as the table.
    pub(crate) fn most_held(&self, chain: u32, router: u32) -> Option<u64> {
        let steps = &self.set.chains.get(chain as usize)?.steps;
        steps.iter().filter(|step| step.router == router).find_map(|step| match &step.op {
            ir::Op::Break(b) => Some(b.max),
            ir::Op::Limit(ir::Limit { over: ir::Over::Hold { max }, .. }) => Some(*max),
            _ => None,
        })
    }

    /// The counts of a router as the status shows them.
    pub(crate) fn counts(&self, router: u32) -> serde_json::Value {
        serde_json::to_value(self.linked.borrow().counts(router)).unwrap_or_default()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.modules.get_mut().iter_mut().flatten().for_each(|module| module.close());
    }
}

/// Longest chain that can be stepped through: the copies below grow with its square.
const STEPPABLE: usize = 64;

/// The set with a copy of each chain that holds, ended after each of its steps.
fn with_steps(set: &ChainSet) -> (ChainSet, HashMap<(u32, usize), u32>) {
    let mut stepped = set.clone();
    let mut steps = HashMap::new();
    for (chain, all) in (0u32..).zip(set.chains.iter().map(|chain| &chain.steps)) {
        let holds = all.iter().any(|step| matches!(step.op, ir::Op::Break(_) | ir::Op::Limit(_)));
        if !holds || all.len() > STEPPABLE {
            continue;
        }
        for at in 0..all.len() {
            steps.insert((chain, at), stepped.chains.len() as u32);
            stepped.chains.push(ir::Chain::of(all[..=at].to_vec()));
        }
    }
    (stepped, steps)
}
