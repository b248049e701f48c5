//! Stacks that pages show. Each `route` block compiles, and its tests pass, or it fails as it says.
//!
//! Words after the fence, split by commas:
//!
//! - `flow=NAME`: the flow that it stands on: a block `file=NAME` of the page, `examples/NAME/flows.json`, or the flow of
//!   the findings' examples, which needs no word.
//! - `fails=R1001+R2003`: exactly these findings are reported.
//! - `file=NAME`: later blocks of the page may `use` it, and transcripts find it in their folder.
//! - `over=NAME`: an overlay over a `file=NAME` of the page, or over the stack of an example.
//! - `param=NAME:VALUE`: a parameter that is set.
//! - `each=WHAT`: each line is a fragment of its own: `expr` (a condition), `value`, `ends`, `wires`, `type`, or the body of
//!   a router of that kind.
//! - `part=KIND`: the block is the body of a router of that kind, or with `part=test` of a test.
//!
//! Lines that begin with `#` are hidden from readers and compiled; around a fragment they are whole items. Unused names
//! (R1013) are looked at only where `fails` names them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use route_compiler::flow::FlowGraph;
use route_compiler::opt::Passes;
use route_compiler::testing::run::{self, Options};
use route_compiler::world::{NoModules, Stage};
use route_compiler::{Files, Input, Output, codes, compile, flow};

use crate::pages::{Block, Page, root};

const KNOWN: [&str; 7] = ["flow", "fails", "file", "over", "param", "each", "part"];

/// Files of a page, else files of the repository.
struct OfPage<'p>(&'p BTreeMap<String, String>);

impl Files for OfPage<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        if let Some(text) = self.0.get(path) {
            return Ok(text.clone());
        }
        fs::read_to_string(root().join(path)).map_err(|e| e.to_string())
    }
}

/// What is wrong with the stacks of a page.
pub(crate) fn check(page: &Page) -> Vec<String> {
    let (mut files, mut wrong) = (BTreeMap::new(), Vec::new());
    for block in &page.blocks {
        let place = format!("{}:{}", page.path, block.line);
        if block.lang == "route" {
            if let Some(word) = block.unknown(&KNOWN) {
                wrong.push(format!("{place}: `{word}` is no word for a `route` block"));
                continue;
            }
            if let Err(why) = one(block, &files) {
                wrong.push(format!("{place}: {why}"));
            }
        }
        if let Some(name) = block.attr("file") {
            files.insert(name.to_owned(), shown(&block.text));
        }
    }
    wrong
}

/// The block without what hides lines.
pub(crate) fn shown(text: &str) -> String {
    let line = |line: &str| format!("{}\n", line.strip_prefix('#').unwrap_or(line));
    text.lines().map(line).collect()
}

fn one(block: &Block, files: &BTreeMap<String, String>) -> Result<(), String> {
    let flow = flow_of(block.attr("flow"), files)?;
    let graph = flow::read(&flow).map_err(|e| format!("the flow: {e}"))?;
    stacks(block)?.into_iter().try_for_each(|stack| compiles(block, stack, files.clone(), (&graph, &flow)))
}

fn compiles(
    block: &Block,
    stack: String,
    mut files: BTreeMap<String, String>,
    (graph, flow): (&FlowGraph, &str),
) -> Result<(), String> {
    let name = block.attr("file").unwrap_or("shown.route");
    files.insert(name.to_owned(), stack);
    let (root, overlays) = match block.attr("over") {
        None => (name.to_owned(), Vec::new()),
        Some(under) => {
            let beside = if files.contains_key(under) {
                under.to_owned()
            } else {
                format!("examples/{under}/{under}.route")
            };
            (beside, vec![(name.to_owned(), "shown".to_owned())])
        }
    };
    let param = |set: &str| set.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let params: Vec<_> = block.attr("param").and_then(param).into_iter().collect();
    let files = OfPage(&files);
    let input = Input {
        params: &params,
        overlays: &overlays,
        passes: Passes::LOWERED,
        ..Input::new(&files, &root, graph, ("flows.json", flow))
    };
    judge(block, input)
}

fn judge(block: &Block, input: Input<'_>) -> Result<(), String> {
    let output = compile(input);
    let mut found: BTreeSet<&str> = output.diagnostics.iter().map(|d| d.code()).collect();
    let mut said: String = output
        .diagnostics
        .iter()
        .map(|d| format!("\n  {}: {} ({})", d.code(), d.message, at(&output, d)))
        .collect();
    // The tests of a stack say nothing of it with an overlay on top.
    if output.set.is_some() && block.attr("over").is_none() {
        for (title, text) in failed_tests(&output, input)? {
            found.insert("R5001");
            let _ = write!(said, "\n  R5001: test `{title}`: {text}");
        }
    }
    let wanted: BTreeSet<&str> = block.attr("fails").into_iter().flat_map(|codes| codes.split('+')).collect();
    if !wanted.contains("R1013") {
        found.remove("R1013");
    }
    if found == wanted { Ok(()) } else { Err(format!("wanted {wanted:?}, found {found:?}{said}")) }
}

fn at(output: &Output, d: &route_grammar::Diagnostic) -> String {
    let text = output.sources.get(d.primary.file).and_then(|source| source.text.get(d.primary.span.range()));
    text.unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

/// Title and fault of each test that fails, with every runtime of the fleet.
fn failed_tests(output: &Output, input: Input<'_>) -> Result<Vec<(String, String)>, String> {
    let first = output.set.clone().into_iter();
    let sets: Vec<_> = match output.set.as_ref().and_then(|set| set.fleet.as_ref()) {
        None => first.map(Arc::new).collect(),
        Some(fleet) => {
            let of = |name: &str| compile(Input { as_runtime: Some(name), ..input }).set;
            fleet.runtimes.iter().filter_map(|runtime| of(&runtime.name)).map(Arc::new).collect()
        }
    };
    let stage = Stage::new(input.graph, sets).map_err(|e| e.to_string())?;
    let options = Options { wanted: &|_| true, seed: 1, threads: 1, modules: &|| Box::new(NoModules) };
    let results = run::run(output, &stage, &options);
    let failed = results.tests.into_iter().flat_map(|test| {
        let title = test.title;
        test.failures.into_iter().map(move |failure| (title.clone(), failure.diagnostic.message))
    });
    Ok(failed.collect())
}

fn flow_of(name: Option<&str>, files: &BTreeMap<String, String>) -> Result<String, String> {
    let Some(name) = name else { return Ok(codes::EXAMPLE_FLOW.to_owned()) };
    if let Some(text) = files.get(name) {
        return Ok(text.clone());
    }
    let path = root().join("examples").join(name).join("flows.json");
    fs::read_to_string(&path).map_err(|_| format!("there is no flow `{name}`"))
}

/// The stacks that a block stands for: fragments are wrapped, each line of `each` in a stack of its own.
fn stacks(block: &Block) -> Result<Vec<String>, String> {
    let hidden: String =
        block.text.lines().filter_map(|l| l.strip_prefix('#')).map(|l| format!("{l}\n")).collect();
    let seen: Vec<&str> = block.text.lines().filter(|l| !l.starts_with('#')).collect();
    let body = seen.join("\n");
    match (block.attr("part"), block.attr("each")) {
        (None, None) => Ok(vec![shown(&block.text)]),
        (Some("test"), None) => Ok(vec![format!("{hidden}test \"shown\" {{\n{body}\n}}\n")]),
        (Some(kind), None) => {
            Ok(vec![format!("{hidden}{kind} shown on \"Threshold\" -> * {{\n{body}\n}}\n")])
        }
        (None, Some(what)) => {
            let lines = seen.iter().filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with("//"));
            Ok(lines.map(|line| format!("{hidden}{}", fragment(what, line))).collect())
        }
        (Some(_), Some(_)) => Err("`part` and `each` exclude each other".to_owned()),
    }
}

fn fragment(what: &str, line: &str) -> String {
    match what {
        "expr" => format!("predicate _shown = {line}\n"),
        "value" => format!("set shown on \"Threshold\" -> * {{\n msg.shown = {line}\n}}\n"),
        "ends" => format!("let _shown = {line}\n"),
        "wires" => format!("tap shown on {line}\n{{ to stream }}\n"),
        "type" => format!("schema _Shown {{ field: {line}\n}}\n"),
        kind => format!("{kind} shown on \"Threshold\" -> * {{ {line}\n}}\n"),
    }
}
