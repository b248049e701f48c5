//! The Route grammar for the crate `tree-sitter`.
//!
//! This crate stands outside the workspace: a grammar is C code, and to call it takes the one `unsafe` below.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_route() -> *const ();
}

/// The grammar, for `tree_sitter::Parser::set_language`.
// SAFETY: `src/parser.c` defines this function as tree-sitter's generator writes it: no arguments, and a pointer to a language
// that lives as long as the program.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_route) };

/// The names and shapes of its nodes.
pub const NODE_TYPES: &str = include_str!("../../src/node-types.json");
/// What is shown how, in tree-sitter's own names.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");
/// Names, where they are declared and used.
pub const LOCALS_QUERY: &str = include_str!("../../queries/locals.scm");
/// Text of other languages.
pub const INJECTIONS_QUERY: &str = include_str!("../../queries/injections.scm");
/// What is declared, for lists of symbols.
pub const TAGS_QUERY: &str = include_str!("../../queries/tags.scm");
