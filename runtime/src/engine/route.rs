//! How messages run through chains.

use std::rc::Rc;

use route_chain::link::{CallResult, Host, TapResult, Verdict};
use route_chain::{Message, ir};

use super::core::{Core, Target};
use super::hold::kind_of;
use super::stack::Stack;
use crate::node::Level;
use crate::plugin::Outcome;
use crate::taps::line;

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

    pub(super) fn verdict(
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

    pub(super) fn conclude(&mut self, mut run: Run, verdict: Verdict) {
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

    pub(super) fn stop(&mut self, run: &Run, reason: Option<&str>, as_error: bool, msg: &Message) {
        self.totals.stopped += 1;
        if as_error && let Some(&from) = self.by_id.get(&run.wire.from) {
            self.raise(from, reason.unwrap_or("halted"), Some(msg));
        }
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
