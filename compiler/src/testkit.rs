//! For tests: a stack with the findings that it must have written below the words at fault.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use route_grammar::{Applicability, Diagnostic, FileId, Severity, fix};

use crate::{Files, Input, Output, compile, explain, flow};

/// The flow that most tests stand on.
pub(crate) const FLOW: &str = r#"[
 {"id":"t1","type":"tab","label":"Sensors"},
 {"id":"t2","type":"tab","label":"Alerts"},
 {"id":"t3","type":"tab","label":"Old","disabled":true},
 {"id":"s1","type":"inject","z":"t1","name":"Sensor 1","wires":[["th"]]},
 {"id":"s2","type":"inject","z":"t1","name":"Sensor 2","wires":[["th"]]},
 {"id":"th","type":"switch","z":"t1","name":"Threshold","outputs":2,"outputLabels":["ok","hot"],"wires":[["lo"],["al"]]},
 {"id":"lo","type":"debug","z":"t1","name":"Log","wires":[]},
 {"id":"al","type":"debug","z":"t2","name":"Alarm","wires":[]},
 {"id":"d1","type":"debug","z":"t1","name":"Twin","wires":[]},
 {"id":"d2","type":"debug","z":"t2","name":"Twin","wires":[]},
 {"id":"old","type":"debug","z":"t3","name":"Dusty","wires":[]}
]"#;

/// Files in memory.
pub(crate) struct Memory(pub(crate) BTreeMap<String, String>);

impl Memory {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }
}

impl Files for Memory {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }
}

/// Compiles a text against a flow.
pub(crate) fn run_on(flow: &str, text: &str) -> Output {
    let graph = flow::read(flow).unwrap();
    let files = Memory::of(&[("main.route", text)]);
    compile(Input::new(&files, "main.route", &graph, ("flows.json", flow)))
}

/// The findings of a stack are exactly those marked: a line `//^^^ error[R1001]: part of the message` below the
/// words; the marks begin at the column of the first `^`. Suggestions are put in and compiled too.
#[track_caller]
pub(crate) fn check(marked: &str) {
    check_on(FLOW, marked);
}

/// As [`check`], on a flow of its own.
#[track_caller]
pub(crate) fn check_on(flow: &str, marked: &str) {
    let output = run_on(flow, marked);
    let mut wanted = marks(marked);
    let mut found: Vec<_> = output.diagnostics.iter().map(|d| said(&output, d)).collect();
    found.sort();
    wanted.sort();
    let fits = found.len() == wanted.len()
        && found.iter().zip(&wanted).all(|(f, w)| f.0 == w.0 && f.1 == w.1 && f.2.starts_with(&w.2));
    assert!(fits, "found  {found:#?}\nwanted {wanted:#?}");
    let failed = output.diagnostics.iter().any(|d| d.severity == Severity::Error);
    assert_eq!(output.set.is_none(), failed);
    suggestions_hold(flow, marked, &output);
}

type Mark = (usize, usize, String);

fn marks(marked: &str) -> Vec<Mark> {
    let mut wanted = Vec::new();
    let (mut start, mut code_line) = (0, 0);
    for line in marked.split_inclusive('\n') {
        match line.trim_start().strip_prefix("//").map(str::trim_start).filter(|l| l.starts_with('^')) {
            Some(mark) => {
                let column = line.find('^').unwrap();
                let length = mark.chars().take_while(|c| *c == '^').count();
                let said = mark.trim_start_matches('^').trim().to_owned();
                wanted.push((code_line + column, code_line + column + length, said));
            }
            None => code_line = start,
        }
        start += line.len();
    }
    wanted
}

/// Findings in `flows.json` are said with its name, at no place of the stack.
fn said(output: &Output, d: &Diagnostic) -> Mark {
    let severity = format!("{:?}", d.severity).to_lowercase();
    let text = format!("{severity}[{}]: {}", d.code(), d.message);
    match output.sources.get(d.primary.file).map(|source| source.name.as_str()) {
        Some("flows.json") => (0, 0, format!("flows.json {text}")),
        _ => (d.primary.span.start as usize, d.primary.span.end as usize, text),
    }
}

/// A suggestion never makes text that cannot be read; one that may be applied without looking solves its finding and
/// brings no new one.
#[track_caller]
pub(crate) fn suggestions_hold(flow: &str, text: &str, output: &Output) {
    let Some((main, _)) = output.sources.iter().find(|(_, s)| s.name != "flows.json") else { return };
    for d in &output.diagnostics {
        for suggestion in &d.suggestions {
            let new = fix::apply(text, main, suggestion);
            let new = new.unwrap_or_else(|| panic!("{suggestion:?} cannot be put in"));
            let after = run_on(flow, &new);
            let count = |output: &Output, code: &str| {
                output.diagnostics.iter().filter(|d| d.code().starts_with(code)).count()
            };
            assert!(count(&after, "R0") <= count(output, "R0"), "{}: {new}", suggestion.text);
            if suggestion.applicability == Applicability::Machine {
                assert!(
                    count(&after, d.code()) < count(output, d.code()),
                    "{} does not help: {new}",
                    d.code()
                );
                assert!(
                    after.diagnostics.len() < output.diagnostics.len(),
                    "{:#?}\n{new}",
                    after.diagnostics
                );
            }
        }
    }
}

/// The text after each suggestion, in order.
pub(crate) fn fixes(flow: &str, text: &str) -> Vec<String> {
    let output = run_on(flow, text);
    let all = output.diagnostics.iter().flat_map(|d| &d.suggestions);
    all.map(|suggestion| fix::apply(text, FileId(1), suggestion).unwrap()).collect()
}

/// The chains of a stack without errors, printed.
#[track_caller]
pub(crate) fn chains_on(flow: &str, text: &str) -> String {
    let output = run_on(flow, text);
    assert!(output.set.is_some(), "{:#?}", output.diagnostics);
    let graph = flow::read(flow).unwrap();
    explain(&output, &graph, None)
}
