//! R1012: a name that hides another one.

use route_grammar::ast::{ItemKind, Name};
use route_grammar::{Diagnostic, FileId};
use crate::check::Checked;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A name that hides another one.
    ///
    /// A predicate's parameter that bears the name of a constant hides it in that predicate, and `msg`, `source` and
    /// `dest` mean the message and its wire everywhere. Readers take one for the other.
    ///
    /// ## Fails
    /// ```route
    /// const hot = 30
    /// predicate above(hot) = msg.payload > hot
    /// filter usual on "Sensor 1" -> * { drop when above(90) or msg.payload == hot }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// const hot = 30
    /// predicate above(bound) = msg.payload > bound
    /// filter usual on "Sensor 1" -> * { drop when above(90) or msg.payload == hot }
    /// ```
    "R1012" "shadowed" Warn, None
}

/// Predicate parameters that bear the name of a declaration.
pub(crate) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    for placed in stack.items {
        let ItemKind::Predicate { params, .. } = &placed.item.kind else { continue };
        for param in params {
            let Some(outer) = resolver.scope.names.get(param.text.as_str()) else { continue };
            let message = format!("`{}` hides the {} of that name", param.text, outer.what.word());
            let d = Diagnostic::new(RULE, placed.file, param.span, message);
            resolver.report(d.note(outer.file, outer.name.span, "this one"));
        }
    }
}

/// A declaration that can never be used, because its name means a part of every wire.
pub(crate) fn part_of_the_wire(name: &Name, file: FileId) -> Diagnostic {
    let message = format!("`{}` already means a part of every wire", name.text);
    Diagnostic::new(RULE, file, name.span, message).help("this name can never be used; choose another one")
}
