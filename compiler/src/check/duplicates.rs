//! Routers of one name in one layer, and predicate parameters that hide a declared name.

use route_grammar::ast::{ItemKind, Name};
use route_grammar::{Diagnostic, FileId};
use rustc_hash::FxHashMap;

use super::Checked;
use crate::codes;
use crate::resolver::Resolver;
use crate::scope::duplicate;

pub(super) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    let mut known: FxHashMap<(&str, &str), (&Name, FileId)> = FxHashMap::default();
    for placed in stack.items {
        match &placed.item.kind {
            ItemKind::Router(router) => {
                let key = (placed.layer.as_str(), router.name.text.as_str());
                match known.get(&key) {
                    Some((first, file)) => {
                        resolver.report(duplicate("router", &router.name, placed.file, first, *file));
                    }
                    None => {
                        known.insert(key, (&router.name, placed.file));
                    }
                }
            }
            ItemKind::Predicate { params, .. } => {
                for (at, param) in params.iter().enumerate() {
                    if let Some(first) = params[..at].iter().find(|p| p.text == param.text) {
                        resolver.report(duplicate("parameter", param, placed.file, first, placed.file));
                    }
                    if let Some(outer) = resolver.scope.names.get(param.text.as_str()) {
                        let message =
                            format!("`{}` hides the {} of that name", param.text, outer.what.word());
                        let d = Diagnostic::warning(codes::SHADOWED, placed.file, param.span, message).note(
                            outer.file,
                            outer.name.span,
                            "this one",
                        );
                        resolver.report(d);
                    }
                }
            }
            _ => {}
        }
    }
}
