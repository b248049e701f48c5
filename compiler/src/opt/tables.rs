//! Many steps that each want another value at one path become one look-up, with their order kept.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use route_chain::ir::{Change, Op, Step, Table};
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use crate::analysis::atoms::{AtomKind, Atoms, Test};
use crate::analysis::ranges::point_of;
use crate::analysis::set::{Kinds, Num, Set, prefix_of};
use crate::analysis::walk::Prepared;
use crate::lowered::Lowered;

/// A look-up costs about as much as so many tests.
const LEAST: usize = 6;
/// Steps in a run that can act on any value; each is in every list.
const MOST_OPEN: usize = 8;

pub(super) fn run(lowered: &mut Lowered) {
    let (atoms, prepared) = lowered.prepared();
    let wants: Vec<FxHashMap<u32, Set>> = prepared.iter().map(|step| wants_of(step, &atoms)).collect();
    for chain in 0..lowered.chains.len() {
        let steps = &lowered.chains[chain].steps;
        let found = Row { steps, wants: &wants, lowered, atoms: &atoms }.tables();
        lowered.chains[chain].tables = found;
    }
}

/// For each path that matters, the values there with which the step can act.
fn wants_of(step: &Prepared, atoms: &Atoms) -> FxHashMap<u32, Set> {
    match (&step.when, &step.keep) {
        (Some(when), _) => needs(when, true, atoms),
        (None, Some(keep)) => needs(keep, false, atoms),
        (None, None) => FxHashMap::default(),
    }
}

/// What must be at paths for the test to have this outcome.
fn needs(test: &Test, wanted: bool, atoms: &Atoms) -> FxHashMap<u32, Set> {
    match test {
        Test::Const(_) => FxHashMap::default(),
        Test::Not(inner) => needs(inner, !wanted, atoms),
        Test::Atom(atom) => match atoms.get(*atom).map(|atom| &atom.kind) {
            Some(AtomKind::In { path, set }) => {
                FxHashMap::from_iter([(*path, if wanted { set.clone() } else { set.not() })])
            }
            Some(AtomKind::Opaque { needs, .. }) if wanted => {
                let mut all: FxHashMap<u32, Set> = FxHashMap::default();
                needs.iter().for_each(|(path, set)| narrow(&mut all, *path, set));
                all
            }
            _ => FxHashMap::default(),
        },
        Test::All(list) | Test::Any(list) if matches!(test, Test::All(_)) == wanted => {
            let mut all: FxHashMap<u32, Set> = FxHashMap::default();
            for test in list {
                needs(test, wanted, atoms).iter().for_each(|(path, set)| narrow(&mut all, *path, set));
            }
            all
        }
        Test::All(list) | Test::Any(list) => {
            let mut each = list.iter().map(|test| needs(test, wanted, atoms));
            let first = each.next().unwrap_or_default();
            each.fold(first, |common, more| {
                common.into_iter().filter_map(|(path, set)| Some((path, set.or(more.get(&path)?)))).collect()
            })
        }
    }
}

fn narrow(all: &mut FxHashMap<u32, Set>, path: u32, set: &Set) {
    all.entry(path).and_modify(|known| *known = known.and(set)).or_insert_with(|| set.clone());
}

struct Row<'a> {
    steps: &'a [u32],
    wants: &'a [FxHashMap<u32, Set>],
    lowered: &'a Lowered,
    atoms: &'a Atoms,
}

impl Row<'_> {
    fn tables(&self) -> Vec<Table> {
        let mut found = Vec::new();
        self.within(0, self.steps.len(), &mut found);
        found
    }

    /// Tables over parts of a run, in order: the longest first, then what is left before and after it.
    fn within(&self, from: usize, to: usize, found: &mut Vec<Table>) {
        if to - from < LEAST {
            return;
        }
        let Some((path, start, end)) = self.best(from, to) else { return };
        self.within(from, start, found);
        found.push(self.table(path, start, end));
        self.within(end, to, found);
    }

    fn wants(&self, at: usize) -> Option<&FxHashMap<u32, Set>> {
        self.wants.get(*self.steps.get(at)? as usize)
    }

    fn step(&self, at: usize) -> Option<&Step> {
        self.lowered.step(*self.steps.get(at)?)
    }

    /// The path and the run with the most steps that want certain values there.
    fn best(&self, from: usize, to: usize) -> Option<(u32, usize, usize)> {
        let mut choosy: BTreeMap<u32, usize> = BTreeMap::new();
        for wants in (from..to).filter_map(|at| self.wants(at)) {
            for (path, _) in wants.iter().filter(|(_, set)| is_choosy(set)) {
                *choosy.entry(*path).or_default() += 1;
            }
        }
        let runs = choosy.into_iter().filter(|(_, many)| *many >= LEAST).filter_map(|(path, _)| {
            let (many, start, end) = self.longest(path, from, to)?;
            Some((many, Reverse((start, path)), end))
        });
        let (many, Reverse((start, path)), end) = runs.max()?;
        (many >= LEAST).then_some((path, start, end))
    }

    fn is_choosy_at(&self, at: usize, path: u32) -> bool {
        self.wants(at).and_then(|wants| wants.get(&path)).is_some_and(is_choosy)
    }

    fn longest(&self, path: u32, from: usize, to: usize) -> Option<(usize, usize, usize)> {
        let mut best: Option<(usize, usize, usize)> = None;
        let (mut many, mut start, mut open) = (0, from, 0);
        for at in from..to {
            if self.is_choosy_at(at, path) {
                if many == 0 {
                    start = at;
                    open = 0;
                }
                many += 1;
                if best.is_none_or(|(most, ..)| many > most) {
                    best = Some((many, start, at + 1));
                }
            } else {
                open += 1;
            }
            if open > MOST_OPEN || self.step(at).is_some_and(|step| self.may_change(step, path)) {
                many = 0;
            }
        }
        best
    }

    /// Whether the value at a path may be another one after the step.
    fn may_change(&self, step: &Step, path: u32) -> bool {
        match &step.op {
            Op::Call(_) => true,
            Op::Set(changes) => changes.iter().any(|change| {
                let (Change::Assign(changed, _) | Change::Delete(changed)) = change;
                let (a, b) = (self.atoms.path(*changed), self.atoms.path(path));
                // A change beside an element of a list may move it.
                let list = a.iter().rposition(|seg| matches!(seg, route_chain::ir::Seg::Index(_)));
                let a = list.map_or(a, |at| a.get(..at).unwrap_or(a));
                a.starts_with(b) || b.starts_with(a)
            }),
            _ => false,
        }
    }

    fn table(&self, path: u32, from: usize, to: usize) -> Table {
        let everything = Set::all();
        let sets: Vec<(u32, &Set)> = (from..to)
            .map(|at| (at as u32, self.wants(at).and_then(|wants| wants.get(&path)).unwrap_or(&everything)))
            .collect();
        let mut lists = Lists::default();
        sets.iter().for_each(|(_, set)| lists.keys(set));
        sets.iter().for_each(|(step, set)| lists.put(*step, set));
        let Lists { numbers, texts, prefixes, words, other } = lists;
        let equal = numbers.into_iter().map(|(n, able)| (crate::hir::number(n.get()), able));
        let equal = equal.chain(texts.into_iter().map(|(text, able)| (Json::from(&*text), able)));
        Table {
            from: from as u32,
            to: to as u32,
            path,
            equal: equal.chain(words.into_values()).collect(),
            prefix: prefixes.into_iter().map(|(prefix, able)| (prefix.to_string(), able)).collect(),
            other,
        }
    }
}

/// Whether it wants certain values and no others.
fn is_choosy(set: &Set) -> bool {
    !is_open(set)
}

/// Whether values are in it that a table cannot name one by one.
fn is_open(set: &Set) -> bool {
    let unnamed = [Kinds::ABSENT, Kinds::NAN, Kinds::OBJECT, Kinds::LIST, Kinds::BYTES, Kinds::OTHER];
    unnamed.into_iter().any(|kind| set.has_kind(kind))
        || set.numbers().points().is_none()
        || set
            .texts()
            .intervals()
            .iter()
            .any(|texts| point_of(texts).is_none() && prefix_of(texts).is_none_or(|prefix| prefix.is_empty()))
}

/// The steps that can act, by value.
#[derive(Default)]
struct Lists {
    numbers: BTreeMap<Num, Vec<u32>>,
    texts: BTreeMap<Arc<str>, Vec<u32>>,
    prefixes: BTreeMap<Arc<str>, Vec<u32>>,
    words: BTreeMap<u8, (Json, Vec<u32>)>,
    other: Vec<u32>,
}

impl Lists {
    /// Makes room for the values that a step wants.
    fn keys(&mut self, set: &Set) {
        for n in set.numbers().intervals().iter().filter_map(point_of) {
            self.numbers.entry(*n).or_default();
        }
        for texts in set.texts().intervals() {
            if let Some(text) = point_of(texts) {
                self.texts.entry(text.clone()).or_default();
            } else if let Some(prefix) = prefix_of(texts).filter(|prefix| !prefix.is_empty()) {
                self.prefixes.entry(prefix.clone()).or_default();
            }
        }
        if is_choosy(set) {
            for (key, _, word) in WORDS.into_iter().filter(|(_, kind, _)| set.has_kind(*kind)) {
                self.words.entry(key).or_insert_with(|| (word.map_or(Json::Null, Json::Bool), Vec::new()));
            }
        }
    }

    /// Puts a step, later than those before it, where it can act.
    fn put(&mut self, step: u32, set: &Set) {
        for (key, kind, _) in WORDS {
            if let Some((_, able)) = self.words.get_mut(&key).filter(|_| set.has_kind(kind)) {
                able.push(step);
            }
        }
        if is_open(set) {
            self.other.push(step);
            self.numbers
                .iter_mut()
                .filter(|(n, _)| set.numbers().has(n))
                .for_each(|(_, able)| able.push(step));
            self.texts
                .iter_mut()
                .filter(|(text, _)| set.texts().has(text))
                .for_each(|(_, able)| able.push(step));
            for (prefix, able) in &mut self.prefixes {
                if set.texts().meets(Set::begins(prefix).texts()) {
                    able.push(step);
                }
            }
            return;
        }
        for n in set.numbers().intervals().iter().filter_map(point_of) {
            self.numbers.entry(*n).or_default().push(step);
        }
        for texts in set.texts().intervals() {
            if let Some(text) = point_of(texts) {
                self.texts.entry(text.clone()).or_default().push(step);
            } else if let Some(prefix) = prefix_of(texts) {
                // A text or longer beginning with a list of its own has this step in it, too.
                for all in [&mut self.texts, &mut self.prefixes] {
                    let longer = all.range_mut::<str, _>((Bound::Included(&**prefix), Bound::Unbounded));
                    let longer = longer.take_while(|(text, _)| text.starts_with(&**prefix));
                    longer
                        .filter(|(_, able)| able.last() != Some(&step))
                        .for_each(|(_, able)| able.push(step));
                }
            }
        }
    }
}

/// Values that are a kind of their own.
const WORDS: [(u8, Kinds, Option<bool>); 3] =
    [(0, Kinds::NULL, None), (1, Kinds::FALSE, Some(false)), (2, Kinds::TRUE, Some(true))];
