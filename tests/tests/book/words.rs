//! The page of all words, written from the table that parser and editors use.

use route_grammar::keywords::{self, Category, Reserved};

/// `docs/src/reference/words.md`
pub(crate) fn page() -> String {
    let mut out = String::from(
        "<!-- Written from the table of words: UPDATE=1 cargo test -p route-tests --test book -->\n\n# Words\n\n\
         Every word of the language. **Bold** ones are no names anywhere; *slanted* ones may name a stack, layer, schema, runtime \
         or router, but no constant, parameter, predicate or set of nodes; the others are words only where the grammar wants them.\n",
    );
    let all = [
        (Category::Item, "Items"),
        (Category::Router, "Routers"),
        (Category::Clause, "Clauses"),
        (Category::Sink, "Sinks and transports"),
        (Category::Selector, "Selectors"),
        (Category::Operator, "Operators"),
        (Category::Literal, "Literals"),
        (Category::Step, "Statements of tests"),
    ];
    for (category, title) in all {
        out += &format!("\n## {title}\n\n| word | |\n| --- | --- |\n");
        for word in keywords::ALL.iter().filter(|word| word.category == category) {
            let shown = match word.reserved {
                Reserved::Always => format!("**`{}`**", word.word),
                Reserved::Reference => format!("*`{}`*", word.word),
                Reserved::Never => format!("`{}`", word.word),
            };
            out += &format!("| {shown} | {} |\n", word.doc.replace('|', "\\|"));
        }
    }
    out += "\n## Functions\n\n| function | |\n| --- | --- |\n";
    for function in keywords::FUNCTIONS {
        out += &format!("| `{}{}` | {} |\n", function.name, function.takes, function.doc);
    }
    out += "\n## Types\n\n| type | |\n| --- | --- |\n";
    for (name, doc) in keywords::TYPES {
        out += &format!("| `{name}` | {doc} |\n");
    }
    out
}
