//! `routec replay`: recorded messages through a stack, and which of them fare otherwise than with another one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use route_chain::{Message, Value};
use route_compiler::flow::FlowGraph;
use route_compiler::story::{Teller, Told};
use route_compiler::world::{BEGIN_MS, NoModules, Stage, World};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::json;

use crate::args::Replay;
use crate::fault::Fault;
use crate::render::{Format, Style};
use crate::stage::Staged;
use crate::words::many;
use crate::{Outcome, input, tell, to_stdout};

/// A line as `tap … to file` writes it.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    at: Option<f64>,
    from: String,
    port: u32,
    to: String,
    msg: serde_json::Value,
}

/// A recorded message, and the line that it stands on, from 1.
struct Recorded {
    line: usize,
    at_ms: Option<f64>,
    wire: u32,
    msg: Message,
}

pub(crate) fn run(args: &Replay, style: Style) -> Result<Outcome, Fault> {
    let Some(new) = Staged::of(&args.stack, &args.play, style, "routec replay … --stack")? else {
        return Ok(Outcome::Findings);
    };
    let (recorded, skipped) = read(&args.recorded, &new.compiled.graph)?;
    let news = fates(&new, &recorded, args.play.seed)?;
    let olds = match &args.against {
        None => None,
        Some(against) => match Staged::of(against, &args.play, style, "routec replay … --against")? {
            Some(old) => Some(fates(&old, &recorded, args.play.seed)?),
            None => return Ok(Outcome::Findings),
        },
    };
    let changed = groups(&recorded, olds.as_deref(), &news);
    let json = matches!(style.format, Format::Json | Format::JsonLines);
    to_stdout(&if json {
        as_json(&changed, recorded.len(), skipped)
    } else {
        for_people(&changed, &recorded, skipped, olds.is_some())
    })?;
    let differs = olds.is_some() && !changed.is_empty();
    Ok(if differs && args.exit_code { Outcome::Findings } else { Outcome::Clean })
}

/// The messages whose wire the flow has, and how many have none.
fn read(path: &Path, graph: &FlowGraph) -> Result<(Vec<Recorded>, usize), Fault> {
    let text = input::json(path)?;
    let id = |node| graph.node(node).map_or("", |node| node.id.as_str());
    let wires: FxHashMap<(&str, u32, &str), u32> =
        (0..).zip(&graph.wires).map(|(at, wire)| ((id(wire.from), wire.port, id(wire.to)), at)).collect();
    let mut recorded = Vec::new();
    let mut skipped = 0;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let bad = |e: String| {
            Fault::new(format!("`{}`, line {number}: {e}", path.display()))
                .help("a recording has lines as `tap … to file` writes them: `{\"from\": …, \"port\": 0, \"to\": …, \"msg\": {…}}`")
        };
        let line: Line = serde_json::from_str(line).map_err(|e| bad(e.to_string()))?;
        let Value::Object(msg) = Value::from_json(&line.msg) else {
            return Err(bad("`msg` is no object".to_owned()));
        };
        match wires.get(&(line.from.as_str(), line.port, line.to.as_str())) {
            Some(wire) => recorded.push(Recorded {
                line: number,
                at_ms: line.at,
                wire: *wire,
                msg: Message::from_object((*msg).clone()),
            }),
            None => skipped += 1,
        }
    }
    Ok((recorded, skipped))
}

/// What became of each message, in one world with the clock of the recording.
fn fates(staged: &Staged, recorded: &[Recorded], seed: u64) -> Result<Vec<Fate>, Fault> {
    let stage = staged.stage()?;
    let teller = Teller::new(&staged.compiled.output, &stage);
    let begin = recorded.iter().find_map(|r| r.at_ms).unwrap_or(BEGIN_MS);
    let mut world = World::new(&stage, begin, seed, Box::new(NoModules));
    let mut fates = Vec::with_capacity(recorded.len());
    for one in recorded {
        let wait = one.at_ms.map_or(0.0, |at| at - world.now_ms());
        // A message that cannot be sent (a disabled node) has no way, and so no fate that changes.
        let _ = world.advance(wait.max(0.0));
        world.forget();
        let _ = world.send(one.wire, one.msg.clone());
        fates.push(Fate::of(world.hops().first().map(|hop| teller.hop(hop)), &stage));
    }
    Ok(fates)
}

/// What became of a message on its wire.
struct Fate {
    /// `delivered`, ``stopped by `x` ``, …, and what was changed.
    ended: String,
    told: Option<Told>,
}

impl Fate {
    fn of(told: Option<Told>, _: &Stage<'_>) -> Self {
        let changes = |told: &Told| {
            let names = told.routers.iter().filter(|router| !router.changes.is_empty());
            names.map(|router| format!("`{}`", router.name)).collect::<Vec<_>>().join(", ")
        };
        let ended = told.as_ref().map_or_else(
            || "not sent".to_owned(),
            |told| match changes(told) {
                names if names.is_empty() => told.ended.clone(),
                names => format!("{}, changed by {names}", told.ended),
            },
        );
        Self { ended, told }
    }
}

/// Messages that fare alike.
struct Group<'a> {
    old: Option<&'a str>,
    new: &'a str,
    count: usize,
    /// The first of them.
    witness: &'a Recorded,
    told: Option<&'a Told>,
}

fn groups<'a>(recorded: &'a [Recorded], olds: Option<&'a [Fate]>, news: &'a [Fate]) -> Vec<Group<'a>> {
    let mut found: BTreeMap<(Option<&str>, &str), Group<'a>> = BTreeMap::new();
    for (at, (one, new)) in recorded.iter().zip(news).enumerate() {
        let old = olds.and_then(|olds| olds.get(at));
        let same = old.is_some_and(|old| {
            let left = |fate: &'a Fate| fate.told.as_ref().map(|told| &told.left);
            old.ended == new.ended && left(old) == left(new)
        });
        if same {
            continue;
        }
        let old = old.map(|old| old.ended.as_str());
        found.entry((old, new.ended.as_str())).and_modify(|group| group.count += 1).or_insert(Group {
            old,
            new: &new.ended,
            count: 1,
            witness: one,
            told: new.told.as_ref(),
        });
    }
    let mut groups: Vec<Group<'a>> = found.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

fn for_people(groups: &[Group<'_>], recorded: &[Recorded], skipped: usize, compared: bool) -> String {
    let mut text = String::new();
    for group in groups {
        let fate = match group.old {
            Some(old) if old == group.new => format!("{old}, with another message"),
            Some(old) => format!("{old}  ->  {}", group.new),
            None => group.new.to_owned(),
        };
        let _ = writeln!(text, "{}  {fate}", many(group.count, "message"));
        let _ = writeln!(text, "    such as line {}:", group.witness.line);
        for line in group.told.map(|told| tell::told(told, true)).unwrap_or_default().lines() {
            let _ = writeln!(text, "      {line}");
        }
        text.push('\n');
    }
    let changed: usize = groups.iter().map(|group| group.count).sum();
    let all = many(recorded.len(), "message");
    let _ = match compared {
        true => writeln!(text, "{changed} of {all} fare otherwise"),
        false => writeln!(text, "{all} replayed"),
    };
    if skipped > 0 {
        let stands = if skipped == 1 { "stands" } else { "stand" };
        let _ = writeln!(text, "{} {stands} on wires that this flow has not", many(skipped, "message"));
    }
    text
}

fn as_json(groups: &[Group<'_>], messages: usize, skipped: usize) -> String {
    let group = |group: &Group<'_>| json!({ "before": group.old, "after": group.new, "count": group.count, "line": group.witness.line, "told": group.told });
    let all = json!({
        "messages": messages,
        "skipped": skipped,
        "fates": groups.iter().map(group).collect::<Vec<_>>(),
    });
    format!("{all:#}\n")
}
