//! `delay`: holds messages for a time, or lets them through at a rate.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use route_chain::{Message, Value};

use super::convert;
use super::props::{MAX_HELD, Props, parse_float, unit_ms, wait};
use crate::node::{Node, NodeCx, NodeInfo};

/// Timer of the rate modes; delayed messages count from 1.
const TICK: u64 = 0;

enum Wait {
    Fixed(f64),
    /// From `msg.delay`, else as configured.
    Variable(f64),
    Random(f64, f64),
}

/// Holds each message for its own time.
struct Delay {
    wait: Wait,
    next: u64,
    /// In order of arrival.
    held: VecDeque<(u64, Message)>,
    seed: u64,
}

#[derive(PartialEq)]
enum Release {
    /// One message each time, whatever its topic.
    One,
    /// The next topic's newest message each time.
    OneTopic,
    /// Every topic's newest message each time.
    AllTopics,
}

/// Lets messages through at a rate.
struct Rate {
    release: Release,
    fixed_ms: f64,
    now_ms: f64,
    may_change: bool,
    drop: bool,
    dropped_out: bool,
    ticking: bool,
    last: Option<f64>,
    held: VecDeque<Message>,
    /// Topic to its place in `held`, less `gone`; only kept in the topic modes.
    by_topic: HashMap<String, u64>,
    gone: u64,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let ms = |value: &str, units: &str, default: f64| {
        props.number(value).unwrap_or(default) * unit_ms(&props.text_or(units, "seconds"))
    };
    let delay = |wait| -> Result<Box<dyn Node>, String> {
        Ok(Box::new(Delay { wait, next: 0, held: VecDeque::new(), seed: 0 }))
    };
    let release = match props.text_or("pauseType", "delay").as_str() {
        "delay" => return delay(Wait::Fixed(ms("timeout", "timeoutUnits", 5.0))),
        "delayv" => return delay(Wait::Variable(ms("timeout", "timeoutUnits", 5.0))),
        "random" => {
            return delay(Wait::Random(
                ms("randomFirst", "randomUnits", 1.0),
                ms("randomLast", "randomUnits", 5.0),
            ));
        }
        "rate" => Release::One,
        "queue" => Release::OneTopic,
        "timed" => Release::AllTopics,
        other => return Err(format!("unknown delay mode `{other}`")),
    };
    let per = unit_ms(&props.text_or("rateUnits", "second")) * props.number("nbRateUnits").unwrap_or(1.0);
    let rate = props.number("rate").unwrap_or(1.0);
    if rate <= 0.0 || per <= 0.0 {
        return Err("the rate must be above zero".to_owned());
    }
    Ok(Box::new(Rate {
        drop: props.flag("drop") && release == Release::One,
        release,
        fixed_ms: per / rate,
        now_ms: per / rate,
        may_change: props.flag("allowrate"),
        dropped_out: props.number("outputs") == Some(2.0),
        ticking: false,
        last: None,
        held: VecDeque::new(),
        by_topic: HashMap::new(),
        gone: 0,
    }))
}

/// How many messages `msg.flush` asks for.
fn flush_count(msg: &Message) -> Option<usize> {
    Some(match msg.get("flush")? {
        Value::Number(n) => n.max(0.0) as usize,
        _ => usize::MAX,
    })
}

impl Delay {
    fn wait_for(&mut self, msg: &Message, cx: &NodeCx<'_>) -> Duration {
        wait(match self.wait {
            Wait::Fixed(ms) => ms,
            Wait::Variable(ms) => msg.get("delay").and_then(parse_float).unwrap_or(ms),
            Wait::Random(a, b) => {
                // An even spread is enough here; xorshift of the clock and a counter gives it without a dependency.
                self.seed ^= cx.now_ms() as u64 ^ (self.next << 32) | 1;
                self.seed ^= self.seed << 13;
                self.seed ^= self.seed >> 7;
                self.seed ^= self.seed << 17;
                a.min(b) + (b - a).abs() * (self.seed >> 11) as f64 / (1u64 << 53) as f64
            }
        })
    }
}

impl Node for Delay {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if msg.get("reset").is_some() {
            for (token, held) in self.held.drain(..) {
                cx.cancel(token);
                cx.done(&held);
            }
            return cx.done(&msg);
        }
        if self.held.len() >= MAX_HELD {
            return cx.error("too many messages are held", Some(&msg));
        }
        self.next += 1;
        cx.timer(self.wait_for(&msg, cx), self.next);
        let flush = flush_count(&msg);
        self.held.push_back((self.next, msg));
        for _ in 0..flush.unwrap_or(0) {
            let Some((token, held)) = self.held.pop_front() else { break };
            cx.cancel(token);
            cx.send(0, held.clone());
            cx.done(&held);
        }
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        // Tokens rise, so the queue is sorted by them; with a fixed wait the first is always the one.
        let Ok(at) = self.held.binary_search_by_key(&token, |(t, _)| *t) else { return };
        if let Some((_, msg)) = self.held.remove(at) {
            cx.send(0, msg.clone());
            cx.done(&msg);
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        for (token, _) in self.held.drain(..) {
            cx.cancel(token);
        }
    }
}

impl Rate {
    fn reset(&mut self, cx: &mut NodeCx<'_>) {
        cx.cancel(TICK);
        self.ticking = false;
        self.last = None;
        self.now_ms = self.fixed_ms;
        self.by_topic.clear();
        for held in self.held.drain(..) {
            cx.done(&held);
        }
        self.gone = 0;
    }

    fn change_rate(&mut self, msg: &Message, cx: &mut NodeCx<'_>) {
        let wanted = msg.get("rate").and_then(parse_float).filter(|ms| self.may_change && *ms > 0.0);
        if let Some(ms) = wanted.filter(|ms| *ms != self.now_ms) {
            self.now_ms = ms;
            if self.ticking {
                cx.timer(wait(ms), TICK);
            }
        }
    }

    fn drop_or_send(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let now = cx.now_ms();
        if self.last.is_none_or(|last| now - last >= self.now_ms) {
            self.last = Some(now);
            cx.send(0, msg.clone());
        } else if self.dropped_out {
            cx.send(1, msg.clone());
        }
        cx.done(&msg);
    }

    fn hold(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if self.release == Release::One && !self.ticking {
            self.start_ticking(cx);
            cx.send(0, msg.clone());
            return cx.done(&msg);
        }
        if self.release != Release::One {
            let topic = topic(&msg);
            if let Some(at) =
                self.by_topic.get(&topic).and_then(|at| self.held.get_mut((at - self.gone) as usize))
            {
                let older = std::mem::replace(at, msg);
                return cx.done(&older);
            }
            if self.held.len() < MAX_HELD {
                self.by_topic.insert(topic, self.gone + self.held.len() as u64);
            }
            self.start_ticking(cx);
        }
        if self.held.len() >= MAX_HELD {
            return cx.error("too many messages are held", Some(&msg));
        }
        let front = msg.get("toFront").and_then(Value::as_bool) == Some(true);
        if front && self.release == Release::One {
            self.held.push_front(msg);
        } else {
            self.held.push_back(msg);
        }
    }

    fn start_ticking(&mut self, cx: &mut NodeCx<'_>) {
        if !self.ticking {
            self.ticking = true;
            cx.timer(wait(self.now_ms), TICK);
        }
    }

    fn release(&mut self, count: usize, cx: &mut NodeCx<'_>) {
        for _ in 0..count {
            let Some(msg) = self.held.pop_front() else { break };
            if self.release != Release::One {
                self.gone += 1;
                self.by_topic.remove(&topic(&msg));
            }
            cx.send(0, msg.clone());
            cx.done(&msg);
        }
    }
}

fn topic(msg: &Message) -> String {
    msg.get("topic").map(convert::to_text).unwrap_or_default()
}

impl Node for Rate {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        if msg.get("reset").is_some() {
            self.reset(cx);
            return cx.done(&msg);
        }
        self.change_rate(&msg, cx);
        if self.drop {
            return self.drop_or_send(msg, cx);
        }
        let flush = flush_count(&msg);
        msg.remove("flush");
        if flush.is_some() && msg.root().iter().all(|(key, _)| key == "_msgid") {
            cx.done(&msg);
        } else {
            self.hold(msg, cx);
        }
        self.release(flush.unwrap_or(0), cx);
    }

    fn on_timer(&mut self, _: u64, cx: &mut NodeCx<'_>) {
        if self.held.is_empty() {
            self.ticking = false;
            return;
        }
        cx.timer(wait(self.now_ms), TICK);
        let count = if self.release == Release::AllTopics { usize::MAX } else { 1 };
        self.release(count, cx);
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        cx.cancel(TICK);
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::Bench;
    use super::*;
    use serde_json::json;

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn delays() {
        let mut node =
            Bench::new(make, json!({"pauseType": "delay", "timeout": "5", "timeoutUnits": "seconds"}));
        node.receive(json!({"payload": 1})).advance(secs(4)).receive(json!({"payload": 2}));
        assert_eq!(node.payloads(), json!([]));
        assert_eq!(node.advance(secs(1)).payloads(), json!([1]));
        assert_eq!(node.receive(json!({"payload": 3, "flush": 1})).payloads(), json!([2]));
        assert_eq!(node.receive(json!({"reset": 1})).advance(secs(9)).payloads(), json!([]));
    }

    #[test]
    fn delay_of_the_message() {
        let mut node =
            Bench::new(make, json!({"pauseType": "delayv", "timeout": "5", "timeoutUnits": "seconds"}));
        node.receive(json!({"payload": 1})).receive(json!({"payload": 2, "delay": "1000"}));
        assert_eq!(node.advance(secs(2)).payloads(), json!([2]));
        assert_eq!(node.advance(secs(3)).payloads(), json!([1]));
    }

    #[test]
    fn random_stays_in_bounds() {
        let config =
            json!({"pauseType": "random", "randomFirst": "2", "randomLast": "4", "randomUnits": "seconds"});
        let mut node = Bench::new(make, config);
        for n in 0..50 {
            node.receive(json!({ "payload": n }));
        }
        let now = node.cx.now;
        assert!(node.cx.timers.values().all(|at| (2000.0..=4000.0).contains(&(at - now))));
    }

    fn rate(extra: serde_json::Value) -> Bench {
        let mut config = json!({"pauseType": "rate", "rate": "1", "nbRateUnits": "2", "rateUnits": "second"});
        if let (Some(config), Some(extra)) = (config.as_object_mut(), extra.as_object()) {
            config.extend(extra.clone());
        }
        let mut node = Bench::new(make, config);
        for (n, topic) in ["a", "b", "a"].iter().enumerate() {
            node.receive(json!({"payload": n, "topic": topic}));
        }
        node
    }

    #[test]
    fn rates() {
        let mut node = rate(json!({}));
        assert_eq!(node.payloads(), json!([0]));
        assert_eq!(node.advance(secs(2)).payloads(), json!([1]));
        assert_eq!(node.receive(json!({"flush": true})).payloads(), json!([2]));
        assert_eq!(node.advance(secs(4)).receive(json!({"payload": 9})).payloads(), json!([9]));

        let mut node = rate(json!({"drop": true, "outputs": 2}));
        assert_eq!(node.ports(), [0, 1, 1]);

        let mut node = rate(json!({"allowrate": true}));
        node.receive(json!({"payload": 3, "rate": 500})).advance(secs(2));
        assert_eq!(node.payloads(), json!([0, 1, 2, 3]));
    }

    #[test]
    fn rates_by_topic() {
        let mut node = rate(json!({"pauseType": "queue"}));
        assert_eq!(node.advance(secs(2)).payloads(), json!([2]));
        node.receive(json!({"payload": 3, "topic": "b"}));
        assert_eq!(node.advance(secs(2)).payloads(), json!([3]));
        let mut node = rate(json!({"pauseType": "timed"}));
        assert_eq!(node.advance(secs(2)).payloads(), json!([2, 1]));
    }
}
