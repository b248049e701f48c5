//! From the statements of a test to what they mean: names become wires, nodes and routers.

use route_grammar::ast::{self, ItemKind, Name, Port, RouterKind, TestStepKind};
use route_grammar::{Diagnostic, FileId};

use super::plan::{Expectation, Outcome, Reply, StepKind, Test, TestStep};
use crate::check::names::no_output;
use crate::check::names::unknown_router::Wanted;
use crate::codes;
use crate::hir::{Expr, Kind};
use crate::load::Placed;
use crate::resolver::Resolver;

/// How often one statement can send its message: what happened is kept until it was judged.
const MOST_REPEATS: u64 = 100_000;

const STOPS: Wanted = Wanted {
    what: "stops messages",
    kinds: &[
        RouterKind::Filter,
        RouterKind::Halt,
        RouterKind::Limit,
        RouterKind::Break,
        RouterKind::Call,
        RouterKind::Remote,
    ],
};
const HOLDS: Wanted =
    Wanted { what: "holds messages", kinds: &[RouterKind::Break, RouterKind::Limit, RouterKind::Remote] };
const COPIES: Wanted = Wanted { what: "copies messages", kinds: &[RouterKind::Tap] };
const REDIRECTS: Wanted = Wanted { what: "redirects messages", kinds: &[RouterKind::Redirect] };

/// Resolves every test. A statement with an error is left out; the error was reported, so nothing will run.
pub(crate) fn tests<'a>(resolver: &mut Resolver<'a>, items: &'a [Placed]) -> Vec<Test> {
    let one = |placed: &'a Placed| {
        let ItemKind::Test { title, steps } = &placed.item.kind else { return None };
        let step = |step: &'a ast::TestStep| {
            let kind = resolver.test_step(&step.kind, placed.file, items)?;
            Some(TestStep { span: step.span, kind })
        };
        Some(Test {
            title: title.value.clone(),
            layer: placed.layer.clone(),
            file: placed.file,
            span: placed.item.span,
            steps: steps.iter().filter_map(step).collect(),
        })
    };
    items.iter().filter_map(one).collect()
}

impl<'a> Resolver<'a> {
    fn test_step(&mut self, step: &'a TestStepKind, file: FileId, items: &[Placed]) -> Option<StepKind> {
        match step {
            TestStepKind::Send { wires, message, times, every } => {
                let wires = self.wires(wires, file);
                let message = self.test_message(message, file, false);
                let times = times.as_ref().map_or(Some(1), |e| self.repeats(e, file));
                let every_ms = every.as_ref().map_or(Some(0.0), |e| self.duration(e, file));
                Some(StepKind::Send { wires: wires?, message, times: times?, every_ms: every_ms? })
            }
            TestStepKind::Expect(expect) => self.expectation(expect, file, items).map(StepKind::Expect),
            TestStepKind::Stub { ends, replies } => {
                let sel = self.ends(ends, file)?;
                let nodes = self.index.nodes(&sel.slots);
                let made: Vec<Option<Vec<Reply>>> =
                    replies.iter().map(|reply| self.reply(reply, &nodes, file)).collect();
                let made: Vec<Vec<Reply>> = made.into_iter().collect::<Option<_>>()?;
                let of = |at: usize| made.iter().filter_map(|reply| reply.get(at).cloned()).collect();
                Some(StepKind::Stub { nodes: nodes.iter().enumerate().map(|(at, n)| (*n, of(at))).collect() })
            }
            TestStepKind::Unreachable(name) => self.runtime_name(name, file).map(StepKind::Unreachable),
            TestStepKind::Advance(e) => self.duration(e, file).map(StepKind::Advance),
        }
    }

    /// How often something is sent.
    fn repeats(&mut self, e: &ast::Expr, file: FileId) -> Option<u64> {
        let times = self.count(e, file)?;
        if times > MOST_REPEATS {
            let message = format!("a message is sent {MOST_REPEATS} times at the most");
            self.report(Diagnostic::new(codes::WRONG_LITERAL, file, e.span, message));
            return None;
        }
        Some(times)
    }

    /// An object whose values may read a message only where there is one.
    fn test_message(&mut self, e: &ast::Expr, file: FileId, has_message: bool) -> Expr {
        let value = self.value(e, file);
        if !has_message {
            let mut reads = None;
            value.walk(&mut |e| {
                if matches!(e.kind, Kind::Msg(_)) && reads.is_none() {
                    reads = Some((e.file, e.span));
                }
            });
            if let Some((file, span)) = reads {
                let message = "there is no message yet that this could be read from";
                self.report(Diagnostic::new(codes::MISPLACED, file, span, message));
            }
        }
        value
    }

    /// The reply of each of the nodes, in order: labels may stand for another output at each.
    fn reply(&mut self, reply: &'a ast::Reply, nodes: &[u32], file: FileId) -> Option<Vec<Reply>> {
        let message = reply.message.as_ref().map(|e| self.test_message(e, file, true));
        let when = reply.when.as_ref().map(|e| self.value(e, file));
        let outputs = nodes.iter().map(|node| match &reply.output {
            None => Some(0),
            Some(port) => self.output(*node, port),
        });
        let outputs: Option<Vec<u32>> = outputs.collect();
        let Some(outputs) = outputs else {
            if let Some(port) = &reply.output {
                let d = no_output::of(self, nodes, port, file);
                self.report(d);
            }
            return None;
        };
        let made = |output| Reply { message: message.clone(), output, when: when.clone() };
        Some(outputs.into_iter().map(made).collect())
    }

    /// An output of a node, from 0.
    fn output(&self, node: u32, port: &Port) -> Option<u32> {
        let info = self.index.node(node);
        match port {
            Port::Index(n, _) => n.checked_sub(1).filter(|n| *n < info.outputs),
            Port::Label(label) => {
                info.output_labels.iter().position(|l| *l == label.value).map(|at| at as u32)
            }
        }
    }

    fn expectation(
        &mut self,
        expect: &'a ast::Expect,
        file: FileId,
        items: &[Placed],
    ) -> Option<Expectation> {
        let outcome = self.outcome(&expect.outcome, file, items);
        if expect.outcome == ast::Outcome::Nothing
            && let Some(e) = expect.times.iter().chain(&expect.with).chain(&expect.filter).next()
        {
            let message = "`nothing` has neither a number nor a message";
            self.report(Diagnostic::new(codes::MISPLACED, file, e.span, message));
            return None;
        }
        let times = expect.times.as_ref().map(|e| self.count(e, file));
        let with = expect.with.as_ref().map(|e| self.test_message(e, file, true));
        let filter = expect.filter.as_ref().map(|e| self.value(e, file));
        let times = match times {
            Some(count) => Some(count?),
            None => None,
        };
        Some(Expectation { no: expect.no, outcome: outcome?, times, with, filter })
    }

    fn outcome(&mut self, outcome: &'a ast::Outcome, file: FileId, items: &[Placed]) -> Option<Outcome> {
        let mut by = |name: &Option<Name>, wanted: &Wanted| match name {
            None => Some(None),
            Some(name) => wanted.is_there(name, file, items, self).then(|| Some(name.text.clone())),
        };
        Some(match outcome {
            ast::Outcome::Stopped(name) => Outcome::Stopped(by(name, &STOPS)?),
            ast::Outcome::Held(name) => Outcome::Held(by(name, &HOLDS)?),
            ast::Outcome::Tap(name) => {
                Outcome::Tap(COPIES.is_there(name, file, items, self).then(|| name.text.clone())?)
            }
            ast::Outcome::Redirected { by: name, to } => {
                let by = by(name, &REDIRECTS);
                let to = self.nodes(to.as_ref(), file);
                Outcome::Redirected { by: by?, to: to? }
            }
            ast::Outcome::Delivered(to) => Outcome::Delivered(self.nodes(to.as_ref(), file)?),
            ast::Outcome::Sent(None) => Outcome::Sent(None),
            ast::Outcome::Sent(Some(name)) => Outcome::Sent(Some(self.runtime_name(name, file)?)),
            ast::Outcome::Error(text) => Outcome::Error(text.as_ref().map(|text| text.value.clone())),
            ast::Outcome::Nothing => Outcome::Nothing,
            ast::Outcome::That(e) => Outcome::That(self.value(e, file)),
        })
    }

    fn nodes(&mut self, ends: Option<&'a ast::Ends>, file: FileId) -> Option<Option<Vec<u32>>> {
        match ends {
            None => Some(None),
            Some(ends) => {
                let sel = self.ends(ends, file)?;
                Some(Some(self.index.nodes(&sel.slots)))
            }
        }
    }
}
