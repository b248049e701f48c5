//! The engine for chains in JavaScript (`runtime/node-red/lib/chain`) is held to the reference interpreter: on generated sets and
//! messages, on optimised stacks, on expressions, and on damaged chain files. Needs `node`; says so when it is not there.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod damage;
mod generate;
mod stacks;
mod told;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use regex::RegexBuilder;
use route_chain::Value;
use route_chain::ir::Func;
use route_chain::ops::{Cidr, call};
use route_compiler::opt::Passes;
use serde_json::{Value as Json, json};

/// So many cases, or that many times what the environment says.
fn many(cases: usize) -> usize {
    let times = std::env::var("ROUTE_TIMES_CASES").ok().and_then(|times| times.parse().ok());
    cases * times.unwrap_or(1)
}

/// A value of a strategy.
fn draw<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

/// Writes the cases and lets Node.js replay them.
fn replay(name: &str, cases: &[Json]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/node-red/vectors/replay.js");
    let file: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.ndjson"));
    let lines: Vec<String> = cases.iter().map(Json::to_string).collect();
    fs::write(&file, lines.join("\n")).unwrap();
    let output = match Command::new("node").arg(&script).arg(&file).output() {
        Ok(output) => output,
        Err(error) => return eprintln!("skipped: `node` does not run here ({error})"),
    };
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\nthe cases are in {}", file.display());
    assert!(said.contains(&format!("{} cases agree", cases.len())), "{said}");
}

#[test]
fn generated_chains_say_what_the_reference_says() {
    let mut runner = TestRunner::deterministic();
    let (set, sent) = (generate::set(), told::sent(generate::message(), 1..8));
    let cases: Vec<Json> = (0..many(1500))
        .map(|_| {
            let (set, sent) = (draw(&set, &mut runner), draw(&sent, &mut runner));
            let running = told::running(&set, &sent);
            assert_eq!(told::traced(&set, &sent).without_absent(), running.without_absent());
            told::case(&set, &sent, &running)
        })
        .collect();
    replay("chains", &cases);
}

#[test]
fn optimised_stacks_say_what_the_text_says() {
    let mut runner = TestRunner::deterministic();
    let (stack, sent) = (stacks::stack(), told::sent(stacks::message(), 10..20));
    let mut with_tables = 0;
    let mut cases = Vec::new();
    for _ in 0..many(100) {
        let (text, sent) = (draw(&stack, &mut runner), draw(&sent, &mut runner));
        let (Some(plain), Some(fast)) =
            (stacks::compiled(&text, Passes::NONE), stacks::compiled(&text, Passes::ALL))
        else {
            continue;
        };
        let wanted = told::traced(&plain, &sent);
        let (slow, running) = (told::running(&plain, &sent), told::running(&fast, &sent));
        assert_eq!(wanted.without_places(), running.without_places(), "{text}");
        with_tables += usize::from(fast.chains.iter().any(|chain| !chain.tables.is_empty()));
        cases.push(told::case(&plain, &sent, &slow));
        cases.push(told::case(&fast, &sent, &running));
    }
    assert!(cases.len() > 100 && with_tables > 30, "{} cases, {with_tables} with tables", cases.len());
    replay("stacks", &cases);
}

#[test]
fn expressions_match_what_the_regex_crate_matches() {
    let mut runner = TestRunner::deterministic();
    let (expression, texts) = (generate::expression(), prop::collection::vec(generate::searched(), 8));
    let cases: Vec<Json> = (0..many(3000))
        .map(|_| {
            let (text, searched) = (draw(&expression, &mut runner), draw(&texts, &mut runner));
            let regex = RegexBuilder::new(&text).size_limit(10 << 20).build().ok();
            let matches: Option<Vec<bool>> =
                regex.map(|regex| searched.iter().map(|text| regex.is_match(text)).collect());
            json!({ "expression": text, "texts": searched, "matches": matches })
        })
        .collect();
    replay("expressions", &cases);
}

#[test]
fn addresses_and_networks_are_read_as_rust_reads_them() {
    let mut runner = TestRunner::deterministic();
    let bits = select(vec!["/0", "/8", "/+9", "/032", "/31", "/96", "/128", "/129", "/", "", "/ 1", "/300"]);
    let drawn = (generate::address(), generate::address(), bits);
    let cases: Vec<Json> = (0..many(6000))
        .map(|_| {
            let (address, base, bits) = draw(&drawn, &mut runner);
            let network = format!("{base}{bits}");
            let shown = call(Func::Ip, &[Value::text(&address)]).and_then(|ip| ip.to_json());
            let within = Cidr::parse(&network).map(|network| network.contains(&address));
            json!({ "address": address, "shown": shown, "network": network, "within": within })
        })
        .collect();
    let found = |what: &str| cases.iter().filter(|case| !case[what].is_null()).count();
    assert!(found("shown") > cases.len() / 5 && found("within") > cases.len() / 5);
    replay("addresses", &cases);
}

#[test]
fn both_readers_let_in_the_same_files() {
    let mut runner = TestRunner::deterministic();
    let (set, fleet) = (generate::set(), damage::fleet());
    let cases: Vec<Json> = (0..many(1500))
        .map(|_| {
            let mut json = serde_json::to_value(draw(&set, &mut runner)).unwrap();
            damage::furnish(&mut json, draw(&fleet, &mut runner));
            let times = draw(&(0..3_usize), &mut runner);
            for _ in 0..times {
                let (at, how) = draw(&(any::<u32>(), damage::how()), &mut runner);
                damage::damage(&mut json, at, &how);
            }
            let text = json.to_string();
            let read = route_chain::format::from_json(&text);
            json!({ "file": text, "refused": read.err().map(|error| error.to_string()) })
        })
        .collect();
    let refused = cases.iter().filter(|case| !case["refused"].is_null()).count();
    assert!(
        refused > cases.len() / 4 && refused < cases.len() * 4 / 5,
        "{refused} of {} are refused",
        cases.len()
    );
    replay("files", &cases);
}
