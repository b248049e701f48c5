//! The tree-sitter grammar and its queries, held to the parser and to the table of words.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Numbers, Text};
use route_editors::tree_sitter as queries;
use route_grammar::class::Class;
use route_grammar::keywords::{ALL, ROOTS, Reserved};
use route_grammar::tokens::tokens;
use route_grammar::{FileId, parse};
use tree_sitter::{Language, Parser, Query, QueryCursor, StreamingIterator, Tree};

fn language() -> Language {
    tree_sitter_route::LANGUAGE.into()
}

fn tree(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language()).unwrap();
    parser.parse(text, None).unwrap()
}

/// Lines with an error or with something missing, each with its text.
fn errors(text: &str) -> Vec<String> {
    let tree = tree(text);
    let mut cursor = tree.walk();
    let mut found = Vec::new();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() || node.kind() == "missing" {
            let row = node.start_position().row;
            found.push(format!(
                "{}: {} {}",
                row + 1,
                node.to_sexp(),
                text.lines().nth(row).unwrap_or_default()
            ));
        }
        if cursor.goto_first_child() || cursor.goto_next_sibling() {
            continue;
        }
        loop {
            if !cursor.goto_parent() {
                return found;
            }
            if cursor.goto_next_sibling() {
                break;
            }
        }
    }
}

/// Every text of the corpus, of the documents and of the parser's tests that is understood.
fn texts() -> Vec<Text> {
    let mut all = common::corpus();
    all.extend(common::documents());
    all.extend(common::snippets());
    all
}

#[test]
fn takes_every_text() {
    let mut faults = Vec::new();
    for text in texts() {
        faults.extend(errors(&text.text).into_iter().map(|error| format!("{}:{error}", text.name)));
    }
    assert!(faults.is_empty(), "{} errors:\n{}", faults.len(), faults.join("\n"));
}

/// What highlights.scm shows of each byte: the class of the innermost node that has one.
fn shown(text: &str, query: &Query) -> Vec<Option<String>> {
    let tree = tree(text);
    let mut cursor = QueryCursor::new();
    let mut found = Vec::new();
    let mut captures = cursor.captures(query, tree.root_node(), text.as_bytes());
    while let Some((found_match, index)) = captures.next() {
        let capture = found_match.captures()[*index];
        found.push((capture.node, query.capture_names()[capture.index as usize]));
    }
    // Outer nodes first, so that inner ones are written over them.
    found.sort_by_key(|(node, _)| (node.start_byte(), usize::MAX - node.end_byte()));
    let mut out = vec![None; text.len()];
    let mut seen = BTreeMap::new();
    for (node, name) in found {
        let twice = seen.insert((node.start_byte(), node.end_byte()), name);
        assert_eq!(
            twice,
            None,
            "two patterns take `{}`, and editors choose differently",
            &text[node.byte_range()]
        );
        out[node.byte_range()].fill(Some(name.to_owned()));
    }
    out
}

#[test]
fn shows_what_the_parser_sees() {
    let query = Query::new(&language(), &queries::highlights()).unwrap();
    let mut faults = Vec::new();
    for text in texts() {
        faults.extend(common::compare(&text, &shown(&text.text, &query), |class| class.name().to_owned()));
    }
    assert!(faults.is_empty(), "{} tokens differ:\n{}", faults.len(), faults.join("\n"));
}

/// Queries compile, and each editor's captures are classes or what that editor adds.
#[test]
fn queries_fit_the_grammar() {
    let mut files = Vec::new();
    for dir in
        ["tree-sitter/queries", "neovim/queries/route", "helix/runtime/queries/route", "zed/languages/route"]
    {
        for entry in std::fs::read_dir(common::root().join("editors").join(dir)).unwrap() {
            files.push(entry.unwrap().path());
        }
    }
    files.retain(|path| path.extension().is_some_and(|e| e == "scm"));
    assert!(files.len() > 15, "only {} queries found", files.len());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let query = Query::new(&language(), &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(query.pattern_count() > 0, "{} is empty", path.display());
    }
}

/// Words of the grammar: those that stand in it as texts.
fn words_of_the_grammar() -> BTreeSet<String> {
    let language = language();
    let kinds = (0..language.node_kind_count()).filter_map(|id| u16::try_from(id).ok());
    let anonymous =
        kinds.filter(|id| !language.node_kind_is_named(*id) && language.node_kind_is_visible(*id));
    anonymous
        .filter_map(|id| language.node_kind_for_id(id))
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn words_are_those_of_the_table() {
    let table: BTreeSet<String> =
        ALL.iter().map(|k| k.word).chain(ROOTS.iter().map(|r| r.0)).map(str::to_owned).collect();
    assert_eq!(words_of_the_grammar(), table);
}

#[test]
fn words_are_names_where_the_table_says_so() {
    for keyword in ALL {
        let word = keyword.word;
        let router = errors(&format!("tap {word} on * -> *")).is_empty();
        assert_eq!(router, keyword.reserved != Reserved::Always, "a router called `{word}`");
        let value = errors(&format!("const {word} = 1")).is_empty();
        assert_eq!(value, keyword.reserved == Reserved::Never, "a constant called `{word}`");
        for text in ["const c = msg.WORD", "schema S { WORD: any }", "const c = { WORD: 1 }"] {
            assert_eq!(errors(&text.replace("WORD", word)), [""; 0]);
        }
    }
}

/// A class without a pattern, or a capture that is no class.
#[test]
fn every_class_has_a_pattern() {
    let text = queries::highlights();
    let query = Query::new(&language(), &text).unwrap();
    let captured: BTreeSet<&str> = query.capture_names().iter().copied().collect();
    let classes: BTreeSet<&str> = Class::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(captured, classes);
}

/// Texts of the corpus with tokens left out, doubled, and taken from elsewhere: what the parser takes, this grammar takes, and
/// shows it in the same way.
#[test]
fn takes_what_the_parser_takes() {
    let query = Query::new(&language(), &queries::highlights()).unwrap();
    // What stands in the text of a `log` is parsed later, so that a fault in it is none to the parser.
    let corpus: Vec<Text> =
        texts().into_iter().filter(|t| t.text.len() < 400 && !t.text.contains("log \"")).collect();
    let mut words = Vec::new();
    for text in &corpus {
        for (span, _) in tokens(&text.text) {
            words.push(&text.text[span.range()]);
        }
    }
    let mut numbers = Numbers(7);
    let mut faults = Vec::new();
    let mut valid = 0;
    for _ in 0..8000 {
        let text = &corpus[numbers.below(corpus.len())];
        let spans = tokens(&text.text);
        let span = spans[numbers.below(spans.len())].0.range();
        let word = words[numbers.below(words.len())];
        let whole = &text.text[span.clone()];
        let new = match numbers.below(4) {
            0 => String::new(),
            1 => format!("{whole} {whole}"),
            2 => format!("{whole} {word}"),
            _ => word.to_owned(),
        };
        let changed = format!("{}{new}{}", &text.text[..span.start], &text.text[span.end..]);
        if !parse(&changed, FileId(0)).1.is_empty() {
            continue;
        }
        valid += 1;
        let name = format!("{} with {new:?} for {whole:?}", text.name);
        faults.extend(errors(&changed).into_iter().map(|error| format!("{name}:{error}")));
        let changed = Text { name, text: changed };
        faults.extend(common::compare(&changed, &shown(&changed.text, &query), |class| {
            class.name().to_owned()
        }));
    }
    assert!(faults.is_empty(), "{} of {valid}:\n{}", faults.len(), faults.join("\n"));
    assert!(valid > 500, "only {valid} were valid");
}
