//! `routec trace`: what every router does with a message, and why.

use route_chain::{Message, Value};
use route_compiler::story::{Teller, Told};
use route_compiler::world::{BEGIN_MS, NoModules, Stuck, World};

use crate::args::Trace;
use crate::fault::Fault;
use crate::render::{Format, Style};
use crate::stage::Staged;
use crate::{Outcome, input, tell, to_stdout};

pub(crate) fn run(args: &Trace, style: Style) -> Result<Outcome, Fault> {
    let Some(staged) = Staged::of(&args.stack, &args.play, style, "routec trace … --stack")? else {
        return Ok(Outcome::Findings);
    };
    let wires = staged.wires(&args.wire)?;
    let msg = message(&input::json(&args.message)?, &args.message.display().to_string())?;
    let stage = staged.stage()?;
    let teller = Teller::new(&staged.compiled.output, &stage);
    let mut ways = Vec::new();
    for wire in wires {
        let mut world = World::new(&stage, BEGIN_MS, args.play.seed, Box::new(NoModules));
        let done = world.send(wire, msg.clone()).and_then(|()| world.finish());
        ways.extend(world.hops().iter().map(|hop| teller.hop(hop)));
        match done {
            Ok(()) | Err(Stuck::Endless) => {}
            Err(Stuck::Dead(_)) => {
                let (from, to) = teller.ends(wire);
                return Err(Fault::new(format!(
                    "`{from} -> {to}` carries nothing: one of its nodes is disabled"
                )));
            }
        }
    }
    to_stdout(&shown(&ways, style))?;
    Ok(Outcome::Clean)
}

fn shown(ways: &[Told], style: Style) -> String {
    let line = |told: &Told| serde_json::to_string(told).unwrap_or_default() + "\n";
    match style.format {
        Format::Json => serde_json::to_string_pretty(ways).unwrap_or_default() + "\n",
        Format::JsonLines => ways.iter().map(line).collect(),
        _ => ways.iter().map(|told| tell::told(told, true)).collect::<Vec<_>>().join("\n"),
    }
}

/// A message from JSON: itself, or the `msg` of a recorded line.
fn message(text: &str, name: &str) -> Result<Message, Fault> {
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|e| Fault::new(format!("`{name}` is no JSON: {e}")))?;
    let json = match json.get("msg") {
        Some(inner) if json.get("from").is_some() && inner.is_object() => inner.clone(),
        _ => json,
    };
    match Value::from_json(&json) {
        Value::Object(object) => Ok(Message::from_object((*object).clone())),
        _ => Err(Fault::new(format!("`{name}` is no message"))
            .help("a message is a JSON object: `{ \"payload\": 21 }`")),
    }
}
