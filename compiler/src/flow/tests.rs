//! Each odd form that a flow file may have, and how subflows, links and environment come out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::*;

/// Wires as `from.port>to`, and oddities.
fn load(value: &Value) -> (FlowGraph, String, Vec<String>) {
    load_text(&serde_json::to_string_pretty(value).unwrap())
}

fn load_text(text: &str) -> (FlowGraph, String, Vec<String>) {
    let graph = read(text).unwrap();
    let oddities = graph.oddities.clone();
    for o in &oddities {
        assert!(text.get(o.span.range()).is_some(), "{o:?}");
    }
    let id = |ix: NodeIx| graph.nodes[ix.0 as usize].id.as_str();
    let wires: Vec<String> =
        graph.wires.iter().map(|w| format!("{}.{}>{}", id(w.from), w.port, id(w.to))).collect();
    let wires = wires.join(" ");
    (graph, wires, oddities.into_iter().map(|o| o.message).collect())
}

fn node(id: &str, ty: &str, z: &str, wires: Value) -> Value {
    json!({"id": id, "type": ty, "z": z, "x": 1, "y": 2, "wires": wires})
}

fn with(mut node: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        node[key] = value.clone();
    }
    node
}

#[test]
fn plain_flow_with_spans() {
    let text = "\u{feff}[\r\n{\"id\":\"t\",\"type\":\"tab\",\"label\":\"Tab é\"},\r\n{\"id\":\"a\",\"type\":\"inject\",\"z\":\"t\",\"name\":\"Go\",\"wires\":[[\"b\"]]},{\"id\":\"b\",\"type\":\"debug\",\"z\":\"t\"},{\"id\":\"c\",\"type\":\"mqtt-broker\"}]";
    let (g, wires, odd) = load_text(text);
    assert_eq!((wires.as_str(), odd.len()), ("a.0>b", 0));
    assert_eq!(&text[g.tabs[0].name_span.range()], "\"Tab é\"");
    assert_eq!(&text[g.nodes[0].name_span.range()], "\"Go\"");
    assert_eq!(&text[g.nodes[1].name_span.range()], "\"b\"");
    assert_eq!(&text[g.nodes[1].span.range()], "{\"id\":\"b\",\"type\":\"debug\",\"z\":\"t\"}");
    assert_eq!(&text[g.wires[0].span.range()], "\"b\"");
    assert_eq!((g.configs[0].id.as_str(), g.configs.len(), g.nodes.len()), ("c", 1, 2));
    assert_eq!(g.nodes[0].tab, Some(ScopeIx(0)));
}

#[test]
fn no_flow_at_all_is_an_error_with_a_place() {
    assert_eq!(read("[]").unwrap().nodes.len(), 0);
    assert_eq!(read("{\"flows\":[]}").unwrap().nodes.len(), 0);
    for text in ["", "{", "[1,2]", "{\"name\":\"package\"}", "3", "null", "[{}]", "[{\"a\":1},]", "\"[]\""] {
        let error = read(text).unwrap_err();
        assert!(text.get(error.span.range()).is_some(), "{text}: {error:?}");
    }
    assert_eq!(read("[{\"a\":1},]").unwrap_err().span.start, 9);
}

#[test]
fn other_shapes_of_file() {
    let list = json!([node("a", "inject", "", json!([["b"]])), node("b", "debug", "", json!([]))]);
    for (shape, tabs) in [
        (json!({"flows": list, "rev": "x"}), 0),
        (json!({"id": "t", "label": "T", "nodes": list, "configs": [{"id": "c", "type": "tls"}]}), 1),
        (json!({"id": "global", "nodes": list, "configs": [], "subflows": []}), 0),
        (list.clone(), 0),
    ] {
        let (g, wires, odd) = load(&shape);
        assert_eq!((wires.as_str(), g.tabs.len(), odd.len()), ("a.0>b", tabs, 0), "{shape}");
        assert_eq!(g.nodes[0].tab.is_some(), tabs == 1);
    }
    let (g, _, odd) = load(&json!({"type": "subflow", "id": "s", "name": "S", "flow": list}));
    assert_eq!((g.subflows.len(), g.nodes.len(), odd.len()), (1, 0, 0));
}

#[test]
fn what_leads_nowhere_is_told() {
    let (g, wires, odd) = load(&json!([
        node(
            "a",
            "inject",
            "gone",
            json!([["b", "nope", {"id": "b", "port": 0}, {"id": "c"}, 7], null, "b"])
        ),
        node("b", "link out", "", json!([])),
        with(node("c", "link in", "", json!([])), json!({"links": ["nope", "b", "a"]})),
        node("i", "subflow:gone", "", json!([["b"]])),
    ]));
    assert_eq!(wires, "a.0>b a.0>c a.2>b b.0>c i.0>b");
    assert_eq!(g.nodes.len(), 4);
    assert_eq!(
        odd,
        [
            "`a` stands on `gone`, which is not there",
            "no subflow has the id `gone`",
            "this wire leads to `nope`, which is not there",
            "this wire is there twice; it counts once",
            "this wire leads to something that is no id",
            "this output is no list of ids",
            "this link leads to `nope`, which is not there",
        ]
    );
}

#[test]
fn odd_members_do_not_stop_it() {
    let (g, _, odd) = load(&json!([
        {"id": "t", "type": "tab", "label": null, "disabled": "false"},
        {"id": "g", "type": "group", "z": "t", "g": "g", "name": null, "d": true},
        with(node("not hex!", "x", "", json!([[]])), json!({"name": null, "outputs": "3", "headers": {"a": 1}})),
        with(node("b", "x", "", json!({})), json!({"outputs": 1e12, "headers": [1], "g": "none"})),
        with(node("c", "x", "", json!(null)), json!({"outputs": {"a": 1}, "g": "g"})),
        {"id": 17, "type": "x", "wires": []},
        {"type": "x"}, {"id": "d"}, null, "text",
        with(node("c", "second", "t", json!([])), json!({})),
        with(node("long", "template", "t", json!([])), json!({"template": "x".repeat(650_000)})),
    ]));
    let ids: Vec<&str> = g.nodes.iter().map(|n| n.id.as_str()).collect();
    assert_eq!(ids, ["not hex!", "b", "c", "17", "long"]);
    assert_eq!((g.nodes[0].outputs, g.nodes[1].outputs, g.nodes[2].outputs), (3, 65_536, 0));
    assert!(g.nodes[2].disabled && g.nodes[4].disabled && !g.nodes[0].disabled);
    assert_eq!(g.nodes[2].ty, "x");
    assert_eq!(g.configs.len(), 1);
    assert_eq!(odd.len(), 11, "{odd:#?}");
}

/// A definition with one input, two outputs and a status; `in` also leads straight to the second output.
fn definition(id: &str, z_inner: Vec<Value>, first: &str) -> Vec<Value> {
    let mut list = vec![json!({"id": id, "type": "subflow", "name": id,
        "in": [{"x": 1, "y": 1, "wires": [{"id": first}]}],
        "out": [{"wires": [{"id": first, "port": 1}]}, {"wires": [{"id": id, "port": 0}]}],
        "status": {"x": 1, "y": 1, "wires": [{"id": first, "port": 0}]},
        "env": [{"name": "HOST", "type": "str", "value": "default"}]})];
    list.extend(z_inner);
    list
}

#[test]
fn subflow_wires_as_node_red_runs_them() {
    let inner = vec![
        with(
            node("f", "function", "s", json!([["l"], []])),
            json!({"host": "${HOST}", "broker": "cfg", "n": "x"}),
        ),
        node("l", "debug", "s", json!([])),
        json!({"id": "cfg", "type": "broker", "z": "s"}),
    ];
    let mut flow = definition("s", inner, "f");
    flow.extend([
        node("x", "inject", "", json!([["i"]])),
        with(
            node("i", "subflow:s", "", json!([["y"], ["y", "z"]])),
            json!({"env": [{"name": "HOST", "value": "own"}]}),
        ),
        node("y", "debug", "", json!([])),
        node("z", "debug", "", json!([])),
    ]);
    let (g, wires, odd) = load(&Value::Array(flow));
    assert_eq!(wires, "x.0>i i.0>i-f i.0>y i.0>z i-f.0>i-l i-f.0>i:status i-f.1>y");
    assert_eq!(odd.len(), 0, "{odd:?}");
    let f = &g.nodes[g.by_id["i-f"].0 as usize];
    assert_eq!((f.static_id.as_str(), f.instance, f.subflow), ("f", g.node_by_id("i"), Some(ScopeIx(0))));
    assert_eq!((&f.config["host"], &f.config["broker"]), (&json!("own"), &json!("i-cfg")));
    assert_eq!(f.env["HOST"], json!("own"));
    assert_eq!(g.configs[0].id, "i-cfg");
    let i = &g.nodes[g.by_id["i"].0 as usize];
    assert_eq!((i.outputs, i.instance_of), (2, Some(ScopeIx(0))));
    let (edges, i) = (g.edges(), g.node_by_id("i").unwrap());
    let out = |k| -> Vec<&str> {
        let wires = wires.split(' ').collect::<Vec<_>>();
        g.output_wires(&edges, i, k).iter().map(|&w| wires[w as usize]).collect()
    };
    assert_eq!((out(0), out(1), out(2)), (vec!["i-f.1>y"], vec!["i.0>y", "i.0>z"], vec![]));
}

#[test]
fn nested_instances_chain_their_ids() {
    let mut flow = definition("s", vec![node("f", "function", "s", json!([[], []]))], "f");
    flow.extend(definition(
        "o",
        vec![node("n", "subflow:s", "o", json!([[], ["m"]])), node("m", "debug", "o", json!([]))],
        "n",
    ));
    flow.extend([node("i", "subflow:o", "", json!([["y"], []])), node("y", "debug", "", json!([]))]);
    let (g, wires, odd) = load(&Value::Array(flow));
    // Output 1 of `o` is output 1 of `n`, which is the straight input of `s`.
    assert_eq!(wires, "i.0>i-n i-n.0>i-n-f i-n.0>i-m i-n.0>y i-n-f.0>i-n:status i-n-f.1>i:status");
    assert_eq!(odd.len(), 0, "{odd:?}");
    let f = g.node_by_id("i-n-f").unwrap();
    assert!(g.is_inside(f, g.node_by_id("i").unwrap()));
    let out = g.output_wires(&g.edges(), g.node_by_id("i").unwrap(), 0);
    assert_eq!(out, [3]);
    assert_eq!(g.nodes[f.0 as usize].env["HOST"], json!("default"));
}

#[test]
fn subflow_in_itself_ends() {
    let mut flow = definition("s", vec![node("n", "subflow:s", "s", json!([]))], "n");
    flow.push(node("i", "subflow:s", "", json!([])));
    let (g, _, odd) = load(&Value::Array(flow));
    assert_eq!(g.nodes.len(), 3);
    assert_eq!(odd, ["the subflow `s` contains itself; this instance is empty"]);
}

#[test]
fn expansion_is_bounded() {
    let mut flow = Vec::new();
    for level in 0..8 {
        let (id, next) = (format!("s{level}"), format!("subflow:s{}", level + 1));
        flow.push(json!({"id": id, "type": "subflow"}));
        flow.extend((0..10).map(|k| node(&format!("{level}n{k}"), &next, &id, json!([]))));
    }
    flow.push(json!({"id": "s8", "type": "subflow"}));
    flow.push(node("i", "subflow:s0", "", json!([])));
    let (g, _, odd) = load(&Value::Array(flow));
    assert_eq!(g.nodes.len(), 20_000);
    assert_eq!(odd.len(), 1, "{odd:?}");
}

#[test]
fn wires_over_the_border_of_a_subflow_carry_nothing() {
    let mut flow = definition("s", vec![node("f", "link out", "s", json!([["y"]]))], "f");
    flow.push(with(node("y", "link in", "", json!([["f"]])), json!({"links": ["f"]})));
    let (_, wires, odd) = load(&Value::Array(flow));
    assert_eq!(wires, "");
    assert_eq!(odd.len(), 3, "{odd:?}");
}

#[test]
fn links_and_calls() {
    let (g, wires, odd) = load(&json!([
        {"id": "t", "type": "tab"}, {"id": "u", "type": "tab"},
        with(node("out", "link out", "t", json!([])), json!({"mode": "link", "links": ["in"]})),
        with(node("in", "link in", "u", json!([["ret"]])), json!({"links": ["out"]})),
        with(node("call", "link call", "t", json!([["j"]])), json!({"links": ["in"], "linkType": "static"})),
        with(node("ret", "link out", "u", json!([])), json!({"mode": "return", "links": []})),
        node("j", "junction", "t", json!([["out"]])),
    ]));
    assert_eq!(wires, "out.0>in in.0>ret call.0>j call.0>in ret.0>call j.0>out");
    assert_eq!(odd.len(), 0);
    let kinds: Vec<WireKind> = g.wires.iter().map(|w| w.kind).collect();
    use WireKind::{Line, Link, LinkCall};
    assert_eq!(kinds, [Link, Line, Line, LinkCall, LinkCall, Line]);
    let edges = g.edges();
    let ids = |list: Vec<NodeIx>| list.iter().map(|ix| g.nodes[ix.0 as usize].id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(edges.downstream(&g, g.node_by_id("out"))), ["out", "in", "call", "ret", "j"]);
    assert_eq!(ids(edges.upstream(&g, g.node_by_id("j"))).len(), 5);
    assert_eq!(edges.in_wires(g.node_by_id("in").unwrap()), [0, 3]);
}

#[test]
fn groups_and_environment() {
    let (g, _, odd) = load(&json!([
        {"id": "t", "type": "tab", "label": "T", "env": [
            {"name": "A", "value": "tab", "type": "str"}, {"name": "PORT", "value": "1883", "type": "num"},
            {"name": "SECRET", "type": "cred"}]},
        {"id": "outer", "type": "group", "z": "t", "env": [{"name": "A", "value": "outer", "type": "str"}]},
        {"id": "inner", "type": "group", "z": "t", "g": "outer", "env": [
            {"name": "B", "value": "${A}/x", "type": "env"}, {"name": "J", "value": "{\"k\":[1]}", "type": "json"}]},
        with(node("n", "x", "t", json!([])), json!({"g": "inner", "a": "${A}", "p": {"q": ["${PORT}"]},
            "j": "${J}", "part": "x${A}", "gone": "${GONE}", "s": "${SECRET}", "flow": "${NR_FLOW_NAME}"})),
    ]));
    assert_eq!(odd.len(), 0);
    let n = &g.nodes[0];
    assert_eq!(n.groups, [ScopeIx(1), ScopeIx(0)]);
    assert_eq!(n.env["B"], json!("outer/x"));
    for (key, value) in [
        ("a", json!("outer")),
        ("p", json!({"q": [1883]})),
        ("j", json!({"k": [1]})),
        ("part", json!("x${A}")),
        ("gone", json!("${GONE}")),
        ("s", json!("${SECRET}")),
        ("flow", json!("T")),
    ] {
        assert_eq!(n.config[key], value, "{key}");
    }
}

#[test]
fn hash_is_that_of_the_normal_form() {
    let hash = |text: &str| read(text).unwrap().hash;
    let one = hash(r#"[{"id":"a","type":"x","x":1,"y":2},{"id":"b","type":"subflow","in":[{"x":1}]}]"#);
    assert_eq!(one.len(), 64);
    assert_eq!(
        one,
        hash(
            "[ {\"type\":\"subflow\",\"id\":\"b\",\"in\":[{\"x\":5}]},\r\n{\"y\":9,\"id\":\"a\",\"type\":\"x\"}]"
        )
    );
    assert_ne!(one, hash(r#"[{"id":"a","type":"x","n":1},{"id":"b","type":"subflow","in":[{"x":1}]}]"#));
}

#[test]
fn variables_cannot_grow_without_end() {
    let mut env = vec![json!({"name": "V0", "value": "0123456789", "type": "str"})];
    for i in 1..60 {
        env.push(
            json!({"name": format!("V{i}"), "value": format!("${{V{0}}}${{V{0}}}", i - 1), "type": "env"}),
        );
    }
    let mut flow = vec![json!({"id": "t", "type": "tab", "env": env})];
    flow.extend((0..50).map(|i| with(node(&format!("n{i}"), "x", "t", json!([])), json!({"a": "${V16}"}))));
    let (g, _, odd) = load(&Value::Array(flow));
    assert_eq!(g.nodes.len(), 50);
    assert_eq!(g.nodes[0].config["a"].as_str().unwrap().len(), 10 << 16);
    assert_eq!(odd, ["the environment is too large; some nodes are read without it"]);
}

#[test]
fn a_far_port_of_a_subflow_costs_no_memory() {
    let mut flow =
        vec![json!({"id": "s", "type": "subflow", "out": [{"wires": [{"id": "f", "port": 1e9}]}]})];
    flow.push(node("f", "x", "s", json!([])));
    flow.extend((0..500).map(|i| node(&format!("i{i}"), "subflow:s", "", json!([["i0"]]))));
    let (g, _, odd) = load(&Value::Array(flow));
    assert_eq!(g.nodes.len(), 1000);
    assert_eq!(odd, ["more than 8000000 wires and outputs; the rest is left out"]);
}
