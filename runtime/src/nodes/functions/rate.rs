//! The modes of the `delay` node that let messages through at a rate: all, or the newest of each topic (Node-RED's
//! 89-delay.js).

use std::collections::VecDeque;
use std::time::Duration;

use route_chain::{Message, Value};

use super::delay::{depth, flushed};
use crate::node::{Node, NodeCx, Status};
use crate::nodes::value::coerce;
use crate::nodes::value::props::{MAX_HELD, Props, js_wait, say_lost};

/// Timers: the next message may go; the status is told.
const TICK: u64 = 0;
const REPORT: u64 = 1;
/// The status is told at most so often.
const REPORT_EVERY: Duration = Duration::from_millis(500);

/// The time between two messages.
struct Pace {
    fixed_ms: f64,
    now_ms: f64,
    /// Whether `msg.rate` changes it.
    may_change: bool,
}

impl Pace {
    /// Takes `msg.rate` over; true: it is another one.
    fn follow(&mut self, msg: &Message) -> bool {
        let ms = msg.get("rate").map_or(f64::NAN, coerce::parse_float);
        let changes = self.may_change && !ms.is_nan() && ms != self.now_ms;
        if changes {
            self.now_ms = ms;
        }
        changes
    }

    fn start(&self, cx: &mut NodeCx<'_>) {
        cx.timer(js_wait(self.now_ms), TICK);
    }
}

/// Makes the node of a mode: `rate`, `queue` or `timed`.
pub(super) fn make(props: Props<'_>, mode: &str) -> Box<dyn Node> {
    let per = match props.text("rateUnits").as_str() {
        "minute" => 60_000.0,
        "hour" => 3_600_000.0,
        "day" => 86_400_000.0,
        _ => 1000.0,
    };
    let units = props.number("nbRateUnits");
    let ms = per / props.number("rate") * if units > 0.0 { units } else { 1.0 };
    let pace = Pace { fixed_ms: ms, now_ms: ms, may_change: props.truthy("allowrate") };
    let second = matches!(props.json("outputs"), serde_json::Value::Number(n) if n.as_f64() == Some(2.0));
    match mode {
        "rate" if props.truthy("drop") => Box::new(Sieve { pace, second, last: None }),
        "rate" => Box::new(Queue { pace, ticking: false, reporting: false, held: VecDeque::new() }),
        mode => Box::new(Topics { pace, second, all: mode == "timed", reporting: false, held: Vec::new() }),
    }
}

/// Messages that come too early go to the second output, or nowhere.
struct Sieve {
    pace: Pace,
    second: bool,
    last: Option<f64>,
}

impl Node for Sieve {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if msg.get("reset").is_some() {
            if msg.get("flush").is_none() {
                self.last = None;
            }
            self.pace.now_ms = self.pace.fixed_ms;
            cx.status(depth("ring", 0));
            return cx.done(&msg);
        }
        self.pace.follow(&msg);
        let now = cx.now_ms();
        let early = self.last.is_some_and(|last| now - last <= self.pace.now_ms);
        if !early {
            self.last = Some(now);
            cx.send(0, msg.clone());
        } else if self.second {
            cx.send(1, msg.clone());
        }
        cx.done(&msg);
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        cx.status(Status::clear());
    }
}

/// Messages wait for their turn.
struct Queue {
    pace: Pace,
    ticking: bool,
    reporting: bool,
    held: VecDeque<Message>,
}

impl Queue {
    fn stop(&mut self, cx: &mut NodeCx<'_>) {
        cx.cancel(TICK);
        self.ticking = false;
    }

    fn start(&mut self, cx: &mut NodeCx<'_>) {
        self.pace.start(cx);
        self.ticking = true;
    }

    fn take(&mut self, msg: &Message, resets: bool, flushes: bool, cx: &mut NodeCx<'_>) {
        let mut kept = msg.clone();
        kept.remove("flush");
        if kept.root().len() <= 1 {
            return;
        }
        if !self.ticking {
            self.pace.follow(&kept);
            match (resets, flushes) {
                (true, true) => self.held.push_back(kept),
                (true, false) => {}
                (false, _) => {
                    cx.send(0, kept);
                    cx.done(msg);
                }
            }
            self.start(cx);
        } else if self.held.len() >= MAX_HELD {
            return cx.error("too many pending messages in delay node", Some(msg));
        } else {
            if self.pace.follow(&kept) {
                self.start(cx);
            }
            match msg.get("toFront") {
                Some(Value::Bool(true)) => self.held.push_front(kept),
                _ => self.held.push_back(kept),
            }
        }
        report(&mut self.reporting, cx);
    }

    fn flush(&mut self, flush: &Value, cx: &mut NodeCx<'_>) {
        let count = flushed(flush, self.held.len());
        if count == 0 {
            self.stop(cx);
        } else {
            for mut msg in self.held.drain(..count).collect::<Vec<_>>() {
                msg.remove("flush");
                msg.remove("reset");
                if msg.root().len() > 1 {
                    cx.send(0, msg.clone());
                    cx.done(&msg);
                }
            }
            self.start(cx);
        }
        cx.status(depth("dot", self.held.len()));
    }

    fn reset(&mut self, keep_pace: bool, cx: &mut NodeCx<'_>) {
        if !keep_pace {
            self.stop(cx);
        }
        self.held.drain(..).for_each(|msg| cx.done(&msg));
        self.pace.now_ms = self.pace.fixed_ms;
        cx.status(depth("ring", 0));
    }
}

impl Node for Queue {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let (flush, resets) = (msg.get("flush").cloned(), msg.get("reset").is_some());
        self.take(&msg, resets, flush.is_some(), cx);
        if let Some(flush) = &flush {
            self.flush(flush, cx);
        }
        if resets {
            self.reset(flush.is_some(), cx);
        }
        if (resets || flush.is_some()) && msg.root().len() == 2 {
            cx.done(&msg);
        }
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        if token == REPORT {
            self.reporting = false;
            return cx.status(depth("dot", self.held.len()));
        }
        match self.held.pop_front() {
            Some(msg) => {
                self.start(cx);
                if msg.root().len() > 1 {
                    cx.send(0, msg.clone());
                    cx.done(&msg);
                }
            }
            None => self.ticking = false,
        }
        report(&mut self.reporting, cx);
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.held.len());
        self.held.clear();
        cx.status(Status::clear());
    }
}

/// The newest message of each topic waits for its turn, or for the next release of all.
struct Topics {
    pace: Pace,
    second: bool,
    all: bool,
    reporting: bool,
    /// One for each topic, in the order in which the topics came.
    held: Vec<Message>,
}

impl Topics {
    fn go(&mut self, count: usize, cx: &mut NodeCx<'_>) {
        for msg in self.held.drain(..count.min(self.held.len())).collect::<Vec<_>>() {
            cx.send(0, msg.clone());
            cx.done(&msg);
        }
    }

    fn take(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let same = |other: &Message| {
            let topic = |msg: &Message| msg.get("topic").cloned().unwrap_or_default();
            coerce::strict_eq(&topic(other), &topic(&msg))
        };
        if let Some(at) = self.held.iter().position(same) {
            let before = std::mem::replace(&mut self.held[at], msg);
            if self.second {
                cx.send(1, before.clone());
            }
            cx.done(&before);
        } else if self.held.len() >= MAX_HELD {
            cx.error("too many pending messages in delay node", Some(&msg));
        } else {
            self.held.push(msg);
            report(&mut self.reporting, cx);
        }
    }

    fn flush(&mut self, flush: &Value, cx: &mut NodeCx<'_>) {
        let count = flushed(flush, self.held.len());
        for mut msg in self.held.drain(..count).collect::<Vec<_>>() {
            msg.remove("flush");
            msg.remove("reset");
            if msg.root().len() > 2 {
                cx.send(0, msg.clone());
            }
            cx.done(&msg);
        }
        cx.status(Status::clear());
    }
}

impl Node for Topics {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        self.pace.start(cx);
    }

    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        if self.pace.follow(&msg) {
            self.pace.start(cx);
        }
        if msg.get("topic").is_none() {
            msg.set("topic", Value::text("_none_"));
        }
        let (flush, resets) = (msg.get("flush").cloned(), msg.get("reset").is_some());
        self.take(msg, cx);
        if let Some(flush) = flush {
            self.flush(&flush, cx);
        }
        if resets {
            self.held.drain(..).for_each(|msg| cx.done(&msg));
            self.pace.now_ms = self.pace.fixed_ms;
            cx.status(Status::text("reset"));
        }
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        if token == REPORT {
            self.reporting = false;
            return cx.status(depth("dot", self.held.len()));
        }
        self.pace.start(cx);
        let count = if self.all { self.held.len() } else { 1 };
        if !self.held.is_empty() {
            self.go(count, cx);
            report(&mut self.reporting, cx);
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.held.len());
        self.held.clear();
        cx.status(Status::clear());
    }
}

/// Tells the status soon.
fn report(reporting: &mut bool, cx: &mut NodeCx<'_>) {
    if !std::mem::replace(reporting, true) {
        cx.timer(REPORT_EVERY, REPORT);
    }
}
