//! How reading, checking and lowering grow with the size of flow and stack; the corpus of real flows, when it is there.
//!
//! `cargo bench -p route-benches --bench scale`

#![allow(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use route_compiler::{Files, Input, compile, flow};

/// One stack in memory.
struct One(String);

impl Files for One {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.clone())
    }
}

/// Tabs of a hundred nodes, each in rows of ten: an inject, functions and switches, a debug.
fn flows(nodes: usize) -> String {
    let mut text = String::from("[");
    for at in 0..nodes {
        let (tab, row, column) = (at / 100, at / 10, at % 10);
        if at % 100 == 0 {
            let _ = write!(text, "{{\"id\":\"t{tab}\",\"type\":\"tab\",\"label\":\"Line {tab}\"}},");
        }
        let ty = match column {
            0 => "inject",
            9 => "debug",
            5 => "switch",
            _ => "function",
        };
        let wires = if column == 9 { String::new() } else { format!("[\"n{}\"]", at + 1) };
        let _ = write!(
            text,
            "{{\"id\":\"n{at}\",\"type\":\"{ty}\",\"z\":\"t{tab}\",\"name\":\"Row {row} step {column}\",\"x\":{},\"y\":{},\"wires\":[{wires}]}},",
            column * 100,
            row % 10 * 60
        );
    }
    text.pop();
    text.push(']');
    text
}

/// Routers of every kind, most on the wires of one row or one tab, a few on all wires of a type.
fn stack(routers: usize, nodes: usize) -> String {
    let (rows, tabs) = (nodes / 10, nodes.div_ceil(100));
    let mut text =
        String::from("stack line\nconst hot = 60\npredicate far(x) = x > hot * 2 and msg.unit == \"C\"\n");
    for at in 0..routers {
        let (row, tab, step) = (at * 7919 % rows, at * 31 % tabs, at % 9);
        let on = match at % 10 {
            0 => format!("tab \"Line {tab}\" and type \"function\" -> *"),
            1 => format!("\"Row {row} step {step}\" or \"Row {} step {step}\" -> *", (row + 1) % rows),
            _ => format!("\"Row {row} step {step}\" -> \"Row {row} step {}\"", step + 1),
        };
        let _ = match at % 5 {
            0 => writeln!(
                text,
                "filter r{at} on {on} {{ keep when msg.payload in -40..{} and msg.unit in [\"C\", \"F\"] }}",
                90 + at % 9
            ),
            1 => writeln!(
                text,
                "tap r{at} on {on} {{ when far(msg.payload) or msg.topic starts with \"bed/{at}\" to counter \"c{at}\" }}"
            ),
            2 => writeln!(
                text,
                "halt r{at} on {on} {{ when msg.topic == \"bed/{at}\" reason \"no longer there\" }}"
            ),
            3 => writeln!(text, "set r{at} on {on} {{ when not has msg.site msg.site = \"north\" }}"),
            _ => writeln!(text, "limit r{at} on {on} {{ at most {}/s per msg.topic }}", 1 + at % 50),
        };
    }
    text
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let result = work();
    (began.elapsed().as_secs_f64() * 1000.0, result)
}

/// Most memory that the process ever had, MiB; `None` where `/proc` does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

fn sizes(quick: bool) {
    println!("\nreading, checking and lowering (best of three)\n");
    println!(
        "{:>8} {:>8} {:>8} {:>9} {:>9} {:>7} {:>10} {:>10}",
        "nodes", "routers", "wires", "read ms", "check ms", "growth", "findings", "peak MiB"
    );
    let mut before: Option<f64> = None;
    let all: &[(usize, usize)] = if quick {
        &[(1_000, 100), (10_000, 1_000)]
    } else {
        &[(1_000, 100), (10_000, 1_000), (100_000, 10_000)]
    };
    for (nodes, routers) in all {
        let (text, stack) = (flows(*nodes), One(stack(*routers, *nodes)));
        let (mut read, mut check, mut findings, mut wires) = (f64::MAX, f64::MAX, 0, 0);
        for _ in 0..3 {
            let (ms, graph) = timed(|| flow::read(&text).expect("the flow is well formed").0);
            read = read.min(ms);
            let (ms, output) =
                timed(|| compile(Input::new(&stack, "line.route", &graph, ("flows.json", &text))));
            check = check.min(ms);
            findings = output.diagnostics.len();
            wires = graph.wires.len();
            assert!(output.set.is_some(), "{:#?}", output.diagnostics.first());
        }
        let growth = before.map_or(String::new(), |before| format!("x {:.1}", check / before));
        let peak = peak().map_or("?".to_owned(), |mib| mib.to_string());
        println!(
            "{nodes:>8} {routers:>8} {wires:>8} {read:>9.1} {check:>9.1} {growth:>7} {findings:>10} {peak:>10}"
        );
        before = Some(check);
    }
}

fn big_flow() {
    let text = flows(100_000);
    let stack = One("tap all on * -> * { to counter \"all\" }\n".to_owned());
    let (read, graph) = timed(|| flow::read(&text).expect("the flow is well formed").0);
    let (check, output) = timed(|| compile(Input::new(&stack, "all.route", &graph, ("flows.json", &text))));
    let wires = output.set.map_or(0, |set| set.wires.len());
    println!(
        "\n100,000 nodes, one tap on all {wires} wires: read {read:.0} ms, check and lower {check:.0} ms"
    );
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push(path);
        }
    }
}

/// Every real flow with a tap on all of its wires.
fn corpus() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let dir = std::env::var_os("ROUTE_CORPUS").map_or(beside, PathBuf::from);
    if !dir.is_dir() {
        println!("\nskipped: no corpus of real flows (set ROUTE_CORPUS)");
        return;
    }
    let mut paths = Vec::new();
    files(&dir, &mut paths);
    let stack = One("tap all on * -> * { to counter \"all\" }\n".to_owned());
    let (mut loaded, mut refused, mut bare) = (BTreeMap::new(), 0, 0);
    for path in &paths {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let (read, graph) = timed(|| flow::read(&text));
        let Ok((graph, _)) = graph else {
            refused += 1;
            continue;
        };
        let (check, output) =
            timed(|| compile(Input::new(&stack, "all.route", &graph, ("flows.json", &text))));
        let Some(set) = output.set else {
            // A flow without a wire has nothing for a tap to sit on, and that is said.
            assert!(graph.wires.is_empty(), "{}: {:#?}", path.display(), output.diagnostics);
            bare += 1;
            continue;
        };
        loaded.insert(path, (graph.nodes.len(), set.wires.len(), read, check));
    }
    let sum = |of: fn(&(usize, usize, f64, f64)) -> f64| loaded.values().map(of).sum::<f64>();
    println!(
        "\ncorpus: {} flows compiled with a tap on all wires, {} nodes, {} wires, in {:.1} ms to read and {:.1} ms to check; {bare} without a wire, {refused} are no flows",
        loaded.len(),
        sum(|f| f.0 as f64),
        sum(|f| f.1 as f64),
        sum(|f| f.2),
        sum(|f| f.3),
    );
    let slowest = loaded.iter().max_by(|a, b| (a.1.2 + a.1.3).total_cmp(&(b.1.2 + b.1.3)));
    if let Some((path, (nodes, wires, read, check))) = slowest {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        println!(
            "the slowest is {name}: {nodes} nodes, {wires} wires, read {read:.1} ms, check {check:.1} ms"
        );
    }
}

fn main() {
    let quick = std::env::args().any(|arg| arg == "--quick");
    sizes(quick);
    big_flow();
    corpus();
}
