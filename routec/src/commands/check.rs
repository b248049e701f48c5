//! `routec check`: everything that is wrong with a stack on its flow graph.

use route_grammar::Severity;

use crate::args::Check;
use crate::compile::{Compiled, compile_project};
use crate::fault::Fault;
use crate::input::Project;
use crate::render::{Format, Style};
use crate::words::many;
use crate::{Outcome, to_stdout};

pub(crate) fn run(args: &Check, style: Style) -> Result<Outcome, Fault> {
    if args.stacks.len() > 1
        && (args.watch
            || !matches!(style.format, Format::Full | Format::Concise | Format::JsonLines | Format::Github))
    {
        return Err(Fault::new("one document cannot tell of several stacks").help("check them one by one"));
    }
    let mut outcome = Outcome::Clean;
    for stack in &args.stacks {
        let project = Project::of_stack(stack, args.flows.as_deref())?;
        let style = style.or(project.format);
        if args.watch {
            super::watch::watch(&project, style, &|| once(&project, args, style).map(drop))?;
            return Ok(Outcome::Clean);
        }
        if once(&project, args, style)? == Outcome::Findings {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

fn once(project: &Project, args: &Check, style: Style) -> Result<Outcome, Fault> {
    if args.fix || args.diff {
        let solved = super::fix::fix(project, args)?;
        if args.diff {
            return Ok(if solved > 0 { Outcome::Findings } else { Outcome::Clean });
        }
    }
    let Compiled { output, graph, .. } = compile_project(project, &args.compile)?;
    let shown = crate::render::render(&output.diagnostics, &output.sources, style);
    to_stdout(&shown);
    let count = |severity| output.diagnostics.iter().filter(|d| d.severity == severity).count();
    if count(Severity::Error) > 0 || count(Severity::Warning) > args.max_warnings {
        return Ok(Outcome::Findings);
    }
    if style.format == Format::Full && output.diagnostics.is_empty() {
        let (wires, routers) = output.set.as_ref().map_or((0, 0), |set| (set.wires.len(), set.routers.len()));
        let (routers, all) = (many(routers, "router"), many(graph.wires.len(), "wire"));
        to_stdout(&format!("no findings: {routers} on {wires} of {all}\n"));
    }
    Ok(Outcome::Clean)
}
