//! Writes the grammars of editors from the table of words in `route-grammar`.
//!
//! The language is described once, as groups of rules ([`language`]), with regular expressions as data ([`re`]); each
//! format is a printer of that description. `UPDATE=1 cargo test -p route-editors` writes what the tests compare.

pub mod emacs;
pub mod files;
pub mod highlight_js;
pub mod language;
pub mod re;
pub mod sublime;
pub mod textmate;
pub mod tree_sitter;
pub mod vim;
