//! Held messages: when they are let go, stepped, changed or dropped, and how those of one wire keep their order.

use std::rc::Rc;

use route_chain::host::{HoldKind, Position, Verdict};
use route_chain::link::Stepped;
use route_chain::{Message, Value};

use super::command::{Release, Released};
use super::core::Core;
use super::route::{After, Run};
use super::timers::Due;
use crate::holds::{Held, Why};
use crate::node::Level;
use crate::taps::line;

/// A message that goes no further for now.
pub(super) struct Wait {
    router: u32,
    at: Position,
    why: Why,
    until_ms: f64,
    msg: Message,
}

/// What a chain says of a message that it holds.
pub(super) struct Hold {
    pub(super) router: u32,
    pub(super) at: Position,
    pub(super) kind: HoldKind,
    pub(super) until_ms: f64,
}

impl Core {
    /// A router holds a message. While the engine ends nothing is held but for room in a sink.
    pub(super) fn hold(&mut self, run: &Run, hold: Hold, msg: Message) -> After {
        let Hold { router, at, kind, until_ms } = hold;
        let lets_go = self.ending || self.holds_no_more(run, router);
        match kind {
            HoldKind::Sink => After::Waits(Wait { router, at, why: Why::Sink, until_ms, msg }),
            HoldKind::Limit => {
                if lets_go {
                    run.stack.running.released(router, false, &mut self.states);
                    return After::Onward(at, msg);
                }
                if run.stack.limits_wire(&at) {
                    return After::Waits(Wait { router, at, why: Why::Limit, until_ms, msg });
                }
                if self.is_over(run, &at, router) {
                    return self.drop_held(run, router, &msg);
                }
                self.keep(run, Why::Limit, false, Wait { router, at, why: Why::Limit, until_ms, msg });
                After::Gone
            }
            HoldKind::Break { pass } => {
                if lets_go || self.is_over(run, &at, router) {
                    if !pass && (self.ending || !lets_go) {
                        return self.drop_held(run, router, &msg);
                    }
                    run.stack.running.released(router, false, &mut self.states);
                    return After::Onward(at, msg);
                }
                self.keep(run, Why::Break, !pass, Wait { router, at, why: Why::Break, until_ms, msg });
                After::Gone
            }
        }
    }

    /// Whether the stack in force has a router no more that one before it had, or holds nothing with it.
    fn holds_no_more(&self, run: &Run, router: u32) -> bool {
        !Rc::ptr_eq(&run.stack, &self.stack) && !self.stack.holds(run.stack.running.slot(router))
    }

    /// Whether there is no room for one more message of a router.
    fn is_over(&self, run: &Run, at: &Position, router: u32) -> bool {
        let held = || self.holds.of(run.stack.running.slot(router));
        self.holds.is_full() || run.stack.most_held(at.chain, router).is_some_and(|most| held() >= most)
    }

    fn drop_held(&mut self, run: &Run, router: u32, msg: &Message) -> After {
        run.stack.running.released(router, true, &mut self.states);
        self.stop(run, None, false, msg);
        After::Gone
    }

    /// Holds a message that others may pass.
    fn keep(&mut self, run: &Run, why: Why, then_drop: bool, wait: Wait) {
        let id = self.holds.number();
        let run = run.clone();
        self.put(id, Held::new(run, why, then_drop, false, self.now_ms(), wait));
    }

    /// Puts a message into the table and sees to it that it is thought of in time.
    fn put(&mut self, id: u64, held: Held) {
        if held.until_ms.is_finite() && held.why != Why::Behind {
            let at = self.instant(held.until_ms);
            self.timers.set(at, Due::Held(id));
        }
        if held.why == Why::Sink
            && let Some(sink) = held.run.stack.sink_at(&held.at)
        {
            self.taps.await_room(sink, id);
        }
        self.holds.put(id, held);
    }

    /// Holds a message that those after it on its wire must not overtake; it is the first of its wire.
    pub(super) fn wait(&mut self, run: Run, wait: Wait) {
        if self.holds.is_full() {
            return self.no_room(&run, wait);
        }
        let (id, lane) = (self.holds.number(), run.lane);
        let held = Held::new(run, wait.why, false, true, self.now_ms(), wait);
        self.put(id, held);
        self.holds.line_up(lane, id);
    }

    /// A message comes to a wire on which others wait: it goes as far as the last one of them.
    pub(super) fn line_up(&mut self, run: Run, at: Position, msg: Message) {
        let lane = run.lane;
        let barrier = self.holds.barrier(lane, self.holds.length(lane), &run, at.chain);
        let After::Waits(wait) = self.advance(&run, at, msg, barrier) else { return };
        if self.holds.is_full() {
            return self.no_room(&run, wait);
        }
        let id = self.holds.number();
        self.put(id, Held::new(run, wait.why, false, true, self.now_ms(), wait));
        self.holds.line_up(lane, id);
    }

    /// The table is full: a limit stops the message as one too many, anything else is an error of the sender.
    fn no_room(&mut self, run: &Run, wait: Wait) {
        match wait.why {
            Why::Limit => drop(self.drop_held(run, wait.router, &wait.msg)),
            _ => {
                self.totals.refused += 1;
                self.on_wire(run.lane, |wire| wire.refused += 1);
                self.raise(run.from, "too many messages are held", Some(&wait.msg));
            }
        }
    }

    /// Moves the messages of a lane, from a place on, as far as those before them let them.
    fn pump(&mut self, lane: u32, from: usize) {
        let mut place = from;
        while let Some(id) = self.holds.at(lane, place) {
            let Some(held) = self.holds.get(id) else { return };
            let barrier = self.holds.barrier(lane, place, &held.run, held.at.chain);
            if held.why != Why::Behind || barrier.is_some_and(|barrier| held.at.step >= barrier) {
                return;
            }
            let Some(held) = self.holds.take(id) else { return };
            let Held { run, at, since_ms, msg, .. } = held;
            match self.advance(&run, at, msg, barrier) {
                After::Gone | After::Onward(..) => self.holds.leave(lane, place),
                After::Waits(wait) => {
                    self.put(id, Held::new(run, wait.why, false, true, since_ms, wait));
                    place += 1;
                }
            }
        }
    }

    /// Goes on with a message up to a step, or to the end when there is none.
    fn advance(&mut self, run: &Run, at: Position, msg: Message, barrier: Option<u32>) -> After {
        let (mut at, mut msg) = (at, msg);
        loop {
            let verdict = match barrier {
                None => self.resume(run, at, msg),
                Some(barrier) => match self.up_to(run, at, msg, barrier) {
                    Ok(verdict) => verdict,
                    Err((at, msg)) => {
                        let (router, until_ms) = (u32::MAX, f64::INFINITY);
                        return After::Waits(Wait { router, at, why: Why::Behind, until_ms, msg });
                    }
                },
            };
            match self.conclude(run, verdict) {
                After::Onward(further, same) => (at, msg) = (further, same),
                after => return after,
            }
        }
    }

    /// Runs the steps before a barrier; `Err`: the message stands there, or at the end of its chain.
    fn up_to(
        &mut self,
        run: &Run,
        at: Position,
        msg: Message,
        barrier: u32,
    ) -> Result<Verdict, (Position, Message)> {
        let (mut at, mut msg) = (at, msg);
        while at.step < barrier {
            let (chain, step) = (at.chain, at.step + 1);
            match self.go_one(run, at, msg) {
                Stepped::Next(further, same) => (at, msg) = (further, same),
                Stepped::Ended(Verdict::Deliver(msg)) => {
                    return Err((Position { chain, step, redirect: None }, msg));
                }
                Stepped::Ended(Verdict::Redirect { to, msg }) => {
                    return Err((Position { chain, step, redirect: Some(to) }, msg));
                }
                Stepped::Ended(verdict) => return Ok(verdict),
            }
        }
        Err((at, msg))
    }

    /// A held message's time may be over.
    pub(crate) fn expire(&mut self, id: u64) {
        let Some(held) = self.holds.get(id) else { return };
        if held.in_lane {
            return self.ready(id);
        }
        let Some(held) = self.holds.take(id) else { return };
        let stops = held.then_drop;
        self.let_go(held, stops);
    }

    /// A message of a lane needs to wait no longer for what it waited for; those before it still count.
    fn ready(&mut self, id: u64) {
        self.timers.cancel(Due::Held(id));
        let Some(mut held) = self.holds.take(id) else { return };
        if held.why == Why::Limit {
            held.run.stack.running.released(held.router, false, &mut self.states);
        }
        let lane = held.run.lane;
        held.why = Why::Behind;
        held.until_ms = f64::INFINITY;
        self.holds.put(id, held);
        if let Some(place) = self.holds.place(lane, id) {
            self.pump(lane, place);
        }
    }

    /// Lets go of a message that stands in no lane.
    fn let_go(&mut self, held: Held, stops: bool) {
        let Held { run, at, router, why, msg, .. } = held;
        if matches!(why, Why::Break | Why::Limit) {
            run.stack.running.released(router, stops, &mut self.states);
        }
        if stops { self.stop(&run, None, false, &msg) } else { self.go(run, at, msg) }
    }

    /// Sinks or the local queue have room again for copies that messages wait with.
    pub(crate) fn room_again(&mut self) {
        let room = self.limits.queue.saturating_sub(self.queue.len());
        for id in self.taps.roomy(room) {
            self.ready(id);
        }
    }

    /// Someone at the debugger lets a held message go.
    pub(crate) fn release(&mut self, id: u64, how: Release) -> Released {
        let Some(held) = self.holds.get(id) else { return Released::NotHeld };
        let (lane, in_lane) = (held.run.lane, held.in_lane);
        if in_lane && how != Release::Drop {
            if held.why == Why::Limit {
                self.ready(id);
            }
            return if self.holds.get(id).is_some() { Released::Waits } else { Released::Done };
        }
        self.timers.cancel(Due::Held(id));
        let place = self.holds.place(lane, id).filter(|_| in_lane);
        let Some(held) = self.holds.take(id) else { return Released::NotHeld };
        match how {
            Release::Drop => self.let_go(held, true),
            Release::Resume => self.let_go(held, false),
            Release::Step if self.holds.blocks(lane) => {
                self.put(id, held);
                return Released::Waits;
            }
            Release::Step => self.step(id, held),
        }
        if let Some(place) = place {
            self.holds.leave(lane, place);
            self.pump(lane, place);
        }
        Released::Done
    }

    /// Runs one router, and holds the message again before the next; after the last router it arrives.
    fn step(&mut self, id: u64, held: Held) {
        let Held { run, at, router, why, then_drop, since_ms, until_ms, msg, .. } = held;
        if matches!(why, Why::Break | Why::Limit) {
            run.stack.running.released(router, false, &mut self.states);
        }
        let chain = run.stack.set().chains.get(at.chain as usize);
        let router = chain.and_then(|chain| chain.steps.get(at.step as usize)).map(|step| step.router);
        match self.go_one(&run, at, msg) {
            Stepped::Next(at, msg) => {
                let wait = Wait { router: router.unwrap_or(u32::MAX), at, why: Why::Step, until_ms, msg };
                self.put(id, Held::new(run, Why::Step, then_drop, false, since_ms, wait));
            }
            Stepped::Ended(verdict) => match self.conclude(&run, verdict) {
                After::Gone => {}
                After::Onward(at, msg) => self.go(run, at, msg),
                After::Waits(wait) => self.wait(run, wait),
            },
        }
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

    /// After a change of stack: what is held by a router that holds nothing any more goes on, in order. How many did.
    pub(super) fn release_unheld(&mut self) -> usize {
        let gone = |held: &Held| {
            matches!(held.why, Why::Break | Why::Limit | Why::Step)
                && self.holds_no_more(&held.run, held.router)
        };
        let ids: Vec<u64> = self.holds.iter().filter(|(_, held)| gone(held)).map(|(id, _)| id).collect();
        for &id in &ids {
            self.let_go_now(id, false);
        }
        ids.len()
    }

    /// The engine ends: what is held goes the way that its router says, oldest first; limits let theirs go.
    pub(crate) fn end_holds(&mut self) {
        self.ending = true;
        let held = |held: &Held| matches!(held.why, Why::Break | Why::Limit | Why::Step);
        let ids: Vec<u64> = self.holds.iter().filter(|(_, h)| held(h)).map(|(id, _)| id).collect();
        for id in ids {
            let stops = self.holds.get(id).is_some_and(|held| held.then_drop);
            self.let_go_now(id, stops);
        }
    }

    /// Sinks have had their time: messages that still wait for them go on without their copies, which are counted.
    pub(crate) fn give_sinks_up(&mut self) {
        self.hard = true;
        let waits = |held: &Held| held.why == Why::Sink;
        let ids: Vec<u64> = self.holds.iter().filter(|(_, held)| waits(held)).map(|(id, _)| id).collect();
        if !ids.is_empty() {
            let text = format!("{} messages go on without their copies: a sink is full", ids.len());
            self.log(Level::Warn, "engine", &text);
        }
        for id in ids {
            self.ready(id);
        }
    }

    fn let_go_now(&mut self, id: u64, stops: bool) {
        if self.holds.get(id).is_some_and(|held| held.in_lane) {
            return self.ready(id);
        }
        self.timers.cancel(Due::Held(id));
        if let Some(held) = self.holds.take(id) {
            self.let_go(held, stops);
        }
    }
}

impl Held {
    fn new(run: Run, why: Why, then_drop: bool, in_lane: bool, since_ms: f64, wait: Wait) -> Self {
        let Wait { router, at, until_ms, msg, .. } = wait;
        Self { run, at, router, why, then_drop, in_lane, since_ms, until_ms, msg }
    }
}
