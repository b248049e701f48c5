//! From paths on the command line to a compiled stack.

use std::path::Path;

use route_compiler::flow::{self, FlowGraph};
use route_compiler::lock::Locked;
use route_compiler::opt::Passes;
use route_compiler::{Files, Input, Output};
use route_grammar::Severity;

use crate::args;
use crate::fault::Fault;
use crate::input::{self, Disk, Project};
use crate::render::Style;
use crate::settings::Settings;
use crate::to_stderr;

/// A compiled stack with what it was compiled against.
pub(crate) struct Compiled {
    pub(crate) output: Output,
    pub(crate) graph: FlowGraph,
    pub(crate) flows_text: String,
}

impl Compiled {
    /// Prints the findings to standard error; false: there is an error among them.
    pub(crate) fn report_errors(&self, style: Style) -> bool {
        if !self.output.diagnostics.is_empty() {
            to_stderr(&crate::render::render(&self.output.diagnostics, &self.output.sources, style));
        }
        !self.output.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

/// Reads flows and stack from disk and compiles.
pub(crate) fn compile_project(project: &Project, how: &args::Compile) -> Result<Compiled, Fault> {
    let (text, graph) = read_graph(&project.flows)?;
    let Some(stack) = &project.stack else {
        return Err(Fault::new("no stack is named").help("name a `.route` file"));
    };
    compile(stack, (project.flows.display().to_string(), text), graph, how)
}

/// As [`compile_project`], without a look at the lock file.
pub(crate) fn compile_unlocked(project: &Project, how: &args::Compile) -> Result<Compiled, Fault> {
    let (text, graph) = read_graph(&project.flows)?;
    let stack = project.stack.as_deref().unwrap_or(Path::new(""));
    with_lock(&Disk, stack, (project.flows.display().to_string(), text), graph, how, None)
}

/// Compiles a stack against flows that are at hand already.
pub(crate) fn compile(
    stack: &Path,
    flows: (String, String),
    graph: FlowGraph,
    how: &args::Compile,
) -> Result<Compiled, Fault> {
    compile_from(&Disk, stack, flows, graph, how)
}

/// As [`compile`], with files from somewhere.
pub(crate) fn compile_from(
    files: &dyn Files,
    stack: &Path,
    flows: (String, String),
    graph: FlowGraph,
    how: &args::Compile,
) -> Result<Compiled, Fault> {
    let lock = crate::lock::of(stack)?;
    with_lock(files, stack, flows, graph, how, lock.as_ref())
}

fn with_lock(
    files: &dyn Files,
    stack: &Path,
    flows: (String, String),
    graph: FlowGraph,
    how: &args::Compile,
    lock: Option<&Locked>,
) -> Result<Compiled, Fault> {
    input::read(stack)?;
    let settings = Settings::of(input::folder(stack), how)?;
    let path = stack.display().to_string();
    let output = route_compiler::compile(Input {
        params: &settings.params,
        ambient: &settings.ambient,
        as_runtime: settings.as_runtime.as_deref(),
        levels: &settings.levels,
        passes: passes(how)?,
        lock,
        ..Input::new(files, &path, &graph, (&flows.0, &flows.1))
    });
    for_a_runtime(&output, how)?;
    Ok(Compiled { output, graph, flows_text: flows.1 })
}

/// `--as` names a runtime of the stack's fleet. In `route.toml` it is for every stack of the project that has one.
///
/// # Errors
/// The stack has no fleet.
pub(crate) fn for_a_runtime(output: &Output, how: &args::Compile) -> Result<(), Fault> {
    match (&how.as_runtime, &output.set) {
        (Some(name), Some(set)) if set.fleet.is_none() => {
            Err(Fault::new(format!("`--as {name}`: the stack has no runtimes, and is the same for all"))
                .help(format!("leave it away, or write `runtime {name} {{ … }}` into the stack")))
        }
        _ => Ok(()),
    }
}

/// The passes of the optimiser that run.
pub(crate) fn passes(how: &args::Compile) -> Result<Passes, Fault> {
    if how.as_written {
        return Ok(Passes::LOWERED);
    }
    let all = if how.no_opt { Passes::NONE } else { Passes::ALL };
    let all = how.without.iter().try_fold(all, |all, name| all.without(name)).map_err(Fault::new)?;
    how.last_pass.as_deref().map_or(Ok(all), |name| all.up_to(name)).map_err(Fault::new)
}

/// Reads and loads `flows.json`.
pub(crate) fn read_graph(path: &Path) -> Result<(String, FlowGraph), Fault> {
    let text = input::read(path)?;
    let graph = graph_of(&text, &path.display().to_string())?;
    Ok((text, graph))
}

/// Loads flows from text; `name` is said in errors.
pub(crate) fn graph_of(text: &str, name: &str) -> Result<FlowGraph, Fault> {
    match flow::read(text) {
        Ok(graph) => Ok(graph),
        Err(e) => {
            let before = text.get(..e.span.start as usize).unwrap_or("");
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            Err(Fault::new(format!("`{name}` is no flow: {} (line {line}, column {column})", e.message))
                .help("export the flows from Node-RED as JSON, or name its `flows.json`"))
        }
    }
}
