//! Conditions, and parts of them, whose outcome is known from the condition alone.

use route_grammar::{Diagnostic, FileId, Span};

use super::types::{always_false, always_true};
use crate::analysis::atoms::{Atoms, Test};
use crate::analysis::facts::{Facts, Outcome};
use crate::analysis::set::Set;
use crate::hir::{Body, Expr, Kind, Router};
use crate::lower::Lowerer;
use crate::resolver::Resolver;
use crate::schema::Carried;

/// Parts that are named as the reason at the most.
const MAX_CAUSES: usize = 3;

/// A part of a condition with a known outcome.
pub(crate) struct Decided<'a> {
    pub(crate) router: &'a Router,
    pub(crate) part: &'a Expr,
    /// It is the condition, not a part of it.
    pub(crate) whole: bool,
    /// The parts, or routers, that make it so.
    pub(crate) causes: Vec<(FileId, Span)>,
    /// The schema that makes it so, alone or with them.
    pub(crate) promised: Option<&'a Carried>,
    /// Its neighbours in a row that is joined by `and`.
    neighbours: (Option<&'a Expr>, Option<&'a Expr>),
}

impl<'a> Decided<'a> {
    /// A condition that others than its own parts decide.
    pub(crate) fn by_others(router: &'a Router, part: &'a Expr, causes: &[&Router]) -> Self {
        let causes = causes.iter().map(|router| (router.file, router.name_span)).collect();
        Self { router, part, whole: true, causes, promised: None, neighbours: (None, None) }
    }

    /// The part as written, or what it belongs to.
    pub(crate) fn words(&self, resolver: &Resolver<'_>) -> String {
        let source = resolver.sources.get(self.part.file);
        let text = source.and_then(|source| source.text.get(self.part.span.range())).unwrap_or_default();
        if !self.whole && !text.is_empty() && text.len() <= 60 && !text.contains('\n') {
            return format!("`{text}`");
        }
        format!("the condition of {} `{}`", self.router.info.kind, self.router.info.name)
    }

    /// Says at each cause why.
    pub(crate) fn because(&self, mut d: Diagnostic, why: &str) -> Diagnostic {
        if let Some(Carried { name, file, span, .. }) = self.promised {
            d = d.note(*file, *span, format!("what is a `{name}` makes it so"));
        }
        for (file, span) in &self.causes {
            d = d.note(*file, *span, why);
        }
        d
    }

    /// The text that can be taken out with the part: it, and the `and` that joins it to a neighbour.
    pub(crate) fn removable(&self, resolver: &Resolver<'_>) -> Option<Span> {
        // Nobody holds messages to their schema while they run.
        if self.promised.is_some() {
            return None;
        }
        let text = &resolver.sources.get(self.part.file)?.text;
        let joined = |from: u32, to: u32| {
            text.get(from as usize..to as usize).is_some_and(|between| between.trim() == "and")
        };
        let span = self.part.span;
        let (before, after) = self.neighbours;
        if let Some(before) = before.filter(|before| joined(before.span.end, span.start)) {
            return Some(Span { start: before.span.end, end: span.end });
        }
        let after = after.filter(|after| joined(span.end, after.span.start))?;
        Some(Span { start: span.start, end: after.span.start })
    }
}

/// What a schema promises of the messages that come to a router.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promised<'a> {
    pub(crate) carried: Option<&'a Carried>,
    /// By index of a path.
    pub(crate) sets: Vec<(u32, Set)>,
}

impl Promised<'_> {
    fn facts(&self, atoms: &Atoms) -> Facts {
        let mut facts = Facts::default();
        self.sets.iter().for_each(|(path, set)| facts.narrow(*path, set, true, atoms));
        facts
    }
}

/// Looks at every condition of a router by itself; what its `when` says of all messages, if there is one.
pub(crate) fn check<'a>(
    router: &'a Router,
    promised: Promised<'a>,
    lowerer: &mut Lowerer,
    atoms: &mut Atoms,
    resolver: &mut Resolver<'_>,
) -> Option<Outcome> {
    let facts = promised.facts(atoms);
    let mut looking =
        Looking { router, promised, lowerer, atoms, facts, given: Vec::new(), found: Vec::new() };
    let mut outcome = Outcome::Always;
    for when in &router.when {
        match looking.row(&[when], true, true) {
            Outcome::Always => {}
            other => outcome = if outcome == Outcome::Never { outcome } else { other },
        }
    }
    if let Body::Filter(tests) = &router.body {
        for (keep, test) in tests {
            looking.row(&[test], *keep, true);
        }
    }
    let mut found = std::mem::take(&mut looking.found);
    found.sort_by_key(|(_, found)| found.part.span);
    for (always, decided) in found {
        // A predicate's body is shared by its users: what is known in one place is not in another.
        let inside = decided.part.file == router.file
            && router.span.start <= decided.part.span.start
            && decided.part.span.end <= router.span.end;
        if inside && always {
            always_true::report(&decided, resolver);
        } else if inside {
            always_false::report(&decided, resolver);
        }
    }
    (!router.when.is_empty()).then_some(outcome)
}

/// Whether a test may be talked about: it reads the message, and nothing in it differs from wire to wire or is unknown.
fn is_plain(e: &Expr) -> bool {
    let (mut reads, mut plain) = (false, true);
    e.walk(&mut |part| match part.kind {
        Kind::Msg(_) => reads = true,
        Kind::End(..) | Kind::Hole | Kind::Error | Kind::Sample(..) => plain = false,
        _ => {}
    });
    reads && plain
}

/// Number of an atom of which nothing is known.
const UNKNOWN: u32 = u32::MAX;

struct Looking<'a, 'l> {
    router: &'a Router,
    promised: Promised<'a>,
    lowerer: &'l mut Lowerer,
    atoms: &'l mut Atoms,
    facts: Facts,
    /// What holds where the walk stands, with the part that says so.
    given: Vec<(&'a Expr, Test, bool)>,
    found: Vec<(bool, Decided<'a>)>,
}

impl<'a> Looking<'a, '_> {
    fn test(&mut self, e: &Expr) -> Test {
        match &e.kind {
            Kind::Not(a) => Test::Not(Box::new(self.test(a))),
            Kind::And(a, b) => Test::All(vec![self.test(a), self.test(b)]),
            Kind::Or(a, b) => Test::Any(vec![self.test(a), self.test(b)]),
            _ if is_plain(e) => {
                let cond = self.lowerer.cond(e, None);
                self.atoms.extend(&self.lowerer.paths.items, &self.lowerer.regexes.items);
                self.atoms.test(&cond)
            }
            _ => Test::Atom(UNKNOWN),
        }
    }

    /// Goes through a row of tests, each asked when those before it are `neutral`. What the last one leaves known stays
    /// known after a whole condition.
    fn row(&mut self, parts: &[&'a Expr], neutral: bool, whole: bool) -> Outcome {
        let mut outcome = if neutral { Outcome::Always } else { Outcome::Never };
        for (at, part) in parts.iter().enumerate() {
            let test = self.test(part);
            let decided = self.facts.decide(&test, self.atoms);
            match decided {
                Outcome::Maybe => {
                    self.inside(part);
                    outcome = Outcome::Maybe;
                }
                _ => {
                    let always = decided == Outcome::Always;
                    let found = self.found.len();
                    if whole {
                        self.inside(part);
                    }
                    if always != neutral && found < self.found.len() {
                        return decided;
                    }
                    if found < self.found.len() {
                        continue;
                    }
                    let before = at.checked_sub(1).and_then(|at| parts.get(at)).copied();
                    let neighbours =
                        if neutral { (before, parts.get(at + 1).copied()) } else { (None, None) };
                    let (causes, promised) = self.causes(&test, decided);
                    let router = self.router;
                    let decided_part = Decided { router, part, whole, causes, promised, neighbours };
                    self.found.push((always, decided_part));
                    if always != neutral {
                        return decided;
                    }
                }
            }
            self.facts.assume(&test, neutral, self.atoms);
            self.given.push((part, test, neutral));
        }
        outcome
    }

    /// Goes through the parts of a test that is open as a whole.
    fn inside(&mut self, e: &'a Expr) {
        match &e.kind {
            Kind::Not(inner) => self.inside(inner),
            Kind::And(..) | Kind::Or(..) => {
                let neutral = matches!(e.kind, Kind::And(..));
                let mut parts = Vec::new();
                flatten(e, neutral, &mut parts);
                let depth = self.given.len();
                // What is supposed inside is forgotten with the copy.
                let mut facts = self.promised.facts(self.atoms);
                for (_, test, holds) in &self.given {
                    facts.assume(test, *holds, self.atoms);
                }
                std::mem::swap(&mut self.facts, &mut facts);
                self.row(&parts, neutral, false);
                self.facts = facts;
                self.given.truncate(depth);
            }
            _ => {}
        }
    }

    /// The parts that decide a test, one that does so alone or else all that hold, and the schema if it has to do with it.
    fn causes(&mut self, test: &Test, wanted: Outcome) -> (Vec<(FileId, Span)>, Option<&'a Carried>) {
        let place = |e: &Expr| (e.file, e.span);
        let plain = |facts: &mut Facts, atoms: &Atoms| facts.decide(test, atoms) == wanted;
        if plain(&mut Facts::default(), self.atoms) {
            return (Vec::new(), None);
        }
        let alone = |base: &dyn Fn() -> Facts| {
            self.given.iter().find(|(_, given, holds)| {
                let mut facts = base();
                facts.assume(given, *holds, self.atoms);
                plain(&mut facts, self.atoms)
            })
        };
        if let Some((e, ..)) = alone(&Facts::default) {
            return (vec![place(e)], None);
        }
        let promised = self.promised.carried;
        if promised.is_some() {
            let base = || self.promised.facts(self.atoms);
            if plain(&mut base(), self.atoms) {
                return (Vec::new(), promised);
            }
            if let Some((e, ..)) = alone(&base) {
                return (vec![place(e)], promised);
            }
        }
        (self.given.iter().rev().take(MAX_CAUSES).map(|(e, ..)| place(e)).collect(), promised)
    }
}

/// The members of a row of `and` (or of `or`), from left to right.
fn flatten<'e>(e: &'e Expr, and: bool, parts: &mut Vec<&'e Expr>) {
    match &e.kind {
        Kind::And(a, b) if and => [a, b].into_iter().for_each(|side| flatten(side, and, parts)),
        Kind::Or(a, b) if !and => [a, b].into_iter().for_each(|side| flatten(side, and, parts)),
        _ => parts.push(e),
    }
}
