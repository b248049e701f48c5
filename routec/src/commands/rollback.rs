//! `routec rollback`: back to an earlier stack, and the list of those that there are.

use reqwest::Method;
use route_runtime::engine::ledger::Past;

use crate::args::Rollback;
use crate::client::{Ask, Client, block_on, escape, user};
use crate::fault::Fault;
use crate::render::{Format, Style};
use crate::words::{clock, list};
use crate::{Outcome, tell_done, to_stdout};

/// Puts an earlier stack back in place.
pub(crate) fn run(args: &Rollback, style: Style) -> Result<Outcome, Fault> {
    block_on(async {
        let client = Client::find(&args.control)?;
        let before = past(&client).await?;
        if args.list {
            let json = || serde_json::to_string_pretty(&before).unwrap_or_default();
            to_stdout(&if style.format == Format::Json { json() + "\n" } else { table(&before) })?;
            return Ok(Outcome::Clean);
        }
        let mut path = format!("/v1/rollback?by={}", escape(&user(args.by.as_deref())));
        if let Some(number) = args.number {
            path.push_str(&format!("&to={number}"));
        }
        client.must(Ask::new(Method::POST, &path)).await?;
        let after = past(&client).await?;
        if let (Some(was), Some(is)) = (before.last(), after.last()) {
            tell_done(&told(was, is))?;
        }
        Ok(Outcome::Clean)
    })
}

fn told(was: &Past, is: &Past) -> String {
    let name = if is.stack.is_empty() { "no stack".to_owned() } else { format!("`{}`", is.stack) };
    let mut text = format!("rolled back to {name} (number {}: {})\n", is.number, is.why);
    let lone = |a: &Past, b: &Past| -> Vec<String> {
        a.overlays.iter().filter(|name| !b.overlays.contains(name)).cloned().collect()
    };
    for (names, what) in [(lone(was, is), "no longer in place"), (lone(is, was), "in place again")] {
        if !names.is_empty() {
            text.push_str(&format!("overlay {} {what}\n", list(&names)));
        }
    }
    text
}

async fn past(client: &Client) -> Result<Vec<Past>, Fault> {
    let history = client.get("/v1/history").await?;
    serde_json::from_value(history)
        .map_err(|e| Fault::new(format!("the runtime speaks another version of this protocol: {e}")))
}

/// Newest first.
fn table(past: &[Past]) -> String {
    let name = |p: &Past| if p.stack.is_empty() { "(none)".to_owned() } else { p.stack.clone() };
    let width = past.iter().map(|p| name(p).chars().count()).max().unwrap_or(0).max(5);
    let by_width = past.iter().map(|p| p.by.chars().count()).max().unwrap_or(0).max(2);
    let mut out = format!("  {:>6}  {:width$}  {:8}  {:by_width$}  what\n", "number", "stack", "when", "by");
    for p in past.iter().rev() {
        let mark = if p.current { '>' } else { ' ' };
        let line = format!(
            "{mark} {:>6}  {:width$}  {:8}  {:by_width$}  {}",
            p.number,
            name(p),
            clock(p.at_ms),
            p.by,
            p.why
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
