//! A stack on its stage: compiled as it is written, once for each runtime of its fleet, for tests, traces and replays.

use std::path::Path;
use std::sync::Arc;

use route_chain::ir::ChainSet;
use route_compiler::world::Stage;

use crate::args;
use crate::compile::{Compiled, compile_project};
use crate::fault::Fault;
use crate::input::Project;
use crate::render::Style;
use crate::wires::Named;

/// A compiled stack with a set for each runtime.
pub(crate) struct Staged {
    pub(crate) compiled: Compiled,
    sets: Vec<Arc<ChainSet>>,
}

impl Staged {
    /// Compiles; `None`: there are errors, which were printed. `how` as in [`crate::input::stack_of`].
    pub(crate) fn of(
        stack: &Path,
        play: &args::Play,
        style: Style,
        how: &str,
    ) -> Result<Option<Self>, Fault> {
        let project = Project::of_stack(stack, play.flows.as_deref(), how)?;
        let how = args::Compile { as_written: true, ..play.compile.clone() };
        let compiled = compile_project(&project, &how)?;
        if !compiled.report_errors(style.or(project.format)) {
            return Ok(None);
        }
        let Some(set) = compiled.output.set.clone() else { return Ok(None) };
        let mut sets = Vec::new();
        for runtime in set.fleet.iter().flat_map(|fleet| &fleet.runtimes) {
            let how = args::Compile { as_runtime: Some(runtime.name.clone()), ..how.clone() };
            sets.extend(compile_project(&project, &how)?.output.set.map(Arc::new));
        }
        if sets.is_empty() {
            sets.push(Arc::new(set));
        }
        Ok(Some(Self { compiled, sets }))
    }

    /// The stage for worlds.
    pub(crate) fn stage(&self) -> Result<Stage<'_>, Fault> {
        Stage::new(&self.compiled.graph, self.sets.clone()).map_err(|e| Fault::new(e.to_string()))
    }

    /// The wires that somebody names ([`crate::wires`]).
    pub(crate) fn wires(&self, named: &str) -> Result<Vec<u32>, Fault> {
        Named::read(named, &self.compiled.graph).wires(&self.compiled.graph)
    }
}
