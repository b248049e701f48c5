//! How messages run through chains.

use std::rc::Rc;

use route_chain::host::{CallResult, Host, Position, TapResult, Verdict};
use route_chain::link::Stepped;
use route_chain::state::States;
use route_chain::{Message, ir};

use super::core::{Core, Target};
use super::hold::kind_of;
use super::stack::Stack;
use crate::node::Level;
use crate::plugin::Outcome;
use crate::taps::line;

/// A message that left its chain on the way: on which stack and wire.
pub(crate) struct Run {
    pub(crate) stack: Rc<Stack>,
    pub(crate) wire: Rc<ir::Wire>,
    /// The nodes at the wire's ends.
    pub(crate) from: u32,
    pub(crate) to: u32,
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
        let stack = self.stack.clone();
        let mut host = OnStack { core: self, stack: &stack };
        match stack.running.run(target.chain, &target.wire, msg, &mut host) {
            Verdict::Deliver(msg) => self.arrive(from, target.to, msg),
            Verdict::Stop { as_error: false, .. } => self.totals.stopped += 1,
            verdict => {
                let run = Run { stack, wire: target.wire.clone(), from, to: target.to };
                self.conclude(run, verdict);
            }
        }
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

    /// Goes on with a message that left its chain on the way, and does what comes out.
    pub(super) fn go(&mut self, run: Run, at: Position, msg: Message) {
        let stack = run.stack.clone();
        let verdict = stack.running.resume(at, &run.wire, msg, &mut OnStack { core: self, stack: &stack });
        self.conclude(run, verdict);
    }

    /// Runs the one router at a position.
    pub(super) fn go_one(&mut self, run: &Run, at: Position, msg: Message) -> Stepped {
        let stack = run.stack.clone();
        stack.running.step(at, &run.wire, msg, &mut OnStack { core: self, stack: &stack })
    }

    pub(super) fn conclude(&mut self, run: Run, verdict: Verdict) {
        match verdict {
            Verdict::Deliver(msg) => self.arrive(run.from, run.to, msg),
            Verdict::Redirect { to, msg } => match self.by_id.get(to.as_str()) {
                Some(&to) => self.arrive(run.from, to, msg),
                None => {
                    self.totals.refused += 1;
                    self.raise(run.from, &format!("there is no node `{to}`"), Some(&msg));
                }
            },
            Verdict::Stop { reason, as_error, msg, .. } => self.stop(&run, reason.as_deref(), as_error, &msg),
            Verdict::Hold { router, at, kind, release_at_ms, msg } => {
                self.hold(run, router, at, kind_of(kind), release_at_ms, msg);
            }
            Verdict::Remote { router, at, remote, msg, .. } => self.away(run, router, at, &remote, msg),
        }
    }

    pub(super) fn stop(&mut self, run: &Run, reason: Option<&str>, as_error: bool, msg: &Message) {
        self.totals.stopped += 1;
        if as_error {
            self.raise(run.from, reason.unwrap_or("halted"), Some(msg));
        }
    }

    /// Gives a message to another runtime, or does what `unreachable` says.
    fn away(&mut self, run: Run, router: u32, at: Position, remote: &ir::Remote, msg: Message) {
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
            ir::Unreachable::Pass => self.go(run, at, msg),
            ir::Unreachable::Error => self.stop(&run, Some(&why), true, &msg),
            ir::Unreachable::Halt | ir::Unreachable::Spool { .. } => self.stop(&run, Some(&why), false, &msg),
        }
    }
}

/// The engine as a running chain sees it.
struct OnStack<'a> {
    core: &'a mut Core,
    stack: &'a Rc<Stack>,
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
