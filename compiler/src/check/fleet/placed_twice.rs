//! R3004: a node that two `place` items put on different runtimes.

use route_grammar::{Diagnostic, Span};
use crate::load::Placed;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A node on two runtimes.
    ///
    /// Each node lives on one runtime; its messages would be handled twice.
    ///
    /// ## Fails
    /// ```route
    /// runtime gateway { zenoh "tcp/10.0.0.2:7447" }
    /// runtime cloud { nats "nats://10.0.0.9:4222" }
    /// place tab "History" on cloud
    /// place "Store" on gateway
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// runtime gateway { zenoh "tcp/10.0.0.2:7447" }
    /// runtime cloud { nats "nats://10.0.0.9:4222" }
    /// place tab "History" except "Store" on cloud
    /// place "Store" on gateway
    /// ```
    "R3004" "placed-twice" Error, None
}

/// Most nodes that are pointed at.
const LISTED: usize = 5;

/// `twice`: nodes that the selector at `span` means, each with the item that placed it before; at least one.
pub(crate) fn nodes(r: &Resolver<'_>, item: &Placed, span: Span, twice: &[(&Placed, u32)]) -> Diagnostic {
    let message = match twice {
        [(_, node)] => format!("`{}` is placed on two runtimes", r.index.label(*node)),
        many => format!("{} nodes are placed on two runtimes", many.len()),
    };
    let mut d = Diagnostic::new(RULE, item.file, span, message);
    let mut firsts: Vec<&Placed> = Vec::new();
    for (first, _) in twice {
        if firsts.iter().all(|other| !std::ptr::eq(*other, *first)) {
            firsts.push(first);
            d = d.note(first.file, first.item.span, "placed here first");
        }
    }
    for (_, node) in twice.iter().take(LISTED) {
        d = d.note(r.flows, r.index.name_span(*node), "this node");
    }
    d.help("leave them out of one of the two with `except`")
}

#[cfg(test)]
mod tests {
    use crate::testkit::check;

    #[test]
    fn several_nodes_are_one_finding() {
        check(
            r#"
runtime a { zenoh "tcp/a:1" }
runtime b { zenoh "tcp/b:1" }
place tab "Sensors" on a
place "Sensor *" or "Alarm" on b
//    ^^^^^^^^^^^^^^^^^^^^^ error[R3004]: 2 nodes are placed on two runtimes
"#,
        );
    }
}
