//! Optimised chains do what the plain ones do: on generated chains, of every generated message.

#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use route_chain::Message;
use route_chain::host::{Still, Verdict};
use route_chain::ir::{self, Cmp, Cond, Op, Operand, Step};
use route_chain::link::Linked;
use serde_json::{Value as Json, json};

use super::Passes;
use crate::analysis::tests::{REGEXES, message, pass, paths, step, tables};
use crate::flow;
use crate::lower::Lowerer;
use crate::lowered::{Heading, Lowered};
use crate::testkit::{FLOW, chains_on};

const ONE_WIRE: &str = r#"[{"id":"t","type":"tab"},{"id":"a","z":"t","type":"inject","wires":[["b"]]},{"id":"b","z":"t","type":"debug","wires":[]}]"#;

/// The dice always show this.
const THROWN: f64 = 0.3;

fn set_of(steps: &[Step], layers: &[&str], passes: Passes) -> ir::ChainSet {
    let graph = flow::read(ONE_WIRE).unwrap();
    let mut lowerer = Lowerer::default();
    for path in paths() {
        lowerer.paths.intern(&path);
    }
    for regex in REGEXES {
        lowerer.regexes.intern(&regex.to_owned());
    }
    let on: Vec<u32> = steps.iter().map(|step| lowerer.steps.intern(step.clone())).collect();
    let router = |layer: &&str| ir::Router {
        name: "r".into(),
        kind: "halt".into(),
        layer: (*layer).to_owned(),
        file: String::new(),
        line: 1,
        doc: String::new(),
    };
    let mut lowered = Lowered::new(lowerer, layers.iter().map(router).collect(), vec![on]);
    super::run(&mut lowered, passes);
    lowered.finish(Heading { stack: "s", graph: &graph, placement: None, source: String::new() }, passes)
}

/// What is delivered; `None`: it was stopped.
fn runs(set: ir::ChainSet, messages: &[Json]) -> Vec<Option<Json>> {
    let wire = set.wires.first().cloned();
    let mut world = Still { dice: THROWN, ..Still::default() };
    let running = Linked::link(set).unwrap().bind(&mut world.states);
    let run = |msg: &Json| {
        let msg = Message::from_json(msg);
        let Some(wire) = &wire else { return Some(msg.to_json()) };
        match running.run(wire.chain, wire, msg, &mut world) {
            Verdict::Deliver(msg) => Some(msg.to_json()),
            _ => None,
        }
    };
    messages.iter().map(run).collect()
}

/// As the reference interpreter has it.
fn refers(steps: &[Step], messages: &[Json]) -> Vec<Option<Json>> {
    let tables = tables();
    let run = |msg: &Json| {
        let mut msg = Message::from_json(msg);
        let lives = steps.iter().all(|step| pass(step, &mut msg, &tables, &mut || THROWN));
        lives.then(|| msg.to_json())
    };
    messages.iter().map(run).collect()
}

/// Rules that want one value of a path each, as tables are made of.
fn rule() -> impl Strategy<Value = Step> {
    let lit = prop_oneof![
        4 => prop::sample::select(vec!["", "a", "ab", "b", "ba", "é"]).prop_map(Json::from),
        2 => prop::sample::select(vec![json!(0), json!(-0.0), json!(1), json!(2.5)]),
        1 => prop::sample::select(vec![json!(null), json!(true), json!(false)]),
    ];
    let path = Operand::Path(3);
    let cond = prop_oneof![
        5 => lit.clone().prop_map({ let p = path.clone(); move |v| Cond::Cmp(Cmp::Eq, p.clone(), Operand::Lit(v)) }),
        2 => prop::collection::vec(lit.clone(), 0..3).prop_map({ let p = path.clone(); move |v| Cond::InList(p.clone(), v) }),
        2 => prop::sample::select(vec!["", "a", "ab", "b"]).prop_map({ let p = path.clone(); move |v| Cond::StartsWith(p.clone(), Operand::Lit(json!(v))) }),
        1 => (0..4_u32).prop_map({ let p = path.clone(); move |r| Cond::Matches(p.clone(), r) }),
        1 => lit.prop_map({ let p = path.clone(); move |v| Cond::Not(Box::new(Cond::Cmp(Cmp::Eq, p.clone(), Operand::Lit(v)))) }),
        1 => prop::sample::select(vec![Cmp::Lt, Cmp::Ge]).prop_map(move |op| Cond::Cmp(op, path.clone(), Operand::Lit(json!(1)))),
    ];
    let note = prop_oneof![
        6 => Just(vec![ir::Change::Assign(0, Operand::Arith(ir::Arith::Add, Box::new(Operand::Path(0)), Box::new(Operand::Lit(json!(1)))))]),
        1 => Just(vec![ir::Change::Assign(3, Operand::Lit(json!("ab")))]),
    ];
    let op = prop_oneof![2 => note.prop_map(Op::Set), 1 => Just(Op::Halt { reason: None, as_error: false })];
    (prop::option::weighted(0.95, cond), op).prop_map(|(when, op)| Step { router: 0, when, op })
}

#[test]
fn many_steps_that_want_one_value_each_are_looked_up() {
    let rule = |at: usize| format!("halt h{at} on * -> \"Log\" {{ when msg.topic == \"t/{at}\" }}\n");
    let mut text: String = (0..4).map(rule).collect();
    text += "tap far on * -> \"Log\" { when msg.topic matches /^far\\// to stream }\n";
    text += "tap hot on * -> \"Log\" { when msg.payload > 30 to stream }\n";
    text += "set s on * -> \"Log\" { when msg.topic in [\"t/0\", \"t/9\"] msg.topic = \"t/9\" }\n";
    text += &rule(9);
    insta::assert_snapshot!(chains_on(FLOW, &text), @r#"
    "Threshold".1 -> "Log"
        look up msg.topic: 5 values, 1 beginning; at most 3 of 7 steps
          halt h0: when msg.topic == "t/0" stop
          halt h1: when msg.topic == "t/1" stop
          halt h2: when msg.topic == "t/2" stop
          halt h3: when msg.topic == "t/3" stop
          tap far: when msg.topic starts with "far/" to stream
          tap hot: when msg.payload > 30 to stream
          set s: when msg.topic in ["t/0", "t/9"] msg.topic = "t/9"
        halt h9: when msg.topic == "t/9" stop
    "#);
}

#[test]
fn what_earlier_routers_decide_is_not_asked_again() {
    insta::assert_snapshot!(chains_on(
        FLOW,
        r#"
filter number on * -> "Log" { keep when msg.payload is number and msg.payload in 0..100 }
halt low on * -> "Log" { when msg.payload < 10 and msg.unit != "F" }
set unit on * -> "Log" { when not has(msg.unit) msg.unit = "C" }
tap warm on * -> "Log" { when msg.payload >= 0 and has(msg.payload) and msg.payload < 5 and msg.unit == "F" to stream }
halt gone on * -> "Log" { when msg.payload > 100 or msg.payload is string }
halt cold on * -> "Log" { when msg.payload < 5 and msg.unit == "C" }
tap named on * -> "Log" { when msg.topic matches /^(?:a|b)$/ or msg.topic matches /x$/ to stream }
"#
    ), @r#"
    "Threshold".1 -> "Log"
        filter number: keep when msg.payload in 0..100
        halt low: when msg.payload < 10 and msg.unit != "F" stop
        set unit: when not has(msg.unit) msg.unit = "C"
        tap warm: when msg.payload < 5 and msg.unit == "F" to stream
        halt cold: when msg.payload < 5 and msg.unit == "C" stop
        tap named: when msg.topic in ["a", "b"] or msg.topic ends with "x" to stream
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn passes_keep_what_becomes_of_every_message(
        steps in prop_oneof![prop::collection::vec(step(), 0..6), prop::collection::vec(rule(), 6..24)],
        messages in prop::collection::vec(message(), 10),
        split in any::<u32>(),
    ) {
        let layers = ["main", "debug"];
        let steps: Vec<Step> = (0..).zip(steps).map(|(at, step)| Step { router: split >> at & 1, ..step }).collect();
        let wanted = refers(&steps, &messages);
        for passes in [Passes::NONE, Passes::ALL, Passes::ALL.without("implied").unwrap(), Passes::ALL.up_to("implied").unwrap()] {
            let set = set_of(&steps, &layers, passes);
            route_chain::format::check(&set).unwrap();
            prop_assert_eq!(&runs(set, &messages), &wanted, "{:?}", passes);
        }
        // A layer can be taken out of the compiled stack.
        let set = route_chain::layer::without_layer(&set_of(&steps, &layers, Passes::ALL), "debug");
        let own: Vec<Step> = steps.iter().filter(|step| step.router == 0).cloned().collect();
        prop_assert_eq!(runs(set, &messages), refers(&own, &messages));
    }
}
