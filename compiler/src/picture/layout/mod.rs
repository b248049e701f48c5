//! Where everything stands: tabs beside each other, in each the connected parts that its nodes form, each part laid out
//! in layers by `dagre`.
//!
//! A few small tabs with wires between them are laid out as one part. Other wires between tabs end in a tag that names
//! the node at the other end, as a line across half a picture tells nobody anything.

mod pack;
mod part;
mod regions;
mod route;

use std::fmt;

use super::{Edge, Picture, Shape, lines, text};

/// A rectangle, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
}

impl Rect {
    pub(super) fn right(&self) -> f64 {
        self.x + self.w
    }
    pub(super) fn bottom(&self) -> f64 {
        self.y + self.h
    }
    pub(super) fn middle(&self) -> f64 {
        self.y + self.h / 2.0
    }
    fn moved(self, dx: f64, dy: f64) -> Self {
        Self { x: self.x + dx, y: self.y + dy, ..self }
    }
}

/// A piece of a curve. The tangents at the ends of a bend are level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Piece {
    Start(f64, f64),
    Line(f64, f64),
    Bend(f64, f64),
    /// Around the end of a box, so far out.
    Turn(f64, f64, f64),
}

impl Piece {
    fn moved(self, dx: f64, dy: f64) -> Self {
        match self {
            Piece::Start(x, y) => Piece::Start(x + dx, y + dy),
            Piece::Line(x, y) => Piece::Line(x + dx, y + dy),
            Piece::Bend(x, y) => Piece::Bend(x + dx, y + dy),
            Piece::Turn(x, y, out) => Piece::Turn(x + dx, y + dy, out),
        }
    }
}

/// A curve that edges take.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    /// Indices of edges; several where what comes from other tabs enters a node.
    pub(super) edges: Vec<usize>,
    /// The curve.
    pub(super) pieces: Vec<Piece>,
    /// Where the routers of its edge stand.
    pub(super) label: Option<Rect>,
    /// It leads to a node, rather than to a tag.
    pub(super) arrives: bool,
}

/// Names the other end of edges that leave this part of the picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tag {
    pub(super) rect: Rect,
    pub(super) text: String,
    /// The nodes it stands for.
    pub(super) nodes: Vec<usize>,
    /// The edges lead away from here.
    pub(super) away: bool,
}

/// A picture with places.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// By node; those that stand elsewhere have none.
    pub(super) nodes: Vec<Option<Rect>>,
    /// By frame; a frame whose part is too large for frames within has none.
    pub(super) frames: Vec<Option<Rect>>,
    pub(super) curves: Vec<Curve>,
    pub(super) tags: Vec<Tag>,
}

/// A connected part that would take too long to lay out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooTangled {
    /// Nodes of the part.
    pub nodes: usize,
    /// Edges of the part.
    pub edges: usize,
    /// The name of one of its nodes.
    pub node: String,
    /// The tab that it begins on.
    pub tab: Option<String>,
}

impl fmt::Display for TooTangled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tab = self.tab.as_ref().map_or(String::new(), |tab| format!(" on tab `{tab}`"));
        write!(
            f,
            "the part around `{}`{tab} has {} nodes and {} wires in one piece, too many to lay out",
            self.node, self.nodes, self.edges
        )
    }
}

impl std::error::Error for TooTangled {}

/// Space around the whole, and between tabs.
const MARGIN: f64 = 20.0;
/// Space inside of a frame.
const PADDING: f64 = 16.0;
/// Height of a frame's title.
pub(super) const TITLE: f64 = 24.0;
/// Pixels of a node's name.
pub(super) const NAME_SIZE: f64 = 13.0;
/// Pixels of everything else.
pub(super) const SMALL_SIZE: f64 = 11.0;
/// Height of a line on a wire.
pub(super) const LINE: f64 = 16.0;
/// Height that a wire from a node to itself takes above it.
const LOOP: f64 = 18.0;

/// Gives everything a place.
pub(super) fn place(picture: &Picture) -> Result<Layout, TooTangled> {
    let mut layout = Layout {
        nodes: vec![None; picture.nodes.len()],
        frames: vec![None; picture.frames.len()],
        ..Layout::default()
    };
    let mut placed = Vec::new();
    for region in regions::regions(picture) {
        placed.push(region.place(picture)?);
    }
    let sizes: Vec<(f64, f64)> = placed.iter().map(|region| (region.width, region.height)).collect();
    let (places, width, height) = pack::rows(&sizes, MARGIN);
    for (region, (x, y)) in placed.into_iter().zip(places) {
        layout.take(region, x + MARGIN, y + MARGIN);
    }
    (layout.width, layout.height) = (width + 2.0 * MARGIN, height + 2.0 * MARGIN);
    Ok(layout)
}

impl Layout {
    /// Takes over what has a place in another one, moved.
    fn take(&mut self, other: Layout, dx: f64, dy: f64) {
        let merge = |own: &mut Vec<Option<Rect>>, other: Vec<Option<Rect>>| {
            for (own, other) in own.iter_mut().zip(other) {
                if let Some(rect) = other {
                    *own = Some(rect.moved(dx, dy));
                }
            }
        };
        merge(&mut self.nodes, other.nodes);
        merge(&mut self.frames, other.frames);
        self.curves.extend(other.curves.into_iter().map(|curve| Curve {
            pieces: curve.pieces.into_iter().map(|piece| piece.moved(dx, dy)).collect(),
            label: curve.label.map(|rect| rect.moved(dx, dy)),
            ..curve
        }));
        self.tags.extend(other.tags.into_iter().map(|tag| Tag { rect: tag.rect.moved(dx, dy), ..tag }));
    }
}

/// Size of a node's box.
fn size(picture: &Picture, node: usize) -> (f64, f64) {
    let Some(node) = picture.nodes.get(node) else { return (0.0, 0.0) };
    if node.shape == Shape::Junction {
        return (12.0, 12.0);
    }
    let (weight, size) = if node.shape == Shape::Note { (1.0, 12.0) } else { (1.05, NAME_SIZE) };
    let name = text::width(&text::line(&node.name, text::NAME), size) * weight;
    let below = super::svg::below(picture, node);
    let below_width = text::width(&below, SMALL_SIZE);
    let numbers = if node.outputs > 1 { 16.0 } else { 0.0 };
    let height: f64 = match node.shape {
        Shape::Note => 22.0,
        _ if below.is_empty() => 30.0,
        _ => 42.0,
    };
    let ports = match node.shape {
        Shape::Note => 0.0,
        _ => f64::from(node.outputs.min(super::svg::MOST_PORTS)) * 13.0 + 8.0,
    };
    ((name.max(below_width) + 26.0 + numbers).max(64.0), height.max(ports))
}

/// Size of the routers on an edge.
fn label_size(edge: &Edge) -> (f64, f64) {
    let lines = lines(edge);
    let mark = if edge.stopped { 18.0 } else { 0.0 };
    if lines.is_empty() {
        return if edge.stopped { (18.0, 18.0) } else { (0.0, 0.0) };
    }
    let width = lines.iter().map(|(_, line)| text::width(line, SMALL_SIZE)).fold(0.0, f64::max);
    (width + 24.0 + mark, lines.len() as f64 * LINE + 6.0)
}
