//! The running form of a chain set, and how one message runs through the chain of its wire.

use arcstr::ArcStr;
use regex::Regex;
use rustc_hash::FxHashMap;

use crate::cond::{Code, Scope};
use crate::format::{self, FormatError};
use crate::host::{HoldKind, Host, Position, Verdict};
use crate::ir::{self, ChainSet};
use crate::message::Message;
use crate::slot::Slot;
use crate::state::{RouterCounts, States, path_text};
use crate::step::{Act, End, Going, Rare, Step};
use crate::table::{Candidate, Table};
use crate::tally::Tally;

/// A chain set made ready to run. Nothing in it changes but what it remembers to be fast, so it can be made on another
/// thread than the one it runs on.
#[derive(Debug)]
pub struct Linked {
    set: ChainSet,
    chains: Box<[Chain]>,
    wires: FxHashMap<String, FxHashMap<(u32, String), u32>>,
}

/// A chain.
#[derive(Debug, Default)]
struct Chain {
    /// The conditions of all steps.
    code: Code,
    steps: Box<[Step]>,
    /// In order, and apart from each other.
    tables: Box<[Table]>,
    /// When there are steps that see all messages.
    tally: Option<Tally>,
}

impl Linked {
    /// Checks a chain set and makes it ready to run.
    ///
    /// # Errors
    /// What [`format::check`] finds: indices out of range, expressions that do not compile, and the like.
    pub fn link(set: ChainSet) -> Result<Self, FormatError> {
        format::check(&set)?;
        let regexes: Vec<Regex> = set.regexes.iter().filter_map(|regex| format::regex(regex).ok()).collect();
        let scope = Scope { paths: &set.paths, regexes: &regexes };
        let chains = set.chains.iter().map(|chain| Chain::new(chain, &scope)).collect();
        let mut wires: FxHashMap<String, FxHashMap<(u32, String), u32>> = FxHashMap::default();
        for wire in &set.wires {
            wires.entry(wire.from.clone()).or_default().insert((wire.port, wire.to.clone()), wire.chain);
        }
        Ok(Self { set, chains, wires })
    }

    /// What it was made of.
    pub fn set(&self) -> &ChainSet {
        &self.set
    }

    /// The chain of a wire; 0, the empty one, when no router sits on it.
    pub fn chain_of(&self, from: &str, port: u32, to: &str) -> u32 {
        self.wires.get(from).and_then(|of| of.get(&(port, to.to_owned()))).copied().unwrap_or(0)
    }

    /// Joins it to the states of an engine's routers; routers that are known there go on with what they have.
    pub fn bind(mut self, states: &mut States) -> Running {
        let slots = states.bind(&self.set.routers);
        for step in self.chains.iter_mut().flat_map(|chain| &mut chain.steps) {
            step.slot = slots.get(step.router as usize).copied().unwrap_or(u32::MAX);
        }
        Running { linked: self, slots }
    }
}

impl Chain {
    fn new(chain: &ir::Chain, scope: &Scope<'_>) -> Self {
        let mut code = Code::default();
        let steps: Box<[Step]> = chain.steps.iter().map(|step| scope.step(step, &mut code)).collect();
        let tables =
            chain.tables.iter().filter_map(|table| Table::new(table, &steps, &code, scope)).collect();
        let tally = steps.iter().any(|step| step.sees_all).then(|| Tally::new(steps.len()));
        Self { code, steps, tables, tally }
    }
}

/// A chain set that runs: a [`Linked`] joined to the states of its routers. Its counts are exact as long as one thread
/// runs it at a time.
#[derive(Debug)]
pub struct Running {
    linked: Linked,
    /// Where the states of its routers are.
    slots: Box<[u32]>,
}

/// What came of one step of a message.
#[derive(Debug)]
pub enum Stepped {
    /// The message stands before the next step.
    Next(Position, Message),
    /// It left its chain.
    Ended(Verdict),
}

impl Running {
    /// What it was made of.
    pub fn set(&self) -> &ChainSet {
        &self.linked.set
    }

    /// The chain of a wire; 0, the empty one, when no router sits on it.
    pub fn chain_of(&self, from: &str, port: u32, to: &str) -> u32 {
        self.linked.chain_of(from, port, to)
    }

    /// Runs a message through a chain. A chain that does not exist is the empty one.
    #[inline]
    pub fn run<H: Host + ?Sized>(&self, chain: u32, wire: &ir::Wire, msg: Message, host: &mut H) -> Verdict {
        let Some(code) = self.linked.chains.get(chain as usize) else { return Verdict::Deliver(msg) };
        if let [table] = &*code.tables
            && table.from == 0
            && table.to as usize == code.steps.len()
        {
            return code.by_table(chain, table, wire, msg, host);
        }
        if !code.tables.is_empty() {
            return code.finish(chain, Going::new(msg, wire, host), |going| code.run_from(0, going));
        }
        code.enter(0);
        // Filters need the message alone: as long as nothing but filters has met it, nothing else is made for it.
        for (number, step) in (0..).zip(&code.steps) {
            if !code.code.holds(step.guard, &msg, host) {
                continue;
            }
            if let Act::Halt { reason, as_error } = &step.act {
                return code.halts(number, step, (reason, *as_error), msg, host);
            }
            if !step.sees_all {
                return code.acts(chain, number, step, Going::new(msg, wire, host));
            }
            code.end(number);
            if let Some(counts) = host.states().counts(step.slot) {
                counts.stopped += 1;
            }
            return Verdict::Stop { router: step.router, reason: None, as_error: false, msg };
        }
        Verdict::Deliver(msg)
    }

    /// Goes on with a message that left its chain on the way.
    pub fn resume<H: Host + ?Sized>(
        &self,
        at: Position,
        wire: &ir::Wire,
        msg: Message,
        host: &mut H,
    ) -> Verdict {
        let Some(code) = self.linked.chains.get(at.chain as usize) else { return Verdict::Deliver(msg) };
        let going = Going::new(msg, wire, host).redirected(at.redirect);
        code.finish(at.chain, going, |going| code.run_from(at.step, going))
    }

    /// Runs the one step at a position.
    pub fn step<H: Host + ?Sized>(
        &self,
        at: Position,
        wire: &ir::Wire,
        msg: Message,
        host: &mut H,
    ) -> Stepped {
        let mut going = Going::new(msg, wire, host).redirected(at.redirect);
        let code = self.linked.chains.get(at.chain as usize);
        let Some((code, step)) = code.and_then(|code| Some((code, code.steps.get(at.step as usize)?))) else {
            return Stepped::Ended(delivered(going));
        };
        code.enter(at.step);
        match code.one(step, step.guard, &mut going) {
            Some(end) => Stepped::Ended(code.ended(at.chain, at.step, end, going)),
            None if at.step as usize + 1 == code.steps.len() => Stepped::Ended(delivered(going)),
            None => {
                code.end(at.step);
                let redirect = going.rare.and_then(|rare| rare.redirect);
                Stepped::Next(Position { chain: at.chain, step: at.step + 1, redirect }, going.msg)
            }
        }
    }

    /// What a router did.
    pub fn counts(&self, router: u32, states: &mut States) -> RouterCounts {
        self.settle(states);
        states.view(self.slot(router))
    }

    /// A number for a router that is the same in every stack of its engine.
    pub fn slot(&self, router: u32) -> u32 {
        self.slots.get(router as usize).copied().unwrap_or(u32::MAX)
    }

    /// A message that a router held goes on, or is stopped.
    pub fn released(&self, router: u32, stopped: bool, states: &mut States) {
        if let Some(counts) = states.counts(self.slot(router)) {
            counts.released += 1;
            counts.stopped += u64::from(stopped);
        }
    }

    /// A message that a router would have sent to another runtime goes on here, or is stopped.
    pub fn not_sent(&self, router: u32, stopped: bool, states: &mut States) {
        if let Some(counts) = states.counts(self.slot(router)) {
            counts.remote = counts.remote.saturating_sub(1);
            counts.stopped += u64::from(stopped);
        }
    }

    /// Brings what was counted beside the states (absent paths, steps that tables passed over) into them.
    pub fn settle(&self, states: &mut States) {
        for chain in &self.linked.chains {
            for step in &chain.steps {
                let mut slots: Vec<&Slot> = Vec::new();
                step.slots(&chain.code, &mut slots);
                for slot in slots {
                    self.absent(step, slot.path(), slot.take_absent(), states);
                }
            }
            let came = chain.tally.iter().flat_map(Tally::take);
            for (step, came) in chain.steps.iter().zip(came).filter(|(step, _)| step.sees_all) {
                if let Some(counts) = states.counts(step.slot) {
                    counts.seen = counts.seen.wrapping_add(came);
                }
            }
            for table in &chain.tables {
                let Some((times, steps)) = table.take_absent(&chain.steps, &chain.code) else { continue };
                for step in steps.iter().filter_map(|step| chain.steps.get(*step as usize)) {
                    self.absent(step, table.path(), times, states);
                }
            }
        }
    }

    fn absent(&self, step: &Step, path: u32, times: u64, states: &mut States) {
        if times == 0 {
            return;
        }
        let (Some(path), Some(state)) = (self.linked.set.paths.get(path as usize), states.at(step.slot))
        else {
            return;
        };
        *state.absent.entry(path_text(path)).or_default() += times;
    }

    /// Gives its states back; those that no other stack uses are forgotten.
    pub fn retire(self, states: &mut States) {
        self.settle(states);
        states.unbind(&self.linked.set.routers);
    }
}

impl Chain {
    /// What becomes of a message that runs so.
    fn finish<'a, H: Host + ?Sized>(
        &self,
        chain: u32,
        mut going: Going<'a, H>,
        run: impl FnOnce(&mut Going<'a, H>) -> Option<(u32, End)>,
    ) -> Verdict {
        match run(&mut going) {
            Some((step, end)) => self.ended(chain, step, end, going),
            None => delivered(going),
        }
    }

    /// A step acts on a message that only filters have met, in a chain without tables; then the rest runs.
    #[inline(never)]
    fn acts<H: Host + ?Sized>(&self, chain: u32, number: u32, step: &Step, going: Going<'_, H>) -> Verdict {
        self.finish(chain, going, |going| {
            let rest = || self.steps.get(number as usize + 1..).unwrap_or_default();
            match going.step(step) {
                Some(end) => Some((number, end)),
                None => self.plain(number + 1, rest(), going),
            }
        })
    }

    /// Runs the steps from one on; the step and the end of the message when it ends on the way.
    fn run_from<H: Host + ?Sized>(&self, at: u32, going: &mut Going<'_, H>) -> Option<(u32, End)> {
        self.enter(at);
        let mut at = at;
        for table in &self.tables {
            if table.to <= at {
                continue;
            }
            let before = self.steps.get(at as usize..table.from as usize).unwrap_or_default();
            let end = self.plain(at, before, going).or_else(|| self.look_up(table, at, going));
            if end.is_some() {
                return end;
            }
            at = table.to;
        }
        self.plain(at, self.steps.get(at as usize..).unwrap_or_default(), going)
    }

    /// What most rules do needs nothing of what is made for the others.
    #[inline]
    fn halts<H: Host + ?Sized>(
        &self,
        number: u32,
        step: &Step,
        (reason, as_error): (&Option<ArcStr>, bool),
        msg: Message,
        host: &mut H,
    ) -> Verdict {
        if let Some(counts) = host.states().counts(step.slot) {
            counts.seen += 1;
            counts.stopped += 1;
        }
        self.end(number);
        Verdict::Stop { router: step.router, reason: reason.clone(), as_error, msg }
    }

    /// A chain that is one table: as long as no step acts, nothing is made for the message.
    #[inline]
    fn by_table<H: Host + ?Sized>(
        &self,
        chain: u32,
        table: &Table,
        wire: &ir::Wire,
        msg: Message,
        host: &mut H,
    ) -> Verdict {
        self.enter(0);
        let list = table.find(&msg);
        let quick = table.quick(list, &msg);
        if let Some((number, acts)) = quick {
            let step = self.steps.get(number as usize).filter(|_| acts);
            let Some(step) = step else { return Verdict::Deliver(msg) };
            if let Act::Halt { reason, as_error } = &step.act {
                return self.halts(number, step, (reason, *as_error), msg, host);
            }
        }
        self.finish(chain, Going::new(msg, wire, host), |going| match quick {
            Some((number, _)) => self.act(self.steps.get(number as usize)?, going).map(|end| (number, end)),
            None => self.candidates(table.list(list), 0, going),
        })
    }

    /// Runs these steps, of which the first has this number.
    #[inline]
    fn plain<H: Host + ?Sized>(
        &self,
        first: u32,
        steps: &[Step],
        going: &mut Going<'_, H>,
    ) -> Option<(u32, End)> {
        for (number, step) in (first..).zip(steps) {
            if let Some(end) = self.one(step, step.guard, going) {
                return Some((number, end));
            }
        }
        None
    }

    /// Runs the steps that a table says can act, from one on.
    fn look_up<H: Host + ?Sized>(
        &self,
        table: &Table,
        at: u32,
        going: &mut Going<'_, H>,
    ) -> Option<(u32, End)> {
        let list = table.find(&going.msg);
        if let Some((number, acts)) = table.quick(list, &going.msg) {
            let step = self.steps.get(number as usize).filter(|_| acts && number >= at)?;
            return self.act(step, going).map(|end| (number, end));
        }
        self.candidates(table.list(list), at, going)
    }

    /// Runs those of some steps that act, from one on.
    #[inline]
    fn candidates<H: Host + ?Sized>(
        &self,
        some: &[Candidate],
        at: u32,
        going: &mut Going<'_, H>,
    ) -> Option<(u32, End)> {
        for candidate in some.iter().filter(|candidate| candidate.step >= at) {
            let Some(step) = self.steps.get(candidate.step as usize) else { continue };
            if let Some(end) = self.one(step, candidate.guard, going) {
                return Some((candidate.step, end));
            }
        }
        None
    }

    #[inline]
    fn one<H: Host + ?Sized>(&self, step: &Step, guard: u32, going: &mut Going<'_, H>) -> Option<End> {
        if !self.code.holds(guard, &going.msg, going.host) {
            return None;
        }
        self.act(step, going)
    }

    /// Runs a step that acts on the message.
    #[inline]
    fn act<H: Host + ?Sized>(&self, step: &Step, going: &mut Going<'_, H>) -> Option<End> {
        if step.sees_all {
            if let Some(counts) = going.host.states().counts(step.slot) {
                counts.stopped += 1;
            }
            return Some(End::Stop);
        }
        going.step(step)
    }

    #[inline]
    fn enter(&self, step: u32) {
        if let Some(tally) = &self.tally {
            tally.enter(step);
        }
    }

    fn end(&self, step: u32) {
        if let Some(tally) = &self.tally {
            tally.end(step);
        }
    }

    #[inline]
    fn ended<H: Host + ?Sized>(&self, chain: u32, number: u32, end: End, going: Going<'_, H>) -> Verdict {
        // A message that waits for a sink comes to the same step again.
        self.end(number);
        let Going { msg, release_at_ms, mut rare, .. } = going;
        let Some(step) = self.steps.get(number as usize) else { return Verdict::Deliver(msg) };
        let router = step.router;
        let position = |step: u32, rare: Option<Box<Rare>>| Position {
            chain,
            step,
            redirect: rare.and_then(|rare| rare.redirect),
        };
        match (end, &step.act) {
            (End::Stop, Act::Halt { reason, as_error }) => {
                Verdict::Stop { router, reason: reason.clone(), as_error: *as_error, msg }
            }
            (End::Hold(kind), _) => {
                let step = if kind == HoldKind::Sink { number } else { number + 1 };
                Verdict::Hold { router, at: position(step, rare), kind, release_at_ms, msg }
            }
            (End::Remote, Act::Remote(remote, _)) => {
                let key = rare.as_mut().and_then(|rare| rare.key.take());
                Verdict::Remote { router, at: position(number + 1, rare), remote: remote.clone(), key, msg }
            }
            (End::Stop | End::Remote, _) => {
                let said = rare.and_then(|rare| rare.said);
                let (reason, as_error) =
                    said.map_or((None, false), |(reason, as_error)| (Some(reason), as_error));
                Verdict::Stop { router, reason, as_error, msg }
            }
        }
    }
}

#[inline]
fn delivered<H: Host + ?Sized>(going: Going<'_, H>) -> Verdict {
    match going.rare.and_then(|rare| rare.redirect) {
        Some(to) => Verdict::Redirect { to, msg: going.msg },
        None => Verdict::Deliver(going.msg),
    }
}
