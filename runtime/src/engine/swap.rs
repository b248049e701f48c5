//! How stacks change: all wires at once, between two messages.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use route_chain::ir;

use super::command::{InForce, Refusal, Removal, Rollback};
use super::core::{Core, State, Target, WireCounts};
use super::ledger::{Change, Entry, Sources, without};
use super::stack::{Ready, Stack};
use super::timers::Due;
use super::uplink::Uplink;
use crate::node::Level;
use crate::taps::Retired;

/// How long a sink that no stack uses any more may write out what waits.
const PATIENCE: Duration = Duration::from_secs(10);

impl Core {
    /// Puts a stack in force: all wires change between two messages.
    pub(crate) fn change(&mut self, change: Change) -> Result<InForce, Refusal> {
        let Change { set, mut sources, by, why, expected } = change;
        self.ledger.expect(expected.as_deref())?;
        if set.flows != self.hash {
            return Err(Refusal::Stale { deployed: self.hash.clone(), given: set.flows });
        }
        sources.begin(self.now_ms())?;
        let before = Some(self.ledger.number());
        let (entry, in_force) = self.put_in_force(Arc::new(set), sources, by, why, before)?;
        self.ledger.write(entry);
        Ok(in_force)
    }

    /// Returns to an earlier stack, without the overlays whose time is over by now; its routers go on with the state
    /// of now. `to`: its number; `None`: the one before.
    pub(crate) fn rollback(&mut self, rollback: Rollback) -> Result<InForce, Refusal> {
        let Rollback { to, by, expected } = rollback;
        self.ledger.expect(expected.as_deref())?;
        let entry = self.ledger.find(to)?.clone();
        let now = self.now_ms();
        let (set, sources) = without(&entry.set, &entry.sources, |overlay| overlay.is_over(now));
        let why = format!("rolled back to {}", entry.number);
        let before = if to.is_some() { Some(self.ledger.number()) } else { entry.before };
        let (entry, in_force) = self.put_in_force(Arc::new(set), sources, by, why, before)?;
        self.ledger.write(entry);
        Ok(in_force)
    }

    /// Takes an overlay away before its time.
    pub(crate) fn remove_overlay(&mut self, removal: Removal) -> Result<InForce, Refusal> {
        let Removal { name, by, expected } = removal;
        self.ledger.expect(expected.as_deref())?;
        let current = self.ledger.current().clone();
        if !current.sources.overlays.iter().any(|overlay| overlay.name == name) {
            let known = current.sources.overlays.iter().map(|overlay| overlay.name.clone()).collect();
            return Err(Refusal::NoOverlay { name, known });
        }
        let (set, sources) = without(&current.set, &current.sources, |overlay| overlay.name == name);
        let why = format!("removed overlay `{name}`");
        let (entry, in_force) = self.put_in_force(Arc::new(set), sources, by, why, Some(current.number))?;
        self.ledger.write(entry);
        Ok(in_force)
    }

    /// Takes away the overlays whose time is over. There is no way back to them, so the ledger forgets that state.
    pub(crate) fn end_overlays(&mut self) {
        let (now, current) = (self.now_ms(), self.ledger.current().clone());
        let over: Vec<String> = current
            .sources
            .overlays
            .iter()
            .filter(|overlay| overlay.is_over(now))
            .map(|overlay| format!("`{}`", overlay.name))
            .collect();
        if over.is_empty() {
            return self.await_overlays(&current.sources);
        }
        let (set, sources) = without(&current.set, &current.sources, |overlay| overlay.is_over(now));
        self.log(Level::Info, "engine", &format!("the time of overlay {} is over", over.join(", ")));
        let why = format!("{}; the time of overlay {} is over", current.why, over.join(", "));
        match self.put_in_force(Arc::new(set), sources, current.by, why, current.before) {
            Ok((entry, _)) => self.ledger.overwrite(entry),
            // It was in force together with what is left, so this is a fault of the runtime, and said as one.
            Err(refusal) => self.log(Level::Error, "engine", &format!("an overlay stays: {refusal}")),
        }
    }

    fn await_overlays(&mut self, sources: &Sources) {
        match sources.first_end() {
            Some(end) => {
                let at = self.instant(end);
                self.timers.set(at, Due::Overlays);
            }
            None => self.timers.cancel(Due::Overlays),
        }
    }

    /// Links a stack and puts it in the place of the one in force; the entry is the caller's to write down.
    fn put_in_force(
        &mut self,
        set: Arc<ir::ChainSet>,
        sources: Sources,
        by: String,
        why: String,
        before: Option<u64>,
    ) -> Result<(Entry, InForce), Refusal> {
        self.check_nodes(&set).map_err(Refusal::Invalid)?;
        self.check_identity(&set).map_err(Refusal::Invalid)?;
        self.uplink.as_ref().map_or(Ok(()), |uplink| uplink.check(&set)).map_err(Refusal::Invalid)?;
        let ready = Ready::link((*set).clone(), &self.modules).map_err(Refusal::Invalid)?;
        self.taps.open(ready.set(), &self.io).map_err(Refusal::Invalid)?;
        let kept_state = ready.set().routers.iter().filter(|router| self.states.knows(router)).count();
        let stack = Rc::new(ready.bind(&mut self.states, &mut self.taps));
        self.former.push(std::mem::replace(&mut self.stack, stack));
        self.retire_stacks();
        self.rewire();
        self.await_overlays(&sources);
        self.unsettled = true;
        if let Some(uplink) = self.uplink.as_mut() {
            uplink.stack(&set);
        }
        let released = self.release_unheld();
        if released > 0 {
            let text = format!("{released} held messages go on: what held them is no longer in the stack");
            self.log(Level::Info, "engine", &text);
        }
        let number = self.ledger.number() + 1;
        let (stack, source) = (set.stack.clone(), set.source.clone());
        let entry = Entry { number, before, set, sources: Arc::new(sources), by, at_ms: self.now_ms(), why };
        Ok((entry, InForce { stack, number, kept_state, released, source }))
    }

    /// A runtime of a fleet stays who it is: its numbering and its spools belong to that name.
    fn check_identity(&self, set: &ir::ChainSet) -> Result<(), String> {
        let me = |set: &ir::ChainSet| set.fleet.as_ref().map(|fleet| fleet.me.clone());
        match (me(self.stack.set()), me(set)) {
            (Some(me), Some(other)) if me != other => {
                Err(format!("this runtime is `{me}`, and the stack was compiled for `{other}`"))
            }
            _ => Ok(()),
        }
    }

    /// Lets go of the stacks that nothing needs any more: no message is held on them, and no rollback leads to them.
    pub(crate) fn retire_stacks(&mut self) {
        let former = std::mem::take(&mut self.former);
        for stack in former {
            match Rc::try_unwrap(stack) {
                Ok(stack) => stack.running.retire(&mut self.states),
                Err(needed) => self.former.push(needed),
            }
        }
    }

    /// Nodes that steps name must be there.
    fn check_nodes(&self, set: &ir::ChainSet) -> Result<(), String> {
        for step in set.chains.iter().flat_map(|chain| &chain.steps) {
            let id = match &step.op {
                ir::Op::Redirect { to } => to,
                ir::Op::Tap(ir::Tap { sink: ir::Sink::Node(to), .. }) => to,
                _ => continue,
            };
            if !self.by_id.contains_key(id) {
                let name = set.routers.get(step.router as usize).map(|r| r.name.as_str()).unwrap_or_default();
                return Err(format!(
                    "router `{name}` sends to the node `{id}`, which the flow does not have"
                ));
            }
        }
        Ok(())
    }

    /// Looks the chain of every wire up again.
    pub(crate) fn rewire(&mut self) {
        let mut lanes = 0..;
        let mut outs: Vec<Vec<Vec<Target>>> = Vec::with_capacity(self.nodes.len());
        for slot in &self.nodes {
            let info = &slot.info;
            let mut of_port = |(port, ids): (u32, &Vec<String>)| {
                ids.iter()
                    .zip(&mut lanes)
                    .filter_map(|(id, lane)| self.target(&info.id, port, id, lane))
                    .collect()
            };
            outs.push((0u32..).zip(&info.wires).map(&mut of_port).collect());
        }
        self.wires.resize(lanes.next().unwrap_or(0) as usize, WireCounts::default());
        for (slot, outs) in self.nodes.iter_mut().zip(outs) {
            slot.outs = Rc::new(outs);
        }
    }

    /// A wire to a node that is not there (disabled, deleted) carries nothing, as in Node-RED.
    fn target(&self, from: &str, port: u32, to: &str, lane: u32) -> Option<Target> {
        let index = *self.by_id.get(to)?;
        let chain = self.stack.chain_of(from, port, to);
        let wire = ir::Wire { from: from.to_string(), port, to: to.to_string(), chain };
        Some(Target { to: index, wire: Arc::new(wire), chain, lane })
    }

    /// After a change of stack: nodes that now live here start, those that left close, idle sinks are written out, off
    /// the engine's way.
    pub(crate) fn settle(&mut self) {
        if !std::mem::take(&mut self.unsettled) {
            return;
        }
        self.settle_places();
        for retired in self.idle_sinks() {
            let log = self.log.clone();
            self.closing.spawn(async move {
                if let Err(why) = retired.close(PATIENCE).await {
                    log(Level::Error, "engine", &why);
                }
            });
        }
    }

    /// Closes nodes that a new stack places elsewhere, and starts those that came here.
    fn settle_places(&mut self) {
        for index in 0..self.nodes.len() as u32 {
            let absent = self.info(index).is_some_and(|info| self.stack.is_absent(&info.id));
            let Some(slot) = self.nodes.get(index as usize) else { continue };
            if absent && slot.state != State::Absent {
                // What waits in the queue was sent while the node lived here.
                self.drain(self.queue.len());
                self.close_node(index);
                if let Some(slot) = self.nodes.get_mut(index as usize) {
                    slot.state = State::Absent;
                }
            }
        }
        self.start_nodes();
    }

    /// Sinks that no stack in use writes to.
    fn idle_sinks(&mut self) -> Vec<Retired> {
        let held: Vec<Rc<Stack>> = self.holds.stacks().cloned().collect();
        let current = self.stack.clone();
        self.taps.retire(std::iter::once(current.set()).chain(held.iter().map(|stack| stack.set())))
    }

    /// Joins the link to other runtimes.
    pub(crate) fn link_up(&mut self, mut uplink: Box<dyn Uplink>) {
        uplink.stack(self.stack.set());
        self.uplink = Some(uplink);
    }
}
