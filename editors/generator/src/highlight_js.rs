//! The highlight.js definition, for version 10 (which mdBook brings along) and later ones.
//!
//! Version 10 knows no classes for parts of a match: parts are modes of their own that look behind and ahead.

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
            modes(&group.rules).join(",\n      ")
        );
    }
    let _ = write!(
        out,
        "    return {{ name: \"Route\", aliases: [\"route\"], disableAutodetect: true, contains: g[{ROOT:?}] }};\n  }}\n  \
         if (typeof module === \"object\" && module.exports) module.exports = hljsRoute;\n  \
         if (root.hljs && root.hljs.registerLanguage) root.hljs.registerLanguage(\"route\", hljsRoute);\n\
         }})(typeof globalThis === \"object\" ? globalThis : this);\n"
    );
    out
}

/// The rules as elements of an array.
fn modes(rules: &[Rule]) -> Vec<String> {
    let mut out = Vec::new();
    for rule in rules {
        match rule {
            Rule::Group(name) => out.push(format!("...g[{name:?}]")),
            Rule::Token(pieces) => out.extend(parts(pieces, 0)),
            Rule::Region(region) => out.push(between(region)),
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

fn between(region: &Region) -> String {
    let end = region.end.re.javascript();
    let begin = around(&region.begin, 0);
    let class = region.begin.first().and_then(|p| p.class).map_or("", |c| c.scopes().highlight_js);
    if let Some(body) = region.body {
        let inner = modes(&region.rules).join(", ");
        let body = body.scopes().highlight_js;
        return format!("{{ className: {body:?}, begin: /{begin}/, end: /{end}/, contains: [{inner}] }}");
    }
    let mut inner = parts(&region.begin, 1);
    inner.extend(modes(&region.rules));
    let inner = inner.join(", ");
    let rest = match region.end.class {
        None => format!("{{ end: /{end}/, contains: [{inner}] }}"),
        Some(last) => format!(
            "{{ end: /(?={end})/, contains: [{inner}], starts: {{ className: {:?}, end: /{end}/ }} }}",
            last.scopes().highlight_js
        ),
    };
    format!("{{ className: {class:?}, begin: /{begin}/, starts: {rest} }}")
}
