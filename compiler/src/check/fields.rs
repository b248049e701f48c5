//! Paths that the schema of a wire does not have.

use route_chain::ir::{Path, Seg};
use route_grammar::{Diagnostic, FileId, Span};
use rustc_hash::FxHashMap;

use super::Checked;
use super::carrying::touches;
use crate::codes;
use crate::hir::{Body, Found, Kind, Router};
use crate::resolver::Resolver;
use crate::suggest::nearest;

pub(super) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    if stack.carried.is_empty() {
        return;
    }
    // Fields that a router higher up sets, and on which wires.
    let mut set: FxHashMap<&Path, Vec<u32>> = FxHashMap::default();
    for router in stack.routers {
        for (path, file, span) in reads(router) {
            one_path(stack, router, path, (file, span), &set, resolver);
        }
        if let Body::Set(changes) = &router.body {
            for (path, _) in changes.iter().filter(|(_, value)| value.is_some()) {
                let wires = set.entry(path).or_default();
                wires.extend(&router.wires);
                wires.sort_unstable();
            }
        }
    }
}

fn reads(router: &Router) -> Vec<(&Path, FileId, Span)> {
    let mut found = Vec::new();
    for e in router.exprs() {
        e.walk(&mut |part| {
            if let Kind::Msg(path) = &part.kind {
                found.push((path, part.file, part.span));
            }
        });
    }
    found
}

fn one_path(
    stack: &Checked<'_>,
    router: &Router,
    path: &Path,
    (file, span): (FileId, Span),
    set: &FxHashMap<&Path, Vec<u32>>,
    resolver: &mut Resolver<'_>,
) {
    // Node-RED gives every message an id.
    if matches!(path.first(), Some(Seg::Key(key)) if key == "_msgid") {
        return;
    }
    let is_set = |wire: &u32| {
        set.iter().any(|(known, wires)| touches(known, path) && wires.binary_search(wire).is_ok())
    };
    for carried in stack.carried {
        let Found::Missing(depth, fields) = carried.shape.find(path) else { continue };
        let lacking = router
            .wires
            .iter()
            .filter(|wire| carried.wires.binary_search(wire).is_ok() && !is_set(wire))
            .count();
        if lacking == 0 {
            continue;
        }
        let at = match path.get(depth) {
            Some(Seg::Key(key)) => key.clone(),
            Some(Seg::Index(at)) => format!("[{at}]"),
            None => continue,
        };
        let (schema, all) = (&carried.name, router.wires.len());
        let d = if lacking == all {
            Diagnostic::new(codes::UNKNOWN_FIELD, file, span, format!("`{schema}` has no field `{at}` here"))
        } else {
            let message = format!("`{schema}` has no field `{at}` here, on {lacking} of {all} wires");
            Diagnostic::new(codes::SOME_UNKNOWN_FIELD, file, span, message)
        };
        let d = match nearest(&at, fields.iter().copied()) {
            Some(near) => d.help(format!("there is a field `{near}`")),
            None if fields.is_empty() => d.help("the schema has no object at this place"),
            None => d.help(format!("fields there are {}", fields.join(", "))),
        };
        resolver.report(d);
    }
}
