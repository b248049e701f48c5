//! Steps one by one, as they are written.

use std::sync::Arc;

use arcstr::ArcStr;

use super::{Called, Change, Did, Found, Judged, Limited, NotCopied, Read, Recorder, Visit};
use crate::format::{self, FormatError};
use crate::host::{CallResult, HoldKind, Host, Position, TapResult, Verdict};
use crate::ir::{self, ChainSet, LogPart, Op, Operand, Over};
use crate::message::Message;
use crate::select::Select;
use crate::state::{Bucket, Counts, Rated, State, StateKey, States};
use crate::value::Value;

/// A chain set that runs slowly and tells what it does. Its states are those of an engine, shared with every
/// [`Running`](crate::link::Running) that is bound to them; its counts are the running form's too, but for absent paths.
pub struct Tracer {
    set: Arc<ChainSet>,
    recorder: Arc<Recorder>,
    /// Where the states of its routers are.
    slots: Box<[u32]>,
}

impl Tracer {
    /// Checks a set and joins it to the states of its routers.
    ///
    /// # Errors
    /// What [`format::check`] finds.
    pub fn bind(set: Arc<ChainSet>, states: &mut States) -> Result<Self, FormatError> {
        format::check(&set)?;
        let recorder = Arc::new(Recorder::new(&set.paths, &set.regexes)?);
        let slots = states.bind(&set.routers);
        Ok(Self { set, recorder, slots })
    }

    /// The same set joined to other states.
    pub fn bind_anew(&self, states: &mut States) -> Self {
        let slots = states.bind(&self.set.routers);
        Self { set: self.set.clone(), recorder: self.recorder.clone(), slots }
    }

    /// What it was made of.
    pub fn set(&self) -> &ChainSet {
        &self.set
    }

    /// Runs a message from a position on; what each router did that it came to, in order. A chain that does not exist
    /// is the empty one.
    pub fn run<H: Host + ?Sized>(
        &self,
        at: Position,
        wire: &ir::Wire,
        msg: Message,
        host: &mut H,
    ) -> (Verdict, Vec<Visit>) {
        let steps = self.set.chains.get(at.chain as usize).map(|chain| chain.steps.as_slice());
        let mut going = Going { tracer: self, wire, host, msg, redirect: at.redirect, key: None };
        let mut visits = Vec::new();
        for (number, step) in (0..).zip(steps.unwrap_or_default()).skip(at.step as usize) {
            let when = step.when.as_ref().map(|cond| going.judge(cond));
            let skipped = when.as_ref().is_some_and(|when| !when.holds);
            let (did, end) = if skipped { (Did::Skipped, None) } else { going.count_and_act(step) };
            visits.push(Visit { step: number, router: step.router, when, did });
            if let Some(end) = end {
                return (going.leave(at.chain, number, step, end), visits);
            }
        }
        let Going { msg, redirect, .. } = going;
        let verdict = match redirect {
            Some(to) => Verdict::Redirect { to, msg },
            None => Verdict::Deliver(msg),
        };
        (verdict, visits)
    }
}

/// How a step ends the way of a message.
enum End {
    Stop { reason: Option<ArcStr>, as_error: bool },
    Hold { kind: HoldKind, release_at_ms: f64 },
    Remote(Arc<ir::Remote>),
}

/// What a step did, and how it ended the message's way, if it did.
type Acted = (Did, Option<End>);

/// A message on its way.
struct Going<'a, H: ?Sized> {
    tracer: &'a Tracer,
    wire: &'a ir::Wire,
    host: &'a mut H,
    msg: Message,
    redirect: Option<ArcStr>,
    /// What a remote route chooses a runtime by.
    key: Option<Value>,
}

const STOP: Option<End> = Some(End::Stop { reason: None, as_error: false });

impl<H: Host + ?Sized> Going<'_, H> {
    fn judge(&mut self, cond: &ir::Cond) -> Judged {
        self.tracer.recorder.judge(cond, &self.msg, &mut || self.host.random())
    }

    fn read(&mut self, operand: &Operand) -> Read {
        self.tracer.recorder.read(operand, &self.msg, &mut || self.host.random())
    }

    fn slot(&self, router: u32) -> u32 {
        self.tracer.slots.get(router as usize).copied().unwrap_or(u32::MAX)
    }

    fn counts(&mut self, router: u32, change: impl FnOnce(&mut Counts)) {
        let slot = self.slot(router);
        if let Some(counts) = self.host.states().counts(slot) {
            change(counts);
        }
    }

    fn state(&mut self, router: u32) -> Option<&mut State> {
        let slot = self.slot(router);
        self.host.states().at(slot)
    }

    fn count_and_act(&mut self, step: &ir::Step) -> Acted {
        self.counts(step.router, |counts| counts.seen += 1);
        let acted = self.act(step);
        self.counts(step.router, |counts| match &acted.1 {
            None => {}
            Some(End::Stop { .. }) => counts.stopped += 1,
            // The same message comes again.
            Some(End::Hold { kind: HoldKind::Sink, .. }) => counts.seen -= 1,
            Some(End::Hold { .. }) => counts.held += 1,
            Some(End::Remote(_)) => counts.remote += 1,
        });
        acted
    }

    fn act(&mut self, step: &ir::Step) -> Acted {
        match &step.op {
            Op::Keep(cond) => {
                let judged = self.judge(cond);
                if judged.holds { (Did::Kept(judged), None) } else { (Did::Dropped(judged), STOP) }
            }
            Op::Halt { reason, as_error } => {
                let reason = reason.as_deref().map(ArcStr::from);
                let did = Did::Halted { reason: reason.clone(), as_error: *as_error };
                (did, Some(End::Stop { reason, as_error: *as_error }))
            }
            Op::Set(changes) => (Did::Changed(changes.iter().map(|c| self.change(c)).collect()), None),
            Op::Redirect { to } => {
                let to = ArcStr::from(to.as_str());
                self.redirect = Some(to.clone());
                (Did::Redirected(to), None)
            }
            Op::Limit(limit) => self.limit(step.router, limit),
            Op::Tap(tap) => self.tap(step.router, tap),
            Op::Break(brk) => self.hold(step.router, brk),
            Op::Remote(remote) => {
                if let ir::Choose::Hash(operand) = &remote.choose {
                    self.key = Some(self.read(operand).value.unwrap_or(Value::Null));
                }
                (Did::Sent, Some(End::Remote(Arc::new(remote.clone()))))
            }
            Op::Call(call) => self.call(step.router, call),
        }
    }

    fn change(&mut self, change: &ir::Change) -> Change {
        let (path, assigned) = match change {
            ir::Change::Assign(path, operand) => (*path, Some(self.read(operand))),
            ir::Change::Delete(path) => (*path, None),
        };
        let segs = self.tracer.recorder.path(path);
        let before = self.msg.at(segs).cloned();
        let done = match &assigned {
            Some(Read { value: Some(value), .. }) => self.msg.set_at(segs, value.clone()),
            Some(_) => false,
            None => self.msg.delete_at(segs).is_some(),
        };
        Change { path, before, after: self.msg.at(segs).cloned(), assigned, done }
    }

    fn limit(&mut self, router: u32, limit: &ir::Limit) -> Acted {
        let now = self.host.now_ms();
        let distinct = limit.distinct.as_ref().map(|distinct| self.read(&distinct.by));
        if let (Some(rule), Some(read)) = (&limit.distinct, &distinct) {
            let key = StateKey::of(read.value.as_ref());
            let state = self.state(router);
            let last = state.map(|s| s.last_seen.entry(key, limit.max_keys, || f64::NEG_INFINITY));
            if let Some(last) = last {
                let after_ms = now - *last;
                if after_ms < rule.within_ms {
                    let found = Found::Duplicate { after_ms };
                    return (Did::Limited(Limited { distinct, per: None, found }), STOP);
                }
                *last = now;
            }
        }
        let Some(rate) = &limit.rate else {
            return (Did::Limited(Limited { distinct, per: None, found: Found::Within }), None);
        };
        let per = limit.per.as_ref().map(|per| self.read(per));
        let key = per.as_ref().map_or(StateKey::All, |read| StateKey::of(read.value.as_ref()));
        let begin = || Rated { bucket: Bucket::full(rate, now), release_ms: f64::NEG_INFINITY };
        let rated = self.state(router).map(|state| state.rates.entry(key, limit.max_keys, begin));
        let found = rated.map_or(Found::Within, |rated| rated_at(rated, rate, &limit.over, now));
        let end = match found {
            Found::Within => None,
            Found::Waits { until_ms } => Some(End::Hold { kind: HoldKind::Limit, release_at_ms: until_ms }),
            Found::Duplicate { .. } | Found::Over => STOP,
        };
        (Did::Limited(Limited { distinct, per, found }), end)
    }

    fn tap(&mut self, router: u32, tap: &ir::Tap) -> Acted {
        let now = self.host.now_ms();
        let Some(state) = self.state(router) else { return (Did::NotCopied(NotCopied::Rate), None) };
        state.matched += 1;
        let (nth, every) = (state.matched, tap.every.max(1));
        if !nth.is_multiple_of(every) {
            return (Did::NotCopied(NotCopied::Every { nth, every }), None);
        }
        if let Some(rate) = &tap.at_most
            && !state.tap_bucket.get_or_insert_with(|| Bucket::full(rate, now)).take(rate, now)
        {
            return (Did::NotCopied(NotCopied::Rate), None);
        }
        let copy = Select::new(&tap.select, &self.tracer.set.paths).copy(&self.msg);
        let result = self.host.tap(router, tap, self.wire, copy.clone());
        let end = match result {
            TapResult::Taken => None,
            TapResult::Dropped => {
                self.counts(router, |counts| counts.dropped_copies += 1);
                None
            }
            TapResult::Full => {
                if let Some(state) = self.state(router) {
                    state.matched -= 1;
                    state.tap_bucket.iter_mut().for_each(|bucket| bucket.tokens += 1.0);
                }
                Some(End::Hold { kind: HoldKind::Sink, release_at_ms: f64::INFINITY })
            }
        };
        (Did::Copied { copy, result }, end)
    }

    fn hold(&mut self, router: u32, brk: &ir::Break) -> Acted {
        let Some(state) = self.state(router) else { return (Did::Skipped, None) };
        state.matched += 1;
        let hits = state.matched;
        if hits < brk.hits {
            return (Did::BelowHits { hits, wanted: brk.hits }, None);
        }
        if let Some(parts) = &brk.log {
            let text: String = parts.iter().map(|part| self.log_part(part)).collect();
            self.host.log(router, &text);
            return (Did::Logged(text), None);
        }
        let until_ms = self.host.now_ms() + brk.for_ms;
        let kind = HoldKind::Break { pass: brk.then_pass };
        (Did::Held { until_ms }, Some(End::Hold { kind, release_at_ms: until_ms }))
    }

    fn log_part(&mut self, part: &LogPart) -> String {
        match part {
            LogPart::Text(text) => text.clone(),
            LogPart::Value(operand) => match self.read(operand).value {
                None => "absent".to_owned(),
                Some(Value::Text(text)) => text.to_string(),
                Some(value) => value.to_text(),
            },
        }
    }

    fn call(&mut self, router: u32, call: &ir::Call) -> Acted {
        let msg = std::mem::take(&mut self.msg);
        let (msg, called) = match self.host.call(router, call, self.wire, msg) {
            CallResult::Pass(msg) => (msg, Called::Passed),
            CallResult::Stop(msg, reason) => (msg, Called::Stopped(reason)),
            CallResult::Fault(msg, text) => (
                msg,
                match call.on_fault {
                    ir::OnFault::Pass => Called::FaultPassed(text),
                    ir::OnFault::Halt => Called::FaultStopped { text, as_error: false },
                    ir::OnFault::Error => Called::FaultStopped { text, as_error: true },
                },
            ),
        };
        self.msg = msg;
        let end = match &called {
            Called::Passed | Called::FaultPassed(_) => None,
            Called::Stopped(reason) => {
                Some(End::Stop { reason: Some(reason.as_str().into()), as_error: false })
            }
            Called::FaultStopped { text, as_error } => {
                Some(End::Stop { reason: Some(text.as_str().into()), as_error: *as_error })
            }
        };
        (Did::Called(called), end)
    }

    /// The message leaves its chain at a step.
    fn leave(self, chain: u32, number: u32, step: &ir::Step, end: End) -> Verdict {
        let Going { msg, redirect, key, .. } = self;
        let router = step.router;
        let at = |step| Position { chain, step, redirect };
        match end {
            End::Stop { reason, as_error } => Verdict::Stop { router, reason, as_error, msg },
            End::Hold { kind, release_at_ms } => {
                let at = at(if kind == HoldKind::Sink { number } else { number + 1 });
                Verdict::Hold { router, at, kind, release_at_ms, msg }
            }
            End::Remote(remote) => Verdict::Remote { router, at: at(number + 1), remote, key, msg },
        }
    }
}

/// Where a message stands with a rate.
fn rated_at(rated: &mut Rated, rate: &ir::Rate, over: &Over, now: f64) -> Found {
    let Over::Hold { max } = over else {
        return if rated.bucket.take(rate, now) { Found::Within } else { Found::Over };
    };
    // Those held keep their order: nobody passes while one that came before still waits.
    if rated.release_ms <= now && rated.bucket.take(rate, now) {
        return Found::Within;
    }
    let interval = rate.per_ms / rate.count;
    let until_ms = rated.release_ms.max(now) + interval;
    if ((until_ms - now) / interval).ceil() > *max as f64 {
        return Found::Over;
    }
    *rated = Rated { bucket: Bucket { tokens: 0.0, at_ms: until_ms }, release_ms: until_ms };
    Found::Waits { until_ms }
}
