//! Queries for the tree-sitter grammar: what is shown how, in the names that each editor has for it.

use std::fmt::Write as _;

use route_grammar::class::{Class, Scopes};
use route_grammar::keywords::{ALL, Category, FUNCTIONS};

const NAMES_AND_SIGNS: &str = include_str!("highlights.scm");
const CATEGORIES: [Category; 8] = [
    Category::Item,
    Category::Router,
    Category::Clause,
    Category::Sink,
    Category::Selector,
    Category::Operator,
    Category::Literal,
    Category::Step,
];

/// `highlights.scm` with the classes themselves as captures.
pub fn highlights() -> String {
    let functions: Vec<String> = FUNCTIONS.iter().map(|f| format!("{:?}", f.name)).collect();
    let mut out = NAMES_AND_SIGNS.replace("FUNCTIONS", &functions.join(" "));
    for category in CATEGORIES {
        out.push_str("\n[\n");
        for keyword in ALL.iter().filter(|k| k.category == category) {
            let _ = writeln!(out, "  {:?}", keyword.word);
        }
        let _ = writeln!(out, "] @{}", category.class().name());
    }
    out
}

/// `highlights.scm` with the captures that an editor knows.
fn highlights_for(scope: impl Fn(Scopes) -> &'static str) -> String {
    let mut out =
        String::from("; Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors\n");
    for line in highlights().lines().skip_while(|line| line.starts_with(';')) {
        let mut parts = line.split('@');
        out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part.find(|c: char| !c.is_alphanumeric()).unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            let scope = Class::ALL.iter().find(|c| c.name() == name).map_or(name, |c| scope(c.scopes()));
            let _ = write!(out, "@{scope}{rest}");
        }
        out.push('\n');
    }
    out
}

/// For tree-sitter itself.
pub fn common() -> String {
    highlights_for(|scopes| scopes.neovim)
}

/// For Neovim, which also wants to know what to check the spelling of.
pub fn neovim() -> String {
    common().replace("@comment\n", "@comment @spell\n").replace("@comment.documentation\n", "@comment.documentation @spell\n")
}

/// For Helix.
pub fn helix() -> String {
    highlights_for(|scopes| scopes.helix)
}

/// For Zed.
pub fn zed() -> String {
    highlights_for(|scopes| scopes.zed)
}
