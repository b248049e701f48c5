//! Every odd form that real flow files have been seen in loads, one test each; what it costs the graph is told.
#![allow(clippy::unwrap_used)]

use route_compiler::flow::{self, FlowGraph, NodeIx};

fn load(text: &str) -> (FlowGraph, Vec<String>) {
    let graph = flow::read(text).unwrap();
    let oddities = graph.oddities.clone();
    for oddity in &oddities {
        assert!(text.get(oddity.span.range()).is_some(), "{oddity:?}");
    }
    (graph, oddities.into_iter().map(|oddity| oddity.message).collect())
}

/// The wires of a flow by the ids of their ends, and what was odd.
#[track_caller]
fn loads(text: &str, wires: &str, odd: &[&str]) -> FlowGraph {
    let (graph, found) = load(text);
    let id = |ix: NodeIx| graph.node(ix).unwrap().id.as_str();
    let drawn: Vec<String> =
        graph.wires.iter().map(|w| format!("{}.{}>{}", id(w.from), w.port + 1, id(w.to))).collect();
    assert_eq!((drawn.join(" ").as_str(), found), (wires, odd.iter().map(|s| (*s).to_owned()).collect()));
    graph
}

const AB: &str = r#"{"id":"a","type":"inject","x":1,"y":1,"wires":[["b"]]},{"id":"b","type":"debug","x":2,"y":1,"wires":[]}"#;

#[test]
fn links_to_missing_ids() {
    loads(
        r#"[{"id":"a","type":"link out","links":["gone","b"],"wires":[]},{"id":"b","type":"link in","links":["lost"],"wires":[[]]}]"#,
        "a.1>b",
        &["this link leads to `gone`, which is not there", "this link leads to `lost`, which is not there"],
    );
}

#[test]
fn a_wire_to_a_missing_id() {
    loads(
        r#"[{"id":"a","type":"inject","wires":[["gone","b"]]},{"id":"b","type":"debug","wires":[]}]"#,
        "a.1>b",
        &["this wire leads to `gone`, which is not there"],
    );
}

#[test]
fn no_tab_at_all() {
    let graph = loads(&format!("[{AB}]"), "a.1>b", &[]);
    assert_eq!((graph.tabs.len(), graph.nodes[0].tab), (0, None));
}

#[test]
fn a_tab_that_is_missing_empty_or_absent() {
    let graph = loads(
        r#"[{"id":"t","type":"tab"},{"id":"a","type":"inject","z":"","wires":[["b"]]},{"id":"b","type":"debug","z":"gone","wires":[]},{"id":"c","type":"debug","z":"t","wires":[]}]"#,
        "a.1>b",
        &["`b` stands on `gone`, which is not there"],
    );
    assert_eq!(graph.nodes.iter().map(|n| n.tab.is_some()).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn a_missing_subflow_definition() {
    loads(
        r#"[{"id":"i","type":"subflow:gone","wires":[["b"]]},{"id":"b","type":"debug","wires":[]}]"#,
        "i.1>b",
        &["no subflow has the id `gone`"],
    );
}

#[test]
fn ids_that_are_not_hex() {
    let text = r#"[{"id":"my inject!","type":"inject","wires":[["Ω\"q\""]]},{"id":"Ω\"q\"","type":"debug","wires":[]}]"#;
    loads(text, "my inject!.1>Ω\"q\"", &[]);
}

#[test]
fn a_name_that_is_null() {
    let graph = loads(r#"[{"id":"a","type":"inject","name":null,"wires":[]}]"#, "", &[]);
    assert_eq!(graph.nodes[0].name, "");
}

#[test]
fn outputs_as_text() {
    let graph = loads(r#"[{"id":"a","type":"switch","outputs":"3","wires":[]}]"#, "", &[]);
    assert_eq!(graph.nodes[0].outputs, 3);
}

#[test]
fn disabled_as_the_text_false() {
    let text =
        r#"[{"id":"t","type":"tab","disabled":"false"},{"id":"a","type":"inject","z":"t","wires":[]}]"#;
    let graph = loads(text, "", &["`disabled` is a text, which Node-RED takes as true"]);
    assert!(graph.nodes[0].disabled);
}

#[test]
fn headers_as_object_or_list() {
    let text = r#"[{"id":"a","type":"http request","headers":{"X":"1"},"wires":[]},{"id":"b","type":"http request","headers":[{"keyType":"X"}],"wires":[]}]"#;
    let graph = loads(text, "", &[]);
    assert!(graph.nodes[0].config["headers"].is_object() && graph.nodes[1].config["headers"].is_array());
}

#[test]
fn a_text_of_650_kilobytes() {
    let text = format!(r#"[{{"id":"a","type":"template","template":"{}","wires":[]}}]"#, "x".repeat(650_000));
    let graph = loads(&text, "", &[]);
    assert_eq!(graph.nodes[0].config["template"].as_str().map(str::len), Some(650_000));
}

#[test]
fn crlf() {
    let text = format!("[\r\n{}\r\n]\r\n", AB.replace(",{", ",\r\n{"));
    let graph = loads(&text, "a.1>b", &[]);
    assert!(text[graph.nodes[1].span.range()].starts_with("{\"id\":\"b\""));
}

#[test]
fn wire_targets_as_objects() {
    let text = r#"[{"id":"a","type":"inject","wires":[[{"id":"b","port":0}]]},{"id":"b","type":"debug","wires":[]}]"#;
    loads(text, "a.1>b", &[]);
}

#[test]
fn one_object_that_is_a_subflow_module() {
    let text = format!(r#"{{"id":"s","type":"subflow","name":"S","flow":[{AB}]}}"#);
    let graph = load(&text).0;
    assert_eq!((graph.subflows.len(), graph.nodes.len()), (1, 0));
}

#[test]
fn json_that_is_no_flow() {
    for text in ["3", "\"flow\"", "{}", r#"{"name":"package","version":"1"}"#, "[1,2]", r#"[{"a":1}]"#] {
        assert!(flow::read(text).unwrap_err().message.contains("no flow"), "{text}");
    }
}

#[test]
fn flows_with_their_revision() {
    loads(&format!(r#"{{"flows":[{AB}],"rev":"5f2c"}}"#), "a.1>b", &[]);
}

#[test]
fn one_flow_with_nodes_and_configs() {
    let text =
        format!(r#"{{"id":"t","label":"T","nodes":[{AB}],"configs":[{{"id":"c","type":"mqtt-broker"}}]}}"#);
    let graph = loads(&text, "a.1>b", &[]);
    assert_eq!((graph.tabs[0].name.as_str(), graph.configs.len()), ("T", 1));
    assert!(graph.nodes.iter().all(|node| node.tab.is_some()));
}

#[test]
fn a_byte_order_mark() {
    loads(&format!("\u{feff}[{AB}]"), "a.1>b", &[]);
}

#[test]
fn doubled_ids() {
    let text = format!(r#"[{AB},{{"id":"b","type":"file","wires":[["a"]]}}]"#);
    let graph = loads(&text, "a.1>b", &["the id `b` is there twice; the first one counts"]);
    assert_eq!(graph.nodes[1].ty, "debug");
}

#[test]
fn wires_across_tabs() {
    let text = r#"[{"id":"t","type":"tab"},{"id":"u","type":"tab"},{"id":"a","type":"inject","z":"t","wires":[["b"]]},{"id":"b","type":"debug","z":"u","wires":[]}]"#;
    loads(text, "a.1>b", &[]);
}

#[test]
fn huge_numbers() {
    let text = r#"[{"id":"a","type":"switch","outputs":1e308,"x":-1e999,"y":123456789012345678901234567890,"wires":[[]]}]"#;
    let graph = loads(text, "", &["more than 65536 outputs"]);
    assert_eq!(graph.nodes[0].outputs, 65_536);
}

#[test]
fn an_empty_list() {
    let graph = loads("[]", "", &[]);
    assert_eq!(graph.nodes.len(), 0);
}
