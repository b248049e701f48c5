//! Any text compiles against a flow: to a set that the loader takes, the same with and without the optimiser's passes as
//! far as routers and wires go, or to findings at places that are there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use route_compiler::opt::Passes;
use route_compiler::{Files, Input, compile, flow};

struct One<'a>(&'a str);

impl Files for One<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        if path == "x.route" { Ok(self.0.to_owned()) } else { Err("no such file".to_owned()) }
    }
}

const FLOWS: &str = include_str!("../../compiler/src/check/example.json");

fuzz_target!(|text: &str| {
    let graph = flow::read(FLOWS).expect("the example is a flow");
    let files = One(text);
    let input = Input::new(&files, "x.route", &graph, ("flows.json", FLOWS));
    let output = compile(input);
    for d in &output.diagnostics {
        let source = output.sources.get(d.primary.file).expect("a finding has a file");
        assert!(source.text.get(d.primary.span.range()).is_some(), "{d:?}");
    }
    let Some(set) = output.set else { return };
    route_chain::format::check(&set).expect("what is compiled can be loaded");
    let plain = compile(Input { passes: Passes::NONE, ..input }).set.expect("it compiled before");
    route_chain::format::check(&plain).expect("what is compiled can be loaded");
    assert_eq!(plain.routers, set.routers);
});
