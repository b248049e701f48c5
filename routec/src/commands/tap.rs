//! `routec tap`: the messages of a wire, or the copies of a tap, as they pass.

use reqwest::Method;
use route_compiler::flow::FlowGraph;

use crate::args::Tap;
use crate::client::{Ask, Client, block_on, escape};
use crate::deployed::flows;
use crate::fault::Fault;
use crate::{Outcome, to_stderr, to_stdout};

/// Prints them until interrupted.
pub(crate) fn run(args: &Tap) -> Result<Outcome, Fault> {
    block_on(async {
        let client = Client::find(&args.control)?;
        let query = query(&client, &args.what).await?;
        let mut response = client.stream(Ask::new(Method::GET, &format!("/v1/tap?{query}"))).await?;
        let mut rest = Vec::new();
        let mut seen = 0;
        let broke = |e| Fault::new(format!("the stream broke off: {e}"));
        while let Some(chunk) = response.chunk().await.map_err(broke)? {
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

/// What to ask for: a wire or a tap.
async fn query(client: &Client, what: &str) -> Result<String, Fault> {
    let Some((from, to)) = what.split_once("->") else { return router(client, what.trim()).await };
    let (_, graph) = flows(client).await?;
    let mut parts = Vec::new();
    for (key, named) in [("from", from), ("to", to)] {
        if let Some(id) = end(&graph, named.trim().trim_matches('"'))? {
            parts.push(format!("{key}={}", escape(&id)));
        }
    }
    // With neither end, every wire is meant.
    parts.push("wires=true".to_owned());
    Ok(parts.join("&"))
}

async fn router(client: &Client, name: &str) -> Result<String, Fault> {
    let status = client.get("/v1/status").await?;
    let routers = status["routers"].as_array().cloned().unwrap_or_default();
    let Some(router) = routers.iter().find(|router| router["name"] == name) else {
        return Err(Fault::new(format!("no router is called `{name}`"))
            .help("name a wire (`routec tap 'A -> B'`, `*` for any), or a tap of `routec status`"));
    };
    if router["stream"] != true {
        let kind = router["kind"].as_str().unwrap_or_default();
        return Err(Fault::new(format!("{kind} `{name}` does not copy `to stream`"))
            .help("tap a wire instead: `routec tap 'A -> B'`"));
    }
    Ok(format!("router={}", escape(name)))
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
