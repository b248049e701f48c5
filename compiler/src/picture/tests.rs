//! Pictures of small flows, of odd ones, and of whatever names a flow may have.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};

use super::*;
use crate::flow::{self, FlowGraph};
use crate::opt::Passes;
use crate::testkit::Memory;
use crate::{Input, compile};

const GREENHOUSE: &str = include_str!("../../../examples/greenhouse/flows.json");
const STACK: &str = include_str!("../../../examples/greenhouse/greenhouse.route");

/// The picture of a flow with a stack on it, compiled for every runtime.
fn drawn(flow: &str, stack: &str, view: &View) -> Picture {
    let graph = flow::read(flow).unwrap();
    let files = Memory::of(&[("main.route", stack)]);
    let set = |runtime: Option<&str>, passes: Passes| {
        let input = Input::new(&files, "main.route", &graph, ("flows.json", flow));
        let output = compile(Input { as_runtime: runtime, passes, ..input });
        output.set.unwrap_or_else(|| panic!("{:?}", output.diagnostics))
    };
    let fleet = set(None, Passes::LOWERED).fleet;
    let runtimes: Vec<Option<String>> = match fleet {
        Some(fleet) => fleet.runtimes.into_iter().map(|runtime| Some(runtime.name)).collect(),
        None => vec![None],
    };
    let sets: Vec<(ChainSet, ChainSet)> = runtimes
        .iter()
        .map(|runtime| (set(runtime.as_deref(), Passes::LOWERED), set(runtime.as_deref(), Passes::ALL)))
        .collect();
    let sides: Vec<Side<'_>> = sets.iter().map(|(written, optimised)| Side { written, optimised }).collect();
    picture(&graph, &sides, view, "test")
}

fn bare(flow: &str) -> (FlowGraph, Picture) {
    let graph = flow::read(flow).unwrap();
    let picture = picture(&graph, &[], &View::default(), "test");
    (graph, picture)
}

/// Element names with their classes, and the texts; fails where the XML is not well-formed.
fn outline(svg: &str) -> Vec<String> {
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let mut found = Vec::new();
    let mut depth = 0_usize;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            event @ (Event::Start(_) | Event::Empty(_)) => {
                let is_start = matches!(event, Event::Start(_));
                let (Event::Start(tag) | Event::Empty(tag)) = event else { continue };
                let mut line = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    let name = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                    if matches!(name.as_str(), "class" | "id" | "data-wire" | "href") {
                        line.push_str(&format!(" {name}={}", String::from_utf8_lossy(&attribute.value)));
                    }
                }
                found.push(format!("{}{line}", "  ".repeat(depth)));
                depth += usize::from(is_start);
            }
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    found
}

/// Every node and every wire is in every format, and the SVG is well-formed.
fn complete(picture: &Picture) {
    let (dot, mermaid, svg) = (picture.dot(), picture.mermaid(), picture.svg().unwrap());
    let elements = outline(&svg);
    let mut wires = std::collections::BTreeSet::new();
    for element in &elements {
        let data = element.split(" data-wire=").nth(1).unwrap_or_default();
        wires.extend(data.split(' ').filter_map(|number| number.parse::<u32>().ok()));
    }
    for (at, node) in picture.nodes.iter().enumerate() {
        assert!(dot.contains(&format!(" n{at} [")), "n{at} is not in the DOT");
        let shaped = |end| mermaid.contains(&format!(" n{at}{end}"));
        assert!(["[", "(", ">"].iter().any(shaped), "n{at} is not in the Mermaid text");
        let there = elements.iter().any(|element| element.ends_with(&format!(" id=n{at}")));
        assert_eq!(there, node.shape != Shape::Elsewhere, "n{at} in the SVG");
    }
    for edge in &picture.edges {
        assert!(dot.contains(&format!("  n{} -> n{} [", edge.from, edge.to)));
        let start = format!("  n{} -", edge.from);
        let end = format!(" n{}", edge.to);
        assert!(mermaid.lines().any(|line| line.starts_with(&start) && line.ends_with(&end)));
        if let EdgeKind::Wire(at, _) = edge.kind {
            assert!(wires.contains(&at), "wire {at} is not in the SVG");
        }
    }
}

/// Boxes of nodes and tags that overlap, by their rectangles.
fn overlaps(picture: &Picture) -> Vec<String> {
    let layout = layout::place(picture).unwrap();
    let rects: Vec<layout::Rect> =
        layout.nodes.iter().flatten().copied().chain(layout.tags.iter().map(|tag| tag.rect)).collect();
    let labels: Vec<layout::Rect> = layout.curves.iter().filter_map(|curve| curve.label).collect();
    let all: Vec<layout::Rect> = rects.into_iter().chain(labels).collect();
    let mut found = Vec::new();
    for (at, a) in all.iter().enumerate() {
        assert!(
            a.x >= 0.0 && a.y >= 0.0 && a.right() <= layout.width && a.bottom() <= layout.height,
            "{a:?}"
        );
        for b in all.iter().take(at) {
            if a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom() {
                found.push(format!("{a:?} {b:?}"));
            }
        }
    }
    found
}

#[test]
fn the_greenhouse_as_dot_and_as_mermaid() {
    let picture = drawn(GREENHOUSE, STACK, &View::default());
    complete(&picture);
    insta::assert_snapshot!("greenhouse_dot", picture.dot());
    insta::assert_snapshot!("greenhouse_mermaid", picture.mermaid());
}

#[test]
fn the_greenhouse_as_svg() {
    let picture = drawn(GREENHOUSE, STACK, &View::default());
    let svg = picture.svg().unwrap();
    insta::assert_snapshot!("greenhouse_svg", outline(&svg).join("\n"));
    assert_eq!(overlaps(&picture), Vec::<String>::new());
    assert_eq!(svg, drawn(GREENHOUSE, STACK, &View::default()).svg().unwrap());
    assert!(svg.contains("filter plausible: keep when msg.payload.temperature in -40..85"), "{svg}");
    assert!(!svg.contains("http://") || svg.matches("http://").count() == 1, "only the name space is named");
}

/// Two runtimes, a cycle, a group, a subflow that feeds itself, a junction, a disabled node, a wire to itself.
const PLANT: &str = r#"[
 {"id":"t","type":"tab","label":"Machine"},{"id":"u","type":"tab","label":"Cloud & <History>"},
 {"id":"g1","type":"group","z":"t","name":"Checks","nodes":["sw","fn"]},
 {"id":"sf","type":"subflow","name":"Mixer","in":[{"wires":[{"id":"m1"}]}],"out":[{"wires":[{"id":"m2","port":0}]}]},
 {"id":"m1","type":"function","z":"sf","name":"stir","wires":[["m2"]]},
 {"id":"m2","type":"change","z":"sf","name":"pour","wires":[["m1"]]},
 {"id":"a","type":"inject","z":"t","name":"Sensor","wires":[["sw"]]},
 {"id":"sw","type":"switch","z":"t","g":"g1","name":"Threshold","outputs":3,"wires":[["fn"],["i1","old"],["j"]]},
 {"id":"fn","type":"function","z":"t","g":"g1","name":"Retry","wires":[["sw","fn"]]},
 {"id":"i1","type":"subflow:sf","z":"t","name":"Mixer 1","wires":[["d"]]},
 {"id":"j","type":"junction","z":"t","wires":[["d","h"]]},
 {"id":"d","type":"debug","z":"t","name":"Log","wires":[]},
 {"id":"old","type":"debug","z":"t","name":"Old dashboard","d":true,"wires":[]},
 {"id":"h","type":"mqtt out","z":"u","name":"History","wires":[]},
 {"id":"c1","type":"http request","z":"u","name":"Classifier","wires":[["h"]]},
 {"id":"c2","type":"http request","z":"u","name":"Classifier v2","wires":[["h"]]},
 {"id":"src","type":"inject","z":"u","name":"Photo","wires":[["c1"]]},
 {"id":"note","type":"comment","z":"u","name":"as of March","wires":[]}]"#;

const PLANT_STACK: &str = r#"stack plant
runtime gateway { zenoh "tcp/10.0.0.2:7447" }
runtime cloud { zenoh "tcp/10.0.0.3:7447" }
place tab "Machine" on gateway
place tab "Cloud & <History>" on cloud
filter one on "Sensor" -> "Threshold" { keep when msg.a in 1..5 }
set two on "Sensor" -> * { msg.x = 1 }
limit three on "Sensor" -> * { at most 10/s }
tap four on "Sensor" -> * { to stdout }
tap five on "stir" in "Mixer 1" -> * { to node "History" }
redirect canary on "Photo" -> "Classifier" { when sample(5%) to node "Classifier v2" }
halt gone on "Classifier v2" -> "History" { reason "gone" }
"#;

fn edge<'p>(picture: &'p Picture, from: &str, to: &str) -> &'p Edge {
    let is = |at: usize, name: &str| picture.nodes.get(at).is_some_and(|node| node.name == name);
    let found = picture.edges.iter().find(|edge| is(edge.from, from) && is(edge.to, to));
    found.unwrap_or_else(|| panic!("no edge {from} -> {to}"))
}

#[test]
fn a_fleet_with_all_that_a_flow_may_have() {
    let picture = drawn(PLANT, PLANT_STACK, &View::default());
    complete(&picture);
    assert_eq!(overlaps(&picture), Vec::<String>::new());
    insta::assert_snapshot!("plant_mermaid", picture.mermaid());
    let home = |name: &str| {
        let node = picture.nodes.iter().find(|node| node.name == name).unwrap();
        node.home.map(|at| picture.runtimes[at].as_str())
    };
    assert_eq!([home("stir"), home("History")], [Some("gateway"), Some("cloud")]);
    assert_eq!(
        lines(edge(&picture, "Sensor", "Threshold")),
        [("many".to_owned(), "4 routers: one, two, three, four".to_owned())]
    );
    assert_eq!(edge(&picture, "junction", "History").remote, ["cloud"]);
    assert!(edge(&picture, "Classifier v2", "History").stopped);
    assert!(!edge(&picture, "Classifier", "History").stopped);
    assert!(edge(&picture, "Threshold", "Old dashboard").disabled);
    assert_eq!(edge(&picture, "Photo", "Classifier v2").kind, EdgeKind::Redirect);
    assert_eq!(edge(&picture, "stir", "History").kind, EdgeKind::Copy);
    let svg = picture.svg().unwrap();
    for says in
        ["nothing gets through", "sent to another runtime", "on gateway", "copies of a tap", "redirected"]
    {
        assert!(svg.contains(says), "{says}");
    }
}

#[test]
fn a_part_is_drawn_with_marks_for_the_rest() {
    let graph = flow::read(PLANT).unwrap();
    let names = |picture: &Picture, shape: Shape| -> Vec<String> {
        let all = picture.nodes.iter().filter(|node| node.shape == shape);
        all.map(|node| node.name.clone()).collect()
    };
    let on_machine = (0..).zip(&graph.nodes).filter(|(_, node)| node.tab.is_some_and(|tab| tab.0 == 0));
    let tab = View::default().of_nodes(on_machine.map(|(at, _)| flow::NodeIx(at)));
    let picture = drawn(PLANT, PLANT_STACK, &tab);
    complete(&picture);
    assert_eq!(overlaps(&picture), Vec::<String>::new());
    assert_eq!(names(&picture, Shape::Elsewhere), ["History"]);

    let focus = find(&graph, ("flows.json", PLANT), "--focus", "Mixer 1").unwrap();
    let near = drawn(PLANT, PLANT_STACK, &View::default().around(&graph, focus.clone(), 1));
    complete(&near);
    let mut all: Vec<&str> = near.nodes.iter().map(|node| node.name.as_str()).collect();
    all.sort_unstable();
    assert_eq!(all, ["Mixer 1", "Threshold", "stir"]);
    assert!(near.nodes.iter().any(|node| node.focus && node.name == "Mixer 1"));
    let alone = drawn(PLANT, PLANT_STACK, &View::default().around(&graph, focus, 0));
    assert_eq!(alone.nodes.len(), 1);

    let routed = drawn(PLANT, PLANT_STACK, &View::default().routed(vec!["gone".to_owned()]));
    complete(&routed);
    assert_eq!(routed.edges.len(), 1);
    let routed = drawn(PLANT, PLANT_STACK, &View::default().routed(Vec::new()));
    assert!(routed.edges.iter().all(|edge| !edge.routers.is_empty() || !edge.remote.is_empty()));
    assert!(names(&routed, Shape::Note).is_empty());
}

#[test]
fn a_name_means_one_node_or_the_finding_says_which_there_are() {
    let twins = r#"[{"id":"t","type":"tab","label":"T"},{"id":"u","type":"tab","label":"U"},
        {"id":"a","type":"debug","z":"t","name":"Twin","wires":[]},{"id":"b","type":"debug","z":"u","name":"Twin","wires":[]},
        {"id":"c","type":"debug","z":"u","name":"say \"x\" *","wires":[]},{"id":"d","type":"debug","z":"u","wires":[]}]"#;
    let graph = flow::read(twins).unwrap();
    let ids = |wanted: &str| -> Result<Vec<String>, Vec<&'static str>> {
        let found = find(&graph, ("flows.json", twins), "--focus", wanted);
        match found {
            Ok(found) => Ok(found.iter().map(|ix| graph.node(*ix).unwrap().id.clone()).collect()),
            Err(unknown) => Err(unknown.diagnostics.iter().map(|d| d.code()).collect()),
        }
    };
    assert_eq!(ids("Twin"), Err(vec!["R1007"]));
    assert_eq!(ids("Twn"), Err(vec!["R1001"]));
    assert_eq!(ids("\"Twin\" in tab \"U\""), Ok(vec!["b".to_owned()]));
    assert_eq!(ids("d"), Ok(vec!["d".to_owned()]));
    assert_eq!(ids("say \"x\" *"), Ok(vec!["c".to_owned()]));
    assert!(ids("\"Twin\" in").is_err());
    assert!(ids("\"Twin\"\nhalt x on * -> *").is_err());
    assert!(ids("").is_err());
    assert_eq!(ids("Tw*"), Ok(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(ids("Nobody*"), Err(vec!["R1016"]));
    let unknown = find(&graph, ("flows.json", twins), "--focus", "Twin").unwrap_err();
    assert!(unknown.diagnostics[0].suggestions.len() == 2, "{:?}", unknown.diagnostics);
}

#[test]
fn flows_of_every_form_are_drawn() {
    for flow in ["[]", r#"[{"id":"t","type":"tab","label":""}]"#] {
        assert!(bare(flow).1.is_empty());
        complete(&bare(flow).1);
    }
    // No tab at all, a group without one, a wire to nowhere, nodes that join themselves.
    let odd = r#"[{"id":"g","type":"group","name":"","nodes":["a"]},{"id":"a","type":"x","g":"g","wires":[["a","b","gone"]]},
        {"id":"b","type":"y","z":"absent","wires":[["a"],["a"]],"outputs":2},{"id":"c","type":"z","wires":[]}]"#;
    let (graph, picture) = bare(odd);
    assert_eq!(picture.nodes.len(), graph.nodes.len());
    assert_eq!(picture.edges.len(), graph.wires.len());
    complete(&picture);
    assert_eq!(overlaps(&picture), Vec::<String>::new());
}

#[test]
fn many_outputs_many_targets_and_what_comes_from_many_tabs() {
    let mut flow = vec![
        json!({"id":"hub","type":"tab","label":"Hub"}),
        json!({"id":"in","type":"x","z":"hub","name":"In"}),
    ];
    let all: Vec<String> = (0..41).map(|n| format!("t{n}")).collect();
    flow.push(json!({"id":"fan","type":"switch","z":"hub","outputs":51,"wires":[all, [], ["in"]]}));
    for n in 0..41 {
        flow.push(json!({"id":format!("t{n}"),"type":"y","z":"hub","wires":[]}));
    }
    for n in 0..5 {
        flow.push(json!({"id":format!("tab{n}"),"type":"tab","label":format!("Tab {n}")}));
        for m in 0..20 {
            flow.push(json!({"id":format!("s{n}-{m}"),"type":"z","z":format!("tab{n}"),"wires":[["in"]]}));
        }
    }
    let (_, picture) = bare(&Value::from(flow).to_string());
    complete(&picture);
    assert_eq!(overlaps(&picture), Vec::<String>::new());
    let svg = picture.svg().unwrap();
    assert!(svg.contains("→ 100 nodes"), "sources on other tabs are one tag");
}

#[test]
fn what_is_too_tangled_is_refused_in_words() {
    let nodes = (0..120).map(|n| {
        let all: Vec<String> = (0..120).map(|to| format!("n{to}")).collect();
        json!({"id":format!("n{n}"),"type":"x","z":"t","name":format!("N{n}"),"wires":[all]})
    });
    let tab = [json!({"id":"t","type":"tab","label":"Knot"})];
    let (_, picture) = bare(&Value::from_iter(tab.into_iter().chain(nodes)).to_string());
    let e = picture.svg().unwrap_err();
    assert_eq!(
        e.to_string(),
        "the part around `N0` on tab `Knot` has 120 nodes and 14400 wires in one piece, too many to lay out: that \
         takes about 7481 million steps, and 10 million are the most"
    );
    assert!(picture.dot().contains("n119 -> n119"));
}

/// All of so many nodes lead to all of as many others, on each of so many tabs.
fn tangle(tabs: usize, nodes: usize) -> Picture {
    let mut flow = Vec::new();
    for tab in 0..tabs {
        flow.push(json!({"id":format!("t{tab}"),"type":"tab","label":format!("T{tab}")}));
        let all: Vec<String> = (0..nodes).map(|n| format!("b{tab}-{n}")).collect();
        for n in 0..nodes {
            flow.push(json!({"id":format!("a{tab}-{n}"),"type":"x","z":format!("t{tab}"),"wires":[all]}));
            flow.push(json!({"id":format!("b{tab}-{n}"),"type":"y","z":format!("t{tab}"),"wires":[]}));
        }
    }
    bare(&Value::from(flow).to_string()).1
}

#[test]
fn many_parts_are_too_much_where_each_of_them_is_not() {
    assert!(tangle(1, 30).svg().is_ok());
    assert_eq!(
        tangle(30, 30).svg().unwrap_err().to_string(),
        "the picture has 1800 nodes and 27000 wires, too many to lay out: that takes about 22 million steps, and \
         10 million are the most"
    );
}

#[test]
fn wires_that_look_the_same_are_one_line() {
    let all: Vec<Vec<&str>> = (0..7_900).map(|_| vec!["b", "c"]).collect();
    let mut many = vec![
        json!({"id":"t","type":"tab","label":"T"}),
        json!({"id":"u","type":"tab","label":"U"}),
        json!({"id":"a","type":"switch","z":"t","outputs":7_900,"wires":all}),
        json!({"id":"b","type":"x","z":"t","wires":[["b"],["b"]],"outputs":2}),
        json!({"id":"c","type":"y","z":"u","wires":[]}),
    ];
    // So many that the tabs are laid out apart.
    many.extend((0..70).map(|n| json!({"id":format!("n{n}"),"type":"comment","z":"u","wires":[]})));
    let (graph, picture) = bare(&Value::from(many).to_string());
    assert_eq!(graph.wires.len(), 2 * 7_900 + 2);
    complete(&picture);
    let layout = layout::place(&picture).unwrap();
    // From each output that is drawn, and from all others together: to the node, to the tag, and from the other tag.
    assert_eq!(layout.curves.len(), 2 * 65 + 1 + 2);
    assert_eq!(layout.tags.len(), 66);
    let all: usize = layout.curves.iter().map(|curve| curve.edges.len()).sum();
    assert_eq!(all, 3 * 7_900 + 2);

    // What something is said of is a line of its own.
    let flow = r#"[{"id":"t","type":"tab","label":"T"},{"id":"a","type":"switch","name":"A","z":"t","outputs":100,"wires":[OUT]},
        {"id":"b","type":"x","name":"B","z":"t","wires":[]}]"#
        .replace("OUT", &vec![r#"["b"]"#; 100].join(","));
    let stack = "stack s\nfilter last on \"A\".100 -> \"B\" { keep when msg.a > 1 }\n";
    let picture = drawn(&flow, stack, &View::default());
    complete(&picture);
    let layout = layout::place(&picture).unwrap();
    assert_eq!(layout.curves.len(), 66);
    assert_eq!(layout.curves.iter().filter(|curve| curve.label.is_some()).count(), 1);
}

#[test]
fn long_chains_and_large_groups_stay_within_bounds() {
    let chain = |frames: bool, n: usize| {
        let nodes = (0..n).map(|at| {
            let group = if frames { format!("g{}", at / 10) } else { String::new() };
            json!({"id":format!("n{at}"),"type":"x","z":"t","g":group,"wires":[[format!("n{}", at + 1)]]})
        });
        let groups = (0..n / 10).map(|at| json!({"id":format!("g{at}"),"type":"group","z":"t","name":"G"}));
        let tab = [json!({"id":"t","type":"tab","label":"T"})];
        bare(&Value::from_iter(tab.into_iter().chain(groups).chain(nodes)).to_string()).1
    };
    complete(&chain(false, 400));
    // The longest that is drawn, on a thread with a small stack; one that is somewhat longer is refused.
    assert!(chain(false, 2000).svg().is_ok());
    assert!(chain(false, 2300).svg().is_err());
    let nested =
        (0..5000).map(|at| json!({"id":format!("g{at}"),"type":"group","z":"t","g":format!("g{}", at + 1)}));
    let inner = json!({"id":"n","type":"x","z":"t","g":"g0","wires":[]});
    complete(
        &bare(
            &Value::from_iter([json!({"id":"t","type":"tab"})].into_iter().chain(nested).chain([inner]))
                .to_string(),
        )
        .1,
    );
    // So many that the frames of groups are left out.
    let picture = chain(true, 1300);
    let layout = layout::place(&picture).unwrap();
    assert_eq!(layout.frames.iter().flatten().count(), 1);
    assert!(layout.nodes.iter().all(Option::is_some));
    // That they are is told, to those who see the picture and to those who do not.
    let says = "130 groups are not drawn: they are too much to lay out";
    assert_eq!(picture.svg().unwrap().matches(says).count(), 2);
    assert!(!chain(true, 40).svg().unwrap().contains("not drawn"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_node_and_every_wire_of_any_flow_is_drawn(
        names in prop::collection::vec(any::<String>(), 1..14),
        wires in prop::collection::vec((0..14_usize, 0..3_usize, 0..14_usize), 0..24),
        places in prop::collection::vec((0..3_u8, 0..3_u8, any::<bool>()), 14),
    ) {
        let mut flow = vec![
            json!({"id":"t0","type":"tab","label":names[0]}),
            json!({"id":"t1","type":"tab","label":"]]>\"--><b>"}),
            json!({"id":"g0","type":"group","z":"t0","name":names[0]}),
            json!({"id":"g1","type":"group","z":"t0","g":"g0","name":"`g`"}),
        ];
        for (at, (name, (tab, group, disabled))) in names.iter().zip(&places).enumerate() {
            let mut out: Vec<Vec<String>> = vec![Vec::new(); 3];
            for (_, port, to) in wires.iter().filter(|(from, ..)| *from == at) {
                out[*port].push(format!("n{to}"));
            }
            let group = if *tab == 0 && *group < 2 { format!("g{group}") } else { String::new() };
            flow.push(json!({"id":format!("n{at}"),"type":name,"name":name,"z":format!("t{tab}"),"g":group,
                "d":disabled,"outputs":3,"wires":out}));
        }
        let (graph, picture) = bare(&Value::from(flow).to_string());
        prop_assert_eq!(graph.nodes.len(), picture.nodes.len());
        prop_assert_eq!(graph.wires.len(), picture.edges.len());
        complete(&picture);
        prop_assert_eq!(overlaps(&picture), Vec::<String>::new());
        prop_assert_eq!(picture.svg().unwrap(), picture.svg().unwrap());
    }
}
