//! What changes when one compiled stack takes the place of another on the same flow.

use std::collections::{BTreeMap, HashMap};

use route_chain::ir::{self, ChainSet, Path, Step};
use route_chain::refs::{Ref, each_ref};
use serde::Serialize;

use crate::explain::Printer;
use crate::flow::FlowGraph;

/// What changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Diff {
    /// Routers that differ, in the order of the new stack; those that go come last.
    pub routers: Vec<RouterDiff>,
    /// Wires that carry routers now and did not before.
    pub wires_gained: usize,
    /// Wires that carry none any more.
    pub wires_lost: usize,
    /// Changes of the fleet, in words.
    pub fleet: Vec<String>,
}

/// A router that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RouterDiff {
    /// `filter`, `tap`, …
    pub kind: String,
    /// Its layer.
    pub layer: String,
    /// Its name.
    pub name: String,
    /// How it differs.
    pub what: What,
    /// Its clauses before, one text for each way in which they stand on its wires.
    pub before: Vec<String>,
    /// Its clauses after.
    pub after: Vec<String>,
    /// Wires that it sits on now and did not before.
    pub gained: Vec<String>,
    /// Wires that it sat on and does not any more.
    pub lost: Vec<String>,
}

/// How a router differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its clauses or its wires are others.
    Changed,
    /// It is the same at another place in the order.
    Moved,
}

impl Diff {
    /// Nothing changes.
    pub fn is_empty(&self) -> bool {
        self.routers.is_empty() && self.fleet.is_empty()
    }

    /// How many routers differ in this way.
    pub fn count(&self, what: What) -> usize {
        self.routers.iter().filter(|router| router.what == what).count()
    }
}

/// What changes when `after` takes the place of `before`. `graph` gives the names of nodes.
pub fn diff(before: &ChainSet, after: &ChainSet, graph: &FlowGraph) -> Diff {
    let mut names = Names::default();
    let (old, new) = (Side::new(before, graph, &mut names), Side::new(after, graph, &mut names));
    let moved = moved(&old.order, &new.order);
    let mut routers = Vec::new();
    for key in &new.order {
        let Some(now) = new.routers.get(key) else { continue };
        let found = match old.routers.get(key) {
            None => Some(between(key, What::Added, &Sits::default(), now)),
            Some(was) if was.steps != now.steps => Some(between(key, What::Changed, was, now)),
            Some(was) => moved.contains(key).then(|| between(key, What::Moved, was, now)),
        };
        routers.extend(found);
    }
    for key in old.order.iter().filter(|key| !new.routers.contains_key(*key)) {
        let Some(was) = old.routers.get(key) else { continue };
        routers.push(between(key, What::Removed, was, &Sits::default()));
    }
    let lone = |a: &Side, b: &Side| a.wires.iter().filter(|wire| !b.wires.contains(*wire)).count();
    let fleet = fleet(before.fleet.as_ref(), after.fleet.as_ref(), &Printer { set: after, graph });
    Diff { routers, wires_gained: lone(&new, &old), wires_lost: lone(&old, &new), fleet }
}

/// Layer, name and kind: what makes a router the same router in two stacks.
type Key = (String, String, String);

/// Source, output, destination.
type WireKey = (String, u32, String);

/// One of the two stacks.
struct Side {
    order: Vec<Key>,
    routers: HashMap<Key, Sits>,
    wires: std::collections::HashSet<WireKey>,
}

/// The wires of a router, and what it does on each.
#[derive(Default)]
struct Sits {
    steps: BTreeMap<WireKey, Vec<Step>>,
    words: BTreeMap<WireKey, String>,
    clauses: Vec<String>,
}

/// Paths and expressions of both stacks by one numbering, so that their steps can be compared.
#[derive(Default)]
struct Names {
    paths: HashMap<Path, u32>,
    regexes: HashMap<String, u32>,
}

impl Names {
    fn renumber(&mut self, step: &Step, set: &ChainSet) -> Step {
        let mut step = Step { router: 0, ..step.clone() };
        each_ref(&mut step, &mut |reference| match reference {
            Ref::Path(at) => {
                let next = self.paths.len() as u32;
                let path = set.paths.get(*at as usize).cloned().unwrap_or_default();
                *at = *self.paths.entry(path).or_insert(next);
            }
            Ref::Regex(at) => {
                let next = self.regexes.len() as u32;
                let regex = set.regexes.get(*at as usize).cloned().unwrap_or_default();
                *at = *self.regexes.entry(regex).or_insert(next);
            }
        });
        step
    }
}

impl Side {
    fn new(set: &ChainSet, graph: &FlowGraph, names: &mut Names) -> Self {
        let key = |r: &ir::Router| (r.layer.clone(), r.name.clone(), r.kind.clone());
        let order: Vec<Key> = set.routers.iter().map(key).collect();
        let printer = Printer { set, graph };
        let mut routers: HashMap<Key, Sits> =
            order.iter().map(|key| (key.clone(), Sits::default())).collect();
        let mut wires = std::collections::HashSet::new();
        for wire in &set.wires {
            let Some(chain) = set.chains.get(wire.chain as usize) else { continue };
            let place: WireKey = (wire.from.clone(), wire.port, wire.to.clone());
            for step in &chain.steps {
                let Some(key) = order.get(step.router as usize) else { continue };
                let Some(sits) = routers.get_mut(key) else { continue };
                let text = printer.clauses(step);
                if !sits.clauses.contains(&text) {
                    sits.clauses.push(text);
                }
                sits.steps.entry(place.clone()).or_default().push(names.renumber(step, set));
                let words = || printer.wire(&wire.from, wire.port, &wire.to);
                sits.words.entry(place.clone()).or_insert_with(words);
            }
            wires.insert(place);
        }
        Self { order, routers, wires }
    }
}

fn between(key: &Key, what: What, was: &Sits, now: &Sits) -> RouterDiff {
    let lone = |a: &Sits, b: &Sits| {
        a.words
            .iter()
            .filter(|(wire, _)| !b.steps.contains_key(*wire))
            .map(|(_, text)| text.clone())
            .collect()
    };
    let (layer, name, kind) = key.clone();
    RouterDiff {
        kind,
        layer,
        name,
        what,
        before: was.clauses.clone(),
        after: now.clauses.clone(),
        gained: lone(now, was),
        lost: lone(was, now),
    }
}

/// Routers of both stacks that are not in the longest run of them whose order stayed.
fn moved(before: &[Key], after: &[Key]) -> std::collections::HashSet<Key> {
    let place: HashMap<&Key, usize> = before.iter().enumerate().map(|(at, key)| (key, at)).collect();
    let common: Vec<(&Key, usize)> = after.iter().filter_map(|key| Some((key, *place.get(key)?))).collect();
    // Patience: `ends[n]` is where the rising run of length n + 1 with the lowest end stops.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(common.len());
    for (at, (_, place)) in common.iter().enumerate() {
        let length = ends.partition_point(|end| common[*end].1 < *place);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() { ends.push(at) } else { ends[length] = at }
    }
    let mut stays = vec![false; common.len()];
    let mut at = ends.last().copied();
    while let Some(place) = at {
        stays[place] = true;
        at = previous[place];
    }
    common.iter().zip(stays).filter(|(_, stays)| !stays).map(|((key, _), _)| (*key).clone()).collect()
}

fn fleet(before: Option<&ir::Fleet>, after: Option<&ir::Fleet>, printer: &Printer<'_>) -> Vec<String> {
    let runtimes = |fleet: Option<&ir::Fleet>| -> Vec<ir::Runtime> {
        fleet.map(|fleet| fleet.runtimes.clone()).unwrap_or_default()
    };
    let (old, new) = (runtimes(before), runtimes(after));
    let mut said = Vec::new();
    for runtime in &new {
        match old.iter().find(|other| other.name == runtime.name) {
            None => said.push(format!("runtime `{}` joins at {}", runtime.name, runtime.address)),
            Some(other) if other.address != runtime.address || other.transport != runtime.transport => {
                said.push(format!(
                    "runtime `{}` is reached by {} at {} (was {} at {})",
                    runtime.name, runtime.transport, runtime.address, other.transport, other.address
                ));
            }
            Some(other) if other != runtime => {
                said.push(format!("runtime `{}` has other limits or tags", runtime.name));
            }
            Some(_) => {}
        }
    }
    for gone in old.iter().filter(|runtime| !new.iter().any(|other| other.name == runtime.name)) {
        said.push(format!("runtime `{}` leaves", gone.name));
    }
    let absent = |fleet: Option<&ir::Fleet>| fleet.map(|fleet| fleet.absent.clone()).unwrap_or_default();
    let (old, new) = (absent(before), absent(after));
    let lone = |a: &[String], b: &[String]| -> Vec<String> {
        let known: std::collections::HashSet<&String> = b.iter().collect();
        a.iter().filter(|id| !known.contains(id)).map(|id| printer.node(id)).collect()
    };
    for (nodes, one, many) in [
        (lone(&old, &new), "node comes here", "nodes come here"),
        (lone(&new, &old), "node leaves this runtime", "nodes leave this runtime"),
    ] {
        if !nodes.is_empty() {
            let what = if nodes.len() == 1 { one } else { many };
            let shown: Vec<&str> = nodes.iter().take(5).map(String::as_str).collect();
            let more = nodes.len().saturating_sub(shown.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            said.push(format!("{} {what}: {}{more}", nodes.len(), shown.join(", ")));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Files, Input, compile, flow};

    struct Text<'a>(&'a str);

    impl Files for Text<'_> {
        fn read(&self, _: &str) -> Result<String, String> {
            Ok(self.0.to_owned())
        }
    }

    const FLOWS: &str = r#"[{"id":"t","type":"tab","label":"T"},
        {"id":"a","type":"inject","z":"t","name":"A","wires":[["b","c"]]},
        {"id":"b","type":"debug","z":"t","name":"B","wires":[]},
        {"id":"c","type":"debug","z":"t","name":"C","wires":[]}]"#;

    fn shown(before: &str, after: &str) -> String {
        let graph = flow::read(FLOWS).unwrap();
        let set = |text: &str| {
            compile(Input::new(&Text(text), "s.route", &graph, ("flows.json", FLOWS))).set.unwrap()
        };
        let diff = diff(&set(before), &set(after), &graph);
        let mut out = format!("+{} -{} wires\n", diff.wires_gained, diff.wires_lost);
        for r in diff.routers {
            out.push_str(&format!(
                "{:?} {}: {:?} => {:?} +{:?} -{:?}\n",
                r.what, r.name, r.before, r.after, r.gained, r.lost
            ));
        }
        out
    }

    #[test]
    fn routers_come_go_change_and_move() {
        let before = "stack s\nhalt one on \"A\" -> \"B\" { when msg.x }\nset two on * -> * { msg.y = 1 }\n\
                      halt three on * -> \"B\" { when msg.z }\n";
        let after = "stack s\nhalt three on * -> \"B\" { when msg.z }\nset two on * -> \"B\" { msg.y = 2 }\n\
                     tap four on * -> \"B\" { to stdout }\n";
        insta::assert_snapshot!(shown(before, after), @r#"
        +0 -1 wires
        Moved three: ["when msg.z stop"] => ["when msg.z stop"] +[] -[]
        Changed two: ["msg.y = 1"] => ["msg.y = 2"] +[] -["\"A\".1 -> \"C\""]
        Added four: [] => ["to stdout"] +["\"A\".1 -> \"B\""] -[]
        Removed one: ["when msg.x stop"] => [] +[] -["\"A\".1 -> \"B\""]
        "#);
    }

    #[test]
    fn the_same_stack_with_other_tables_of_paths_is_no_change() {
        let before =
            "stack s\nhalt gone on \"A\" -> \"B\" { when msg.x }\nhalt one on * -> \"C\" { when msg.y }\n";
        let after = "stack s\nhalt one on * -> \"C\" { when msg.y }\n";
        insta::assert_snapshot!(shown(before, after), @r#"
        +0 -1 wires
        Removed gone: ["when msg.x stop"] => [] +[] -["\"A\".1 -> \"B\""]
        "#);
        assert_eq!(shown(after, after), "+0 -0 wires\n");
    }
}
