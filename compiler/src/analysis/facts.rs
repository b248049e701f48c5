//! What is known of a message at one point of its chain, and what a condition says in the light of it.
//!
//! An abstract interpretation in the usual sense (Cousot & Cousot, POPL 1977): for every path a set of values that the
//! value there certainly is in, for opaque tests their outcome, and alternatives of which one holds. Everything here errs
//! to one side: what is said to hold, holds for every message that comes here.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::atoms::{AtomKind, Atoms, Test};
use super::set::{Kinds, Set};

/// What a condition says of all messages that come somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Always,
    Never,
    Maybe,
}

impl Outcome {
    fn of(always: bool, never: bool) -> Self {
        match (always, never) {
            (true, _) => Outcome::Always,
            (_, true) => Outcome::Never,
            _ => Outcome::Maybe,
        }
    }
}

/// Alternatives without a value to find them by that are looked at, the youngest first.
const MAX_OPEN: usize = 32;
/// Tests that are looked at for one question.
const FUEL: u32 = 20_000;
/// How often what follows from alternatives is asked again for one question.
const ROUNDS: usize = 4;

/// One of these holds: each a test and whether it is true or false.
#[derive(Debug)]
struct Clause(Vec<(Test, bool)>);

/// What is known of a message.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    sets: FxHashMap<u32, Rc<Set>>,
    opaque: FxHashMap<u32, bool>,
    clauses: Vec<Option<Rc<Clause>>>,
    /// Clauses that matter only when the value at a path is this one.
    keyed: FxHashMap<(u32, String), Vec<usize>>,
    open: Vec<usize>,
    /// Paths that keyed clauses hang on.
    keys: FxHashSet<u32>,
    /// No message comes here.
    dead: bool,
    /// What to put back when a supposition ends.
    trail: Vec<Undo>,
    supposing: u32,
    /// Tests that may still be looked at for this question; alternatives inside alternatives would else take time
    /// without bound. When it is used up, the answer is that nothing is known.
    fuel: u32,
}

#[derive(Debug)]
enum Undo {
    Set(u32, Option<Rc<Set>>),
    Opaque(u32),
    Dead,
}

impl Facts {
    /// Whether no message comes here.
    pub(crate) fn is_dead(&self) -> bool {
        self.dead
    }

    /// What the value at a path may be.
    pub(crate) fn at(&self, path: u32, atoms: &Atoms) -> Set {
        match self.sets.get(&path) {
            _ if self.is_cut_off(path, atoms) => Set::absent(),
            Some(set) => (**set).clone(),
            None => Set::all(),
        }
    }

    /// Whether something above the path has no members.
    fn is_cut_off(&self, path: u32, atoms: &Atoms) -> bool {
        atoms
            .above(path)
            .iter()
            .any(|(above, by_key)| self.sets.get(above).is_some_and(|set| !set.has_kind(holder(*by_key))))
    }

    /// Runs something under a supposition and takes back what it has made known.
    pub(crate) fn suppose<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.trail.len();
        self.supposing += 1;
        let result = run(self);
        self.supposing -= 1;
        while self.trail.len() > mark {
            match self.trail.pop() {
                Some(Undo::Set(path, Some(old))) => drop(self.sets.insert(path, old)),
                Some(Undo::Set(path, None)) => drop(self.sets.remove(&path)),
                Some(Undo::Opaque(atom)) => drop(self.opaque.remove(&atom)),
                Some(Undo::Dead) => self.dead = false,
                None => break,
            }
        }
        result
    }

    fn die(&mut self) {
        if !self.dead {
            self.dead = true;
            if self.supposing > 0 {
                self.trail.push(Undo::Dead);
            }
        }
    }

    /// The value at a path is in the set (or, with `inside` false, out of it).
    pub(crate) fn narrow(&mut self, path: u32, set: &Set, inside: bool, atoms: &Atoms) {
        if self.is_cut_off(path, atoms) {
            if set.has_kind(Kinds::ABSENT) != inside {
                self.die();
            }
            return;
        }
        let old = self.sets.remove(&path);
        if self.supposing > 0 {
            self.trail.push(Undo::Set(path, old.clone()));
        }
        let new = match old {
            None => Rc::new(if inside { set.clone() } else { set.not() }),
            Some(old) if inside => Rc::new(old.and(set)),
            Some(mut old) => {
                Rc::make_mut(&mut old).remove(set);
                old
            }
        };
        let (empty, present) = (new.is_empty(), !new.has_kind(Kinds::ABSENT));
        self.sets.insert(path, new);
        if empty {
            self.die();
        } else if present {
            for (above, by_key) in atoms.above(path) {
                let holder = Set::kinds(holder(*by_key));
                if !self.sets.get(above).is_some_and(|set| set.is_within(&holder)) {
                    self.narrow(*above, &holder, true, atoms);
                }
            }
        }
    }

    /// The test has this outcome.
    pub(crate) fn assume(&mut self, test: &Test, wanted: bool, atoms: &Atoms) {
        self.fuel = FUEL;
        self.put(test, wanted, atoms);
    }

    fn put(&mut self, test: &Test, wanted: bool, atoms: &Atoms) {
        if self.dead || !self.burn() {
            return;
        }
        match test {
            Test::Const(b) if *b == wanted => {}
            Test::Const(_) => self.die(),
            Test::Not(inner) => self.put(inner, !wanted, atoms),
            Test::Atom(atom) => self.assume_atom(*atom, wanted, atoms),
            Test::All(all) if wanted => all.iter().for_each(|test| self.put(test, true, atoms)),
            Test::Any(any) if !wanted => any.iter().for_each(|test| self.put(test, false, atoms)),
            Test::All(some) | Test::Any(some) => self.assume_one_of(some, wanted, atoms),
        }
    }

    fn burn(&mut self) -> bool {
        self.fuel = self.fuel.saturating_sub(1);
        self.fuel > 0
    }

    fn assume_atom(&mut self, number: u32, wanted: bool, atoms: &Atoms) {
        match atoms.get(number).map(|atom| &atom.kind) {
            Some(AtomKind::In { path, set }) => self.narrow(*path, set, wanted, atoms),
            Some(AtomKind::Opaque { random, needs, .. }) => {
                match self.opaque.get(&number) {
                    Some(known) if *known != wanted => return self.die(),
                    Some(_) => {}
                    None if !random => {
                        self.opaque.insert(number, wanted);
                        if self.supposing > 0 {
                            self.trail.push(Undo::Opaque(number));
                        }
                    }
                    None => {}
                }
                if wanted {
                    for (path, set) in needs {
                        self.narrow(*path, set, true, atoms);
                    }
                }
            }
            None => {}
        }
    }

    /// At least one of the tests has this outcome.
    fn assume_one_of(&mut self, some: &[Test], wanted: bool, atoms: &Atoms) {
        let mut left = Vec::new();
        for test in some {
            match self.plainly(test, atoms) {
                Outcome::Maybe => left.push(test),
                outcome if (outcome == Outcome::Always) == wanted => return,
                _ => {}
            }
        }
        match left.as_slice() {
            [] => self.die(),
            [one] => self.put(one, wanted, atoms),
            many => {
                self.assume_common(many, wanted, atoms);
                if self.supposing == 0 && !many.iter().any(|test| is_random(test, atoms)) {
                    self.remember(many, wanted, atoms);
                }
            }
        }
    }

    /// What all alternatives have in common.
    fn assume_common(&mut self, some: &[&Test], wanted: bool, atoms: &Atoms) {
        let mut common: Option<FxHashMap<u32, Set>> = None;
        for test in some {
            let touched = self.suppose(|facts| {
                let mark = facts.trail.len();
                facts.put(test, wanted, atoms);
                (!facts.dead).then(|| facts.touched(mark))
            });
            let Some(touched) = touched else { continue };
            common = Some(match common {
                None => touched,
                Some(known) => known
                    .into_iter()
                    .filter_map(|(path, set)| Some((path, set.or(touched.get(&path)?))))
                    .collect(),
            });
            if common.as_ref().is_some_and(FxHashMap::is_empty) {
                return;
            }
        }
        match common {
            None => self.die(),
            Some(common) => common.iter().for_each(|(path, set)| self.narrow(*path, set, true, atoms)),
        }
    }

    /// The sets of paths that were narrowed since.
    fn touched(&self, mark: usize) -> FxHashMap<u32, Set> {
        let paths = self.trail.get(mark..).unwrap_or_default().iter().filter_map(|undo| match undo {
            Undo::Set(path, _) => Some(*path),
            _ => None,
        });
        paths.filter_map(|path| Some((path, (**self.sets.get(&path)?).clone()))).collect()
    }

    fn remember(&mut self, some: &[&Test], wanted: bool, atoms: &Atoms) {
        let at = self.clauses.len();
        match some.iter().find_map(|test| key(test, wanted, atoms)) {
            Some((path, values)) => {
                self.keys.insert(path);
                for value in values {
                    self.keyed.entry((path, value)).or_default().push(at);
                }
            }
            None => self.open.push(at),
        }
        let parts = some.iter().map(|test| ((*test).clone(), wanted)).collect();
        self.clauses.push(Some(Rc::new(Clause(parts))));
    }

    /// What the test says, alternatives left aside.
    fn plainly(&mut self, test: &Test, atoms: &Atoms) -> Outcome {
        match test {
            _ if self.dead => Outcome::Never,
            _ if !self.burn() => Outcome::Maybe,
            Test::Const(b) => Outcome::of(*b, !*b),
            Test::Not(inner) => match self.plainly(inner, atoms) {
                Outcome::Always => Outcome::Never,
                Outcome::Never => Outcome::Always,
                Outcome::Maybe => Outcome::Maybe,
            },
            Test::Atom(atom) => self.atom(*atom, atoms),
            many => Outcome::of(self.contradicts(many, false, atoms), self.contradicts(many, true, atoms)),
        }
    }

    fn contradicts(&mut self, test: &Test, wanted: bool, atoms: &Atoms) -> bool {
        self.suppose(|facts| {
            facts.put(test, wanted, atoms);
            facts.dead
        })
    }

    fn atom(&self, number: u32, atoms: &Atoms) -> Outcome {
        match atoms.get(number).map(|atom| &atom.kind) {
            Some(AtomKind::In { path, set }) if self.is_cut_off(*path, atoms) => {
                Outcome::of(set.has_kind(Kinds::ABSENT), !set.has_kind(Kinds::ABSENT))
            }
            Some(AtomKind::In { path, set }) => match self.sets.get(path) {
                Some(known) => Outcome::of(known.is_within(set), !known.meets(set)),
                None => Outcome::of(Set::all().is_within(set), set.is_empty()),
            },
            Some(AtomKind::Opaque { needs, .. }) => match self.opaque.get(&number) {
                Some(known) => Outcome::of(*known, !*known),
                None => {
                    let never = needs.iter().any(|(path, set)| {
                        set.is_empty()
                            || self.sets.get(path).is_some_and(|known| !known.meets(set))
                            || (self.is_cut_off(*path, atoms) && !set.has_kind(Kinds::ABSENT))
                    });
                    Outcome::of(false, never)
                }
            },
            None => Outcome::Maybe,
        }
    }

    /// What the test says of every message that comes here.
    pub(crate) fn decide(&mut self, test: &Test, atoms: &Atoms) -> Outcome {
        self.fuel = FUEL;
        let plain = self.plainly(test, atoms);
        if plain != Outcome::Maybe || self.clauses.is_empty() {
            return plain;
        }
        let refuted = |facts: &mut Self, wanted: bool| {
            facts.suppose(|facts| {
                facts.put(test, wanted, atoms);
                facts.follow(atoms);
                facts.dead
            })
        };
        Outcome::of(refuted(self, false), refuted(self, true))
    }

    /// Draws what follows from alternatives of which all but one are out of the question.
    fn follow(&mut self, atoms: &Atoms) {
        for _ in 0..ROUNDS {
            let mut news = false;
            for clause in self.relevant(atoms) {
                if self.dead {
                    return;
                }
                let mut left: Option<&(Test, bool)> = None;
                let mut open = false;
                for part in &clause.0 {
                    match self.plainly(&part.0, atoms) {
                        Outcome::Maybe if left.is_some() => open = true,
                        Outcome::Maybe => left = Some(part),
                        outcome => open |= (outcome == Outcome::Always) == part.1,
                    }
                    if open {
                        break;
                    }
                }
                match left {
                    _ if open => {}
                    None => return self.die(),
                    Some((test, wanted)) => {
                        self.put(test, *wanted, atoms);
                        news = true;
                    }
                }
            }
            if !news {
                return;
            }
        }
    }

    /// The clauses that may say something now.
    fn relevant(&self, atoms: &Atoms) -> Vec<Rc<Clause>> {
        let mut numbers: Vec<usize> = self.open.iter().rev().take(MAX_OPEN).copied().collect();
        for path in &self.keys {
            let Some(values) = self.sets.get(path).and_then(|set| set.few()) else { continue };
            if self.is_cut_off(*path, atoms) {
                continue;
            }
            for value in values {
                numbers.extend(self.keyed.get(&(*path, value.to_string())).into_iter().flatten());
            }
        }
        numbers.into_iter().filter_map(|at| self.clauses.get(at).cloned().flatten()).collect()
    }

    /// Nothing is known any more, but that messages come here.
    pub(crate) fn forget_all(&mut self) {
        if !self.dead {
            *self = Self::default();
        }
    }

    /// The value at a path is another one: what is known of it, of what is below it and of tests that read it is gone.
    /// What is above it is known to hold members if anything.
    pub(crate) fn changed(&mut self, path: u32, atoms: &Atoms) {
        let mut gone: FxHashSet<u32> = atoms.below(path).iter().copied().collect();
        gone.insert(path);
        for path in &gone {
            self.sets.remove(path);
        }
        for (above, by_key) in atoms.above(path) {
            if let Some(set) = self.sets.get_mut(above) {
                *set = Rc::new(set.or(&Set::kinds(holder(*by_key))));
            }
            gone.insert(*above);
        }
        self.opaque.retain(|atom, _| !reads(&Test::Atom(*atom), &gone, atoms));
        for clause in &mut self.clauses {
            if clause.as_ref().is_some_and(|c| c.0.iter().any(|(test, _)| reads(test, &gone, atoms))) {
                *clause = None;
            }
        }
    }
}

/// The kind of value that has members of this sort.
fn holder(by_key: bool) -> Kinds {
    if by_key { Kinds::OBJECT } else { Kinds::LIST }
}

fn is_random(test: &Test, atoms: &Atoms) -> bool {
    match test {
        Test::Const(_) => false,
        Test::Not(inner) => is_random(inner, atoms),
        Test::All(some) | Test::Any(some) => some.iter().any(|test| is_random(test, atoms)),
        Test::Atom(atom) => {
            matches!(atoms.get(*atom).map(|atom| &atom.kind), Some(AtomKind::Opaque { random: true, .. }))
        }
    }
}

/// Whether the test reads one of the paths.
fn reads(test: &Test, paths: &FxHashSet<u32>, atoms: &Atoms) -> bool {
    match test {
        Test::Const(_) => false,
        Test::Not(inner) => reads(inner, paths, atoms),
        Test::All(some) | Test::Any(some) => some.iter().any(|test| reads(test, paths, atoms)),
        Test::Atom(atom) => match atoms.get(*atom).map(|atom| &atom.kind) {
            Some(AtomKind::In { path, .. }) => paths.contains(path),
            Some(AtomKind::Opaque { reads, .. }) => reads.iter().any(|path| paths.contains(path)),
            None => false,
        },
    }
}

/// The path and the few values there for which this alternative is out of the question.
fn key(test: &Test, wanted: bool, atoms: &Atoms) -> Option<(u32, Vec<String>)> {
    match test {
        Test::Not(inner) => key(inner, !wanted, atoms),
        Test::Atom(atom) => match &atoms.get(*atom)?.kind {
            AtomKind::In { path, set } if !wanted => {
                let values = set.few()?;
                (values.len() <= 4).then(|| (*path, values.iter().map(ToString::to_string).collect()))
            }
            _ => None,
        },
        _ => None,
    }
}
