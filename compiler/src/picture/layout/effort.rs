//! How long a layout takes, counted before it is begun: in steps, of which a computer makes a million in about a second.
//! It is an estimate, mostly too high. It depends on the picture alone: what is drawn on one computer is drawn on all.
//!
//! What `dagre` takes its time for, as measured:
//!
//! - Ranking goes through all nodes and lines for about every node that joins its tree, and for every line outside of it.
//! - A line from one layer to the next has a piece between them, one that is longer two more for each layer, and from then on
//!   each piece is a node. Ordering handles each of them about a hundred times.
//! - Placing compares each with all others of its rank.
//! - Taking one out of the graph shifts all others.
//! - A frame is two nodes more, joined to all that is in it, and has two pieces in each rank that it spans; each level of
//!   frames adds to the ranks between layers.

/// Most steps for all parts of a picture together.
pub(super) const MOST_STEPS: u64 = 10_000_000;

/// A part before its layout.
pub(super) struct Sketch {
    nodes: u64,
    lines: u64,
    /// By node, how many layers are before it.
    layers: Vec<usize>,
    /// By rank: nodes, and lines that pass through. Every second rank is a layer, the others are between layers.
    widths: Vec<u64>,
}

/// The frames of a part.
pub(super) struct Framed {
    /// First and last layer of each.
    pub(super) spans: Vec<(usize, usize)>,
    /// How many are around each other at most.
    pub(super) depth: usize,
}

impl Sketch {
    /// Of lines between so many nodes; wires from a node to itself are none.
    pub(super) fn new(nodes: usize, lines: &[(usize, usize)]) -> Self {
        let layers = layers(nodes, lines);
        let mut changes = Changes::new(nodes);
        for layer in &layers {
            changes.add(2 * layer, 2 * layer, 1);
        }
        for (from, to) in lines {
            let (low, high) = (layers[*from].min(layers[*to]), layers[*from].max(layers[*to]));
            changes.add(2 * low + 1, 2 * high - 1, 1);
        }
        Self { nodes: nodes as u64, lines: lines.len() as u64, layers, widths: changes.widths() }
    }

    pub(super) fn layers(&self) -> &[usize] {
        &self.layers
    }

    /// Steps of a layout without frames.
    pub(super) fn steps(&self) -> u64 {
        let ranking = self.rounds().saturating_mul(self.nodes + self.lines);
        ranking.saturating_add(behind(1, self.widths.iter().copied()))
    }

    /// Steps of a layout with frames.
    pub(super) fn framed(&self, frames: &Framed) -> u64 {
        let count = frames.spans.len() as u64;
        let inside = self.nodes + count;
        let rounds = self.rounds() + 2 * count + inside;
        let ranking = rounds.saturating_mul(self.nodes + 2 * count + self.lines + 3 * inside);
        let mut borders = Changes::new(self.layers.len());
        frames.spans.iter().for_each(|(first, last)| borders.add(2 * first, 2 * last, 2));
        let widths = self.widths.iter().zip(borders.widths()).map(|(width, more)| width + more);
        ranking.saturating_add(behind(1 + frames.depth as u64, widths))
    }

    /// How often ranking goes through all. Of many lines most are left where they are.
    fn rounds(&self) -> u64 {
        self.nodes + self.lines.saturating_sub(self.nodes).min(5 * self.nodes)
    }
}

/// Steps of all that comes behind ranking, on ranks of these widths, each so many times.
fn behind(times: u64, widths: impl Iterator<Item = u64>) -> u64 {
    let (mut pieces, mut pairs) = (0_u64, 0_u64);
    for width in widths {
        pieces = pieces.saturating_add(width);
        pairs = pairs.saturating_add(width.saturating_mul(width));
    }
    let (pieces, pairs) = (pieces.saturating_mul(times), pairs.saturating_mul(times));
    let ordering = pieces.saturating_mul(110);
    let taking = pieces.saturating_mul(pieces) / 250;
    ordering.saturating_add(pairs / 3).saturating_add(taking)
}

/// Widths of ranks, by where they begin and end: a line costs the same however long it is.
struct Changes(Vec<i64>);

impl Changes {
    /// For as many layers as so many nodes may have.
    fn new(nodes: usize) -> Self {
        Self(vec![0; 2 * nodes + 1])
    }

    fn add(&mut self, first: usize, last: usize, width: i64) {
        self.0[first] += width;
        self.0[last + 1] -= width;
    }

    fn widths(self) -> Vec<u64> {
        let mut width = 0;
        let sum = |change| {
            width += change;
            u64::try_from(width).unwrap_or(0)
        };
        self.0.into_iter().map(sum).collect()
    }
}

/// The layer of each node: behind all that lead to it, those that more lines leave than enter as late as they can.
/// Of the lines of a cycle the one that closes it leads back, so every line is at least one layer long.
fn layers(nodes: usize, lines: &[(usize, usize)]) -> Vec<usize> {
    let order = order(nodes, lines);
    let mut place = vec![0; nodes];
    order.iter().enumerate().for_each(|(at, node)| place[*node] = at);
    let (mut ahead, mut entering) = (vec![Vec::new(); nodes], vec![0_usize; nodes]);
    for (from, to) in lines {
        let (first, last) = if place[*from] < place[*to] { (*from, *to) } else { (*to, *from) };
        ahead[first].push(last);
        entering[last] += 1;
    }
    let mut layer = vec![0_usize; nodes];
    for node in &order {
        for to in &ahead[*node] {
            layer[*to] = layer[*to].max(layer[*node] + 1);
        }
    }
    for node in order.iter().rev().filter(|node| ahead[**node].len() > entering[**node]) {
        let next = ahead[*node].iter().map(|to| layer[*to]).min();
        layer[*node] = next.map_or(layer[*node], |next| next - 1);
    }
    layer
}

/// The nodes in an order along the lines, but for those that close a cycle: depth first, the last that was left first.
fn order(nodes: usize, lines: &[(usize, usize)]) -> Vec<usize> {
    let mut out = vec![Vec::new(); nodes];
    lines.iter().for_each(|(from, to)| out[*from].push(*to));
    let (mut seen, mut left) = (vec![false; nodes], Vec::with_capacity(nodes));
    // Without recursion: a flow may be a chain of any length.
    for start in 0..nodes {
        let mut open = vec![(start, 0)];
        while let Some((node, next)) = open.pop() {
            if next == 0 && std::mem::replace(&mut seen[node], true) {
                continue;
            }
            match out[node].get(next) {
                Some(to) => open.extend([(node, next + 1), (*to, 0)]),
                None => left.push(node),
            }
        }
    }
    left.reverse();
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_the_layers_that_they_pass() {
        // A chain of four, a wire past it, one that closes a cycle, and a source that enters late.
        let sketch = Sketch::new(5, &[(0, 1), (1, 2), (2, 3), (0, 3), (3, 1), (4, 3)]);
        assert_eq!(sketch.layers(), [0, 1, 2, 3, 2]);
        assert_eq!(sketch.widths, [1, 2, 2, 3, 4, 4, 1, 0, 0, 0, 0]);
        assert_eq!(Sketch::new(0, &[]).steps(), 0);
    }

    #[test]
    fn what_takes_long_costs_much() {
        let steps = |nodes, lines: Vec<(usize, usize)>| Sketch::new(nodes, &lines).steps();
        let star = |n: usize| steps(n + 1, (1..=n).map(|to| (0, to)).collect());
        let every = |n: usize| steps(2 * n, (0..n * n).map(|at| (at / n, n + at % n)).collect());
        let ladder = |n: usize| {
            steps(n * 20, (0..(n - 1) * 400).map(|at| (at / 20, at / 400 * 20 + 20 + at % 20)).collect())
        };
        let parallel = |n| steps(2, vec![(0, 1); n]);
        let chain = |n| steps(n, (1..n).map(|to| (to - 1, to)).collect());
        for (most, more) in [
            (star(1_800), star(3_900)),
            (every(60), every(88)),
            (ladder(10), ladder(50)),
            (parallel(3_000), parallel(7_900)),
            (chain(2_000), chain(4_000)),
        ] {
            assert!(most < MOST_STEPS && more > MOST_STEPS, "{most} {more}");
        }
    }

    #[test]
    fn frames_cost_by_their_number_their_depth_and_what_they_span() {
        let lines: Vec<(usize, usize)> = (1..30).map(|to| (to - 1, to)).collect();
        let sketch = Sketch::new(30, &lines);
        let framed = |spans: Vec<(usize, usize)>, depth| sketch.framed(&Framed { spans, depth });
        let one = framed(vec![(3, 4)], 1);
        assert!(one > sketch.steps());
        assert!(framed(vec![(3, 20)], 1) > one);
        assert!(framed(vec![(3, 4), (3, 4)], 1) > one);
        assert!(framed(vec![(3, 4)], 2) > one);
    }
}
