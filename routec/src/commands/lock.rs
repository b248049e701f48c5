//! `routec lock`: writes down what a stack names and on which wires its routers sit.

use std::path::Path;

use route_compiler::lock::Locked;
use similar::TextDiff;

use crate::args::Lock;
use crate::compile::compile_unlocked;
use crate::fault::Fault;
use crate::input::Project;
use crate::render::Style;
use crate::words::many;
use crate::{Outcome, lock, to_stderr, to_stdout};

pub(crate) fn run(args: &Lock, style: Style) -> Result<Outcome, Fault> {
    let mut outcome = Outcome::Clean;
    for stack in &args.stacks {
        let project = Project::of_stack(stack, args.flows.as_deref(), "routec lock")?;
        if one(args, &project, style.or(project.format))? == Outcome::Findings {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

fn one(args: &Lock, project: &Project, style: Style) -> Result<Outcome, Fault> {
    let stack = project.stack.as_deref().unwrap_or(Path::new(""));
    let path = lock::path(stack);
    let shown = path.display().to_string();
    // One that cannot be read is not written over: it may be half of a merge, and what it knows of other stacks would be lost.
    let before = lock::read(&path)?;
    let compiled = compile_unlocked(project, &args.compile)?;
    if compiled.output.set.is_none() {
        compiled.report_errors(style);
        to_stderr("nothing is locked: only a stack without errors can be\n");
        return Ok(Outcome::Findings);
    }
    let locked = Locked::of(&compiled.output.stack, &compiled.graph);
    let (names, routers) = (locked.named.len(), locked.wires.len());
    let old = before.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut lock = before.unwrap_or_default();
    lock.stacks.insert(lock::key(stack), locked);
    let new = lock.to_string();
    if args.check {
        if old == new {
            return Ok(Outcome::Clean);
        }
        to_stdout(&TextDiff::from_lines(&old, &new).unified_diff().header(&shown, &shown).to_string())?;
        to_stderr(&format!("`{shown}` is out of date: write it again with `routec lock`\n"));
        return Ok(Outcome::Findings);
    }
    if old != new {
        let beside = path.with_extension("lock.new");
        std::fs::write(&beside, &new)
            .and_then(|()| std::fs::rename(&beside, &path))
            .map_err(|e| Fault::new(format!("cannot write `{shown}`: {e}")))?;
    }
    let state = if old == new { "is as it was" } else { "is written" };
    to_stderr(&format!("`{shown}` {state}: {}, {}\n", many(names, "name"), many(routers, "router")));
    Ok(Outcome::Clean)
}
