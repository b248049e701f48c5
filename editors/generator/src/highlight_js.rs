//! The highlight.js definition, for version 10 (which mdBook brings along) and later ones.
//!
//! Version 10 knows no classes for parts of a match: parts are modes of their own that look behind and ahead. Groups refer to each
//! other in circles, so that they are written by name and put in place when all are there.

use std::fmt::Write as _;

use crate::language::{Group, Piece, ROOT, Region, Rule, groups};
use crate::re::Re;

/// `route.js`: defines `hljsRoute`, and registers it where `hljs` is there already.
pub fn definition() -> String {
    let groups = groups();
    let mut out = String::from(
        "// The Route language for highlight.js 10 and later.\n\
         // Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors\n\
         (function (root) {\n  \"use strict\";\n  function hljsRoute() {\n    const g = {};\n",
    );
    for Group { name, .. } in &groups {
        let _ = writeln!(out, "    g[{name:?}] = [];");
    }
    for group in &groups {
        let _ = writeln!(
            out,
            "    g[{:?}].push(\n      {}\n    );",
            group.name,
            modes(&group.rules, false).join(",\n      ")
        );
    }
    out += PUT_IN_PLACE;
    let _ = write!(
        out,
        "    const file = flat([{ROOT:?}]);\n    file.forEach(fill);\n    \
         return {{ name: \"Route\", aliases: [\"route\"], disableAutodetect: true, contains: file }};\n  }}\n  \
         if (typeof module === \"object\" && module.exports) module.exports = hljsRoute;\n  \
         if (root.hljs && root.hljs.registerLanguage) root.hljs.registerLanguage(\"route\", hljsRoute);\n\
         }})(typeof globalThis === \"object\" ? globalThis : this);\n"
    );
    out
}

/// Replaces the names of groups by their modes, in every mode once.
const PUT_IN_PLACE: &str = "    const flat = (list) => list.flatMap((mode) => (typeof mode === \"string\" ? flat(g[mode]) : [mode]));
    const seen = new Set();
    const fill = (mode) => {
      if (seen.has(mode)) return;
      seen.add(mode);
      if (mode.contains) (mode.contains = flat(mode.contains)).forEach(fill);
      if (mode.starts) fill(mode.starts);
    };
";

/// The rules as elements of an array. `last`: with a block among them, the region that they stand in ends too.
fn modes(rules: &[Rule], last: bool) -> Vec<String> {
    let mut out = Vec::new();
    for rule in rules {
        match rule {
            Rule::Group(name) => out.push(format!("{name:?}")),
            Rule::Token(pieces) => out.extend(parts(pieces, 0)),
            Rule::Region(region) => out.push(between(region, last)),
        }
    }
    out
}

/// The parts from `from` on that have a class, as modes that look at their neighbours.
fn parts(pieces: &[Piece], from: usize) -> Vec<String> {
    let classed = pieces.iter().enumerate().skip(from).filter_map(|(at, piece)| Some((at, piece.class?)));
    classed
        .map(|(at, class)| {
            format!("{{ className: {:?}, begin: /{}/ }}", class.scopes().highlight_js, around(pieces, at))
        })
        .collect()
}

/// The piece at `at` between its neighbours.
fn around(pieces: &[Piece], at: usize) -> String {
    let all = |range: &[Piece]| Re::Seq(range.iter().map(|p| p.re.clone()).collect());
    let mut out = String::new();
    if at > 0 {
        out += &Re::Behind(Box::new(all(&pieces[..at]))).javascript();
    }
    out += &pieces[at].re.javascript();
    if at + 1 < pieces.len() {
        out += &Re::Ahead(Box::new(all(&pieces[at + 1..]))).javascript();
    }
    out
}

/// Where a region ends, and whether it does so after the block in it. The end of a mode is tried on the text from there
/// on, so that it cannot look behind.
fn end_of(region: &Region) -> (Re, bool) {
    match &region.end.re {
        Re::Alt(ways) if ways.iter().any(|way| matches!(way, Re::Behind(_))) => {
            let others = ways.iter().filter(|way| !matches!(way, Re::Behind(_))).cloned();
            (Re::Alt(others.collect()), true)
        }
        end => (end.clone(), false),
    }
}

fn between(region: &Region, ends_parent: bool) -> String {
    let (end, after_block) = end_of(region);
    let end = end.javascript();
    let begin = around(&region.begin, 0);
    let class = region.begin.first().and_then(|p| p.class).map_or("", |c| c.scopes().highlight_js);
    if let Some(body) = region.body {
        let inner = modes(&region.rules, false).join(", ");
        let body = body.scopes().highlight_js;
        return format!("{{ className: {body:?}, begin: /{begin}/, end: /{end}/, contains: [{inner}] }}");
    }
    let mut inner = parts(&region.begin, 1);
    inner.extend(modes(&region.rules, after_block));
    let inner = inner.join(", ");
    let rest = match region.end.class {
        None => format!("{{ end: /{end}/, contains: [{inner}] }}"),
        Some(last) => format!(
            "{{ end: /(?={end})/, contains: [{inner}], starts: {{ className: {:?}, end: /{end}/{} }} }}",
            last.scopes().highlight_js,
            if ends_parent { ", endsParent: true" } else { "" }
        ),
    };
    format!("{{ className: {class:?}, begin: /{begin}/, starts: {rest} }}")
}
