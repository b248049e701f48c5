//! How stacks change: all wires at once, between two messages.

use std::rc::Rc;

use route_chain::ir;

use super::command::{InForce, Refusal};
use super::core::{Core, State, Target};
use super::stack::{Ready, Stack};
use super::uplink::Uplink;
use crate::taps::Retired;

impl Core {
    /// Puts a stack in force: all wires change between two messages.
    pub(crate) fn apply(&mut self, set: ir::ChainSet, flows: Option<&str>) -> Result<InForce, Refusal> {
        let given = flows.filter(|flows| *flows != self.hash).unwrap_or(&set.flows);
        if *given != self.hash {
            return Err(Refusal::Stale { deployed: self.hash.clone(), given: given.to_string() });
        }
        let before = self.stack.clone();
        let in_force = self.put_in_force(set)?;
        // The stack before the first is the empty one, and a place to return to as well.
        self.history.push_back(before);
        while self.history.len() > self.limits.history {
            self.history.pop_front();
        }
        Ok(in_force)
    }

    /// Returns to the stack before; its routers go on with the state of now.
    pub(crate) fn rollback(&mut self) -> Result<InForce, Refusal> {
        let earlier = self.history.back().cloned().ok_or(Refusal::NoEarlier)?;
        let in_force = self.put_in_force(earlier.set().clone())?;
        self.history.pop_back();
        Ok(in_force)
    }

    fn put_in_force(&mut self, set: ir::ChainSet) -> Result<InForce, Refusal> {
        self.check_nodes(&set).map_err(Refusal::Invalid)?;
        let ready = Ready::link(set, &self.modules).map_err(Refusal::Invalid)?;
        self.taps.open(ready.set()).map_err(Refusal::Invalid)?;
        let kept_state = ready.set().routers.iter().filter(|router| self.states.knows(router)).count();
        let stack = Rc::new(ready.bind(&mut self.states));
        self.former.push(std::mem::replace(&mut self.stack, stack));
        self.retire_stacks();
        self.changes += 1;
        self.rewire();
        let set = self.stack.set();
        if let Some(uplink) = self.uplink.as_mut() {
            uplink.stack(set);
        }
        Ok(InForce { stack: set.stack.clone(), number: self.changes, kept_state, source: set.source.clone() })
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
        let outs: Vec<Vec<Vec<Target>>> = self
            .nodes
            .iter()
            .map(|slot| {
                let info = &slot.info;
                let targets = |(port, ids): (u32, &Vec<String>)| {
                    ids.iter().filter_map(|id| self.target(&info.id, port, id)).collect()
                };
                (0u32..).zip(&info.wires).map(targets).collect()
            })
            .collect();
        for (slot, outs) in self.nodes.iter_mut().zip(outs) {
            slot.outs = Rc::new(outs);
        }
    }

    /// A wire to a node that is not there (disabled, deleted) carries nothing, as in Node-RED.
    fn target(&self, from: &str, port: u32, to: &str) -> Option<Target> {
        let index = *self.by_id.get(to)?;
        let chain = self.stack.chain_of(from, port, to);
        let wire = ir::Wire { from: from.to_string(), port, to: to.to_string(), chain };
        Some(Target { to: index, wire: Rc::new(wire), chain })
    }

    /// Closes nodes that a new stack places elsewhere, and starts those that came here.
    pub(crate) fn settle_places(&mut self) {
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
    pub(crate) fn idle_sinks(&mut self) -> Vec<Retired> {
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
