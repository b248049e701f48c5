//! R3070: a router that sits on fewer wires than the lock file knows.

use route_grammar::Diagnostic;
use rustc_hash::FxHashSet;

use crate::check::Checked;
use crate::hir::Router;
use crate::lock::{self, LockedWire, Wires};
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A router that lost wires.
    ///
    /// The lock file (`route.lock`, written by `routec lock`) says on which wires the router sat. Some of them are gone:
    /// a node was renamed, disabled or taken away, or a wire was cut, and the router does less than it did. Where all is
    /// as it should be, `routec lock` writes down how it is now.
    ///
    /// ## Fails
    /// ```lock
    /// { "version": 1, "stacks": { "example.route": { "wires": { "main/old": [
    ///   ["s1", 0, "threshold", "Sensor 1 -> Threshold"],
    ///   ["s3", 0, "threshold", "Sensor 3 -> Threshold"]
    /// ] } } } }
    /// ```
    /// ```route
    /// halt old on "Sensor 1" -> "Threshold"
    /// ```
    ///
    /// ## Passes
    /// ```lock
    /// { "version": 1, "stacks": { "example.route": { "wires": { "main/old": [
    ///   ["s1", 0, "threshold", "Sensor 1 -> Threshold"]
    /// ] } } } }
    /// ```
    /// ```route
    /// halt old on "Sensor 1" -> "Threshold"
    /// ```
    "R3070" "lost-wires" Warn, None
}

/// Lost wires that are told one by one.
const LISTED: usize = 5;

pub(crate) fn check(stack: &Checked<'_>, resolver: &mut Resolver<'_>) {
    let Some(locked) = resolver.input.lock else { return };
    for router in stack.routers {
        match locked.wires.get(&lock::key(&router.info)) {
            Some(Wires::Each(before)) => each(router, before, resolver),
            Some(Wires::Many(before)) if *before > router.wires.len() => {
                let d = told(router, *before);
                resolver.report(d);
            }
            Some(Wires::Many(_)) | None => {}
        }
    }
}

fn each(router: &Router, before: &[LockedWire], resolver: &mut Resolver<'_>) {
    let index = resolver.index;
    let now: FxHashSet<(&str, u32, &str)> = router
        .wires
        .iter()
        .map(|wire| index.wire(*wire))
        .map(|wire| (index.node(wire.from.0).id.as_str(), wire.port, index.node(wire.to.0).id.as_str()))
        .collect();
    let is_lost = |wire: &&LockedWire| !now.contains(&(wire.from.as_str(), wire.port, wire.to.as_str()));
    let lost: Vec<&LockedWire> = before.iter().filter(is_lost).collect();
    if lost.is_empty() {
        return;
    }
    let mut d = told(router, before.len());
    for wire in lost.iter().take(LISTED) {
        d = why(wire, d, resolver);
    }
    if let more @ 1.. = lost.len().saturating_sub(LISTED) {
        d = d.help(format!("and {more} wires more"));
    }
    resolver.report(d.help("if this is meant, `routec lock` writes it down"));
}

fn told(router: &Router, before: usize) -> Diagnostic {
    let info = &router.info;
    let count = router.wires.len();
    let message = if count < before {
        format!("{} `{}` sits on {count} of the {before} wires that it sat on", info.kind, info.name)
    } else {
        format!("{} `{}` sits on other wires than it did", info.kind, info.name)
    };
    Diagnostic::new(RULE, router.file, router.wires_span, message)
}

/// What became of a wire: at the node in `flows.json` where one of its ends is still there, else as help.
fn why(wire: &LockedWire, d: Diagnostic, resolver: &Resolver<'_>) -> Diagnostic {
    let (index, flows) = (resolver.index, resolver.flows);
    let shown = &wire.shown;
    let ends = [&wire.from, &wire.to].map(|id| index.graph.node_by_id(id).map(|at| at.0));
    match ends {
        [None, None] => d.help(format!("`{shown}`: neither of the two nodes is there any more")),
        [Some(left), None] => {
            d.note(flows, index.name_span(left), format!("`{shown}`: the other node is gone"))
        }
        [None, Some(left)] => {
            d.note(flows, index.name_span(left), format!("`{shown}`: the sender is gone"))
        }
        [Some(from), Some(to)] => {
            let disabled = [from, to].into_iter().find(|at| index.node(*at).disabled);
            let joined = index.graph.wires.iter().any(|w| (w.from.0, w.port, w.to.0) == (from, wire.port, to));
            match (disabled, joined) {
                (Some(at), _) => d.note(flows, index.name_span(at), format!("`{shown}`: this one is disabled")),
                (None, true) => {
                    let text = format!("`{shown}`: the wire is there, and the selector no longer means it");
                    d.note(flows, index.name_span(from), text)
                }
                (None, false) => {
                    d.note(flows, index.name_span(from), format!("`{shown}`: no wire leads there any more"))
                }
            }
        }
    }
}
