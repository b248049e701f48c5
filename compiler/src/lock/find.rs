//! What became of something that the lock file knows.

use route_grammar::Span;
use route_grammar::ast::Kind;

use super::{Locked, Named, Wires, neighbours, tab};
use crate::index::Index;
use crate::select::word;

/// What became of it.
#[derive(Debug, PartialEq)]
pub(crate) enum Became<'g> {
    /// It is still there under its id, and bears another name now, maybe none.
    Renamed(Found<'g>),
    /// Its id is gone, but exactly one is like it: of the same type, among the same neighbours.
    Like(Found<'g>),
    /// Nothing is left of it.
    Gone,
}

/// Something in the flow graph.
#[derive(Debug, PartialEq)]
pub(crate) struct Found<'g> {
    pub(crate) name: &'g str,
    pub(crate) id: &'g str,
    pub(crate) span: Span,
}

/// The entry of a name that a selector has.
pub(crate) fn named<'l>(lock: &'l Locked, kind: Kind, name: &str) -> Option<&'l Named> {
    let by_name = |entry: &&Named| if kind == Kind::Id { entry.id == name } else { entry.name == name };
    let mut all = lock.named.iter().filter(|entry| entry.kind == word(kind)).filter(by_name);
    // Of two of one name nobody knows which one is meant here.
    all.next().filter(|_| all.next().is_none())
}

/// Looks for it in a flow graph in which no such name is left.
pub(crate) fn became<'g>(entry: &Named, lock: &Locked, index: &Index<'g>) -> Became<'g> {
    let graph = index.graph;
    let scopes = match entry.kind.as_str() {
        "tab" => Some(&graph.tabs),
        "group" => Some(&graph.groups),
        "subflow" => Some(&graph.subflows),
        _ => None,
    };
    if let Some(scopes) = scopes {
        let scope = scopes.iter().find(|scope| scope.id == entry.id);
        let found = scope.map(|s| Found { name: &s.name, id: &s.id, span: s.name_span });
        return found.map_or(Became::Gone, Became::Renamed);
    }
    let found = |at: u32| {
        let node = index.node(at);
        Found { name: &node.name, id: &node.static_id, span: node.name_span }
    };
    if let Some(at) = index.with_id(&entry.id).first() {
        return Became::Renamed(found(*at));
    }
    let edges = graph.edges();
    let alike = index.typed(&entry.ty).iter().copied().filter(|at| {
        let node = index.node(*at);
        let (from, to) = neighbours(node, graph, &edges);
        let alone = from.is_empty() && to.is_empty();
        // What the lock file knows by its id is not the one that is sought.
        !alone
            && !lock.knows(&node.id, &node.static_id)
            && from == entry.from
            && to == entry.to
            && tab(node, graph) == entry.tab
    });
    let mut alike: Vec<u32> = alike.collect();
    alike.dedup_by_key(|at| index.node(*at).static_id.as_str());
    match alike.as_slice() {
        [one] => Became::Like(found(*one)),
        _ => Became::Gone,
    }
}

impl Locked {
    fn knows(&self, id: &str, static_id: &str) -> bool {
        let on_wire = |wires: &Wires| match wires {
            Wires::Each(wires) => wires.iter().any(|wire| wire.from == id || wire.to == id),
            Wires::Many(_) => false,
        };
        self.named.iter().any(|entry| entry.id == static_id) || self.wires.values().any(on_wire)
    }
}
