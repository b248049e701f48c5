//! Declarations and uses of names, and what stands where, found in syntax trees.

use route_grammar::ast::{Item, ItemKind, Name};
use route_grammar::names::Space;
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

impl Outline {
    /// What it declares a name of.
    fn space(&self) -> Option<Space> {
        Some(match self.kind {
            "const" | "param" | "let" | "predicate" => Space::Value,
            "schema" => Space::Schema,
            "runtime" => Space::Runtime,
            "router" => Space::Router,
            "layer" => Space::Layer,
            _ => return None,
        })
    }
}

/// The declaration of a name.
pub(super) fn declaration<'o>(outline: &'o [Outline], name: &str, space: Space) -> Option<&'o Outline> {
    outline.iter().find_map(|item| {
        let here = (item.name == name && item.space() == Some(space)).then_some(item);
        here.or_else(|| declaration(&item.inside, name, space))
    })
}
