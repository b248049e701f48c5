//! `routec check`: everything that is wrong with a stack on its flow graph.

use route_compiler::cost::{self, Costly};
use route_grammar::Severity;

use crate::args::Check;
use crate::compile::{Compiled, compile_project};
use crate::fault::Fault;
use crate::input::Project;
use crate::render::{Format, Style};
use crate::table::Table;
use crate::words::many;
use crate::{Outcome, to_stderr, to_stdout};

pub(crate) fn run(args: &Check, style: Style) -> Result<Outcome, Fault> {
    if args.stacks.len() > 1
        && (args.watch
            || !matches!(style.format, Format::Full | Format::Concise | Format::JsonLines | Format::Github))
    {
        return Err(Fault::new("one document cannot tell of several stacks").help("check them one by one"));
    }
    let text = matches!(style.format, Format::Full | Format::Concise | Format::Json | Format::JsonLines);
    if args.cost && !text {
        return Err(Fault::new("costs are no findings, this format has no place for them")
            .help("take `--output-format full`, `concise`, `json` or `json-lines`"));
    }
    let mut outcome = Outcome::Clean;
    for stack in &args.stacks {
        let project = Project::of_stack(stack, args.flows.as_deref(), "routec check")?;
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
    if args.cost {
        to_stderr(&shown);
        if let Some(set) = &output.set {
            to_stdout(&costs(&cost::costs(set, &graph), style.format)?)?;
        }
    } else {
        to_stdout(&shown)?;
    }
    let count = |severity| output.diagnostics.iter().filter(|d| d.severity == severity).count();
    if count(Severity::Error) > 0 || count(Severity::Warning) > args.max_warnings {
        return Ok(Outcome::Findings);
    }
    if style.format == Format::Full && !args.cost && output.diagnostics.is_empty() {
        let (wires, routers) = output.set.as_ref().map_or((0, 0), |set| (set.wires.len(), set.routers.len()));
        let (routers, all) = (many(routers, "router"), many(graph.wires.len(), "wire"));
        to_stdout(&format!("no findings: {routers} on {wires} of {all}\n"))?;
    }
    Ok(Outcome::Clean)
}

/// The bound of each wire, a row for wires of one chain.
fn costs(all: &[Costly], format: Format) -> Result<String, Fault> {
    let broken = |e| Fault::new(format!("cannot write the costs: {e}"));
    match format {
        Format::Json => return Ok(serde_json::to_string_pretty(all).map_err(broken)? + "\n"),
        Format::JsonLines => {
            let lines = all.iter().map(|costly| Ok(serde_json::to_string(costly).map_err(broken)? + "\n"));
            return lines.collect();
        }
        _ => {}
    }
    if all.is_empty() {
        return Ok("no wire has a router: nothing costs anything\n".to_owned());
    }
    let mut table = Table::new(&[
        ("at most, for a message on", false),
        ("routers", true),
        ("tests", true),
        ("regexes", true),
        ("scans", true),
        ("copies", true),
    ]);
    for costly in all {
        let cost = &costly.cost;
        let more = costly.wires.len().saturating_sub(1);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let wires = costly.wires.first().map(|first| format!("{first}{more}")).unwrap_or_default();
        let numbers = [costly.routers as u64, cost.tests, cost.regexes, cost.scans, cost.copies];
        table.row(std::iter::once(wires).chain(numbers.map(|n| n.to_string())).collect());
    }
    Ok(table.text())
}
