//! `routec tap`: the messages of a wire, or the copies of a tap, as they pass.

use std::path::Path;

use reqwest::Method;
use route_chain::ir::ChainSet;
use route_chain::layer::without_layer;
use serde_json::{Value, json};

use crate::args::Tap;
use crate::client::{Ask, Client, block_on};
use crate::deployed::{Deployed, flows};
use crate::fault::Fault;
use crate::render::Style;
use crate::wires::{Ids, Named};
use crate::{Outcome, to_reader, to_stderr};

/// Prints them until interrupted, or until nobody reads them.
pub(crate) fn run(args: &Tap, style: Style) -> Result<Outcome, Fault> {
    block_on(async {
        let client = Client::find(&args.control)?;
        let filter = filter(&client, &args.what).await?;
        let when = match &args.when {
            None => None,
            Some(expr) => match when(&client, expr, style).await? {
                Some(set) => Some(set),
                None => return Ok(Outcome::Findings),
            },
        };
        let wish = json!({ "filter": filter, "when": when });
        let mut response = client.stream(Ask::new(Method::POST, "/v1/tap").body(&wish)).await?;
        let mut rest = Vec::new();
        let mut seen = 0;
        let broke = |e| Fault::new(format!("the stream broke off: {e}"));
        while let Some(chunk) = response.chunk().await.map_err(broke)? {
            rest.extend_from_slice(&chunk);
            while let Some(end) = rest.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                let is_read = to_reader(&String::from_utf8_lossy(&line))?;
                seen += 1;
                if !is_read || args.count.is_some_and(|most| seen >= most) {
                    return Ok(Outcome::Clean);
                }
            }
        }
        to_stderr("the runtime ended the stream\n");
        Ok(Outcome::Clean)
    })
}

/// What to ask for: a wire or a tap.
async fn filter(client: &Client, what: &str) -> Result<Value, Fault> {
    if !what.contains("->") {
        return router(client, what.trim()).await;
    }
    let (_, graph) = flows(client).await?;
    let Ids { from, port, to } = Named::read(what, &graph).ids(&graph)?;
    // With neither end, every wire is meant.
    Ok(json!({ "from": from, "port": port, "to": to, "wires": true }))
}

async fn router(client: &Client, name: &str) -> Result<Value, Fault> {
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
    Ok(json!({ "router": name }))
}

/// The name of the router that stands for `--when` while it is compiled.
const WHEN: &str = "__when";

/// A condition compiled as a filter of its own, with the names of the stack in place; `None`: it has errors, and they are
/// printed.
async fn when(client: &Client, expr: &str, style: Style) -> Result<Option<ChainSet>, Fault> {
    let deployed = Deployed::fetch(client).await?;
    let text = format!("filter {WHEN} on * -> * {{\n  keep when {expr}\n}}\n");
    let compiled = deployed.with_text(Path::new("--when"), WHEN, &text)?;
    if !compiled.report_errors(style) {
        return Ok(None);
    }
    let Some(mut set) = compiled.output.set else { return Ok(None) };
    let layers: Vec<String> =
        set.routers.iter().filter(|router| router.name != WHEN).map(|router| router.layer.clone()).collect();
    for layer in layers {
        set = without_layer(&set, &layer);
    }
    set.fleet = None;
    Ok(Some(set))
}
