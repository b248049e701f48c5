//! Every generated file with its place in the repository.

use crate::{emacs, highlight_js, sublime, textmate, tree_sitter, vim};

/// A file of another folder below `editors/`, repeated because each editor's folder is installed by itself.
macro_rules! copy {
    ($to:literal, $from:literal) => {
        ($to, include_str!(concat!("../../", $from)).to_owned())
    };
}

/// Paths below the root of the repository, and what stands there.
pub fn all() -> Vec<(&'static str, String)> {
    vec![
        ("editors/vscode/syntaxes/route.tmLanguage.json", textmate::grammar()),
        ("editors/sublime/Route.sublime-syntax", sublime::syntax()),
        ("editors/vim/syntax/route.vim", vim::syntax()),
        ("editors/emacs/route-words.el", emacs::words()),
        ("editors/emacs/route-ts-queries.el", tree_sitter::emacs()),
        ("docs/theme/route.js", highlight_js::definition()),
        ("editors/tree-sitter/words.js", tree_sitter::words_js()),
        ("editors/tree-sitter/src/words.h", tree_sitter::words_h()),
        ("editors/tree-sitter/queries/highlights.scm", tree_sitter::common()),
        ("editors/neovim/queries/route/highlights.scm", tree_sitter::neovim()),
        ("editors/helix/runtime/queries/route/highlights.scm", tree_sitter::helix()),
        ("editors/zed/languages/route/highlights.scm", tree_sitter::zed()),
        copy!("editors/neovim/queries/route/folds.scm", "tree-sitter/queries/folds.scm"),
        copy!("editors/neovim/queries/route/indents.scm", "tree-sitter/queries/indents.scm"),
        copy!("editors/neovim/queries/route/injections.scm", "tree-sitter/queries/injections.scm"),
        copy!("editors/helix/runtime/queries/route/injections.scm", "tree-sitter/queries/injections.scm"),
        copy!("editors/helix/runtime/queries/route/locals.scm", "tree-sitter/queries/locals.scm"),
        copy!("editors/zed/languages/route/injections.scm", "tree-sitter/queries/injections.scm"),
    ]
}
