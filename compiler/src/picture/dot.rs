//! A picture as DOT, for Graphviz.

use std::fmt::Write;

use super::text::{self, dot, line};
use super::{Contents, Dot, Edge, EdgeKind, FrameKind, Picture, Shape, lines, tooltip};

pub(super) fn write(picture: &Picture) -> String {
    let mut out = format!(
        "digraph {{\n  label=\"{}\";\n  labelloc=t;\n  rankdir=LR;\n  compound=true;\n  \
         node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=12];\n  \
         edge [fontname=\"sans-serif\", fontsize=10];\n",
        dot(&line(&picture.title, text::TOOLTIP))
    );
    frame(&mut out, picture, &Contents::of(picture), picture.frames.len(), 1);
    for edge in &picture.edges {
        self::edge(&mut out, picture, edge);
    }
    out.push_str("}\n");
    out
}

/// What stands directly in a frame, then the frames within it.
fn frame(out: &mut String, picture: &Picture, contents: &Contents, within: usize, depth: usize) {
    let indent = "  ".repeat(depth);
    for at in &contents.nodes[within] {
        let node = &picture.nodes[*at];
        let _ = writeln!(out, "{indent}n{at} [{}];", attributes(picture, node));
    }
    for at in &contents.frames[within] {
        let inner = &picture.frames[*at];
        let word = if inner.kind == FrameKind::Instance { "inside " } else { "" };
        let disabled = if inner.disabled { " (disabled)" } else { "" };
        let style = if inner.kind == FrameKind::Tab { "rounded" } else { "\"rounded,dashed\"" };
        let label = dot(&format!("{word}{}{disabled}", line(&inner.label, text::LABEL)));
        let _ = writeln!(
            out,
            "{indent}subgraph cluster_{at} {{\n{indent}  label=\"{label}\";\n{indent}  style={style};"
        );
        frame(out, picture, contents, *at, depth + 1);
        let _ = writeln!(out, "{indent}}}");
    }
}

fn attributes(picture: &Picture, node: &Dot) -> String {
    let about = dot(&line(&format!("{} · id {}", node.about, node.id), text::TOOLTIP));
    if node.shape == Shape::Junction {
        return format!("shape=point, width=0.1, label=\"\", tooltip=\"{about}\"");
    }
    let mut label = dot(&line(&node.name, text::NAME));
    let below = super::svg::below(picture, node);
    if !below.is_empty() {
        label.push_str("\\n");
        label.push_str(&dot(&below));
    }
    let mut said = format!("label=\"{label}\", tooltip=\"{about}\"");
    match node.shape {
        Shape::Link => said.push_str(", shape=cds"),
        Shape::Subflow => said.push_str(", shape=component"),
        Shape::Elsewhere => said.push_str(", shape=plaintext"),
        Shape::Note => said.push_str(", shape=note, color=gray"),
        Shape::Box | Shape::Junction => {}
    }
    if node.disabled {
        said.push_str(", style=\"rounded,dashed\", color=gray, fontcolor=gray");
    }
    if node.focus {
        said.push_str(", penwidth=3");
    }
    said
}

fn edge(out: &mut String, picture: &Picture, edge: &Edge) {
    let mut said = Vec::new();
    let lines: Vec<String> = lines(edge).iter().map(|(_, line)| format!("{}\\l", dot(line))).collect();
    if !lines.is_empty() {
        said.push(format!("label=\"{}\"", lines.concat()));
    }
    if picture.nodes.get(edge.from).is_some_and(|node| node.outputs > 1) {
        said.push(format!("taillabel=\"{}\"", edge.port + 1));
    }
    match edge.kind {
        EdgeKind::Redirect => said.push("style=dotted, color=darkorange, constraint=false".to_owned()),
        EdgeKind::Copy => said.push("style=dotted, color=darkgreen, constraint=false".to_owned()),
        EdgeKind::Wire(..) if edge.stopped => said.push("color=red, style=dashed, arrowhead=tee".to_owned()),
        EdgeKind::Wire(..) if !edge.remote.is_empty() => {
            said.push("style=dashed, color=goldenrod4".to_owned())
        }
        EdgeKind::Wire(_, true) => said.push("style=dotted".to_owned()),
        EdgeKind::Wire(_, false) => {}
    }
    if edge.disabled && !edge.stopped {
        said.push("color=gray, fontcolor=gray".to_owned());
    }
    let tip = tooltip(picture, edge).iter().map(|line| dot(line)).collect::<Vec<_>>().join("\\n");
    said.push(format!("tooltip=\"{tip}\""));
    let _ = writeln!(out, "  n{} -> n{} [{}];", edge.from, edge.to, said.join(", "));
}
