//! Any text loads as a flow graph whose parts fit together, or is refused at a place that is there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use route_compiler::{flow, names};

fuzz_target!(|text: &str| {
    match flow::read(text) {
        Ok(graph) => {
            for node in &graph.nodes {
                assert!(text.get(node.span.range()).is_some() && text.get(node.name_span.range()).is_some());
            }
            for wire in &graph.wires {
                assert!(graph.node(wire.from).is_some() && graph.node(wire.to).is_some());
            }
            assert_eq!(names::identifiers(&graph).len(), graph.nodes.len());
        }
        Err(fault) => assert!(fault.span.range().end <= text.len()),
    }
});
