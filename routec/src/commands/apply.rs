//! `routec plan` and `routec apply`: a stack or an overlay compiled against what runs, shown, and put in place.

use std::path::{Path, PathBuf};

use reqwest::{Method, StatusCode};
use route_chain::{format, ir};
use route_compiler::diff::{Diff, diff};
use route_grammar::Severity;
use route_runtime::engine::{InForce, Overlay, Sources};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::changes;
use crate::args::control::What;
use crate::args::{Apply, Compile, Plan};
use crate::client::{Ask, Client, Refused, block_on, escape, user};
use crate::compile::{Compiled, read_graph};
use crate::deployed::{Deployed, absolute};
use crate::fault::Fault;
use crate::input::Project;
use crate::render::{Format, Style};
use crate::words::{clock, many, span, whom};
use crate::{Outcome, input, tell_done, to_stderr, to_stdout};

/// Shows what `apply` would change, and writes it to a file when asked for.
pub(crate) fn plan(args: &Plan, style: Style) -> Result<Outcome, Fault> {
    let planned = block_on(async {
        of_overlay(&args.what)?;
        let client = Client::find(&args.control)?;
        let stack = named_stack(&args.what, "routec plan")?;
        if let Some(path) = &stack
            && saved_plan(path)?.is_some()
        {
            return Err(planned_already(path));
        }
        let wish = Wish::of(&client, stack.as_deref(), &args.what, &args.compile, style).await?;
        let Some(wish) = wish else { return Ok(Outcome::Findings) };
        show_plan(&wish, style)?;
        if let Some(out) = &args.out {
            write_plan(out, &wish)?;
        }
        let changes = args.detailed_exitcode && !wish.diff.is_empty();
        Ok(if changes { Outcome::Changes } else { Outcome::Clean })
    });
    match planned {
        // `terraform plan` says 1 for an error, since 2 means changes.
        Err(fault) if args.detailed_exitcode => {
            to_stderr(&format!("{fault}\n"));
            Ok(Outcome::Findings)
        }
        planned => planned,
    }
}

/// Compiles against the flows that run, and puts the stack in place.
pub(crate) fn apply(args: &Apply, style: Style) -> Result<Outcome, Fault> {
    of_overlay(&args.what)?;
    block_on(async {
        let client = Client::find(&args.control)?;
        if let Some(name) = &args.what.remove {
            return remove(&client, name, args.what.by.as_deref()).await;
        }
        let stack = named_stack(&args.what, "routec apply")?;
        if let Some(plan) = stack.as_deref().map(saved_plan).transpose()?.flatten() {
            return apply_plan(&client, plan).await;
        }
        let wish = Wish::of(&client, stack.as_deref(), &args.what, &args.compile, style).await?;
        let Some(wish) = wish else {
            return Ok(Outcome::Findings);
        };
        let in_force = put(&client, &wish.change, &wish.tag).await?.map_err(put_refused)?;
        if style.format == Format::Json {
            tell_done(&format!("{:#}\n", json!({ "in_force": in_force, "changes": wish.diff })))?;
        } else {
            tell_done(&(changes::text(&wish.diff) + &applied(&wish, &in_force)))?;
        }
        Ok(Outcome::Clean)
    })
}

fn planned_already(path: &Path) -> Fault {
    let shown = path.display();
    Fault::new(format!("`{shown}` is a plan already"))
        .help(format!("`routec apply {shown}` puts in place what it says; to plan anew, name the stack"))
}

/// The stack that is named: a file, or the only one of a folder.
fn named_stack(what: &What, how: &str) -> Result<Option<PathBuf>, Fault> {
    what.stack.as_deref().map(|named| input::stack_of(named, how)).transpose()
}

/// What is said of an overlay is said with one. The parser of arguments cannot see to it: what one of several arguments needs, it
/// lets go when another one of them is there.
fn of_overlay(what: &What) -> Result<(), Fault> {
    let flags = [("--for", what.time_ms.is_some()), ("--name", what.name.is_some())];
    match flags.iter().find(|(_, given)| *given && what.overlay.is_none()) {
        Some((flag, _)) => Err(Fault::new(format!("`{flag}` goes with `--overlay`"))
            .help("a stack stays until another one is applied; `--overlay FILE` puts a file on top of it")),
        None => Ok(()),
    }
}

/// A change that someone wants, compiled, and what it would do.
struct Wish {
    /// What is sent.
    change: Change,
    /// Of the stack that it was compared with.
    tag: String,
    /// Number, time and author of that stack.
    before: String,
    diff: Diff,
}

#[derive(Serialize, Deserialize)]
struct Change {
    set: ir::ChainSet,
    sources: Sources,
    by: String,
    why: String,
}

impl Wish {
    /// `None`: there were errors, and they are printed.
    async fn of(
        client: &Client,
        stack: Option<&Path>,
        what: &What,
        how: &Compile,
        style: Style,
    ) -> Result<Option<Self>, Fault> {
        let deployed = Deployed::fetch(client).await?;
        let by = user(what.by.as_deref());
        let change = match (stack, &what.overlay, &what.remove) {
            (Some(stack), ..) => stack_change(&deployed, stack, how, by, style)?,
            (_, Some(overlay), _) => overlay_change(&deployed, overlay, what, how, by, style)?,
            (_, _, Some(name)) => Some(removal(&deployed, name, by)?),
            _ => return Err(Fault::new("nothing is named")),
        };
        let Some(change) = change else { return Ok(None) };
        let standing = &deployed.standing;
        let diff = diff(&deployed.set()?, &change.set, &deployed.graph);
        let before = match standing.stack.as_str() {
            "" => "no stack".to_owned(),
            name => format!(
                "`{name}`, number {}, {}{} at {}",
                standing.number,
                standing.why,
                whom(&standing.by),
                clock(standing.at_ms)
            ),
        };
        Ok(Some(Self { change, tag: standing.tag.clone(), before, diff }))
    }
}

fn stack_change(
    deployed: &Deployed,
    path: &Path,
    how: &Compile,
    by: String,
    style: Style,
) -> Result<Option<Change>, Fault> {
    if let Some(set) = input::chain_file(path)? {
        // The runtime would refuse it, and it would not be told why another try does not help.
        if set.flows != deployed.graph.hash {
            return Err(Fault::new(
                "the chain file was compiled against other flows than those that run (409)",
            )
            .help(
                "write it again with `routec build`, against the flows that run; or apply the `.route` file",
            ));
        }
        let why = format!("applied chain file `{}`", path.display());
        return Ok(Some(Change { set, sources: Sources::default(), by, why }));
    }
    let (compiled, sources) = deployed.with_stack(path, how)?;
    report(&compiled, &sources, style);
    tell_of_other_flows(&compiled, deployed, path);
    let why = format!("applied `{}`", path.display());
    Ok(compiled.output.set.map(|set| Change { set, sources, by, why }))
}

fn overlay_change(
    deployed: &Deployed,
    path: &Path,
    what: &What,
    how: &Compile,
    by: String,
    style: Style,
) -> Result<Option<Change>, Fault> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = what.name.clone().or(stem).unwrap_or_default();
    let overlay = Overlay {
        name: name.clone(),
        owner: by.clone(),
        root: absolute(path),
        files: Default::default(),
        params: Vec::new(),
        since_ms: 0.0,
        for_ms: what.time_ms,
        until_ms: None,
    };
    let (compiled, sources) = deployed.with_overlay(path, overlay, how)?;
    report(&compiled, &sources, style);
    tell_of_other_flows(&compiled, deployed, path);
    let time = what.time_ms.map(|time| format!(" for {}", span(time))).unwrap_or_default();
    let why = format!("put overlay `{name}` on top{time}");
    Ok(compiled.output.set.map(|set| Change { set, sources, by, why }))
}

/// For `plan --remove`.
fn removal(deployed: &Deployed, name: &str, by: String) -> Result<Change, Fault> {
    let mut sources = deployed.standing.sources.clone();
    let before = sources.overlays.len();
    sources.overlays.retain(|overlay| overlay.name != name);
    if sources.overlays.len() == before {
        return Err(Fault::new(format!("no overlay is called `{name}`")).help("`routec status` shows them"));
    }
    let set = route_chain::layer::without_layer(&deployed.set()?, name);
    Ok(Change { set, sources, by, why: format!("removed overlay `{name}`") })
}

/// Prints the findings, and what to do when they are in an overlay that was there before.
fn report(compiled: &Compiled, sources: &Sources, style: Style) {
    compiled.report_errors(style);
    let output = &compiled.output;
    let in_overlay = |overlay: &&Overlay| {
        let errors = output.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        errors
            .filter_map(|d| output.sources.get(d.primary.file))
            .any(|file| overlay.files.contains_key(&absolute(Path::new(&file.name))))
    };
    for overlay in sources.overlays.iter().filter(in_overlay) {
        let (name, owner) = (&overlay.name, &overlay.owner);
        to_stderr(&format!(
            "the overlay `{name}` of {owner}, which is in place, does not fit: `routec apply --remove {name}`\n"
        ));
    }
}

/// After errors: why `routec check` may find none. It looks at the flows on disk, which may be newer than those that run.
fn tell_of_other_flows(compiled: &Compiled, deployed: &Deployed, path: &Path) {
    if compiled.output.set.is_some() {
        return;
    }
    let Ok(project) = Project::of_file(path.to_owned(), None) else { return };
    let on_disk = read_graph(&project.flows).map(|(_, graph)| graph.hash);
    if on_disk.is_ok_and(|hash| hash != deployed.graph.hash) {
        to_stderr(&format!(
            "note: it was compiled against the flows that run, and `{}` holds others: they run once `routec run` is started \
             again, or Node-RED deploys them\n",
            project.flows.display()
        ));
    }
}

fn show_plan(wish: &Wish, style: Style) -> Result<(), Fault> {
    if style.format == Format::Json {
        return to_stdout(&format!("{:#}\n", json!({ "tag": wish.tag, "changes": wish.diff })));
    }
    to_stdout(&format!("in place: {}\n\n", wish.before))?;
    if wish.diff.is_empty() {
        return to_stdout("nothing would change\n");
    }
    to_stdout(&changes::text(&wish.diff))?;
    to_stdout(&format!("{}\n", changes::count(&wish.diff)))
}

fn applied(wish: &Wish, in_force: &InForce) -> String {
    let set = &wish.change.set;
    let mut text = format!(
        "applied `{}`: {} on {} (number {}",
        set.stack,
        many(set.routers.len(), "router"),
        many(set.wires.len(), "wire"),
        in_force.number,
    );
    if in_force.kept_state > 0 {
        text.push_str(&format!(", {} with the state they had", many(in_force.kept_state, "router")));
    }
    text.push_str(")\n");
    if in_force.released > 0 {
        let messages = many(in_force.released, "held message");
        text.push_str(&format!("{messages} went on: what held them is no longer in the stack\n"));
    }
    text
}

async fn put(client: &Client, change: &Change, tag: &str) -> Result<Result<InForce, Refused>, Fault> {
    let body = serde_json::to_value(change).map_err(|e| Fault::new(format!("cannot send the stack: {e}")))?;
    let answer = client.ask(Ask::new(Method::PUT, "/v1/stack").body(&body).if_match(tag)).await?;
    answer.map(in_force).map_or_else(|refused| Ok(Err(refused)), |in_force| in_force.map(Ok))
}

fn in_force(answer: Value) -> Result<InForce, Fault> {
    serde_json::from_value(answer)
        .map_err(|e| Fault::new(format!("the runtime speaks another version of this protocol: {e}")))
}

fn put_refused(refused: Refused) -> Fault {
    match refused.status {
        StatusCode::CONFLICT => {
            Fault::new(format!("the flows changed since the stack was compiled (409): {}", refused.words()))
                .help("apply again")
        }
        _ => refused.into(),
    }
}

async fn remove(client: &Client, name: &str, by: Option<&str>) -> Result<Outcome, Fault> {
    let path = format!("/v1/overlays/{}?by={}", escape(name), escape(&user(by)));
    let in_force = in_force(client.must(Ask::new(Method::DELETE, &path)).await?)?;
    tell_done(&format!("removed overlay `{name}` (number {})\n", in_force.number))?;
    Ok(Outcome::Clean)
}

/// A plan in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    magic: String,
    version: u32,
    tag: String,
    before: String,
    change: Change,
    diff: Value,
}

const PLAN: &str = "route-plan";
const PLAN_VERSION: u32 = 1;

fn write_plan(path: &Path, wish: &Wish) -> Result<(), Fault> {
    let said = |e: &dyn std::fmt::Display| Fault::new(format!("cannot write `{}`: {e}", path.display()));
    let json = json!({
        "magic": PLAN,
        "version": PLAN_VERSION,
        "tag": wish.tag,
        "before": wish.before,
        "change": wish.change,
        "diff": wish.diff,
    });
    std::fs::write(path, json.to_string()).map_err(|e| said(&e))?;
    to_stdout(&format!("saved: apply it with `routec apply {}`\n", path.display()))?;
    Ok(())
}

/// The plan in a file; `None`: it is another file.
fn saved_plan(path: &Path) -> Result<Option<Saved>, Fault> {
    let text = input::json(path)?;
    if !text.trim_start().starts_with('{') || !text.contains(PLAN) {
        return Ok(None);
    }
    let damaged = |e: &dyn std::fmt::Display| {
        Fault::new(format!("the plan `{}` is damaged: {e}", path.display()))
            .help("make it again with `routec plan`")
    };
    let json: Value = serde_json::from_str(&text).map_err(|e| damaged(&e))?;
    if json["magic"] != PLAN {
        return Ok(None);
    }
    if json["version"] != PLAN_VERSION {
        return Err(Fault::new(format!("the plan `{}` is of another version of `routec`", path.display()))
            .help("make it again with `routec plan`"));
    }
    let saved: Saved = serde_json::from_value(json).map_err(|e| damaged(&e))?;
    format::check(&saved.change.set).map_err(|e| damaged(&e))?;
    Ok(Some(saved))
}

async fn apply_plan(client: &Client, plan: Saved) -> Result<Outcome, Fault> {
    let in_force = put(client, &plan.change, &plan.tag).await?.map_err(|refused| match refused.status {
        StatusCode::PRECONDITION_FAILED => {
            Fault::new(format!("the saved plan is stale: since then, {}", refused.rival()))
                .help(format!("it was made for {}; make it again with `routec plan`", plan.before))
        }
        StatusCode::CONFLICT => Fault::new(format!("the saved plan is stale: {}", refused.words()))
            .help("make it again with `routec plan`"),
        _ => refused.into(),
    })?;
    let set = &plan.change.set;
    tell_done(&format!(
        "applied `{}` as planned: {} on {} (number {})\n",
        set.stack,
        many(set.routers.len(), "router"),
        many(set.wires.len(), "wire"),
        in_force.number
    ))?;
    Ok(Outcome::Clean)
}
