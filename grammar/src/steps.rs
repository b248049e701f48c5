//! The statements of tests.

use crate::ast::{Expect, Expr, Name, Outcome, Reply, TestStep, TestStepKind};
use crate::lower::{Lower, P};
use crate::parse::Rule;
use crate::span::Span;

impl Lower<'_> {
    /// Lowers the statements of a test.
    pub(crate) fn steps(&mut self, pair: P<'_>) -> Vec<TestStep> {
        self.unclosed(&pair, "test");
        let (mut steps, mut before) = (Vec::new(), None);
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::step => {
                    before = Some(span.start as usize);
                    let inner = part.into_inner().next();
                    steps.extend(inner.map(|p| TestStep { kind: self.step(p, span), span }));
                }
                Rule::bad_step => {
                    let before = before.take().unwrap_or(span.start as usize);
                    match no_outcome(part.as_str()) {
                        Some(at) => {
                            let wanted = [Rule::outcome, Rule::expr];
                            self.unexpected(span.start as usize + at, &wanted, Some(span));
                        }
                        None => self.island(span, before, Rule::strict_steps),
                    }
                }
                _ => {}
            }
        }
        steps
    }

    fn step(&mut self, pair: P<'_>, span: Span) -> TestStepKind {
        match pair.as_rule() {
            Rule::send => {
                let (times, every) = (self.expr_of(&pair, Rule::times), self.expr_of(&pair, Rule::every));
                let mut parts = self.parts(pair);
                TestStepKind::Send { wires: parts.wires(span), message: parts.expr(span), times, every }
            }
            Rule::expect => TestStepKind::Expect(self.expect(pair, span)),
            Rule::stub => {
                let of_stub = pair.clone().into_inner().filter(|p| p.as_rule() == Rule::reply);
                let replies = of_stub.map(|p| self.reply(p)).collect();
                TestStepKind::Stub { ends: self.parts(pair).end(span), replies }
            }
            Rule::away => TestStepKind::Unreachable(self.parts(pair).name(span)),
            _ => TestStepKind::Advance(self.parts(pair).expr(span)),
        }
    }

    fn expect(&mut self, pair: P<'_>, span: Span) -> Expect {
        let no = pair.clone().into_inner().any(|p| p.as_rule() == Rule::negated);
        let (times, filter) = (self.expr_of(&pair, Rule::times), self.expr_of(&pair, Rule::such_that));
        let with = self.expr_of(&pair, Rule::with);
        let what = |p: &P<'_>| matches!(p.as_rule(), Rule::outcome | Rule::expect_that);
        let outcome = match pair.into_inner().find(what) {
            Some(that) if that.as_rule() == Rule::expect_that => Outcome::That(self.parts(that).expr(span)),
            Some(outcome) => self.outcome(outcome, span),
            None => Outcome::Nothing,
        };
        Expect { no, outcome, times, with, filter }
    }

    fn outcome(&mut self, pair: P<'_>, span: Span) -> Outcome {
        let Some(inner) = pair.into_inner().next() else { return Outcome::Nothing };
        let rule = inner.as_rule();
        let mut parts = self.parts(inner);
        let name: Option<Name> = (!parts.names.is_empty()).then(|| parts.name(span));
        match rule {
            Rule::delivered => Outcome::Delivered(parts.ends.pop()),
            Rule::redirected => Outcome::Redirected { by: name, to: parts.ends.pop() },
            Rule::stopped => Outcome::Stopped(name),
            Rule::held => Outcome::Held(name),
            Rule::sent => Outcome::Sent(name),
            Rule::tapped => Outcome::Tap(name.unwrap_or_else(|| parts.name(span))),
            Rule::raised => Outcome::Error(parts.texts.pop()),
            _ => Outcome::Nothing,
        }
    }

    fn reply(&mut self, pair: P<'_>) -> Reply {
        let span = self.span(&pair);
        let when = self.expr_of(&pair, Rule::when);
        let output = pair.clone().into_inner().find(|p| p.as_rule() == Rule::output);
        let output = output.map(|p| self.port(p));
        Reply { message: self.parts(pair).exprs.pop(), output, when, span }
    }

    /// The expression in the part of that kind.
    fn expr_of(&mut self, pair: &P<'_>, rule: Rule) -> Option<Expr> {
        let part = pair.clone().into_inner().find(|p| p.as_rule() == rule)?;
        self.parts(part).exprs.pop()
    }
}

/// Where in `expect WORD by …` or `expect WORD to …` the word stands that is no outcome. Such a word could be the name of
/// a predicate, so the strict rule fails only after it.
fn no_outcome(text: &str) -> Option<usize> {
    let after = text.strip_prefix("expect")?;
    let rest = after.trim_start();
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    let joined = rest[word..].split_whitespace().next().is_some_and(|next| next == "by" || next == "to");
    let at = text.len() - rest.len();
    (joined && rest[word..].starts_with(char::is_whitespace) && rest.len() < after.len()).then_some(at)
}
