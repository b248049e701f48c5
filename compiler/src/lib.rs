//! From text and flow graph to a chain per wire: names resolved, checked, placed, lowered.
//!
//! Knows nothing of tokio, the network or the clock; reads files only through one trait.

pub mod codes;
pub mod cost;
pub mod diff;
pub mod explain;
pub mod flow;
pub mod hir;
pub mod levels;
pub mod lock;
pub mod names;
pub mod opt;
pub mod picture;
pub mod testing;

mod analysis;
mod bits;
mod check;
mod expr;
mod fleet;
mod fold;
mod glob;
mod index;
mod load;
pub mod lower;
mod lowered;
mod resolver;
mod routers;
mod schema;
mod scope;
mod select;
pub mod shapes;
pub mod story;
pub mod suggest;
mod types;
pub mod world;

#[cfg(test)]
mod testkit;
#[cfg(test)]
mod tests;

use route_chain::ir::ChainSet;
use route_grammar::ast::ItemKind;
use route_grammar::{Diagnostic, FileId, Severity, Sources, Span};
use sha2::{Digest, Sha256};

pub use explain::explain;
pub use levels::Levels;
pub use load::{MAIN, beside, stem};

use crate::flow::FlowGraph;
use crate::index::Index;
use crate::load::Loaded;
use crate::resolver::Resolver;
use crate::schema::Carried;

/// The name of flows that come from a runtime and lie in no file.
pub const DEPLOYED: &str = "the deployed flows";

/// How the compiler reads files.
pub trait Files {
    /// The text of a file; the error is said to people.
    fn read(&self, path: &str) -> Result<String, String>;
}

/// What goes in.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Where `.route` files are read.
    pub files: &'a dyn Files,
    /// The root file.
    pub path: &'a str,
    /// The flow graph.
    pub graph: &'a FlowGraph,
    /// Name and text of `flows.json`, for diagnostics that point into it; the name may be [`DEPLOYED`].
    pub flows: (&'a str, &'a str),
    /// `--param`: names and texts; of two of one name the later counts.
    pub params: &'a [(String, String)],
    /// Parameters set for more stacks than this one, by the environment say: `params` go before them, and nothing is
    /// said of those that this stack does not have.
    pub ambient: &'a [(String, String)],
    /// The runtime to compile for; without it the first that is declared.
    pub as_runtime: Option<&'a str>,
    /// Paths of further files on top of the stack, each with the name of its layer.
    pub overlays: &'a [(String, String)],
    /// Levels of rules that differ from their own.
    pub levels: &'a Levels,
    /// Which passes of the optimiser run.
    pub passes: opt::Passes,
    /// What the stack meant when it was locked.
    pub lock: Option<&'a lock::Locked>,
}

impl<'a> Input<'a> {
    /// A stack and the flow graph that it stands on; name and text of `flows.json` are for diagnostics.
    pub fn new(files: &'a dyn Files, path: &'a str, graph: &'a FlowGraph, flows: (&'a str, &'a str)) -> Self {
        let (params, ambient, overlays) = (&[], &[], &[]);
        let (levels, passes) = (Levels::NONE, opt::Passes::ALL);
        Self {
            files,
            path,
            graph,
            flows,
            params,
            ambient,
            as_runtime: None,
            overlays,
            levels,
            passes,
            lock: None,
        }
    }

    /// The text that a parameter is set to.
    pub(crate) fn param(&self, name: &str) -> Option<&'a str> {
        let mut all = self.params.iter().rev().chain(self.ambient.iter().rev());
        all.find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }
}

/// What comes out.
#[derive(Clone, Debug)]
pub struct Output {
    /// Every text that diagnostics point into.
    pub sources: Sources,
    /// Findings, errors and warnings, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The compiled stack; `None` exactly when there is an error, or only findings were asked for.
    pub set: Option<ChainSet>,
    /// The resolved stack.
    pub stack: Stack,
}

/// The resolved stack: routers that could be resolved, in stack order.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Routers with the wires that they sit on.
    pub routers: Vec<hir::Router>,
    /// Its tests.
    pub tests: Vec<testing::plan::Test>,
    /// What wires carry.
    pub(crate) carried: Vec<Carried>,
    /// Its schemas by name.
    pub schemas: Vec<(String, hir::Shape)>,
    /// What its selectors name.
    pub(crate) references: Vec<lock::Reference>,
}

impl Stack {
    /// The shapes that wires carry, each with its schema's name and the wires.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &hir::Shape, &[u32])> {
        self.carried.iter().map(|one| (one.name.as_str(), &one.shape, one.wires.as_slice()))
    }
}

/// What is known from one run to the next of an editor's stack: its texts with their trees.
#[derive(Debug, Default)]
pub struct Memory {
    texts: load::Texts,
}

impl Memory {
    /// A text of the stack as it was parsed in the last run.
    pub fn parsed(&self, path: &str) -> Option<&route_grammar::Parsed> {
        self.texts.get(path)
    }
}

/// Compiles a stack against a flow graph for one runtime.
pub fn compile(input: Input<'_>) -> Output {
    run(input, &mut Memory::default(), true)
}

/// What [`compile`] finds, without the chains. Of texts that are in the memory only what was edited is parsed.
pub fn check(input: Input<'_>, memory: &mut Memory) -> Output {
    run(input, memory, false)
}

fn run(input: Input<'_>, memory: &mut Memory, finish: bool) -> Output {
    let Loaded { sources, flows, name, items, allows, mut diagnostics } =
        load::load(&input, &mut memory.texts);
    let scope = scope::collect(&items, &mut diagnostics);
    let index = Index::new(input.graph);
    let mut resolver = Resolver::new(&input, &sources, flows, &index, &scope);

    let routers = resolve_routers(&mut resolver, &items);
    let carried = resolve_carried(&mut resolver, &items);
    let placement = resolver.placement(&items);
    let tests = testing::tests(&mut resolver, &items);
    resolve_rest(&mut resolver);
    let checked = check::Checked { items: &items, routers: &routers, carried: &carried };
    check::check(&checked, &mut resolver);

    let mut lowered = lower::lower(&lower::Plan {
        graph: input.graph,
        routers: &routers,
        placement: placement.as_ref(),
        passes: input.passes,
    });
    check::reach::check(&routers, &carried, &mut lowered, &mut resolver);
    diagnostics.append(&mut resolver.diagnostics);
    let references = std::mem::take(&mut resolver.references);
    let mut schemas: Vec<(String, hir::Shape)> =
        resolver.shapes.drain().map(|(name, shape)| (name.to_owned(), shape)).collect();
    schemas.sort_by(|a, b| a.0.cmp(&b.0));
    levels::allow(&allows, &mut diagnostics);
    levels::doubt(&items, &mut diagnostics);
    input.levels.apply(&mut diagnostics);
    diagnostics.sort_by_key(|d| (d.primary.file, d.primary.span, d.code()));
    resolver.met.tell(input.flows.0, &mut diagnostics);

    let failed = diagnostics.iter().any(|d| d.severity == Severity::Error);
    let set = (finish && !failed).then(|| {
        opt::run(&mut lowered, input.passes);
        let source = fingerprint(&sources, flows, &scope, &input);
        let heading =
            lowered::Heading { stack: &name, graph: input.graph, placement: placement.as_ref(), source };
        lowered.finish(heading, input.passes)
    });
    Output { sources, diagnostics, set, stack: Stack { name, routers, tests, carried, schemas, references } }
}

fn resolve_routers<'a>(resolver: &mut Resolver<'a>, items: &'a [load::Placed]) -> Vec<hir::Router> {
    let router = |placed: &'a load::Placed| match &placed.item.kind {
        ItemKind::Router(router) => resolver.router(placed, router),
        _ => None,
    };
    items.iter().filter_map(router).collect()
}

fn resolve_carried<'a>(resolver: &mut Resolver<'a>, items: &'a [load::Placed]) -> Vec<Carried> {
    let carried = |placed: &'a load::Placed| match &placed.item.kind {
        ItemKind::Carry { schema, wires } => resolver.carried(placed, schema, wires),
        _ => None,
    };
    items.iter().filter_map(carried).collect()
}

/// Looks at what no router uses, and at parameters that no item declares, so that their errors are found too.
fn resolve_rest(resolver: &mut Resolver<'_>) {
    let scope = resolver.scope;
    for (name, symbol) in &scope.names {
        let used = symbol.used.get();
        match symbol.what {
            scope::What::Let(_) => drop(resolver.let_name(name, symbol.name.span, symbol.file)),
            scope::What::Const(..) | scope::What::Param(..) => drop(resolver.constant(name)),
            _ => {}
        }
        symbol.used.set(used);
    }
    for (name, text) in resolver.input.params {
        let known = scope.names.get(name.as_str()).is_some_and(|s| matches!(s.what, scope::What::Param(..)));
        let Some((root, _)) = resolver.sources.iter().find(|(id, _)| *id != resolver.flows) else { break };
        if !known {
            let message =
                format!("parameter `{name}` was set to `{text}`, but the stack has no such parameter");
            resolver.report(Diagnostic::new(codes::PARAM_UNKNOWN, root, Span::default(), message));
        }
    }
    for (name, symbol) in &scope.schemas {
        let used = symbol.used.get();
        resolver.schema(name, symbol.name, symbol.file);
        symbol.used.set(used);
    }
}

/// Hex sha256 of every `.route` text in order, with the parameters that the stack has.
fn fingerprint(sources: &Sources, flows: FileId, scope: &scope::Scope<'_>, input: &Input<'_>) -> String {
    let mut hash = Sha256::new();
    for (id, source) in sources.iter().filter(|(id, _)| *id != flows) {
        hash.update(format!("{} {} ", id.0, source.text.len()));
        hash.update(&source.text);
    }
    for (name, symbol) in &scope.names {
        if let (scope::What::Param(..), Some(value)) = (&symbol.what, input.param(name)) {
            hash.update(format!("{name:?}={value:?} "));
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
