//! `routec names`: a file of `let` names for the nodes of a flow.

use crate::args::Names;
use crate::compile::read_graph;
use crate::fault::Fault;
use crate::{Outcome, input, to_stdout};

pub(crate) fn run(args: &Names) -> Result<Outcome, Fault> {
    let (_, graph) = read_graph(&input::flows_of(&args.flows)?)?;
    let text = route_compiler::names::names(&graph);
    match &args.output {
        None => to_stdout(&text)?,
        Some(path) => std::fs::write(path, text)
            .map_err(|e| Fault::new(format!("cannot write `{}`: {e}", path.display())))?,
    }
    Ok(Outcome::Clean)
}
