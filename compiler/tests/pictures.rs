//! Every real flow of the corpus is drawn whole, and size costs time in proportion to its parts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod common;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use route_compiler::flow;
use route_compiler::picture::{View, picture};

#[test]
fn every_file_of_the_corpus_is_drawn() {
    let Some(paths) = common::corpus() else { return };
    let (mut nodes, mut wires, mut slowest) = (0, 0, (Duration::ZERO, PathBuf::new()));
    for path in paths {
        let Ok(graph) = flow::read(&std::fs::read_to_string(&path).unwrap()) else { continue };
        let picture = picture(&graph, &[], &View::default(), &path.display().to_string());
        assert_eq!((picture.nodes.len(), picture.edges.len()), (graph.nodes.len(), graph.wires.len()));
        let begun = Instant::now();
        let svg = picture.svg().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        slowest = slowest.max((begun.elapsed(), path));
        assert_eq!(svg.matches(" id=\"n").count(), graph.nodes.len());
        assert_eq!(picture.dot().matches(" -> n").count(), graph.wires.len());
        assert!(picture.mermaid().contains("flowchart LR"));
        (nodes, wires) = (nodes + graph.nodes.len(), wires + graph.wires.len());
    }
    println!("{nodes} nodes and {wires} wires; slowest {:?} for {}", slowest.0, slowest.1.display());
    assert!(slowest.0 < Duration::from_secs(20), "{slowest:?}");
}

/// 3,000 nodes on 30 tabs, in parts of the size that real flows have.
#[test]
fn three_thousand_nodes_are_drawn() {
    let mut flow = Vec::new();
    for tab in 0..30 {
        flow.push(format!(r#"{{"id":"t{tab}","type":"tab","label":"Tab {tab}"}}"#));
        for part in 0..5 {
            for at in 0..20 {
                let id = |at: usize| format!("\"n{tab}-{part}-{at}\"");
                let mut to = vec![id(at + 1)];
                to.extend((at % 5 == 0).then(|| id(at + 3)));
                to.extend((at % 9 == 8).then(|| id(at - 2)));
                to.extend((at == 19).then(|| format!("\"n{}-{part}-0\"", (tab + 1) % 30)));
                let to = to.join(",");
                flow.push(format!(
                    r#"{{"id":{},"type":"function","z":"t{tab}","name":"Step {at}","wires":[[{to}]]}}"#,
                    id(at)
                ));
            }
        }
    }
    let graph = flow::read(&format!("[{}]", flow.join(","))).unwrap();
    assert_eq!(graph.nodes.len(), 3000);
    let picture = picture(&graph, &[], &View::default(), "large");
    let begun = Instant::now();
    let svg = picture.svg().unwrap();
    println!(
        "{} nodes, {} wires: {:?}, {} bytes",
        graph.nodes.len(),
        graph.wires.len(),
        begun.elapsed(),
        svg.len()
    );
    assert_eq!(svg.matches(" id=\"n").count(), 3000);
}
