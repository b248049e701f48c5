//! The TextMate grammar: VS Code, shiki, GitHub.

use route_grammar::class::Class;
use serde_json::{Map, Value, json};

use crate::language::{Group, Piece, ROOT, Region, Rule, groups};

/// `route.tmLanguage.json`
pub fn grammar() -> String {
    let groups = groups();
    let mut repository = Map::new();
    for group in &groups {
        repository.insert(group.name.to_owned(), json!({ "patterns": patterns(&group.rules) }));
    }
    let grammar = json!({
        "information_for_contributors": ["Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors"],
        "name": "Route",
        "scopeName": "source.route",
        "fileTypes": ["route"],
        "patterns": patterns(root(&groups)),
        "repository": repository,
    });
    format!("{grammar:#}\n")
}

fn root(groups: &[Group]) -> &[Rule] {
    groups.iter().find(|g| g.name == ROOT).map_or(&[], |g| &g.rules)
}

fn patterns(rules: &[Rule]) -> Vec<Value> {
    rules.iter().map(pattern).collect()
}

fn pattern(rule: &Rule) -> Value {
    match rule {
        Rule::Group(name) => json!({ "include": format!("#{name}") }),
        Rule::Token(pieces) => match pieces.as_slice() {
            [Piece { re, class: Some(class) }] => json!({ "name": scope(*class), "match": re.oniguruma() }),
            _ => json!({ "match": regex(pieces), "captures": captures(pieces) }),
        },
        Rule::Region(region) => between(region),
    }
}

fn between(region: &Region) -> Value {
    let mut out = Map::new();
    let name = region.body.map_or_else(|| format!("meta.{}.route", region.name), scope);
    out.insert("name".into(), name.into());
    out.insert("begin".into(), regex(&region.begin).into());
    out.insert("beginCaptures".into(), captures(&region.begin));
    out.insert("end".into(), regex(std::slice::from_ref(&region.end)).into());
    out.insert("endCaptures".into(), captures(std::slice::from_ref(&region.end)));
    out.insert("patterns".into(), patterns(&region.rules).into());
    Value::Object(out)
}

/// A class as TextMate names it.
pub fn scope(class: Class) -> String {
    format!("{}.route", class.scopes().textmate)
}

/// The pieces in a row, those with a class in a group each.
pub(crate) fn regex(pieces: &[Piece]) -> String {
    let one = |piece: &Piece| match piece.class {
        Some(_) => format!("({})", piece.re.oniguruma()),
        None => piece.re.oniguruma(),
    };
    pieces.iter().map(one).collect()
}

fn captures(pieces: &[Piece]) -> Value {
    let classes = pieces.iter().filter_map(|p| p.class).enumerate();
    Value::Object(
        classes.map(|(at, class)| ((at + 1).to_string(), json!({ "name": scope(class) }))).collect(),
    )
}
