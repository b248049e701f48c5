//! The commands that talk to a running runtime: apply, rollback, status, tap, debug.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::args::{Apply, Control, Debug, DebugAction, Status, Tap};
use crate::client::{Answer, Client};
use crate::compile::{compile, graph_of};
use crate::fault::Fault;
use crate::render::Style;
use crate::{Outcome, to_stderr, to_stdout};
use route_compiler::flow::FlowGraph;

/// Compiles against the flows that run, and puts the stack in place.
pub(crate) fn apply(args: &Apply, style: Style) -> Result<Outcome, Fault> {
    block_on(async {
        let client = Client::find(&args.control)?;
        let flows = client.must(Method::GET, "/v1/flows", None).await?;
        let text = serde_json::to_string_pretty(&flows)
            .map_err(|e| Fault::new(format!("the deployed flows are no JSON: {e}")))?;
        let graph = graph_of(&text, "the deployed flows")?;
        let compiled = compile(&args.stack, ("deployed flows".to_owned(), text), graph, &args.compile)?;
        if !compiled.report_errors(style) {
            return Ok(Outcome::Findings);
        }
        let set = serde_json::to_value(&compiled.output.set)
            .map_err(|e| Fault::new(format!("cannot send the stack: {e}")))?;
        match client.ask(Method::POST, "/v1/stack", Some(&set)).await? {
            Answer::Ok(_) => {
                let (routers, wires) =
                    compiled.output.set.as_ref().map_or((0, 0), |s| (s.routers.len(), s.wires.len()));
                to_stdout(&format!(
                    "applied `{}`: {routers} routers on {wires} wires\n",
                    set["stack"].as_str().unwrap_or("")
                ));
                Ok(Outcome::Clean)
            }
            Answer::Refused(StatusCode::CONFLICT, said) => {
                Err(Fault::new(format!("the flows changed since the stack was compiled (409): {said}"))
                    .help("apply again"))
            }
            Answer::Refused(status, said) => Err(Fault::new(format!("refused ({status}): {said}"))),
        }
    })
}

/// Puts the stack back that was in place before.
pub(crate) fn rollback(control: &Control) -> Result<Outcome, Fault> {
    block_on(async {
        let client = Client::find(control)?;
        let answer = client.must(Method::POST, "/v1/rollback", None).await?;
        to_stdout(&format!(
            "rolled back to `{}`\n",
            answer["stack"].as_str().or(answer["stack"]["name"].as_str()).unwrap_or("no stack")
        ));
        Ok(Outcome::Clean)
    })
}

/// Shows the running stack.
pub(crate) fn status(args: &Status) -> Result<Outcome, Fault> {
    block_on(async {
        let client = Client::find(&args.control)?;
        let status = client.must(Method::GET, "/v1/status", None).await?;
        to_stdout(&if args.json { format!("{status:#}\n") } else { status_text(&status) });
        Ok(Outcome::Clean)
    })
}

fn status_text(status: &Value) -> String {
    let mut out = format!("stack {}\n", status["stack"]["name"].as_str().unwrap_or("(none)"));
    let empty = Vec::new();
    let routers = status["routers"].as_array().unwrap_or(&empty);
    let width = routers
        .iter()
        .filter_map(|r| r["name"].as_str())
        .map(|n| n.chars().count())
        .max()
        .unwrap_or(6)
        .max(6);
    out.push_str(&format!(
        "{:9} {:width$} {:>10} {:>10} {:>10} {:>10}  absent\n",
        "kind", "router", "seen", "passed", "stopped", "held"
    ));
    for router in routers {
        let n = |key: &str| router["counts"][key].as_u64().unwrap_or(0);
        let absent: Vec<String> = router["counts"]["absent"]
            .as_array()
            .unwrap_or(&empty)
            .iter()
            .filter_map(|pair| Some(format!("{} ({})", pair[0].as_str()?, pair[1].as_u64()?)))
            .collect();
        out.push_str(&format!(
            "{:9} {:width$} {:>10} {:>10} {:>10} {:>10}  {}\n",
            router["kind"].as_str().unwrap_or(""),
            router["name"].as_str().unwrap_or(""),
            n("seen"),
            n("passed"),
            n("stopped"),
            n("held"),
            absent.join(", ")
        ));
    }
    out.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Prints the messages of a wire as they pass, until interrupted.
pub(crate) fn tap(args: &Tap) -> Result<Outcome, Fault> {
    block_on(async {
        let (from, to) = wire(&args.wire)?;
        let client = Client::find(&args.control)?;
        let (_, graph) = deployed(&client).await?;
        let ends = [("from", end(&graph, from)?), ("to", end(&graph, to)?)];
        let query: Vec<String> =
            ends.iter().filter_map(|(key, id)| Some(format!("{key}={}", escape(id.as_deref()?)))).collect();
        let query = format!("/v1/tap?{}", query.join("&"));
        let mut response = client.open(Method::GET, &query, None).await?;
        if !response.status().is_success() {
            let status = response.status();
            let said = response.text().await.unwrap_or_default();
            return Err(Fault::new(format!("refused ({status}): {said}")));
        }
        let mut rest = Vec::new();
        let mut seen = 0;
        while let Some(chunk) =
            response.chunk().await.map_err(|e| Fault::new(format!("the stream broke off: {e}")))?
        {
            rest.extend_from_slice(&chunk);
            while let Some(end) = rest.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                to_stdout(&String::from_utf8_lossy(&line));
                seen += 1;
                if args.count.is_some_and(|most| seen >= most) {
                    return Ok(Outcome::Clean);
                }
            }
        }
        to_stderr("the runtime ended the stream\n");
        Ok(Outcome::Clean)
    })
}

/// Works with held messages.
pub(crate) fn debug(args: &Debug) -> Result<Outcome, Fault> {
    block_on(async {
        let client = Client::find(&args.control)?;
        let (_, graph) = deployed(&client).await?;
        let held = client.must(Method::GET, "/v1/held", None).await?;
        let list = held.as_array().or_else(|| held["held"].as_array()).cloned().unwrap_or_default();
        let act = async |id: u64, verb: &str| {
            client.must(Method::POST, &format!("/v1/held/{id}/{verb}"), None).await
        };
        match &args.action {
            DebugAction::List if list.is_empty() => to_stdout("no message is held\n"),
            DebugAction::List => list.iter().for_each(|message| to_stdout(&held_line(message, &graph))),
            DebugAction::Show { id } => match list.iter().find(|m| m["id"].as_u64() == Some(*id)) {
                Some(message) => to_stdout(&format!("{message:#}\n")),
                None => {
                    return Err(Fault::new(format!("no message {id} is held"))
                        .help("`routec debug list` shows those that are"));
                }
            },
            DebugAction::Resume { id: Some(id) } => said(*id, "resumed", &act(*id, "resume").await?),
            DebugAction::Resume { id: None } => {
                for id in list.iter().filter_map(|m| m["id"].as_u64()) {
                    said(id, "resumed", &act(id, "resume").await?);
                }
            }
            DebugAction::Drop { id } => said(*id, "dropped", &act(*id, "drop").await?),
            DebugAction::Step { id } => said(*id, "stepped", &act(*id, "step").await?),
        }
        Ok(Outcome::Clean)
    })
}

fn said(id: u64, what: &str, answer: &Value) {
    let more = answer["verdict"].as_str().map(|v| format!(": {v}")).unwrap_or_default();
    to_stdout(&format!("{what} {id}{more}\n"));
}

fn held_line(message: &Value, graph: &FlowGraph) -> String {
    let text = |key: &str| message[key].as_str().unwrap_or("");
    let name = |key: &str| {
        let id = text(key);
        let node = graph.by_id.get(id).and_then(|ix| graph.nodes.get(ix.0 as usize));
        node.map(|node| node.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(id).to_owned()
    };
    format!(
        "{:>4}  {}  {} -> {}  {}\n",
        message["id"].as_u64().unwrap_or(0),
        text("router"),
        name("from"),
        name("to"),
        message.get("msg").unwrap_or(&json!({}))
    )
}

/// `A -> B`, each a name or id, in quotes or not.
fn wire(text: &str) -> Result<(&str, &str), Fault> {
    let (from, to) = text.split_once("->").ok_or_else(|| {
        Fault::new(format!("`{text}` is no wire")).help("write `--wire 'A -> B'`, `*` for any")
    })?;
    Ok((from.trim().trim_matches('"'), to.trim().trim_matches('"')))
}

/// The flows that run, as text and as a graph.
async fn deployed(client: &Client) -> Result<(String, FlowGraph), Fault> {
    let flows = client.must(Method::GET, "/v1/flows", None).await?;
    let text = serde_json::to_string_pretty(&flows)
        .map_err(|e| Fault::new(format!("the deployed flows are no JSON: {e}")))?;
    let graph = graph_of(&text, "the deployed flows")?;
    Ok((text, graph))
}

/// The id of the one node of this name or id; `None` for `*`.
fn end(graph: &FlowGraph, named: &str) -> Result<Option<String>, Fault> {
    if named == "*" {
        return Ok(None);
    }
    if graph.by_id.contains_key(named) {
        return Ok(Some(named.to_owned()));
    }
    let ids: Vec<&str> =
        graph.nodes.iter().filter(|node| node.name == named).map(|node| node.id.as_str()).collect();
    match ids.as_slice() {
        [id] => Ok(Some((*id).to_owned())),
        [] => Err(Fault::new(format!("no node is named `{named}`"))),
        several => Err(Fault::new(format!("{} nodes are named `{named}`", several.len()))
            .help(format!("name one by its id: `{}`", several.join("`, `")))),
    }
}

/// Percent-encodes a query value.
fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~*".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

fn block_on<T>(task: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::new(format!("cannot start: {e}")))?
        .block_on(task)
}
