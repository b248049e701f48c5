//! What a message costs at most on a wire. Conditions have no loops, so that every bound can be counted off its chain.

use route_chain::ir::{Chain, ChainSet, Change, Choose, Cond, Func, LogPart, Op, Operand, Select, Step};
use serde::Serialize;

/// The most that one message can cost; each number is a bound of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Comparisons and other tests of a single value, look-ups in tables included.
    pub tests: u64,
    /// Regular expressions, each in time linear in its text.
    pub regexes: u64,
    /// Values that are gone through as a whole: hashed, measured, searched, used as a key.
    pub scans: u64,
    /// Copies: objects along a path that a `set` changes, and parts of the message that a tap takes out. What is only
    /// looked at, or tapped whole, is shared.
    pub copies: u64,
}

/// The wires of one chain, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Costly {
    /// `A -> B` by names.
    pub wires: Vec<String>,
    /// Routers on them.
    pub routers: usize,
    /// The bound.
    #[serde(flatten)]
    pub cost: Cost,
}

impl Cost {
    fn plus(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    fn max(self, other: Self) -> Self {
        self.with(other, u64::max)
    }

    fn with(self, other: Self, f: fn(u64, u64) -> u64) -> Self {
        Self {
            tests: f(self.tests, other.tests),
            regexes: f(self.regexes, other.regexes),
            scans: f(self.scans, other.scans),
            copies: f(self.copies, other.copies),
        }
    }
}

const NOTHING: Cost = Cost { tests: 0, regexes: 0, scans: 0, copies: 0 };
const TEST: Cost = Cost { tests: 1, ..NOTHING };
const SCAN: Cost = Cost { scans: 1, ..NOTHING };

/// The cost of every chain that sits on a wire, the dearest first.
pub fn costs(set: &ChainSet, graph: &crate::flow::FlowGraph) -> Vec<Costly> {
    let printer = crate::explain::Printer { set, graph };
    let mut all: Vec<Costly> = Vec::new();
    let mut wires: Vec<Vec<String>> = vec![Vec::new(); set.chains.len()];
    for wire in &set.wires {
        if let Some(on) = wires.get_mut(wire.chain as usize) {
            on.push(printer.wire(&wire.from, wire.port, &wire.to));
        }
    }
    for (chain, wires) in set.chains.iter().zip(wires).filter(|(_, wires)| !wires.is_empty()) {
        let mut routers: Vec<u32> = chain.steps.iter().map(|step| step.router).collect();
        routers.sort_unstable();
        routers.dedup();
        all.push(Costly { wires, routers: routers.len(), cost: of_chain(chain, set) });
    }
    let weight = |c: &Costly| (c.cost.tests + 4 * (c.cost.regexes + c.cost.scans + c.cost.copies), c.routers);
    all.sort_by_key(|costly| std::cmp::Reverse(weight(costly)));
    all
}

/// Every step once; of a run that a table covers, the dearest of its lists and one look-up.
fn of_chain(chain: &Chain, set: &ChainSet) -> Cost {
    let steps: Vec<Cost> = chain.steps.iter().map(|step| of_step(step, set)).collect();
    let sum = |list: &[u32]| {
        let costs = list.iter().filter_map(|at| steps.get(*at as usize)).copied();
        costs.fold(NOTHING, Cost::plus)
    };
    let mut total = NOTHING;
    let mut at = 0;
    for table in &chain.tables {
        total = total.plus(sum(&(at..table.from).collect::<Vec<u32>>()));
        let lists = table.equal.iter().map(|(_, list)| list).chain(table.prefix.iter().map(|(_, list)| list));
        let dearest = lists.chain([&table.other]).map(|list| sum(list)).fold(NOTHING, Cost::max);
        total = total.plus(TEST).plus(dearest);
        at = table.to;
    }
    total.plus(sum(&(at..chain.steps.len() as u32).collect::<Vec<u32>>()))
}

fn of_step(step: &Step, set: &ChainSet) -> Cost {
    let when = step.when.as_ref().map_or(NOTHING, of_cond);
    let op = match &step.op {
        Op::Keep(cond) => of_cond(cond),
        Op::Set(changes) => changes.iter().map(|change| of_change(change, set)).fold(NOTHING, Cost::plus),
        Op::Limit(limit) => {
            let per = limit.per.as_ref().map_or(NOTHING, |per| of_operand(per).plus(SCAN));
            let distinct = limit.distinct.as_ref().map_or(NOTHING, |d| of_operand(&d.by).plus(SCAN));
            TEST.plus(per).plus(distinct)
        }
        Op::Tap(tap) => match &tap.select {
            Select::Whole => NOTHING,
            Select::Omit(paths) | Select::Only(paths) => {
                Cost { copies: paths.iter().map(|path| depth(*path, set)).sum(), ..NOTHING }
            }
        },
        Op::Break(held) => {
            let values = held.log.iter().flatten().filter_map(|part| match part {
                LogPart::Value(operand) => Some(of_operand(operand).plus(SCAN)),
                LogPart::Text(_) => None,
            });
            values.fold(NOTHING, Cost::plus)
        }
        Op::Remote(remote) => match &remote.choose {
            Choose::Hash(operand) => of_operand(operand).plus(SCAN),
            Choose::Order | Choose::RoundRobin | Choose::Latency => NOTHING,
        },
        Op::Halt { .. } | Op::Redirect { .. } | Op::Call(_) => NOTHING,
    };
    when.plus(op)
}

fn of_change(change: &Change, set: &ChainSet) -> Cost {
    match change {
        Change::Assign(path, value) => of_operand(value).plus(Cost { copies: depth(*path, set), ..NOTHING }),
        Change::Delete(path) => Cost { copies: depth(*path, set), ..NOTHING },
    }
}

/// Objects and lists along a path, the message itself included.
fn depth(path: u32, set: &ChainSet) -> u64 {
    set.paths.get(path as usize).map_or(1, Vec::len) as u64
}

fn of_cond(cond: &Cond) -> Cost {
    let both = |a: &Operand, b: &Operand| TEST.plus(of_operand(a)).plus(of_operand(b));
    match cond {
        Cond::Const(_) => NOTHING,
        Cond::Not(inner) => of_cond(inner),
        Cond::And(all) | Cond::Or(all) => all.iter().map(of_cond).fold(NOTHING, Cost::plus),
        Cond::Cmp(_, a, b) | Cond::StartsWith(a, b) | Cond::EndsWith(a, b) => both(a, b),
        Cond::Contains(a, b) => both(a, b).plus(SCAN),
        Cond::InList(a, items) => of_operand(a).plus(Cost { tests: items.len() as u64, ..NOTHING }),
        Cond::InRange(a, low, high, _) => both(a, low).plus(TEST).plus(of_operand(high)),
        Cond::Matches(a, _) => of_operand(a).plus(Cost { regexes: 1, ..NOTHING }),
        Cond::InCidr(a, _) | Cond::Is(a, _) | Cond::Truth(a) => TEST.plus(of_operand(a)),
        Cond::Has(_) | Cond::Sample(_) => TEST,
        Cond::SampleBy(_, a) => TEST.plus(SCAN).plus(of_operand(a)),
    }
}

fn of_operand(operand: &Operand) -> Cost {
    match operand {
        Operand::Lit(_) | Operand::Path(_) => NOTHING,
        Operand::Neg(a) => of_operand(a),
        Operand::Arith(_, a, b) => of_operand(a).plus(of_operand(b)),
        Operand::Call(func, args) => {
            let whole = match func {
                Func::Len | Func::Lower | Func::Upper | Func::Trim | Func::Hash | Func::Size => SCAN,
                Func::Abs | Func::Min | Func::Max | Func::Round | Func::Ip => NOTHING,
            };
            args.iter().map(of_operand).fold(whole, Cost::plus)
        }
        Operand::Cond(cond) => of_cond(cond),
        Operand::List(items) => items.iter().map(of_operand).fold(NOTHING, Cost::plus),
        Operand::Object(fields) => fields.iter().map(|(_, e)| of_operand(e)).fold(NOTHING, Cost::plus),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::testkit::{FLOW, run_on};

    fn cost(text: &str) -> String {
        let output = run_on(FLOW, text);
        let set = output.set.unwrap_or_else(|| panic!("{:?}", output.diagnostics));
        let all = costs(&set, &crate::flow::read(FLOW).unwrap());
        let shown = all.iter().map(|c| {
            let Cost { tests, regexes, scans, copies } = c.cost;
            format!(
                "{}: {tests} tests, {regexes} regexes, {scans} scans, {copies} copies",
                c.wires.join(", ")
            )
        });
        shown.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn conditions_and_changes_are_counted() {
        assert_eq!(
            cost(
                "filter a on \"Sensor 1\" -> * { keep when msg.payload.t in 1..5 and msg.topic matches /x[0-9]+y/ }\n\
                 set b on \"Sensor 1\" -> * { msg.payload.site = \"north\" }\n\
                 tap c on \"Sensor 1\" -> * { to stdout }\n\
                 tap d on \"Sensor 1\" -> * { omit msg.payload.secret to stdout }\n\
                 limit e on \"Sensor 1\" -> * { at most 1/s per hash(msg.topic) }\n"
            ),
            "\"Sensor 1\".1 -> \"Threshold\": 3 tests, 1 regexes, 2 scans, 4 copies"
        );
    }

    #[test]
    fn a_table_costs_its_dearest_list() {
        let rules: String = (0..100)
            .map(|i| {
                format!(
                    "halt r{i} on \"Sensor 1\" -> * {{ when msg.topic == \"{i}\" and msg.payload > {i} }}\n"
                )
            })
            .collect();
        assert_eq!(cost(&rules), "\"Sensor 1\".1 -> \"Threshold\": 3 tests, 0 regexes, 0 scans, 0 copies");
    }

    #[test]
    fn wires_without_routers_cost_nothing() {
        assert_eq!(cost("const x = 1\n"), "");
    }
}
