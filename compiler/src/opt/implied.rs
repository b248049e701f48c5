//! Tests that earlier ones decide are taken out, and so are steps that never act.
//!
//! A router makes use of what routers of its own layer do, and of no other's, so that a layer can be taken out of the
//! compiled stack again.

use route_chain::ir::{Cond, Op, Step};
use rustc_hash::FxHashSet;

use crate::analysis::atoms::{Atoms, Test};
use crate::analysis::facts::{Facts, Outcome};
use crate::analysis::walk::{Prepared, walk};
use crate::fold;
use crate::lowered::Lowered;

/// Steps of distinct chains that are looked at; the chains beyond stay as they are.
const MAX_STEPS: usize = 4_000_000;
/// Longer rows of tests are only looked at from left to right.
const MAX_ROW: usize = 12;

pub(super) fn run(lowered: &mut Lowered) {
    let (atoms, steps) = lowered.prepared();
    let layers = lowered.layers();
    let layer_of = |step: &Prepared| layers.get(step.router as usize).copied().unwrap_or_default();
    let mut looked_at = 0;
    for chain in 0..lowered.chains.len() {
        let old = std::mem::take(&mut lowered.chains[chain].steps);
        looked_at += old.len();
        let mut new: Vec<Option<u32>> = old.iter().copied().map(Some).collect();
        let used: FxHashSet<u32> = match looked_at <= MAX_STEPS {
            true => old.iter().filter_map(|step| Some(layer_of(steps.get(*step as usize)?))).collect(),
            false => FxHashSet::default(),
        };
        for layer in used {
            let own = |step: &Prepared| layer_of(step) == layer;
            walk(&old, &steps, &atoms, Facts::default(), &own, &mut |at, prepared, facts| {
                let Some(step) = old.get(at).and_then(|step| lowered.step(*step)) else { return };
                let rewritten = rewritten(prepared, step, facts, &atoms);
                let Some(slot) = new.get_mut(at) else { return };
                match rewritten {
                    Rewritten::Same => {}
                    Rewritten::Gone => *slot = None,
                    Rewritten::To(step) => *slot = Some(lowered.lowerer.steps.intern(*step)),
                }
            });
        }
        lowered.chains[chain].steps = new.into_iter().flatten().collect();
    }
}

enum Rewritten {
    Same,
    Gone,
    To(Box<Step>),
}

fn rewritten(prepared: &Prepared, step: &Step, facts: &mut Facts, atoms: &Atoms) -> Rewritten {
    if facts.is_dead() {
        return Rewritten::Gone;
    }
    let when = match &prepared.when {
        None => None,
        Some(test) => match simplified(test, facts, atoms) {
            Test::Const(false) => return Rewritten::Gone,
            Test::Const(true) => Some(Test::Const(true)),
            test => Some(test),
        },
    };
    let keep = prepared.keep.as_ref().map(|keep| {
        facts.suppose(|facts| {
            prepared.when.iter().for_each(|when| facts.assume(when, true, atoms));
            simplified(keep, facts, atoms)
        })
    });
    if keep == Some(Test::Const(true)) {
        return Rewritten::Gone;
    }
    if when == prepared.when && keep == prepared.keep {
        return Rewritten::Same;
    }
    let op = match keep {
        Some(keep) => Op::Keep(condition(&keep, atoms)),
        None => step.op.clone(),
    };
    let when = when.filter(|when| *when != Test::Const(true)).map(|when| condition(&when, atoms));
    Rewritten::To(Box::new(Step { router: step.router, when, op }))
}

/// The test without the parts that are decided by what is known, and by its own parts before them.
fn simplified(test: &Test, facts: &mut Facts, atoms: &Atoms) -> Test {
    match test {
        Test::Const(_) => test.clone(),
        Test::Not(inner) => match simplified(inner, facts, atoms) {
            Test::Const(b) => Test::Const(!b),
            Test::Not(inner) => *inner,
            inner => Test::Not(Box::new(inner)),
        },
        Test::Atom(_) => match facts.decide(test, atoms) {
            Outcome::Always => Test::Const(true),
            Outcome::Never => Test::Const(false),
            Outcome::Maybe => test.clone(),
        },
        Test::All(list) => row(list, true, facts, atoms),
        Test::Any(list) => row(list, false, facts, atoms),
    }
}

/// A row of tests of which the first that is not `neutral` decides.
fn row(list: &[Test], neutral: bool, facts: &mut Facts, atoms: &Atoms) -> Test {
    let left = facts.suppose(|facts| {
        let mut left = Vec::new();
        for test in list {
            // What contradicts what is known as a whole is decided, though each of its parts is open.
            let test = match facts.decide(test, atoms) {
                Outcome::Always => Test::Const(true),
                Outcome::Never => Test::Const(false),
                Outcome::Maybe => simplified(test, facts, atoms),
            };
            match test {
                Test::Const(b) if b == neutral => continue,
                Test::Const(_) => {
                    left.push(Test::Const(!neutral));
                    break;
                }
                test => {
                    facts.assume(&test, neutral, atoms);
                    left.push(test);
                }
            }
        }
        left
    });
    let left = without_weaker(left, neutral, facts, atoms);
    // A constant at the end of a row decides it, whatever stands before: tests change nothing.
    match left.len() {
        _ if left.last() == Some(&Test::Const(!neutral)) => Test::Const(!neutral),
        0 => Test::Const(neutral),
        1 => left.into_iter().next().unwrap_or(Test::Const(neutral)),
        _ if neutral => Test::All(left),
        _ => Test::Any(left),
    }
}

/// The row without tests that those behind them decide: tests change nothing, so their order is free.
fn without_weaker(mut row: Vec<Test>, neutral: bool, facts: &mut Facts, atoms: &Atoms) -> Vec<Test> {
    if !(2..=MAX_ROW).contains(&row.len()) {
        return row;
    }
    let mut at = 0;
    while at + 1 < row.len() {
        let implied = facts.suppose(|facts| {
            let others = row.iter().enumerate().filter(|(other, _)| *other != at);
            others.for_each(|(_, test)| facts.assume(test, neutral, atoms));
            let outcome = row.get(at).map(|test| facts.decide(test, atoms));
            outcome == Some(if neutral { Outcome::Always } else { Outcome::Never }) && !facts.is_dead()
        });
        if implied {
            row.remove(at);
        } else {
            at += 1;
        }
    }
    row
}

fn condition(test: &Test, atoms: &Atoms) -> Cond {
    let all = |list: &[Test]| list.iter().map(|test| condition(test, atoms)).collect();
    match test {
        Test::Const(b) => Cond::Const(*b),
        Test::Not(inner) => fold::not(condition(inner, atoms)),
        Test::All(list) => fold::and(all(list)),
        Test::Any(list) => fold::or(all(list)),
        Test::Atom(atom) => atoms.get(*atom).map_or(Cond::Const(false), |atom| atom.cond.clone()),
    }
}
