//! The Sublime Text syntax: Sublime Text and bat.

use std::fmt::Write as _;

use crate::language::{Piece, ROOT, Region, Rule, groups};
use crate::textmate::{regex, scope};

/// `Route.sublime-syntax`
pub fn syntax() -> String {
    let mut out = Syntax { text: String::new(), regions: Vec::new() };
    out.text.push_str(
        "%YAML 1.2\n---\n# Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors\n\
         name: Route\nscope: source.route\nversion: 2\nfile_extensions: [route]\n\ncontexts:\n",
    );
    out.context("main", None, &[Rule::Group(ROOT)]);
    for group in groups() {
        out.context(group.name, None, &group.rules);
    }
    // Regions name each other, so there may be new ones as long as some are written.
    let mut at = 0;
    while let Some(region) = out.regions.get(at).cloned() {
        out.context(&format!("in-{}", region.name), Some(&region), &region.rules);
        at += 1;
    }
    out.text
}

struct Syntax {
    text: String,
    regions: Vec<Region>,
}

impl Syntax {
    fn context(&mut self, name: &str, region: Option<&Region>, rules: &[Rule]) {
        let _ = writeln!(self.text, "  {name}:");
        if let Some(region) = region {
            let scope = region.body.map_or_else(|| format!("meta.{}.route", region.name), scope);
            let _ = writeln!(self.text, "    - meta_scope: {scope}");
            self.matched(std::slice::from_ref(&region.end));
            self.text.push_str("      pop: true\n");
        }
        for rule in rules {
            self.rule(rule);
        }
        self.text.push('\n');
    }

    fn rule(&mut self, rule: &Rule) {
        match rule {
            Rule::Group(name) => {
                let _ = writeln!(self.text, "    - include: {name}");
            }
            Rule::Token(pieces) => self.matched(pieces),
            Rule::Region(region) => {
                self.matched(&region.begin);
                let _ = writeln!(self.text, "      push: in-{}", region.name);
                if !self.regions.iter().any(|r| r.name == region.name) {
                    self.regions.push(region.clone());
                }
            }
        }
    }

    fn matched(&mut self, pieces: &[Piece]) {
        let _ = writeln!(self.text, "    - match: {}", quoted(&regex(pieces)));
        let classes: Vec<_> = pieces.iter().filter_map(|p| p.class).collect();
        if !classes.is_empty() {
            self.text.push_str("      captures:\n");
        }
        for (at, class) in classes.into_iter().enumerate() {
            let _ = writeln!(self.text, "        {}: {}", at + 1, scope(class));
        }
    }
}

/// A YAML text between single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
