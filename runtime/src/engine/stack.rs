//! One stack, linked: never changed after it is made.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use route_chain::host::Position;
use route_chain::ir::{self, ChainSet};
use route_chain::link::{Linked, Running};
use route_chain::state::{RouterCounts, States};

use rustc_hash::FxHashSet;

use crate::plugin::{Registry, RouterModule};
use crate::taps::{TapId, Taps};

/// A stack that messages run on. It lives as long as something is held on it, or `rollback` can return to it.
pub(crate) struct Stack {
    pub(crate) running: Running,
    pub(super) modules: RefCell<Modules>,
    /// Nodes that live elsewhere, and where (an index into the fleet's runtimes).
    absent: HashMap<String, Option<u32>>,
    /// By router.
    taps: Box<[Option<Arc<TapId>>]>,
    /// Routers that can hold messages for a time, by their numbers in the engine.
    holders: FxHashSet<u32>,
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

    /// Joins it to the states of the engine's routers and to its taps.
    pub(crate) fn bind(self, states: &mut States, taps: &mut Taps) -> Stack {
        let absent = self.set().fleet.iter().flat_map(|fleet| {
            let home = |at: usize| fleet.homes.get(at).copied();
            fleet.absent.iter().enumerate().map(move |(at, id)| (id.clone(), home(at)))
        });
        let absent = absent.collect();
        let taps = taps.ids(self.set());
        let holding: Vec<u32> = holding(self.set()).collect();
        let running = self.linked.bind(states);
        let holders = holding.into_iter().map(|router| running.slot(router)).collect();
        Stack { running, modules: RefCell::new(self.modules), absent, taps, holders }
    }
}

impl Stack {
    /// The stack that does nothing, on every flow.
    pub(crate) fn empty(flows: &str, states: &mut States, taps: &mut Taps) -> Result<Self, String> {
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
        Ok(Ready::link(set, &Registry::default())?.bind(states, taps))
    }

    pub(crate) fn set(&self) -> &ChainSet {
        self.running.set()
    }

    pub(crate) fn router(&self, index: u32) -> Option<&ir::Router> {
        self.set().routers.get(index as usize)
    }

    /// Whether a router, by its number in the engine, can hold messages for a time.
    pub(crate) fn holds(&self, slot: u32) -> bool {
        self.holders.contains(&slot)
    }

    /// Who the tap of this index is.
    pub(crate) fn tap(&self, router: u32) -> Option<&Arc<TapId>> {
        self.taps.get(router as usize)?.as_ref()
    }

    /// Whether a node lives on another runtime of the fleet.
    pub(crate) fn is_absent(&self, id: &str) -> bool {
        self.absent.contains_key(id)
    }

    /// The runtime on which a node lives that does not live here.
    pub(crate) fn home(&self, id: &str) -> Option<&str> {
        let at = (*self.absent.get(id)?)?;
        Some(&self.set().fleet.as_ref()?.runtimes.get(at as usize)?.name)
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

    /// Whether the limit before this place delays all messages of its wire alike.
    pub(crate) fn limits_wire(&self, at: &Position) -> bool {
        let step = at.step.checked_sub(1).and_then(|step| self.step(at.chain, step));
        matches!(step.map(|step| &step.op), Some(ir::Op::Limit(limit)) if limit.per.is_none())
    }

    /// The sink of the tap at this place.
    pub(crate) fn sink_at(&self, at: &Position) -> Option<&ir::Sink> {
        match &self.step(at.chain, at.step)?.op {
            ir::Op::Tap(tap) => Some(&tap.sink),
            _ => None,
        }
    }

    fn step(&self, chain: u32, step: u32) -> Option<&ir::Step> {
        self.set().chains.get(chain as usize)?.steps.get(step as usize)
    }

    /// The counts of a router.
    pub(crate) fn counts(&self, router: u32, states: &mut States) -> RouterCounts {
        self.running.counts(router, states)
    }
}

/// Indices of the routers that can hold messages for a time.
fn holding(set: &ChainSet) -> impl Iterator<Item = u32> {
    let holds = |step: &&ir::Step| match &step.op {
        ir::Op::Break(brk) => brk.log.is_none(),
        ir::Op::Limit(limit) => matches!(limit.over, ir::Over::Hold { .. }),
        _ => false,
    };
    set.chains.iter().flat_map(|chain| &chain.steps).filter(holds).map(|step| step.router)
}

impl Drop for Modules {
    fn drop(&mut self) {
        self.0.iter_mut().flatten().for_each(|module| module.close());
    }
}
