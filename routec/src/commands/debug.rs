//! `routec debug`: messages that breakpoints and limits hold.

use std::path::Path;

use reqwest::Method;
use route_compiler::flow::FlowGraph;
use route_runtime::holds::{HeldView, Why};
use serde_json::Value;

use crate::args::{Debug, DebugAction};
use crate::client::{Ask, Client, block_on};
use crate::deployed::flows;
use crate::fault::Fault;
use crate::render::{Format, Style};
use crate::words::span;
use crate::{Outcome, input, tell_done, to_stdout};

/// Longest message in a list, characters.
const SHORT: usize = 80;

/// Works with held messages.
pub(crate) fn run(args: &Debug, style: Style) -> Result<Outcome, Fault> {
    block_on(async {
        let client = Client::find(&args.control)?;
        match &args.action {
            DebugAction::List => list(&client, style).await?,
            DebugAction::Show { id } => show(&client, *id, style).await?,
            DebugAction::Resume { ids } if ids.is_empty() => {
                for message in held(&client).await? {
                    act(&client, message.id, "resume", "resumed").await?;
                }
            }
            DebugAction::Resume { ids } => {
                for id in ids {
                    act(&client, *id, "resume", "resumed").await?;
                }
            }
            DebugAction::Drop { ids } => {
                for id in ids {
                    act(&client, *id, "drop", "dropped").await?;
                }
            }
            DebugAction::Step { id } => step(&client, *id).await?,
            DebugAction::Edit { id, msg, set, stay } => {
                edit(&client, *id, msg.as_deref(), set).await?;
                if *stay {
                    tell_done(&format!("changed {id}\n"))?;
                } else {
                    act(&client, *id, "resume", "changed and resumed").await?;
                }
            }
        }
        Ok(Outcome::Clean)
    })
}

async fn held(client: &Client) -> Result<Vec<HeldView>, Fault> {
    let held = client.get("/v1/held").await?;
    serde_json::from_value(held)
        .map_err(|e| Fault::new(format!("the runtime speaks another version of this protocol: {e}")))
}

async fn one(client: &Client, id: u64) -> Result<HeldView, Fault> {
    let found = held(client).await?.into_iter().find(|message| message.id == id);
    found.ok_or_else(|| {
        Fault::new(format!("no message {id} is held")).help("`routec debug list` shows those that are")
    })
}

async fn act(client: &Client, id: u64, verb: &str, said: &str) -> Result<(), Fault> {
    client.must(Ask::new(Method::POST, &format!("/v1/held/{id}/{verb}"))).await?;
    tell_done(&format!("{said} {id}\n"))?;
    Ok(())
}

async fn list(client: &Client, style: Style) -> Result<(), Fault> {
    let held = held(client).await?;
    if style.format == Format::Json {
        to_stdout(&format!("{}\n", serde_json::to_string_pretty(&held).unwrap_or_default()))?;
        return Ok(());
    }
    if held.is_empty() {
        to_stdout("no message is held\n")?;
        return Ok(());
    }
    let (_, graph) = flows(client).await?;
    let now = client.get("/v1/status").await?["now_ms"].as_f64().unwrap_or(0.0);
    for message in &held {
        let mut fields = message.msg.clone();
        // It says nothing to people, and stands first.
        fields.as_object_mut().and_then(|fields| fields.shift_remove("_msgid"));
        let mut msg = fields.to_string();
        if let Some((at, _)) = msg.char_indices().nth(SHORT) {
            msg.truncate(at);
            msg.push('…');
        }
        to_stdout(&format!(
            "{:>4}  {}  {}  {}  {msg}\n",
            message.id,
            by(message),
            wire(message, &graph),
            left(message, now)
        ))?;
    }
    Ok(())
}

async fn show(client: &Client, id: u64, style: Style) -> Result<(), Fault> {
    let message = one(client, id).await?;
    if style.format == Format::Json {
        to_stdout(&format!("{}\n", serde_json::to_string_pretty(&message).unwrap_or_default()))?;
        return Ok(());
    }
    let (_, graph) = flows(client).await?;
    let now = client.get("/v1/status").await?["now_ms"].as_f64().unwrap_or(0.0);
    let ahead = if message.ahead.is_empty() { "nothing".to_owned() } else { message.ahead.join(", ") };
    to_stdout(&format!(
        "message {id}, {}, for {}; {}\nwire   {}\nahead  {ahead}\n\n{:#}\n",
        by(&message),
        span(now - message.since_ms),
        left(&message, now),
        wire(&message, &graph),
        message.msg
    ))?;
    Ok(())
}

fn by(message: &HeldView) -> String {
    let what = match message.why {
        Why::Break => "held by break",
        Why::Limit => "held by limit",
        Why::Sink => "waits for the sink of tap",
        Why::Step => "stepped past",
        Why::Behind => return "waits behind an earlier message of its wire".to_owned(),
    };
    let layer = if message.layer == "main" { String::new() } else { format!("{}/", message.layer) };
    format!("{what} {layer}{}", message.router)
}

fn left(message: &HeldView, now: f64) -> String {
    let then = if message.then_drop { "then it is dropped" } else { "then it goes on" };
    match message.until_ms {
        Some(until) => format!("{} left, {then}", span(until - now)),
        None => then.to_owned(),
    }
}

fn wire(message: &HeldView, graph: &FlowGraph) -> String {
    let name = |id: &str| {
        let node = graph.by_id.get(id).and_then(|ix| graph.nodes.get(ix.0 as usize));
        match node.map(|node| node.name.as_str()).filter(|name| !name.is_empty()) {
            Some(name) => format!("{name:?}"),
            None => format!("id {id:?}"),
        }
    };
    format!("{}.{} -> {}", name(&message.from), message.port + 1, name(&message.to))
}

async fn step(client: &Client, id: u64) -> Result<(), Fault> {
    let before = one(client, id).await?;
    client.must(Ask::new(Method::POST, &format!("/v1/held/{id}/step"))).await?;
    let passed = before.ahead.first().map_or("the end".to_owned(), Clone::clone);
    match held(client).await?.into_iter().find(|message| message.id == id) {
        Some(after) => {
            let next = after.ahead.first().map_or("the end".to_owned(), Clone::clone);
            tell_done(&format!("stepped {id} over {passed}; next is {next}\n{:#}\n", after.msg))?;
        }
        None => tell_done(&format!("stepped {id} over {passed}; it is not held any more\n"))?,
    }
    Ok(())
}

async fn edit(client: &Client, id: u64, msg: Option<&str>, set: &[String]) -> Result<(), Fault> {
    let before = one(client, id).await?.msg;
    let after = match msg {
        Some("-") => parse(&input::json(Path::new("-"))?)?,
        Some(text) => parse(text)?,
        None if set.is_empty() => in_editor(&before)?,
        None => set.iter().try_fold(before, |msg, change| assign(msg, change))?,
    };
    client.must(Ask::new(Method::PUT, &format!("/v1/held/{id}")).body(&after)).await?;
    Ok(())
}

fn parse(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map_err(|e| Fault::new(format!("this is no JSON: {e}")))
}

/// `payload.beds[0].name=north`.
fn assign(mut msg: Value, change: &str) -> Result<Value, Fault> {
    let wrong =
        || Fault::new(format!("`--set {change}` is no change")).help("write `--set payload.temperature=21`");
    let (path, value) = change.split_once('=').ok_or_else(wrong)?;
    let path = path.strip_prefix("msg.").unwrap_or(path);
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    let mut at = &mut msg;
    for part in path.split(['.', '[']) {
        let part = part.trim_end_matches(']');
        if part.is_empty() {
            return Err(wrong());
        }
        at = match (at, part.parse::<usize>()) {
            (Value::Array(items), Ok(index)) => {
                let len = items.len();
                items
                    .get_mut(index)
                    .ok_or_else(|| Fault::new(format!("`{path}` leads past the end of a list of {len}")))?
            }
            (Value::Object(fields), _) => fields.entry(part).or_insert(Value::Null),
            (at, _) if at.is_null() => {
                *at = Value::Object(serde_json::Map::from_iter([(part.to_owned(), Value::Null)]));
                &mut at[part]
            }
            _ => return Err(Fault::new(format!("`{path}` leads through a value that has no fields"))),
        };
    }
    *at = value;
    Ok(msg)
}

/// Opens the user's editor on the message.
fn in_editor(msg: &Value) -> Result<Value, Fault> {
    let editor =
        ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|e| !e.is_empty()));
    let Some(editor) = editor else {
        return Err(Fault::new("no editor is set")
            .help("set EDITOR, or write the message: `--msg '{…}'`, `--set PATH=VALUE`"));
    };
    let said = |e: std::io::Error| Fault::new(format!("cannot edit the message: {e}"));
    let file = tempfile::Builder::new().prefix("message-").suffix(".json").tempfile().map_err(said)?;
    std::fs::write(file.path(), format!("{msg:#}\n")).map_err(said)?;
    // As git does it, so that an editor with arguments works.
    let status = std::process::Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(file.path())
        .status()
        .map_err(said)?;
    if !status.success() {
        return Err(Fault::new(format!("the editor `{editor}` failed; the message is as it was")));
    }
    parse(&input::json(file.path())?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_set_by_path() {
        let msg = json!({ "payload": { "beds": [{ "n": 1 }] } });
        let after = assign(msg.clone(), "msg.payload.beds[0].n=2").unwrap();
        assert_eq!(after["payload"]["beds"][0]["n"], 2);
        assert_eq!(assign(msg.clone(), "a.b=x").unwrap()["a"], json!({ "b": "x" }));
        let past = assign(msg.clone(), "payload.beds[7]=1").unwrap_err().to_string();
        assert!(past.contains("past the end of a list of 1"), "{past}");
        assert!(assign(msg, "payload").is_err());
    }
}
