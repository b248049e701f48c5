//! `routec explain`: the chain of each wire.

use crate::args::Explain;
use crate::compile::compile_project;
use crate::fault::Fault;
use crate::input::Project;
use crate::render::Style;
use crate::{Outcome, to_stdout};

pub(crate) fn run(args: &Explain, style: Style) -> Result<Outcome, Fault> {
    let project = Project::of_stack(&args.stack, args.flows.as_deref())?;
    let compiled = compile_project(&project, &args.compile)?;
    if !compiled.report_errors(style) {
        return Ok(Outcome::Findings);
    }
    to_stdout(&route_compiler::explain(&compiled.output, &compiled.graph, args.wire.as_deref()));
    Ok(Outcome::Clean)
}
