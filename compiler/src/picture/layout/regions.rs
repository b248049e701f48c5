//! Which tabs are laid out together, and the connected parts of each.

use rustc_hash::FxHashMap;

use super::super::{Picture, Shape, text};
use super::effort::MOST_STEPS;
use super::part::Part;
use super::{Block, PADDING, Rect, TITLE, TooTangled, pack, size};

/// Most nodes of tabs that are laid out together.
const TOGETHER: usize = 60;
/// Space between connected parts.
const GAP: f64 = 22.0;

/// One tab, or several that are laid out together.
pub(super) struct Region {
    /// The frame of the tab; `None`: nodes on no tab, or several tabs.
    tab: Option<usize>,
    /// Several tabs: they are frames within one part.
    several: bool,
    parts: Vec<Part>,
}

/// Sets that grow together.
struct Sets(Vec<usize>);

impl Sets {
    fn new(n: usize) -> Self {
        Self((0..n).collect())
    }
    fn of(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }
    /// The lower number stays.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// Every node that is in the picture is in one of them, in the order of the first node.
pub(super) fn regions(picture: &Picture) -> Vec<Region> {
    let here = |node: usize| picture.nodes.get(node).is_some_and(|node| node.shape != Shape::Elsewhere);
    // Tabs by number, nodes on none after them.
    let none = picture.frames.len();
    let tab_of: Vec<usize> =
        (0..picture.nodes.len()).map(|node| picture.tab_of(node).unwrap_or(none)).collect();
    let together = together(picture, &tab_of, &here);

    let mut parts = Sets::new(picture.nodes.len());
    let inner = |edge: &super::Edge| {
        here(edge.from) && here(edge.to) && together[tab_of[edge.from]] == together[tab_of[edge.to]]
    };
    for edge in picture.edges.iter().filter(|edge| inner(edge)) {
        parts.join(edge.from, edge.to);
    }
    // What is in one frame stays in one part; all of a region of several tabs is one.
    let mut first: FxHashMap<usize, usize> = FxHashMap::default();
    let mut members = vec![0_usize; none + 1];
    together.iter().for_each(|tab| members[*tab] += 1);
    let several: Vec<bool> = together.iter().map(|tab| members[*tab] > 1).collect();
    for node in (0..picture.nodes.len()).filter(|node| here(*node)) {
        let mut at = picture.nodes[node].frame;
        while let Some(frame) = at {
            let outer = picture.frames.get(frame).and_then(|frame| frame.within);
            let key =
                if outer.is_some() { Some(frame) } else { several[frame].then(|| none + together[frame]) };
            if let Some(key) = key {
                parts.join(*first.entry(key).or_insert(node), node);
            }
            at = outer;
        }
    }
    gather(picture, &tab_of, &together, &several, &mut parts, &here, &inner)
}

/// For each tab the first of those that it is laid out together with.
fn together(picture: &Picture, tab_of: &[usize], here: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let none = picture.frames.len();
    let mut count = vec![0; none + 1];
    (0..tab_of.len()).filter(|node| here(*node)).for_each(|node| count[tab_of[node]] += 1);
    let mut tabs = Sets::new(none + 1);
    for edge in picture.edges.iter().filter(|edge| here(edge.from) && here(edge.to)) {
        let (a, b) = (tabs.of(tab_of[edge.from]), tabs.of(tab_of[edge.to]));
        if a != b && a != none && b != none && count[a] + count[b] <= TOGETHER {
            tabs.join(a, b);
            let all = count[a] + count[b];
            count[a.min(b)] = all;
        }
    }
    (0..=none).map(|tab| tabs.of(tab)).collect()
}

fn gather(
    picture: &Picture,
    tab_of: &[usize],
    together: &[usize],
    several: &[bool],
    parts: &mut Sets,
    here: &dyn Fn(usize) -> bool,
    inner: &dyn Fn(&super::Edge) -> bool,
) -> Vec<Region> {
    let none = picture.frames.len();
    let mut regions: Vec<Region> = Vec::new();
    let mut region_at: FxHashMap<usize, usize> = FxHashMap::default();
    let mut part_at: FxHashMap<usize, (usize, usize)> = FxHashMap::default();
    for node in (0..picture.nodes.len()).filter(|node| here(*node)) {
        let tab = tab_of[node];
        let region = *region_at.entry(together[tab]).or_insert_with(|| {
            let only = (tab != none && !several[tab]).then_some(tab);
            regions.push(Region { tab: only, several: several[tab], parts: Vec::new() });
            regions.len() - 1
        });
        let (region, part) = *part_at.entry(parts.of(node)).or_insert_with(|| {
            regions[region].parts.push(Part::default());
            (region, regions[region].parts.len() - 1)
        });
        regions[region].parts[part].node(node);
    }
    let mut part_of = |node: usize| part_at.get(&parts.of(node)).copied();
    for (at, edge) in picture.edges.iter().enumerate() {
        let from = Some(edge.from).filter(|node| here(*node)).and_then(&mut part_of);
        let to = Some(edge.to).filter(|node| here(*node)).and_then(&mut part_of);
        if inner(edge) {
            if let Some((region, part)) = from {
                regions[region].parts[part].edge(at, edge);
            }
            continue;
        }
        if let Some((region, part)) = from {
            let name = named(picture, &[edge.to]);
            regions[region].parts[part].away(at, edge, &name);
        }
        if let Some((region, part)) = to {
            regions[region].parts[part].enter(at, edge);
        }
    }
    for part in regions.iter_mut().flat_map(|region| &mut region.parts) {
        part.name_sources(&|nodes| named(picture, nodes));
    }
    // Nodes without wires go last: they fill the rows.
    for region in &mut regions {
        region.parts.sort_by_key(Part::is_single);
    }
    regions
}

/// `Alarm text (Alerts)`, or how many nodes there are.
fn named(picture: &Picture, nodes: &[usize]) -> String {
    match nodes {
        [only] => {
            let name = picture.nodes.get(*only).map_or("", |node| node.name.as_str());
            text::line(name, text::NAME)
        }
        many => format!("{} nodes", many.len()),
    }
}

/// Refuses what would take too many steps, then gives parts their frames as far as steps are left. The cheapest are
/// first: so as many parts as can be have them.
pub(super) fn allot(picture: &Picture, regions: &mut [Region]) -> Result<(), TooTangled> {
    let mut spent = 0_u64;
    let mut dearest: Option<(u64, &Part)> = None;
    let mut wanted = Vec::new();
    for (region, Region { several, parts, .. }) in regions.iter().enumerate() {
        for (at, part) in parts.iter().enumerate() {
            let sketch = part.sketch();
            let steps = sketch.steps();
            spent = spent.saturating_add(steps);
            if dearest.is_none_or(|(most, _)| steps > most) {
                dearest = Some((steps, part));
            }
            let frames = part.frames(picture, *several, &sketch);
            if !frames.framed.spans.is_empty() {
                wanted.push((sketch.framed(&frames.framed).saturating_sub(steps), region, at, frames));
            }
        }
    }
    if spent > MOST_STEPS {
        let one = dearest.filter(|(steps, _)| *steps > MOST_STEPS);
        return Err(match one {
            Some((steps, part)) => part.too_tangled(picture, Some(steps)),
            None => too_much(regions, spent),
        });
    }
    wanted.sort_by_key(|(more, ..)| *more);
    for (more, region, part, frames) in wanted {
        spent = spent.saturating_add(more);
        if spent > MOST_STEPS {
            break;
        }
        regions[region].parts[part].frame(frames);
    }
    Ok(())
}

fn too_much(regions: &[Region], steps: u64) -> TooTangled {
    let sizes = regions.iter().flat_map(|region| &region.parts).map(Part::size);
    let (nodes, edges) = sizes.fold((0, 0), |(nodes, edges), part| (nodes + part.0, edges + part.1));
    TooTangled { nodes, edges, part: None, steps: Some(steps) }
}

impl Region {
    #[cfg(test)]
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn place(&self, picture: &Picture) -> Result<Block, TooTangled> {
        let size = |node: usize| size(picture, node);
        let mut placed = Vec::new();
        for part in &self.parts {
            placed.push(part.place(picture, &size)?);
        }
        let sizes: Vec<(f64, f64)> = placed.iter().map(|part| (part.width, part.height)).collect();
        let (places, width, height) = pack::rows(&sizes, GAP);
        let mut block = Block { width, height, ..Block::default() };
        let (left, top) = if self.tab.is_some() { (PADDING, PADDING + TITLE) } else { (0.0, 0.0) };
        for (part, (x, y)) in placed.into_iter().zip(places) {
            block.take(part, x + left, y + top);
        }
        if let Some(tab) = self.tab.and_then(|tab| Some((tab, picture.frames.get(tab)?))) {
            let (tab, frame) = tab;
            let title = text::width(&text::line(&frame.label, text::LABEL), super::NAME_SIZE) * 1.1 + 60.0;
            block.width = (block.width + 2.0 * PADDING).max(title);
            block.height += 2.0 * PADDING + TITLE;
            block.frames.push((tab, Rect { x: 0.0, y: 0.0, w: block.width, h: block.height }));
        }
        Ok(block)
    }
}
