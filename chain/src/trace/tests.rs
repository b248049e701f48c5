//! The recording interpreter is held to the running form by generated stacks and messages, and its record to examples.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::host::{HoldKind, Position, Verdict};
use crate::ir::{self, Chain, ChainSet, Cmp, Cond, Op, Operand};
use crate::link::{Linked, Running};
use crate::state::RouterCounts;
use crate::tests::{cond, message, operand, tables};

#[path = "../../tests/desk/mod.rs"]
mod desk;

use desk::Desk;

fn wire() -> ir::Wire {
    ir::Wire { from: "a".into(), port: 0, to: "b".into(), chain: 0 }
}

fn set(steps: Vec<(Option<Cond>, Op)>) -> ChainSet {
    let router = |at: usize| ir::Router {
        name: format!("r{at}"),
        kind: "any".into(),
        layer: "main".into(),
        file: String::new(),
        line: 1,
        doc: String::new(),
    };
    let routers = (0..steps.len()).map(router).collect();
    let step = |(at, (when, op))| ir::Step { router: at as u32, when, op };
    let steps = steps.into_iter().enumerate().map(step).collect();
    let tables = tables();
    ChainSet {
        magic: ir::MAGIC.into(),
        version: ir::VERSION,
        stack: "s".into(),
        flows: String::new(),
        source: String::new(),
        paths: tables.paths,
        regexes: tables.regexes.iter().map(|regex| regex.as_str().to_owned()).collect(),
        routers,
        chains: vec![Chain::default(), Chain::of(steps)],
        wires: Vec::new(),
        fleet: None,
    }
}

fn rate() -> impl Strategy<Value = ir::Rate> {
    (1..4_u32, 1..4_u32).prop_map(|(count, burst)| ir::Rate {
        count: count.into(),
        per_ms: 100.0,
        burst: burst.into(),
    })
}

fn op() -> impl Strategy<Value = Op> {
    let change = prop_oneof![
        (0..4_u32, operand()).prop_map(|(path, value)| ir::Change::Assign(path, value)),
        (0..4_u32).prop_map(ir::Change::Delete),
    ];
    let limit = (
        prop::option::of(rate()),
        prop::option::of(operand()),
        prop::option::of(operand()),
        prop::option::of(0..3_u64),
        1..3_u32,
    )
        .prop_map(|(rate, per, by, hold, max_keys)| {
            let over = hold.map_or(ir::Over::Halt, |max| ir::Over::Hold { max });
            let distinct = by.map(|by| ir::Distinct { by, within_ms: 60.0 });
            Op::Limit(ir::Limit { rate, per, distinct, over, max_keys })
        });
    let select = prop_oneof![
        Just(ir::Select::Whole),
        Just(ir::Select::Omit(vec![1])),
        Just(ir::Select::Only(vec![0, 2]))
    ];
    let tap = (select, 1..3_u64, prop::option::of(rate()), any::<bool>()).prop_map(
        |(select, every, at_most, block)| {
            Op::Tap(ir::Tap { sink: ir::Sink::Stdout, select, every, at_most, block })
        },
    );
    let brk = (1..3_u64, any::<bool>(), prop::option::of(operand())).prop_map(|(hits, then_pass, log)| {
        let log = log.map(|value| vec![ir::LogPart::Text("x ".into()), ir::LogPart::Value(value)]);
        Op::Break(ir::Break { hits, max: 2, for_ms: 50.0, then_pass, log })
    });
    let choose = prop_oneof![Just(ir::Choose::Order), operand().prop_map(ir::Choose::Hash)];
    let remote = choose.prop_map(|choose| {
        let (unreachable, ack) = (ir::Unreachable::Halt, ir::Ack::Stored);
        Op::Remote(ir::Remote { to: vec!["cloud".into()], choose, unreachable, ttl_ms: None, ack })
    });
    let on_fault = prop::sample::select(vec![ir::OnFault::Pass, ir::OnFault::Halt, ir::OnFault::Error]);
    let plugin = prop::sample::select(vec!["pass", "stop", "fault"]);
    let call = (plugin, on_fault).prop_map(|(plugin, on_fault)| {
        Op::Call(ir::Call { plugin: plugin.into(), options: json!({}), on_fault })
    });
    prop_oneof![
        3 => cond().prop_map(Op::Keep),
        1 => any::<bool>().prop_map(|as_error| Op::Halt { reason: Some("no".into()), as_error }),
        2 => prop::collection::vec(change, 1..3).prop_map(Op::Set),
        1 => Just(Op::Redirect { to: "c".into() }),
        2 => limit,
        2 => tap,
        1 => brk,
        1 => remote,
        1 => call,
    ]
}

/// A verdict without its message's sharing.
fn told(verdict: &Verdict) -> String {
    let json = |msg: &Message| msg.to_json().to_string();
    match verdict {
        Verdict::Deliver(msg) => format!("deliver {}", json(msg)),
        Verdict::Redirect { to, msg } => format!("redirect {to} {}", json(msg)),
        Verdict::Stop { router, reason, as_error, msg } => {
            format!("stop {router} {reason:?} {as_error} {}", json(msg))
        }
        Verdict::Hold { router, at, kind: HoldKind::Sink, msg, .. } => {
            format!("sink {router} {at:?} {}", json(msg))
        }
        Verdict::Hold { router, at, kind, release_at_ms, msg } => {
            format!("hold {router} {at:?} {kind:?} {release_at_ms} {}", json(msg))
        }
        Verdict::Remote { router, at, remote, key, msg } => {
            format!("remote {router} {at:?} {remote:?} {key:?} {}", json(msg))
        }
    }
}

/// Where a message that left its chain goes on when it is let go at once.
fn goes_on(verdict: &Verdict) -> Option<(Position, Message)> {
    match verdict {
        Verdict::Hold { kind: HoldKind::Sink, .. } => None,
        Verdict::Hold { at, msg, .. } | Verdict::Remote { at, msg, .. } => Some((at.clone(), msg.clone())),
        _ => None,
    }
}

/// All that the running form says of the messages, and its counts.
fn running(set: &ChainSet, sent: &[(f64, bool, Message)]) -> (Vec<String>, Vec<String>, Vec<RouterCounts>) {
    let mut desk = Desk { dice: 0.4, ..Desk::default() };
    let stack: Running = Linked::link(set.clone()).unwrap().bind(&mut desk.states);
    let mut verdicts = Vec::new();
    for (after, full, msg) in sent {
        desk.now += after;
        desk.full = *full;
        let mut verdict = stack.run(1, &wire(), msg.clone(), &mut desk);
        verdicts.push(told(&verdict));
        while let Some((at, msg)) = goes_on(&verdict) {
            verdict = stack.resume(at, &wire(), msg, &mut desk);
            verdicts.push(told(&verdict));
        }
    }
    let counts = (0..set.routers.len() as u32).map(|at| stack.counts(at, &mut desk.states)).collect();
    (verdicts, desk.written, counts)
}

/// The same of the recording interpreter.
fn traced(set: &ChainSet, sent: &[(f64, bool, Message)]) -> (Vec<String>, Vec<String>, Vec<RouterCounts>) {
    let mut desk = Desk { dice: 0.4, ..Desk::default() };
    let tracer = Tracer::bind(Arc::new(set.clone()), &mut desk.states).unwrap();
    // Joined to the same states, it shows the counts that the recording interpreter made.
    let stack = Linked::link(set.clone()).unwrap().bind(&mut desk.states);
    let mut verdicts = Vec::new();
    for (after, full, msg) in sent {
        desk.now += after;
        desk.full = *full;
        let mut next = Some((Position::start(1), msg.clone()));
        while let Some((at, msg)) = next {
            let (verdict, visits) = tracer.run(at, &wire(), msg, &mut desk);
            assert!(visits.windows(2).all(|pair| pair[0].step + 1 == pair[1].step));
            verdicts.push(told(&verdict));
            next = goes_on(&verdict);
        }
    }
    let counts = (0..set.routers.len() as u32).map(|at| stack.counts(at, &mut desk.states)).collect();
    (verdicts, desk.written, counts)
}

proptest! {
    #[test]
    fn the_record_is_of_what_the_running_form_does(
        steps in prop::collection::vec((prop::option::of(cond()), op()), 1..6),
        sent in prop::collection::vec((prop::sample::select(vec![0.0, 20.0, 55.0]), any::<bool>(), message()), 1..8),
    ) {
        let set = set(steps);
        let (verdicts, said, mut counts) = running(&set, &sent);
        counts.iter_mut().for_each(|counts| counts.absent.clear());
        let traced = traced(&set, &sent);
        prop_assert_eq!((verdicts, said, counts), traced);
    }

    #[test]
    fn a_condition_is_judged_as_the_reference_judges_it(cond in cond(), msg in message()) {
        let tables = tables();
        let regexes: Vec<String> = tables.regexes.iter().map(|regex| regex.as_str().to_owned()).collect();
        let judged = Recorder::new(&tables.paths, &regexes).unwrap().judge(&cond, &msg, &mut || 0.4);
        prop_assert_eq!(judged.holds, tables.holds(&cond, &msg, &mut || 0.4));
        prop_assert_eq!(judged.atoms.len(), atoms(&cond));
        prop_assert!(judged.decisive.iter().all(|at| judged.atoms[*at as usize].is_some()));
    }
}

/// The outcome of each atom, `-` for one that was not asked, and which decide.
fn judged(cond: &Cond, msg: serde_json::Value) -> (bool, String, Vec<u32>) {
    let tables = tables();
    let judged =
        Recorder::new(&tables.paths, &[]).unwrap().judge(cond, &Message::from_json(&msg), &mut || 0.4);
    let outcomes = judged.atoms.iter().map(|atom| match atom.as_ref().map(|atom| atom.outcome) {
        None => '-',
        Some(Outcome::True) => 't',
        Some(Outcome::False) => 'f',
        Some(Outcome::Absent) => 'a',
    });
    (judged.holds, outcomes.collect(), judged.decisive)
}

#[test]
fn what_decides_a_condition() {
    let is = |path, n: i32| Cond::Cmp(Cmp::Eq, Operand::Path(path), Operand::Lit(json!(n)));
    let both = Cond::And(vec![is(0, 1), Cond::Or(vec![is(1, 2), is(2, 3)]), is(3, 4)]);
    assert_eq!(judged(&both, json!({"a": 0})), (false, "f---".into(), vec![0]));
    assert_eq!(judged(&both, json!({"a": 1, "b": {"c": 0}})), (false, "tfa-".into(), vec![1, 2]));
    let all = json!({"a": 1, "b": {"c": 2}, "gone": {"far": 4}});
    assert_eq!(judged(&both, all), (true, "tt-t".into(), vec![0, 1, 3]));
    assert_eq!(judged(&Cond::Not(Box::new(is(0, 1))), json!({})), (true, "a".into(), vec![0]));
    assert_eq!(judged(&Cond::Has(0), json!({})), (false, "f".into(), vec![0]));
}

#[test]
fn what_a_router_did_is_on_record() {
    let set = set(vec![
        (None, Op::Set(vec![ir::Change::Assign(0, Operand::Path(3)), ir::Change::Delete(1)])),
        (Some(Cond::Has(0)), Op::Halt { reason: None, as_error: false }),
        (None, Op::Break(ir::Break { hits: 2, max: 1, for_ms: 10.0, then_pass: true, log: None })),
    ]);
    let mut desk = Desk::default();
    let tracer = Tracer::bind(Arc::new(set), &mut desk.states).unwrap();
    let msg = Message::from_json(&json!({"b": {"c": 7}}));
    let (verdict, visits) = tracer.run(Position::start(1), &wire(), msg, &mut desk);
    assert!(matches!(verdict, Verdict::Deliver(msg) if msg.to_json() == json!({"b": {}})));
    let [set, halt, brk] = visits.as_slice() else { panic!("{visits:#?}") };
    let Did::Changed(changes) = &set.did else { panic!("{set:#?}") };
    assert_eq!(changes.iter().map(|change| change.done).collect::<Vec<_>>(), [false, true]);
    assert_eq!(changes[1].before.as_ref().and_then(Value::as_number), Some(7.0));
    assert!(matches!((&halt.when, &halt.did), (Some(Judged { holds: false, .. }), Did::Skipped)));
    assert!(matches!(brk.did, Did::BelowHits { hits: 1, wanted: 2 }));
}
