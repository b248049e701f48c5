//! Stacks from text, on a flow of two nodes and one wire.

use route_chain::ir::{ChainSet, Wire};
use route_compiler::{Files, Input, compile, flow};

const FLOWS: &str = r#"[
 {"id":"t","type":"tab","label":"T"},
 {"id":"a","type":"inject","z":"t","name":"A","wires":[["b"]]},
 {"id":"b","type":"debug","z":"t","name":"B","wires":[]}
]"#;

struct Text<'t>(&'t str);

impl Files for Text<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
}

/// Compiles a stack for the one wire `A -> B`.
///
/// # Panics
/// When the stack has errors.
pub fn chain_set(route: &str) -> ChainSet {
    chain_set_on(route, FLOWS)
}

/// Compiles a stack for the flows of a text.
///
/// # Panics
/// When the flows cannot be read, or the stack has errors.
pub fn chain_set_on(route: &str, flows: &str) -> ChainSet {
    let Ok(graph) = flow::read(flows) else { panic!("the flow is valid") };
    let output = compile(Input::new(&Text(route), "bench.route", &graph, ("flows.json", flows)));
    match output.set {
        Some(set) => set,
        None => panic!("{:?}", output.diagnostics),
    }
}

/// The wire, with the chain that the set gives it.
pub fn wire(set: &ChainSet) -> Wire {
    let none = Wire { from: "a".into(), port: 0, to: "b".into(), chain: 0 };
    set.wires.first().cloned().unwrap_or(none)
}
