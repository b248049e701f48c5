//! What each selector means, on a flow as people draw them: tabs, nested groups, links, a junction, a subflow in a subflow.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use route_compiler::{Files, Input, Output, compile, flow};

/// Two rooms send readings over a link to a controller with three outputs; a subflow smooths them on the way, with a
/// second one inside. Boiler and log stand on a tab of their own.
const HOUSE: &str = r#"[
 {"id":"up","type":"tab","label":"Upstairs"},{"id":"down","type":"tab","label":"Downstairs"},
 {"id":"sys","type":"tab","label":"System"},{"id":"old","type":"tab","label":"Before 2024","disabled":true},
 {"id":"g1","type":"group","z":"up","name":"Bedrooms","nodes":["t1","g2"]},
 {"id":"g2","type":"group","z":"up","g":"g1","name":"Nursery","nodes":["t2"]},
 {"id":"t1","type":"mqtt in","z":"up","g":"g1","name":"Bedroom temp.","x":1,"y":1,"wires":[["j1"]]},
 {"id":"t2","type":"mqtt in","z":"up","g":"g2","name":"Nursery temp.","x":1,"y":2,"wires":[["j1"]]},
 {"id":"j1","type":"junction","z":"up","x":2,"y":1,"wires":[["lo1"]]},
 {"id":"lo1","type":"link out","z":"up","name":"to system","mode":"link","links":["li1"],"x":3,"y":1,"wires":[]},
 {"id":"t3","type":"mqtt in","z":"down","name":"Kitchen temp.","x":1,"y":1,"wires":[["f3","lo2"]]},
 {"id":"f3","type":"function","z":"down","x":2,"y":1,"outputs":1,"wires":[["d3"]]},
 {"id":"d3","type":"debug","z":"down","name":"raw","x":3,"y":1,"wires":[]},
 {"id":"lo2","type":"link out","z":"down","mode":"link","links":["li1"],"x":3,"y":2,"wires":[]},
 {"id":"li1","type":"link in","z":"sys","name":"readings","links":["lo1","lo2"],"x":1,"y":1,"wires":[["sm"]]},
 {"id":"S","type":"subflow","name":"Smooth","in":[{"x":1,"y":1,"wires":[{"id":"avg"}]}],
  "out":[{"x":9,"y":1,"wires":[{"id":"chk","port":0}]},{"x":9,"y":2,"wires":[{"id":"chk","port":1},{"id":"S","port":0}]}],
  "outputLabels":["smooth","rejected"]},
 {"id":"avg","type":"function","z":"S","name":"Average","x":2,"y":1,"outputs":1,"wires":[["chk"]]},
 {"id":"chk","type":"subflow:C","z":"S","name":"Check","x":3,"y":1,"wires":[[],[]]},
 {"id":"C","type":"subflow","name":"Plausible","in":[{"x":1,"y":1,"wires":[{"id":"sw"}]}],
  "out":[{"x":9,"y":1,"wires":[{"id":"sw","port":0}]},{"x":9,"y":2,"wires":[{"id":"sw","port":1}]}]},
 {"id":"sw","type":"switch","z":"C","name":"In range?","x":2,"y":1,"outputs":2,"wires":[[],[]]},
 {"id":"sm","type":"subflow:S","z":"sys","name":"Smooth all","x":2,"y":1,"wires":[["ctl"],["log"]]},
 {"id":"sm2","type":"subflow:S","z":"old","name":"Smooth old","x":2,"y":1,"wires":[[],[]]},
 {"id":"ctl","type":"switch","z":"sys","name":"Control","x":3,"y":1,"outputs":3,"outputLabels":["heat","keep",""],
  "wires":[["boiler"],["log"],["log","boiler"]]},
 {"id":"boiler","type":"mqtt out","z":"sys","name":"Boiler","x":4,"y":1,"wires":[]},
 {"id":"log","type":"file","z":"sys","name":"Log","x":4,"y":2,"wires":[[]]}
]"#;

struct Text<'a>(&'a str);

impl Files for Text<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
}

fn run(text: &str) -> (Output, flow::FlowGraph) {
    let graph = flow::read(HOUSE).unwrap();
    let oddities = graph.oddities.clone();
    assert_eq!(oddities, []);
    let output = compile(Input::new(&Text(text), "house.route", &graph, ("flows.json", HOUSE)));
    (output, graph)
}

/// The wires of `WIRES` by the ids of their ends, outputs from 1; findings after them.
fn wires(wires: &str) -> String {
    let (output, graph) = run(&format!("tap t on {wires} {{ to stream }}\n"));
    let id = |ix: flow::NodeIx| graph.node(ix).unwrap().id.as_str();
    let mut out = String::new();
    for at in output.stack.routers.iter().flat_map(|router| &router.wires) {
        let wire = &graph.wires[*at as usize];
        write!(out, "{}.{}>{} ", id(wire.from), wire.port + 1, id(wire.to)).unwrap();
    }
    for d in &output.diagnostics {
        write!(out, "[{}] {} ", d.code(), d.message).unwrap();
    }
    out.trim_end().to_owned()
}

/// The ids of the nodes that messages come to over wires into `ENDS`.
fn into(ends: &str) -> String {
    let found = wires(&format!("* -> {ends}"));
    let mut ids: Vec<&str> =
        found.split(' ').filter_map(|wire| wire.split_once('>').map(|(_, to)| to)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.join(" ")
}

#[test]
fn names_types_ids_and_places() {
    assert_eq!(wires(r#""Kitchen temp." -> *"#), "t3.1>f3 t3.1>lo2");
    assert_eq!(wires(r#"node "Kitchen temp." -> type "function""#), "t3.1>f3");
    assert_eq!(wires(r#"id "t3" -> id "lo2""#), "t3.1>lo2");
    assert_eq!(wires(r#"tab "Downstairs" -> *"#), "t3.1>f3 t3.1>lo2 f3.1>d3 lo2.1>li1");
    assert_eq!(wires(r#"type "mqtt in" -> *"#), "t1.1>j1 t2.1>j1 t3.1>f3 t3.1>lo2");
}

#[test]
fn groups_hold_the_groups_inside_them() {
    assert_eq!(wires(r#"group "Bedrooms" -> *"#), "t1.1>j1 t2.1>j1");
    assert_eq!(wires(r#"group "Nursery" -> *"#), "t2.1>j1");
    assert_eq!(wires(r#"group "Bedrooms" except group "Nursery" -> *"#), "t1.1>j1");
}

#[test]
fn globs_and_regular_expressions() {
    assert_eq!(wires(r#""* temp." -> *"#), "t1.1>j1 t2.1>j1 t3.1>f3 t3.1>lo2");
    assert_eq!(wires(r#""?itchen*" -> *"#), "t3.1>f3 t3.1>lo2");
    assert_eq!(into(r#"type "mqtt *""#), "boiler");
    assert_eq!(wires(r#"type "link *" -> *"#), "lo1.1>li1 lo2.1>li1 li1.1>sm");
    assert_eq!(wires(r#"tab "*stairs" -> type "link out""#), "j1.1>lo1 t3.1>lo2");
    assert_eq!(wires(r#"~/^(Kitchen|Nursery)/ -> *"#), "t2.1>j1 t3.1>f3 t3.1>lo2");
    assert_eq!(wires(r#"tab ~/^Up/ -> type ~/^link/"#), "j1.1>lo1 lo1.1>li1");
    assert_eq!(wires(r#"id ~/^t[12]$/ -> *"#), "t1.1>j1 t2.1>j1");
    assert_eq!(wires(r#""* humidity" -> *"#), "[R1016] no node matches `* humidity`");
}

#[test]
fn outputs_by_number_and_label() {
    assert_eq!(wires(r#""Control".1 -> *"#), "ctl.1>boiler");
    assert_eq!(wires(r#""Control".3 -> *"#), "ctl.3>log ctl.3>boiler");
    assert_eq!(wires(r#""Control"."keep" -> *"#), "ctl.2>log");
    assert_eq!(wires(r#"("Control" or "Kitchen temp.").1 -> *"#), "t3.1>f3 t3.1>lo2 ctl.1>boiler");
    assert_eq!(wires(r#""Control".4 -> *"#), "[R1014] `Control` has no output 4");
    assert_eq!(wires(r#""Control"."haet" -> *"#), "[R1014] `Control` has no output labelled `haet`");
    assert_eq!(wires(r#""Boiler".1 -> *"#), "[R1014] `Boiler` has no output 1");
}

#[test]
fn links_and_junctions_are_wires_like_any_other() {
    assert_eq!(wires(r#""to system" -> "readings""#), "lo1.1>li1");
    assert_eq!(wires(r#"type "junction" -> *"#), "j1.1>lo1");
    assert_eq!(wires(r#"* -> "readings""#), "lo1.1>li1 lo2.1>li1");
}

#[test]
fn a_subflow_instance_is_a_box_with_outputs() {
    // Its messages leave from the nodes inside; what it rejects, and what goes straight through, by its second output.
    assert_eq!(wires(r#""Smooth all" -> *"#), "sm.1>log sm-chk-sw.1>ctl sm-chk-sw.2>log");
    assert_eq!(wires(r#""Smooth all".1 -> *"#), "sm-chk-sw.1>ctl");
    assert_eq!(wires(r#""Smooth all"."rejected" -> *"#), "sm.1>log sm-chk-sw.2>log");
    assert_eq!(wires(r#""Smooth all".3 -> *"#), "[R1014] `Smooth all` has no output 3");
    assert_eq!(wires(r#"* -> "Smooth all""#), "li1.1>sm");
    assert_eq!(wires(r#"type "subflow:S" -> "Control""#), "sm-chk-sw.1>ctl");
}

#[test]
fn nodes_inside_a_subflow() {
    assert_eq!(wires(r#""Average" in subflow "Smooth" -> *"#), "sm-avg.1>sm-chk");
    assert_eq!(wires(r#""Average" in "Smooth all" -> *"#), "sm-avg.1>sm-chk");
    // The box inside is left at both outputs, and entered by its input.
    assert_eq!(wires(r#""Check" in "Smooth all" -> *"#), "sm-chk-sw.1>ctl sm-chk-sw.2>log");
    assert_eq!(wires(r#"* -> "Check" in "Smooth all""#), "sm-avg.1>sm-chk");
    assert_eq!(wires(r#"* -> "Average" in "Smooth all""#), "sm.1>sm-avg");
    assert_eq!(wires(r#""In range?" -> *"#), "sm-chk-sw.1>ctl sm-chk-sw.2>log");
    assert_eq!(
        wires(r#"* in "Smooth all" -> *"#),
        "sm.1>sm-avg sm.1>log sm-avg.1>sm-chk sm-chk.1>sm-chk-sw sm-chk-sw.1>ctl sm-chk-sw.2>log"
    );
    assert_eq!(wires(r#"subflow "Plausible" -> *"#), "sm-chk.1>sm-chk-sw sm-chk-sw.1>ctl sm-chk-sw.2>log");
    assert_eq!(wires(r#"id "sm-chk-sw" -> "Control""#), "sm-chk-sw.1>ctl");
}

#[test]
fn next_to_is_joined_by_a_wire_as_the_editor_shows_it() {
    assert_eq!(wires(r#"type "function" next to "Kitchen temp." -> *"#), "f3.1>d3");
    assert_eq!(wires(r#"type "junction" next to "Nursery temp." -> *"#), "j1.1>lo1");
    assert_eq!(into(r#"* next to "Smooth all""#), "ctl li1 log");
    assert_eq!(into(r#"* next to "Control""#), "boiler log sm sm-chk sm-chk-sw");
    assert_eq!(wires(r#"type "link out" in tab "Downstairs" next to "Kitchen temp." -> *"#), "lo2.1>li1");
    assert_eq!(wires(r#"type "file" next to "raw" -> *"#), "[R1016] no node is left by this selector");
}

#[test]
fn upstream_and_downstream() {
    assert_eq!(wires(r#"upstream of "to system" -> *"#), "t1.1>j1 t2.1>j1 j1.1>lo1");
    assert_eq!(into(r#"downstream of "Control""#), "boiler log");
    assert_eq!(into(r#"downstream of "Control".1"#), "boiler");
    assert_eq!(into(r#"downstream of "Smooth all".2"#), "log");
    assert_eq!(into(r#"downstream of "readings" and type "switch""#), "ctl sm-chk-sw");
    assert_eq!(
        wires(r#"upstream of "Boiler" and tab "Upstairs" -> *"#),
        "t1.1>j1 t2.1>j1 j1.1>lo1 lo1.1>li1"
    );
    assert_eq!(wires(r#"upstream of "Kitchen temp." -> *"#), "[R1016] no node is left by this selector");
}

#[test]
fn sets() {
    assert_eq!(wires(r#""Control".1 or "Control".2 -> *"#), "ctl.1>boiler ctl.2>log");
    assert_eq!(into(r#"tab "System" and type "mqtt out""#), "boiler");
    assert_eq!(into(r#"tab "System" except type "switch" except "Log""#), "boiler li1 sm sm-avg sm-chk");
    assert_eq!(wires(r#"tab "System" and tab "Upstairs" -> *"#), "[R1016] no node is left by this selector");
    assert_eq!(
        wires(r#""Boiler" and tab "Upstairs" -> *"#),
        "[R1001] no node `Boiler` is left by this selector"
    );
}

#[test]
fn names_stand_for_sets() {
    let (output, _) =
        run("let rooms = \"* temp.\"\nlet all = rooms or junctions\nlet junctions = type \"junction\"\n\
                           tap t on all -> * { to stream }\ntap u on rooms -> * { to stream }\n");
    assert_eq!(output.diagnostics, []);
    assert_eq!(output.stack.routers.iter().map(|r| r.wires.len()).collect::<Vec<_>>(), [5, 4]);
}

#[test]
fn what_is_disabled_is_told_with_what_disables_it() {
    let (output, graph) = run("halt a on tab \"Before 2024\" -> *\n");
    let said: Vec<_> = output.diagnostics.iter().map(|d| (d.code(), d.message.as_str())).collect();
    assert_eq!(
        said,
        [("R1015", "every node of tab \"Before 2024\" is disabled"), ("R3001", "no wire joins these ends")]
    );
    let note = &output.diagnostics[0].secondary[0];
    assert_eq!(note.text, "its tab `Before 2024` is disabled");
    assert_eq!(note.span, graph.tabs[3].name_span);
}

#[test]
fn ids_of_things_that_are_no_nodes_are_told_apart() {
    let (output, _) = run("halt a on * -> id \"g1\"\nhalt b on * -> id \"avg\"\n");
    let said: Vec<_> = output.diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(said, ["no node has the id `g1`"]);
    assert_eq!(
        output.diagnostics[0].help,
        ["this is a group, not a node; its nodes are `group \"Bedrooms\"`"]
    );
}

#[test]
fn runtimes_are_chosen_by_one_of() {
    let text = "runtime a { zenoh \"tcp/a:1\" }\nruntime b { nats \"nats://b:2\" }\nruntime c { mqtt \"mqtt://c:3\" }\n\
                remote r on * -> \"Boiler\" { to one of (b, c) by hash msg.topic }\n";
    let (output, graph) = run(text);
    assert_eq!(output.diagnostics, []);
    let shown = route_compiler::explain(&output, &graph, None);
    assert!(shown.contains("remote r: to one of (b, c) by hash msg.topic"), "{shown}");
    let (output, _) =
        run("runtime a { zenoh \"tcp/a:1\" }\nremote r on * -> \"Boiler\" { to one of (a, d) by order }\n");
    assert_eq!(output.diagnostics[0].message, "no runtime is named `d`");
}
