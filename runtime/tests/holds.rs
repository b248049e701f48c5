//! Held messages: in order, bounded, and never lost without a word.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use route_chain::ir;
use route_runtime::engine::Release;
use serde_json::json;

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
        let minutes = (held[0].until_ms.unwrap() - held[0].since_ms) / 60_000.0;
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
        handle.stack(stack("new", vec![halt()])).await.unwrap();
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
