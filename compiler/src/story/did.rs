//! What a router did, in a few words.

use route_chain::Value;
use route_chain::ir::{self, Op};
use route_chain::state::path_text;
use route_chain::trace::{Called, Change, Did, Found, Limited, NotCopied, Read, Visit};
use serde_json::Value as Json;

use super::values::short;
use super::{Changed, Teller};
use crate::explain::{self, Printer};
use crate::world::Hop;

impl Teller<'_> {
    pub(super) fn did(&self, hop: &Hop, visit: &Visit, step: Option<&ir::Step>) -> String {
        let Some(set) = self.stage.set(hop.site) else { return String::new() };
        let printer = Printer { set, graph: self.stage.graph };
        let op = step.map(|step| &step.op);
        match &visit.did {
            Did::Skipped => "does not apply".to_owned(),
            Did::Kept(_) => "keeps it".to_owned(),
            Did::Dropped(_) => "stops it".to_owned(),
            Did::Halted { reason, as_error } => match (reason, as_error) {
                (Some(reason), false) => format!("stops it: {reason}"),
                (Some(reason), true) => format!("stops it and raises the error `{reason}`"),
                (None, false) => "stops it".to_owned(),
                (None, true) => "stops it and raises an error".to_owned(),
            },
            Did::Changed(changes) => {
                let all: Vec<String> = changes.iter().map(|c| self.change(hop, c).shown).collect();
                all.join("; ")
            }
            Did::Redirected(to) => format!("redirects it to {}", printer.node(to)),
            Did::Limited(limited) => limit(limited, op, hop.at_ms),
            Did::Copied { .. } => match op {
                Some(Op::Tap(tap)) => format!("copies it to {}", printer.sink(&tap.sink)),
                _ => "copies it".to_owned(),
            },
            Did::NotCopied(NotCopied::Every { nth, every }) => {
                format!("copies every {}, this is number {nth}", ordinal(*every))
            }
            Did::NotCopied(NotCopied::Rate) => match op {
                Some(Op::Tap(ir::Tap { at_most: Some(rate), .. })) => {
                    format!("copies {}, this is one too many", explain::rate(rate))
                }
                _ => "copies no more of them".to_owned(),
            },
            Did::BelowHits { hits, wanted } => format!("lets it pass: hit {hits} of {wanted}"),
            Did::Logged(text) => format!("logs `{text}`"),
            Did::Held { until_ms } => {
                let then = match op {
                    Some(Op::Break(ir::Break { then_pass: false, .. })) => "drops it",
                    _ => "lets it pass",
                };
                format!("holds it for {}, then {then}", lasting(until_ms - hop.at_ms))
            }
            Did::Sent => match op {
                Some(Op::Remote(remote)) => format!("sends it to {}", remote.to.join(" or ")),
                _ => "sends it".to_owned(),
            },
            Did::Called(called) => call(called, op),
        }
    }

    pub(super) fn change(&self, hop: &Hop, change: &Change) -> Changed {
        let paths = self.stage.set(hop.site).map(|set| set.paths.as_slice()).unwrap_or_default();
        let path = paths.get(change.path as usize).map(|path| path_text(path)).unwrap_or_default();
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let shown = match (&change.assigned, change.done) {
            (Some(_), true) if before.is_none() => format!("sets `{path}` to {}", short(after)),
            (Some(_), true) => format!("sets `{path}` from {} to {}", short(before), short(after)),
            (Some(Read { value: None, .. }), _) => {
                format!("leaves `{path}` as it is: the value is absent")
            }
            (Some(_), false) => format!("cannot set `{path}`: something on the way is no object or list"),
            (None, true) => format!("deletes `{path}`, which was {}", short(before)),
            (None, false) => format!("finds no `{path}` to delete"),
        };
        Changed { path, before: json(before), after: json(after), shown }
    }
}

fn json(value: Option<&Value>) -> Json {
    value.and_then(Value::to_json).unwrap_or(Json::Null)
}

/// `30s`, `1.5s`
pub(super) fn lasting(ms: f64) -> String {
    explain::duration((ms * 1000.0).round() / 1000.0)
}

fn limit(limited: &Limited, op: Option<&Op>, now_ms: f64) -> String {
    let key = |read: &Option<Read>| {
        let read = read.as_ref()?;
        Some(format!(" for {}", short(read.value.as_ref())))
    };
    let rate = match op {
        Some(Op::Limit(ir::Limit { rate: Some(rate), .. })) => explain::rate(rate),
        _ => "so many".to_owned(),
    };
    let per = key(&limited.per).unwrap_or_default();
    match limited.found {
        Found::Within => "lets it pass".to_owned(),
        Found::Duplicate { after_ms } => {
            let value = limited.distinct.as_ref().and_then(|read| read.value.as_ref());
            format!("stops it: {} came {} before", short(value), lasting(after_ms))
        }
        Found::Over => format!("stops it: {rate}{per}, this is one too many"),
        Found::Waits { until_ms } => {
            format!("holds it for {}: {rate}{per}", lasting(until_ms - now_ms))
        }
    }
}

fn call(called: &Called, op: Option<&Op>) -> String {
    let plugin = match op {
        Some(Op::Call(call)) => call.plugin.as_str(),
        _ => "the module",
    };
    match called {
        Called::Passed => format!("`{plugin}` lets it pass"),
        Called::Stopped(reason) => format!("`{plugin}` stops it: {reason}"),
        Called::FaultPassed(text) => format!("`{plugin}` failed, and it passes: {text}"),
        Called::FaultStopped { text, as_error: false } => format!("`{plugin}` failed, and it stops: {text}"),
        Called::FaultStopped { text, as_error: true } => format!("`{plugin}` failed with the error `{text}`"),
    }
}

/// `10th`, `2nd`
fn ordinal(n: u64) -> String {
    let end = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{end}")
}
