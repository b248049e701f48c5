//! A connected part, laid out in layers from left to right.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::{Edge, EdgeKind, Picture, Shape, text};
use super::effort::{Framed, Sketch};
use super::route::{self, Bounds};
use super::{Around, Block, Curve, LOOP, Rect, SMALL_SIZE, Tag, TooTangled, label_size};

/// Height of a tag.
const TAG: f64 = 22.0;

/// Frames around nodes of a part.
pub(super) struct Frames {
    /// An outer one before those within it.
    all: Vec<usize>,
    pub(super) framed: Framed,
}

/// What has a place in a part.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    Node(usize),
    /// Names where an edge leads that leaves the part.
    Away {
        to: usize,
        text: String,
    },
    /// Names where edges come from that enter the part.
    Source {
        nodes: Vec<usize>,
        text: String,
    },
}

/// Nodes with the edges between them, and tags for those that lead elsewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    items: Vec<Item>,
    /// By node.
    at: FxHashMap<usize, usize>,
    /// Of what comes from elsewhere, by node that it leads to.
    sources: FxHashMap<usize, Source>,
    /// Lines of edges that look the same, by both ends.
    bundles: FxHashMap<(usize, usize, Look), usize>,
    lines: Vec<Line>,
    /// The frames that are drawn, an outer one before those within it.
    frames: Vec<usize>,
}

/// The tag of what comes from elsewhere.
#[derive(Clone, Debug)]
struct Source {
    item: usize,
    line: usize,
    seen: FxHashSet<usize>,
}

/// An edge between items.
#[derive(Clone, Debug)]
struct Line {
    edges: Vec<usize>,
    from: usize,
    to: usize,
    /// It shows the routers: of an edge that is drawn in two halves the first does.
    labelled: bool,
}

/// What a wire that carries no routers looks like: those that leave a node for another in the same look are one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Look {
    /// Outputs that are not drawn are one.
    port: u32,
    /// Through link nodes.
    link: bool,
    disabled: bool,
}

impl Look {
    /// `None`: it has more to say than that it is there.
    fn of(edge: &Edge) -> Option<Self> {
        let EdgeKind::Wire(_, link) = edge.kind else { return None };
        let plain = edge.routers.is_empty() && edge.remote.is_empty() && !edge.stopped;
        let port = edge.port.min(super::super::svg::MOST_PORTS);
        plain.then_some(Self { port, link, disabled: edge.disabled })
    }
}

impl Part {
    pub(super) fn node(&mut self, node: usize) {
        self.at.insert(node, self.items.len());
        self.items.push(Item::Node(node));
    }

    /// Adds the edge with this index between two of the nodes.
    pub(super) fn edge(&mut self, at: usize, edge: &Edge) {
        if let (Some(from), Some(to)) = (self.at.get(&edge.from), self.at.get(&edge.to)) {
            let (from, to) = (*from, *to);
            self.line(at, edge, from, |_| to);
        }
    }

    /// Adds an edge to a node elsewhere, by its name.
    pub(super) fn away(&mut self, at: usize, edge: &Edge, name: &str) {
        let Some(from) = self.at.get(&edge.from).copied() else { return };
        self.line(at, edge, from, |items| {
            items.push(Item::Away { to: edge.to, text: format!("{name} →") });
            items.len() - 1
        });
    }

    /// A line for the edge, or the one that looks the same; `to` makes the item that it leads to.
    fn line(&mut self, at: usize, edge: &Edge, from: usize, to: impl FnOnce(&mut Vec<Item>) -> usize) {
        let bundle = Look::of(edge).map(|look| (from, edge.to, look));
        let known = bundle.and_then(|bundle| self.bundles.get(&bundle));
        if let Some(line) = known.and_then(|line| self.lines.get_mut(*line)) {
            line.edges.push(at);
            return;
        }
        let to = to(&mut self.items);
        if let Some(bundle) = bundle {
            self.bundles.insert(bundle, self.lines.len());
        }
        self.lines.push(Line { edges: vec![at], from, to, labelled: true });
    }

    /// Adds an edge from a node elsewhere.
    pub(super) fn enter(&mut self, at: usize, edge: &Edge) {
        let Some(target) = self.at.get(&edge.to).copied() else { return };
        let source = self.sources.entry(edge.to).or_insert_with(|| {
            self.items.push(Item::Source { nodes: Vec::new(), text: String::new() });
            let item = self.items.len() - 1;
            self.lines.push(Line { edges: Vec::new(), from: item, to: target, labelled: false });
            Source { item, line: self.lines.len() - 1, seen: FxHashSet::default() }
        });
        if let Some(line) = self.lines.get_mut(source.line) {
            line.edges.push(at);
        }
        if let Some(Item::Source { nodes, .. }) = self.items.get_mut(source.item)
            && source.seen.insert(edge.from)
        {
            nodes.push(edge.from);
        }
    }

    pub(super) fn name_sources(&mut self, name: &dyn Fn(&[usize]) -> String) {
        for item in &mut self.items {
            if let Item::Source { nodes, text } = item {
                *text = format!("→ {}", name(nodes));
            }
        }
    }

    /// It is a node without wires.
    pub(super) fn is_single(&self) -> bool {
        matches!(self.items.as_slice(), [Item::Node(_)])
    }

    /// How many nodes there are, and how many lines.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.at.len(), self.lines.len())
    }

    pub(super) fn sketch(&self) -> Sketch {
        let lines = self.lines.iter().filter(|line| line.from != line.to);
        Sketch::new(self.items.len(), &lines.map(|line| (line.from, line.to)).collect::<Vec<_>>())
    }

    /// Draws these frames too.
    pub(super) fn frame(&mut self, frames: Frames) {
        self.frames = frames.all;
    }

    /// Gives everything a place.
    pub(super) fn place(
        &self,
        picture: &Picture,
        size: &dyn Fn(usize) -> (f64, f64),
    ) -> Result<Block, TooTangled> {
        if let ([Item::Node(node)], [], []) =
            (self.items.as_slice(), self.lines.as_slice(), self.frames.as_slice())
        {
            return Ok(alone(*node, size(*node)));
        }
        let boxes = self.boxes(picture, size);
        let mut graph = self.graph(picture, &boxes);
        // The gaps of a part with frames leave room for their titles.
        let (nodesep, edgesep) = if self.frames.is_empty() { (18.0, 12.0) } else { (34.0, 26.0) };
        let options = LayoutOptions {
            rankdir: RankDir::LR,
            nodesep,
            edgesep,
            ranksep: 44.0,
            ..LayoutOptions::default()
        };
        let laid = catch_unwind(AssertUnwindSafe(|| dagre::layout(&mut graph, Some(options))));
        laid.map_err(|_| self.too_tangled(picture, None))?;
        Ok(self.read(picture, &graph, &boxes))
    }

    /// `None`: not for the number of steps.
    pub(super) fn too_tangled(&self, picture: &Picture, steps: Option<u64>) -> TooTangled {
        let first = self.items.iter().find_map(|item| match item {
            Item::Node(node) => Some(*node),
            _ => None,
        });
        let node = first.and_then(|node| picture.nodes.get(node));
        let tab = first.and_then(|node| picture.tab_of(node)).and_then(|tab| picture.frames.get(tab));
        let part = Around {
            node: text::line(node.map_or("", |node| &node.name), text::NAME),
            tab: tab.map(|tab| text::line(&tab.label, text::LABEL)),
        };
        let (nodes, edges) = self.size();
        TooTangled { nodes, edges, part: Some(part), steps }
    }

    /// Sizes of items; a node with wires to itself has room for them above.
    fn boxes(&self, picture: &Picture, size: &dyn Fn(usize) -> (f64, f64)) -> Vec<(f64, f64, f64)> {
        let mut above = vec![0.0; self.items.len()];
        for line in self.lines.iter().filter(|line| line.from == line.to) {
            above[line.from] += LOOP + self.label(picture, line).1;
        }
        let sized = self.items.iter().zip(above).map(|(item, above)| {
            let (w, h) = match item {
                Item::Node(node) => size(*node),
                Item::Away { text, .. } | Item::Source { text, .. } => {
                    (text::width(text, SMALL_SIZE) + 22.0, TAG)
                }
            };
            (w, h + above, above)
        });
        sized.collect()
    }

    fn label(&self, picture: &Picture, line: &Line) -> (f64, f64) {
        match line.edges.as_slice() {
            [edge] if line.labelled => picture.edges.get(*edge).map_or((0.0, 0.0), label_size),
            _ => (0.0, 0.0),
        }
    }

    /// The frames that nodes of the part are in, each with the layers of those; `tabs`: the outermost too.
    pub(super) fn frames(&self, picture: &Picture, tabs: bool, sketch: &Sketch) -> Frames {
        let mut spans: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        let mut depth = 0;
        for (item, layer) in self.items.iter().zip(sketch.layers()) {
            let Item::Node(node) = item else { continue };
            let (mut at, mut around) = (picture.nodes.get(*node).and_then(|node| node.frame), 0);
            while let Some(frame) = at {
                let outer = picture.frames.get(frame).and_then(|frame| frame.within);
                if tabs || outer.is_some() {
                    let (first, last) = spans.entry(frame).or_insert((*layer, *layer));
                    (*first, *last) = ((*first).min(*layer), (*last).max(*layer));
                    around += 1;
                }
                at = outer;
            }
            depth = depth.max(around);
        }
        let (all, spans) = spans.into_iter().unzip();
        Frames { all, framed: Framed { spans, depth } }
    }

    fn graph(&self, picture: &Picture, boxes: &[(f64, f64, f64)]) -> Graph<NodeLabel, EdgeLabel> {
        let options = GraphOptions { directed: true, multigraph: true, compound: !self.frames.is_empty() };
        let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(options);
        for frame in &self.frames {
            graph.set_node(frame_key(*frame), Some(NodeLabel::default()));
        }
        for (at, (w, h, _)) in boxes.iter().enumerate() {
            graph.set_node(key(at), Some(NodeLabel { width: *w, height: *h, ..NodeLabel::default() }));
        }
        let parent = |frame: Option<usize>| {
            frame.filter(|frame| self.frames.binary_search(frame).is_ok()).map(frame_key)
        };
        for frame in &self.frames {
            let outer = picture.frames.get(*frame).and_then(|frame| frame.within);
            if let Some(outer) = parent(outer) {
                graph.set_parent(&frame_key(*frame), Some(&outer));
            }
        }
        for (at, item) in self.items.iter().enumerate() {
            let Item::Node(node) = item else { continue };
            if let Some(frame) = parent(picture.nodes.get(*node).and_then(|node| node.frame)) {
                graph.set_parent(&key(at), Some(&frame));
            }
        }
        for (at, line) in self.lines.iter().enumerate().filter(|(_, line)| line.from != line.to) {
            let (width, height) = self.label(picture, line);
            let label = EdgeLabel { width, height, labelpos: LabelPos::Center, ..EdgeLabel::default() };
            graph.set_edge(key(line.from), key(line.to), Some(label), Some(&key(at)));
        }
        graph
    }

    fn read(
        &self,
        picture: &Picture,
        graph: &Graph<NodeLabel, EdgeLabel>,
        boxes: &[(f64, f64, f64)],
    ) -> Block {
        let mut block = Block::default();
        let whole = |at: usize| -> Rect {
            let (w, h, _) = boxes.get(at).copied().unwrap_or_default();
            let label = graph.node(&key(at));
            let (x, y) = label.map_or((0.0, 0.0), |l| (l.x.unwrap_or(0.0), l.y.unwrap_or(0.0)));
            Rect { x: x - w / 2.0, y: y - h / 2.0, w, h }
        };
        let rects: Vec<Rect> = (0..self.items.len())
            .map(|at| {
                let (rect, above) = (whole(at), boxes.get(at).map_or(0.0, |(_, _, above)| *above));
                Rect { y: rect.y + above, h: rect.h - above, ..rect }
            })
            .collect();
        let mut bounds = Bounds::default();
        for rect in &rects {
            bounds.see(rect.x + rect.w / 2.0, rect.w);
        }
        for (item, rect) in self.items.iter().zip(&rects) {
            match item {
                Item::Node(node) => block.nodes.push((*node, *rect)),
                Item::Away { to, text } => {
                    block.tags.push(Tag { rect: *rect, text: text.clone(), nodes: vec![*to], away: true });
                }
                Item::Source { nodes, text } => {
                    block.tags.push(Tag {
                        rect: *rect,
                        text: text.clone(),
                        nodes: nodes.clone(),
                        away: false,
                    });
                }
            }
        }
        for frame in &self.frames {
            let Some(label) = graph.node(&frame_key(*frame)) else { continue };
            let (x, y) = (label.x.unwrap_or(0.0), label.y.unwrap_or(0.0));
            let (w, h) = (label.width, label.height);
            block.frames.push((*frame, Rect { x: x - w / 2.0, y: y - h / 2.0, w, h }));
        }
        self.curves(picture, graph, &rects, bounds, &mut block);
        block.fit();
        block
    }

    fn curves(
        &self,
        picture: &Picture,
        graph: &Graph<NodeLabel, EdgeLabel>,
        rects: &[Rect],
        mut bounds: Bounds,
        block: &mut Block,
    ) {
        let found = |at: usize, line: &Line| graph.edge(&key(line.from), &key(line.to), Some(&key(at)));
        let mut labels = vec![None; self.lines.len()];
        for (at, line) in self.lines.iter().enumerate() {
            let (w, h) = self.label(picture, line);
            let Some((x, y)) = found(at, line).and_then(|edge| edge.x.zip(edge.y)).filter(|_| w > 0.0) else {
                continue;
            };
            bounds.see(x, w);
            labels[at] = Some(Rect { x: x - w / 2.0, y: y - h / 2.0, w, h });
        }
        let mut above = vec![0.0; self.items.len()];
        for (at, line) in self.lines.iter().enumerate() {
            let (Some(from), Some(to)) = (rects.get(line.from), rects.get(line.to)) else { continue };
            let port = self.port(picture, line);
            let start = (from.right(), from.y + from.h * port);
            let mut label = labels[at];
            let pieces = if line.from == line.to {
                let (w, h) = self.label(picture, line);
                above[line.from] += LOOP + h;
                let level = from.y - above[line.from] + h / 2.0 + LOOP / 2.0;
                let middle = from.x + from.w / 2.0;
                label = (w > 0.0).then(|| Rect { x: middle - w / 2.0, y: level - h / 2.0, w, h });
                route::around(start, from, level)
            } else {
                let points = found(at, line).map_or(&[][..], |edge| edge.points.as_slice());
                let inner: Vec<(f64, f64)> = points.iter().map(|p| (p.x, p.y)).collect();
                let inner = inner.get(1..inner.len().saturating_sub(1)).unwrap_or_default();
                route::along(start, from, to, inner, &bounds)
            };
            let arrives = matches!(self.items.get(line.to), Some(Item::Node(_)));
            block.curves.push(Curve { edges: line.edges.clone(), pieces, label, arrives });
        }
    }

    /// Where on its box a line begins, from the top, as a share of the height.
    fn port(&self, picture: &Picture, line: &Line) -> f64 {
        let edge = line.edges.first().and_then(|edge| picture.edges.get(*edge));
        let Some(Item::Node(node)) = self.items.get(line.from) else { return 0.5 };
        match (picture.nodes.get(*node), edge) {
            (Some(node), Some(edge)) if node.shape != Shape::Junction => {
                super::super::svg::port(node.outputs, edge.port)
            }
            _ => 0.5,
        }
    }
}

/// A node without wires stands at the origin.
fn alone(node: usize, (w, h): (f64, f64)) -> Block {
    let rect = Rect { x: 0.0, y: 0.0, w, h };
    Block { width: w, height: h, nodes: vec![(node, rect)], ..Block::default() }
}

fn key(at: usize) -> String {
    format!("n{at}")
}

fn frame_key(at: usize) -> String {
    format!("f{at}")
}
