//! Whether what happened is what a test expects, and what to say when it is not.

use route_chain::{Value, ops};
use route_grammar::{Diagnostic, FileId, Span};

use super::failed_test::RULE;
use super::plan::{Expectation, Outcome, Test, TestStep};
use crate::hir::Expr;
use crate::lower::{self, Question};
use crate::story::values::short;
use crate::story::{Because, RouterTold, Teller};
use crate::world::{Event, What, World};

/// One expectation in front of what happened.
pub(super) struct Judge<'j, 'a> {
    pub(super) test: &'j Test,
    pub(super) step: &'j TestStep,
    pub(super) expected: &'j Expectation,
    pub(super) world: &'j mut World<'a>,
    pub(super) teller: &'j Teller<'a>,
}

pub(super) enum Verdict {
    Met,
    Missed(Box<Diagnostic>),
}

impl Judge<'_, '_> {
    pub(super) fn judge(mut self) -> Verdict {
        match &self.expected.outcome {
            Outcome::Nothing => self.nothing(),
            Outcome::That(e) => self.that(e),
            _ => self.happened(),
        }
    }

    fn missed(&self, text: impl Into<String>) -> Diagnostic {
        Diagnostic::new(RULE, self.test.file, self.step.span, text)
    }

    fn happened(&mut self) -> Verdict {
        let all: Vec<Event> = self.world.events().iter().filter(|e| self.is_meant(e)).cloned().collect();
        let mut fitting = 0;
        let mut differs: Option<Differs> = None;
        for event in &all {
            match self.fits(event) {
                None => fitting += 1,
                Some(found) => differs = differs.or(Some(found)),
            }
        }
        let expected = self.expected;
        let met = match (expected.no, expected.times) {
            (false, None) => fitting > 0,
            (true, None) => fitting == 0,
            (no, Some(times)) => (fitting == times) != no,
        };
        if met {
            return Verdict::Met;
        }
        let what = self.words();
        let happened = self.summary();
        let d = match (expected.no, expected.times, differs) {
            (true, Some(n), _) => self.missed(format!("expected not {what} {}, but it was", times(n))),
            (true, None, _) => self.missed(format!("expected not {what}, but {happened}")),
            (false, Some(n), _) => self.missed(format!(
                "expected {what} {}, but that happened {}: {happened}",
                times(n),
                times(fitting)
            )),
            (false, None, Some(differs)) => {
                let which = if matches!(expected.outcome, Outcome::Error(_)) { "with" } else { "that was" };
                differs.tell(self.missed(format!("no message {which} {what} is as expected")))
            }
            (false, None, None) => self.missed(format!("expected {what}, but {happened}")),
        };
        Verdict::Missed(Box::new(self.explain(d)))
    }

    fn nothing(&self) -> Verdict {
        let happened = self.world.events().iter().any(|event| match event.what {
            What::Delivered { on, .. } => !on,
            What::Stopped => false,
            _ => true,
        });
        if happened != self.expected.no {
            return if happened {
                let text = format!("expected nothing, but {}", self.summary());
                Verdict::Missed(Box::new(self.explain(self.missed(text))))
            } else {
                Verdict::Missed(Box::new(self.missed("expected something, but nothing happened")))
            };
        }
        Verdict::Met
    }

    /// A condition on the message that came last to a node or another runtime.
    fn that(&mut self, e: &Expr) -> Verdict {
        let last = self.world.events().iter().rev().find(|event| match event.what {
            What::Delivered { on, copy, .. } => !on && !copy,
            _ => false,
        });
        let Some(event) = last.cloned() else {
            let text = format!("there is no message to ask this of: {}", self.summary());
            return Verdict::Missed(Box::new(self.explain(self.missed(text))));
        };
        match self.ask(e, &event) {
            None => Verdict::Met,
            Some(reasons) => {
                let to = match &event.what {
                    What::Delivered { node, .. } => self.teller.node(*node),
                    _ => String::new(),
                };
                let d = self.missed(format!("this does not hold for the message that came to {to}"));
                Verdict::Missed(Box::new(told_by(d, &reasons)))
            }
        }
    }

    /// Why the condition does not hold for the message of the event; `None`: it holds.
    fn ask(&mut self, e: &Expr, event: &Event) -> Option<Vec<Because>> {
        let graph = self.teller.stage.graph;
        let on = graph.wires.get(event.wire as usize).map(|wire| (graph, wire));
        let Ok(question) = Question::new(e, on) else { return Some(Vec::new()) };
        let judged = question.ask(&event.msg, &mut || self.world.random());
        (!judged.holds).then(|| question.because(&judged, self.teller.sources))
    }

    /// What keeps the message of an event from being the one that is meant; `None`: it is.
    fn fits(&mut self, event: &Event) -> Option<Differs> {
        let expected = self.expected;
        if let Some(with) = &expected.with {
            let graph = self.teller.stage.graph;
            let on = graph.wires.get(event.wire as usize).map(|wire| (graph, wire));
            let wanted = lower::value(with, on, &event.msg, &mut || self.world.random());
            if let Ok(Some(wanted)) = wanted
                && let Some((path, found, wanted)) = difference(&wanted, Some(&event.msg.to_value()), "msg")
            {
                let text = format!("`{path}` was {found}, not {wanted}");
                return Some(Differs::Field { place: (with.file, with.span), text });
            }
        }
        let reasons = expected.filter.as_ref().and_then(|e| self.ask(e, event))?;
        Some(Differs::Condition(reasons))
    }

    fn is_meant(&self, event: &Event) -> bool {
        let by = |name: &Option<String>| name.is_none() || *name == event.router;
        match (&self.expected.outcome, &event.what) {
            (Outcome::Delivered(None), What::Delivered { on, copy, .. }) => !on && !copy,
            (Outcome::Delivered(Some(to)), What::Delivered { node, .. }) => to.contains(node),
            (Outcome::Redirected { by: name, to }, What::Redirected(node)) => {
                by(name) && to.as_ref().is_none_or(|to| to.contains(node))
            }
            (Outcome::Stopped(name), What::Stopped) | (Outcome::Held(name), What::Held) => by(name),
            (Outcome::Tap(name), What::Tapped) => event.router.as_ref() == Some(name),
            (Outcome::Sent(to), What::Sent(runtime)) => to.as_ref().is_none_or(|to| to == runtime),
            (Outcome::Error(text), What::Error(said)) => text.as_ref().is_none_or(|text| text == said),
            _ => false,
        }
    }

    /// The outcome in words, as what was expected.
    fn words(&self) -> String {
        let nodes = |to: &[u32]| match to {
            [one] => self.teller.node(*one),
            many => format!("one of {} nodes", many.len()),
        };
        let by = |name: &Option<String>| name.as_ref().map_or(String::new(), |name| format!(" by `{name}`"));
        match &self.expected.outcome {
            Outcome::Delivered(None) => "delivered".to_owned(),
            Outcome::Delivered(Some(to)) => format!("delivered to {}", nodes(to)),
            Outcome::Redirected { by: name, to } => {
                let to = to.as_ref().map_or(String::new(), |to| format!(" to {}", nodes(to)));
                format!("redirected{}{to}", by(name))
            }
            Outcome::Stopped(name) => format!("stopped{}", by(name)),
            Outcome::Held(name) => format!("held{}", by(name)),
            Outcome::Tap(name) => format!("copied by `{name}`"),
            Outcome::Sent(to) => {
                format!("sent{}", to.as_ref().map_or(String::new(), |to| format!(" to {to}")))
            }
            Outcome::Error(Some(text)) => format!("the error `{text}`"),
            Outcome::Error(None) => "an error".to_owned(),
            Outcome::Nothing | Outcome::That(_) => String::new(),
        }
    }

    /// What happened instead, in a few words.
    fn summary(&self) -> String {
        let mut found: Vec<(String, usize)> = Vec::new();
        for event in self.world.events() {
            let router = event.router.as_deref().unwrap_or_default();
            let text = match &event.what {
                What::Delivered { on: true, .. } | What::Redirected(_) => continue,
                What::Delivered { node, copy, .. } => {
                    let what = if *copy { "a copy" } else { "it" };
                    format!("{what} was delivered to {}", self.teller.node(*node))
                }
                What::Stopped => format!("`{router}` stopped it"),
                What::Held => format!("`{router}` holds it"),
                What::Sent(to) => format!("`{router}` sent it to {to}"),
                What::Tapped => format!("`{router}` copied it"),
                What::Error(text) => format!("the error `{text}` was raised"),
            };
            match found.iter_mut().find(|(known, _)| *known == text) {
                Some((_, times)) => *times += 1,
                None => found.push((text, 1)),
            }
        }
        let shown: Vec<String> = found
            .iter()
            .map(|(text, n)| if *n > 1 { format!("{text} ({})", times(*n as u64)) } else { text.clone() })
            .collect();
        match shown.split_last() {
            None => "nothing happened".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        }
    }

    /// Adds what the routers did that the expectation is about, or that kept the message from them.
    fn explain(&self, d: Diagnostic) -> Diagnostic {
        let asked = match &self.expected.outcome {
            Outcome::Stopped(name) | Outcome::Held(name) | Outcome::Redirected { by: name, .. } => {
                name.as_ref()
            }
            Outcome::Tap(name) => Some(name),
            _ => None,
        };
        let Some(hop) = self.world.hops().last() else { return d };
        let told = self.teller.hop(hop);
        let visited = asked.and_then(|name| told.routers.iter().find(|router| router.name == **name));
        let ended = told.routers.last().filter(|router| router.ends);
        match (asked, visited, ended) {
            (_, Some(router), _) | (None, _, Some(router)) => router_told(d, router),
            (Some(name), None, Some(router)) => {
                router_told(d, router).help(format!("the message did not come as far as `{name}`"))
            }
            (Some(name), None, None) => {
                d.help(format!("`{name}` does not act on the wire {} -> {}", told.from, told.to))
            }
            (None, None, None) => d,
        }
    }
}

fn times(n: u64) -> String {
    match n {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

/// What keeps a message from being the one that is meant.
enum Differs {
    Field { place: (FileId, Span), text: String },
    Condition(Vec<Because>),
}

impl Differs {
    fn tell(&self, d: Diagnostic) -> Diagnostic {
        match self {
            Differs::Field { place: (file, span), text } => d.note(*file, *span, text),
            Differs::Condition(reasons) => told_by(d, reasons),
        }
    }
}

/// Marks the atoms that decided, with the values that they read.
fn told_by(mut d: Diagnostic, reasons: &[Because]) -> Diagnostic {
    for reason in reasons {
        let Some((file, span)) = reason.place else { continue };
        d = d.note(file, span, reason.text_here());
    }
    d
}

fn router_told(d: Diagnostic, router: &RouterTold) -> Diagnostic {
    let d = match router.place {
        Some((file, span)) => d.note(file, span, format!("this {} {}", router.kind, router.did)),
        None => d.help(format!("`{}` {}", router.name, router.did)),
    };
    told_by(d, &router.because)
}

/// Where a message lacks what an object wants of it: the path, what is there, what is wanted.
fn difference(wanted: &Value, found: Option<&Value>, path: &str) -> Option<(String, String, String)> {
    if let (Value::Object(wanted), Some(Value::Object(there))) = (wanted, found) {
        return wanted.iter().find_map(|(key, value)| {
            let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let below = if plain { format!("{path}.{key}") } else { format!("{path}[{key:?}]") };
            difference(value, there.get(key), &below)
        });
    }
    let equal = found.is_some_and(|found| ops::equal(wanted, found));
    (!equal).then(|| (path.to_owned(), short(found), short(Some(wanted))))
}
