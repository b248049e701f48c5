//! Taking a layer out of a compiled stack, without the text that it was compiled from.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::ir::{Chain, ChainSet, Step, Table, Wire};
use crate::refs::{Ref, each_ref};

/// The set as if the layer had never been in it: its routers and their steps are gone, the other steps are what they
/// were. Chains that become equal are one chain, a wire whose chain becomes empty is not listed, and paths and
/// expressions that nothing refers to any more are left out. The fleet stays as it is, and so does
/// [`ChainSet::source`], which names the text that the set was compiled from.
///
/// Sound because no router's steps depend on the routers of another layer: an optimiser may use what a router does to
/// change others of the same layer only. Tables say of each step whether it can act, whatever the others do.
pub fn without_layer(set: &ChainSet, layer: &str) -> ChainSet {
    let numbers = renumbered(set.routers.iter().map(|router| router.layer != layer));
    let mut out = ChainSet { chains: Vec::new(), wires: Vec::new(), ..set.clone() };
    out.routers.retain(|router| router.layer != layer);

    let mut known: HashMap<String, u32> = HashMap::new();
    let mut places = Vec::with_capacity(set.chains.len());
    for chain in &set.chains {
        let chain = shortened(chain, &numbers);
        // A chain holds doubles, which cannot be hashed, so its printed form stands for it.
        let next = out.chains.len() as u32;
        places.push(match known.entry(format!("{chain:?}")) {
            Entry::Occupied(same) => *same.get(),
            Entry::Vacant(new) => {
                out.chains.push(chain);
                *new.insert(next)
            }
        });
    }
    for wire in &set.wires {
        let Some(&chain) = places.get(wire.chain as usize) else { continue };
        if out.chains.get(chain as usize).is_some_and(|chain| !chain.steps.is_empty()) {
            out.wires.push(Wire { chain, ..wire.clone() });
        }
    }
    drop_unused(&mut out);
    out
}

/// The new number of each thing that stays.
fn renumbered(stays: impl Iterator<Item = bool>) -> Vec<Option<u32>> {
    let mut next = 0;
    stays
        .map(|stays| {
            let number = stays.then_some(next);
            next += u32::from(stays);
            number
        })
        .collect()
}

fn at(numbers: &[Option<u32>], old: u32) -> Option<u32> {
    numbers.get(old as usize).copied().flatten()
}

/// The chain without the steps of routers that have no number.
fn shortened(chain: &Chain, routers: &[Option<u32>]) -> Chain {
    let moved = renumbered(chain.steps.iter().map(|step| at(routers, step.router).is_some()));
    let steps = chain
        .steps
        .iter()
        .filter_map(|step| Some(Step { router: at(routers, step.router)?, ..step.clone() }))
        .collect();
    let tables = chain.tables.iter().filter_map(|table| shortened_table(table, &moved)).collect();
    Chain { steps, tables }
}

/// `None`: it spares nothing any more.
fn shortened_table(table: &Table, moved: &[Option<u32>]) -> Option<Table> {
    let before = |step: u32| moved.iter().take(step as usize).flatten().count() as u32;
    let (from, to) = (before(table.from), before(table.to));
    let list = |steps: &Vec<u32>| steps.iter().filter_map(|step| at(moved, *step)).collect();
    (to > from + 1).then(|| Table {
        from,
        to,
        path: table.path,
        equal: table.equal.iter().map(|(value, steps)| (value.clone(), list(steps))).collect(),
        prefix: table.prefix.iter().map(|(text, steps)| (text.clone(), list(steps))).collect(),
        other: list(&table.other),
    })
}

/// Leaves out paths and expressions that nothing in the set refers to.
pub fn drop_unused(set: &mut ChainSet) {
    let mut paths = vec![false; set.paths.len()];
    let mut regexes = vec![false; set.regexes.len()];
    let mark =
        |used: &mut [bool], at: u32| used.get_mut(at as usize).into_iter().for_each(|used| *used = true);
    each_of(&mut set.chains, &mut |reference| match reference {
        Ref::Path(at) => mark(&mut paths, *at),
        Ref::Regex(at) => mark(&mut regexes, *at),
    });
    let (paths, regexes) = (renumbered(paths.into_iter()), renumbered(regexes.into_iter()));
    each_of(&mut set.chains, &mut |reference| match reference {
        Ref::Path(old) => *old = at(&paths, *old).unwrap_or(*old),
        Ref::Regex(old) => *old = at(&regexes, *old).unwrap_or(*old),
    });
    keep(&mut set.paths, &paths);
    keep(&mut set.regexes, &regexes);
}

fn each_of(chains: &mut [Chain], visit: &mut dyn FnMut(Ref<'_>)) {
    for chain in chains {
        chain.tables.iter_mut().for_each(|table| visit(Ref::Path(&mut table.path)));
        chain.steps.iter_mut().for_each(|step| each_ref(step, visit));
    }
}

fn keep<T>(all: &mut Vec<T>, numbers: &[Option<u32>]) {
    let mut numbers = numbers.iter();
    all.retain(|_| numbers.next().is_some_and(Option::is_some));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::format;

    fn router(name: &str, layer: &str) -> Json {
        json!({ "name": name, "kind": "filter", "layer": layer, "file": "x.route", "line": 1 })
    }

    /// A filter on a path.
    fn keep(router: u32, path: u32) -> Json {
        json!({ "router": router, "op": { "keep": { "has": path } } })
    }

    fn set(paths: Json, routers: Json, chains: Json, wires: Json) -> ChainSet {
        let all = json!({
            "magic": "route-chain", "version": crate::ir::VERSION, "stack": "s", "flows": "f", "source": "",
            "paths": paths, "regexes": [], "routers": routers, "chains": chains, "wires": wires,
        });
        format::from_json(&all.to_string()).unwrap()
    }

    fn wire(from: &str, chain: u32) -> Json {
        json!({ "from": from, "port": 0, "to": "z", "chain": chain })
    }

    #[test]
    fn a_set_without_its_overlay_is_the_set_before_it() {
        let before = set(
            json!([["a"], ["c"]]),
            json!([router("one", "main"), router("three", "main")]),
            json!([{ "steps": [] }, { "steps": [keep(0, 0), keep(1, 1)] }]),
            json!([wire("a", 1), wire("b", 1)]),
        );
        let with = set(
            json!([["a"], ["b"], ["c"]]),
            json!([router("one", "main"), router("two", "debug"), router("three", "main")]),
            json!([
                { "steps": [] },
                { "steps": [keep(0, 0), keep(1, 1), keep(2, 2)] },
                { "steps": [keep(0, 0), keep(2, 2)] },
                { "steps": [keep(1, 1)] },
            ]),
            json!([wire("a", 1), wire("b", 2), wire("c", 3)]),
        );
        assert_eq!(without_layer(&with, "debug"), before);
        assert_eq!(without_layer(&with, "no such layer"), with);
        assert_eq!(without_layer(&without_layer(&with, "debug"), "main").wires, []);
    }

    #[test]
    fn a_table_goes_on_to_say_which_steps_can_act() {
        let equal = |router: u32, value: &str| {
            json!({ "router": router, "when": { "cmp": ["eq", { "path": 0 }, { "lit": value }] },
                    "op": { "halt": { "as_error": false } } })
        };
        let routers = ["main", "debug", "main", "debug"].map(|layer| router("r", layer));
        let table = json!({ "from": 0, "to": 4, "path": 0,
            "equal": [["x", [0]], ["y", [1]], ["z", [2, 3]]], "prefix": [], "other": [] });
        let steps = [equal(0, "x"), equal(1, "y"), equal(2, "z"), equal(3, "z")];
        let with = set(
            json!([["topic"]]),
            json!(routers),
            json!([{ "steps": [] }, { "steps": steps, "tables": [table] }]),
            json!([wire("a", 1)]),
        );
        let without = without_layer(&with, "debug");
        let expected = json!([{ "from": 0, "to": 2, "path": 0,
            "equal": [["x", [0]], ["y", []], ["z", [1]]], "other": [] }]);
        assert_eq!(serde_json::to_value(&without.chains[1].tables).unwrap(), expected);
        format::check(&without).unwrap();

        // One step is not worth a table.
        let mut alone = with.clone();
        alone.routers[2].layer = "debug".into();
        assert_eq!(without_layer(&alone, "debug").chains[1].tables, []);
    }
}
