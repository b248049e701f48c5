//! R1011: a name that is declared twice.

use route_grammar::ast::{ItemKind, Name};
use route_grammar::{Diagnostic, FileId};
use rustc_hash::FxHashMap;
use crate::check::Checked;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A name that is declared twice.
    ///
    /// A name is declared once in the whole stack, used files included. A router's name is unique in its layer, because
    /// its counts and its state are kept under it when the stack is swapped.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> *
    /// halt old on "Sensor 2" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old_1 on "Sensor 1" -> *
    /// halt old_2 on "Sensor 2" -> *
    /// ```
    "R1011" "duplicate" Error, None
}

/// Routers of one name in one layer, and parameters of one name. Declarations are told while they are gathered.
pub(crate) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    let mut known: FxHashMap<(&str, &str), (&Name, FileId)> = FxHashMap::default();
    for placed in stack.items {
        match &placed.item.kind {
            ItemKind::Router(router) => {
                let key = (placed.layer.as_str(), router.name.text.as_str());
                match known.get(&key) {
                    Some((first, file)) => {
                        resolver.report(again("router", &router.name, placed.file, first, *file));
                    }
                    None => {
                        known.insert(key, (&router.name, placed.file));
                    }
                }
            }
            ItemKind::Predicate { params, .. } => {
                for (at, param) in params.iter().enumerate() {
                    if let Some(first) = params[..at].iter().find(|p| p.text == param.text) {
                        resolver.report(again("parameter", param, placed.file, first, placed.file));
                    }
                }
            }
            _ => {}
        }
    }
}

/// `word` says what is declared.
pub(crate) fn again(word: &str, name: &Name, file: FileId, first: &Name, first_file: FileId) -> Diagnostic {
    Diagnostic::new(RULE, file, name.span, format!("{word} `{}` is there already", name.text))
        .label("declared again here")
        .note(first_file, first.span, "first declared here")
}
