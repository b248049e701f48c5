//! Stacks that change while messages run: nothing lost, ledger and overlays.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::*;
use route_chain::Value;
use route_chain::ir;
use route_runtime::engine::{Change, Overlay, Refusal, Removal, Rollback, Sources, Wanted};
use serde_json::json;

#[tokio::test]
async fn nothing_is_lost_or_reordered_by_a_hundred_swaps() {
    // A million takes the optimised build a few seconds, and the other one a minute.
    const MESSAGES: f64 = if cfg!(debug_assertions) { 100_000.0 } else { 1_000_000.0 };
    const EACH: u64 = MESSAGES as u64 / 111;
    let nodes = vec![node("a", "source", &["b"]), node("b", "sink", &[])];
    let (_, totals) = run(deploy(nodes, None), options(), async |handle| {
        give(&handle, "a", number(MESSAGES)).await.unwrap();
        for swap in 0..100 {
            let ops = if swap % 2 == 0 { vec![halt()] } else { Vec::new() };
            let in_force = handle.stack(stack("s", ops)).await.unwrap();
            assert_eq!(in_force.number, swap + 1);
            while handle.status().await.unwrap()["totals"]["sent"].as_u64().unwrap() < (swap + 1) * EACH {}
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

/// Every wire of several by itself: what was sent on it was delivered or stopped, in order.
#[tokio::test]
async fn no_wire_loses_a_message_by_a_swap() {
    const MESSAGES: f64 = if cfg!(debug_assertions) { 25_000.0 } else { 250_000.0 };
    const SINKS: [&str; 4] = ["b", "c", "d", "e"];
    let mut nodes = vec![node("a", "source", &SINKS)];
    nodes.extend(SINKS.map(|id| node(id, "sink", &[])));
    run(deploy(nodes, None), options(), async |handle| {
        give(&handle, "a", number(MESSAGES)).await.unwrap();
        let sent = async || handle.status().await.unwrap()["totals"]["sent"].as_f64().unwrap();
        for swap in 0..100_u32 {
            let mut set = stack("s", vec![halt()]);
            let on = |at: &usize| swap >> (at % 2) & 1 == 1;
            let wire = |at: usize| ir::Wire { to: SINKS[at].into(), ..set.wires[0].clone() };
            set.wires = (0..SINKS.len()).filter(on).map(wire).collect();
            handle.stack(set).await.unwrap();
            while sent().await < f64::from(swap + 1) * MESSAGES * 4.0 / 111.0 {}
        }
        while sent().await < MESSAGES * 4.0 {}
        settle(&handle).await;
        let status = handle.status_with(Wanted { wires: true, ..Wanted::default() }).await.unwrap();
        let mut got: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (at, msg) in seen() {
            got.entry(at).or_default().push(msg.get("payload").and_then(Value::as_number).unwrap());
        }
        for wire in status["wires"].as_array().unwrap() {
            let count = |name: &str| wire[name].as_u64().unwrap();
            let arrived = &got[wire["to"].as_str().unwrap()];
            assert_eq!(count("sent") as f64, MESSAGES, "{wire}");
            assert_eq!(count("sent"), count("delivered") + count("stopped"), "{wire}");
            assert_eq!(count("delivered"), arrived.len() as u64, "{wire}");
            assert!(arrived.is_sorted_by(|a, b| a < b), "out of order on {wire}");
            assert!(
                count("stopped") > 0 && count("delivered") > 0,
                "both kinds of stack were in force on {wire}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn rollback_returns_to_the_stack_before_and_then_says_that_there_is_none() {
    run(deploy(pair(), None), options(), async |handle| {
        handle.stack(stack("closed", vec![halt()])).await.unwrap();
        give(&handle, "a", number(1.0)).await.unwrap();
        settle(&handle).await;
        assert!(payloads().is_empty());
        assert_eq!(handle.rollback(Rollback::default()).await.unwrap().stack, "");
        give(&handle, "a", number(2.0)).await.unwrap();
        settle(&handle).await;
        assert_eq!(payloads(), [2.0]);
        assert_eq!(handle.rollback(Rollback::default()).await, Err(Refusal::NoEarlier));
    })
    .await;
}

#[tokio::test]
async fn a_stack_for_other_flows_or_with_unknown_nodes_is_refused_and_changes_nothing() {
    run(deploy(pair(), None), options(), async |handle| {
        let mut stale = stack("s", vec![halt()]);
        stale.flows = "g".into();
        let refusal = handle.stack(stale).await.unwrap_err();
        assert_eq!(refusal, Refusal::Stale { deployed: "f".into(), given: "g".into() });
        let nowhere = stack("s", vec![ir::Op::Redirect { to: "nowhere".into() }]);
        assert!(
            matches!(handle.stack(nowhere).await, Err(Refusal::Invalid(why)) if why.contains("`nowhere`"))
        );
        let call = ir::Call { plugin: "nope".into(), options: json!({}), on_fault: ir::OnFault::Pass };
        let unknown = handle.stack(stack("s", vec![ir::Op::Call(call)])).await;
        assert!(
            matches!(unknown, Err(Refusal::Invalid(why)) if why.contains("`nope`") && why.contains("`stamp`"))
        );
        give(&handle, "a", number(1.0)).await.unwrap();
        settle(&handle).await;
        assert_eq!(payloads(), [1.0]);
    })
    .await;
}

/// A change by someone, with overlays: name and milliseconds.
fn change(set: ir::ChainSet, by: &str, overlays: &[(&str, Option<f64>)]) -> Change {
    let overlay = |(name, for_ms): &(&str, Option<f64>)| Overlay {
        name: (*name).into(),
        owner: by.into(),
        root: String::new(),
        files: Default::default(),
        params: Vec::new(),
        since_ms: 0.0,
        for_ms: *for_ms,
        until_ms: None,
    };
    let sources = Sources { overlays: overlays.iter().map(overlay).collect(), ..Sources::default() };
    Change { set, sources, by: by.into(), why: "applied".into(), expected: None }
}

/// `r0` of the team counts, `r1` of the layer `debug` stops.
fn with_overlay() -> ir::ChainSet {
    let mut set = stack("s", vec![tap(ir::Sink::Counter("seen".into())), halt()]);
    set.routers[1].layer = "debug".into();
    set
}

async fn passes(handle: &route_runtime::engine::Handle, n: f64) -> bool {
    give(handle, "a", number(n)).await.unwrap();
    settle(handle).await;
    payloads() == [n]
}

#[tokio::test(start_paused = true)]
async fn an_overlay_leaves_when_its_time_is_over_and_takes_nothing_along() {
    run(deploy(pair(), None), options(), async |handle| {
        handle.change(change(with_overlay(), "anna", &[("debug", Some(60_000.0))])).await.unwrap();
        let standing = handle.standing().await.unwrap();
        let overlay = &standing.sources.overlays[0];
        assert_eq!(overlay.until_ms, Some(overlay.since_ms + 60_000.0));
        assert!(!passes(&handle, 1.0).await);
        tokio::time::sleep(std::time::Duration::from_secs(61)).await;
        assert!(passes(&handle, 2.0).await);

        let status = handle.status().await.unwrap();
        assert_eq!(status["stack"]["overlays"], json!([]));
        assert_eq!(status["stack"]["why"], json!("applied; the time of overlay `debug` is over"));
        let routers = status["routers"].as_array().unwrap();
        assert_eq!((routers.len(), &routers[0]["counts"]["seen"]), (1, &json!(2)), "state was kept");
        // There is no way back to an overlay that is over.
        assert_eq!(handle.rollback(Rollback::default()).await.unwrap().stack, "");
        assert_eq!(handle.rollback(Rollback::default()).await, Err(Refusal::NoEarlier));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn rolling_back_does_not_bring_back_an_overlay_that_is_over() {
    run(deploy(pair(), None), options(), async |handle| {
        handle.change(change(with_overlay(), "anna", &[("debug", Some(1_000.0))])).await.unwrap();
        handle.stack(stack("next", vec![halt()])).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        handle.rollback(Rollback::default()).await.unwrap();
        assert!(passes(&handle, 1.0).await);
    })
    .await;
}

#[tokio::test]
async fn an_overlay_is_removed_by_name() {
    run(deploy(pair(), None), options(), async |handle| {
        handle.change(change(with_overlay(), "anna", &[("debug", None)])).await.unwrap();
        let remove = |name: &str| Removal { name: name.into(), by: "bob".into(), expected: None };
        let wrong = handle.remove_overlay(remove("debag")).await.unwrap_err();
        assert_eq!(wrong.to_string(), "no overlay is called `debag`; there is `debug`");
        handle.remove_overlay(remove("debug")).await.unwrap();
        assert!(passes(&handle, 1.0).await);
        handle.rollback(Rollback::default()).await.unwrap();
        assert!(!passes(&handle, 2.0).await, "removing an overlay can be taken back");
    })
    .await;
}

#[tokio::test]
async fn of_two_who_change_the_same_stack_the_second_is_told_who_was_faster() {
    run(deploy(pair(), None), options(), async |handle| {
        let tag = handle.standing().await.unwrap().tag;
        let of = |by: &str| Change { expected: Some(tag.clone()), ..change(stack("s", vec![]), by, &[]) };
        handle.change(of("anna")).await.unwrap();
        let refusal = handle.change(of("bob")).await.unwrap_err();
        assert!(matches!(&refusal, Refusal::Changed { number: 1, by, .. } if by == "anna"), "{refusal:?}");
        let stale = Rollback { expected: Some(tag.clone()), ..Rollback::default() };
        assert!(matches!(handle.rollback(stale).await, Err(Refusal::Changed { .. })));
        let stale = Removal { expected: Some(tag.clone()), ..Removal::default() };
        assert!(matches!(handle.remove_overlay(stale).await, Err(Refusal::Changed { .. })));
    })
    .await;
}

#[tokio::test]
async fn rollback_goes_to_a_number_and_back_again() {
    run(deploy(pair(), None), options(), async |handle| {
        for name in ["one", "two", "three"] {
            handle.stack(stack(name, vec![])).await.unwrap();
        }
        let to = |to| Rollback { to, ..Rollback::default() };
        assert_eq!(handle.rollback(to(Some(1))).await.unwrap().stack, "one");
        assert_eq!(handle.rollback(to(None)).await.unwrap().stack, "three");
        assert_eq!(handle.rollback(to(None)).await.unwrap().stack, "two");
        assert_eq!(handle.rollback(to(None)).await.unwrap().stack, "one");
        let past = handle.past().await.unwrap();
        let numbers: Vec<_> = past.iter().map(|p| (p.number, p.stack.as_str())).collect();
        let expected =
            [(0, ""), (1, "one"), (2, "two"), (3, "three"), (4, "one"), (5, "three"), (6, "two"), (7, "one")];
        assert_eq!(numbers, expected);
        assert!(past.last().unwrap().current);
        let refused = handle.rollback(to(Some(99))).await.unwrap_err();
        assert_eq!(refused.to_string(), "there is no stack 99 to return to; there are 0, 1, 2, 3, 4, 5, 6");
        assert_eq!(handle.rollback(to(Some(7))).await, Err(Refusal::InForce(7)));
    })
    .await;
}
