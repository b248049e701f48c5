//! The words of the tree-sitter grammar, and its queries for what is shown how, in the names that each editor has for it.

use std::fmt::Write as _;

use route_grammar::class::{Class, Scopes};
use route_grammar::keywords::{ALL, Category, FUNCTIONS, Keyword, ROOTS, Reserved, SIZE_UNITS, TIME_UNITS};

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

const SOURCE: &str = "Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors";

fn reserved(how: Reserved) -> Vec<&'static str> {
    ALL.iter().filter(|k| k.reserved == how).map(|k| k.word).collect()
}

/// Words that begin an item.
fn items() -> Vec<&'static str> {
    let begins = |k: &&Keyword| matches!(k.category, Category::Item | Category::Router);
    ALL.iter().filter(begins).map(|k| k.word).collect()
}

/// The words with the names of their lists in `grammar.js`, in the order of the scanner's tokens.
fn words() -> [(&'static str, Vec<&'static str>); 4] {
    let mut always = reserved(Reserved::Always);
    always.sort_by_key(|word| !items().contains(word));
    [
        ("always", always),
        ("soft", reserved(Reserved::Reference)),
        ("other", reserved(Reserved::Never)),
        ("roots", ROOTS.iter().map(|root| root.0).collect()),
    ]
}

/// Texts between quotes, in lines.
fn quoted(words: &[&str], quote: char, indent: &str) -> String {
    let mut out = String::new();
    let mut line = String::new();
    for word in words {
        let word = format!("{quote}{word}{quote},");
        if indent.len() + line.len() + 1 + word.len() > 120 {
            let _ = writeln!(out, "{indent}{}", line.trim_end());
            line.clear();
        }
        line += &word;
        line.push(' ');
    }
    let _ = writeln!(out, "{indent}{}", line.trim_end());
    out
}

/// `words.js`
pub fn words_js() -> String {
    let mut out = format!("// {SOURCE}\nmodule.exports = {{\n");
    for (name, list) in words() {
        let _ = write!(out, "  {name}: [\n{}  ],\n", quoted(&list, '\'', "    "));
    }
    out + "};\n"
}

/// `words.h`
pub fn words_h() -> String {
    let lists = words();
    let all: Vec<&str> = lists.iter().flat_map(|(_, list)| list.iter().copied()).collect();
    let reserved = lists[0].1.len() + lists[1].1.len();
    let units = |units: &[&str]| format!("{}    NULL,\n", quoted(units, '"', "    "));
    let time: Vec<&str> = TIME_UNITS.iter().map(|u| u.0).collect();
    let size: Vec<&str> = SIZE_UNITS.iter().map(|u| u.0).collect();
    format!(
        "// {SOURCE}\n#pragma once\n\n\
         static const char *const TIME_UNITS[] = {{\n{}}};\n\n\
         static const char *const SIZE_UNITS[] = {{\n{}}};\n\n\
         // Every word that is a token: first those that begin an item, then the others that no name may be, then those that some\n\
         // names may be.\n#define ITEM_COUNT {}\n#define ALWAYS_COUNT {}\n#define RESERVED_COUNT {reserved}\n#define WORD_COUNT {}\n\
         static const char *const WORDS[WORD_COUNT] = {{\n{}}};\n",
        units(&time),
        units(&size),
        items().len(),
        lists[0].1.len(),
        all.len(),
        quoted(&all, '"', "    "),
    )
}

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
    let mut out = format!("; {SOURCE}\n");
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

/// `route-ts-queries.el`: Emacs paints what has no colour yet, so what holds other tokens is a query of its own.
pub fn emacs() -> String {
    let faces: String =
        highlights_for(|scopes| scopes.emacs)
            .lines()
            .filter(|line| !line.starts_with(';') && !line.contains("#not-any-of?"))
            // What is left of that pattern takes every other function.
            .map(|line| {
                if line.starts_with("((function) @function-call") {
                    "(function) @function-call"
                } else {
                    line
                }
            })
            .fold(String::new(), |text, line| text + line + "\n");
    let mut out = String::new();
    for (at, part) in faces.split('@').enumerate() {
        let end = part.find(|c: char| !c.is_alphanumeric() && c != '-').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        let _ = if at == 0 { write!(out, "{part}") } else { write!(out, "@font-lock-{name}-face{rest}") };
    }
    let functions: Vec<&str> = FUNCTIONS.iter().map(|f| f.name).collect();
    let matched = format!("(#match \"^\\\\({}\\\\)$\" @font-lock-builtin-face))", functions.join("\\\\|"));
    let is_text = |line: &str| line.starts_with("(string)") || line.starts_with("(regex)");
    let (mut tokens, mut texts) = (String::new(), String::new());
    for line in out.lines() {
        let line =
            if line.trim_start().starts_with("(#any-of?") { format!("  {matched}") } else { line.to_owned() };
        let query = if is_text(&line) { &mut texts } else { &mut tokens };
        let _ = writeln!(query, "{line}");
    }
    let constant = |name: &str, doc: &str, query: &str| {
        let text = query.trim().replace('\\', "\\\\").replace('"', "\\\"");
        format!("(defconst route-ts-queries-{name}\n  \"\\\n{text}\n\"\n  {doc:?})\n\n")
    };
    format!(
        ";;; route-ts-queries.el --- What tree-sitter shows how  -*- lexical-binding: t; -*-\n\n;;; Commentary:\n\n\
         ;; {SOURCE}\n\n;;; Code:\n\n{}{}(provide 'route-ts-queries)\n;;; route-ts-queries.el ends here\n",
        constant("tokens", "Tokens that hold no others.", &tokens),
        constant("texts", "What may hold other tokens.", &texts),
    )
}

/// For tree-sitter itself.
pub fn common() -> String {
    highlights_for(|scopes| scopes.neovim)
}

/// For Neovim, which also wants to know what to check the spelling of.
pub fn neovim() -> String {
    common()
        .replace("@comment\n", "@comment @spell\n")
        .replace("@comment.documentation\n", "@comment.documentation @spell\n")
}

/// For Helix.
pub fn helix() -> String {
    highlights_for(|scopes| scopes.helix)
}

/// For Zed.
pub fn zed() -> String {
    highlights_for(|scopes| scopes.zed)
}
