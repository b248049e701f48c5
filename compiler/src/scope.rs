//! The names that a stack declares, and whether each is used.

use std::cell::Cell;

use indexmap::IndexMap;
use route_grammar::ast::{Ends, Expr, Field, ItemKind, Name, RuntimeClause, Type};
use route_grammar::{Diagnostic, FileId};

use crate::check::names::{duplicate, shadowed};
use crate::load::Placed;

/// A declared name.
pub(crate) struct Symbol<'a> {
    pub(crate) name: &'a Name,
    pub(crate) file: FileId,
    pub(crate) used: Cell<bool>,
    pub(crate) what: What<'a>,
}

/// What a name stands for.
pub(crate) enum What<'a> {
    Let(&'a Ends),
    Const(&'a Expr, Option<&'a Type>),
    Param(Option<&'a Type>, Option<&'a Expr>),
    Predicate(&'a [Name], &'a Expr),
    Schema(&'a [Field]),
    Runtime(&'a [RuntimeClause]),
}

impl What<'_> {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            What::Let(_) => "let",
            What::Const(..) => "const",
            What::Param(..) => "param",
            What::Predicate(..) => "predicate",
            What::Schema(_) => "schema",
            What::Runtime(_) => "runtime",
        }
    }
}

/// All names of a stack. Files and layers share one name space, schemas and runtimes have their own.
#[derive(Default)]
pub(crate) struct Scope<'a> {
    pub(crate) names: IndexMap<&'a str, Symbol<'a>>,
    pub(crate) schemas: IndexMap<&'a str, Symbol<'a>>,
    pub(crate) runtimes: IndexMap<&'a str, Symbol<'a>>,
}

/// Gathers the declarations; a second one of the same name is an error.
pub(crate) fn collect<'a>(items: &'a [Placed], diagnostics: &mut Vec<Diagnostic>) -> Scope<'a> {
    let mut scope = Scope::default();
    for Placed { file, item, .. } in items {
        let (name, what) = match &item.kind {
            ItemKind::Let { name, ends } => (name, What::Let(ends)),
            ItemKind::Const { name, ty, value } => (name, What::Const(value, ty.as_ref())),
            ItemKind::Param { name, ty, default } => (name, What::Param(ty.as_ref(), default.as_ref())),
            ItemKind::Predicate { name, params, body } => (name, What::Predicate(params, body)),
            ItemKind::Schema { name, fields } => (name, What::Schema(fields)),
            ItemKind::Runtime { name, clauses } => (name, What::Runtime(clauses)),
            _ => continue,
        };
        let table = match what {
            What::Schema(_) => &mut scope.schemas,
            What::Runtime(_) => &mut scope.runtimes,
            _ => &mut scope.names,
        };
        if let Some(first) = table.get(name.text.as_str()) {
            diagnostics.push(duplicate::again(what.word(), name, *file, first.name, first.file));
            continue;
        }
        if ["msg", "source", "dest"].contains(&name.text.as_str()) && !matches!(what, What::Runtime(_)) {
            diagnostics.push(shadowed::part_of_the_wire(name, *file));
        }
        table.insert(&name.text, Symbol { name, file: *file, used: Cell::new(false), what });
    }
    scope
}
