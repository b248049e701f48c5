//! What the reader of chain files lets in and what it refuses, each with its reason.

use route_chain::format::from_json;
use serde_json::{Value as Json, json};

/// A set of two routers on one wire: three steps and a table over the first two.
fn valid() -> Json {
    let router =
        |name: &str| json!({"name": name, "kind": "halt", "layer": "main", "file": "a.route", "line": 1});
    let halt = |router: u32| json!({"router": router, "when": {"cmp": ["eq", {"path": 0}, {"lit": "x"}]}, "op": {"halt": {"as_error": false}}});
    json!({
        "magic": "route-chain", "version": 2, "stack": "s", "flows": "", "source": "",
        "paths": [["topic"]], "regexes": [], "routers": [router("one"), router("two")],
        "chains": [
            {"steps": []},
            {
                "steps": [halt(0), halt(1), halt(0)],
                "tables": [{"from": 0, "to": 2, "path": 0, "equal": [["x", [0, 1]]], "prefix": [["y", [1]]], "other": []}],
            },
        ],
        "wires": [{"from": "a", "port": 0, "to": "b", "chain": 1}],
    })
}

/// The reader's words after `pointer` was replaced by `value`; empty when it let it in.
fn with(pointer: &str, value: Json) -> String {
    let mut set = valid();
    match set.pointer_mut(pointer) {
        Some(slot) => *slot = value,
        None => panic!("{pointer} leads nowhere"),
    }
    from_json(&set.to_string()).err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn a_valid_set_is_let_in() {
    assert_eq!(from_json(&valid().to_string()).err(), None);
}

#[test]
fn other_versions_are_refused() {
    let text = "the chain file has version 1, this program reads version 2; compile the stack again";
    assert_eq!(with("/version", json!(1)), text);
    assert!(with("/magic", json!("zip")).contains("`magic` is not `route-chain`"));
}

#[test]
fn tables_lead_where_they_may() {
    let table = "/chains/1/tables/0";
    let at = |field: &str, value: Json| with(&format!("{table}/{field}"), value);
    assert!(at("to", json!(4)).ends_with("past the end of its chain"));
    assert!(at("to", json!(0)).ends_with("overlap or are out of order"));
    assert!(at("path", json!(7)).ends_with("a path is missing"));
    assert!(at("other", json!([2])).ends_with("lists a step outside its run"));
    assert!(at("other", json!([1, 0])).ends_with("lists its steps out of order"));
    assert!(at("other", json!([1, 1])).ends_with("lists its steps out of order"));
    assert!(at("equal", json!([[[1], []]])).ends_with("compares with a list or an object"));
}

#[test]
fn numbers_are_usable() {
    let op = |op: Json| with("/chains/1/steps/2/op", op);
    let limit =
        |rate: Json, keys: u32| op(json!({"limit": {"rate": rate, "over": "halt", "max_keys": keys}}));
    assert_eq!(limit(json!({"count": 1.0, "per_ms": 1000.0, "burst": 1.0}), 10), "");
    assert!(limit(json!({"count": 0.0, "per_ms": 1000.0, "burst": 1.0}), 10).ends_with("a rate is no rate"));
    assert!(limit(json!({"count": 1.0, "per_ms": 1000.0, "burst": 1.0}), 0).ends_with("remembers no key"));
    let tap = json!({"tap": {"sink": "stdout", "select": "whole", "every": 0, "block": false}});
    assert!(op(tap).ends_with("every 0th message"));
    let brk = json!({"break": {"hits": 0, "max": 1, "for_ms": 1.0, "then_pass": true}});
    assert!(op(brk).ends_with("0th hit"));
    assert!(with("/chains/1/steps/0/when", json!({"sample": 1.5})).ends_with("not between 0 and 1"));
}

/// A field that a reader does not know could carry what the writer relied on, at whatever depth it stands.
#[test]
fn unknown_fields_are_refused() {
    let refused = |pointer: &str, value: Json| {
        let words = with(pointer, value);
        assert!(words.contains("unknown field `more`"), "{pointer}: {words}");
    };
    refused(
        "/routers/0",
        json!({"name": "one", "kind": "halt", "layer": "main", "file": "f", "line": 1, "more": 1}),
    );
    refused("/chains/1/steps/2/op", json!({"halt": {"as_error": false, "more": 1}}));
    let limit = |over: Json| json!({"limit": {"rate": {"count": 1.0, "per_ms": 1.0, "burst": 1.0}, "over": over, "max_keys": 1}});
    refused("/chains/1/steps/2/op", limit(json!({"hold": {"max": 1, "more": 1}})));
    let tap = |sink: Json| json!({"tap": {"sink": sink, "select": "whole", "every": 1, "block": false}});
    refused("/chains/1/steps/2/op", tap(json!({"file": {"path": "f", "more": 1}})));
}

#[test]
fn a_wire_stands_there_once() {
    let wire = json!({"from": "a", "port": 0, "to": "b", "chain": 1});
    assert!(with("/wires", json!([wire, wire])).ends_with("the wire `a` -> `b` stands there twice"));
    assert!(with("/wires/0/chain", json!(2)).ends_with("has no chain"));
}
