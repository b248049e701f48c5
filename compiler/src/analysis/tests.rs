//! What the analysis says is held to the reference interpreter: on generated chains, of every generated message.

#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use regex::Regex;
use route_chain::eval::Tables;
use route_chain::ir::{Arith, Change, Cmp, Cond, Func, Op, Operand, Path, Step, Type};
use route_chain::{Message, Value};
use serde_json::{Value as Json, json};

use super::atoms::{Atoms, Test};
use super::facts::{Facts, Outcome};
use super::walk::{Prepared, walk};

pub(crate) const REGEXES: [&str; 4] = ["^a", "^(?:a|ab)$", "b", "^a[b]*$"];

pub(crate) fn paths() -> Vec<Path> {
    serde_json::from_value(json!([["a"], ["a", "k"], ["a", 0], ["b"], ["a", "k", "m"]])).unwrap()
}

pub(crate) fn tables() -> Tables {
    Tables::new(paths(), REGEXES.iter().map(|regex| Regex::new(regex).unwrap()).collect())
}

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => (0..4_i32).prop_map(Json::from),
        4 => prop::sample::select(vec!["", "a", "ab", "b", "ba"]).prop_map(Json::from),
        1 => Just(json!(null)),
        1 => any::<bool>().prop_map(Json::from),
    ]
}

fn value() -> impl Strategy<Value = Json> {
    scalar().prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..2).prop_map(Json::from),
            inner.clone().prop_map(|v| json!({ "k": v })),
            (inner.clone(), inner).prop_map(|(v, w)| json!({ "k": { "m": v }, "x": w })),
        ]
    })
}

fn path() -> impl Strategy<Value = Operand> {
    (0..5_u32).prop_map(Operand::Path)
}

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![
        4 => path(),
        4 => value().prop_map(Operand::Lit),
        1 => (prop::sample::select(vec![Arith::Add, Arith::Sub, Arith::Div]), path(), scalar().prop_map(Operand::Lit))
            .prop_map(|(op, a, b)| Operand::Arith(op, Box::new(a), Box::new(b))),
        1 => (prop::sample::select(vec![Func::Len, Func::Lower, Func::Abs, Func::Size]), path())
            .prop_map(|(func, a)| Operand::Call(func, vec![a])),
        1 => path().prop_map(|a| Operand::Neg(Box::new(a))),
    ]
}

fn leaf() -> impl Strategy<Value = Cond> {
    let cmp = prop::sample::select(vec![Cmp::Eq, Cmp::Eq, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge]);
    let ty = prop::sample::select(vec![
        Type::Number,
        Type::String,
        Type::Bool,
        Type::Object,
        Type::List,
        Type::Null,
    ]);
    prop_oneof![
        6 => (cmp.clone(), path(), scalar()).prop_map(|(op, a, b)| Cond::Cmp(op, a, Operand::Lit(b))),
        3 => (cmp, operand(), operand()).prop_map(|(op, a, b)| Cond::Cmp(op, a, b)),
        2 => (path(), prop::collection::vec(value(), 0..4)).prop_map(|(a, list)| Cond::InList(a, list)),
        2 => (operand(), operand(), operand(), any::<bool>()).prop_map(|(a, b, c, i)| Cond::InRange(a, b, c, i)),
        2 => (operand(), 0..4_u32).prop_map(|(a, regex)| Cond::Matches(a, regex)),
        1 => (operand(), operand()).prop_map(|(a, b)| Cond::Contains(a, b)),
        2 => (operand(), operand()).prop_map(|(a, b)| Cond::StartsWith(a, b)),
        1 => (operand(), operand()).prop_map(|(a, b)| Cond::EndsWith(a, b)),
        2 => (operand(), ty).prop_map(|(a, ty)| Cond::Is(a, ty)),
        2 => (0..5_u32).prop_map(Cond::Has),
        1 => operand().prop_map(Cond::Truth),
        1 => Just(Cond::Sample(0.5)),
        1 => path().prop_map(|a| Cond::SampleBy(0.5, a)),
    ]
}

fn cond() -> impl Strategy<Value = Cond> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|c| Cond::Not(Box::new(c))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Cond::And),
            prop::collection::vec(inner, 1..4).prop_map(Cond::Or),
        ]
    })
}

fn op() -> impl Strategy<Value = Op> {
    let change = prop_oneof![
        3 => (0..5_u32, operand()).prop_map(|(path, value)| Change::Assign(path, value)),
        1 => (0..5_u32).prop_map(Change::Delete),
    ];
    prop_oneof![
        3 => Just(Op::Halt { reason: None, as_error: false }),
        3 => cond().prop_map(Op::Keep),
        2 => prop::collection::vec(change, 1..3).prop_map(Op::Set),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    (prop::option::weighted(0.8, cond()), op()).prop_map(|(when, op)| Step { router: 0, when, op })
}

pub(crate) fn message() -> impl Strategy<Value = Json> {
    (prop::option::weighted(0.9, value()), prop::option::weighted(0.8, value())).prop_map(|(a, b)| {
        let mut msg = serde_json::Map::new();
        msg.extend(a.map(|a| ("a".to_owned(), a)));
        msg.extend(b.map(|b| ("b".to_owned(), b)));
        Json::Object(msg)
    })
}

/// What the messages are before each step, as the reference interpreter has them; those that were stopped are gone.
pub(crate) fn pass(step: &Step, msg: &mut Message, tables: &Tables, dice: &mut dyn FnMut() -> f64) -> bool {
    if step.when.as_ref().is_some_and(|when| !tables.holds(when, msg, dice)) {
        return true;
    }
    match &step.op {
        Op::Halt { .. } => false,
        Op::Keep(keep) => tables.holds(keep, msg, dice),
        Op::Set(changes) => {
            for change in changes {
                match change {
                    Change::Assign(path, value) => {
                        if let Some(value) = tables.value(value, msg, dice) {
                            msg.set_at(&tables.paths[*path as usize], value);
                        }
                    }
                    Change::Delete(path) => drop(msg.delete_at(&tables.paths[*path as usize])),
                }
            }
            true
        }
        _ => true,
    }
}

/// Every test of the step and of what is inside it.
fn parts(test: &Test, all: &mut Vec<Test>) {
    all.push(test.clone());
    match test {
        Test::Not(inner) => parts(inner, all),
        Test::All(some) | Test::Any(some) => some.iter().for_each(|test| parts(test, all)),
        _ => {}
    }
}

fn holds(test: &Test, msg: &Message, atoms: &Atoms, tables: &Tables, dice: &mut dyn FnMut() -> f64) -> bool {
    match test {
        Test::Const(b) => *b,
        Test::Not(inner) => !holds(inner, msg, atoms, tables, dice),
        Test::All(some) => some.iter().all(|test| holds(test, msg, atoms, tables, dice)),
        Test::Any(some) => some.iter().any(|test| holds(test, msg, atoms, tables, dice)),
        Test::Atom(atom) => tables.holds(&atoms.get(*atom).unwrap().cond, msg, dice),
    }
}

fn contains(facts: &Facts, path: u32, value: Option<&Value>, atoms: &Atoms) -> bool {
    let set = facts.at(path, atoms);
    match value {
        None => set.has_kind(super::set::Kinds::ABSENT),
        Some(Value::Number(n)) if n.is_nan() => set.has_kind(super::set::Kinds::NAN),
        Some(Value::Number(n)) => set.numbers().has(&super::set::Num::new(*n)),
        Some(value) => match value.to_json().unwrap() {
            Json::Array(_) => set.has_kind(super::set::Kinds::LIST),
            Json::Object(_) => set.has_kind(super::set::Kinds::OBJECT),
            json => set.has(&json),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn what_is_said_of_all_messages_is_true_of_each(
        steps in prop::collection::vec(step(), 1..6),
        messages in prop::collection::vec(message(), 12),
    ) {
        let tables = tables();
        let regexes: Vec<String> = REGEXES.iter().map(|regex| (*regex).to_owned()).collect();
        let mut atoms = Atoms::new(&paths(), &regexes);
        let prepared: Vec<Prepared> = steps.iter().map(|step| Prepared::new(step, &mut atoms)).collect();
        let chain: Vec<u32> = (0..steps.len() as u32).collect();
        let mut messages: Vec<Message> = messages.iter().map(Message::from_json).collect();
        let mut thrown = 0_u32;
        let mut dice = || {
            thrown = thrown.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
            f64::from(thrown >> 8) / f64::from(1 << 24)
        };
        walk(&chain, &prepared, &atoms, Facts::default(), &|_| true, &mut |at, step, facts| {
            let mut all = Vec::new();
            step.when.iter().chain(&step.keep).for_each(|test| parts(test, &mut all));
            for msg in &messages {
                assert!(!facts.is_dead(), "{msg:?} comes to step {at} of {steps:?}");
                for path in 0..5 {
                    let value = msg.at(&tables.paths[path as usize]);
                    assert!(contains(facts, path, value, &atoms), "{msg:?}, path {path}, step {at} of {steps:?}");
                }
                for test in &all {
                    let holds = holds(test, msg, &atoms, &tables, &mut dice);
                    let wrong = if holds { Outcome::Never } else { Outcome::Always };
                    assert_ne!(facts.decide(test, &atoms), wrong, "{msg:?}, {test:?}, step {at} of {steps:?}");
                }
            }
            messages.retain_mut(|msg| pass(&steps[at], msg, &tables, &mut dice));
        });
    }
}
