//! Semantic tokens: one type for each class of words that the grammars of editors tell apart.

use gen_lsp_types::Range;
use route_grammar::class::Class;
use serde_json::{Value, json};

use super::document::Document;

/// The legend: standard types of the protocol where they say the same, and the language's own.
pub(super) const TYPES: [&str; 29] = [
    "comment",
    "string",
    "escape",
    "regexp",
    "number",
    "unit",
    "item",
    "router",
    "clause",
    "sink",
    "selector",
    "wordOperator",
    "literal",
    "step",
    "function",
    "call",
    "type",
    "root",
    "property",
    "variable",
    "parameter",
    "namespace",
    "routerName",
    "predicateName",
    "valueName",
    "schemaName",
    "code",
    "wildcard",
    "operator",
];
pub(super) const MODIFIERS: [&str; 2] = ["documentation", "declaration"];

/// Type and modifiers; brackets and commas have none.
fn shown(class: Class) -> Option<(&'static str, u32)> {
    Some(match class {
        Class::Comment => ("comment", 0),
        Class::Doc => ("comment", 1),
        Class::Text => ("string", 0),
        Class::Escape => ("escape", 0),
        Class::Regex => ("regexp", 0),
        Class::Number => ("number", 0),
        Class::Unit => ("unit", 0),
        Class::Item => ("item", 0),
        Class::Router => ("router", 0),
        Class::Clause => ("clause", 0),
        Class::Sink => ("sink", 0),
        Class::Selector => ("selector", 0),
        Class::WordOperator => ("wordOperator", 0),
        Class::Literal => ("literal", 0),
        Class::Step => ("step", 0),
        Class::Function => ("function", 0),
        Class::Call => ("call", 0),
        Class::Type => ("type", 0),
        Class::Root => ("root", 0),
        Class::Property => ("property", 0),
        Class::Reference => ("variable", 0),
        Class::Parameter => ("parameter", 2),
        Class::NameSpace => ("namespace", 2),
        Class::NameRouter => ("routerName", 2),
        Class::NamePredicate => ("predicateName", 2),
        Class::NameValue => ("valueName", 2),
        Class::NameSchema => ("schemaName", 2),
        Class::Code => ("code", 0),
        Class::All => ("wildcard", 0),
        Class::Arrow | Class::Sign => ("operator", 0),
        Class::Embed | Class::Bracket | Class::Separator => return None,
    })
}

/// The tokens of a text, or of the lines of a part of it, encoded as the protocol wants them.
pub(super) fn of(document: &Document, within: Option<Range>) -> Value {
    let (mut line, mut column) = (0, 0);
    let mut data: Vec<u32> = Vec::new();
    for (span, class) in route_grammar::tokens::tokens(&document.text) {
        let (Some((name, modifiers)), range) = (shown(class), document.range(span)) else { continue };
        let Some(ty) = TYPES.iter().position(|known| *known == name) else { continue };
        let outside =
            |within: &Range| range.end.line < within.start.line || within.end.line < range.start.line;
        if range.start.line != range.end.line || within.as_ref().is_some_and(outside) {
            continue;
        }
        let start = range.start;
        let from = if start.line == line { start.character - column } else { start.character };
        data.extend([start.line - line, from, range.end.character - start.character, ty as u32, modifiers]);
        (line, column) = (start.line, start.character);
    }
    json!({ "data": data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_type_in_the_legend() {
        let bare = [Class::Embed, Class::Bracket, Class::Separator];
        for class in Class::ALL {
            match shown(*class) {
                Some((name, modifiers)) => {
                    assert!(TYPES.contains(&name) && modifiers < 1 << MODIFIERS.len(), "{class:?}")
                }
                None => assert!(bare.contains(class), "{class:?}"),
            }
        }
    }
}
