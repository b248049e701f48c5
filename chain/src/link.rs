//! The running form of a chain set, and how one message runs through the chain of its wire.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;

use regex::Regex;
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::eval::{Tables, canonical};
use crate::format::{self, FormatError};
use crate::ir::{self, ChainSet, Change, LogPart, Op, Over, Select};
use crate::message::Message;
use crate::test::{Cx, Scope, Test};
use crate::value::Value;

/// What a chain needs of the runtime around it.
pub trait Host {
    /// Milliseconds since 1970.
    fn now_ms(&mut self) -> f64;
    /// A random number in `0..1`.
    fn random(&mut self) -> f64;
    /// Takes a copy for a sink.
    fn tap(&mut self, router: u32, tap: &ir::Tap, wire: &ir::Wire, copy: Message) -> TapResult;
    /// A line of a breakpoint that only reports.
    fn log(&mut self, router: u32, text: &str);
    /// Runs a router module.
    fn call(&mut self, router: u32, call: &ir::Call, wire: &ir::Wire, msg: Message) -> CallResult;
}

/// What became of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapResult {
    /// The sink has it.
    Taken,
    /// The sink was full, and the copy is gone.
    Dropped,
    /// The sink is full, and the message must wait (`full block`).
    Full,
}

/// What a router module says.
#[derive(Debug)]
pub enum CallResult {
    /// The message goes on.
    Pass(Message),
    /// It stops, for this reason.
    Stop(Message, String),
    /// The module failed.
    Fault(Message, String),
}

/// Why a message is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldKind {
    /// At a breakpoint; when its time is over it passes or stops.
    Break {
        /// Passes.
        pass: bool,
    },
    /// Over a limit: goes on at its time.
    Limit,
    /// Its copy waits for room in a sink: the same step is tried again at its time.
    Sink,
}

/// What becomes of the message at the end of its chain, or where it left it.
#[derive(Debug)]
pub enum Verdict {
    /// To the node at the end of the wire.
    Deliver(Message),
    /// To this node instead.
    Redirect {
        /// Node id.
        to: String,
        /// The message.
        msg: Message,
    },
    /// Stopped.
    Stop {
        /// Which router stopped it.
        router: u32,
        /// For people.
        reason: Option<String>,
        /// Raised at the source node.
        as_error: bool,
        /// The message.
        msg: Message,
    },
    /// Held; goes on with [`Linked::run`] from `next`.
    Hold {
        /// Which router holds it.
        router: u32,
        /// The step to go on at.
        next: usize,
        /// Why.
        kind: HoldKind,
        /// When its time is over, milliseconds since 1970.
        release_at_ms: f64,
        /// The message.
        msg: Message,
    },
    /// To another runtime; when that cannot be and the router says `pass`, it goes on from `next`.
    Remote {
        /// Which router sends it.
        router: u32,
        /// The step after it.
        next: usize,
        /// Where to, and how.
        remote: Arc<ir::Remote>,
        /// The message.
        msg: Message,
    },
}

/// What a router did since its state began.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RouterCounts {
    /// Messages that came to it and to which its `when` applied.
    pub seen: u64,
    /// Of those, passed on.
    pub passed: u64,
    /// Stopped.
    pub stopped: u64,
    /// Held, or sent to another runtime.
    pub held: u64,
    /// Copies that a full sink did not take.
    pub dropped_copies: u64,
    /// Paths that were absent when it asked for them, and how often.
    pub absent: Vec<(String, u64)>,
}

/// What is kept of one router between messages.
#[derive(Clone, Debug, Default)]
struct State {
    counts: RouterCounts,
    absent: BTreeMap<String, u64>,
    /// Messages that matched, for `every` and `hits`.
    matched: u64,
    tap_bucket: Option<Bucket>,
    buckets: Keyed<Bucket>,
    last_seen: Keyed<f64>,
    /// When the last message held for the rate goes on, by key.
    releases: Keyed<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at_ms: f64,
}

impl Bucket {
    fn take(&mut self, rate: &ir::Rate, now: f64) -> bool {
        let gained = (now - self.at_ms).max(0.0) * rate.count / rate.per_ms;
        // A nanosecond's worth of rounding must not cost a token that is due.
        self.tokens = (self.tokens + gained).min(rate.burst.max(1.0));
        self.at_ms = now;
        let due = self.tokens >= 1.0 - 1e-9;
        if due {
            self.tokens -= 1.0;
        }
        due
    }
}

/// A bounded map that forgets the key used longest ago. `order` may hold stale entries, at most as many as keys.
#[derive(Clone, Debug)]
struct Keyed<T> {
    map: FxHashMap<String, (u64, T)>,
    order: VecDeque<(u64, String)>,
    clock: u64,
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self { map: FxHashMap::default(), order: VecDeque::new(), clock: 0 }
    }
}

impl<T> Keyed<T> {
    fn entry(&mut self, key: &str, most: u32, make: impl FnOnce() -> T) -> &mut T {
        self.clock += 1;
        let clock = self.clock;
        self.order.push_back((clock, key.to_owned()));
        if !self.map.contains_key(key) {
            while self.map.len() >= most.max(1) as usize && self.forget_one() {}
        }
        while self.order.len() > 2 * self.map.len() + 16 {
            self.compact();
        }
        let slot = self.map.entry(key.to_owned()).or_insert_with(|| (clock, make()));
        slot.0 = clock;
        &mut slot.1
    }

    fn forget_one(&mut self) -> bool {
        while let Some((clock, key)) = self.order.pop_front() {
            if self.map.get(&key).is_some_and(|(at, _)| *at == clock) {
                self.map.remove(&key);
                return true;
            }
        }
        false
    }

    fn compact(&mut self) {
        let map = &self.map;
        let newest = self.clock;
        self.order.retain(|(clock, key)| *clock == newest || map.get(key).is_some_and(|(at, _)| at == clock));
    }
}

/// A chain set that runs. Used from one thread at a time.
pub struct Linked {
    set: ChainSet,
    tables: Tables,
    /// The conditions of each step, by chain.
    tests: Vec<Vec<StepTests>>,
    wires: FxHashMap<String, FxHashMap<(u32, String), u32>>,
    remotes: FxHashMap<(u32, usize), Arc<ir::Remote>>,
    states: Vec<State>,
}

/// A step's conditions in their running form.
#[derive(Default)]
struct StepTests {
    when: Option<Test>,
    keep: Option<Test>,
}

impl Linked {
    /// Checks a chain set and makes it ready to run.
    ///
    /// # Errors
    /// What [`format::check`] finds: indices out of range, expressions that do not compile, and the like.
    pub fn link(set: ChainSet) -> Result<Self, FormatError> {
        format::check(&set)?;
        let regexes = set.regexes.iter().filter_map(|r| Regex::new(r).ok()).collect();
        let mut wires: FxHashMap<String, FxHashMap<(u32, String), u32>> = FxHashMap::default();
        for wire in &set.wires {
            wires.entry(wire.from.clone()).or_default().insert((wire.port, wire.to.clone()), wire.chain);
        }
        let mut remotes = FxHashMap::default();
        for (c, chain) in set.chains.iter().enumerate() {
            for (s, step) in chain.steps.iter().enumerate() {
                if let Op::Remote(remote) = &step.op {
                    remotes.insert((c as u32, s), Arc::new(remote.clone()));
                }
            }
        }
        let tables = Tables::new(set.paths.clone(), regexes);
        let scope = Scope { paths: &tables.paths, regexes: &tables.regexes };
        let tests = set
            .chains
            .iter()
            .map(|chain| chain.steps.iter().map(|step| scope.step(step)).collect())
            .collect();
        let states = set.routers.iter().map(|_| State::default()).collect();
        Ok(Self { set, tables, tests, wires, remotes, states })
    }

    /// What it was made of.
    pub fn set(&self) -> &ChainSet {
        &self.set
    }

    /// The chain of a wire; 0, the empty one, when no router sits on it.
    pub fn chain_of(&self, from: &str, port: u32, to: &str) -> u32 {
        self.wires.get(from).and_then(|of| of.get(&(port, to.to_owned()))).copied().unwrap_or(0)
    }

    /// What a router did.
    pub fn counts(&self, router: u32) -> RouterCounts {
        let Some(state) = self.states.get(router as usize) else { return RouterCounts::default() };
        RouterCounts {
            absent: state.absent.iter().map(|(p, n)| (p.clone(), *n)).collect(),
            ..state.counts.clone()
        }
    }

    /// Takes over the state of the routers that another set has too: same layer, name and kind (Click's `take_state`).
    pub fn take_state(&mut self, old: &Self) {
        let key = |r: &ir::Router| (r.layer.clone(), r.name.clone(), r.kind.clone());
        let known: FxHashMap<_, usize> =
            old.set.routers.iter().enumerate().map(|(i, r)| (key(r), i)).collect();
        for (router, state) in self.set.routers.iter().zip(&mut self.states) {
            if let Some(before) = known.get(&key(router)).and_then(|i| old.states.get(*i)) {
                *state = before.clone();
            }
        }
    }

    /// Runs a message through a chain from a step on (0: the first). A chain that does not exist is the empty one.
    pub fn run(
        &mut self,
        chain: u32,
        wire: &ir::Wire,
        at: usize,
        msg: Message,
        host: &mut dyn Host,
    ) -> Verdict {
        let Self { set, tables, tests, remotes, states, .. } = self;
        let steps = set.chains.get(chain as usize).map(|chain| chain.steps.as_slice()).unwrap_or_default();
        let tests = tests.get(chain as usize).map(Vec::as_slice).unwrap_or_default();
        let mut going = Going { msg, redirect: None, wire, tables, host };
        // A message that was held goes on with the redirect that it had met before.
        for (step, tests) in steps.iter().zip(tests).take(at) {
            if let (Op::Redirect { to }, true) = (&step.op, going.applies(tests.when.as_ref())) {
                going.redirect = Some(to.clone());
            }
        }
        tables.absent.borrow_mut().clear();
        for (index, (step, tests)) in steps.iter().zip(tests).enumerate().skip(at) {
            let Some(state) = states.get_mut(step.router as usize) else { continue };
            let end = if going.applies(tests.when.as_ref()) {
                state.counts.seen += 1;
                let remote = || remotes.get(&(chain, index)).cloned();
                going.step(state, step, tests.keep.as_ref(), remote)
            } else {
                None
            };
            note_absent(state, tables);
            match end {
                None => {}
                Some(End::Stop { reason, as_error }) => {
                    state.counts.stopped += 1;
                    return Verdict::Stop { router: step.router, reason, as_error, msg: going.msg };
                }
                Some(End::Hold { kind, release_at_ms }) => {
                    state.counts.held += 1;
                    let next = if kind == HoldKind::Sink { index } else { index + 1 };
                    return Verdict::Hold { router: step.router, next, kind, release_at_ms, msg: going.msg };
                }
                Some(End::Remote(remote)) => {
                    state.counts.held += 1;
                    return Verdict::Remote { router: step.router, next: index + 1, remote, msg: going.msg };
                }
            }
        }
        match going.redirect {
            Some(to) => Verdict::Redirect { to, msg: going.msg },
            None => Verdict::Deliver(going.msg),
        }
    }
}

impl Scope<'_> {
    fn step(&self, step: &ir::Step) -> StepTests {
        let keep = match &step.op {
            Op::Keep(cond) => Some(self.test(cond)),
            _ => None,
        };
        StepTests { when: step.when.as_ref().map(|cond| self.test(cond)), keep }
    }
}

fn note_absent(state: &mut State, tables: &Tables) {
    for path in tables.absent.borrow_mut().drain(..) {
        let text = tables.paths.get(path as usize).map(|p| path_text(p)).unwrap_or_default();
        *state.absent.entry(text).or_default() += 1;
    }
}

/// A path as the language writes it: `msg.payload.beds[0]["soil pH"]`.
pub fn path_text(path: &[ir::Seg]) -> String {
    let mut out = String::from("msg");
    for seg in path {
        match seg {
            ir::Seg::Index(i) => out.push_str(&format!("[{i}]")),
            ir::Seg::Key(key) if is_name(key) => out.push_str(&format!(".{key}")),
            ir::Seg::Key(key) => out.push_str(&format!("[{}]", serde_json::Value::from(key.as_str()))),
        }
    }
    out
}

fn is_name(key: &str) -> bool {
    let mut chars = key.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// How a step ends a run; `None` in [`Going::step`] means that the message goes on.
enum End {
    Stop { reason: Option<String>, as_error: bool },
    Hold { kind: HoldKind, release_at_ms: f64 },
    Remote(Arc<ir::Remote>),
}

/// A message on its way.
struct Going<'a> {
    msg: Message,
    redirect: Option<String>,
    wire: &'a ir::Wire,
    tables: &'a Tables,
    host: &'a mut dyn Host,
}

impl Going<'_> {
    fn applies(&mut self, when: Option<&Test>) -> bool {
        when.is_none_or(|test| self.holds(test))
    }

    fn holds(&mut self, test: &Test) -> bool {
        let host = &mut *self.host;
        test.holds(&self.msg, &mut Cx { random: &mut || host.random(), absent: &self.tables.absent })
    }

    fn value(&mut self, operand: &ir::Operand) -> Option<Value> {
        let host = &mut *self.host;
        self.tables.value(operand, &self.msg, &mut || host.random())
    }

    fn step(
        &mut self,
        state: &mut State,
        step: &ir::Step,
        keep: Option<&Test>,
        remote: impl Fn() -> Option<Arc<ir::Remote>>,
    ) -> Option<End> {
        let end = match &step.op {
            Op::Keep(_) => {
                let passes = keep.is_none_or(|test| self.holds(test));
                (!passes).then_some(End::Stop { reason: None, as_error: false })
            }
            Op::Halt { reason, as_error } => Some(End::Stop { reason: reason.clone(), as_error: *as_error }),
            Op::Set(changes) => {
                changes.iter().for_each(|change| self.change(change));
                None
            }
            Op::Redirect { to } => {
                self.redirect = Some(to.clone());
                None
            }
            Op::Limit(limit) => self.limit(state, limit),
            Op::Tap(tap) => self.tap(state, step.router, tap),
            Op::Break(brk) => self.hold(state, step.router, brk),
            Op::Remote(_) => remote().map(End::Remote),
            Op::Call(call) => self.call(step.router, call),
        };
        if end.is_none() {
            state.counts.passed += 1;
        }
        end
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Assign(path, operand) => {
                let value = self.value(operand);
                if let (Some(value), Some(path)) = (value, self.tables.paths.get(*path as usize)) {
                    self.msg.set_at(path, value);
                }
            }
            Change::Delete(path) => {
                if let Some(path) = self.tables.paths.get(*path as usize) {
                    self.msg.delete_at(path);
                }
            }
        }
    }

    fn key(&mut self, operand: Option<&ir::Operand>) -> String {
        let Some(operand) = operand else { return String::new() };
        let mut key = String::new();
        if let Some(json) = self.value(operand).and_then(|value| value.to_json()) {
            canonical(&json, &mut key);
        }
        key
    }

    fn limit(&mut self, state: &mut State, limit: &ir::Limit) -> Option<End> {
        let now = self.host.now_ms();
        let stop = || Some(End::Stop { reason: None, as_error: false });
        if let Some(distinct) = &limit.distinct {
            let key = self.key(Some(&distinct.by));
            let last = state.last_seen.entry(&key, limit.max_keys, || f64::NEG_INFINITY);
            if now - *last < distinct.within_ms {
                return stop();
            }
            *last = now;
        }
        let rate = limit.rate.as_ref()?;
        let key = self.key(limit.per.as_ref());
        let bucket =
            state.buckets.entry(&key, limit.max_keys, || Bucket { tokens: rate.burst.max(1.0), at_ms: now });
        let Over::Hold { max } = limit.over else {
            return if bucket.take(rate, now) { None } else { stop() };
        };
        let release = state.releases.entry(&key, limit.max_keys, || f64::NEG_INFINITY);
        // Those held keep their order: nobody passes while one that came before still waits.
        if *release <= now && bucket.take(rate, now) {
            return None;
        }
        let interval = rate.per_ms / rate.count;
        let at = release.max(now) + interval;
        if ((at - now) / interval).ceil() > max as f64 {
            return stop();
        }
        *release = at;
        bucket.at_ms = at;
        bucket.tokens = 0.0;
        Some(End::Hold { kind: HoldKind::Limit, release_at_ms: at })
    }

    fn tap(&mut self, state: &mut State, router: u32, tap: &ir::Tap) -> Option<End> {
        let now = self.host.now_ms();
        state.matched += 1;
        if !state.matched.is_multiple_of(tap.every.max(1)) {
            return None;
        }
        if let Some(rate) = &tap.at_most {
            let bucket = state.tap_bucket.get_or_insert(Bucket { tokens: rate.burst.max(1.0), at_ms: now });
            if !bucket.take(rate, now) {
                return None;
            }
        }
        let copy = self.select(&tap.select);
        match self.host.tap(router, tap, self.wire, copy) {
            TapResult::Taken => None,
            TapResult::Dropped => {
                state.counts.dropped_copies += 1;
                None
            }
            TapResult::Full => {
                // The same message comes again: it must not count twice.
                state.matched -= 1;
                state.counts.seen -= 1;
                Some(End::Hold { kind: HoldKind::Sink, release_at_ms: now + SINK_RETRY_MS })
            }
        }
    }

    fn select(&self, select: &Select) -> Message {
        let path = |i: &u32| self.tables.paths.get(*i as usize);
        match select {
            Select::Whole => self.msg.clone(),
            Select::Omit(paths) => {
                let mut copy = self.msg.clone();
                paths.iter().filter_map(path).for_each(|path| {
                    copy.delete_at(path);
                });
                copy
            }
            Select::Only(paths) => {
                let mut copy = Message::new();
                for path in paths.iter().filter_map(path) {
                    if let Some(value) = self.msg.at(path) {
                        copy.set_at(path, value.clone());
                    }
                }
                copy
            }
        }
    }

    fn hold(&mut self, state: &mut State, router: u32, brk: &ir::Break) -> Option<End> {
        state.matched += 1;
        if state.matched < brk.hits {
            return None;
        }
        if let Some(parts) = &brk.log {
            let text: String = parts.iter().map(|part| self.log_part(part)).collect();
            self.host.log(router, &text);
            return None;
        }
        let release_at_ms = self.host.now_ms() + brk.for_ms;
        Some(End::Hold { kind: HoldKind::Break { pass: brk.then_pass }, release_at_ms })
    }

    fn log_part(&mut self, part: &LogPart) -> String {
        match part {
            LogPart::Text(text) => text.clone(),
            LogPart::Value(operand) => match self.value(operand) {
                None => "absent".to_owned(),
                Some(Value::Text(text)) => text.to_string(),
                Some(value) => value.to_json().unwrap_or_default().to_string(),
            },
        }
    }

    fn call(&mut self, router: u32, call: &ir::Call) -> Option<End> {
        let msg = std::mem::take(&mut self.msg);
        let (msg, end) = match self.host.call(router, call, self.wire, msg) {
            CallResult::Pass(msg) => (msg, None),
            CallResult::Stop(msg, reason) => (msg, Some(End::Stop { reason: Some(reason), as_error: false })),
            CallResult::Fault(msg, text) => {
                let stop = |as_error| Some(End::Stop { reason: Some(text.clone()), as_error });
                let end = match call.on_fault {
                    ir::OnFault::Pass => None,
                    ir::OnFault::Halt => stop(false),
                    ir::OnFault::Error => stop(true),
                };
                (msg, end)
            }
        };
        self.msg = msg;
        end
    }
}

/// How soon a message that waits for room in a sink tries again, milliseconds.
const SINK_RETRY_MS: f64 = 5.0;
