//! What becomes of messages, as text that JavaScript writes alike.

use std::ops::Range;
use std::sync::Arc;

use proptest::prelude::*;
use route_chain::host::{CallResult, HoldKind, Host, Position, TapResult, Verdict};
use route_chain::ir::{self, ChainSet, Wire};
use route_chain::link::{Linked, Running};
use route_chain::state::{RouterCounts, States};
use route_chain::trace::Tracer;
use route_chain::{Message, Object, Value};
use serde_json::{Value as Json, json};

/// A message, how many milliseconds after the one before, whether sinks are full, what the dice show, and whether it stops when
/// it is let go.
pub(crate) type Sent = (f64, bool, f64, bool, Message);

pub(crate) fn sent(
    message: impl Strategy<Value = Message>,
    many: Range<usize>,
) -> impl Strategy<Value = Vec<Sent>> {
    let after = prop::sample::select(vec![0.0, 20.0, 55.0, 1000.0]);
    let dice = prop::sample::select(vec![0.0, 0.3, 0.7]);
    prop::collection::vec((after, any::<bool>(), dice, any::<bool>(), message), many)
}

/// What came of all messages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) verdicts: Vec<String>,
    pub(crate) written: Vec<String>,
    counts: Vec<RouterCounts>,
}

impl Told {
    pub(crate) fn without_absent(&self) -> Self {
        let mut told = self.clone();
        told.counts.iter_mut().for_each(|counts| counts.absent.clear());
        told
    }

    /// Verdicts but for the steps where messages go on, and all that was written: what optimising must not change.
    pub(crate) fn without_places(&self) -> (Vec<String>, &[String]) {
        let place = |verdict: &String| {
            let at =
                if verdict.starts_with("hold") || verdict.starts_with("remote") { 3 } else { usize::MAX };
            let words = verdict.split(' ').enumerate().filter(|(i, _)| *i != at).map(|(_, word)| word);
            words.collect::<Vec<_>>().join(" ")
        };
        (self.verdicts.iter().map(place).collect(), &self.written)
    }
}

/// A runtime that writes down what chains ask of it.
#[derive(Default)]
struct Desk {
    states: States,
    now: f64,
    dice: f64,
    full: bool,
    written: Vec<String>,
}

impl Host for Desk {
    fn states(&mut self) -> &mut States {
        &mut self.states
    }
    fn now_ms(&mut self) -> f64 {
        self.now
    }
    fn random(&mut self) -> f64 {
        self.dice
    }
    fn tap(&mut self, router: u32, tap: &ir::Tap, _: &Wire, copy: Message) -> TapResult {
        if self.full {
            return if tap.block { TapResult::Full } else { TapResult::Dropped };
        }
        self.written.push(format!("tap {router} {}", object_text(copy.root())));
        TapResult::Taken
    }
    fn log(&mut self, router: u32, text: &str) {
        self.written.push(format!("log {router} {text}"));
    }
    /// The modules `stop` and `fault` do what they are called; every other one marks the message.
    fn call(&mut self, _: u32, call: &ir::Call, _: &Wire, mut msg: Message) -> CallResult {
        match call.plugin.as_str() {
            "stop" => CallResult::Stop(msg, "said no".into()),
            "fault" => CallResult::Fault(msg, "broke".into()),
            _ => {
                msg.set("called", Value::Bool(true));
                CallResult::Pass(msg)
            }
        }
    }
}

/// A value as text, also where JSON has no word for it; keys in their order.
fn text_of(value: &Value) -> String {
    match value {
        Value::Undefined => "undefined".into(),
        Value::Number(n) if n.is_finite() && !(*n == 0.0 && n.is_sign_negative()) => value.to_text(),
        Value::Number(n) if n.is_nan() => "NaN".into(),
        Value::Number(n) if *n == 0.0 => "-0".into(),
        Value::Number(n) => if *n > 0.0 { "Infinity" } else { "-Infinity" }.into(),
        Value::Date(ms) => format!("Date({})", text_of(&Value::Number(*ms))),
        Value::Bytes(bytes) => format!("Buffer({bytes:?})"),
        Value::Opaque(thing) => format!("[{}]", thing.label),
        Value::List(items) => format!("[{}]", items.iter().map(text_of).collect::<Vec<_>>().join(",")),
        Value::Object(object) => object_text(object),
        Value::Null | Value::Bool(_) | Value::Text(_) => value.to_text(),
    }
}

fn object_text(object: &Object) -> String {
    let entries = object.iter().map(|(k, v)| format!("{}:{}", Value::text(k).to_text(), text_of(v)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

/// A value as JSON that says what it is.
fn packed(value: &Value) -> Json {
    match value {
        Value::Undefined => json!({ "is": "undefined" }),
        Value::Number(n) if !n.is_finite() || *n == 0.0 => json!({ "is": "number", "of": text_of(value) }),
        Value::Date(ms) => json!({ "is": "date", "of": text_of(&Value::Number(*ms)) }),
        Value::Bytes(bytes) => json!({ "is": "bytes", "of": bytes.as_slice() }),
        Value::Opaque(_) => json!({ "is": "live" }),
        Value::List(items) => json!({ "is": "list", "of": items.iter().map(packed).collect::<Vec<_>>() }),
        Value::Object(object) => packed_object(object),
        other => json!({ "is": "json", "of": other.to_json() }),
    }
}

fn packed_object(object: &Object) -> Json {
    let entries: Vec<Json> = object.iter().map(|(key, value)| json!([key, packed(value)])).collect();
    json!({ "is": "object", "of": entries })
}

fn told(verdict: &Verdict) -> String {
    let msg = |msg: &Message| object_text(msg.root());
    let quoted = |text: Option<&str>| text.map_or("undefined".into(), |text| Value::text(text).to_text());
    let place = |at: &Position| format!("{} {} {}", at.chain, at.step, quoted(at.redirect.as_deref()));
    match verdict {
        Verdict::Deliver(m) => format!("deliver {}", msg(m)),
        Verdict::Redirect { to, msg: m } => format!("redirect {to} {}", msg(m)),
        Verdict::Stop { router, reason, as_error, msg: m } => {
            format!("stop {router} {} {as_error} {}", quoted(reason.as_deref()), msg(m))
        }
        Verdict::Hold { router, at, kind, release_at_ms, msg: m } => {
            let (why, until) = match kind {
                HoldKind::Sink => ("sink".to_owned(), "Infinity".to_owned()),
                HoldKind::Limit => ("limit".to_owned(), text_of(&Value::Number(*release_at_ms))),
                HoldKind::Break { pass } => {
                    (format!("break {pass}"), text_of(&Value::Number(*release_at_ms)))
                }
            };
            format!("hold {router} {} {why} {until} {}", place(at), msg(m))
        }
        Verdict::Remote { router, at, key, msg: m, .. } => {
            let key = key.as_ref().map_or("undefined".into(), text_of);
            format!("remote {router} {} {key} {}", place(at), msg(m))
        }
    }
}

/// Where a message that left its chain goes on when it is let go at once, and whether it was held.
fn goes_on(verdict: &Verdict) -> Option<(Position, u32, bool, Message)> {
    match verdict {
        Verdict::Hold { kind: HoldKind::Sink, .. } => None,
        Verdict::Hold { router, at, msg, .. } => Some((at.clone(), *router, true, msg.clone())),
        Verdict::Remote { router, at, msg, .. } => Some((at.clone(), *router, false, msg.clone())),
        _ => None,
    }
}

/// Sends all messages through a way to run them; those that are held or sent away are let go at once.
fn all(
    stack: &Running,
    desk: &mut Desk,
    sent: &[Sent],
    run: &mut dyn FnMut(Position, &Wire, Message, &mut Desk) -> Verdict,
) -> Told {
    let wire = stack.set().wires.first().cloned();
    let wire = wire.unwrap_or(Wire { from: "a".into(), port: 0, to: "b".into(), chain: 0 });
    let mut verdicts = Vec::new();
    for (after, full, dice, stops, msg) in sent {
        desk.now += after;
        desk.full = *full;
        desk.dice = *dice;
        let mut next = Some((Position::start(wire.chain), msg.clone()));
        while let Some((at, msg)) = next.take() {
            let verdict = run(at, &wire, msg, desk);
            verdicts.push(told(&verdict));
            let Some((at, router, held, msg)) = goes_on(&verdict) else { continue };
            if held {
                stack.released(router, *stops, &mut desk.states);
            } else {
                stack.not_sent(router, *stops, &mut desk.states);
            }
            next = (!stops).then_some((at, msg));
        }
    }
    let counts = (0..stack.set().routers.len() as u32).map(|at| stack.counts(at, &mut desk.states)).collect();
    Told { verdicts, written: std::mem::take(&mut desk.written), counts }
}

/// By the running form.
pub(crate) fn running(set: &ChainSet, sent: &[Sent]) -> Told {
    let mut desk = Desk::default();
    let stack = Linked::link(set.clone()).unwrap().bind(&mut desk.states);
    all(&stack, &mut desk, sent, &mut |at, wire, msg, desk| {
        if at.step == 0 { stack.run(at.chain, wire, msg, desk) } else { stack.resume(at, wire, msg, desk) }
    })
}

/// By the reference interpreter.
pub(crate) fn traced(set: &ChainSet, sent: &[Sent]) -> Told {
    let mut desk = Desk::default();
    let tracer = Tracer::bind(Arc::new(set.clone()), &mut desk.states).unwrap();
    // Joined to the same states, it shows the counts that the reference interpreter made.
    let stack = Linked::link(set.clone()).unwrap().bind(&mut desk.states);
    all(&stack, &mut desk, sent, &mut |at, wire, msg, desk| tracer.run(at, wire, msg, desk).0)
}

/// A line for Node.js.
pub(crate) fn case(set: &ChainSet, sent: &[Sent], told: &Told) -> Json {
    let sent: Vec<Json> = sent
        .iter()
        .map(|(after, full, dice, stops, msg)| {
            json!({ "after": after, "full": full, "dice": dice, "stops": stops, "msg": packed_object(msg.root()) })
        })
        .collect();
    json!({
        "set": set, "sent": sent, "verdicts": told.verdicts, "written": told.written, "counts": told.counts,
    })
}
