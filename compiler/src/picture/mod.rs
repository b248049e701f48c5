//! A flow graph with the routers on its wires as a picture: which nodes and wires are in it, and how it is written as
//! DOT, as Mermaid and, laid out, as SVG.

mod build;
mod dot;
mod layout;
mod mermaid;
mod svg;
mod text;
mod view;

#[cfg(test)]
mod tests;

pub use build::picture;
pub use layout::{Around, TooTangled};
pub use mermaid::MOST_EDGES as MERMAID_EDGES;
pub use view::{View, find};

use route_chain::ir::ChainSet;

/// A stack compiled for one runtime, twice.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// As it is lowered: every router that was written stands on its wires.
    pub written: &'a ChainSet,
    /// Optimised: tells what gets through a wire at all.
    pub optimised: &'a ChainSet,
}

/// What is drawn, before anything has a place.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// What it is a picture of.
    pub title: String,
    /// Runtimes of the fleet.
    pub runtimes: Vec<String>,
    /// Tabs, groups and the insides of subflow instances; an outer one before those within it.
    pub frames: Vec<Frame>,
    /// Nodes, in the order of the flow graph; then those that stand elsewhere.
    pub nodes: Vec<Dot>,
    /// Wires in the order of the flow graph, each followed by what routers on it add.
    pub edges: Vec<Edge>,
}

/// What is around nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// What it is.
    pub kind: FrameKind,
    /// Its label, whole.
    pub label: String,
    /// The frame around it.
    pub within: Option<usize>,
    /// Nothing in it is started.
    pub disabled: bool,
}

/// Kinds of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A tab.
    Tab,
    /// A group of the editor.
    Group,
    /// What is inside a subflow instance.
    Instance,
}

/// A node of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// Run-time id.
    pub id: String,
    /// Its name, whole; its type when it has none.
    pub name: String,
    /// Its type, or the subflow that it is an instance of; empty when `name` says it.
    pub ty: String,
    /// How it is drawn.
    pub shape: Shape,
    /// The innermost frame around it.
    pub frame: Option<usize>,
    /// It is not started.
    pub disabled: bool,
    /// Number of outputs.
    pub outputs: u32,
    /// Where it lives, an index into [`Picture::runtimes`].
    pub home: Option<usize>,
    /// It was asked for.
    pub focus: bool,
    /// What is said of it besides: where it stands.
    pub about: String,
}

/// Shapes of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A box.
    Box,
    /// A small circle.
    Junction,
    /// `link in`, `link out`, `link call`.
    Link,
    /// A subflow instance.
    Subflow,
    /// A comment of the editor: text alone.
    Note,
    /// A node that is not in the picture, at the other end of a wire that is.
    Elsewhere,
}

/// A wire, or what a router makes besides it.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Index into [`Picture::nodes`].
    pub from: usize,
    /// Output, from 0.
    pub port: u32,
    /// Index into [`Picture::nodes`].
    pub to: usize,
    /// What it is.
    pub kind: EdgeKind,
    /// Routers on it in the order of the stack.
    pub routers: Vec<Router>,
    /// Nothing gets through.
    pub stopped: bool,
    /// Runtimes that messages on it are sent to.
    pub remote: Vec<String>,
    /// One of its ends is not started.
    pub disabled: bool,
}

/// Kinds of edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// A wire of the flow, by its index there; `true`: through link nodes.
    Wire(u32, bool),
    /// Where a `redirect` delivers instead.
    Redirect,
    /// A `tap` whose copies a node gets.
    Copy,
}

/// A router on a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Router {
    /// `filter`, `tap`, …
    pub kind: String,
    /// Its name, with its layer unless that is the team's own.
    pub name: String,
    /// What it does there, in the words of the language.
    pub does: String,
}

impl Router {
    /// `filter plausible`
    fn title(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }
}

impl Picture {
    /// As DOT, for Graphviz.
    pub fn dot(&self) -> String {
        dot::write(self)
    }

    /// As a Mermaid flowchart.
    pub fn mermaid(&self) -> String {
        mermaid::write(self)
    }

    /// As SVG, laid out.
    ///
    /// # Errors
    /// When the layout would take more steps than a picture may, or fails.
    pub fn svg(&self) -> Result<String, TooTangled> {
        Ok(svg::write(self, &layout::place(self)?))
    }

    /// Nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The outermost frame around a node.
    fn tab_of(&self, node: usize) -> Option<usize> {
        let mut at = self.nodes.get(node)?.frame?;
        while let Some(outer) = self.frames.get(at)?.within {
            at = outer;
        }
        Some(at)
    }
}

/// What stands directly in each frame, by frame, and last what stands in none.
struct Contents {
    nodes: Vec<Vec<usize>>,
    frames: Vec<Vec<usize>>,
}

impl Contents {
    fn of(picture: &Picture) -> Self {
        let none = picture.frames.len();
        let mut contents = Self { nodes: vec![Vec::new(); none + 1], frames: vec![Vec::new(); none + 1] };
        for (at, node) in picture.nodes.iter().enumerate() {
            contents.nodes[node.frame.unwrap_or(none)].push(at);
        }
        for (at, frame) in picture.frames.iter().enumerate() {
            contents.frames[frame.within.unwrap_or(none)].push(at);
        }
        contents
    }
}

/// What is said of an edge in full, a line each.
fn tooltip(picture: &Picture, edge: &Edge) -> Vec<String> {
    let name = |at: usize| picture.nodes.get(at).map_or("", |node| node.name.as_str());
    let output = picture.nodes.get(edge.from).filter(|node| node.outputs > 1);
    let output = output.map_or(String::new(), |_| format!(", output {}", edge.port + 1));
    let through = match edge.kind {
        EdgeKind::Wire(_, true) => " (link)",
        EdgeKind::Wire(_, false) => "",
        EdgeKind::Redirect => " (redirect)",
        EdgeKind::Copy => " (copies)",
    };
    let head = format!("{}{output} → {}{through}", name(edge.from), name(edge.to));
    let mut lines = vec![text::line(&head, text::TOOLTIP)];
    for router in &edge.routers {
        lines.push(text::line(&format!("{}: {}", router.title(), router.does), text::TOOLTIP));
    }
    if !edge.remote.is_empty() {
        lines.push(text::line(&format!("sent to {}", edge.remote.join(", ")), text::TOOLTIP));
    }
    if edge.stopped {
        lines.push("nothing gets through".to_owned());
    }
    if edge.disabled {
        lines.push("an end of it is disabled".to_owned());
    }
    lines
}

/// Most routers that are shown on a wire with a line each.
const SHOWN: usize = 3;

/// The routers of an edge, short: a line each, or one line when there are more than three; which runtimes it leads to.
fn lines(edge: &Edge) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = if edge.routers.len() > SHOWN {
        let names: Vec<String> = edge.routers.iter().map(|r| text::line(&r.name, 14)).collect();
        let all = text::line(&format!("{} routers: {}", names.len(), names.join(", ")), text::LABEL);
        vec![("many".to_owned(), all)]
    } else {
        let line = |r: &Router| (r.kind.clone(), text::line(&r.title(), text::LABEL));
        edge.routers.iter().map(line).collect()
    };
    if !edge.remote.is_empty() {
        let to = text::line(&format!("→ {}", edge.remote.join(", ")), text::LABEL);
        lines.push(("remote".to_owned(), to));
    }
    lines
}
