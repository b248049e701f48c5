//! How messages run through chains, and how stacks change.

use std::rc::Rc;

use route_chain::link::{CallResult, Host, TapResult, Verdict};
use route_chain::{Message, ir};

use super::command::{InForce, Refusal, Release};
use super::core::{Core, State, Target};
use super::stack::Stack;
use super::timers::Due;
use super::uplink::Uplink;
use crate::holds::{Held, Why};
use crate::node::Level;
use crate::plugin::Outcome;
use crate::taps::{Retired, line};

/// A message on a chain: where it came from and where it stands.
pub(super) struct Run {
    pub(super) stack: Rc<Stack>,
    pub(super) wire: Rc<ir::Wire>,
    pub(super) chain: u32,
    pub(super) to: String,
}

impl Core {
    /// Sends a message on every wire of an output.
    pub(crate) fn send(&mut self, from: u32, port: u32, mut msg: Message) {
        let Some(outs) = self.nodes.get(from as usize).map(|slot| slot.outs.clone()) else { return };
        let Some([others @ .., last]) = outs.get(port as usize).map(Vec::as_slice) else { return };
        self.identify(&mut msg);
        for target in others {
            self.send_on(from, target, msg.clone());
        }
        self.send_on(from, last, msg);
    }

    fn send_on(&mut self, from: u32, target: &Target, msg: Message) {
        self.totals.sent += 1;
        if self.taps.streams.watches_wires() {
            let now = self.now_ms();
            self.taps.streams.publish(None, &target.wire, || line::line(now, None, &target.wire, &msg));
        }
        if target.chain == 0 {
            return self.arrive(from, target.to, msg);
        }
        let (stack, wire) = (self.stack.clone(), target.wire.clone());
        let to = wire.to.clone();
        self.go(Run { stack, wire, chain: target.chain, to }, 0, msg);
    }

    /// The end of a wire. A full queue is an error of the sender, with the message.
    fn arrive(&mut self, from: u32, to: u32, msg: Message) {
        if self.queue.len() < self.limits.queue {
            self.push(to, msg);
        } else {
            self.totals.refused += 1;
            self.raise(from, "the local queue is full", Some(&msg));
        }
    }

    /// Runs a message through its chain from a step on, and does what comes out.
    pub(super) fn go(&mut self, run: Run, at: usize, msg: Message) {
        let verdict = self.verdict(&run.stack, run.chain, &run.wire, at, msg);
        self.conclude(run, verdict);
    }

    fn verdict(
        &mut self,
        stack: &Rc<Stack>,
        chain: u32,
        wire: &ir::Wire,
        at: usize,
        msg: Message,
    ) -> Verdict {
        let mut host = OnStack { core: self, stack };
        stack.linked.borrow_mut().run(chain, wire, at, msg, &mut host)
    }

    fn conclude(&mut self, mut run: Run, verdict: Verdict) {
        match verdict {
            Verdict::Deliver(msg) => self.arrive_by_name(&run, msg),
            Verdict::Redirect { to, msg } => {
                run.to = to;
                self.arrive_by_name(&run, msg);
            }
            Verdict::Stop { reason, as_error, msg, .. } => self.stop(&run, reason.as_deref(), as_error, &msg),
            Verdict::Hold { router, next, kind, release_at_ms, msg } => {
                let why = kind_of(kind);
                self.hold(run, router, next, why, release_at_ms, msg);
            }
            Verdict::Remote { router, next, remote, msg } => self.away(run, router, next, &remote, msg),
        }
    }

    fn arrive_by_name(&mut self, run: &Run, msg: Message) {
        let from = self.by_id.get(&run.wire.from).copied().unwrap_or(u32::MAX);
        match self.by_id.get(&run.to) {
            Some(&to) => self.arrive(from, to, msg),
            None => {
                self.totals.refused += 1;
                self.raise(from, &format!("there is no node `{}`", run.to), Some(&msg));
            }
        }
    }

    fn stop(&mut self, run: &Run, reason: Option<&str>, as_error: bool, msg: &Message) {
        self.totals.stopped += 1;
        if as_error && let Some(&from) = self.by_id.get(&run.wire.from) {
            self.raise(from, reason.unwrap_or("halted"), Some(msg));
        }
    }

    fn hold(&mut self, run: Run, router: u32, next: usize, why: Why, until_ms: f64, msg: Message) {
        let since_ms = self.now_ms();
        let Run { stack, wire, chain, to } = run;
        let held = Held { stack, wire, to, chain, next, router, why, since_ms, until_ms, msg };
        let most = match why {
            Why::Step | Why::Sink => None,
            _ => held.stack.most_held(chain, router),
        };
        if most.is_some_and(|most| self.holds.of(&held) >= most) {
            return match why {
                Why::Limit => self.let_go(Held { why: Why::BreakThenDrop, ..held }),
                _ => self.let_go(held),
            };
        }
        match self.holds.put(held) {
            Ok(id) if until_ms.is_finite() => {
                let at = self.instant(until_ms);
                self.timers.set(at, Due::Held(id));
            }
            Ok(_) => {}
            Err(held) => {
                self.log(Level::Warn, "engine", "the table of held messages is full: one goes at once");
                self.let_go(*held);
            }
        }
    }

    /// A held message's time may be over.
    pub(crate) fn expire(&mut self, id: u64) {
        let Some(held) = self.holds.take(id) else { return };
        self.let_go(held);
    }

    fn let_go(&mut self, held: Held) {
        let (run, next, msg) = unpack(held);
        match next {
            Some(next) => self.go(run, next, msg),
            None => self.stop(&run, None, false, &msg),
        }
    }

    /// Someone at the debugger lets a held message go; false: it is not held.
    pub(crate) fn release(&mut self, id: u64, how: Release) -> bool {
        let Some(mut held) = self.holds.take(id) else { return false };
        self.timers.cancel(Due::Held(id));
        match how {
            Release::Drop => held.why = Why::BreakThenDrop,
            Release::Resume => held.why = Why::BreakThenPass,
            Release::Step => return self.step(held),
        }
        self.let_go(held);
        true
    }

    /// Runs one router, and holds the message again before the next; after the last router it arrives.
    fn step(&mut self, held: Held) -> bool {
        let (since_until, chain, at) = (held.until_ms, held.chain, held.next);
        let Some((one, last)) = held.stack.step(chain, at) else {
            self.let_go(Held { why: Why::BreakThenPass, ..held });
            return true;
        };
        let (mut run, _, msg) = unpack(Held { why: Why::BreakThenPass, ..held });
        let router =
            run.stack.set().chains.get(chain as usize).and_then(|c| c.steps.get(at)).map(|s| s.router);
        let verdict = self.verdict(&run.stack.clone(), one, &run.wire.clone(), at, msg);
        match verdict {
            Verdict::Deliver(msg) if !last => {
                self.hold(run, router.unwrap_or_default(), at + 1, Why::Step, since_until, msg);
            }
            Verdict::Redirect { to, msg } if !last => {
                run.to = to;
                self.hold(run, router.unwrap_or_default(), at + 1, Why::Step, since_until, msg);
            }
            verdict => self.conclude(run, verdict),
        }
        true
    }

    /// Gives a message to another runtime, or does what `unreachable` says.
    fn away(&mut self, run: Run, router: u32, next: usize, remote: &ir::Remote, msg: Message) {
        let stack = run.stack.clone();
        let given = match (self.uplink.as_mut(), stack.router(router)) {
            (Some(uplink), Some(router)) => uplink.send(router, remote, &run.wire, msg),
            _ => Err((msg, "this runtime has no link to others".to_string())),
        };
        let Err((msg, why)) = given else {
            self.totals.remote += 1;
            return;
        };
        match remote.unreachable {
            ir::Unreachable::Pass => self.go(run, next, msg),
            ir::Unreachable::Error => self.stop(&run, Some(&why), true, &msg),
            ir::Unreachable::Halt | ir::Unreachable::Spool { .. } => self.stop(&run, Some(&why), false, &msg),
        }
    }

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
        let stack = Stack::link(set, &self.modules).map_err(Refusal::Invalid)?;
        self.taps.open(stack.set()).map_err(Refusal::Invalid)?;
        let kept_state = {
            let old = self.stack.clone();
            stack.linked.borrow_mut().take_state(&old.linked.borrow());
            let key = |r: &ir::Router| (r.layer.clone(), r.name.clone(), r.kind.clone());
            let known: std::collections::HashSet<_> = old.set().routers.iter().map(key).collect();
            stack.set().routers.iter().filter(|r| known.contains(&key(r))).count()
        };
        self.stack = Rc::new(stack);
        self.changes += 1;
        self.rewire();
        let set = self.stack.set();
        if let Some(uplink) = self.uplink.as_mut() {
            uplink.stack(set);
        }
        Ok(InForce { stack: set.stack.clone(), number: self.changes, kept_state, source: set.source.clone() })
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

/// Where a held message goes on; `None`: it stops.
fn unpack(held: Held) -> (Run, Option<usize>, Message) {
    let Held { stack, wire, to, chain, next, why, msg, .. } = held;
    let next = (why != Why::BreakThenDrop).then_some(next);
    (Run { stack, wire, chain, to }, next, msg)
}

/// The engine as a running chain sees it.
struct OnStack<'a> {
    core: &'a mut Core,
    stack: &'a Rc<Stack>,
}

impl Host for OnStack<'_> {
    fn now_ms(&mut self) -> f64 {
        self.core.now_ms()
    }

    /// From 0 to 1, without 1: the 53 bits that a double holds.
    fn random(&mut self) -> f64 {
        (self.core.random() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn tap(&mut self, router: u32, tap: &ir::Tap, wire: &ir::Wire, copy: Message) -> TapResult {
        let core = &mut *self.core;
        let name = self.stack.router(router).map(|r| r.name.as_str());
        let now = core.now_ms();
        let taken = match &tap.sink {
            ir::Sink::Counter(counter) => {
                core.taps.count(counter);
                true
            }
            ir::Sink::Stream => {
                core.taps.streams.publish(name, wire, || line::line(now, name, wire, &copy));
                true
            }
            ir::Sink::Node(to) => match core.by_id.get(to).copied() {
                Some(to) => core.push(to, copy),
                None => false,
            },
            sink if tap.block && !core.taps.has_room(sink) => return TapResult::Full,
            sink => core.taps.write(sink, line::line(now, name, wire, &copy)),
        };
        if taken { TapResult::Taken } else { TapResult::Dropped }
    }

    fn log(&mut self, router: u32, text: &str) {
        let name = self.stack.router(router).map(|r| r.name.as_str()).unwrap_or_default();
        self.core.log(Level::Info, &format!("router:{name}"), text);
    }

    fn call(&mut self, router: u32, _call: &ir::Call, wire: &ir::Wire, msg: Message) -> CallResult {
        let mut modules = self.stack.modules.borrow_mut();
        let Some(module) = modules.get_mut(router as usize).and_then(Option::as_mut) else {
            return CallResult::Fault(msg, "the module is not open".to_string());
        };
        match module.send(&wire.from, &wire.to, msg.clone()) {
            Ok(Outcome::Pass(msg)) => CallResult::Pass(msg),
            Ok(Outcome::Stop(msg, reason)) => CallResult::Stop(msg, reason),
            Err(why) => CallResult::Fault(msg, why),
        }
    }
}

fn kind_of(kind: route_chain::link::HoldKind) -> Why {
    use route_chain::link::HoldKind;
    match kind {
        HoldKind::Break { pass: true } => Why::BreakThenPass,
        HoldKind::Break { pass: false } => Why::BreakThenDrop,
        HoldKind::Limit => Why::Limit,
        HoldKind::Sink => Why::Sink,
    }
}
