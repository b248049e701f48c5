//! `routec graph`: the flow with the routers on its wires, as a picture.

use std::path::Path;

use route_chain::ir::ChainSet;
use route_compiler::flow::{FlowGraph, NodeIx};

use route_compiler::picture::{self, MERMAID_EDGES, Picture, Side, View};
use route_compiler::suggest;

use crate::args::{self, Graph, PictureFormat};
use crate::compile::{Compiled, compile_project, read_graph};
use crate::fault::Fault;
use crate::input::Project;
use crate::render::{Style, render};
use crate::words::{few, many};
use crate::{Outcome, to_stderr, to_stdout};

pub(crate) fn run(args: &Graph, style: Style) -> Result<Outcome, Fault> {
    let format = format(args)?;
    let mut drawn = match drawn(args, style)? {
        Some(drawn) => drawn,
        None => return Ok(Outcome::Findings),
    };
    let Some(view) = view(args, &drawn, style)? else { return Ok(Outcome::Findings) };
    let sets = std::mem::take(&mut drawn.sets);
    let sides: Vec<Side<'_>> = sets.iter().map(|(written, optimised)| Side { written, optimised }).collect();
    let picture = picture::picture(&drawn.graph, &sides, &view, &drawn.title);
    if picture.is_empty() {
        return Err(nothing(args));
    }
    let text = match format {
        PictureFormat::Dot => picture.dot(),
        PictureFormat::Mermaid => picture.mermaid(),
        PictureFormat::Svg => svg(&picture)?,
    };
    match &args.out {
        None => to_stdout(&text)?,
        Some(path) => std::fs::write(path, text)
            .map_err(|e| Fault::new(format!("cannot write `{}`: {e}", path.display())))?,
    }
    if format == PictureFormat::Mermaid && picture.edges.len() > MERMAID_EDGES {
        to_stderr(&format!(
            "note: the picture has {}; Mermaid draws {MERMAID_EDGES}, unless the page that shows it sets `maxEdges`. \
             `--tab`, `--focus` and `--routed` make it smaller, `--format svg` draws more\n",
            many(picture.edges.len(), "wire")
        ));
    }
    Ok(Outcome::Clean)
}

fn svg(picture: &Picture) -> Result<String, Fault> {
    picture.svg().map_err(|e| {
        Fault::new(e.to_string()).help(
            "draw less of it (`--tab NAME`, `--focus NODE`, `--routed`), or lay it out with Graphviz: \
             `routec graph … --format dot | dot -Tsvg`",
        )
    })
}

/// Names that are listed where one is wrong.
const SHOWN: usize = 12;

/// As `--format` says, or the ending of the file that is written, or Mermaid.
fn format(args: &Graph) -> Result<PictureFormat, Fault> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let Some(out) = &args.out else { return Ok(PictureFormat::Mermaid) };
    match out.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("svg") => Ok(PictureFormat::Svg),
        Some("dot" | "gv") => Ok(PictureFormat::Dot),
        Some("mmd" | "mermaid") => Ok(PictureFormat::Mermaid),
        _ => Err(Fault::new(format!("the ending of `{}` does not tell what to draw", out.display()))
            .help("end it in `.svg`, `.dot`, `.gv`, `.mmd` or `.mermaid`, or say `--format`")),
    }
}

/// What is drawn.
struct Drawn {
    graph: FlowGraph,
    /// Name and text of the flows.
    flows: (String, String),
    title: String,
    /// For each runtime of the fleet, as written and optimised.
    sets: Vec<(ChainSet, ChainSet)>,
    /// Names of the routers.
    routers: Vec<String>,
}

/// Reads and compiles; `None`: there are errors, which were printed.
fn drawn(args: &Graph, style: Style) -> Result<Option<Drawn>, Fault> {
    let project = project(args)?;
    if project.stack.is_none() {
        let (text, graph) = read_graph(&project.flows)?;
        let name = project.flows.display().to_string();
        let (title, flows) = (name.clone(), (name, text));
        return Ok(Some(Drawn { graph, flows, title, sets: Vec::new(), routers: Vec::new() }));
    }
    let compile = |runtime: Option<&str>, as_written: bool| -> Result<Compiled, Fault> {
        let as_runtime = runtime.map(str::to_owned).or_else(|| args.compile.as_runtime.clone());
        compile_project(&project, &args::Compile { as_runtime, as_written, ..args.compile.clone() })
    };
    let first = compile(None, true)?;
    if !first.report_errors(style.or(project.format)) {
        return Ok(None);
    }
    let Some(set) = &first.output.set else { return Ok(None) };
    let runtimes: Vec<Option<&str>> = match &set.fleet {
        Some(fleet) => fleet.runtimes.iter().map(|runtime| Some(runtime.name.as_str())).collect(),
        None => vec![None],
    };
    let mut sets = Vec::new();
    for runtime in runtimes {
        let set = |as_written| Ok::<_, Fault>(compile(runtime, as_written)?.output.set);
        if let (Some(written), Some(optimised)) = (set(true)?, set(false)?) {
            sets.push((written, optimised));
        }
    }
    let routers = first.output.stack.routers.iter().map(|router| router.info.name.clone()).collect();
    let title = first.output.stack.name.clone();
    let flows = (project.flows.display().to_string(), first.flows_text);
    Ok(Some(Drawn { graph: first.graph, flows, title, sets, routers }))
}

/// A folder, a `.route` file, or flows without a stack.
fn project(args: &Graph) -> Result<Project, Fault> {
    let named = &args.what;
    let is_stack = named.extension().is_some_and(|ending| ending == "route");
    if is_stack || args.flows.is_some() {
        return Project::of_stack(named, args.flows.as_deref(), "routec graph");
    }
    Project::find(named, None, "routec graph")
}

/// What is asked for; `None`: a name is wrong, which was told.
fn view(args: &Graph, drawn: &Drawn, style: Style) -> Result<Option<View>, Fault> {
    let mut view = View::default();
    if !args.tabs.is_empty() {
        let mut nodes = Vec::new();
        for tab in &args.tabs {
            match on_tab(&drawn.graph, tab) {
                Some(found) => nodes.extend(found),
                None => return Err(no_tab(&drawn.graph, tab)),
            }
        }
        view = view.of_nodes(nodes);
    }
    if !args.focus.is_empty() {
        let mut focus = Vec::new();
        for name in &args.focus {
            let flows = (drawn.flows.0.as_str(), drawn.flows.1.as_str());
            match picture::find(&drawn.graph, flows, "--focus", name) {
                Ok(found) => focus.extend(found),
                Err(unknown) => {
                    to_stderr(&render(&unknown.diagnostics, &unknown.sources, style));
                    return Ok(None);
                }
            }
        }
        view = view.around(&drawn.graph, focus, args.hops);
    }
    for name in &args.routers {
        let known = |router: &String| router == name || name.ends_with(&format!("/{router}"));
        if !drawn.routers.iter().any(known) {
            return Err(no_router(drawn, name));
        }
    }
    if args.routed || !args.routers.is_empty() {
        view = view.routed(args.routers.clone());
    }
    Ok(Some(view))
}

/// The nodes of the tab with this label or id, those inside of subflow instances too.
fn on_tab(graph: &FlowGraph, wanted: &str) -> Option<Vec<NodeIx>> {
    let by = |is: &dyn Fn(&route_compiler::flow::Scope) -> bool| graph.tabs.iter().position(is);
    let tab = by(&|tab| tab.name == wanted).or_else(|| by(&|tab| tab.id == wanted))?;
    let on = |node: &route_compiler::flow::Node| node.tab.is_some_and(|at| at.0 as usize == tab);
    let nodes = (0..).zip(&graph.nodes).filter(|(_, node)| on(node));
    Some(nodes.map(|(at, _)| NodeIx(at)).collect())
}

fn no_tab(graph: &FlowGraph, wanted: &str) -> Fault {
    let names: Vec<&str> =
        graph.tabs.iter().map(|tab| tab.name.as_str()).filter(|name| !name.is_empty()).collect();
    let fault = Fault::new(format!("no tab is named `{wanted}`"));
    match suggest::nearest(wanted, names.iter().copied()) {
        Some(near) => fault.help(format!("there is `{near}`")),
        None if names.is_empty() => fault.help("the flow has no tabs with labels"),
        None => fault.help(format!("there are {}", few(&names, SHOWN))),
    }
}

fn no_router(drawn: &Drawn, wanted: &str) -> Fault {
    let names: Vec<&str> = drawn.routers.iter().map(String::as_str).collect();
    let fault = Fault::new(format!("no router is named `{wanted}`"));
    match suggest::nearest(wanted, names.iter().copied()) {
        Some(near) => fault.help(format!("there is `{near}`")),
        None if names.is_empty() => fault.help("no stack with routers is drawn: name a `.route` file"),
        None => fault.help(format!("there are {}", few(&names, SHOWN))),
    }
}

fn nothing(args: &Graph) -> Fault {
    let shown = |path: &Path| path.display().to_string();
    if args.routed || !args.routers.is_empty() {
        return Fault::new("no wire of that part has such a router")
            .help("leave `--routed` or `--router` out");
    }
    Fault::new(format!("there is nothing to draw in `{}`", shown(&args.what)))
        .help("the flows have no nodes, or the tab that was named is empty")
}
