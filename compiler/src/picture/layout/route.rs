//! The curves of wires: level through every layer, bent between layers, around boxes where they lead back.

use std::collections::BTreeMap;

use super::{Piece, Rect};

/// How far a curve goes out beside a box that it turns around.
const OUT: f64 = 20.0;
/// How far above or below it.
const BESIDE: f64 = 9.0;

/// The layers by their middles, in tenths of a pixel, with half the width of the widest thing in each.
#[derive(Clone, Debug, Default)]
pub(super) struct Bounds(BTreeMap<i64, f64>);

impl Bounds {
    /// Something so wide stands in the layer with this middle.
    pub(super) fn see(&mut self, middle: f64, width: f64) {
        let half = self.0.entry(Self::key(middle)).or_insert(0.0);
        *half = half.max(width / 2.0);
    }

    fn key(middle: f64) -> i64 {
        (middle * 10.0).round() as i64
    }

    /// Half the width of the layer; 0 if there is none.
    fn half(&self, middle: f64) -> f64 {
        let key = Self::key(middle);
        self.0.range(key - 1..=key + 1).map(|(_, half)| *half).fold(0.0, f64::max)
    }
}

/// From an output to the input of another box, through points in the layers between.
pub(super) fn along(
    start: (f64, f64),
    from: &Rect,
    to: &Rect,
    inner: &[(f64, f64)],
    bounds: &Bounds,
) -> Vec<Piece> {
    let end = (to.x, to.middle());
    let half = |rect: &Rect| bounds.half(rect.x + rect.w / 2.0).max(rect.w / 2.0);
    let mut pieces = vec![Piece::Start(start.0, start.1)];
    if from.right() <= to.x {
        level(&mut pieces, from.x + from.w / 2.0 + half(from), start.1);
        for (x, y) in inner {
            let half = bounds.half(*x);
            bend(&mut pieces, x - half, *y);
            level(&mut pieces, x + half, *y);
        }
        bend(&mut pieces, to.x + to.w / 2.0 - half(to), end.1);
        level(&mut pieces, end.0, end.1);
        return pieces;
    }
    let beside = |rect: &Rect, next: f64| {
        if next < rect.middle() { rect.y - BESIDE } else { rect.bottom() + BESIDE }
    };
    let (first, last) = match (inner.first(), inner.last()) {
        (Some(first), Some(last)) => (first.1, last.1),
        _ => (to.middle(), from.middle()),
    };
    let (leave, enter) = (beside(from, first), beside(to, last));
    pieces.push(Piece::Turn(from.right(), leave, OUT));
    level(&mut pieces, from.x + from.w / 2.0 - half(from), leave);
    for (x, y) in inner {
        let half = bounds.half(*x);
        bend(&mut pieces, x + half, *y);
        level(&mut pieces, x - half, *y);
    }
    bend(&mut pieces, to.x + to.w / 2.0 + half(to), enter);
    level(&mut pieces, to.x, enter);
    pieces.push(Piece::Turn(end.0, end.1, -OUT));
    pieces
}

/// From an output of a box back to its own input, at a height above it.
pub(super) fn around(start: (f64, f64), rect: &Rect, height: f64) -> Vec<Piece> {
    vec![
        Piece::Start(start.0, start.1),
        Piece::Turn(rect.right(), height, OUT),
        Piece::Line(rect.x, height),
        Piece::Turn(rect.x, rect.middle(), -OUT),
    ]
}

fn at(pieces: &[Piece]) -> (f64, f64) {
    match pieces.last() {
        Some(Piece::Start(x, y) | Piece::Line(x, y) | Piece::Bend(x, y) | Piece::Turn(x, y, _)) => (*x, *y),
        None => (0.0, 0.0),
    }
}

fn level(pieces: &mut Vec<Piece>, x: f64, y: f64) {
    if (at(pieces).0 - x).abs() > 0.05 {
        pieces.push(Piece::Line(x, y));
    }
}

fn bend(pieces: &mut Vec<Piece>, x: f64, y: f64) {
    let (_, before) = at(pieces);
    if (before - y).abs() < 0.05 { level(pieces, x, y) } else { pieces.push(Piece::Bend(x, y)) }
}

/// Points that bound a curve.
pub(super) fn points(pieces: &[Piece]) -> Vec<(f64, f64)> {
    let mut all = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Start(x, y) | Piece::Line(x, y) | Piece::Bend(x, y) => all.push((*x, *y)),
            Piece::Turn(x, y, out) => all.extend([(*x, *y), (x + out, *y)]),
        }
    }
    all
}
