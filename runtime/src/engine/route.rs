//! How messages run through chains.

use std::rc::Rc;
use std::sync::Arc;

use route_chain::host::{CallResult, Host, Position, TapResult, Verdict};
use route_chain::link::Stepped;
use route_chain::state::States;
use route_chain::{Message, Value, ir};

use super::core::{Core, Delivery, Target, WireCounts};
use super::hold::{Hold, Wait};
use super::stack::Stack;
use crate::node::Level;
use crate::plugin::Outcome;
use crate::taps::Tapped;

/// A message that left its chain on the way: on which stack and wire.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) stack: Rc<Stack>,
    pub(crate) wire: Arc<ir::Wire>,
    /// The wire's number.
    pub(crate) lane: u32,
    /// The nodes at the wire's ends.
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// What becomes of a message that left its chain.
pub(super) enum After {
    /// It has arrived, or stopped, or someone else has it.
    Gone,
    /// It goes on in its chain.
    Onward(Position, Message),
    /// It stays where it is, and those after it on its wire behind it.
    Waits(Wait),
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

    /// Sends several messages on every wire of an output, wire by wire.
    pub(crate) fn send_many(&mut self, from: u32, port: u32, mut msgs: Vec<Message>) {
        let Some(outs) = self.nodes.get(from as usize).map(|slot| slot.outs.clone()) else { return };
        let Some([others @ .., last]) = outs.get(port as usize).map(Vec::as_slice) else { return };
        msgs.iter_mut().for_each(|msg| self.identify(msg));
        for target in others {
            msgs.iter().for_each(|msg| self.send_on(from, target, msg.clone()));
        }
        msgs.into_iter().for_each(|msg| self.send_on(from, last, msg));
    }

    fn send_on(&mut self, from: u32, target: &Target, msg: Message) {
        self.totals.sent += 1;
        self.on_wire(target.lane, |wire| wire.sent += 1);
        if self.taps.streams.watches_wires() {
            let at_ms = self.now_ms();
            let copy = || Tapped { at_ms, tap: None, wire: target.wire.clone(), msg: msg.clone() };
            self.taps.streams.publish(None, &target.wire, copy);
        }
        if self.holds.blocks(target.lane) {
            let run = target.run(self.stack.clone(), from);
            return self.line_up(run, Position::start(target.chain), msg);
        }
        if target.chain == 0 {
            return self.arrive(from, target.to, target.lane, msg);
        }
        let stack = self.stack.clone();
        let mut host = OnStack { core: self, stack: &stack, wire: &target.wire };
        match stack.running.run(target.chain, &target.wire, msg, &mut host) {
            Verdict::Deliver(msg) => self.arrive(from, target.to, target.lane, msg),
            Verdict::Stop { as_error: false, .. } => {
                self.totals.stopped += 1;
                self.on_wire(target.lane, |wire| wire.stopped += 1);
            }
            verdict => {
                let run = target.run(stack, from);
                match self.conclude(&run, verdict) {
                    After::Gone => {}
                    After::Onward(at, msg) => self.go(run, at, msg),
                    After::Waits(wait) => self.wait(run, wait),
                }
            }
        }
    }

    /// The end of a wire. A full queue is an error of the sender, with the message.
    fn arrive(&mut self, from: u32, to: u32, lane: u32, msg: Message) {
        if self.queue.len() < self.limits.queue {
            self.queue.push_back(Delivery { to, lane, msg, ack: None });
        } else {
            self.totals.refused += 1;
            self.on_wire(lane, |wire| wire.refused += 1);
            self.raise(from, "the local queue is full", Some(&msg));
        }
    }

    /// Counts on a wire.
    #[inline]
    pub(super) fn on_wire(&mut self, lane: u32, count: impl FnOnce(&mut WireCounts)) {
        if let Some(wire) = self.wires.get_mut(lane as usize) {
            count(wire);
        }
    }

    /// Goes on with a message that left its chain on the way, and does what comes out.
    pub(super) fn go(&mut self, run: Run, at: Position, msg: Message) {
        if self.holds.blocks(run.lane) {
            return self.line_up(run, at, msg);
        }
        let (mut at, mut msg) = (at, msg);
        loop {
            let verdict = self.resume(&run, at, msg);
            match self.conclude(&run, verdict) {
                After::Gone => return,
                After::Onward(further, same) => (at, msg) = (further, same),
                After::Waits(wait) => return self.wait(run, wait),
            }
        }
    }

    pub(super) fn resume(&mut self, run: &Run, at: Position, msg: Message) -> Verdict {
        let stack = run.stack.clone();
        let mut host = OnStack { core: self, stack: &stack, wire: &run.wire };
        stack.running.resume(at, &run.wire, msg, &mut host)
    }

    /// Runs the one router at a position.
    pub(super) fn go_one(&mut self, run: &Run, at: Position, msg: Message) -> Stepped {
        let stack = run.stack.clone();
        let mut host = OnStack { core: self, stack: &stack, wire: &run.wire };
        stack.running.step(at, &run.wire, msg, &mut host)
    }

    pub(super) fn conclude(&mut self, run: &Run, verdict: Verdict) -> After {
        match verdict {
            Verdict::Deliver(msg) => self.arrive(run.from, run.to, run.lane, msg),
            Verdict::Redirect { to, msg } => match self.by_id.get(to.as_str()) {
                Some(&to) => self.arrive(run.from, to, run.lane, msg),
                None => {
                    self.totals.refused += 1;
                    self.on_wire(run.lane, |wire| wire.refused += 1);
                    self.raise(run.from, format!("there is no node `{to}`"), Some(&msg));
                }
            },
            Verdict::Stop { reason, as_error, msg, .. } => self.stop(run, reason.as_deref(), as_error, &msg),
            Verdict::Hold { router, at, kind, release_at_ms, msg } => {
                return self.hold(run, Hold { router, at, kind, until_ms: release_at_ms }, msg);
            }
            Verdict::Remote { router, at, remote, key, msg } => {
                return self.away(run, Leaving { router, at, remote: &remote, key: key.as_ref() }, msg);
            }
        }
        After::Gone
    }

    pub(super) fn stop(&mut self, run: &Run, reason: Option<&str>, as_error: bool, msg: &Message) {
        self.totals.stopped += 1;
        self.on_wire(run.lane, |wire| wire.stopped += 1);
        if as_error {
            self.raise(run.from, reason.unwrap_or("halted"), Some(msg));
        }
    }

    /// Gives a message to another runtime, or does what `unreachable` says.
    fn away(&mut self, run: &Run, leaving: Leaving<'_>, msg: Message) -> After {
        let Leaving { router, at, remote, key } = leaving;
        let given = match self.uplink.as_mut() {
            Some(uplink) => uplink.send(run.stack.running.slot(router), remote, key, &run.wire, msg),
            None => Err((msg, "this runtime has no link to others".to_string())),
        };
        let Err((msg, why)) = given else {
            self.totals.remote += 1;
            self.on_wire(run.lane, |wire| wire.remote += 1);
            return After::Gone;
        };
        let stops = remote.unreachable != ir::Unreachable::Pass;
        run.stack.running.not_sent(router, stops, &mut self.states);
        match remote.unreachable {
            ir::Unreachable::Pass => return After::Onward(at, msg),
            ir::Unreachable::Error => self.stop(run, Some(&why), true, &msg),
            ir::Unreachable::Halt | ir::Unreachable::Spool { .. } => self.stop(run, Some(&why), false, &msg),
        }
        After::Gone
    }
}

impl Core {
    /// Whether a copy for this sink would find room; if not, the engine is woken when it would.
    fn has_room(&self, sink: &ir::Sink, router: Option<&str>, wire: &ir::Wire) -> bool {
        match sink {
            ir::Sink::Node(_) => self.queue.len() < self.limits.queue,
            ir::Sink::Stream => self.taps.streams.has_room(router, wire),
            sink => self.taps.has_room(sink),
        }
    }
}

/// A message that a router sends to another runtime.
struct Leaving<'a> {
    router: u32,
    /// Where it goes on when that cannot be.
    at: Position,
    remote: &'a ir::Remote,
    key: Option<&'a Value>,
}

impl Target {
    fn run(&self, stack: Rc<Stack>, from: u32) -> Run {
        Run { stack, wire: self.wire.clone(), lane: self.lane, from, to: self.to }
    }
}

/// The engine as a running chain sees it.
struct OnStack<'a> {
    core: &'a mut Core,
    stack: &'a Rc<Stack>,
    wire: &'a Arc<ir::Wire>,
}

impl Host for OnStack<'_> {
    #[inline]
    fn states(&mut self) -> &mut States {
        &mut self.core.states
    }

    fn now_ms(&mut self) -> f64 {
        self.core.now_ms()
    }

    /// From 0 to 1, without 1: the 53 bits that a double holds.
    fn random(&mut self) -> f64 {
        (self.core.random() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn tap(&mut self, router: u32, tap: &ir::Tap, wire: &ir::Wire, copy: Message) -> TapResult {
        let core = &mut *self.core;
        let id = self.stack.tap(router);
        let name = id.map(|id| id.name.as_str());
        if tap.block && !core.hard && !core.has_room(&tap.sink, name, wire) {
            return TapResult::Full;
        }
        let at_ms = core.now_ms();
        let tapped = |msg| Tapped { at_ms, tap: id.cloned(), wire: self.wire.clone(), msg };
        let taken = match &tap.sink {
            ir::Sink::Counter(counter) => {
                core.taps.count(counter);
                true
            }
            ir::Sink::Stream => core.taps.streams.publish(name, wire, || tapped(copy)),
            ir::Sink::Node(to) => match core.by_id.get(to).copied() {
                Some(to) => core.push(to, copy),
                None => false,
            },
            sink => core.taps.write(sink, tapped(copy)),
        };
        if taken { TapResult::Taken } else { TapResult::Dropped }
    }

    fn log(&mut self, router: u32, text: &str) {
        let name = self.stack.router(router).map(|r| r.name.as_str()).unwrap_or_default();
        self.core.log(Level::Info, &format!("router:{name}"), text);
    }

    fn call(&mut self, router: u32, _call: &ir::Call, wire: &ir::Wire, msg: Message) -> CallResult {
        let mut modules = self.stack.modules.borrow_mut();
        let Some(module) = modules.0.get_mut(router as usize).and_then(Option::as_mut) else {
            return CallResult::Fault(msg, "the module is not open".to_string());
        };
        match module.send(&wire.from, &wire.to, msg.clone()) {
            Ok(Outcome::Pass(msg)) => CallResult::Pass(msg),
            Ok(Outcome::Stop(msg, reason)) => CallResult::Stop(msg, reason),
            Err(why) => CallResult::Fault(msg, why),
        }
    }
}
