//! Routers in the light of those before them: what no message reaches, what earlier routers have decided, and what is
//! there twice.

use std::cell::Cell;

use route_chain::ir::{Op, Path};
use route_grammar::{Diagnostic, FileId, Severity, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use super::carrying::{Carrying, Left};
use super::decided::{self, Decided, Promised};
use super::graph::{same_router, tap_before_set, unreachable_router};
use super::types::{always_false, always_true};
use crate::analysis::atoms::{Atoms, Test};
use crate::analysis::facts::{Facts, Outcome};
use crate::analysis::promises::promises;
use crate::analysis::walk::{Prepared, walk};
use crate::hir::{Body, Kind, Router};
use crate::lowered::Lowered;
use crate::resolver::Resolver;
use crate::schema::Carried;

/// Steps of distinct chains that are looked at; what the chains beyond would say is not said.
const MAX_STEPS: usize = 2_000_000;
/// Earlier routers that are asked whether they alone are the reason.
const MAX_ASKED: usize = 200;
/// Steps that are walked for reasons; what is found when they are used up is told without one.
const MAX_WALKED: usize = 5_000_000;
/// Routers that are named together as the reason.
const MAX_NAMED: usize = 3;

/// Which of a step's tests is asked.
type Pick<'p> = &'p dyn Fn(&Prepared) -> Option<Test>;

/// What the chains say of one router.
#[derive(Clone, Debug, Default)]
struct Said {
    /// It sits on a chain, and all chains that it sits on were looked at.
    seen: bool,
    /// On some chain messages come to it.
    comes: bool,
    /// On some chain it applies to some of them.
    applies: bool,
    /// On some chain there are messages that it does not apply to.
    when_open: bool,
    /// On some chain there are messages that its filter does not keep, and such that it keeps.
    stops: bool,
    keeps: bool,
    /// A chain and the place of its step there.
    example: (usize, usize),
}

/// Rules on routers as they stand in chains.
pub(crate) fn check<'a>(
    routers: &'a [Router],
    carried: &'a [Carried],
    lowered: &mut Lowered,
    resolver: &mut Resolver<'a>,
) {
    let (mut atoms, steps) = lowered.prepared();
    let broken = broken(routers, resolver);
    let paths = lowered.lowerer.paths.items.clone();
    let mut carrying = Carrying::new(carried);
    let mut known: FxHashMap<u32, Outcome> = FxHashMap::default();
    for (at, router) in (0..).zip(routers) {
        let left = carrying.at(router);
        carrying.pass(router);
        if broken.contains(&at) {
            continue;
        }
        let promised = left.map(|left| promised(&left, &paths)).unwrap_or_default();
        if let Some(outcome) = decided::check(router, promised, &mut lowered.lowerer, &mut atoms, resolver) {
            known.insert(at, outcome);
        }
    }
    let walked = Cell::new(0);
    let chains = Chains { lowered, steps: &steps, atoms: &atoms, broken: &broken, walked };
    let Some(said) = chains.say(routers.len()) else { return };
    for (at, router) in (0..).zip(routers).filter(|(at, _)| !broken.contains(at)) {
        let Some(said) = said.get(at as usize).filter(|said| said.seen) else { continue };
        chains.report(at, router, said, known.get(&at).copied(), routers, resolver);
    }
    twice(routers, &chains, resolver);
    tap_before_set::check(routers, lowered, (&atoms, &steps), &broken, resolver);
    super::way::check(routers, lowered, (&atoms, &steps), &broken, resolver);
}

/// What is left of a schema, as the values that may stand at each of the paths.
fn promised<'a>(left: &Left<'a>, paths: &[Path]) -> Promised<'a> {
    let held = (0..).zip(paths).filter(|(_, path)| left.holds(path));
    Promised { carried: Some(left.carried), sets: promises(&left.carried.shape, held) }
}

/// Routers of which something is wrong already: what follows from them would only confuse.
fn broken(routers: &[Router], resolver: &Resolver<'_>) -> FxHashSet<u32> {
    let mut by_place: Vec<(FileId, Span, u32)> =
        (0..).zip(routers).map(|(at, router)| (router.file, router.span, at)).collect();
    by_place.sort_unstable();
    let inside = |d: &Diagnostic| {
        let at = by_place
            .partition_point(|(file, span, _)| (*file, span.start) <= (d.primary.file, d.primary.span.start));
        let (file, span, router) = by_place.get(at.checked_sub(1)?)?;
        (*file == d.primary.file && d.primary.span.end <= span.end).then_some(*router)
    };
    let errors = resolver.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let has_error = |router: &Router| {
        let mut broken = false;
        router.exprs().iter().for_each(|e| e.walk(&mut |part| broken |= part.kind == Kind::Error));
        broken
    };
    let unresolved = (0..).zip(routers).filter(|(_, router)| has_error(router)).map(|(at, _)| at);
    errors.filter_map(inside).chain(unresolved).collect()
}

struct Chains<'a> {
    lowered: &'a Lowered,
    steps: &'a [Prepared],
    atoms: &'a Atoms,
    broken: &'a FxHashSet<u32>,
    /// Steps walked for reasons so far.
    walked: Cell<usize>,
}

impl Chains<'_> {
    /// `None`: there are too many steps.
    fn say(&self, routers: usize) -> Option<Vec<Said>> {
        let many: usize = self.lowered.chains.iter().map(|chain| chain.steps.len()).sum();
        if many > MAX_STEPS {
            return None;
        }
        let mut said = vec![Said::default(); routers];
        for (number, chain) in self.lowered.chains.iter().enumerate() {
            let own = |step: &Prepared| !self.broken.contains(&step.router);
            walk(&chain.steps, self.steps, self.atoms, Facts::default(), &own, &mut |at, step, facts| {
                let Some(said) = said.get_mut(step.router as usize) else { return };
                said.see((number, at), step, facts, self.atoms);
            });
        }
        Some(said)
    }

    fn report(
        &self,
        number: u32,
        router: &Router,
        said: &Said,
        alone: Option<Outcome>,
        routers: &[Router],
        resolver: &mut Resolver<'_>,
    ) {
        if !said.comes || (!said.applies && alone != Some(Outcome::Never)) {
            let (takers, many) = self.causes(said, number, routers, None, Outcome::Never);
            unreachable_router::report(router, &takers, many, resolver);
            return;
        }
        if let ([when], false, true) =
            (router.when.as_slice(), said.when_open, alone != Some(Outcome::Always))
        {
            let test = |step: &Prepared| step.when.clone();
            let (causes, _) = self.causes(said, number, routers, Some(&test), Outcome::Always);
            if reads_message(when) {
                always_true::report(&Decided::by_others(router, when, &causes), resolver);
            }
        }
        let Body::Filter(tests) = &router.body else { return };
        let ([(keep, test)], true) = (tests.as_slice(), router.when.is_empty()) else { return };
        let alone = |wanted: Outcome| {
            let keep = self.step(said).and_then(|step| step.keep.as_ref());
            keep.is_some_and(|keep| Facts::default().decide(keep, self.atoms) == wanted)
        };
        let of = |step: &Prepared| step.keep.clone();
        if said.stops == said.keeps || !reads_message(test) {
            return;
        }
        let outcome = if said.stops { Outcome::Never } else { Outcome::Always };
        if alone(outcome) {
            return;
        }
        let (causes, _) = self.causes(said, number, routers, Some(&of), outcome);
        let found = Decided::by_others(router, test, &causes);
        if (outcome == Outcome::Always) == *keep {
            always_true::report(&found, resolver);
        } else {
            always_false::report(&found, resolver);
        }
    }

    fn step(&self, said: &Said) -> Option<&Prepared> {
        let (chain, at) = said.example;
        let step = self.lowered.chains.get(chain)?.steps.get(at)?;
        self.steps.get(*step as usize)
    }

    /// The routers before it that make it so: one that does alone, or some that have to do with it and whether there are
    /// more of those.
    fn causes<'r>(
        &self,
        said: &Said,
        number: u32,
        routers: &'r [Router],
        test: Option<Pick<'_>>,
        wanted: Outcome,
    ) -> (Vec<&'r Router>, bool) {
        let (chain, at) = said.example;
        let Some(chain) = self.lowered.chains.get(chain) else { return (Vec::new(), false) };
        let before: Vec<u32> = chain
            .steps
            .iter()
            .take(at)
            .filter_map(|step| self.steps.get(*step as usize))
            .filter(|step| step.ends.is_some() && !self.broken.contains(&step.router))
            .map(|step| step.router)
            .collect();
        // With these routers alone, is it so?
        let decides = |some: &dyn Fn(u32) -> bool| {
            let mut so = false;
            self.walked.set(self.walked.get() + at);
            if self.walked.get() > MAX_WALKED {
                return false;
            }
            let own = |step: &Prepared| step.router == number || some(step.router);
            let way = chain.steps.get(..=at).unwrap_or_default();
            walk(way, self.steps, self.atoms, Facts::default(), &own, &mut |here, step, facts| {
                if here == at {
                    so = match test.map_or_else(|| step.when.clone(), |test| test(step)) {
                        _ if facts.is_dead() => wanted == Outcome::Never,
                        Some(test) => facts.decide(&test, self.atoms) == wanted,
                        None => false,
                    };
                }
            });
            so
        };
        let router = |at: &u32| routers.get(*at as usize);
        if let Some(one) = before.iter().rev().take(MAX_ASKED).find(|one| decides(&|router| router == **one))
        {
            return (router(one).into_iter().collect(), false);
        }
        // Without which of them is it not so?
        if self.walked.get() > MAX_WALKED {
            return (Vec::new(), false);
        }
        let needed: Vec<u32> = before
            .iter()
            .rev()
            .take(MAX_ASKED)
            .filter(|one| !decides(&|router| router != **one))
            .copied()
            .collect();
        let shown = if needed.is_empty() { &before } else { &needed };
        let many = needed.len() > MAX_NAMED || needed.is_empty();
        (shown.iter().take(MAX_NAMED).filter_map(router).collect(), many)
    }
}

impl Said {
    fn see(&mut self, place: (usize, usize), step: &Prepared, facts: &mut Facts, atoms: &Atoms) {
        self.seen = true;
        self.example = place;
        if facts.is_dead() {
            return;
        }
        self.comes = true;
        let when = step.when.as_ref().map_or(Outcome::Always, |when| facts.decide(when, atoms));
        self.applies |= when != Outcome::Never;
        self.when_open |= when != Outcome::Always;
        if let Some(keep) = &step.keep {
            let keep = facts.decide(keep, atoms);
            self.stops |= keep != Outcome::Always;
            self.keeps |= keep != Outcome::Never;
        }
    }
}

fn reads_message(e: &crate::hir::Expr) -> bool {
    let mut reads = false;
    e.walk(&mut |part| reads |= matches!(part.kind, Kind::Msg(_)));
    reads
}

/// Routers that do again what one before them did.
fn twice(routers: &[Router], chains: &Chains<'_>, resolver: &mut Resolver<'_>) {
    // What a router does, as its steps have it, with the number of messages changed before it.
    let mut known: FxHashMap<(String, usize), u32> = FxHashMap::default();
    let mut changes = 0;
    // Printing what a router does takes long, so only those that share their wires with another are looked at.
    let mut sharing: FxHashMap<&[u32], u32> = FxHashMap::default();
    routers.iter().for_each(|router| *sharing.entry(&router.wires).or_default() += 1);
    let shares = |router: &Router| sharing.get(router.wires.as_slice()).is_some_and(|count| *count > 1);
    let mut steps_of: FxHashMap<u32, Vec<&route_chain::ir::Step>> = FxHashMap::default();
    for at in 0..chains.steps.len() as u32 {
        if let Some(step) = chains.lowered.step(at) {
            steps_of.entry(step.router).or_default().push(step);
        }
    }
    for (at, router) in (0..).zip(routers) {
        match &router.body {
            Body::Set(_) | Body::Ready(Op::Call(_)) => changes += 1,
            Body::Tap { .. } | Body::Limit { .. } | Body::Break { .. } | Body::Ready(Op::Redirect { .. }) => {
                let own = |_: &&Vec<_>| shares(router) && !chains.broken.contains(&at);
                let Some(steps) = steps_of.get(&at).filter(own) else {
                    continue;
                };
                let does: Vec<_> = steps.iter().map(|step| (&step.when, &step.op)).collect();
                let random = router.exprs().iter().any(|e| {
                    let mut random = false;
                    e.walk(&mut |part| random |= matches!(part.kind, Kind::Sample(..)));
                    random
                });
                let key = (format!("{}{:?}{does:?}", router.info.layer, router.wires), changes);
                match known.get(&key).and_then(|earlier| routers.get(*earlier as usize)) {
                    Some(earlier) if !random => same_router::report(router, earlier, resolver),
                    Some(_) => {}
                    None => drop(known.insert(key, at)),
                }
            }
            _ => {}
        }
    }
}
