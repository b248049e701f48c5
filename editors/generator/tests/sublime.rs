//! The Sublime syntax, and with it the TextMate grammar's expressions, held to the parser token by token.
#![allow(clippy::unwrap_used)]

mod common;

use route_editors::textmate::scope;
use syntect::parsing::{ParseState, ScopeStack, SyntaxDefinition, SyntaxSetBuilder};

#[test]
fn shows_what_the_parser_sees() {
    let syntax = SyntaxDefinition::load_from_str(&route_editors::sublime::syntax(), true, None).unwrap();
    let mut builder = SyntaxSetBuilder::new();
    builder.add(syntax);
    let set = builder.build();
    let syntax = set.find_syntax_by_name("Route").unwrap();
    let mut faults = Vec::new();
    for text in common::corpus() {
        let mut state = ParseState::new(syntax);
        let mut stack = ScopeStack::new();
        let mut shown: Vec<Option<String>> = Vec::new();
        for line in text.text.split_inclusive('\n') {
            let mut at = 0;
            for (place, change) in state.parse_line(line, &set).unwrap() {
                fill(&mut shown, &stack, place - at);
                at = place;
                stack.apply(&change).unwrap();
            }
            fill(&mut shown, &stack, line.len() - at);
        }
        faults.extend(common::compare(&text, &shown, scope));
    }
    assert!(faults.is_empty(), "{} tokens differ:\n{}", faults.len(), faults.join("\n"));
}

fn fill(shown: &mut Vec<Option<String>>, stack: &ScopeStack, bytes: usize) {
    let top = stack.as_slice().last().map(|scope| scope.build_string());
    shown.extend(std::iter::repeat_n(top, bytes));
}
