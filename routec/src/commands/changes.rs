//! Changes between two stacks, for people.

use route_compiler::diff::{Diff, RouterDiff, What};

use crate::words::many;

/// Wires named before "and n more".
const SHOWN: usize = 4;

/// A line or more for each router: `+` new, `-` gone, `~` changed, `>` at another place.
pub(crate) fn text(diff: &Diff) -> String {
    let mut out = String::new();
    for line in &diff.fleet {
        out.push_str(&format!("  ~ {line}\n"));
    }
    for router in &diff.routers {
        out.push_str(&one(router));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn one(router: &RouterDiff) -> String {
    let layer = if router.layer == "main" { String::new() } else { format!("{}/", router.layer) };
    let (sign, wires) = match router.what {
        What::Added => ('+', on(&router.gained, "on no wire")),
        What::Removed => ('-', on(&router.lost, "was on no wire")),
        What::Changed => ('~', String::new()),
        What::Moved => ('>', "at another place in the order".to_owned()),
    };
    let mut out = format!("  {sign} {} {layer}{}  {wires}", router.kind, router.name).trim_end().to_owned();
    out.push('\n');
    if router.what == What::Changed && router.before == router.after {
        out.push_str("");
    } else if router.what != What::Moved {
        for clauses in router.before.iter().filter(|c| !router.after.contains(c)) {
            out.push_str(&format!("      - {clauses}\n"));
        }
        for clauses in router.after.iter().filter(|c| !router.before.contains(c)) {
            out.push_str(&format!("      + {clauses}\n"));
        }
    }
    if router.what == What::Changed {
        for (sign, wires) in [('-', &router.lost), ('+', &router.gained)] {
            if !wires.is_empty() {
                out.push_str(&format!("      {sign} {}\n", on(wires, "")));
            }
        }
    }
    out
}

/// `on 2 wires: "A".1 -> "B", "A".1 -> "C"`.
fn on(wires: &[String], none: &str) -> String {
    if wires.is_empty() {
        return none.to_owned();
    }
    let shown: Vec<&str> = wires.iter().take(SHOWN).map(String::as_str).collect();
    let more = if wires.len() > SHOWN { ", …" } else { "" };
    format!("on {}: {}{more}", many(wires.len(), "wire"), shown.join(", "))
}

/// `1 added, 2 changed, 1 removed; 3 wires more carry routers, 1 less`.
pub(crate) fn count(diff: &Diff) -> String {
    let parts: Vec<String> = [
        (What::Added, "added"),
        (What::Changed, "changed"),
        (What::Moved, "moved"),
        (What::Removed, "removed"),
    ]
    .into_iter()
    .map(|(what, word)| (diff.count(what), word))
    .filter(|(n, _)| *n > 0)
    .map(|(n, word)| format!("{n} {word}"))
    .collect();
    let mut text = if parts.is_empty() { "no router differs".to_owned() } else { parts.join(", ") };
    if diff.wires_gained + diff.wires_lost > 0 {
        text.push_str(&format!(
            "; {} begin to carry routers, {} no longer do",
            many(diff.wires_gained, "wire"),
            many(diff.wires_lost, "wire")
        ));
    }
    text
}
