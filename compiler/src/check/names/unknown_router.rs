//! R1031: a router that a test mentions and the stack does not have.

use route_grammar::ast::{ItemKind, Name, TestStepKind};
use route_grammar::{Diagnostic, FileId};
use crate::check::Checked;
use crate::resolver::Resolver;
use crate::suggest::nearest;

route_grammar::rule! {
    /// An unknown router in a test.
    ///
    /// `expect tap`, `held by` and `stopped by` name a router of the stack.
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

/// Resolves all names that tests mention: ends, conditions, runtimes, and routers that the stack must have.
pub(crate) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    for placed in stack.items {
        let ItemKind::Test { steps, .. } = &placed.item.kind else { continue };
        for step in steps {
            match &step.kind {
                TestStepKind::Send { wires, message } => {
                    resolver.wires(wires, placed.file);
                    resolver.value(message, placed.file);
                }
                TestStepKind::ExpectTap { name, .. }
                | TestStepKind::ExpectHeld(name)
                | TestStepKind::ExpectStopped(name) => router(stack, name, placed.file, resolver),
                TestStepKind::ExpectDelivered { to, with } => {
                    if let Some(ends) = to {
                        resolver.ends(ends, placed.file);
                    }
                    if let Some(e) = with {
                        resolver.value(e, placed.file);
                    }
                }
                TestStepKind::ExpectSent(name) => drop(resolver.runtime_name(name, placed.file)),
                TestStepKind::Stub(ends) => drop(resolver.ends(ends, placed.file)),
                TestStepKind::Advance(e) => {
                    resolver.duration(e, placed.file);
                }
            }
        }
    }
}

fn router(stack: &Checked<'_>, name: &Name, file: FileId, resolver: &mut Resolver<'_>) {
    let mut names = stack.items.iter().filter_map(|placed| match &placed.item.kind {
        ItemKind::Router(router) => Some(router.name.text.as_str()),
        _ => None,
    });
    if names.clone().any(|known| known == name.text) {
        return;
    }
    let message = format!("no router is named `{}`", name.text);
    let d = Diagnostic::new(RULE, file, name.span, message);
    let d = match nearest(&name.text, names.by_ref()) {
        Some(near) => d.help(format!("there is a router `{near}`")),
        None => d,
    };
    resolver.report(d);
}
