//! The engine: delivery, order, swaps, holds, errors, taps.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use route_chain::{Value, ir};
use route_runtime::engine::{Refusal, Release};
use route_runtime::taps::stream::Filter;
use serde_json::json;

fn pair() -> Vec<route_runtime::deploy::FlowNode> {
    vec![node("a", "pass", &["b"]), node("b", "sink", &[])]
}

#[tokio::test]
async fn a_message_passes_through_in_order_and_gets_an_identity() {
    let (_, totals) = run(deploy(pair(), None), options(), async |handle| {
        for n in 0..1000 {
            give(&handle, "a", number(f64::from(n))).await.unwrap();
        }
        settle(&handle).await;
        let seen = seen();
        assert_eq!(seen.len(), 1000);
        for (n, (_, msg)) in seen.iter().enumerate() {
            assert_eq!(msg.get("payload").and_then(Value::as_number), Some(n as f64));
            assert!(msg.id().len() == 16 && msg.id().chars().all(|c| c.is_ascii_hexdigit()), "{}", msg.id());
        }
    })
    .await;
    assert_eq!((totals.sent, totals.delivered, totals.refused), (1000, 2000, 0));
}

#[tokio::test]
async fn copies_of_one_send_are_not_changed_by_each_other() {
    let nodes = vec![node("a", "pass", &["b", "c"]), node("b", "sink", &[]), node("c", "sink", &[])];
    let set = ir::Change::Assign(0, ir::Operand::Lit(json!(7)));
    let set = stack("s", vec![ir::Op::Set(vec![set])]);
    run(deploy(nodes, Some(set)), options(), async |handle| {
        give(&handle, "a", number(1.0)).await.unwrap();
        settle(&handle).await;
        let seen = seen();
        let got: Vec<_> =
            seen.iter().map(|(to, m)| (to.as_str(), m.get("payload").unwrap().as_number())).collect();
        assert_eq!(got, [("b", Some(7.0)), ("c", Some(1.0))]);
        assert_eq!(seen[0].1.id(), seen[1].1.id());
    })
    .await;
}

#[tokio::test]
async fn nothing_is_lost_or_reordered_by_a_hundred_swaps() {
    const MESSAGES: f64 = 100_000.0;
    let nodes = vec![node("a", "source", &["b"]), node("b", "sink", &[])];
    let (_, totals) = run(deploy(nodes, None), options(), async |handle| {
        give(&handle, "a", number(MESSAGES)).await.unwrap();
        for swap in 0..100 {
            let ops = if swap % 2 == 0 { vec![halt()] } else { Vec::new() };
            let in_force = handle.stack(stack("s", ops), Some("f".into())).await.unwrap();
            assert_eq!(in_force.number, swap + 1);
            while handle.status().await.unwrap()["totals"]["sent"].as_u64().unwrap() < (swap + 1) * 900 {}
        }
        while handle.status().await.unwrap()["totals"]["sent"].as_f64().unwrap() < MESSAGES {}
        settle(&handle).await;
        let got = payloads();
        assert!(got.is_sorted_by(|a, b| a < b), "out of order");
        assert!(!got.is_empty() && got.len() < MESSAGES as usize, "both kinds of stack were in force");
    })
    .await;
    // One delivery is the message that starts the source.
    assert_eq!(totals.sent as f64, MESSAGES);
    assert_eq!(totals.sent, totals.delivered - 1 + totals.stopped);
}

#[tokio::test]
async fn a_full_queue_is_an_error_of_the_sender() {
    let nodes = vec![node("a", "source", &["b"]), node("b", "sink", &[]), node("c", "catch", &["b"])];
    let options = route_runtime::engine::Options { queue: 50, ..options() };
    let (_, totals) = run(deploy(nodes, None), options, async |handle| {
        give(&handle, "a", number(100.0)).await.unwrap();
        while handle.status().await.unwrap()["totals"]["sent"].as_u64().unwrap() < 100 {}
        settle(&handle).await;
        assert_eq!(payloads().len(), 50);
    })
    .await;
    assert_eq!(totals.errors, 50);
}

#[tokio::test]
async fn held_messages_resume_drop_and_expire() {
    let pass = stack("s", vec![hold(10, 3_600_000.0, true)]);
    let (_, totals) = run(deploy(pair(), Some(pass)), options(), async |handle| {
        for n in [1.0, 2.0, 3.0] {
            give(&handle, "a", number(n)).await.unwrap();
        }
        let held = handle.held().await.unwrap();
        assert_eq!(
            held.iter().map(|h| h.msg["payload"].clone()).collect::<Vec<_>>(),
            [json!(1), json!(2), json!(3)]
        );
        assert_eq!(held[0].router, "r0");
        let minutes = (held[0].until - held[0].since) / 60_000.0;
        assert!((minutes - 60.0).abs() < 1.0, "{minutes}");
        assert!(payloads().is_empty());

        assert_eq!(handle.release(held[1].id, Release::Resume).await, Some(true));
        assert_eq!(handle.release(held[1].id, Release::Resume).await, Some(false));
        assert_eq!(handle.release(held[0].id, Release::Drop).await, Some(true));
        settle(&handle).await;
        assert_eq!(payloads(), [2.0]);

        assert_eq!(handle.held().await.unwrap().len(), 1);
    })
    .await;
    assert_eq!((totals.sent, totals.stopped), (3, 1));
}

#[tokio::test]
async fn held_messages_pass_or_stop_when_their_time_or_the_room_is_over() {
    for then_pass in [true, false] {
        let set = stack("s", vec![hold(1, 20.0, then_pass)]);
        let (_, totals) = run(deploy(pair(), Some(set)), options(), async |handle| {
            give(&handle, "a", number(1.0)).await.unwrap();
            // There is room for one: the second goes the way of the expiry at once.
            give(&handle, "a", number(2.0)).await.unwrap();
            while !handle.held().await.unwrap().is_empty() {}
            settle(&handle).await;
            let expected: &[f64] = if then_pass { &[2.0, 1.0] } else { &[] };
            assert_eq!(payloads(), expected);
        })
        .await;
        assert_eq!(totals.stopped, if then_pass { 0 } else { 2 });
    }
}

#[tokio::test]
async fn a_held_message_finishes_on_the_stack_it_began_with() {
    let old = stack("old", vec![hold(10, 1000.0, false), tap(ir::Sink::Counter("old".into()))]);
    run(deploy(pair(), Some(old)), options(), async |handle| {
        give(&handle, "a", number(1.0)).await.unwrap();
        handle.stack(stack("new", vec![halt()]), None).await.unwrap();
        let id = handle.held().await.unwrap()[0].id;
        handle.release(id, Release::Resume).await;
        let status = settle(&handle).await;
        assert_eq!(payloads(), [1.0]);
        assert_eq!(status["taps"]["counters"]["old"], json!(1));

        give(&handle, "a", number(2.0)).await.unwrap();
        settle(&handle).await;
        assert!(payloads().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_step_goes_one_router_further() {
    let set = stack(
        "s",
        vec![hold(10, 1e6, true), tap(ir::Sink::Counter("one".into())), tap(ir::Sink::Counter("two".into()))],
    );
    run(deploy(pair(), Some(set)), options(), async |handle| {
        give(&handle, "a", number(1.0)).await.unwrap();
        // The last router is the end of the way: the message arrives with it.
        for (counts, arrived) in [(json!([1, 0]), vec![]), (json!([1, 1]), vec![1.0])] {
            let id = handle.held().await.unwrap()[0].id;
            assert_eq!(handle.release(id, Release::Step).await, Some(true));
            let counters = settle(&handle).await["taps"]["counters"].clone();
            assert_eq!(json!([counters["one"], counters["two"]]), counts);
            assert_eq!(payloads(), arrived);
        }
        assert!(handle.held().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn rollback_returns_to_the_stack_before_and_then_says_that_there_is_none() {
    run(deploy(pair(), None), options(), async |handle| {
        handle.stack(stack("closed", vec![halt()]), None).await.unwrap();
        give(&handle, "a", number(1.0)).await.unwrap();
        settle(&handle).await;
        assert!(payloads().is_empty());
        assert_eq!(handle.rollback().await.unwrap().stack, "");
        give(&handle, "a", number(2.0)).await.unwrap();
        settle(&handle).await;
        assert_eq!(payloads(), [2.0]);
        assert_eq!(handle.rollback().await, Err(Refusal::NoEarlier));
    })
    .await;
}

#[tokio::test]
async fn a_stack_for_other_flows_or_with_unknown_nodes_is_refused_and_changes_nothing() {
    run(deploy(pair(), None), options(), async |handle| {
        let mut stale = stack("s", vec![halt()]);
        stale.flows = "g".into();
        let refusal = handle.stack(stale, None).await.unwrap_err();
        assert_eq!(refusal, Refusal::Stale { deployed: "f".into(), given: "g".into() });
        let refusal = handle.stack(stack("s", vec![halt()]), Some("g".into())).await.unwrap_err();
        assert!(matches!(refusal, Refusal::Stale { .. }));
        let nowhere = stack("s", vec![ir::Op::Redirect { to: "nowhere".into() }]);
        assert!(matches!(handle.stack(nowhere, None).await, Err(Refusal::Invalid(why)) if why.contains("`nowhere`")));
        let call = ir::Call { plugin: "nope".into(), options: json!({}), on_fault: ir::OnFault::Pass };
        let unknown = handle.stack(stack("s", vec![ir::Op::Call(call)]), None).await;
        assert!(matches!(unknown, Err(Refusal::Invalid(why)) if why.contains("`nope`") && why.contains("`stamp`")));
        give(&handle, "a", number(1.0)).await.unwrap();
        settle(&handle).await;
        assert_eq!(payloads(), [1.0]);
    })
    .await;
}

#[tokio::test]
async fn the_module_stamp_numbers_messages() {
    let call =
        ir::Call { plugin: "stamp".into(), options: json!({ "key": "seal" }), on_fault: ir::OnFault::Halt };
    run(deploy(pair(), Some(stack("s", vec![ir::Op::Call(call)]))), options(), async |handle| {
        give(&handle, "a", number(1.0)).await.unwrap();
        give(&handle, "a", number(2.0)).await.unwrap();
        settle(&handle).await;
        let seals: Vec<_> =
            seen().iter().map(|(_, m)| route_runtime::taps::line::message(m)["seal"].clone()).collect();
        assert_eq!(seals[0], json!({ "number": 1, "source": "a", "dest": "b" }));
        assert_eq!(seals[1]["number"], json!(2));
    })
    .await;
}

#[tokio::test]
async fn catch_status_and_complete_hear_of_the_nodes_of_their_scope() {
    let scope = |ids: &[&str]| json!({ "scope": ids }).as_object().unwrap().clone();
    let uncaught = json!({ "scope": null, "uncaught": true }).as_object().unwrap().clone();
    let nodes = vec![
        node("a", "pass", &["f", "g"]),
        node("f", "fails", &[]),
        node("g", "fails", &[]),
        configured("c", "catch", &["caught"], scope(&["f"])),
        configured("u", "catch", &["rest"], uncaught),
        configured("s", "status", &["told"], scope(&["g"])),
        configured("d", "complete", &["finished"], scope(&["a"])),
        node("caught", "sink", &[]),
        node("rest", "sink", &[]),
        node("told", "sink", &[]),
        node("finished", "sink", &[]),
    ];
    run(deploy(nodes, None), options(), async |handle| {
        give(&handle, "a", number(5.0)).await.unwrap();
        settle(&handle).await;
        let seen = seen();
        let of = |id: &str| -> Vec<_> {
            let mine = seen.iter().filter(|(to, _)| to == id);
            mine.map(|(_, m)| route_runtime::taps::line::message(m)).collect()
        };
        let [caught] = &of("caught")[..] else { panic!("{seen:?}") };
        let source = json!({ "id": "f", "type": "fails", "name": "", "count": 1 });
        assert_eq!(caught["error"], json!({ "message": "it broke", "source": source }));
        assert_eq!(caught["payload"], json!(5));
        assert_eq!(
            of("rest").iter().map(|m| m["error"]["source"]["id"].clone()).collect::<Vec<_>>(),
            [json!("g")]
        );
        let source = json!({ "id": "g", "type": "fails", "name": "" });
        assert_eq!(
            of("told").iter().map(|m| m["status"].clone()).collect::<Vec<_>>(),
            [json!({ "text": "failing", "source": source })]
        );
        assert_eq!(of("finished").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_error_that_goes_in_a_circle_ends() {
    let nodes = vec![node("a", "fails", &[]), node("c", "catch", &["a", "b"]), node("b", "sink", &[])];
    let (_, totals) = run(deploy(nodes, None), options(), async |handle| {
        give(&handle, "a", number(1.0)).await.unwrap();
        settle(&handle).await;
        assert_eq!(payloads().len(), 9);
    })
    .await;
    assert_eq!(totals.errors, 10);
}

#[tokio::test]
async fn taps_copy_to_a_node_a_counter_a_file_and_subscribers() {
    let dir = tempfile::tempdir().unwrap();
    let file = ir::Sink::File { path: "taps/audit.ndjson".into(), rotate: None, keep: None };
    let sinks = [ir::Sink::Node("t".into()), ir::Sink::Counter("n".into()), ir::Sink::Stream, file];
    let set = stack("s", sinks.into_iter().map(tap).collect());
    let nodes = vec![node("a", "pass", &["b"]), node("b", "sink", &[]), node("t", "sink", &[])];
    let options = route_runtime::engine::Options { base_dir: dir.path().into(), ..options() };
    run(deploy(nodes, Some(set)), options, async |handle| {
        let mut copies = handle.subscribe(Filter::default()).await.unwrap();
        let wire = Filter { from: Some("a".into()), ..Filter::default() };
        let mut wires = handle.subscribe(wire).await.unwrap();
        give(&handle, "a", number(1.0)).await.unwrap();
        let status = settle(&handle).await;
        assert_eq!(status["taps"]["counters"]["n"], json!(1));
        let seen: Vec<_> = seen().into_iter().map(|(to, _)| to).collect();
        assert_eq!(seen, ["t", "b"]);
        let copy: serde_json::Value = serde_json::from_str(&copies.recv().await.unwrap()).unwrap();
        assert_eq!((&copy["router"], &copy["from"], &copy["to"]), (&json!("r2"), &json!("a"), &json!("b")));
        assert_eq!(copy["msg"]["payload"], json!(1));
        let bare: serde_json::Value = serde_json::from_str(&wires.recv().await.unwrap()).unwrap();
        assert_eq!(bare["router"], json!(null));
    })
    .await;
    let text = std::fs::read_to_string(dir.path().join("taps/audit.ndjson")).unwrap();
    assert_eq!(text.lines().count(), 1);
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&line["router"], &line["msg"]["payload"]), (&json!("r3"), &json!(1)));
}

#[tokio::test]
async fn the_stdout_sink_writes_one_line_each() {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let options = route_runtime::engine::Options { stdout: Some(Box::new(theirs)), ..options() };
    run(deploy(pair(), Some(stack("s", vec![tap(ir::Sink::Stdout)]))), options, async |handle| {
        give(&handle, "a", number(1.0)).await.unwrap();
        give(&handle, "a", number(2.0)).await.unwrap();
        settle(&handle).await;
    })
    .await;
    let mut text = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut { ours }, &mut text).await.unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.iter().map(|l| l["msg"]["payload"].clone()).collect::<Vec<_>>(), [json!(1), json!(2)]);
}
