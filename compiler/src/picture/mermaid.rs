//! A picture as a Mermaid flowchart, for Markdown files.

use std::fmt::Write;

use super::text::{self, line, mermaid};
use super::{Contents, Dot, Edge, EdgeKind, FrameKind, Picture, Shape, lines};

/// Edges that Mermaid draws unless it is told otherwise; a diagram cannot raise this itself.
pub const MOST_EDGES: usize = 500;

pub(super) fn write(picture: &Picture) -> String {
    let mut out = String::new();
    let title = line(&picture.title, text::TOOLTIP);
    if !title.is_empty() {
        // A title of the front matter is a YAML string; a JSON string is one.
        let _ = writeln!(out, "---\ntitle: {}\n---", serde_json::Value::from(title));
    }
    out.push_str("flowchart LR\n");
    if picture.edges.len() > MOST_EDGES {
        let _ = writeln!(
            out,
            "  %% {} wires: Mermaid draws {MOST_EDGES}, unless the page sets its maxEdges",
            picture.edges.len()
        );
    }
    frame(&mut out, picture, &Contents::of(picture), picture.frames.len(), 1);
    for edge in &picture.edges {
        self::edge(&mut out, picture, edge);
    }
    styles(&mut out, picture);
    out
}

/// What stands directly in a frame, then the frames within it.
fn frame(out: &mut String, picture: &Picture, contents: &Contents, within: usize, depth: usize) {
    let indent = "  ".repeat(depth);
    for at in &contents.nodes[within] {
        let node = &picture.nodes[*at];
        let _ = writeln!(out, "{indent}n{at}{}", shape(picture, node));
    }
    for at in &contents.frames[within] {
        let inner = &picture.frames[*at];
        let word = if inner.kind == FrameKind::Instance { "inside " } else { "" };
        let disabled = if inner.disabled { " (disabled)" } else { "" };
        let label = mermaid(&format!("{word}{}{disabled}", line(&inner.label, text::LABEL)));
        // The direction counts for parts that no wire joins to what is outside.
        let _ = writeln!(out, "{indent}subgraph f{at}[\"{}\"]\n{indent}  direction LR", some(&label));
        frame(out, picture, contents, *at, depth + 1);
        let _ = writeln!(out, "{indent}end");
    }
}

/// Mermaid takes no empty label.
fn some(label: &str) -> &str {
    if label.trim().is_empty() { "#160;" } else { label }
}

fn shape(picture: &Picture, node: &Dot) -> String {
    let mut label = mermaid(&line(&node.name, text::NAME));
    let below = super::svg::below(picture, node);
    if !below.is_empty() {
        let _ = write!(label, "<br/>{}", mermaid(&below));
    }
    let label = some(&label);
    match node.shape {
        Shape::Junction => "((\"#160;\"))".to_owned(),
        Shape::Link => format!("([\"{label}\"])"),
        Shape::Subflow => format!("[[\"{label}\"]]"),
        Shape::Elsewhere => format!(">\"{label}\"]"),
        Shape::Box | Shape::Note => format!("[\"{label}\"]"),
    }
}

fn edge(out: &mut String, picture: &Picture, edge: &Edge) {
    let arrow = match edge.kind {
        EdgeKind::Redirect | EdgeKind::Copy => "-.->",
        EdgeKind::Wire(..) if edge.stopped => "--x",
        EdgeKind::Wire(_, through) if through || !edge.remote.is_empty() => "-.->",
        EdgeKind::Wire(..) => "-->",
    };
    let mut said: Vec<String> = lines(edge).iter().map(|(_, line)| mermaid(line)).collect();
    if picture.nodes.get(edge.from).is_some_and(|node| node.outputs > 1) {
        said.insert(0, format!("{}", edge.port + 1));
    }
    let label = if said.is_empty() { String::new() } else { format!("|\"{}\"|", said.join("<br/>")) };
    let _ = writeln!(out, "  n{} {arrow}{label} n{}", edge.from, edge.to);
}

fn styles(out: &mut String, picture: &Picture) {
    let nodes = |is: &dyn Fn(&Dot) -> bool| -> Vec<String> {
        let all = picture.nodes.iter().enumerate().filter(|(_, node)| is(node));
        all.map(|(at, _)| format!("n{at}")).collect()
    };
    for (class, look, members) in [
        ("dim", "opacity:0.45,stroke-dasharray:4 3", nodes(&|node| node.disabled)),
        ("focus", "stroke-width:4px", nodes(&|node| node.focus)),
        ("note", "fill:none,stroke:none", nodes(&|node| node.shape == Shape::Note)),
    ] {
        if !members.is_empty() {
            let _ = writeln!(out, "  classDef {class} {look}\n  class {} {class}", members.join(","));
        }
    }
    let edges = |is: &dyn Fn(&Edge) -> bool| -> Vec<String> {
        let all = picture.edges.iter().enumerate().filter(|(_, edge)| is(edge));
        all.map(|(at, _)| at.to_string()).collect()
    };
    for (look, members) in [
        ("stroke:#cf222e", edges(&|edge| edge.stopped)),
        ("stroke:#bc4c00", edges(&|edge| edge.kind == EdgeKind::Redirect)),
        ("stroke:#1a7f37", edges(&|edge| edge.kind == EdgeKind::Copy)),
    ] {
        if !members.is_empty() {
            let _ = writeln!(out, "  linkStyle {} {look}", members.join(","));
        }
    }
}
