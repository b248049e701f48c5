//! The compiled stack for people: each wire with its chain, conditions in the words of the language.

use std::fmt::Write;

use route_chain::ir::{self, ChainSet, Cond, Op, Operand, Step};

use crate::Output;
use crate::flow::FlowGraph;

/// Prints the chains of the wires whose ends contain `filter` in name or id (`A -> B` names both ends); wires that
/// share a chain are listed together. Empty when the stack has errors.
pub fn explain(output: &Output, graph: &FlowGraph, filter: Option<&str>) -> String {
    let Some(set) = &output.set else { return String::new() };
    let printer = Printer { set, graph };
    let mut text = String::new();
    for (at, chain) in set.chains.iter().enumerate() {
        let wires: Vec<&ir::Wire> = set
            .wires
            .iter()
            .filter(|wire| wire.chain == at as u32 && printer.shown(wire, filter.unwrap_or("")))
            .collect();
        if wires.is_empty() {
            continue;
        }
        for wire in wires {
            let _ = writeln!(text, "{}", printer.wire(&wire.from, wire.port, &wire.to));
        }
        for (at, step) in (0..).zip(&chain.steps) {
            if let Some(table) = chain.tables.iter().find(|table| table.from <= at && at < table.to) {
                if table.from == at {
                    let _ = writeln!(text, "    {}", printer.table(table));
                }
                text.push_str("  ");
            }
            let _ = writeln!(text, "    {}", printer.step(step));
        }
        text.push('\n');
    }
    text
}

/// A condition of a compiled stack in the words of the language.
pub fn condition(set: &ChainSet, cond: &Cond) -> String {
    Printer { set, graph: &FlowGraph::default() }.cond(cond, 0)
}

pub(crate) struct Printer<'a> {
    pub(crate) set: &'a ChainSet,
    pub(crate) graph: &'a FlowGraph,
}

impl Printer<'_> {
    fn shown(&self, wire: &ir::Wire, filter: &str) -> bool {
        let (from, to) = (self.node(&wire.from), self.node(&wire.to));
        let fits = |id: &str, label: &str, part: &str| {
            let part = part.trim().trim_matches('"');
            part == "*" || id.contains(part) || label.contains(part)
        };
        match filter.split_once("->") {
            Some((a, b)) => fits(&wire.from, &from, a) && fits(&wire.to, &to, b),
            None => fits(&wire.from, &from, filter) || fits(&wire.to, &to, filter),
        }
    }

    /// A wire by the names of its ends.
    pub(crate) fn wire(&self, from: &str, port: u32, to: &str) -> String {
        format!("{}.{} -> {}", self.node(from), port + 1, self.node(to))
    }

    pub(crate) fn node(&self, id: &str) -> String {
        let node = self.graph.by_id.get(id).and_then(|ix| self.graph.nodes.get(ix.0 as usize));
        match node {
            Some(node) if !node.name.is_empty() => format!("{:?}", node.name),
            _ => format!("id {id:?}"),
        }
    }

    fn table(&self, table: &ir::Table) -> String {
        let (values, beginnings) = (table.equal.len(), table.prefix.len());
        let beginnings = match beginnings {
            0 => String::new(),
            1 => ", 1 beginning".to_owned(),
            many => format!(", {many} beginnings"),
        };
        let most =
            table.equal.iter().map(|(_, steps)| steps).chain(table.prefix.iter().map(|(_, steps)| steps));
        let most = most.chain([&table.other]).map(Vec::len).max().unwrap_or(0);
        let of = table.to.saturating_sub(table.from);
        format!(
            "look up {}: {values} values{beginnings}; at most {most} of {of} steps",
            self.path(table.path)
        )
    }

    fn step(&self, step: &Step) -> String {
        let router = self.set.routers.get(step.router as usize);
        let head = router.map_or(String::new(), |r| {
            let layer = if r.layer == "main" { String::new() } else { format!("{}/", r.layer) };
            format!("{} {layer}{}: ", r.kind, r.name)
        });
        format!("{head}{}", self.clauses(step)).trim_end().to_owned()
    }

    /// A step without the router's name.
    pub(crate) fn clauses(&self, step: &Step) -> String {
        let when = step.when.as_ref().map(|c| format!("when {} ", self.cond(c, 0))).unwrap_or_default();
        format!("{when}{}", self.op(&step.op)).trim_end().to_owned()
    }

    fn op(&self, op: &Op) -> String {
        match op {
            Op::Keep(cond) => format!("keep when {}", self.cond(cond, 0)),
            Op::Halt { reason, as_error } => {
                let reason = reason.as_ref().map(|r| format!(" reason {r:?}")).unwrap_or_default();
                format!("stop{reason}{}", if *as_error { " as error" } else { "" })
            }
            Op::Set(changes) => {
                let change = |c: &ir::Change| match c {
                    ir::Change::Assign(path, value) => {
                        format!("{} = {}", self.path(*path), self.operand(value, 0))
                    }
                    ir::Change::Delete(path) => format!("delete {}", self.path(*path)),
                };
                changes.iter().map(change).collect::<Vec<_>>().join("; ")
            }
            Op::Redirect { to } => format!("to {}", self.node(to)),
            Op::Limit(limit) => self.limit(limit),
            Op::Tap(tap) => self.tap(tap),
            Op::Break(stop) => match &stop.log {
                Some(parts) => self.log(parts),
                None => {
                    let then = if stop.then_pass { "pass" } else { "drop" };
                    let hits = if stop.hits > 1 { format!("hits {} ", stop.hits) } else { String::new() };
                    format!("{hits}hold at most {} for {} then {then}", stop.max, duration(stop.for_ms))
                }
            },
            Op::Remote(remote) => self.remote(remote),
            Op::Call(call) => format!("{} {}", call.plugin, call.options),
        }
    }

    fn log(&self, parts: &[ir::LogPart]) -> String {
        let text: String = parts
            .iter()
            .map(|part| match part {
                ir::LogPart::Text(text) => text.replace('{', "{{"),
                ir::LogPart::Value(value) => format!("{{{}}}", self.operand(value, 0)),
            })
            .collect();
        format!("log {}", serde_json::Value::from(text))
    }

    fn limit(&self, limit: &ir::Limit) -> String {
        let mut parts = Vec::new();
        if let Some(r) = &limit.rate {
            let per = limit.per.as_ref().map(|e| format!(" per {}", self.operand(e, 0))).unwrap_or_default();
            parts.push(format!("{}{per}", rate(r)));
        }
        if let Some(d) = &limit.distinct {
            parts.push(format!("distinct by {} within {}", self.operand(&d.by, 0), duration(d.within_ms)));
        }
        if let ir::Over::Hold { max } = limit.over {
            parts.push(format!("over hold {max}"));
        }
        parts.join(" ")
    }

    /// Where a tap's copies go.
    pub(crate) fn sink(&self, sink: &ir::Sink) -> String {
        match sink {
            ir::Sink::Stdout => "stdout".to_owned(),
            ir::Sink::Stream => "stream".to_owned(),
            ir::Sink::File { path, .. } => format!("file {path:?}"),
            ir::Sink::Node(id) => self.node(id),
            ir::Sink::Counter(s) => format!("counter {s:?}"),
            ir::Sink::Nats(s) => format!("nats {s:?}"),
            ir::Sink::Mqtt(s) => format!("mqtt {s:?}"),
            ir::Sink::Zenoh(s) => format!("zenoh {s:?}"),
            ir::Sink::Otlp(s) => format!("otlp {s:?}"),
        }
    }

    fn tap(&self, tap: &ir::Tap) -> String {
        let sink = self.sink(&tap.sink);
        let paths = |word: &str, list: &[u32]| {
            let list: Vec<String> = list.iter().map(|p| self.path(*p)).collect();
            format!(" {word} {}", list.join(", "))
        };
        let select = match &tap.select {
            ir::Select::Whole => String::new(),
            ir::Select::Omit(list) => paths("omit", list),
            ir::Select::Only(list) => paths("only", list),
        };
        let each = if tap.every > 1 { format!(" every {}", tap.every) } else { String::new() };
        let most = tap.at_most.as_ref().map(|r| format!(" {}", rate(r))).unwrap_or_default();
        format!("to {sink}{select}{each}{most}{}", if tap.block { " full block" } else { "" })
    }

    fn remote(&self, remote: &ir::Remote) -> String {
        let by = match &remote.choose {
            ir::Choose::Order => "order".to_owned(),
            ir::Choose::Hash(e) => format!("hash {}", self.operand(e, 0)),
            ir::Choose::RoundRobin => "round robin".to_owned(),
            ir::Choose::Latency => "latency".to_owned(),
        };
        let to = match remote.to.as_slice() {
            [one] => one.clone(),
            many => format!("one of ({}) by {by}", many.join(", ")),
        };
        let away = match &remote.unreachable {
            ir::Unreachable::Halt => "halt".to_owned(),
            ir::Unreachable::Pass => "pass".to_owned(),
            ir::Unreachable::Error => "error".to_owned(),
            ir::Unreachable::Spool { bytes } => format!("spool {}", size(*bytes)),
        };
        format!("to {to} unreachable {away}")
    }

    fn path(&self, at: u32) -> String {
        let mut text = "msg".to_owned();
        for seg in self.set.paths.get(at as usize).into_iter().flatten() {
            match seg {
                ir::Seg::Index(n) => text.push_str(&format!("[{n}]")),
                ir::Seg::Key(key) if is_name(key) => text.push_str(&format!(".{key}")),
                ir::Seg::Key(key) => text.push_str(&format!("[{key:?}]")),
            }
        }
        text
    }

    /// Binding strength: 0 any, 1 `or`, 2 `and`, 3 `not`, 4 comparison, 5 sums, 6 products, 7 signs.
    pub(crate) fn cond(&self, cond: &Cond, at: u8) -> String {
        let join = |list: &[Cond], word: &str, level: u8| {
            let parts: Vec<String> = list.iter().map(|c| self.cond(c, level + 1)).collect();
            (level, parts.join(word))
        };
        let two = |a: &Operand, word: &str, b: &Operand| {
            (4, format!("{} {word} {}", self.operand(a, 5), self.operand(b, 5)))
        };
        let (level, text) = match cond {
            Cond::Const(b) => (9, b.to_string()),
            Cond::Not(inner) => match &**inner {
                Cond::Cmp(ir::Cmp::Eq, a, b) => two(a, "!=", b),
                inner => (3, format!("not {}", self.cond(inner, 3))),
            },
            Cond::And(list) => join(list, " and ", 2),
            Cond::Or(list) => join(list, " or ", 1),
            Cond::Cmp(op, a, b) => two(a, compare(*op), b),
            Cond::InList(a, values) => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                (4, format!("{} in [{}]", self.operand(a, 5), values.join(", ")))
            }
            Cond::InRange(a, low, high, inclusive) => {
                let dots = if *inclusive { ".." } else { "..<" };
                let (a, low, high) = (self.operand(a, 5), self.operand(low, 5), self.operand(high, 5));
                (4, format!("{a} in {low}{dots}{high}"))
            }
            Cond::InCidr(a, net) => (4, format!("{} in cidr {net:?}", self.operand(a, 5))),
            Cond::Matches(a, at) => {
                let regex = self.set.regexes.get(*at as usize).map(String::as_str).unwrap_or("");
                (4, format!("{} matches /{}/", self.operand(a, 5), regex.replace('/', "\\/")))
            }
            Cond::Contains(a, b) => two(a, "contains", b),
            Cond::StartsWith(a, b) => two(a, "starts with", b),
            Cond::EndsWith(a, b) => two(a, "ends with", b),
            Cond::Is(a, ty) => (4, format!("{} is {}", self.operand(a, 5), format!("{ty:?}").to_lowercase())),
            Cond::Has(path) => (9, format!("has({})", self.path(*path))),
            Cond::Truth(a) => return self.operand(a, at),
            Cond::Sample(share) => (9, format!("sample({}%)", share * 100.0)),
            Cond::SampleBy(share, key) => {
                (9, format!("sample({}%, {})", share * 100.0, self.operand(key, 0)))
            }
        };
        if level < at { format!("({text})") } else { text }
    }

    fn operand(&self, operand: &Operand, at: u8) -> String {
        let all = |list: &[Operand]| list.iter().map(|o| self.operand(o, 0)).collect::<Vec<_>>().join(", ");
        let (level, text) = match operand {
            Operand::Lit(value) => (9, value.to_string()),
            Operand::Path(path) => (9, self.path(*path)),
            Operand::Neg(a) => (7, format!("-{}", self.operand(a, 8))),
            Operand::Arith(op, a, b) => {
                let (level, sign) = match op {
                    ir::Arith::Add => (5, "+"),
                    ir::Arith::Sub => (5, "-"),
                    ir::Arith::Mul => (6, "*"),
                    ir::Arith::Div => (6, "/"),
                    ir::Arith::Rem => (6, "%"),
                };
                (level, format!("{} {sign} {}", self.operand(a, level), self.operand(b, level + 1)))
            }
            Operand::Call(func, args) => {
                (9, format!("{}({})", format!("{func:?}").to_lowercase(), all(args)))
            }
            Operand::Cond(cond) => return self.cond(cond, at),
            Operand::List(items) => (9, format!("[{}]", all(items))),
            Operand::Object(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(k, v)| {
                        let key = if is_name(k) { k.clone() } else { format!("{k:?}") };
                        format!("{key}: {}", self.operand(v, 0))
                    })
                    .collect();
                (9, format!("{{ {} }}", fields.join(", ")))
            }
        };
        if level < at { format!("({text})") } else { text }
    }
}

fn is_name(key: &str) -> bool {
    let mut chars = key.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn compare(op: ir::Cmp) -> &'static str {
    match op {
        ir::Cmp::Eq => "==",
        ir::Cmp::Lt => "<",
        ir::Cmp::Le => "<=",
        ir::Cmp::Gt => ">",
        ir::Cmp::Ge => ">=",
    }
}

/// `at most 10/s burst 3`
pub(crate) fn rate(rate: &ir::Rate) -> String {
    let per = match rate.per_ms {
        1.0 => "ms".to_owned(),
        1000.0 => "s".to_owned(),
        60_000.0 => "m".to_owned(),
        3_600_000.0 => "h".to_owned(),
        86_400_000.0 => "d".to_owned(),
        other => duration(other),
    };
    let burst = if rate.burst == rate.count { String::new() } else { format!(" burst {}", rate.burst) };
    format!("at most {}/{per}{burst}", rate.count)
}

/// `30s`
pub(crate) fn duration(ms: f64) -> String {
    let units = [(86_400_000.0, "d"), (3_600_000.0, "h"), (60_000.0, "m"), (1000.0, "s")];
    match units.iter().find(|(unit, _)| ms >= *unit && ms % unit == 0.0) {
        Some((unit, word)) => format!("{}{word}", ms / unit),
        None => format!("{ms}ms"),
    }
}

fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit)) {
        Some((unit, word)) => format!("{}{word}", bytes / unit),
        None => format!("{bytes}B"),
    }
}
