//! The Sublime syntax, and with it the TextMate grammar's expressions, held to the parser token by token.
#![allow(clippy::unwrap_used)]

mod common;

use route_editors::textmate::scope;
use route_grammar::class::Class;
use syntect::parsing::{ParseState, Regex, ScopeStack, SyntaxDefinition, SyntaxSetBuilder};

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

/// What stands between two tags of a file in `editors/sublime`, each time.
fn between(file: &str, open: &str, close: &str) -> Vec<String> {
    let text = std::fs::read_to_string(common::root().join("editors/sublime").join(file)).unwrap();
    text.split(open).skip(1).map(|rest| rest.split(close).next().unwrap().to_owned()).collect()
}

#[test]
fn the_list_of_symbols_has_every_declared_name() {
    let listed: Vec<String> = between("Symbols.tmPreferences", "<string>", "</string>")[0]
        .split(", ")
        .map(|selector| selector.strip_prefix("source.route ").unwrap().to_owned())
        .collect();
    for class in Class::ALL.iter().filter(|class| class.name().starts_with("Name")) {
        let scope = class.scopes().textmate;
        assert!(listed.iter().any(|l| scope == l || scope.starts_with(&format!("{l}."))), "no `{scope}`");
    }
    for selector in &listed {
        assert!(
            Class::ALL.iter().any(|class| class.scopes().textmate == selector),
            "no class is `{selector}`"
        );
    }
}

#[test]
fn settings_are_json() {
    for file in ["Route.sublime-settings", "LSP.sublime-settings"] {
        let text = std::fs::read_to_string(common::root().join("editors/sublime").join(file)).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let value: serde_json::Value = serde_json::from_str(&lines.join("\n")).unwrap();
        assert!(value.is_object(), "{file}");
    }
}

/// Written texts keep their indentation, line by line: a level more after a line that opens, one less before one that closes.
#[test]
fn indentation_follows_brackets() {
    let patterns: Vec<Regex> = between("Indentation.tmPreferences", "<string>", "</string>")[1..]
        .iter()
        .map(|pattern| Regex::new(pattern.clone()))
        .collect();
    let text = std::fs::read_to_string(common::root().join("grammar/tests/greenhouse.route")).unwrap();
    let mut level = 0_usize;
    for line in text.lines().filter(|line| !line.is_empty()) {
        level = level.saturating_sub(usize::from(patterns[1].is_match(line)));
        assert_eq!(line.len() - line.trim_start().len(), level * 2, "{line}");
        level += usize::from(patterns[0].is_match(line));
    }
}
