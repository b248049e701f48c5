//! `routec check --fix` and `--diff`: puts in what may be put in without looking.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use route_compiler::Files;
use route_grammar::fix::apply_safe;
use similar::TextDiff;

use crate::args::Check;
use crate::compile::{compile_from, read_graph};
use crate::fault::Fault;
use crate::input::{Disk, Project};
use crate::words::many;
use crate::{input, to_stderr, to_stdout};

/// One fix may show the way to the next; more rounds than this would go round in circles.
const ROUNDS: usize = 20;

/// Fixes in texts that are not written yet.
#[derive(Default)]
struct Edited(RefCell<BTreeMap<String, String>>);

impl Files for Edited {
    fn read(&self, path: &str) -> Result<String, String> {
        match self.0.borrow().get(path) {
            Some(text) => Ok(text.clone()),
            None => Disk.read(path),
        }
    }
}

/// Writes the fixed files, or with `--diff` prints what would change. How many findings are solved.
pub(crate) fn fix(project: &Project, args: &Check) -> Result<usize, Fault> {
    let Some(stack) = &project.stack else { return Ok(0) };
    let (flows_text, graph) = read_graph(&project.flows)?;
    let flows = project.flows.display().to_string();
    let edited = Edited::default();
    let mut solved = 0;
    for _ in 0..ROUNDS {
        let how = &args.compile;
        let compiled = compile_from(&edited, stack, (flows.clone(), flows_text.clone()), graph.clone(), how)?;
        let mut news = 0;
        for (id, source) in compiled.output.sources.iter().filter(|(_, source)| source.name != flows) {
            let fixed = apply_safe(&source.text, id, &compiled.output.diagnostics);
            if fixed.count > 0 {
                news += fixed.count;
                edited.0.borrow_mut().insert(source.name.clone(), fixed.text);
            }
        }
        solved += news;
        if news == 0 {
            break;
        }
    }
    for (name, text) in edited.0.into_inner() {
        let old = input::read(Path::new(&name))?;
        if args.diff {
            to_stdout(&TextDiff::from_lines(&old, &text).unified_diff().header(&name, &name).to_string())?;
        } else {
            super::fmt::replace(Path::new(&name), &text)
                .map_err(|e| Fault::new(format!("cannot write `{name}`: {e}")))?;
        }
    }
    if solved > 0 {
        let verb = match (args.diff, solved) {
            (true, _) => "can be",
            (_, 1) => "was",
            _ => "were",
        };
        to_stderr(&format!("{} {verb} fixed\n", many(solved, "finding")));
    }
    Ok(solved)
}
