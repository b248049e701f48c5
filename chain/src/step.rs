//! Steps in their running form, and what each does to a message.

use std::sync::Arc;

use arcstr::ArcStr;

use crate::arg::Arg;
use crate::cond::{Code, Scope, Test, YES};
use crate::host::{CallResult, HoldKind, Host, TapResult};
use crate::ir::{self, Op, Over};
use crate::message::Message;
use crate::select::Select;
use crate::slot::Slot;
use crate::state::{Bucket, Rated, State, StateKey};
use crate::value::Value;

/// One router on one chain.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Step {
    /// Where the condition begins that decides whether the step acts: its `when`, or for a `keep` without `when` that
    /// the message is not to be kept.
    pub(crate) guard: u32,
    pub(crate) router: u32,
    /// Where the router's state is; set when the set is bound.
    pub(crate) slot: u32,
    /// A `keep` without `when`: it has seen every message that came to it, whether it acted or not.
    pub(crate) sees_all: bool,
    /// The nodes of its condition.
    nodes: std::ops::Range<u32>,
    pub(crate) act: Act,
}

/// What it does.
#[derive(Debug)]
pub(crate) enum Act {
    /// With a `when`: the condition to keep.
    Keep(Option<Test>),
    Halt {
        reason: Option<ArcStr>,
        as_error: bool,
    },
    Set(Box<[Change]>),
    Redirect(ArcStr),
    Limit(Box<Limit>),
    Tap(Box<Tap>),
    Break(Box<Break>),
    Remote(Arc<ir::Remote>, Option<Box<Arg>>),
    Call(Box<ir::Call>),
}

#[derive(Debug)]
pub(crate) enum Change {
    Assign(ir::Path, Arg),
    Delete(ir::Path),
}

#[derive(Debug)]
pub(crate) struct Limit {
    rate: Option<ir::Rate>,
    per: Option<Arg>,
    distinct: Option<(Arg, f64)>,
    over: Over,
    max_keys: u32,
}

#[derive(Debug)]
pub(crate) struct Tap {
    tap: ir::Tap,
    select: Select,
}

#[derive(Debug)]
pub(crate) struct Break {
    hits: u64,
    for_ms: f64,
    pass: bool,
    log: Option<Box<[LogPart]>>,
}

#[derive(Debug)]
enum LogPart {
    Text(String),
    Value(Arg),
}

/// How a step ends a message's run. Small, so that it stays in registers; what more there is to say stands in [`Going`].
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// For the reason that the step has, or that [`Going::said`] has.
    Stop,
    /// Until [`Going::release_at_ms`].
    Hold(HoldKind),
    Remote,
}

impl Scope<'_> {
    /// A step, whose condition is put behind those of the steps before it.
    pub(crate) fn step(&self, step: &ir::Step, code: &mut Code) -> Step {
        let begin = code.len();
        let guard = match (&step.when, &step.op) {
            (Some(when), _) => self.append(when, code),
            (None, Op::Keep(keep)) => self.append(&ir::Cond::Not(Box::new(keep.clone())), code),
            (None, _) => YES,
        };
        let act = match &step.op {
            Op::Keep(cond) => Act::Keep(step.when.is_some().then(|| self.test(cond))),
            Op::Halt { reason, as_error } => {
                Act::Halt { reason: reason.as_deref().map(ArcStr::from), as_error: *as_error }
            }
            Op::Set(changes) => Act::Set(changes.iter().map(|change| self.change(change)).collect()),
            Op::Redirect { to } => Act::Redirect(to.as_str().into()),
            Op::Limit(limit) => Act::Limit(Box::new(Limit {
                rate: limit.rate,
                per: limit.per.as_ref().map(|per| self.arg(per)),
                distinct: limit.distinct.as_ref().map(|d| (self.arg(&d.by), d.within_ms)),
                over: limit.over.clone(),
                max_keys: limit.max_keys,
            })),
            Op::Tap(tap) => {
                let select = Select::new(&tap.select, self.paths);
                Act::Tap(Box::new(Tap { tap: tap.clone(), select }))
            }
            Op::Break(brk) => Act::Break(Box::new(Break {
                hits: brk.hits,
                for_ms: brk.for_ms,
                pass: brk.then_pass,
                log: brk.log.as_ref().map(|parts| parts.iter().map(|part| self.log_part(part)).collect()),
            })),
            Op::Remote(remote) => {
                let key = match &remote.choose {
                    ir::Choose::Hash(operand) => Some(Box::new(self.arg(operand))),
                    ir::Choose::Order | ir::Choose::RoundRobin | ir::Choose::Latency => None,
                };
                Act::Remote(Arc::new(remote.clone()), key)
            }
            Op::Call(call) => Act::Call(Box::new(call.clone())),
        };
        Step {
            guard,
            router: step.router,
            slot: u32::MAX,
            sees_all: matches!(act, Act::Keep(None)),
            nodes: begin..code.len(),
            act,
        }
    }

    fn path(&self, at: u32) -> ir::Path {
        self.paths.get(at as usize).cloned().unwrap_or_default()
    }

    fn change(&self, change: &ir::Change) -> Change {
        match change {
            ir::Change::Assign(path, operand) => Change::Assign(self.path(*path), self.arg(operand)),
            ir::Change::Delete(path) => Change::Delete(self.path(*path)),
        }
    }

    fn log_part(&self, part: &ir::LogPart) -> LogPart {
        match part {
            ir::LogPart::Text(text) => LogPart::Text(text.clone()),
            ir::LogPart::Value(operand) => LogPart::Value(self.arg(operand)),
        }
    }
}

impl Step {
    /// Every path that it reads and counts.
    pub(crate) fn slots<'a>(&'a self, code: &'a Code, found: &mut Vec<&'a Slot>) {
        code.slots(self.nodes.clone(), found);
        match &self.act {
            Act::Keep(keep) => keep.iter().for_each(|keep| keep.slots(found)),
            Act::Set(changes) => changes.iter().for_each(|change| match change {
                Change::Assign(_, arg) => arg.slots(found),
                Change::Delete(_) => {}
            }),
            Act::Limit(limit) => {
                let distinct = limit.distinct.as_ref().map(|(by, _)| by);
                limit.per.iter().chain(distinct).for_each(|arg| arg.slots(found));
            }
            Act::Break(brk) => brk.log.iter().flatten().for_each(|part| match part {
                LogPart::Value(arg) => arg.slots(found),
                LogPart::Text(_) => {}
            }),
            Act::Remote(_, key) => key.iter().for_each(|key| key.slots(found)),
            Act::Halt { .. } | Act::Redirect(_) | Act::Tap(_) | Act::Call(_) => {}
        }
    }
}

/// A message at a step.
pub(crate) struct Going<'a, H: ?Sized> {
    pub(crate) msg: Message,
    pub(crate) wire: &'a ir::Wire,
    pub(crate) host: &'a mut H,
    pub(crate) release_at_ms: f64,
    /// What few messages need.
    pub(crate) rare: Option<Box<Rare>>,
}

#[derive(Default)]
pub(crate) struct Rare {
    /// Where it will be delivered instead.
    pub(crate) redirect: Option<ArcStr>,
    /// What a module said when it stopped the message, and whether that is an error.
    pub(crate) said: Option<(ArcStr, bool)>,
    /// What a remote route chooses a runtime by.
    pub(crate) key: Option<Value>,
}

impl<'a, H: Host + ?Sized> Going<'a, H> {
    #[inline]
    pub(crate) fn new(msg: Message, wire: &'a ir::Wire, host: &'a mut H) -> Self {
        Self { msg, wire, host, release_at_ms: f64::INFINITY, rare: None }
    }

    pub(crate) fn redirected(mut self, redirect: Option<ArcStr>) -> Self {
        if redirect.is_some() {
            self.rare().redirect = redirect;
        }
        self
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Runs a step whose condition says that it acts, and that sees only such messages. `None`: the message goes on.
    #[inline(never)]
    pub(crate) fn step(&mut self, step: &Step) -> Option<End> {
        if let Some(counts) = self.host.states().counts(step.slot) {
            counts.seen += 1;
        }
        let end = self.act(step, step.slot)?;
        if let Some(counts) = self.host.states().counts(step.slot) {
            match end {
                End::Stop => counts.stopped += 1,
                End::Hold(HoldKind::Sink) => {}
                End::Hold(_) => counts.held += 1,
                End::Remote => counts.remote += 1,
            }
        }
        Some(end)
    }

    fn act(&mut self, step: &Step, slot: u32) -> Option<End> {
        match &step.act {
            Act::Keep(Some(keep)) => (!keep.holds(&self.msg, self.host)).then_some(End::Stop),
            Act::Keep(None) | Act::Halt { .. } => Some(End::Stop),
            Act::Set(changes) => {
                changes.iter().for_each(|change| self.change(change));
                None
            }
            Act::Redirect(to) => {
                self.rare().redirect = Some(to.clone());
                None
            }
            Act::Limit(limit) => self.limit(slot, limit),
            Act::Tap(tap) => self.tap(slot, step.router, tap),
            Act::Break(brk) => self.hold(slot, step.router, brk),
            Act::Remote(_, key) => {
                if let Some(key) = key {
                    self.rare().key = Some(self.value(key).unwrap_or(Value::Null));
                }
                Some(End::Remote)
            }
            Act::Call(call) => self.call(step.router, call),
        }
    }

    fn state(&mut self, slot: u32) -> Option<&mut State> {
        self.host.states().at(slot)
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Assign(path, arg) => {
                if let Some(value) = self.value(arg) {
                    self.msg.set_at(path, value);
                }
            }
            Change::Delete(path) => drop(self.msg.delete_at(path)),
        }
    }

    fn value(&mut self, arg: &Arg) -> Option<Value> {
        arg.value(&self.msg, self.host).map(std::borrow::Cow::into_owned)
    }

    fn key(&mut self, arg: Option<&Arg>) -> StateKey {
        match arg {
            None => StateKey::All,
            Some(arg) => StateKey::of(arg.value(&self.msg, self.host).as_deref()),
        }
    }

    fn limit(&mut self, slot: u32, limit: &Limit) -> Option<End> {
        let now = self.host.now_ms();
        if let Some((by, within_ms)) = &limit.distinct {
            let key = self.key(Some(by));
            let last = self.state(slot)?.last_seen.entry(key, limit.max_keys, || f64::NEG_INFINITY);
            if now - *last < *within_ms {
                return Some(End::Stop);
            }
            *last = now;
        }
        let rate = limit.rate.as_ref()?;
        let key = self.key(limit.per.as_ref());
        let begin = || Rated { bucket: Bucket::full(rate, now), release_ms: f64::NEG_INFINITY };
        let rated = self.state(slot)?.rates.entry(key, limit.max_keys, begin);
        let Over::Hold { max } = limit.over else {
            return (!rated.bucket.take(rate, now)).then_some(End::Stop);
        };
        // Those held keep their order: nobody passes while one that came before still waits.
        if rated.release_ms <= now && rated.bucket.take(rate, now) {
            return None;
        }
        let interval = rate.per_ms / rate.count;
        let at = rated.release_ms.max(now) + interval;
        if ((at - now) / interval).ceil() > max as f64 {
            return Some(End::Stop);
        }
        *rated = Rated { bucket: Bucket { tokens: 0.0, at_ms: at }, release_ms: at };
        self.release_at_ms = at;
        Some(End::Hold(HoldKind::Limit))
    }

    fn tap(&mut self, slot: u32, router: u32, tap: &Tap) -> Option<End> {
        let ir::Tap { every, at_most, .. } = &tap.tap;
        let state = self.state(slot)?;
        state.matched += 1;
        if !state.matched.is_multiple_of((*every).max(1)) {
            return None;
        }
        if let Some(rate) = at_most {
            let now = self.host.now_ms();
            let bucket = self.state(slot)?.tap_bucket.get_or_insert_with(|| Bucket::full(rate, now));
            if !bucket.take(rate, now) {
                return None;
            }
        }
        let copy = tap.select.copy(&self.msg);
        match self.host.tap(router, &tap.tap, self.wire, copy) {
            TapResult::Taken => None,
            TapResult::Dropped => {
                self.host.states().counts(slot)?.dropped_copies += 1;
                None
            }
            TapResult::Full => {
                // The same message comes again: it must not count twice.
                self.host.states().counts(slot)?.seen -= 1;
                let state = self.state(slot)?;
                state.matched -= 1;
                if let Some(bucket) = &mut state.tap_bucket {
                    bucket.tokens += 1.0;
                }
                Some(End::Hold(HoldKind::Sink))
            }
        }
    }

    fn hold(&mut self, slot: u32, router: u32, brk: &Break) -> Option<End> {
        let state = self.state(slot)?;
        state.matched += 1;
        if state.matched < brk.hits {
            return None;
        }
        if let Some(parts) = &brk.log {
            let text: String = parts.iter().map(|part| self.log_part(part)).collect();
            self.host.log(router, &text);
            return None;
        }
        self.release_at_ms = self.host.now_ms() + brk.for_ms;
        Some(End::Hold(HoldKind::Break { pass: brk.pass }))
    }

    fn log_part(&mut self, part: &LogPart) -> String {
        match part {
            LogPart::Text(text) => text.clone(),
            LogPart::Value(arg) => match self.value(arg) {
                None => "absent".to_owned(),
                Some(Value::Text(text)) => text.to_string(),
                Some(value) => value.to_text(),
            },
        }
    }

    fn call(&mut self, router: u32, call: &ir::Call) -> Option<End> {
        let msg = std::mem::take(&mut self.msg);
        let (msg, said) = match self.host.call(router, call, self.wire, msg) {
            CallResult::Pass(msg) => (msg, None),
            CallResult::Stop(msg, reason) => (msg, Some((reason, false))),
            CallResult::Fault(msg, text) => match call.on_fault {
                ir::OnFault::Pass => (msg, None),
                ir::OnFault::Halt => (msg, Some((text, false))),
                ir::OnFault::Error => (msg, Some((text, true))),
            },
        };
        self.msg = msg;
        let (text, as_error) = said?;
        self.rare().said = Some((text.into(), as_error));
        Some(End::Stop)
    }
}
