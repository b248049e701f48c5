//! Any text parses to a tree with spans inside of it, or says what is wrong at places that are there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use route_grammar::{FileId, parse};

fuzz_target!(|text: &str| {
    let (tree, found) = parse(text, FileId(0));
    for item in &tree.items {
        assert!(text.get(item.span.range()).is_some(), "an item lies outside of the text");
    }
    for diagnostic in &found {
        assert!(text.get(diagnostic.primary.span.range()).is_some(), "{diagnostic:?}");
        for suggestion in &diagnostic.suggestions {
            assert!(suggestion.edits.iter().all(|(_, span, _)| text.get(span.range()).is_some()), "{suggestion:?}");
        }
    }
});
