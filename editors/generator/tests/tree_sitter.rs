//! The tree-sitter grammar, held to the parser.
#![allow(clippy::unwrap_used)]

mod common;

#[test]
fn takes_every_text() {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_route::LANGUAGE.into()).unwrap();
    let mut faults = Vec::new();
    for text in common::corpus() {
        let tree = parser.parse(&text.text, None).unwrap();
        if tree.root_node().has_error() {
            faults.push(format!("{}:\n{}\n{}", text.name, text.text, tree.root_node().to_sexp()));
        }
    }
    assert!(faults.is_empty(), "{} texts:\n{}", faults.len(), faults.join("\n"));
}
