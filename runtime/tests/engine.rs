//! The engine: delivery, order, errors, taps.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use route_chain::{Value, ir};
use route_runtime::taps::stream::Filter;
use serde_json::json;

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
        let source = json!({ "id": "f", "type": "fails", "count": 1 });
        assert_eq!(caught["error"], json!({ "message": "it broke", "source": source }));
        assert_eq!(caught["payload"], json!(5));
        assert_eq!(
            of("rest").iter().map(|m| m["error"]["source"]["id"].clone()).collect::<Vec<_>>(),
            [json!("g")]
        );
        let source = json!({ "id": "g", "type": "fails" });
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
        let copy: serde_json::Value = serde_json::from_str(&copies.recv().await.unwrap().line()).unwrap();
        assert_eq!((&copy["router"], &copy["from"], &copy["to"]), (&json!("r2"), &json!("a"), &json!("b")));
        assert_eq!(copy["msg"]["payload"], json!(1));
        let bare: serde_json::Value = serde_json::from_str(&wires.recv().await.unwrap().line()).unwrap();
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
