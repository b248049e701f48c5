//! R1014: an output that the node does not have.

use route_grammar::ast::Port;
use route_grammar::{Applicability, Diagnostic, FileId};
use crate::resolver::Resolver;
use crate::select::quoted;

route_grammar::rule! {
    /// An output that the node does not have.
    ///
    /// Outputs are counted from 1, as in the editor, or named by their label.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Threshold".3 -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Threshold"."hot" -> *
    /// ```
    "R1014" "no-output" Error, None
}

/// None of the nodes has the output.
pub(crate) fn of(r: &Resolver<'_>, nodes: &[u32], port: &Port, file: FileId) -> Diagnostic {
    let who = match nodes {
        [node] => format!("`{}` has no output", r.index.label(*node)),
        _ => "none of these nodes has an output".to_owned(),
    };
    let d = match port {
        Port::Index(n, span) => Diagnostic::new(RULE, file, *span, format!("{who} {n}")),
        Port::Label(label) => {
            let labels = nodes.iter().flat_map(|n| &r.index.node(*n).output_labels).map(String::as_str);
            let near = r.nearest(&label.value, labels);
            let d = Diagnostic::new(RULE, file, label.span, format!("{who} labelled `{}`", label.value));
            match near {
                Some(near) => {
                    let said = format!("there is an output `{near}`");
                    d.suggest(said, file, label.span, quoted(near), Applicability::Maybe)
                }
                None => d,
            }
        }
    };
    let [node] = nodes else { return d };
    let info = r.index.node(*node);
    let count = match info.outputs {
        0 => "it has no output".to_owned(),
        1 => "it has one output".to_owned(),
        n => format!("it has {n} outputs"),
    };
    let labels: Vec<String> =
        info.output_labels.iter().filter(|l| !l.is_empty()).map(|l| format!("`{l}`")).collect();
    let labels = if labels.is_empty() { String::new() } else { format!(", labelled {}", labels.join(", ")) };
    d.note(r.flows, info.name_span, format!("{count}{labels}"))
}
