//! Every generated file with its place in the repository.

use crate::{emacs, highlight_js, sublime, textmate, tree_sitter, vim};

/// Paths below the root of the repository, and what stands there.
pub fn all() -> Vec<(&'static str, String)> {
    vec![
        ("editors/vscode/syntaxes/route.tmLanguage.json", textmate::grammar()),
        ("editors/sublime/Route.sublime-syntax", sublime::syntax()),
        ("editors/vim/syntax/route.vim", vim::syntax()),
        ("editors/emacs/route-words.el", emacs::words()),
        ("docs/theme/route.js", highlight_js::definition()),
        ("editors/tree-sitter/queries/highlights.scm", tree_sitter::common()),
        ("editors/neovim/queries/route/highlights.scm", tree_sitter::neovim()),
        ("editors/helix/runtime/queries/route/highlights.scm", tree_sitter::helix()),
        ("editors/zed/languages/route/highlights.scm", tree_sitter::zed()),
    ]
}
