//! The example of the language's own page compiles on a flow that has everything it names, for each of its runtimes.
#![allow(clippy::unwrap_used)]

use route_compiler::{Files, Input, Output, compile, explain, flow};

const FLOWS: &str = include_str!("greenhouse.json");
const STACK: &str = include_str!("../../grammar/tests/greenhouse.route");
const REDACTION: &str =
    "/// Nobody needs to see these.\nset redacted on tab \"Sensors\" -> * { delete msg.payload.password }\n";

struct Folder;

impl Files for Folder {
    fn read(&self, path: &str) -> Result<String, String> {
        match path {
            "stacks/greenhouse.route" => Ok(STACK.to_owned()),
            "stacks/common/redaction.route" => Ok(REDACTION.to_owned()),
            _ => Err(format!("no such file: {path}")),
        }
    }
}

fn run(params: &[(String, String)], as_runtime: Option<&str>) -> (Output, flow::FlowGraph) {
    let graph = flow::read(FLOWS).unwrap();
    let oddities = graph.oddities.clone();
    assert_eq!(oddities, []);
    let input = Input::new(&Folder, "stacks/greenhouse.route", &graph, ("flows.json", FLOWS));
    let output = compile(Input { params, as_runtime, ..input });
    let said: Vec<_> = output.diagnostics.iter().map(|d| format!("{} {}", d.code(), d.message)).collect();
    assert!(said.is_empty(), "{said:#?}");
    (output, graph)
}

#[test]
fn the_whole_example() {
    let (output, graph) = run(&[], None);
    let set = output.set.as_ref().unwrap();
    let layers: Vec<_> = set.routers.iter().map(|r| format!("{}/{}", r.layer, r.name)).collect();
    assert_eq!(
        layers.join(" "),
        "redaction/redacted main/plausible main/site main/chatter main/audit main/hot main/history main/canary \
         main/retired"
    );
    insta::assert_snapshot!(explain(&output, &graph, None));
}

#[test]
fn its_parameter_and_its_other_runtime() {
    let (output, graph) = run(&[("hot".to_owned(), "38".to_owned())], None);
    assert!(explain(&output, &graph, None).contains("msg.payload.temperature > 38"));
    let (output, _) = run(&[], Some("cloud"));
    let set = output.set.unwrap();
    // Its only wire begins and ends there, so that nothing has to be sent to it.
    assert_eq!((set.fleet.unwrap().me.as_str(), set.wires.len()), ("cloud", 0));
}
