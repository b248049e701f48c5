//! What every kind of router does to messages, what is counted, and how chains with tables run.
#![allow(clippy::unwrap_used)]

mod desk;

use desk::Desk;
use route_chain::host::{HoldKind, Verdict};
use route_chain::link::{Linked, Running, Stepped};
use route_chain::state::RouterCounts;
use route_chain::{Message, ir};
use serde_json::{Value as Json, json};

/// Routers in a row on one wire; paths 0 `topic`, 1 `payload.t`, 2 `made.deep`.
struct Row {
    desk: Desk,
    running: Running,
}

fn row_with(steps: Json, tables: Json) -> Row {
    let routers: Vec<Json> = (0..steps.as_array().unwrap().len())
        .map(|i| json!({"name": format!("r{i}"), "kind": "k", "layer": "main", "file": "", "line": 1}))
        .collect();
    let steps: Vec<Json> = steps
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(i, step)| {
            let mut step = step.clone();
            step["router"] = json!(i);
            step
        })
        .collect();
    let set = json!({
        "magic": ir::MAGIC, "version": ir::VERSION, "stack": "s", "flows": "", "source": "",
        "paths": [["topic"], ["payload", "t"], ["made", "deep"]],
        "regexes": [], "routers": routers,
        "chains": [{"steps": []}, {"steps": steps, "tables": tables}],
        "wires": [{"from": "a", "port": 0, "to": "b", "chain": 1}],
    });
    let mut desk = Desk::default();
    let linked = Linked::link(serde_json::from_value(set).unwrap()).unwrap();
    let running = linked.bind(&mut desk.states);
    Row { desk, running }
}

fn row(steps: Json) -> Row {
    row_with(steps, json!([]))
}

impl Row {
    fn send(&mut self, msg: Json) -> Verdict {
        let wire = self.running.set().wires[0].clone();
        self.running.run(1, &wire, Message::from_json(&msg), &mut self.desk)
    }

    fn say(&mut self, msg: Json) -> String {
        let verdict = self.send(msg);
        said(&verdict)
    }

    fn counts(&mut self, router: u32) -> RouterCounts {
        self.running.counts(router, &mut self.desk.states)
    }
}

fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Deliver(msg) => format!("deliver {}", msg.to_json()),
        Verdict::Redirect { to, msg } => format!("to {to} {}", msg.to_json()),
        Verdict::Stop { router, reason, as_error, .. } => {
            let error = if *as_error { " as error" } else { "" };
            format!("stop by {router}{error} {}", reason.as_deref().unwrap_or("-"))
        }
        Verdict::Hold { router, kind, release_at_ms, .. } => {
            format!("hold by {router} {kind:?} until {release_at_ms}")
        }
        Verdict::Remote { router, remote, .. } => format!("remote by {router} to {}", remote.to.join(" ")),
    }
}

fn is(path: u32, value: Json) -> Json {
    json!({"cmp": ["eq", {"path": path}, {"lit": value}]})
}

#[test]
fn keep_stops_what_does_not_pass() {
    let mut row = row(json!([{"op": {"keep": {"cmp": ["gt", {"path": 1}, {"lit": 3}]}}}]));
    assert_eq!(row.say(json!({"payload": {"t": 4}})), r#"deliver {"payload":{"t":4}}"#);
    assert_eq!(row.say(json!({"payload": {"t": 3}})), "stop by 0 -");
    assert_eq!(row.say(json!({"payload": 1})), "stop by 0 -");
    let counts = row.counts(0);
    assert_eq!((counts.seen, counts.passed, counts.stopped), (3, 1, 2));
    assert_eq!(counts.absent.into_iter().collect::<Vec<_>>(), [("msg.payload.t".to_owned(), 1)]);
}

#[test]
fn halt_gives_its_reason() {
    let halt = json!({"when": is(0, json!("x")), "op": {"halt": {"reason": "retired", "as_error": true}}});
    let mut row = row(json!([halt]));
    assert_eq!(row.say(json!({"topic": "x"})), "stop by 0 as error retired");
    assert_eq!(row.say(json!({"topic": "y"})), r#"deliver {"topic":"y"}"#);
    assert_eq!(row.counts(0).seen, 1);
}

#[test]
fn set_changes_in_order_and_leaves_siblings_alone() {
    let set = json!({"op": {"set": [
        {"assign": [2, {"lit": 1}]},
        {"assign": [1, {"arith": ["add", {"path": 2}, {"lit": 1}]}]},
        {"delete": 0},
        {"assign": [0, {"path": 0}]},
    ]}});
    let mut row = row(json!([set]));
    let sibling = Message::from_json(&json!({"topic": "x", "payload": {"t": 0}}));
    let wire = row.running.set().wires[0].clone();
    let verdict = row.running.run(1, &wire, sibling.clone(), &mut row.desk);
    assert_eq!(said(&verdict), r#"deliver {"payload":{"t":2},"made":{"deep":1}}"#);
    assert_eq!(sibling.to_json(), json!({"topic": "x", "payload": {"t": 0}}));
}

#[test]
fn redirect_keeps_the_rest_of_the_chain() {
    let redirect = json!({"when": is(0, json!("x")), "op": {"redirect": {"to": "c"}}});
    let set = json!({"op": {"set": [{"assign": [0, {"lit": "seen"}]}]}});
    let mut row = row(json!([redirect, set]));
    assert_eq!(row.say(json!({"topic": "x"})), r#"to c {"topic":"seen"}"#);
    assert_eq!(row.say(json!({"topic": "y"})), r#"deliver {"topic":"seen"}"#);
}

#[test]
fn a_redirect_met_before_a_hold_is_remembered() {
    let redirect = json!({"when": is(0, json!("x")), "op": {"redirect": {"to": "c"}}});
    let set = json!({"op": {"set": [{"assign": [0, {"lit": "other"}]}]}});
    let hold = json!({"op": {"break": {"hits": 1, "max": 9, "for_ms": 50.0, "then_pass": true}}});
    let mut row = row(json!([redirect, set, hold]));
    let Verdict::Hold { at, msg, router, .. } = row.send(json!({"topic": "x"})) else { panic!("not held") };
    assert_eq!((router, at.step, at.redirect.as_deref()), (2, 3, Some("c")));
    let wire = row.running.set().wires[0].clone();
    assert_eq!(said(&row.running.resume(at, &wire, msg, &mut row.desk)), r#"to c {"topic":"other"}"#);
    assert_eq!(row.counts(2).held, 1);
}

#[test]
fn a_rate_lets_the_burst_through_and_then_its_share() {
    let limit = json!({"op": {"limit": {
        "rate": {"count": 1.0, "per_ms": 100.0, "burst": 2.0}, "per": {"path": 0}, "over": "halt", "max_keys": 2,
    }}});
    let mut row = row(json!([limit]));
    let mut passed = |now: f64, topic: &str| {
        row.desk.now = now;
        matches!(row.send(json!({"topic": topic})), Verdict::Deliver(_))
    };
    assert_eq!(
        [passed(0.0, "a"), passed(0.0, "a"), passed(0.0, "a"), passed(0.0, "b")],
        [true, true, false, true]
    );
    assert_eq!([passed(100.0, "a"), passed(100.0, "a"), passed(150.0, "a")], [true, false, false]);
    // A third key: `b`, used longest ago, is forgotten and begins anew.
    assert_eq!([passed(150.0, "c"), passed(150.0, "b"), passed(150.0, "b")], [true, true, true]);
}

#[test]
fn those_over_a_rate_are_held_in_order() {
    let limit = json!({"op": {"limit": {
        "rate": {"count": 1.0, "per_ms": 100.0, "burst": 1.0}, "over": {"hold": {"max": 2}}, "max_keys": 10,
    }}});
    let mut row = row(json!([limit]));
    let said: Vec<String> = (0..4).map(|_| row.say(json!({}))).collect();
    assert_eq!(said, ["deliver {}", "hold by 0 Limit until 100", "hold by 0 Limit until 200", "stop by 0 -"]);
}

#[test]
fn duplicates_are_stopped_within_their_time() {
    let limit = json!({"op": {"limit": {"distinct": {"by": {"path": 0}, "within_ms": 50.0}, "over": "halt", "max_keys": 9}}});
    let mut row = row(json!([limit]));
    let mut passed = |now: f64, msg: Json| {
        row.desk.now = now;
        matches!(row.send(msg), Verdict::Deliver(_))
    };
    assert!(
        passed(0.0, json!({"topic": "a"}))
            && !passed(49.0, json!({"topic": "a"}))
            && passed(60.0, json!({"topic": "a"}))
    );
    // Types are told apart; a missing key is a key of its own.
    assert!(
        passed(60.0, json!({"topic": 1}))
            && passed(60.0, json!({"topic": "1"}))
            && !passed(60.0, json!({"topic": 1.0}))
    );
    assert!(passed(60.0, json!({})) && !passed(60.0, json!({})) && passed(60.0, json!({"topic": null})));
    let long = |end: &str| json!({"topic": "x".repeat(500) + end});
    assert!(passed(60.0, long("a")) && passed(60.0, long("b")) && !passed(60.0, long("a")));
}

#[test]
fn a_tap_copies_its_part_of_each_nth_message() {
    let tap = |more: Json| {
        let mut tap = json!({"sink": "stdout", "select": {"only": [0]}, "every": 1, "block": false});
        tap.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row(json!([{"op": {"tap": tap}}]))
    };
    let mut second = tap(json!({"every": 2}));
    (0..5).for_each(|i| drop(second.send(json!({"topic": i, "payload": 1}))));
    assert_eq!(second.desk.written, [r#"tap {"topic":1}"#, r#"tap {"topic":3}"#]);

    let mut full = tap(json!({}));
    full.desk.full = true;
    assert_eq!(full.say(json!({"topic": 1})), r#"deliver {"topic":1}"#);
    assert_eq!((full.counts(0).seen, full.counts(0).dropped_copies), (1, 1));

    let mut waits = tap(json!({"block": true}));
    waits.desk.full = true;
    let Verdict::Hold { at, kind, msg, .. } = waits.send(json!({"topic": 1})) else { panic!("not held") };
    assert_eq!((at.step, kind), (0, HoldKind::Sink));
    waits.desk.full = false;
    let wire = waits.running.set().wires[0].clone();
    assert_eq!(said(&waits.running.resume(at, &wire, msg, &mut waits.desk)), r#"deliver {"topic":1}"#);
    assert_eq!((waits.counts(0).seen, waits.counts(0).passed, waits.desk.written.len()), (1, 1, 1));
}

#[test]
fn a_breakpoint_holds_from_its_hit_on_or_only_reports() {
    let mut holds =
        row(json!([{"op": {"break": {"hits": 2, "max": 9, "for_ms": 50.0, "then_pass": false}}}]));
    assert_eq!(holds.say(json!({})), "deliver {}");
    assert_eq!(holds.say(json!({})), "hold by 0 Break { pass: false } until 50");
    let log = json!([{"text": "t is "}, {"value": {"path": 1}}, {"text": ", made "}, {"value": {"path": 2}}]);
    let mut says =
        row(json!([{"op": {"break": {"hits": 1, "max": 9, "for_ms": 50.0, "then_pass": true, "log": log}}}]));
    assert_eq!(says.say(json!({"payload": {"t": "x"}})), r#"deliver {"payload":{"t":"x"}}"#);
    assert_eq!(says.desk.written, ["log t is x, made absent"]);
}

#[test]
fn remote_leaves_the_chain_and_may_come_back() {
    let remote =
        json!({"to": ["cloud", "gate"], "choose": "order", "unreachable": "pass", "ack": "delivered"});
    let set = json!({"op": {"set": [{"assign": [0, {"lit": "here"}]}]}});
    let mut row = row(json!([{"op": {"remote": remote}}, set]));
    let Verdict::Remote { at, msg, remote, .. } = row.send(json!({})) else { panic!("not sent") };
    assert_eq!(remote.to, ["cloud", "gate"]);
    let wire = row.running.set().wires[0].clone();
    assert_eq!(said(&row.running.resume(at, &wire, msg, &mut row.desk)), r#"deliver {"topic":"here"}"#);
    assert_eq!((row.counts(0).remote, row.counts(0).passed), (1, 0));
    row.running.not_sent(0, false, &mut row.desk.states);
    assert_eq!((row.counts(0).remote, row.counts(0).passed), (0, 1));
}

#[test]
fn a_remote_by_hash_names_its_key() {
    let remote =
        json!({"to": ["a", "b"], "choose": {"hash": {"path": 0}}, "unreachable": "halt", "ack": "stored"});
    let mut row = row(json!([{"op": {"remote": remote}}]));
    let mut key = |msg: Json| match row.send(msg) {
        Verdict::Remote { key, .. } => key.and_then(|key| key.to_json()),
        verdict => panic!("{}", said(&verdict)),
    };
    assert_eq!((key(json!({"topic": "bed"})), key(json!({}))), (Some(json!("bed")), Some(Json::Null)));
    assert_eq!(row.counts(0).absent.get("msg.topic"), Some(&1));
}

#[test]
fn what_a_router_holds_is_passed_or_stopped_when_it_is_let_go() {
    let mut row = row(json!([{"op": {"break": {"hits": 1, "max": 9, "for_ms": 50.0, "then_pass": true}}}]));
    for _ in 0..3 {
        row.send(json!({}));
    }
    row.running.released(0, false, &mut row.desk.states);
    row.running.released(0, true, &mut row.desk.states);
    let counts = row.counts(0);
    assert_eq!((counts.seen, counts.passed, counts.stopped, counts.held, counts.holds), (3, 1, 1, 3, 1));
}

#[test]
fn call_passes_stops_and_faults() {
    let call = |plugin: &str, on_fault: &str| {
        row(json!([{"op": {"call": {"plugin": plugin, "options": {}, "on_fault": on_fault}}}]))
            .say(json!({"topic": 1}))
    };
    assert_eq!(call("pass", "halt"), r#"deliver {"topic":1,"called":true}"#);
    assert_eq!(call("stop", "pass"), "stop by 0 said no");
    assert_eq!(call("fault", "pass"), r#"deliver {"topic":1}"#);
    assert_eq!(call("fault", "halt"), "stop by 0 broke");
    assert_eq!(call("fault", "error"), "stop by 0 as error broke");
}

#[test]
fn a_message_can_go_step_by_step() {
    let set = |value: &str| json!({"op": {"set": [{"assign": [0, {"lit": value}]}]}});
    let row = row(json!([set("one"), {"op": {"redirect": {"to": "c"}}}]));
    let Row { mut desk, running } = row;
    let wire = running.set().wires[0].clone();
    let begin = route_chain::host::Position::start(1);
    let Stepped::Next(at, msg) = running.step(begin, &wire, Message::new(), &mut desk) else {
        panic!("ended")
    };
    assert_eq!((at.step, msg.to_json()), (1, json!({"topic": "one"})));
    let Stepped::Ended(verdict) = running.step(at, &wire, msg, &mut desk) else { panic!("goes on") };
    assert_eq!(said(&verdict), r#"to c {"topic":"one"}"#);
}

/// Four routers that ask for the topic, and the table over them.
fn tabled() -> (Json, Json) {
    let halt = |when: Json| json!({"when": when, "op": {"halt": {"as_error": false}}});
    let not = |cond: Json| json!({"not": cond});
    let steps = json!([
        halt(json!({"and": [is(0, json!("x")), {"cmp": ["gt", {"path": 1}, {"lit": 5}]}]})),
        {"op": {"keep": not(is(0, json!("bad")))}},
        halt(json!({"starts_with": [{"path": 0}, {"lit": "plant/"}]})),
        halt(json!({"in_list": [{"path": 0}, [7, true]]})),
    ]);
    let table = json!([{
        "from": 0, "to": 4, "path": 0,
        "equal": [["x", [0]], ["bad", [1]], [7, [3]], [true, [3]]],
        "prefix": [["plant/", [2]]],
        "other": [],
    }]);
    (steps, table)
}

#[test]
fn a_table_changes_nothing_but_the_way() {
    let (steps, table) = tabled();
    let (mut plain, mut fast) = (row(steps.clone()), row_with(steps, table));
    let topics =
        json!(["x", "bad", "plant/1", "plant", "y", 7, 7.5, -0.0, true, false, null, {"a": 1}, ["x"]]);
    for topic in topics.as_array().unwrap() {
        for t in [4, 6] {
            let msg = json!({"topic": topic, "payload": {"t": t}});
            assert_eq!(fast.say(msg.clone()), plain.say(msg.clone()), "{msg}");
        }
    }
    assert_eq!(fast.say(json!({})), plain.say(json!({})));
    for router in 0..4 {
        assert_eq!(fast.counts(router), plain.counts(router), "router {router}");
    }
    assert_eq!(plain.counts(1).seen, 26);
}

#[test]
fn states_live_on_in_the_next_stack_by_layer_name_and_kind() {
    let halt = json!([{"op": {"halt": {"as_error": false}}}]);
    let Row { mut desk, running } = row(halt.clone());
    let wire = running.set().wires[0].clone();
    drop(running.run(1, &wire, Message::new(), &mut desk));
    let mut renamed = running.set().clone();
    let same = Linked::link(renamed.clone()).unwrap().bind(&mut desk.states);
    renamed.routers[0].name = "other".into();
    let other = Linked::link(renamed).unwrap().bind(&mut desk.states);
    running.retire(&mut desk.states);
    drop(same.run(1, &wire, Message::new(), &mut desk));
    assert_eq!((same.counts(0, &mut desk.states).stopped, other.counts(0, &mut desk.states).stopped), (2, 0));
    same.retire(&mut desk.states);
    // Nobody used it any more: it begins anew.
    let again = row(halt).running.set().clone();
    let again = Linked::link(again).unwrap().bind(&mut desk.states);
    assert_eq!(again.counts(0, &mut desk.states).seen, 0);
}
