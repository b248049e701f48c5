//! Declarations and uses of names, and what stands where, found in syntax trees.

use route_grammar::ast::{Item, ItemKind, Name};
use route_grammar::{Parsed, Span};

/// An item with what an outline shows of it.
pub(super) struct Outline {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) name_span: Span,
    pub(super) span: Span,
    pub(super) docs: Vec<String>,
    /// Of a predicate.
    pub(super) params: Vec<String>,
    pub(super) inside: Vec<Outline>,
}

/// The named items of a text.
pub(super) fn outline(parsed: &Parsed) -> Vec<Outline> {
    parsed.items().filter_map(|item| of(item)).collect()
}

fn of(item: &Item) -> Option<Outline> {
    let (kind, name): (&'static str, &Name) = match &item.kind {
        ItemKind::Stack(name) => ("stack", name),
        ItemKind::Layer { name, .. } => ("layer", name),
        ItemKind::Const { name, .. } => ("const", name),
        ItemKind::Param { name, .. } => ("param", name),
        ItemKind::Let { name, .. } => ("let", name),
        ItemKind::Predicate { name, .. } => ("predicate", name),
        ItemKind::Schema { name, .. } => ("schema", name),
        ItemKind::Runtime { name, .. } => ("runtime", name),
        ItemKind::Router(router) => ("router", &router.name),
        ItemKind::Test { title, .. } => {
            return Some(Outline {
                name: title.value.clone(),
                kind: "test",
                name_span: title.span,
                span: item.span,
                docs: item.docs.clone(),
                params: Vec::new(),
                inside: Vec::new(),
            });
        }
        _ => return None,
    };
    let inside = match &item.kind {
        ItemKind::Layer { items, .. } => items.iter().filter_map(|item| of(item)).collect(),
        _ => Vec::new(),
    };
    let params = match &item.kind {
        ItemKind::Predicate { params, .. } => params.iter().map(|p| p.text.clone()).collect(),
        _ => Vec::new(),
    };
    Some(Outline {
        params,
        name: name.text.clone(),
        kind,
        name_span: name.span,
        span: item.span,
        docs: item.docs.clone(),
        inside,
    })
}

/// The declaration of a name.
pub(super) fn declaration<'o>(outline: &'o [Outline], name: &str) -> Option<&'o Outline> {
    outline.iter().find_map(|item| {
        let here = (item.name == name && !matches!(item.kind, "test" | "stack")).then_some(item);
        here.or_else(|| declaration(&item.inside, name))
    })
}

/// Every place where a name stands as a word of its own: neither in a text or comment, nor behind a point.
pub(super) fn places(text: &str, name: &str) -> Vec<Span> {
    use route_grammar::class::Class;
    let hidden = [Class::Comment, Class::Doc, Class::Text, Class::Escape, Class::Regex];
    let is = |c: char| c.is_alphanumeric() || c == '_';
    route_grammar::tokens::tokens(text)
        .into_iter()
        .filter(|(span, class)| {
            text.get(span.range()) == Some(name)
                && !hidden.contains(class)
                && !text
                    .get(..span.start as usize)
                    .is_some_and(|before| before.ends_with(|c| c == '.' || is(c)))
        })
        .map(|(span, _)| span)
        .collect()
}
