//! The examples of every rule's long form: what fails reports exactly that rule, what passes reports nothing.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use route_grammar::{Example, Rule};

use crate::lock::{Lock, Locked};
use crate::testkit::{Memory, suggestions_hold};
use crate::{Input, codes, compile, flow};

/// The blocks below one heading, up to and with a `route` block without a name, are one example.
/// A block named `overlay.route` lies on top of it.
fn check(rule: &Rule, heading: &str, blocks: &[Example<'_>], wanted: &[&str], wrong: &mut Vec<String>) {
    let mut files = BTreeMap::new();
    let mut params = Vec::new();
    let mut flow = codes::EXAMPLE_FLOW;
    let (mut stacks, mut lock) = (0, None);
    for block in blocks.iter().filter(|block| block.heading == heading) {
        match block.info.split_once(' ').unwrap_or((block.info, "example.route")) {
            ("json", _) => flow = &block.text,
            ("sh", _) => params = flags(&block.text),
            ("lock", _) => lock = Lock::read(&block.text).unwrap().stacks.remove("example.route"),
            ("route", name) => {
                files.insert(name.to_owned(), block.text.clone());
                if name == "example.route" {
                    stacks += 1;
                    let found = found(&files, flow, &params, lock.as_ref());
                    if found != wanted {
                        wrong.push(format!("{} {heading}, found {found:?}: {}", rule.code, block.text));
                    }
                }
            }
            (info, _) => panic!("{}: what is a block of `{info}`?", rule.code),
        }
    }
    assert!(stacks > 0, "{} has no example that {heading}", rule.code);
}

fn flags(command: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let param = |pair: &[&str]| match pair {
        ["--param", set] => set.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())),
        _ => None,
    };
    words.windows(2).filter_map(param).collect()
}

/// The codes that are reported, each once.
fn found(
    files: &BTreeMap<String, String>,
    flow: &str,
    params: &[(String, String)],
    lock: Option<&Locked>,
) -> Vec<&'static str> {
    let graph = flow::read(flow).unwrap();
    let overlay = ("overlay.route".to_owned(), "overlay".to_owned());
    let overlays: Vec<_> = files.contains_key(&overlay.0).then_some(overlay).into_iter().collect();
    let output = compile(Input {
        params,
        overlays: &overlays,
        lock,
        ..Input::new(&Memory(files.clone()), "example.route", &graph, ("flows.json", flow))
    });
    for d in &output.diagnostics {
        assert_eq!(d.severity, d.rule.severity(), "{d:?}");
    }
    if files.len() == 1 && params.is_empty() {
        suggestions_hold(flow, &files["example.route"], &output);
    }
    let mut codes: Vec<_> = output.diagnostics.iter().map(|d| d.code()).collect();
    if output.set.is_some() {
        let results = crate::testing::tests::run_all(&output, &graph);
        codes.extend(results.tests.iter().flat_map(|t| &t.failures).map(|f| f.diagnostic.code()));
    }
    codes.dedup();
    codes
}

/// Rules whose examples are too long to be written out; tests of their own make them.
const MADE: &[&str] = &["R0020", "R0022", "R0023", "R2010"];

#[test]
fn every_example_is_what_it_says() {
    let mut wrong = Vec::new();
    for rule in codes::all().filter(|rule| !MADE.contains(&rule.code)) {
        let blocks = rule.examples();
        check(rule, "Fails", &blocks, &[rule.code], &mut wrong);
        check(rule, "Passes", &blocks, &[], &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_and_names_are_there_once() {
    let mut codes: Vec<&str> =
        codes::all().map(|rule| rule.code).chain(codes::RETIRED.iter().copied()).collect();
    let mut names: Vec<&str> = codes::all().map(|rule| rule.name).collect();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count, "a code is there twice, or is used again");
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name is there twice");
}

#[test]
fn rules_are_written_in_one_way() {
    for rule in codes::all() {
        let code = rule.code.strip_prefix('R').unwrap_or_default();
        assert!(code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit()), "{}", rule.code);
        assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.name);
        assert!(rule.title().len() > 10 && rule.title().len() < 80, "{}: {}", rule.code, rule.title());
        assert!(rule.explanation().starts_with(&format!("# {} ({})", rule.name, rule.code)));
    }
}

/// Each family's folder holds its rules and nothing else, and each rule is listed.
#[test]
fn every_rule_is_one_file() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check");
    let families = [
        ("names", super::names::ALL),
        ("types", super::types::ALL),
        ("graph", super::graph::ALL),
        ("fleet", super::fleet::ALL),
    ];
    for (family, rules) in families {
        let mut files: Vec<String> = std::fs::read_dir(here.join(family))
            .unwrap()
            .map(|entry| {
                entry.unwrap().file_name().to_string_lossy().trim_end_matches(".rs").replace('_', "-")
            })
            .filter(|name| name != "mod")
            .collect();
        let mut names: Vec<&str> = rules.iter().map(|rule| rule.name).collect();
        files.sort();
        names.sort_unstable();
        assert_eq!(files, names, "in `check/{family}`");
        assert!(rules.windows(2).all(|pair| pair[0].code < pair[1].code), "`check/{family}` is not in order");
    }
}
