//! R1015: a node that is disabled.

use route_grammar::{Diagnostic, FileId, Span};
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A node that is disabled.
    ///
    /// A disabled node, or one on a disabled tab or in a disabled group, does not run and has no wires. Enable it, or
    /// take the router out.
    ///
    /// ## Fails
    /// ```route
    /// let old = "Old lamp"
    /// halt retired on * -> "Alarm lamp" or old
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// let old = "Spare lamp"
    /// halt retired on * -> "Alarm lamp" or old
    /// ```
    "R1015" "disabled-node" Warn, None
}

/// A name that means nodes which are all disabled; `nodes` are at least one.
pub(crate) fn is(r: &Resolver<'_>, name: &str, nodes: &[u32], file: FileId, span: Span) -> Diagnostic {
    let d = Diagnostic::new(RULE, file, span, format!("node `{name}` is disabled"));
    let d = nodes.first().into_iter().fold(d, |d, node| why(r, *node, d));
    d.help("a disabled node has no wires at run time; enable it, or take this out")
}

/// A tab, group, type or pattern whose nodes are all disabled.
pub(crate) fn all(r: &Resolver<'_>, what: &str, nodes: &[u32], file: FileId, span: Span) -> Diagnostic {
    let d = Diagnostic::new(RULE, file, span, format!("every node of {what} is disabled"));
    let d = nodes.first().into_iter().fold(d, |d, node| why(r, *node, d));
    d.help("disabled nodes have no wires at run time; enable them, or take this out")
}

/// Points at what disables a node: itself, its tab, or a group.
pub(crate) fn why(r: &Resolver<'_>, node: u32, d: Diagnostic) -> Diagnostic {
    let info = r.index.node(node);
    let graph = r.index.graph;
    let tab = info.tab.and_then(|tab| graph.tabs.get(tab.0 as usize)).filter(|tab| tab.disabled);
    let groups = info.groups.iter().filter_map(|group| graph.groups.get(group.0 as usize));
    let group = groups.into_iter().find(|group| group.disabled);
    match (tab, group) {
        (Some(tab), _) => d.note(r.flows, tab.name_span, format!("its tab `{}` is disabled", tab.name)),
        (None, Some(group)) => d.note(r.flows, group.name_span, format!("its group `{}` is disabled", group.name)),
        (None, None) => d.note(r.flows, info.name_span, "this node is disabled"),
    }
}
