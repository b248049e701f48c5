//! Held messages: when they are let go, stepped or dropped.

use route_chain::host::{HoldKind, Position};
use route_chain::link::Stepped;
use route_chain::{Message, Value};

use super::command::Release;
use super::core::Core;
use super::route::Run;
use super::timers::Due;
use crate::holds::{Held, Why};
use crate::node::Level;
use crate::taps::line;

/// How soon a message that waits for room in a sink tries again, milliseconds.
const SINK_RETRY_MS: f64 = 5.0;

impl Core {
    pub(super) fn hold(
        &mut self,
        run: Run,
        router: u32,
        at: Position,
        why: Why,
        until_ms: f64,
        msg: Message,
    ) {
        let since_ms = self.now_ms();
        let until_ms = if why == Why::Sink { since_ms + SINK_RETRY_MS } else { until_ms };
        let held = Held { run, at, router, why, since_ms, until_ms, msg };
        let most = match why {
            Why::Step | Why::Sink => None,
            _ => held.run.stack.most_held(held.at.chain, router),
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
        let Held { run, at, why, msg, .. } = held;
        match why {
            Why::BreakThenDrop => self.stop(&run, None, false, &msg),
            _ => self.go(run, at, msg),
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

    /// Changes a held message; false: it is not held.
    pub(crate) fn edit(&mut self, id: u64, json: &serde_json::Value) -> Result<bool, String> {
        if !json.is_object() {
            return Err("a message is an object".to_owned());
        }
        let Some(held) = self.holds.get_mut(id) else { return Ok(false) };
        if let Value::Object(root) = line::edited(Some(&held.msg.to_value()), json) {
            held.msg = Message::from_object((*root).clone());
        }
        Ok(true)
    }

    /// Runs one router, and holds the message again before the next; after the last router it arrives.
    fn step(&mut self, held: Held) -> bool {
        let Held { run, at, until_ms, msg, .. } = held;
        let chain = run.stack.set().chains.get(at.chain as usize);
        let router = chain.and_then(|chain| chain.steps.get(at.step as usize)).map(|step| step.router);
        match self.go_one(&run, at, msg) {
            Stepped::Next(at, msg) => {
                self.hold(run, router.unwrap_or_default(), at, Why::Step, until_ms, msg)
            }
            Stepped::Ended(verdict) => self.conclude(run, verdict),
        }
        true
    }
}

pub(super) fn kind_of(kind: HoldKind) -> Why {
    match kind {
        HoldKind::Break { pass: true } => Why::BreakThenPass,
        HoldKind::Break { pass: false } => Why::BreakThenDrop,
        HoldKind::Limit => Why::Limit,
        HoldKind::Sink => Why::Sink,
    }
}
