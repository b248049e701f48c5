//! How reading, checking and lowering grow with the size of flow and stack; the corpus of real flows, when it is there.
//!
//! `cargo bench -p route-benches --bench scale`

#![allow(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use route_benches::big::{flows, stack};
use route_compiler::{Files, Input, compile, flow};

/// One stack in memory.
struct One(String);

impl Files for One {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.clone())
    }
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
            let (ms, graph) = timed(|| flow::read(&text).expect("the flow is well formed"));
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
    let (read, graph) = timed(|| flow::read(&text).expect("the flow is well formed"));
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
        let Ok(graph) = graph else {
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
