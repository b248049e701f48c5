//! Runs tests: each in a world of its own, several at a time, with the same outcome every time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use route_chain::{Message, Value};
use route_grammar::{Diagnostic, FileId, Span};

use super::coverage::Coverage;
use super::failed_test::RULE;
use super::judge::{Judge, Verdict};
use super::plan::{StepKind, Test, TestStep};
use crate::Output;
use crate::lower;
use crate::story::{Teller, Told};
use crate::world::{BEGIN_MS, Modules, Stage, Stuck, World};

/// How tests are run.
pub struct Options<'o> {
    /// Which tests, by title.
    pub wanted: &'o (dyn Fn(&str) -> bool + Sync),
    /// The dice of `sample`; each test has its own, made of this and its title.
    pub seed: u64,
    /// How many tests run at a time.
    pub threads: usize,
    /// Router modules for one test.
    pub modules: &'o (dyn Fn() -> Box<dyn Modules> + Sync),
}

/// What came of all tests that were wanted.
#[derive(Clone, Debug)]
pub struct Results {
    /// In text order.
    pub tests: Vec<TestResult>,
    /// What they reached.
    pub coverage: Coverage,
    /// How many were not wanted.
    pub left_out: usize,
}

/// What came of one test.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// Its title.
    pub title: String,
    /// The layer that it stands in.
    pub layer: String,
    /// Where it stands.
    pub place: (FileId, Span),
    /// Expectations that were judged.
    pub expectations: usize,
    /// Ways through the chain of a wire.
    pub hops: usize,
    /// How far its clock moved, milliseconds.
    pub clock_ms: f64,
    /// What was not met; empty: it passed.
    pub failures: Vec<Failure>,
}

/// An expectation that was not met.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is wrong, at the expectation's place.
    pub diagnostic: Diagnostic,
    /// What ran since the expectations before it, in order.
    pub told: Vec<Told>,
}

/// Runs the tests of a stack on a stage that was made of it.
pub fn run(output: &Output, stage: &Stage<'_>, options: &Options<'_>) -> Results {
    let wanted: Vec<&Test> = output.stack.tests.iter().filter(|test| (options.wanted)(&test.title)).collect();
    let left_out = output.stack.tests.len() - wanted.len();
    let empty = {
        let teller = Teller::new(output, stage);
        let (stack, origins) = (&output.stack, &mut teller.origins.borrow_mut());
        Coverage::new(stage, &stack.routers, &stack.carried, &output.sources, origins)
    };
    let slots: Vec<Mutex<Option<TestResult>>> = wanted.iter().map(|_| Mutex::new(None)).collect();
    let total = Mutex::new(empty.clone());
    let next = AtomicUsize::new(0);
    let work = || {
        let teller = Teller::new(output, stage);
        let mut coverage = empty.clone();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let (Some(test), Some(slot)) = (wanted.get(at), slots.get(at)) else { break };
            let result = one(test, &teller, &mut coverage, options);
            if let Ok(mut slot) = slot.lock() {
                *slot = Some(result);
            }
        }
        if let Ok(mut total) = total.lock() {
            total.add(&coverage);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..options.threads.min(wanted.len()) {
            scope.spawn(work);
        }
        work();
    });
    let tests = slots.into_iter().filter_map(|slot| slot.into_inner().ok().flatten()).collect();
    Results { tests, coverage: total.into_inner().unwrap_or(empty), left_out }
}

fn one(test: &Test, teller: &Teller<'_>, coverage: &mut Coverage, options: &Options<'_>) -> TestResult {
    let seed = test
        .title
        .bytes()
        .fold(options.seed ^ 0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let world = World::new(teller.stage, BEGIN_MS, seed, (options.modules)());
    let result = TestResult {
        title: test.title.clone(),
        layer: test.layer.clone(),
        place: (test.file, test.span),
        expectations: 0,
        hops: 0,
        clock_ms: 0.0,
        failures: Vec::new(),
    };
    let mut runner = Runner { world, teller, coverage, test, result, judged: false, sent: 0 };
    for step in &test.steps {
        if !runner.step(step) {
            break;
        }
    }
    runner.look_back();
    runner.result.clock_ms = runner.world.now_ms() - BEGIN_MS;
    runner.result
}

struct Runner<'r, 'a> {
    world: World<'a>,
    teller: &'r Teller<'a>,
    coverage: &'r mut Coverage,
    test: &'r Test,
    result: TestResult,
    /// What happened was judged: the next statement that makes something happen begins anew.
    judged: bool,
    sent: u64,
}

impl Runner<'_, '_> {
    /// Runs a statement; false: the test cannot go on.
    fn step(&mut self, step: &TestStep) -> bool {
        let done = match &step.kind {
            StepKind::Send { wires, message, times, every_ms } => {
                self.begin();
                if wires.is_empty() {
                    let text = "nothing is sent here: no wire joins these ends";
                    self.fail(Diagnostic::new(RULE, self.test.file, step.span, text));
                    return false;
                }
                self.send(wires, message, *times, *every_ms)
            }
            StepKind::Advance(ms) => {
                self.begin();
                self.world.advance(*ms)
            }
            StepKind::Stub { nodes } => {
                nodes.iter().for_each(|(node, replies)| self.world.stub(*node, replies.clone()));
                Ok(())
            }
            StepKind::Unreachable(runtime) => {
                self.world.lose(runtime);
                Ok(())
            }
            StepKind::Expect(expected) => {
                self.judged = true;
                self.result.expectations += 1;
                let judge =
                    Judge { test: self.test, step, expected, world: &mut self.world, teller: self.teller };
                if let Verdict::Missed(diagnostic) = judge.judge() {
                    self.fail(*diagnostic);
                }
                Ok(())
            }
        };
        match done {
            Ok(()) => true,
            Err(stuck) => {
                let text = match stuck {
                    Stuck::Endless => "the stubs of this test send messages round without end",
                    Stuck::Dead(_) => "a node of this wire is disabled: no message can be sent on it",
                };
                self.fail(Diagnostic::new(RULE, self.test.file, step.span, text));
                false
            }
        }
    }

    fn send(
        &mut self,
        wires: &[u32],
        message: &crate::hir::Expr,
        times: u64,
        every_ms: f64,
    ) -> Result<(), Stuck> {
        let graph = self.teller.stage.graph;
        for nth in 0..times {
            for wire in wires {
                let on = graph.wires.get(*wire as usize).map(|wire| (graph, wire));
                let value = lower::value(message, on, &Message::new(), &mut || self.world.random());
                let mut msg = match value {
                    Ok(Some(Value::Object(object))) => Message::from_object((*object).clone()),
                    _ => Message::new(),
                };
                self.sent += 1;
                if msg.get("_msgid").is_none() {
                    msg.set("_msgid", Value::text(format!("{:016x}", self.sent)));
                }
                self.world.send(*wire, msg)?;
            }
            if every_ms > 0.0 && nth + 1 < times {
                self.world.advance(every_ms)?;
            }
        }
        Ok(())
    }

    /// Something will happen: what was judged is over.
    fn begin(&mut self) {
        if self.judged {
            self.look_back();
            self.world.forget();
            self.judged = false;
        }
    }

    /// Counts what happened before it is forgotten.
    fn look_back(&mut self) {
        let mut origins = self.teller.origins.borrow_mut();
        for hop in self.world.hops() {
            self.coverage.hop(hop, &mut origins);
        }
        self.result.hops += self.world.hops().len();
    }

    fn fail(&mut self, diagnostic: Diagnostic) {
        let told = self.world.hops().iter().take(MOST_TOLD).map(|hop| self.teller.hop(hop)).collect();
        self.result.failures.push(Failure { diagnostic, told });
    }
}

/// Ways through a chain that a failure tells; more would bury the reader.
const MOST_TOLD: usize = 20;
