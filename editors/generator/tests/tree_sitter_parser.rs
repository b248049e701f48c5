//! The generated parser of tree-sitter: that it is up to date, its trees, and what it makes of half-typed texts.
#![allow(clippy::unwrap_used)]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::Numbers;
use tree_sitter::{InputEdit, Node, Parser, Point, Tree};
use tree_sitter_generate::{OptLevel, generate_parser_in_directory};

/// Debian's Neovim, Helix and Emacs load parsers of this version of the interface.
const ABI: usize = 14;

fn folder() -> PathBuf {
    common::root().join("editors/tree-sitter")
}

fn tree(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_route::LANGUAGE.into()).unwrap();
    parser.parse(text, None).unwrap()
}

/// Every file below a folder but the scanner, which is written by hand, and its words, which are generated elsewhere.
fn generated(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(generated(&path));
        } else if !path.ends_with("scanner.c") && !path.ends_with("words.h") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// `grammar.js` is JavaScript, so this needs Node.js.
#[test]
fn the_parser_is_generated_from_grammar_js() {
    if Command::new("node").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!(
            "skipped: Node.js is not installed, so editors/tree-sitter/grammar.js was not compared with src/parser.c"
        );
        return;
    }
    let fresh = tempfile::tempdir().unwrap();
    for file in ["grammar.js", "words.js", "tree-sitter.json"] {
        std::fs::copy(folder().join(file), fresh.path().join(file)).unwrap();
    }
    let mut warnings = Vec::new();
    generate_parser_in_directory(
        fresh.path(),
        None::<PathBuf>,
        None::<PathBuf>,
        ABI,
        None,
        Some("node"),
        true,
        OptLevel::default(),
        &mut warnings,
    )
    .unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let mut stale = Vec::new();
    let (new, old) = (fresh.path().join("src"), folder().join("src"));
    for file in generated(&new) {
        let name = file.strip_prefix(&new).unwrap();
        let wanted = std::fs::read(&file).unwrap();
        if std::fs::read(old.join(name)).is_ok_and(|found| found == wanted) {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(old.join(name).parent().unwrap()).unwrap();
            std::fs::write(old.join(name), wanted).unwrap();
        } else {
            stale.push(name.to_owned());
        }
    }
    assert!(
        stale.is_empty(),
        "stale: {stale:?}: run `UPDATE=1 cargo test -p route-editors`, twice if the parser changed"
    );
    let names = |dir: &Path, files: Vec<PathBuf>| -> Vec<PathBuf> {
        files.into_iter().map(|f| f.strip_prefix(dir).unwrap().to_owned()).collect()
    };
    assert_eq!(names(&old, generated(&old)), names(&new, generated(&new)), "a file that nothing generates");
}

/// A tree as tree-sitter's own tests write it, without names of fields where `wanted` has none.
fn shape(node: Node<'_>, fields: bool) -> String {
    fn write(cursor: &mut tree_sitter::TreeCursor<'_>, fields: bool, depth: usize, out: &mut String) {
        let node = cursor.node();
        if node.is_named() || node.is_missing() {
            let _ = write!(out, "\n{}", "  ".repeat(depth));
            if let Some(field) = cursor.field_name().filter(|_| fields) {
                let _ = write!(out, "{field}: ");
            }
            let _ = write!(out, "({}", if node.is_missing() { "MISSING " } else { "" });
            let _ = if node.is_named() {
                write!(out, "{}", node.kind())
            } else {
                write!(out, "{:?}", node.kind())
            };
            if cursor.goto_first_child() {
                loop {
                    write(cursor, fields, depth + 1, out);
                    if !cursor.goto_next_sibling() {
                        break;
                    }
                }
                cursor.goto_parent();
            }
            out.push(')');
        }
    }
    let mut out = String::new();
    write(&mut node.walk(), fields, 0, &mut out);
    out.trim_start().to_owned()
}

/// White space apart from one blank between words does not count.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" )", ")")
}

/// `test/corpus`, which `tree-sitter test` runs as well.
#[test]
fn trees_are_those_of_the_corpus() {
    let mut tests = 0;
    let mut faults = Vec::new();
    for file in generated(&folder().join("test/corpus")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for case in text.split(&format!("{}\n", "=".repeat(20))).skip(1).collect::<Vec<_>>().chunks(2) {
            let [name, body] = case else { panic!("{}: a header without a test", file.display()) };
            let (input, wanted) = body.split_once("\n---\n").unwrap();
            let found = shape(tree(input).root_node(), wanted.contains(": "));
            tests += 1;
            if name.contains(":error") {
                if !tree(input).root_node().has_error() {
                    faults.push(format!("{}: {} has no error\n{found}", file.display(), name.trim()));
                }
                continue;
            }
            if squeezed(&found) != squeezed(wanted) {
                faults.push(format!("{}: {}\n{found}", file.display(), name.trim()));
            }
        }
    }
    assert!(tests > 30, "only {tests} tests");
    assert!(faults.is_empty(), "{} of {tests} trees differ:\n{}", faults.len(), faults.join("\n\n"));
}

/// Items, and clauses and steps in their blocks, each with the place where it stands.
fn units(node: Node<'_>, found: &mut Vec<(String, std::ops::Range<usize>)>) {
    let mut cursor = node.walk();
    for child in node.named_children(&mut cursor) {
        let whole = !child.has_error() && !child.kind().contains("comment") && child.kind() != "missing";
        if whole && matches!(node.kind(), "file" | "block") {
            found.push((child.kind().to_owned(), child.byte_range()));
        }
        units(child, found);
    }
}

/// Their kinds and texts.
fn shown(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    units(tree(text).root_node(), &mut found);
    found.into_iter().map(|(kind, range)| format!("{kind} {}", &text[range])).collect()
}

/// Half-typed ends that read on into the next line: `on fault` and then an item that begins with `halt`, and the minus of a
/// number in a schema.
const READS_ON: [&str; 2] = [" on fault", "| -"];

/// An item, clause or step that is being typed leaves the others as they are, if nothing follows on its line.
#[test]
fn what_is_half_typed_does_not_spoil_the_rest() {
    let mut faults = Vec::new();
    let mut tried = 0;
    for text in common::corpus().into_iter().filter(|t| t.name.ends_with(".route")) {
        let mut all = Vec::new();
        units(tree(&text.text).root_node(), &mut all);
        for (_, place) in &all {
            let follows = text.text[place.end..].lines().next().unwrap_or_default();
            if !follows.trim_matches([' ', '}']).is_empty() {
                continue;
            }
            let whole = &text.text[place.clone()];
            // What is neither within the half-typed one nor around it.
            let apart = all.iter().filter(|(_, other)| other.end <= place.start || other.start >= place.end);
            let rest: Vec<String> =
                apart.map(|(kind, range)| format!("{kind} {}", &text.text[range.clone()])).collect();
            for (at, _) in whole.char_indices().skip(1) {
                // Within a word or white space nothing new is to be seen.
                let (before, after) = whole.split_at(at);
                if before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric)
                    || before.ends_with(char::is_whitespace)
                    || READS_ON.iter().any(|end| before.ends_with(end))
                {
                    continue;
                }
                let half = format!("{}{before}{}", &text.text[..place.start], &text.text[place.end..]);
                let found = shown(&half);
                let lost: Vec<&String> = rest.iter().filter(|unit| !found.contains(unit)).collect();
                tried += 1;
                if let Some(first) = lost.first() {
                    let line = text.text[..place.start + at].lines().count();
                    let last = before.lines().next_back().unwrap_or_default();
                    faults.push(format!("{}:{line}: {} lost after {last:?}: {first}", text.name, lost.len()));
                }
            }
        }
    }
    assert!(tried > 2000, "only {tried} cuts");
    assert!(faults.is_empty(), "{} of {tried}:\n{}", faults.len(), faults.join("\n"));
}

/// Where a byte is.
fn point(text: &str, at: usize) -> Point {
    let before = &text[..at];
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    Point { row: before.matches('\n').count(), column: at - line }
}

/// Replaces a part of a text and reads it again with what is left of its tree.
fn replace(
    parser: &mut Parser,
    tree: &mut Tree,
    text: &str,
    range: std::ops::Range<usize>,
    new: &str,
) -> String {
    let changed = format!("{}{new}{}", &text[..range.start], &text[range.end..]);
    let end = range.start + new.len();
    tree.edit(&InputEdit {
        start_byte: range.start,
        old_end_byte: range.end,
        new_end_byte: end,
        start_position: point(text, range.start),
        old_end_position: point(text, range.end),
        new_end_position: point(&changed, end),
    });
    *tree = parser.parse(&changed, Some(tree)).unwrap();
    changed
}

/// An edit that is undone leaves the tree as it was, whatever it made of it meanwhile.
#[test]
fn undone_edits_leave_the_tree_as_it_was() {
    let pieces = [
        "", "{", "}", "\"", " ", "\n", "tap ", "when", "msg.", "/", "5%", "->", "(", "]", "//", "x", "😀",
        "\\", "limit: ",
    ];
    let mut numbers = Numbers(1);
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_route::LANGUAGE.into()).unwrap();
    for text in common::corpus().into_iter().filter(|t| t.name.ends_with(".route")) {
        let text = text.text;
        let mut tree = parser.parse(&text, None).unwrap();
        let wanted = tree.root_node().to_sexp();
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for _ in 0..300 {
            let first = numbers.below(places.len());
            let last = (first + numbers.below(6)).min(places.len() - 1);
            let (start, end) = (places[first], places[last]);
            let piece = pieces[numbers.below(pieces.len())];
            let changed = replace(&mut parser, &mut tree, &text, start..end, piece);
            replace(&mut parser, &mut tree, &changed, start..start + piece.len(), &text[start..end]);
            assert_eq!(tree.root_node().to_sexp(), wanted, "{start}..{end} was {piece:?}:\n{changed}");
        }
    }
}

/// Characters that are typed one by one, and each tree that comes of it.
#[test]
fn a_text_that_is_typed_has_the_tree_of_the_whole() {
    let text = std::fs::read_to_string(common::root().join("grammar/tests/greenhouse.route")).unwrap();
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_route::LANGUAGE.into()).unwrap();
    let mut tree = parser.parse("", None).unwrap();
    for (at, c) in text.char_indices() {
        replace(&mut parser, &mut tree, &text[..at], at..at, c.encode_utf8(&mut [0; 4]));
    }
    let whole = parser.parse(&text, None).unwrap();
    assert_eq!(tree.root_node().to_sexp(), whole.root_node().to_sexp());
}
