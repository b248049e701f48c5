//! R1007: a plain name that several nodes bear.

use route_grammar::{Applicability, Diagnostic, FileId, Span};
use crate::resolver::Resolver;
use crate::select::quoted;

route_grammar::rule! {
    /// A name that several nodes bear.
    ///
    /// A plain name must mean exactly one node, so that a node added later cannot change what a router does. Narrow it
    /// with `in`, `and` or `next to`, name it by `id`, or write a glob if all of them are meant.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Format" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Format" in tab "History" -> *
    /// ```
    "R1007" "ambiguous-node" Error, None
}

/// Most candidates that are listed.
const LISTED: usize = 10;

/// Lists the nodes that bear the name, each with a selector that means it alone.
pub(crate) fn which(r: &Resolver<'_>, name: &str, nodes: &[u32], file: FileId, span: Span) -> Diagnostic {
    let message = format!("{} nodes are named `{name}`", nodes.len());
    let mut d = Diagnostic::new(RULE, file, span, message).label("which one is meant?");
    // An output binds closer than `in`.
    let text = r.sources.get(file).and_then(|source| source.text.get(span.end as usize..)).unwrap_or_default();
    let has_output = text.starts_with('.');
    for node in nodes.iter().take(LISTED) {
        d = d.note(r.flows, r.index.name_span(*node), r.index.place(*node));
        let selector = match place(r, *node, nodes) {
            Some(place) if has_output => format!("({} in {place})", quoted(name)),
            Some(place) => format!("{} in {place}", quoted(name)),
            None => format!("id {}", quoted(&r.index.node(*node).id)),
        };
        let said = format!("the one {}", r.index.place(*node));
        d = d.suggest(said, file, span, selector, Applicability::Maybe);
    }
    match nodes.len().saturating_sub(LISTED) {
        0 => d,
        more => d.help(format!("and {more} more; say where it is, or name it by its `id`")),
    }
}

/// A place that only this one of the nodes is in.
fn place(r: &Resolver<'_>, node: u32, nodes: &[u32]) -> Option<String> {
    let info = r.index.node(node);
    let alone = |same: &dyn Fn(u32) -> bool| nodes.iter().filter(|n| same(**n)).count() == 1;
    if let Some(outer) = info.instance {
        let outer_name = &r.index.node(outer.0).name;
        let unique = !outer_name.is_empty() && r.index.named(outer_name).len() == 1;
        if unique && alone(&|n| r.index.node(n).instance == info.instance) {
            return Some(quoted(outer_name));
        }
    }
    let tab = r.index.graph.tabs.get(info.tab?.0 as usize).filter(|tab| !tab.name.is_empty())?;
    alone(&|n| r.index.node(n).tab == info.tab).then(|| format!("tab {}", quoted(&tab.name)))
}

#[cfg(test)]
mod tests {
    use crate::testkit::fixes;

    #[test]
    fn each_candidate_has_a_selector_of_its_own() {
        let flow = r#"[{"id":"t","type":"tab","label":"T"},{"id":"u","type":"tab","label":"U"},
            {"id":"a","type":"inject","z":"t","name":"Go","wires":[["x"],["x"]]},
            {"id":"b","type":"inject","z":"t","name":"Go","wires":[["x"],["x"]]},
            {"id":"c","type":"inject","z":"u","name":"Go","wires":[["x"],["x"]]},
            {"id":"x","type":"debug","z":"t","name":"X"}]"#;
        assert_eq!(
            fixes(flow, "halt a on \"Go\".2 -> *\n"),
            ["halt a on id \"a\".2 -> *\n", "halt a on id \"b\".2 -> *\n", "halt a on (\"Go\" in tab \"U\").2 -> *\n"]
        );
    }
}
