//! `junit`: findings and tests as JUnit XML.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use route_compiler::testing::run::Results;
use route_grammar::{Diagnostic, Sources};

/// A case for each file; it fails when there is something in it.
pub(super) fn findings(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut suite = TestSuite::new("routec check");
    for (id, source) in sources.iter() {
        let mine: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.primary.file == id).collect();
        let status = match mine.as_slice() {
            [] => TestCaseStatus::success(),
            found => {
                let line = |d: &&Diagnostic| {
                    let (line, column) = source.place(d.primary.span.start);
                    format!("{}:{line}:{column}: {}: {}", source.name, d.code(), d.message)
                };
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                let many = found.len();
                status.set_message(if many == 1 {
                    "1 finding".to_owned()
                } else {
                    format!("{many} findings")
                });
                status.set_description(found.iter().map(line).collect::<Vec<_>>().join("\n"));
                status
            }
        };
        let mut case = TestCase::new(source.name.clone(), status);
        case.set_classname("routec check");
        suite.add_test_case(case);
    }
    report("routec check", suite)
}

/// A case for each test.
pub(crate) fn tests(results: &Results, sources: &Sources) -> String {
    let mut suite = TestSuite::new("routec test");
    for test in &results.tests {
        let status = match test.failures.as_slice() {
            [] => TestCaseStatus::success(),
            [first, ..] => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(first.diagnostic.message.clone());
                let diagnostics: Vec<Diagnostic> =
                    test.failures.iter().map(|f| f.diagnostic.clone()).collect();
                status.set_description(super::concise::render(&diagnostics, sources));
                status
            }
        };
        let mut case = TestCase::new(test.title.clone(), status);
        case.set_classname(test.layer.clone());
        case.set_assertions(test.expectations);
        // The test's own clock: how long it took is no property of the stack.
        case.set_time(Duration::from_secs_f64((test.clock_ms / 1000.0).max(0.0)));
        suite.add_test_case(case);
    }
    report("routec test", suite)
}

fn report(name: &str, suite: TestSuite) -> String {
    let mut report = Report::new(name);
    report.add_test_suite(suite);
    // Fails only when what it writes to does; a text never does.
    report.to_string().unwrap_or_default()
}
