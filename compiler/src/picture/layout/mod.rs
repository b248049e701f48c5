//! Where everything stands: tabs beside each other, in each the connected parts that its nodes form, each part laid out
//! in layers by `dagre`.
//!
//! A few small tabs with wires between them are laid out as one part. Other wires between tabs end in a tag that names
//! the node at the other end, as a line across half a picture tells nobody anything.

mod effort;
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

/// Places of what is in one part or one region, and of nothing else: there may be as many parts as nodes, so each may only
/// take as much as it has.
#[derive(Clone, Debug, Default)]
struct Block {
    width: f64,
    height: f64,
    /// Nodes of the picture with their places, in no order.
    nodes: Vec<(usize, Rect)>,
    /// Frames of the picture with their places, in no order.
    frames: Vec<(usize, Rect)>,
    curves: Vec<Curve>,
    tags: Vec<Tag>,
}

/// What would take too long to lay out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooTangled {
    /// Its nodes.
    pub nodes: usize,
    /// Its edges; those that are drawn as one line are one.
    pub edges: usize,
    /// Which connected part it is; `None`: all parts together.
    pub part: Option<Around>,
    /// How many steps its layout would take; `None`: the layout failed, however many it took.
    pub steps: Option<u64>,
}

/// Where a connected part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    /// The name of one of its nodes.
    pub node: String,
    /// The tab that it begins on.
    pub tab: Option<String>,
}

impl fmt::Display for TooTangled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nodes, edges) = (self.nodes, self.edges);
        match &self.part {
            Some(Around { node, tab }) => {
                let tab = tab.as_ref().map_or(String::new(), |tab| format!(" on tab `{tab}`"));
                write!(
                    f,
                    "the part around `{node}`{tab} has {nodes} nodes and {edges} wires in one piece, "
                )?;
            }
            None => write!(f, "the picture has {nodes} nodes and {edges} wires, ")?,
        }
        let million = |steps: u64| steps.div_ceil(1_000_000);
        match self.steps {
            Some(steps) => write!(
                f,
                "too many to lay out: that takes about {} million steps, and {} million are the most",
                million(steps),
                million(effort::MOST_STEPS)
            ),
            None => f.write_str("which cannot be laid out"),
        }
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
    let mut regions = regions::regions(picture);
    regions::allot(picture, &mut regions)?;
    let mut placed = Vec::new();
    for region in regions {
        placed.push(region.place(picture)?);
    }
    let sizes: Vec<(f64, f64)> = placed.iter().map(|region| (region.width, region.height)).collect();
    let (places, width, height) = pack::rows(&sizes, MARGIN);
    let mut whole = Block::default();
    for (region, (x, y)) in placed.into_iter().zip(places) {
        whole.take(region, x + MARGIN, y + MARGIN);
    }
    (whole.width, whole.height) = (width + 2.0 * MARGIN, height + 2.0 * MARGIN);
    Ok(whole.layout(picture))
}

impl Block {
    /// Takes over all that is in another one, moved.
    fn take(&mut self, mut other: Block, dx: f64, dy: f64) {
        other.shift(dx, dy);
        self.nodes.append(&mut other.nodes);
        self.frames.append(&mut other.frames);
        self.curves.append(&mut other.curves);
        self.tags.append(&mut other.tags);
    }

    fn shift(&mut self, dx: f64, dy: f64) {
        for (_, rect) in self.nodes.iter_mut().chain(&mut self.frames) {
            *rect = rect.moved(dx, dy);
        }
        for curve in &mut self.curves {
            curve.pieces.iter_mut().for_each(|piece| *piece = piece.moved(dx, dy));
            curve.label = curve.label.map(|rect| rect.moved(dx, dy));
        }
        for tag in &mut self.tags {
            tag.rect = tag.rect.moved(dx, dy);
        }
    }

    /// Moves everything so that it begins at the origin, and takes its size.
    fn fit(&mut self) {
        let rects = self.nodes.iter().chain(&self.frames).map(|(_, rect)| *rect);
        let tags = self.tags.iter().map(|tag| tag.rect);
        let labels = self.curves.iter().filter_map(|curve| curve.label);
        let corners = rects.chain(tags).chain(labels).flat_map(|r| [(r.x, r.y), (r.right(), r.bottom())]);
        let curves = self.curves.iter().flat_map(|curve| route::points(&curve.pieces));
        let mut bounds: Option<[f64; 4]> = None;
        for (x, y) in corners.chain(curves) {
            let [left, top, right, bottom] = bounds.unwrap_or([x, y, x, y]);
            bounds = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
        }
        if let Some([left, top, right, bottom]) = bounds {
            self.shift(-left, -top);
            (self.width, self.height) = (right - left, bottom - top);
        }
    }

    /// The same by node and by frame, of which there are as many as in the picture.
    fn layout(self, picture: &Picture) -> Layout {
        let Block { width, height, nodes, frames, curves, tags } = self;
        let by = |count: usize, pairs: Vec<(usize, Rect)>| {
            let mut all = vec![None; count];
            pairs.into_iter().for_each(|(at, rect)| all[at] = Some(rect));
            all
        };
        let (nodes, frames) = (by(picture.nodes.len(), nodes), by(picture.frames.len(), frames));
        Layout { width, height, nodes, frames, curves, tags }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{Dot, Frame, FrameKind};
    use super::*;

    /// Nodes without wires on one tab, each in a group of its own or in none.
    fn lone(count: usize, grouped: bool) -> Picture {
        let frame = |kind, within| Frame { kind, label: "f".to_owned(), within, disabled: false };
        let mut picture = Picture { frames: vec![frame(FrameKind::Tab, None)], ..Picture::default() };
        for at in 0..count {
            picture.frames.extend(grouped.then(|| frame(FrameKind::Group, Some(0))));
            picture.nodes.push(Dot {
                id: format!("n{at}"),
                name: "node".to_owned(),
                ty: String::new(),
                shape: Shape::Note,
                frame: Some(if grouped { at + 1 } else { 0 }),
                disabled: false,
                outputs: 1,
                home: None,
                focus: false,
                about: String::new(),
            });
        }
        picture
    }

    #[test]
    fn a_part_takes_what_it_has_however_large_the_picture_is() {
        for grouped in [false, true] {
            let picture = lone(1_000, grouped);
            let mut regions = regions::regions(&picture);
            regions::allot(&picture, &mut regions).unwrap();
            let blocks: Vec<Block> = regions
                .iter()
                .flat_map(|region| region.parts())
                .map(|part| part.place(&picture, &|node| size(&picture, node)).unwrap())
                .collect();
            assert_eq!(blocks.len(), 1_000);
            let frames = usize::from(grouped);
            assert!(blocks.iter().all(|block| (block.nodes.len(), block.frames.len()) == (1, frames)));
            assert!(blocks.iter().all(|block| block.nodes.capacity() + block.frames.capacity() < 10));
            let layout = place(&picture).unwrap();
            assert_eq!(layout.nodes.iter().flatten().count(), 1_000);
            assert_eq!(layout.frames.iter().flatten().count(), 1_000 * frames + 1);
        }
    }

    #[test]
    fn steps_grow_with_the_parts_alone() {
        let steps = |count| {
            let regions = regions::regions(&lone(count, true));
            regions.iter().flat_map(|region| region.parts()).map(|part| part.sketch().steps()).sum::<u64>()
        };
        assert_eq!(steps(2_000), 2 * steps(1_000));
    }
}
