//! R1006: an id that no node bears.

use route_grammar::Span;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// An id that no node bears.
    ///
    /// `id "…"` names a node by its id in `flows.json`, or by its run-time id inside a subflow instance,
    /// `INSTANCE-NODE`. Ids stay when nodes are renamed, and are new when a flow is imported as a copy.
    ///
    /// ## Fails
    /// ```route
    /// halt old on id "s9" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on id "s1" -> *
    /// ```
    "R1006" "unknown-id" Error, None
}

/// What else bears the id: its place, and what to do.
pub(crate) fn of_something_else(r: &Resolver<'_>, id: &str) -> Option<(Span, String)> {
    let graph = r.index.graph;
    for (word, table) in [("tab", &graph.tabs), ("group", &graph.groups), ("subflow", &graph.subflows)] {
        if let Some(scope) = table.iter().find(|scope| scope.id == id) {
            let help = match scope.name.as_str() {
                "" => format!("this is a {word}, not a node; give it a name, and select its nodes by it"),
                name => format!("this is a {word}, not a node; its nodes are `{word} \"{name}\"`"),
            };
            return Some((scope.name_span, help));
        }
    }
    let config = graph.configs.iter().find(|config| config.id == id || config.static_id == id)?;
    Some((config.name_span, format!("this is a configuration (`{}`); no message passes it", config.ty)))
}
