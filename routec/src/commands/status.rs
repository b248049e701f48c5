//! `routec status`: the stack in place, its overlays, its routers with their counts, and how full things are.

use std::io::IsTerminal;
use std::time::Duration;

use serde_json::Value;

use crate::args::Status;
use crate::client::{Client, block_on};
use crate::deployed::flows;
use crate::fault::Fault;
use crate::render::{Format, Style};
use crate::table::Table;
use crate::words::{clock, many, span, whom};
use crate::{Outcome, to_reader, to_stdout};
use route_compiler::flow::FlowGraph;

/// Between two looks of `--watch`.
const EVERY: Duration = Duration::from_secs(1);

/// Shows the running stack, once or again and again.
pub(crate) fn run(args: &Status, style: Style) -> Result<Outcome, Fault> {
    block_on(async {
        let client = Client::find(&args.control)?;
        let json = matches!(style.format, Format::Json | Format::JsonLines);
        let graph = if json || !(args.wires || args.nodes) { None } else { Some(flows(&client).await?.1) };
        let path = format!("/v1/status?wires={}&nodes={}", args.wires, args.nodes);
        loop {
            let status = client.get(&path).await?;
            let text = match style.format {
                Format::JsonLines => format!("{status}\n"),
                Format::Json if args.watch => format!("{status}\n"),
                Format::Json => format!("{status:#}\n"),
                _ => text(&status, graph.as_ref()),
            };
            if !args.watch {
                to_stdout(&text)?;
                return Ok(Outcome::Clean);
            }
            // On a terminal the new text takes the place of the old one.
            let home = if !json && std::io::stdout().is_terminal() { "\x1b[H\x1b[J" } else { "" };
            let gap = if json || !home.is_empty() { "" } else { "\n" };
            if !to_reader(&format!("{home}{text}{gap}"))? {
                return Ok(Outcome::Clean);
            }
            tokio::time::sleep(EVERY).await;
        }
    })
}

fn text(status: &Value, graph: Option<&FlowGraph>) -> String {
    let mut out = stack(status);
    let peers = peers(status);
    if !peers.is_empty() {
        out.push('\n');
        out.push_str(&peers);
    }
    out.push('\n');
    out.push_str(&routers(status));
    out.push_str(&sinks(status));
    if let Some(graph) = graph {
        out.push_str(&wires(status, graph));
        out.push_str(&nodes(status, graph));
    }
    out.push('\n');
    out.push_str(&totals(status));
    out
}

fn stack(status: &Value) -> String {
    let stack = &status["stack"];
    let word = |key: &str| stack[key].as_str().unwrap_or_default();
    let name = if word("name").is_empty() { "(none)" } else { word("name") };
    let mut out = format!(
        "stack {name} (number {}, {}{} at {})\n",
        stack["number"].as_u64().unwrap_or(0),
        word("why"),
        whom(word("by")),
        clock(stack["at_ms"].as_f64().unwrap_or(0.0))
    );
    let now = status["now_ms"].as_f64().unwrap_or(0.0);
    out.push_str(&stale(&status["stale"]));
    for overlay in stack["overlays"].as_array().into_iter().flatten() {
        let owner = overlay["owner"].as_str().unwrap_or_default();
        let routers = overlay["routers"].as_u64().unwrap_or(0) as usize;
        let until = match overlay["until_ms"].as_f64() {
            Some(until) => format!("until {} ({} left)", clock(until), span(until - now)),
            None => "until it is removed".to_owned(),
        };
        out.push_str(&format!(
            "overlay {}{}: {}, {until}\n",
            overlay["name"].as_str().unwrap_or_default(),
            if owner.is_empty() { String::new() } else { format!(" of {owner}") },
            many(routers, "router")
        ));
    }
    out
}

/// What of the stack does not run as it stands, and why.
fn stale(stale: &Value) -> String {
    let Some(why) = stale["why"].as_str() else { return String::new() };
    if !stale["flows"].is_string() {
        return format!("not in place: {why}\n");
    }
    let n = |key: &str| stale[key].as_u64().unwrap_or(0);
    let (valid, all) = (n("valid_wires"), n("wires"));
    format!("stale: the flows have changed since; {valid} of {all} wires run on; {why}\n")
}

fn peers(status: &Value) -> String {
    let Some(peers) = status["uplink"].as_object().filter(|peers| !peers.is_empty()) else {
        return String::new();
    };
    let me = status["fleet"].as_str().or_else(|| status["runtime"].as_str()).unwrap_or_default();
    let mut table = Table::new(&[
        (&format!("{me} to"), false),
        ("reached", false),
        ("round trip", true),
        ("waiting", true),
        ("taken", true),
        ("acknowledged", true),
        ("uncertain", true),
        ("refused", true),
        ("expired", true),
    ]);
    table.hide_empty(6);
    for (name, peer) in peers {
        let n = |key: &str| peer[key].as_u64().unwrap_or(0).to_string();
        let trip = peer["rtt_ms"].as_f64().map_or("-".to_owned(), |ms| format!("{ms:.1}ms"));
        let reached = if peer["reachable"] == true { "yes" } else { "no" };
        let mut row = vec![name.clone(), reached.to_owned(), trip];
        row.extend(["waiting", "taken", "acknowledged", "uncertain", "refused", "expired"].map(n));
        table.row(row);
    }
    table.text()
}

fn routers(status: &Value) -> String {
    let all = status["routers"].as_array().cloned().unwrap_or_default();
    if all.is_empty() {
        return "no routers\n".to_owned();
    }
    let mut table = Table::new(&[
        ("kind", false),
        ("router", false),
        ("seen", true),
        ("passed", true),
        ("stopped", true),
        ("held", true),
        ("holds", true),
        ("remote", true),
        ("lost copies", true),
        ("absent", false),
    ]);
    table.hide_empty(5);
    for router in &all {
        let layer = router["layer"].as_str().unwrap_or_default();
        let name = router["name"].as_str().unwrap_or_default();
        let counts = &router["counts"];
        let n = |key: &str| counts[key].as_u64().unwrap_or(0).to_string();
        let absent: Vec<String> = counts["absent"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(path, times)| format!("{path} ({times})"))
            .collect();
        let mut row = vec![
            router["kind"].as_str().unwrap_or_default().to_owned(),
            if layer == "main" { name.to_owned() } else { format!("{layer}/{name}") },
        ];
        row.extend(["seen", "passed", "stopped", "held"].map(n));
        row.extend(["holds", "remote", "dropped_copies"].map(n));
        row.push(absent.join(", "));
        table.row(row);
    }
    table.text()
}

fn sinks(status: &Value) -> String {
    let sinks = status["taps"]["sinks"].as_array().cloned().unwrap_or_default();
    let counters = status["taps"]["counters"].as_object().cloned().unwrap_or_default();
    if sinks.is_empty() && counters.is_empty() {
        return String::new();
    }
    let mut table =
        Table::new(&[("sink", false), ("taken", true), ("waiting", true), ("lost", true), ("state", false)]);
    table.hide_empty(4);
    for sink in sinks {
        let n = |key: &str| sink[key].as_u64().unwrap_or(0).to_string();
        let word = |key: &str| sink[key].as_str().unwrap_or_default().to_owned();
        table.row(vec![word("sink"), n("taken"), n("waiting"), n("dropped"), word("state")]);
    }
    for (name, count) in counters {
        let taken = count.as_u64().unwrap_or(0).to_string();
        table.row(vec![format!("counter {name}"), taken, String::new(), String::new(), String::new()]);
    }
    format!("\n{}", table.text())
}

fn name(graph: &FlowGraph, id: &str) -> String {
    let node = graph.by_id.get(id).and_then(|ix| graph.nodes.get(ix.0 as usize));
    node.map(|node| node.name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_owned())
}

fn wires(status: &Value, graph: &FlowGraph) -> String {
    let Some(all) = status["wires"].as_array() else { return String::new() };
    let mut table = Table::new(&[
        ("wire", false),
        ("sent", true),
        ("delivered", true),
        ("stopped", true),
        ("holds", true),
        ("remote", true),
        ("refused", true),
    ]);
    for wire in all {
        let (from, to) = (wire["from"].as_str().unwrap_or_default(), wire["to"].as_str().unwrap_or_default());
        let port = wire["port"].as_u64().unwrap_or(0) + 1;
        let n = |key: &str| wire[key].as_u64().unwrap_or(0).to_string();
        let mut row = vec![format!("{}.{port} -> {}", name(graph, from), name(graph, to))];
        row.extend(["sent", "delivered", "stopped", "holds", "remote", "refused"].map(n));
        table.row(row);
    }
    format!("\n{}", table.text())
}

fn nodes(status: &Value, graph: &FlowGraph) -> String {
    let Some(all) = status["nodes"].as_array() else { return String::new() };
    let mut table = Table::new(&[
        ("node", false),
        ("type", false),
        ("received", true),
        ("errors", true),
        ("state", false),
    ]);
    for node in all {
        let word = |key: &str| node[key].as_str().unwrap_or_default().to_owned();
        // Node-RED counts nothing of its nodes.
        let n = |key: &str| node[key].as_u64().map_or("-".to_owned(), |count| count.to_string());
        let state = match node["why"].as_str() {
            Some(why) => format!("{}: {why}", word("state")),
            None => word("state"),
        };
        table.row(vec![name(graph, &word("id")), word("type"), n("received"), n("errors"), state]);
    }
    format!("\n{}", table.text())
}

fn totals(status: &Value) -> String {
    let n = |key: &str| status["totals"][key].as_u64().unwrap_or(0);
    let mut out = format!("{} sent, {} delivered, {} stopped", n("sent"), n("delivered"), n("stopped"));
    for (key, word) in [("remote", "to other runtimes"), ("refused", "refused"), ("errors", "errors")] {
        if n(key) > 0 {
            out.push_str(&format!(", {} {word}", n(key)));
        }
    }
    let of = |key: &str, most: &str| {
        format!("{} of {}", status[key].as_u64().unwrap_or(0), status[most].as_u64().unwrap_or(0))
    };
    out.push_str(&format!("; queue {}, held {}\n", of("queue", "queue_most"), of("held", "held_most")));
    out
}
