//! `routec run`: a flow with a stack on it, until Ctrl-C or another signal that asks it to end.

use std::path::Path;
use std::sync::Arc;

use route_chain::ir::ChainSet;
use route_compiler::flow::FlowGraph;
use route_runtime::attach::attach;
use route_runtime::control::{ControlOptions, StateDir};
use route_runtime::deploy::Deploy;
use route_runtime::engine::{Options, Sources};
use route_runtime::node::Level;
use route_runtime::remote::transports::Transports;

use crate::args::Run;
use crate::bridge::flow_of;
use crate::client::{state_folder, user};
use crate::compile::{Compiled, compile_from, read_graph};
use crate::deployed::{Parts, absolute};
use crate::fault::Fault;
use crate::input::{self, Project};
use crate::render::Style;
use crate::settings::Settings;
use crate::signals::Signals;
use crate::words::many;
use crate::{Outcome, to_stderr};

pub(crate) fn run(args: &Run, style: Style) -> Result<Outcome, Fault> {
    let how = format!("routec run {} --stack", args.flows.display());
    let project = Project::find(&args.flows, args.stack.as_deref(), &how)?;
    let style = style.or(project.format);
    let (text, graph) = read_graph(&project.flows)?;
    let Some(started) = Started::of(&project, text, graph, args, style)? else {
        return Ok(Outcome::Findings);
    };
    let Started { set, sources, graph, flows_text } = started;
    let flow = flow_of(&graph);
    if let Some(set) = &set
        && set.flows != flow.hash
    {
        return Err(Fault::new("the chain file was compiled against other flows (409)")
            .help("write it again with `routec build`"));
    }
    let state = args.state.clone().unwrap_or_else(|| state_folder(&project.flows));
    let state = StateDir::open(&state).map_err(Fault::new)?;
    let absent = set
        .as_ref()
        .and_then(|set| set.fleet.as_ref())
        .map_or(0, |fleet| flow.nodes.iter().filter(|node| fleet.absent.contains(&node.info.id)).count());
    let running = format!(
        "running {} of `{}`{}; Ctrl-C ends\n",
        many(flow.nodes.len() - absent, "node"),
        project.flows.display(),
        set.as_ref().map(|set| format!(" under stack `{}`", set.stack)).unwrap_or_default()
    );
    let options = Options {
        base_dir: project.flows.parent().map(Into::into).unwrap_or_default(),
        // It is served as JSON, which has no byte order mark.
        flows_text: flows_text.trim_start_matches('\u{feff}').to_owned(),
        sources,
        by: user(None),
        control: Some(ControlOptions { addr: args.control, state_dir: state.path().to_owned() }),
        begins: Some(Box::new(move || to_stderr(&running))),
        log: Arc::new(log),
        ..Options::default()
    };
    start(Deploy { flow, stack: set }, options, state.path())?;
    Ok(Outcome::Clean)
}

/// What a runtime begins with.
struct Started {
    set: Option<ChainSet>,
    sources: Sources,
    graph: FlowGraph,
    flows_text: String,
}

impl Started {
    /// `None`: the stack has errors, and they are printed.
    fn of(
        project: &Project,
        flows_text: String,
        graph: FlowGraph,
        args: &Run,
        style: Style,
    ) -> Result<Option<Self>, Fault> {
        let Some(stack) = &project.stack else {
            return Ok(Some(Self { set: None, sources: Sources::default(), graph, flows_text }));
        };
        if let Some(set) = input::chain_file(stack)? {
            return Ok(Some(Self { set: Some(set), sources: Sources::default(), graph, flows_text }));
        }
        let settings = Settings::of(input::folder(stack), &args.compile)?;
        let mut sources =
            Sources { root: absolute(stack), params: settings.all_params(), ..Sources::default() };
        let parts = Parts::new(&sources, Some(stack), None);
        let flows = (project.flows.display().to_string(), flows_text);
        let compiled = compile_from(&parts, stack, flows, graph, &args.compile)?;
        if !compiled.report_errors(style) {
            return Ok(None);
        }
        sources.files = parts.read_of(0);
        let Compiled { output, graph, flows_text } = compiled;
        Ok(Some(Self { set: output.set, sources, graph, flows_text }))
    }
}

fn start(deploy: Deploy, mut options: Options, state: &Path) -> Result<(), Fault> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::new(format!("cannot start: {e}")))?;
    runtime.block_on(async {
        // Before anybody can know that it runs, so that no order to end finds it deaf.
        let mut signals = Signals::listen()?;
        let (dir, links, io) = (state.join("remote"), Arc::new(Transports), options.io.clone());
        let uplink = tokio::select! {
            uplink = attach(deploy.stack.as_ref(), dir, links, io, options.log.clone()) => uplink,
            () = signals.next() => return Ok(()),
        };
        options.uplink = Some(uplink.map_err(Fault::new)?);
        let shutdown = async {
            signals.next().await;
            to_stderr("ending: nodes close in order\n");
        };
        let totals = route_runtime::engine::run(deploy, options, shutdown).await.map_err(Fault::new)?;
        to_stderr(&format!(
            "ended: {} sent, {} delivered, {} stopped, {} to other runtimes, {} errors\n",
            totals.sent, totals.delivered, totals.stopped, totals.remote, totals.errors
        ));
        Ok(())
    })
}

fn log(level: Level, from: &str, text: &str) {
    if level >= Level::Info {
        to_stderr(&format!("{}: {from}: {text}\n", format!("{level:?}").to_lowercase()));
    }
}
