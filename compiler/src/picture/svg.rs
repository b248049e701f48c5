//! A picture with places as SVG: one file that needs nothing else, for light and dark backgrounds.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::layout::{Curve, LINE, Layout, NAME_SIZE, Piece, Rect, SMALL_SIZE, TITLE, Tag};
use super::text::{line, width, xml};
use super::{Dot, Edge, EdgeKind, FrameKind, Picture, Shape, lines, text, tooltip};

/// Most outputs of a node that make it higher.
pub(super) const MOST_PORTS: u32 = 64;

/// Kinds of routers with the colour of each on light and on dark ground.
const KINDS: [(&str, &str, &str); 10] = [
    ("filter", "#0969da", "#58a6ff"),
    ("halt", "#cf222e", "#ff7b72"),
    ("tap", "#1a7f37", "#56d364"),
    ("break", "#8250df", "#bc8cff"),
    ("remote", "#9a6700", "#e3b341"),
    ("set", "#0a7d91", "#39c5cf"),
    ("redirect", "#bc4c00", "#ffa657"),
    ("limit", "#5a6ad0", "#a5b4ff"),
    ("call", "#57606a", "#9ea7b3"),
    ("many", "#57606a", "#9ea7b3"),
];

/// Colours of runtimes, on light and on dark ground; of more than these some share one.
const HOMES: [(&str, &str); 6] = [
    ("#ddf4ff", "#0c2d6b"),
    ("#fff8c5", "#4b3800"),
    ("#dafbe1", "#0f3d20"),
    ("#fbefff", "#3c1e70"),
    ("#ffeff7", "#5e103e"),
    ("#fff1e5", "#5a1e02"),
];

/// The line below a node's name: its type, and where it lives.
pub(super) fn below(picture: &Picture, node: &Dot) -> String {
    if node.shape == Shape::Note {
        return String::new();
    }
    let mut text = line(&node.ty, text::NAME);
    if let Some(home) = node.home.and_then(|home| picture.runtimes.get(home)) {
        let home = line(home, 20);
        text = if text.is_empty() { format!("on {home}") } else { format!("{text} · {home}") };
    }
    text
}

/// Where on a box an output is, from the top, as a share of the height.
pub(super) fn port(outputs: u32, port: u32) -> f64 {
    let outputs = outputs.max(port.saturating_add(1));
    f64::from(port + 1) / (f64::from(outputs) + 1.0)
}

pub(super) fn write(picture: &Picture, layout: &Layout) -> String {
    let mut body = String::new();
    let mut used = Used::default();
    frames(&mut body, picture, layout);
    body.push_str("<g class=\"wires\">\n");
    for curve in &layout.curves {
        wire(&mut body, picture, curve, &mut used);
    }
    body.push_str("</g>\n<g class=\"nodes\">\n");
    for (at, node) in picture.nodes.iter().enumerate() {
        if let Some(Some(rect)) = layout.nodes.get(at) {
            self::node(&mut body, picture, (at, node), rect, &mut used);
        }
    }
    for tag in &layout.tags {
        self::tag(&mut body, picture, layout, tag);
    }
    body.push_str("</g>\n<g class=\"routers\">\n");
    for curve in &layout.curves {
        routers(&mut body, picture, curve, &mut used);
    }
    body.push_str("</g>\n");

    let undrawn = undrawn(picture, layout);
    let entries = used.entries(picture, undrawn.as_deref());
    let (wide, high) = legend_size(&entries, layout.width.max(360.0));
    let (w, h) = (layout.width.max(wide), layout.height + high);
    let mut out = String::new();
    let (title, about) =
        (xml(&line(&picture.title, text::TOOLTIP)), xml(&about(picture, undrawn.as_deref())));
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w:.0}\" height=\"{h:.0}\" viewBox=\"0 0 {w:.0} {h:.0}\" \
         role=\"img\" aria-labelledby=\"title desc\">"
    );
    let _ = writeln!(out, "<title id=\"title\">{title}</title>\n<desc id=\"desc\">{about}</desc>");
    out.push_str(&style());
    out.push_str(MARKERS);
    let _ = writeln!(out, "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>");
    out.push_str(&body);
    legend(&mut out, &entries, layout.height, w);
    out.push_str("</svg>\n");
    out
}

/// Groups and insides of subflows around nodes that are drawn, for which the layout had no steps left.
fn undrawn(picture: &Picture, layout: &Layout) -> Option<String> {
    let drawn = picture.nodes.iter().zip(&layout.nodes).filter(|(_, rect)| rect.is_some());
    let around: BTreeSet<usize> = drawn.filter_map(|(node, _)| node.frame).collect();
    let many = around.iter().filter(|frame| layout.frames.get(**frame).is_some_and(Option::is_none)).count();
    match many {
        0 => None,
        1 => Some("1 group is not drawn: it is too much to lay out".to_owned()),
        many => Some(format!("{many} groups are not drawn: they are too much to lay out")),
    }
}

/// What is told to those who do not see it.
fn about(picture: &Picture, undrawn: Option<&str>) -> String {
    let wires = picture.edges.iter().filter(|edge| matches!(edge.kind, EdgeKind::Wire(..)));
    let (mut all, mut routed) = (0, 0);
    for wire in wires {
        all += 1;
        routed += usize::from(!wire.routers.is_empty() || !wire.remote.is_empty());
    }
    let nodes = picture.nodes.iter().filter(|node| node.shape != Shape::Elsewhere).count();
    let tabs: Vec<String> = picture
        .frames
        .iter()
        .filter(|frame| frame.kind == FrameKind::Tab)
        .map(|frame| line(&frame.label, text::LABEL))
        .take(20)
        .collect();
    let on = if tabs.is_empty() { String::new() } else { format!(" on {}", tabs.join(", ")) };
    let undrawn = undrawn.map_or_else(String::new, |says| format!(" {says}."));
    format!("{nodes} nodes{on}; {all} wires, {routed} of them with routers.{undrawn}")
}

fn frames(out: &mut String, picture: &Picture, layout: &Layout) {
    out.push_str("<g class=\"frames\">\n");
    for (frame, rect) in picture.frames.iter().zip(&layout.frames) {
        let Some(rect) = rect else { continue };
        let (class, word) = match frame.kind {
            FrameKind::Tab => ("tab", ""),
            FrameKind::Group => ("group", ""),
            FrameKind::Instance => ("inside", "inside "),
        };
        let dim = if frame.disabled { " dim" } else { "" };
        let disabled = if frame.disabled { " (disabled)" } else { "" };
        let label = format!("{word}{}{disabled}", line(&frame.label, text::LABEL));
        let (x, y) = match frame.kind {
            FrameKind::Tab => (rect.x + 14.0, rect.y + TITLE - 4.0),
            _ => (rect.x + 10.0, rect.y + 15.0),
        };
        let _ = writeln!(
            out,
            "<g class=\"{class}{dim}\"><rect {} rx=\"8\"/><text x=\"{x:.1}\" y=\"{y:.1}\">{}</text></g>",
            place(rect),
            xml(&label)
        );
    }
    out.push_str("</g>\n");
}

fn place(rect: &Rect) -> String {
    format!("x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"", rect.x, rect.y, rect.w, rect.h)
}

fn path(pieces: &[Piece]) -> String {
    let mut d = String::new();
    let (mut x0, mut y0) = (0.0, 0.0);
    for piece in pieces {
        let (x, y) = match *piece {
            Piece::Start(x, y) => {
                let _ = write!(d, "M{x:.1} {y:.1}");
                (x, y)
            }
            Piece::Line(x, y) => {
                let _ = write!(d, "L{x:.1} {y:.1}");
                (x, y)
            }
            Piece::Bend(x, y) => {
                let half = (x - x0) / 2.0;
                let _ = write!(d, "C{:.1} {y0:.1} {:.1} {y:.1} {x:.1} {y:.1}", x0 + half, x - half);
                (x, y)
            }
            Piece::Turn(x, y, out) => {
                let _ = write!(d, "C{:.1} {y0:.1} {:.1} {y:.1} {x:.1} {y:.1}", x0 + out, x + out);
                (x, y)
            }
        };
        (x0, y0) = (x, y);
    }
    d
}

/// The classes of a wire's line.
fn class(edges: &[&Edge], used: &mut Used) -> String {
    let all = |is: &dyn Fn(&Edge) -> bool| !edges.is_empty() && edges.iter().all(|edge| is(edge));
    let mut class = String::from("wire");
    for (word, is, seen) in [
        ("redirect", all(&|e| e.kind == EdgeKind::Redirect), &mut used.redirect),
        ("copy", all(&|e| e.kind == EdgeKind::Copy), &mut used.copy),
        ("link", all(&|e| matches!(e.kind, EdgeKind::Wire(_, true))), &mut used.link),
        ("remote", all(&|e| !e.remote.is_empty()), &mut used.remote),
        ("stopped", all(&|e| e.stopped), &mut used.stopped),
        ("dim", all(&|e| e.disabled), &mut used.disabled),
    ] {
        if is {
            class.push(' ');
            class.push_str(word);
            *seen = true;
        }
    }
    class
}

fn wire(out: &mut String, picture: &Picture, curve: &Curve, used: &mut Used) {
    let edges: Vec<&Edge> = curve.edges.iter().filter_map(|edge| picture.edges.get(*edge)).collect();
    let class = class(&edges, used);
    let numbers: Vec<String> = edges
        .iter()
        .filter_map(|edge| match edge.kind {
            EdgeKind::Wire(at, _) => Some(at.to_string()),
            _ => None,
        })
        .collect();
    let data =
        if numbers.is_empty() { String::new() } else { format!(" data-wire=\"{}\"", numbers.join(" ")) };
    let lines: Vec<String> = edges.iter().take(20).flat_map(|edge| tooltip(picture, edge)).collect();
    let more = edges.len().saturating_sub(20);
    let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
    let end = match curve.arrives {
        true if class.contains("stopped") => " marker-end=\"url(#blocked)\"",
        true => " marker-end=\"url(#arrow)\"",
        false => "",
    };
    let _ = writeln!(
        out,
        "<g class=\"{class}\"{data}><title>{}{more}</title><path d=\"{}\"{end}/></g>",
        xml(&lines.join("\n")),
        path(&curve.pieces)
    );
}

fn routers(out: &mut String, picture: &Picture, curve: &Curve, used: &mut Used) {
    let (Some(rect), [edge]) = (&curve.label, curve.edges.as_slice()) else { return };
    let Some(edge) = picture.edges.get(*edge) else { return };
    let lines = lines(edge);
    let dim = if edge.disabled { " dim" } else { "" };
    let _ = write!(out, "<g class=\"chip{dim}\"><title>{}</title>", xml(&tooltip(picture, edge).join("\n")));
    if !lines.is_empty() {
        let _ = write!(out, "<rect {} rx=\"6\"/>", place(rect));
    }
    for ((kind, text), at) in lines.iter().zip(0_u32..) {
        let y = rect.y + 3.0 + f64::from(at) * LINE;
        let kind = KINDS.iter().find(|(known, ..)| known == kind).map_or("call", |(known, ..)| known);
        used.see_kind(kind);
        let (word, rest) = match text.split_once(' ') {
            Some((word, rest)) if kind != "many" && !word.starts_with('→') => (word, rest),
            _ => ("", text.as_str()),
        };
        let word = if word.is_empty() {
            String::new()
        } else {
            format!("<tspan class=\"kind\">{}</tspan> ", xml(word))
        };
        let _ = write!(
            out,
            "<circle class=\"k-{kind}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\"/><text x=\"{:.1}\" y=\"{:.1}\">{word}{}</text>",
            rect.x + 10.0,
            y + LINE / 2.0,
            rect.x + 18.0,
            y + LINE / 2.0 + 3.8,
            xml(rest)
        );
    }
    if edge.stopped {
        let (x, y) = (rect.right() - 11.0, rect.middle());
        let _ = write!(
            out,
            "<circle class=\"stop\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"7\"/><path class=\"cross\" d=\"M{:.1} {:.1}l6 6m0 -6l-6 6\"/>",
            x - 3.0,
            y - 3.0
        );
    }
    out.push_str("</g>\n");
}

fn node(out: &mut String, picture: &Picture, (at, node): (usize, &Dot), rect: &Rect, used: &mut Used) {
    let mut class = String::from(match node.shape {
        Shape::Junction => "node junction",
        Shape::Link => "node link",
        Shape::Subflow => "node subflow",
        Shape::Note => "note",
        Shape::Box | Shape::Elsewhere => "node",
    });
    if node.disabled {
        class.push_str(" dim");
        used.disabled = true;
    }
    if node.focus {
        class.push_str(" focus");
    }
    if let Some(home) = node.home.filter(|_| node.shape != Shape::Note) {
        let _ = write!(class, " h{}", home % HOMES.len());
        used.homes.insert(home);
    }
    let mut said = vec![line(&node.name, text::TOOLTIP)];
    let below_name = below(picture, node);
    said.extend([below_name.clone(), node.about.clone()].into_iter().filter(|text| !text.is_empty()));
    said.push(format!("id {}", line(&node.id, text::TOOLTIP)));
    if node.disabled {
        said.push("disabled".to_owned());
    }
    let _ = write!(out, "<g class=\"{class}\" id=\"n{at}\"><title>{}</title>", xml(&said.join("\n")));
    if node.shape == Shape::Junction {
        let (x, y) = (rect.x + rect.w / 2.0, rect.middle());
        let _ = writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/></g>");
        return;
    }
    let round = if node.shape == Shape::Link { rect.h / 2.0 } else { 5.0 };
    let _ = write!(out, "<rect {} rx=\"{:.1}\"/>", place(rect), round.min(16.0));
    if node.shape == Shape::Subflow {
        let inner = Rect { x: rect.x + 3.0, y: rect.y + 3.0, w: rect.w - 6.0, h: rect.h - 6.0 };
        let _ = write!(out, "<rect class=\"inner\" {} rx=\"3\"/>", place(&inner));
    }
    let (x, middle) = (rect.x + 13.0, rect.middle());
    let name = xml(&line(&node.name, text::NAME));
    let italic = if node.ty.is_empty() { " unnamed" } else { "" };
    if below_name.is_empty() {
        let y = middle + NAME_SIZE * 0.35;
        let _ = write!(out, "<text class=\"name{italic}\" x=\"{x:.1}\" y=\"{y:.1}\">{name}</text>");
    } else {
        let (first, second) = (middle - 2.5, middle + SMALL_SIZE + 1.0);
        let _ = write!(
            out,
            "<text class=\"name{italic}\" x=\"{x:.1}\" y=\"{first:.1}\">{name}</text>\
             <text class=\"type\" x=\"{x:.1}\" y=\"{second:.1}\">{}</text>",
            xml(&below_name)
        );
    }
    if node.shape != Shape::Note {
        ports(out, node, rect);
    }
    out.push_str("</g>\n");
}

/// Dots where wires begin, with their numbers when there are several.
fn ports(out: &mut String, node: &Dot, rect: &Rect) {
    let shown = node.outputs.min(MOST_PORTS);
    for at in 0..shown {
        let y = rect.y + rect.h * port(node.outputs, at);
        let _ = write!(out, "<circle class=\"port\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>", rect.right());
        if shown > 1 {
            let _ = write!(
                out,
                "<text class=\"number\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                rect.right() - 5.0,
                y + 3.2,
                at + 1
            );
        }
    }
}

fn tag(out: &mut String, picture: &Picture, layout: &Layout, tag: &Tag) {
    let names: Vec<String> = tag
        .nodes
        .iter()
        .take(30)
        .filter_map(|at| picture.nodes.get(*at))
        .map(|node| line(&format!("{} ({})", node.name, node.about), text::TOOLTIP))
        .collect();
    let more = tag.nodes.len().saturating_sub(names.len());
    let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
    let word = if tag.away { "to" } else { "from" };
    // A link leads to the node, when there is one and it is in the picture.
    let link = match tag.nodes.as_slice() {
        [only] if layout.nodes.get(*only).is_some_and(Option::is_some) => Some(*only),
        _ => None,
    };
    if let Some(at) = link {
        let _ = write!(out, "<a href=\"#n{at}\">");
    }
    let (x, y) = (tag.rect.x + tag.rect.w / 2.0, tag.rect.middle() + SMALL_SIZE * 0.35);
    let _ = write!(
        out,
        "<g class=\"tag\"><title>{word} {}{more}</title><rect {} rx=\"4\"/><text x=\"{x:.1}\" y=\"{y:.1}\">{}</text></g>",
        xml(&names.join("\n")),
        place(&tag.rect),
        xml(&tag.text)
    );
    out.push_str(if link.is_some() { "</a>\n" } else { "\n" });
}

/// What is in the picture and has to be explained.
#[derive(Default)]
struct Used {
    redirect: bool,
    copy: bool,
    link: bool,
    remote: bool,
    stopped: bool,
    disabled: bool,
    kinds: std::collections::BTreeSet<&'static str>,
    homes: std::collections::BTreeSet<usize>,
}

/// An entry of the legend: the class of its mark, and its text.
type Entry = (String, String);

impl Used {
    fn see_kind(&mut self, kind: &'static str) {
        self.kinds.insert(kind);
    }

    fn entries(&self, picture: &Picture, undrawn: Option<&str>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        if !self.kinds.is_empty() {
            entries.push(("chip".to_owned(), "routers on a wire, in the order of the stack".to_owned()));
        }
        for (is, class, says) in [
            (self.link, "link", "through link nodes"),
            (self.remote, "remote", "sent to another runtime"),
            (self.redirect, "redirect", "redirected"),
            (self.copy, "copy", "copies of a tap"),
            (self.stopped, "stopped", "nothing gets through"),
            (self.disabled, "dim", "disabled"),
        ] {
            if is {
                entries.push((class.to_owned(), says.to_owned()));
            }
        }
        for home in &self.homes {
            if let Some(name) = picture.runtimes.get(*home) {
                entries.push((format!("h{}", home % HOMES.len()), format!("on {}", line(name, 20))));
            }
        }
        entries.extend(undrawn.map(|says| ("group".to_owned(), says.to_owned())));
        entries
    }
}

/// Width of the mark of a legend's entry with the space around it.
const MARK: f64 = 44.0;
/// Height of a row of the legend.
const ROW: f64 = 22.0;

/// The width of an entry.
fn entry_width((_, says): &Entry) -> f64 {
    width(says, SMALL_SIZE) + MARK + 14.0
}

/// Places of the entries in rows that are so wide.
fn legend_places(entries: &[Entry], wide: f64) -> Vec<(f64, f64)> {
    let (mut x, mut y) = (20.0, 0.0);
    let mut places = Vec::with_capacity(entries.len());
    for entry in entries {
        let w = entry_width(entry);
        if x > 20.0 && x + w > wide {
            (x, y) = (20.0, y + ROW);
        }
        places.push((x, y));
        x += w;
    }
    places
}

fn legend_size(entries: &[Entry], wide: f64) -> (f64, f64) {
    let places = legend_places(entries, wide);
    let widest = places.iter().zip(entries).map(|((x, _), entry)| x + entry_width(entry)).fold(0.0, f64::max);
    let height = places.last().map_or(0.0, |(_, y)| y + ROW + 12.0);
    (widest, height)
}

fn legend(out: &mut String, entries: &[Entry], top: f64, wide: f64) {
    if entries.is_empty() {
        return;
    }
    out.push_str("<g class=\"legend\">\n");
    for ((class, says), (x, y)) in entries.iter().zip(legend_places(entries, wide)) {
        let y = top + y + ROW / 2.0;
        let _ = match class.as_str() {
            "chip" => writeln!(
                out,
                "<g class=\"chip\"><rect x=\"{x:.1}\" y=\"{:.1}\" width=\"34\" height=\"14\" rx=\"6\"/>\
                 <circle class=\"k-filter\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"3.5\"/></g>",
                y - 7.0,
                x + 10.0
            ),
            "group" => writeln!(
                out,
                "<g class=\"group\"><rect x=\"{x:.1}\" y=\"{:.1}\" width=\"34\" height=\"14\" rx=\"4\"/></g>",
                y - 7.0
            ),
            class if class.starts_with('h') => writeln!(
                out,
                "<g class=\"node {class}\"><rect x=\"{x:.1}\" y=\"{:.1}\" width=\"34\" height=\"14\" rx=\"4\"/></g>",
                y - 7.0
            ),
            class => {
                let end = if class == "stopped" { "blocked" } else { "arrow" };
                writeln!(
                    out,
                    "<g class=\"wire {class}\"><path d=\"M{x:.1} {y:.1}h32\" marker-end=\"url(#{end})\"/></g>"
                )
            }
        };
        let _ = writeln!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + MARK, y + 4.0, xml(says));
    }
    out.push_str("</g>\n");
}

const MARKERS: &str = "<defs>\
<marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
<path class=\"head\" d=\"M0 0.8L7.5 4L0 7.2z\"/></marker>\
<marker id=\"blocked\" viewBox=\"0 0 8 8\" refX=\"6\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
<path class=\"bar\" d=\"M5 0V8\"/></marker></defs>\n";

/// The style sheet. Without variables, for readers that know none; dark colours follow the light ones.
fn style() -> String {
    let mut css = String::from("<style>\n");
    css.push_str(
        "text{font:11px \"Helvetica Neue\",Arial,\"Noto Sans\",\"Noto Sans CJK SC\",sans-serif}\n\
         .name{font-size:13px;font-weight:600}.unnamed{font-style:italic;font-weight:400}\n\
         .number{font-size:9px;text-anchor:end}.tag text{text-anchor:middle}.tab>text{font-size:13px;font-weight:600}\n\
         .kind{font-weight:600}.wire path{fill:none;stroke-width:1.6}.wire.link path{stroke-dasharray:1 3;stroke-linecap:round}\n\
         .wire.remote path{stroke-dasharray:7 4}.wire.redirect path{stroke-dasharray:2 3;stroke-width:1.9}\n\
         .wire.copy path{stroke-dasharray:2 3}.wire.stopped path{stroke-dasharray:4 3}\n\
         .dim{opacity:.45}.node.dim>rect{stroke-dasharray:4 3}.inner,.note>rect{fill:none}.note .name{font-weight:400;font-size:12px}.focus>rect{stroke-width:3}\n\
         .group>rect,.inside>rect{stroke-dasharray:5 3}.bar{fill:none;stroke-width:2}\n\
         .cross{fill:none;stroke:#fff;stroke-width:1.6;stroke-linecap:round}\n",
    );
    palette(&mut css, &LIGHT, |kind| kind.1, |home| home.0);
    css.push_str("@media (prefers-color-scheme:dark){\n");
    palette(&mut css, &DARK, |kind| kind.2, |home| home.1);
    css.push_str("}\n</style>\n");
    css
}

struct Palette {
    ground: &'static str,
    text: &'static str,
    faint: &'static str,
    line: &'static str,
    tab: &'static str,
    edge: &'static str,
    node: &'static str,
    chip: &'static str,
}

const LIGHT: Palette = Palette {
    ground: "#ffffff",
    text: "#1f2328",
    faint: "#59636e",
    line: "#7d8590",
    tab: "#f6f8fa",
    edge: "#d1d9e0",
    node: "#ffffff",
    chip: "#fffdf5",
};

const DARK: Palette = Palette {
    ground: "#0d1117",
    text: "#e6edf3",
    faint: "#9198a1",
    line: "#8b949e",
    tab: "#151b23",
    edge: "#3d444d",
    node: "#212830",
    chip: "#1c2128",
};

fn palette(
    css: &mut String,
    p: &Palette,
    kind: impl Fn(&(&'static str, &'static str, &'static str)) -> &'static str,
    home: impl Fn(&(&'static str, &'static str)) -> &'static str,
) {
    let of = |name: &str| KINDS.iter().find(|(known, ..)| *known == name).map_or(p.line, &kind);
    let (stop, redirect, remote, copy) = (of("halt"), of("redirect"), of("remote"), of("tap"));
    let Palette { ground, text, faint, line, tab, edge, node, chip } = p;
    let _ = write!(
        css,
        ".ground{{fill:{ground}}}text{{fill:{text}}}.type,.number,.note text,.legend text,.group>text,.inside>text{{fill:{faint}}}\n\
         .tab>rect{{fill:{tab};stroke:{edge}}}.group>rect,.inside>rect{{fill:none;stroke:{line}}}\n\
         .wire path{{stroke:{line}}}.head{{fill:{line}}}.bar{{stroke:{stop}}}\n\
         .wire.redirect path{{stroke:{redirect}}}.wire.remote path{{stroke:{remote}}}.wire.copy path{{stroke:{copy}}}\
         .wire.stopped path{{stroke:{stop}}}\n\
         .node>rect,.junction>circle{{fill:{node};stroke:{line}}}.port{{fill:{line}}}.stop{{fill:{stop}}}\n\
         .tag>rect{{fill:{tab};stroke:{line};stroke-dasharray:2 2}}.tag text{{fill:{faint}}}\
         .chip>rect{{fill:{chip};stroke:{edge}}}\n"
    );
    for (at, colours) in HOMES.iter().enumerate() {
        let _ = write!(css, ".h{at}>rect{{fill:{}}}", home(colours));
    }
    css.push('\n');
    for colours in &KINDS {
        let _ = write!(css, ".k-{}{{fill:{}}}", colours.0, kind(colours));
    }
    // Later than the rest: what is asked for is seen on every ground.
    let _ = writeln!(css, "\n.inner{{fill:none}}.focus>rect{{stroke:{}}}", of("filter"));
}
