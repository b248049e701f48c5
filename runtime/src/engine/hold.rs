//! Held messages: when they are let go, stepped or dropped.

use route_chain::Message;
use route_chain::link::{HoldKind, Verdict};

use super::command::Release;
use super::core::Core;
use super::route::Run;
use super::timers::Due;
use crate::holds::{Held, Why};
use crate::node::Level;

impl Core {
    pub(super) fn hold(&mut self, run: Run, router: u32, next: usize, why: Why, until_ms: f64, msg: Message) {
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
}

/// Where a held message goes on; `None`: it stops.
fn unpack(held: Held) -> (Run, Option<usize>, Message) {
    let Held { stack, wire, to, chain, next, why, msg, .. } = held;
    let next = (why != Why::BreakThenDrop).then_some(next);
    (Run { stack, wire, chain, to }, next, msg)
}

pub(super) fn kind_of(kind: HoldKind) -> Why {
    match kind {
        HoldKind::Break { pass: true } => Why::BreakThenPass,
        HoldKind::Break { pass: false } => Why::BreakThenDrop,
        HoldKind::Limit => Why::Limit,
        HoldKind::Sink => Why::Sink,
    }
}
