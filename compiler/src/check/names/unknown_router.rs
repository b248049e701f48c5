//! R1031: a router that a test mentions and the stack does not have.

use route_grammar::ast::{ItemKind, Name, RouterKind};
use route_grammar::{Diagnostic, FileId};

use crate::load::Placed;
use crate::resolver::Resolver;
use crate::suggest::nearest;

route_grammar::rule! {
    /// An unknown router in a test.
    ///
    /// `expect tap`, `held by`, `stopped by` and `redirected by` name a router of the stack, and one that does that.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensor 1" -> "Threshold"
    /// test "nothing comes through" {
    ///   send "Sensor 1" -> "Threshold" { payload: 1 }
    ///   expect stopped by odl
    /// }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> "Threshold"
    /// test "nothing comes through" {
    ///   send "Sensor 1" -> "Threshold" { payload: 1 }
    ///   expect stopped by old
    /// }
    /// ```
    "R1031" "unknown-router" Error, None
}

/// What a router's name in a test must stand for.
pub(crate) struct Wanted {
    /// Said of the others: `stops messages`.
    pub(crate) what: &'static str,
    pub(crate) kinds: &'static [RouterKind],
}

impl Wanted {
    /// Whether the stack has such a router; reported when not.
    pub(crate) fn is_there(
        &self,
        name: &Name,
        file: FileId,
        items: &[Placed],
        resolver: &mut Resolver<'_>,
    ) -> bool {
        let all = || {
            items.iter().filter_map(|placed| match &placed.item.kind {
                ItemKind::Router(router) => Some((router, placed.file)),
                _ => None,
            })
        };
        let mut named = all().filter(|(router, _)| router.name.text == name.text).peekable();
        let Some((router, at)) = named.peek().copied() else {
            let message = format!("no router is named `{}`", name.text);
            let d = Diagnostic::new(RULE, file, name.span, message);
            resolver.report(match nearest(&name.text, all().map(|(r, _)| r.name.text.as_str())) {
                Some(near) => d.help(format!("there is a router `{near}`")),
                None => d,
            });
            return false;
        };
        if named.any(|(router, _)| self.kinds.contains(&router.kind)) {
            return true;
        }
        let message = format!("`{}` is a {} and never {}", name.text, router.kind.word(), self.what);
        let d = Diagnostic::new(RULE, file, name.span, message);
        resolver.report(d.note(at, router.name.span, "declared here"));
        false
    }
}
