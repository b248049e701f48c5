//! Held messages: in order, bounded, and never lost without a word.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::*;
use proptest::prelude::*;
use route_chain::ir;
use route_runtime::engine::{Handle, Options};
use route_runtime::engine::{Release, Released};
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

        assert_eq!(handle.release(held[1].id, Release::Resume).await, Some(Released::Done));
        assert_eq!(handle.release(held[1].id, Release::Resume).await, Some(Released::NotHeld));
        assert_eq!(handle.release(held[0].id, Release::Drop).await, Some(Released::Done));
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
        handle.stack(stack("new", vec![hold(10, 1000.0, false), halt()])).await.unwrap();
        let id = handle.held().await.unwrap()[0].id;
        handle.release(id, Release::Resume).await;
        let status = settle(&handle).await;
        assert_eq!(payloads(), [1.0]);
        assert_eq!(status["taps"]["counters"]["old"], json!(1));

        give(&handle, "a", number(2.0)).await.unwrap();
        let id = handle.held().await.unwrap()[0].id;
        handle.release(id, Release::Resume).await;
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
            assert_eq!(handle.release(id, Release::Step).await, Some(Released::Done));
            let counters = settle(&handle).await["taps"]["counters"].clone();
            assert_eq!(json!([counters["one"], counters["two"]]), counts);
            assert_eq!(payloads(), arrived);
        }
        assert!(handle.held().await.unwrap().is_empty());
    })
    .await;
}

/// Whether the payload is below a number.
fn below(n: f64) -> ir::Cond {
    ir::Cond::Cmp(ir::Cmp::Lt, ir::Operand::Path(0), ir::Operand::Lit(json!(n)))
}

fn even() -> ir::Cond {
    let rest = ir::Operand::Arith(
        ir::Arith::Rem,
        Box::new(ir::Operand::Path(0)),
        Box::new(ir::Operand::Lit(json!(2))),
    );
    ir::Cond::Cmp(ir::Cmp::Eq, rest, ir::Operand::Lit(json!(0)))
}

fn limit(per_ms: f64, per: Option<ir::Operand>, max: u64) -> ir::Op {
    let rate = Some(ir::Rate { count: 1.0, per_ms, burst: 1.0 });
    ir::Op::Limit(ir::Limit { rate, per, distinct: None, over: ir::Over::Hold { max }, max_keys: 100 })
}

fn blocking_tap() -> ir::Op {
    let mut op = tap(ir::Sink::Stdout);
    if let ir::Op::Tap(tap) = &mut op {
        tap.block = true;
    }
    op
}

/// A stack whose routers act when these hold.
fn stack_when(ops: Vec<(ir::Op, Option<ir::Cond>)>) -> ir::ChainSet {
    let (ops, conds): (Vec<_>, Vec<_>) = ops.into_iter().unzip();
    let mut set = stack("s", ops);
    for (step, cond) in set.chains[1].steps.iter_mut().zip(conds) {
        step.when = cond;
    }
    set
}

/// Options with a standard output that holds few bytes and a sink that holds one copy, and the end that reads it.
fn narrow() -> (Options, tokio::io::DuplexStream) {
    let (ours, theirs) = tokio::io::duplex(256);
    (Options { stdout: Some(Box::new(theirs)), sink_queue: 1, ..options() }, ours)
}

async fn give_all(handle: &Handle, numbers: std::ops::Range<u32>) {
    for n in numbers {
        give(handle, "a", number(f64::from(n))).await.unwrap();
    }
}

async fn wait_until(handle: &Handle, holds: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
    loop {
        let status = handle.status().await.unwrap();
        if holds(&status) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn all(numbers: std::ops::Range<u32>) -> Vec<f64> {
    numbers.map(f64::from).collect()
}

#[tokio::test]
async fn a_full_sink_delays_its_wire_and_nobody_overtakes() {
    let (options, mut reader) = narrow();
    let set = stack_when(vec![(blocking_tap(), Some(even()))]);
    let (text, totals) = run(deploy(pair(), Some(set)), options, async |handle| {
        give_all(&handle, 0..100).await;
        let status = wait_until(&handle, |status| status["held"].as_u64() > Some(50)).await;
        assert!(status["queue"] == json!(0), "{status}");
        let mut text = vec![0; 1 << 16];
        let mut read = 0;
        while text[..read].iter().filter(|b| **b == b'\n').count() < 50 {
            read += tokio::io::AsyncReadExt::read(&mut reader, &mut text[read..]).await.unwrap();
        }
        let status = wait_until(&handle, |status| status["held"] == json!(0)).await;
        assert_eq!(status["routers"][0]["counts"]["seen"], json!(50));
        settle(&handle).await;
        assert_eq!(payloads(), all(0..100));
        text.truncate(read);
        String::from_utf8(text).unwrap()
    })
    .await;
    let copies: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let copied: Vec<f64> = copies.iter().map(|copy| copy["msg"]["payload"].as_f64().unwrap()).collect();
    assert_eq!(copied, (0..50).map(|n| f64::from(2 * n)).collect::<Vec<_>>());
    assert_eq!((totals.sent, totals.refused, totals.lost), (100, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_limit_without_per_delays_its_wire_and_nobody_overtakes() {
    let set = stack_when(vec![(limit(10.0, None, 1000), Some(even()))]);
    run(deploy(pair(), Some(set)), options(), async |handle| {
        give_all(&handle, 0..100).await;
        let held = handle.held().await.unwrap();
        // Numbers 0 and 1 went on at once.
        assert_eq!(held.len(), 98);
        assert_eq!(handle.release(held[1].id, Release::Resume).await, Some(Released::Waits));
        assert_eq!(handle.release(held[1].id, Release::Drop).await, Some(Released::Done));
        wait_until(&handle, |status| status["held"] == json!(0)).await;
        settle(&handle).await;
        let got = payloads();
        assert!(got.is_sorted(), "{got:?}");
        assert_eq!(got.len(), 99);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_limit_per_key_and_a_breakpoint_let_others_pass() {
    let set = stack_when(vec![
        (limit(1000.0, Some(ir::Operand::Path(0)), 10), None),
        (hold(10, 1e6, true), Some(below(5.0))),
    ]);
    let (_, totals) = run(deploy(pair(), Some(set)), options(), async |handle| {
        for n in [1.0, 6.0, 6.0, 7.0] {
            give(&handle, "a", number(n)).await.unwrap();
        }
        settle(&handle).await;
        assert_eq!(payloads(), [6.0, 7.0]);
        let held = handle.held().await.unwrap();
        assert_eq!(held.iter().map(|h| h.msg["payload"].clone()).collect::<Vec<_>>(), [json!(1), json!(6)]);
        assert_eq!(held[0].ahead, Vec::<String>::new());
        assert_eq!(held[1].ahead, ["break r1"]);
    })
    .await;
    assert_eq!((totals.sent, totals.delivered, totals.stopped), (4, 8, 0));
}

#[tokio::test]
async fn a_new_stack_does_not_let_messages_overtake_those_that_wait_on_the_old_one() {
    let (options, mut reader) = narrow();
    run(deploy(pair(), Some(stack("s", vec![blocking_tap()]))), options, async |handle| {
        give_all(&handle, 0..50).await;
        handle.stack(stack("empty", vec![])).await.unwrap();
        give_all(&handle, 50..100).await;
        assert!(handle.status().await.unwrap()["held"].as_u64() > Some(60));
        let mut bytes = [0; 4096];
        while handle.status().await.unwrap()["held"] != json!(0) {
            let read = tokio::io::AsyncReadExt::read(&mut reader, &mut bytes);
            let _ = tokio::time::timeout(Duration::from_millis(5), read).await;
        }
        settle(&handle).await;
        assert_eq!(payloads(), all(0..100));
    })
    .await;
}

#[tokio::test]
async fn what_a_removed_router_held_goes_on_in_order_and_is_counted() {
    let set = stack_when(vec![(hold(100, 1e9, false), Some(below(3.0))), (limit(1e9, None, 100), None)]);
    run(deploy(pair(), Some(set)), options(), async |handle| {
        give_all(&handle, 0..6).await;
        assert_eq!(payloads(), [3.0]);
        assert_eq!(handle.held().await.unwrap().len(), 5);
        let in_force = handle.stack(stack("empty", vec![])).await.unwrap();
        assert_eq!(in_force.released, 5);
        settle(&handle).await;
        // The breakpoint's came to the limit of their stack after those that wait there.
        assert_eq!(payloads(), [4.0, 5.0, 0.0, 1.0, 2.0]);
    })
    .await;
}

#[tokio::test]
async fn at_the_end_everything_held_goes_its_way() {
    let set = stack_when(vec![
        (hold(100, 1e9, true), Some(below(3.0))),
        (hold(100, 1e9, false), Some(below(6.0))),
        (limit(1e9, None, 100), None),
    ]);
    let (_, totals) = run(deploy(pair(), Some(set)), options(), async |handle| {
        give_all(&handle, 0..10).await;
        settle(&handle).await;
        assert_eq!(payloads(), [6.0]);
        assert_eq!(handle.held().await.unwrap().len(), 9);
    })
    .await;
    // 0 to 2 meet the second breakpoint, which drops them as it drops 3 to 5.
    assert_eq!(payloads(), [7.0, 8.0, 9.0]);
    assert_eq!((totals.sent, totals.stopped, totals.lost), (10, 6, 0));
}

#[tokio::test]
async fn a_sink_that_stays_full_does_not_keep_the_engine_from_ending() {
    let (options, _reader) = narrow();
    let options = Options { grace: Duration::from_millis(100), ..options };
    let begin = std::time::Instant::now();
    let (_, totals) = run(deploy(pair(), Some(stack("s", vec![blocking_tap()]))), options, async |handle| {
        give_all(&handle, 0..100).await;
    })
    .await;
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(payloads(), all(0..100));
    assert_eq!((totals.sent, totals.lost), (100, 0));
}

#[tokio::test]
async fn a_full_table_is_an_error_of_the_sender_or_the_routers_own_end() {
    for (op, stopped, refused) in [(hold(100, 1e9, true), 0, 0), (limit(1e9, None, 100), 7, 0)] {
        let options = Options { held: 2, ..options() };
        let (_, totals) = run(deploy(pair(), Some(stack("s", vec![op]))), options, async |handle| {
            give_all(&handle, 0..10).await;
        })
        .await;
        assert_eq!((totals.sent, totals.stopped, totals.refused), (10, stopped, refused));
    }
    let (narrow, _reader) = narrow();
    let options = Options { held: 2, grace: Duration::from_millis(50), ..narrow };
    let (_, totals) = run(deploy(pair(), Some(stack("s", vec![blocking_tap()]))), options, async |handle| {
        give_all(&handle, 0..50).await;
    })
    .await;
    assert!(totals.refused > 30 && totals.errors == totals.refused, "{totals:?}");
}

#[tokio::test]
async fn an_edited_message_goes_on_as_it_was_edited() {
    let set = stack("s", vec![hold(10, 1e9, true)]);
    run(deploy(pair(), Some(set)), options(), async |handle| {
        give(&handle, "a", number(1.0)).await.unwrap();
        let id = handle.held().await.unwrap()[0].id;
        assert_eq!(handle.edit(id, json!([])).await.unwrap(), Err("a message is an object".to_owned()));
        assert_eq!(handle.edit(id + 1, json!({})).await.unwrap(), Ok(false));
        assert_eq!(handle.edit(id, json!({ "payload": 2 })).await.unwrap(), Ok(true));
        handle.release(id, Release::Resume).await;
        settle(&handle).await;
        assert_eq!(payloads(), [2.0]);
    })
    .await;
}

/// A router of a random stack.
fn router() -> impl Strategy<Value = (ir::Op, Option<ir::Cond>)> {
    let op = prop_oneof![
        Just(blocking_tap()),
        Just(halt()),
        (1.0..3.0, 0..20_u64).prop_map(|(per_ms, max)| limit(per_ms, None, max)),
        (0..5_u64, 1.0..9.0, any::<bool>()).prop_map(|(max, for_ms, pass)| hold(max, for_ms, pass)),
    ];
    let when = prop_oneof![Just(None), Just(Some(even())), (0.0..40.0).prop_map(|n| Some(below(n)))];
    (op, when)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn nothing_vanishes_and_order_stays(
        stacks in prop::collection::vec(prop::collection::vec(router(), 0..4), 1..4),
        read in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let breaks = stacks.iter().flatten().any(|(op, _)| matches!(op, ir::Op::Break(_)));
        let (options, mut reader) = narrow();
        let options = Options { grace: Duration::from_millis(20), ..options };
        let totals = runtime.block_on(async {
            let reading = tokio::spawn(async move {
                let mut bytes = [0; 64];
                while read && tokio::io::AsyncReadExt::read(&mut reader, &mut bytes).await.is_ok_and(|n| n > 0) {}
            });
            let (_, totals) = run(deploy(pair(), None), options, async |handle| {
                for (at, routers) in (0u32..).zip(stacks) {
                    handle.stack(stack_when(routers)).await.unwrap();
                    give_all(&handle, at * 20..at * 20 + 20).await;
                    let routers = handle.status().await.unwrap()["routers"].clone();
                    for router in routers.as_array().unwrap() {
                        let n = |key: &str| router["counts"][key].as_u64().unwrap();
                        assert_eq!(n("seen"), n("passed") + n("stopped") + n("holds") + n("remote"), "{router}");
                    }
                    if let Some(held) = handle.held().await.unwrap().first() {
                        handle.release(held.id, [Release::Resume, Release::Step, Release::Drop][at as usize]).await;
                    }
                }
            })
            .await;
            reading.abort();
            totals
        });
        let got = payloads();
        prop_assert!(breaks || got.is_sorted(), "{got:?}");
        // Each message is delivered to `a` once, and then to `b` or stopped.
        prop_assert_eq!(totals.sent + got.len() as u64, totals.delivered);
        prop_assert_eq!(totals.sent, got.len() as u64 + totals.stopped, "{:?}", totals);
        prop_assert_eq!((totals.refused, totals.lost), (0, 0));
    }
}
