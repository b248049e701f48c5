//! The words of the Emacs mode that needs no tree-sitter.

use std::fmt::Write as _;

use route_grammar::keywords::{ALL, Category, FUNCTIONS, ROOTS, SIZE_UNITS, TIME_UNITS, TYPES};

/// `route-words.el`
pub fn words() -> String {
    let mut out = String::from(
        ";;; route-words.el --- Words of the Route language  -*- lexical-binding: t; -*-\n\n\
         ;;; Commentary:\n\n\
         ;; Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors\n\n\
         ;;; Code:\n\n",
    );
    let of = |category| ALL.iter().filter(move |k| k.category == category).map(|k| k.word);
    let lists: [(&str, &str, Vec<&str>); 12] = [
        ("items", "Words that begin an item.", of(Category::Item).collect()),
        ("routers", "Words that begin a router.", of(Category::Router).collect()),
        ("clauses", "Words of clauses.", of(Category::Clause).collect()),
        ("sinks", "Words that name a sink or transport.", of(Category::Sink).collect()),
        ("selectors", "Words that select nodes.", of(Category::Selector).collect()),
        ("operators", "Operators written as words.", of(Category::Operator).collect()),
        ("literals", "Literals.", of(Category::Literal).collect()),
        ("steps", "Words of tests.", of(Category::Step).collect()),
        ("functions", "Functions of expressions.", FUNCTIONS.iter().map(|f| f.name).collect()),
        ("roots", "Where paths begin.", ROOTS.iter().map(|r| r.0).collect()),
        ("types", "Types of values.", TYPES.iter().map(|t| t.0).collect()),
        (
            "units",
            "Units of numbers.",
            TIME_UNITS.iter().map(|u| u.0).chain(SIZE_UNITS.iter().map(|u| u.0)).collect(),
        ),
    ];
    for (name, doc, words) in lists {
        let words: Vec<String> = words.iter().map(|w| format!("{w:?}")).collect();
        let _ = writeln!(out, "(defconst route-words-{name}\n  '({})\n  {doc:?})\n", words.join(" "));
    }
    out.push_str("(provide 'route-words)\n;;; route-words.el ends here\n");
    out
}
