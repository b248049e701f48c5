//! Signature help: the arguments of functions and predicates, the clauses of routers.

use route_grammar::ast::RouterKind;
use route_grammar::names::Space;
use route_grammar::{ident, keywords};
use serde_json::{Value, json};

use super::document::Document;
use super::find::{self, Outline};

/// How far back a call may have begun, bytes.
const MOST: usize = 2_000;

/// What is being written at a place.
pub(super) fn at(document: &Document, byte: u32, outline: &[Outline]) -> Option<Value> {
    let mut start = (byte as usize).saturating_sub(MOST);
    while !document.text.is_char_boundary(start) {
        start += 1;
    }
    let before = document.text.get(start..byte as usize)?;
    if let Some((name, argument)) = call(before) {
        if let Some(f) = keywords::FUNCTIONS.iter().find(|f| f.name == name) {
            return Some(signature(&format!("{name}("), &split(f.takes), ", ", ")", f.doc, argument));
        }
        let own = find::declaration(outline, name, Space::Value).filter(|item| item.kind == "predicate")?;
        return Some(signature(&format!("{name}("), &own.params, ", ", ")", &own.docs.join("\n"), argument));
    }
    router(before)
}

/// The parameters of a function, as `takes` lists them.
pub(super) fn split(takes: &str) -> Vec<String> {
    takes.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

fn signature(head: &str, params: &[String], between: &str, tail: &str, doc: &str, active: usize) -> Value {
    let params_shown: Vec<Value> = params.iter().map(|label| json!({ "label": label })).collect();
    let active = active.min(params.len().saturating_sub(1));
    json!({
        "signatures": [{
            "label": format!("{head}{}{tail}", params.join(between)),
            "documentation": doc,
            "parameters": params_shown,
        }],
        "activeSignature": 0,
        "activeParameter": active,
    })
}

/// The innermost call that is open, and which argument comes next.
fn call(before: &str) -> Option<(&str, usize)> {
    let (mut depth, mut commas, mut quoted) = (0_usize, 0, false);
    for (at, c) in before.char_indices().rev() {
        match c {
            '\n' | '{' | '}' if depth == 0 => return None,
            '"' => quoted = !quoted,
            _ if quoted => {}
            ')' | ']' => depth += 1,
            '(' if depth == 0 => {
                let head = before.get(..at)?;
                let name = head.get(ident::start_of_last(head)..)?;
                return (!name.is_empty()).then_some((name, commas));
            }
            '(' | '[' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    None
}

/// The clauses of the router that is being written.
fn router(before: &str) -> Option<Value> {
    use RouterKind::*;
    let kinds = [Filter, Halt, Tap, Break, Remote, Set, Redirect, Limit, Call];
    for line in before.lines().rev() {
        let word = line.split_whitespace().next().unwrap_or_default();
        if line.starts_with('}') {
            return None;
        }
        let Some(kind) = kinds.iter().find(|kind| kind.word() == word) else { continue };
        // `limit` is a clause of runtimes too, `call` could be a plugin's name.
        if !line.contains(" on ") {
            continue;
        }
        let clauses: Vec<String> = kind.clauses().iter().map(|clause| (*clause).to_owned()).collect();
        let typed = before.lines().next_back().unwrap_or_default().trim();
        let active = clauses
            .iter()
            .position(|clause| clause.split(' ').next().is_some_and(|first| typed.starts_with(first)));
        let doc = keywords::lookup(word).map_or("", |keyword| keyword.doc);
        let head = format!("{word} NAME on WIRES {{ ");
        return Some(signature(&head, &clauses, " | ", " }", doc, active.unwrap_or(0)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::call;

    #[test]
    fn the_innermost_open_call() {
        assert_eq!(call("when max(1, min(2, 3), "), Some(("max", 2)));
        assert_eq!(call("when max(1, min(2, "), Some(("min", 1)));
        assert_eq!(call("when max(\"(,\", é"), Some(("max", 1)));
        assert_eq!(call("when max(1)"), None);
        assert_eq!(call("halt h on (\"A\""), None);
    }
}
