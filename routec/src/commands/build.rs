//! `routec build`: a chain file, for runtimes that load one.

use std::path::Path;

use crate::args::Build;
use crate::compile::{Compiled, compile_project, read_graph};
use crate::deployed::Deployed;
use crate::fault::Fault;
use crate::input::{self, Project};
use crate::render::Style;
use crate::{Outcome, to_stdout};

pub(crate) fn run(args: &Build, style: Style) -> Result<Outcome, Fault> {
    let (compiled, style) = match (&args.stack, &args.sources, &args.flows) {
        (None, Some(sources), Some(flows)) => (again(sources, flows, args)?, style),
        (Some(stack), ..) => {
            let project = Project::of_stack(stack, args.flows.as_deref(), "routec build")?;
            (compile_project(&project, &args.compile)?, style.or(project.format))
        }
        _ => return Err(Fault::new("no stack is named")),
    };
    if !compiled.report_errors(style) {
        return Ok(Outcome::Findings);
    }
    let Some(set) = &compiled.output.set else { return Ok(Outcome::Findings) };
    let text = serde_json::to_string(set).map_err(|e| Fault::new(format!("cannot write the chain: {e}")))?;
    match &args.output {
        None => to_stdout(&format!("{text}\n"))?,
        Some(path) => std::fs::write(path, text)
            .map_err(|e| Fault::new(format!("cannot write `{}`: {e}", path.display())))?,
    }
    Ok(Outcome::Clean)
}

/// What a runtime keeps of its stack, compiled against other flows.
fn again(sources: &Path, flows: &Path, args: &Build) -> Result<Compiled, Fault> {
    let no_sources = |e| Fault::new(format!("`{}` holds no sources of a stack: {e}", sources.display()));
    let kept = serde_json::from_str(&input::json(sources)?).map_err(no_sources)?;
    let (text, graph) = read_graph(&input::flows_of(flows)?)?;
    Deployed::again(text, graph, &kept, &args.compile)
}
