//! `routec build`: a chain file, for runtimes that load one.

use crate::args::Build;
use crate::compile::compile_project;
use crate::fault::Fault;
use crate::input::Project;
use crate::render::Style;
use crate::{Outcome, to_stdout};

pub(crate) fn run(args: &Build, style: Style) -> Result<Outcome, Fault> {
    let project = Project::of_stack(&args.stack, args.flows.as_deref())?;
    let style = style.or(project.format);
    let compiled = compile_project(&project, &args.compile)?;
    if !compiled.report_errors(style) {
        return Ok(Outcome::Findings);
    }
    let Some(set) = &compiled.output.set else { return Ok(Outcome::Findings) };
    let text = serde_json::to_string(set).map_err(|e| Fault::new(format!("cannot write the chain: {e}")))?;
    match &args.output {
        None => to_stdout(&format!("{text}\n")),
        Some(path) => std::fs::write(path, text)
            .map_err(|e| Fault::new(format!("cannot write `{}`: {e}", path.display())))?,
    }
    Ok(Outcome::Clean)
}
