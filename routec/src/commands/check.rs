//! `routec check`: everything that is wrong with a stack on its flow graph.

use route_grammar::Severity;

use crate::args::Check;
use crate::compile::{Compiled, compile_project};
use crate::fault::Fault;
use crate::input::Project;
use crate::render::{Format, Style};
use crate::{Outcome, to_stdout};

pub(crate) fn run(args: &Check, style: Style) -> Result<Outcome, Fault> {
    let project = Project::of_stack(&args.stack, args.flows.as_deref())?;
    let Compiled { output, graph, .. } = compile_project(&project, &args.compile)?;
    let shown = crate::render::render(&output.diagnostics, &output.sources, style);
    to_stdout(&shown);
    if output.diagnostics.iter().any(|d| d.severity != Severity::Note) {
        return Ok(Outcome::Findings);
    }
    if style.format == Format::Full {
        let (wires, routers) = output.set.as_ref().map_or((0, 0), |set| (set.wires.len(), set.routers.len()));
        to_stdout(&format!("no findings: {routers} routers on {wires} of {} wires\n", graph.wires.len()));
    }
    Ok(Outcome::Clean)
}
