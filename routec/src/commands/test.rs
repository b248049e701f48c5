//! `routec test`: runs the tests of a stack.

use std::fmt::Write;

use route_compiler::story::Told;
use route_compiler::testing::coverage::{Coverage, Share};
use route_compiler::testing::run::{Options, Results, TestResult, run as run_tests};
use route_compiler::world::NoModules;
use route_grammar::Sources;
use serde_json::{Value, json};

use crate::args::Test;
use crate::fault::Fault;
use crate::render::{Format, Style, junit, render};
use crate::stage::Staged;
use crate::words::many;
use crate::{Outcome, tell, to_stdout};

pub(crate) fn run(args: &Test, style: Style) -> Result<Outcome, Fault> {
    let Some(staged) = Staged::of(&args.stack, &args.play, style, "routec test")? else {
        return Ok(Outcome::Findings);
    };
    let output = &staged.compiled.output;
    if args.list {
        to_stdout(&output.stack.tests.iter().map(|test| format!("{}\n", test.title)).collect::<String>())?;
        return Ok(Outcome::Clean);
    }
    let wanted = |title: &str| args.filter.as_deref().is_none_or(|part| title.contains(part));
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let options = Options {
        wanted: &wanted,
        seed: args.play.seed,
        threads: args.threads.unwrap_or_else(cores).max(1),
        modules: &|| Box::new(NoModules),
    };
    let results = run_tests(output, &staged.stage()?, &options);
    let failed = results.tests.iter().filter(|test| !test.failures.is_empty()).count();
    to_stdout(&match style.format {
        Format::Junit => junit::tests(&results, &output.sources),
        Format::Json => format!("{:#}\n", as_json(&results)),
        Format::JsonLines => format!("{}\n", as_json(&results)),
        Format::Full | Format::Concise => for_people(&results, &output.sources, style, args.coverage),
        _ => render(&failures(&results), &output.sources, style),
    })?;
    if results.tests.is_empty() && args.filter.is_some() {
        return Err(Fault::new("no test has that in its name").help("`routec test --list` names them"));
    }
    let covered = results.coverage.outcomes().percent();
    if let Some(least) = args.min_coverage.filter(|least| covered < *least) {
        crate::to_stderr(&format!("error: {covered:.1}% of the outcomes were met, {least}% are wanted\n"));
        return Ok(Outcome::Findings);
    }
    Ok(if failed > 0 { Outcome::Findings } else { Outcome::Clean })
}

fn failures(results: &Results) -> Vec<route_grammar::Diagnostic> {
    results.tests.iter().flat_map(|test| &test.failures).map(|failure| failure.diagnostic.clone()).collect()
}

fn for_people(results: &Results, sources: &Sources, style: Style, coverage: bool) -> String {
    let mut text = String::new();
    for test in &results.tests {
        one(test, sources, style, &mut text);
    }
    let failed = results.tests.iter().filter(|test| !test.failures.is_empty()).count();
    let passed = results.tests.len() - failed;
    let left = if results.left_out > 0 { format!(", {} left out", results.left_out) } else { String::new() };
    let _ = writeln!(text, "{passed} passed, {failed} failed{left}");
    if coverage {
        text.push_str(&covered(&results.coverage));
    } else if !results.tests.is_empty() {
        let _ = writeln!(text, "{}", summary(&results.coverage));
    }
    text
}

fn one(test: &TestResult, sources: &Sources, style: Style, text: &mut String) {
    if test.failures.is_empty() {
        let (expectations, hops) = (many(test.expectations, "expectation"), many(test.hops, "hop"));
        let _ = writeln!(text, "ok    {}  ({expectations}, {hops})", test.title);
        return;
    }
    let _ = writeln!(text, "FAIL  {}", test.title);
    for failure in &test.failures {
        let shown = render(std::slice::from_ref(&failure.diagnostic), sources, style);
        // Counts of findings belong to `check`.
        let shown = shown.trim_end().strip_suffix("1 error").unwrap_or(shown.trim_end()).trim_end();
        let _ = writeln!(text, "{shown}\n");
        let ran: String = failure.told.iter().map(|hop: &Told| tell::told(hop, true)).collect();
        for line in ran.lines() {
            let _ = writeln!(text, "    {line}");
        }
        text.push('\n');
    }
}

fn share(share: Share) -> String {
    format!("{} of {} ({:.0}%)", share.met, share.of, share.percent())
}

fn summary(coverage: &Coverage) -> String {
    format!(
        "routers reached: {}; outcomes of conditions: {}",
        share(coverage.reached()),
        share(coverage.outcomes())
    )
}

/// Every router with what no test has met.
fn covered(coverage: &Coverage) -> String {
    let mut text = String::from("\n");
    for router in &coverage.routers {
        let layer = if router.layer == "main" { String::new() } else { format!("{}/", router.layer) };
        let outcomes = router.outcomes();
        let shown = if outcomes.of > 0 { format!("  outcomes {}", share(outcomes)) } else { String::new() };
        let _ = writeln!(
            text,
            "{} {layer}{}  came {}, applied {}{shown}",
            router.kind, router.name, router.came, router.applied
        );
        for atom in router.atoms.iter().filter(|atom| !atom.missing().is_empty()) {
            let _ = writeln!(text, "    `{}` was never {}", atom.text, atom.missing().join(", never "));
        }
    }
    format!("{text}\n{}\n", summary(coverage))
}

fn as_json(results: &Results) -> Value {
    let test = |test: &TestResult| {
        let failure = |failure: &route_compiler::testing::run::Failure| json!({ "message": failure.diagnostic.message, "help": failure.diagnostic.help, "ran": failure.told });
        json!({
            "title": test.title,
            "layer": test.layer,
            "passed": test.failures.is_empty(),
            "expectations": test.expectations,
            "hops": test.hops,
            "failures": test.failures.iter().map(failure).collect::<Vec<_>>(),
        })
    };
    let router = |router: &route_compiler::testing::coverage::RouterCoverage| {
        let atom = |atom: &route_compiler::testing::coverage::AtomCoverage| json!({ "condition": atom.text, "true": atom.held, "false": atom.failed, "absent": atom.absent });
        json!({
            "kind": router.kind,
            "name": router.name,
            "layer": router.layer,
            "came": router.came,
            "applied": router.applied,
            "conditions": router.atoms.iter().map(atom).collect::<Vec<_>>(),
        })
    };
    let percent = |share: Share| json!({ "met": share.met, "of": share.of, "percent": share.percent() });
    json!({
        "tests": results.tests.iter().map(test).collect::<Vec<_>>(),
        "leftOut": results.left_out,
        "coverage": {
            "routers": results.coverage.routers.iter().map(router).collect::<Vec<_>>(),
            "reached": percent(results.coverage.reached()),
            "outcomes": percent(results.coverage.outcomes()),
        },
    })
}
