//! `delay`: holds messages for a time; the modes that let messages through at a rate are in `rate.rs` (Node-RED's
//! 89-delay.js).

use std::collections::BTreeMap;

use route_chain::{Message, Value};

use super::rate;
use crate::node::{Node, NodeCx, NodeInfo, Status};
use crate::nodes::value::props::{MAX_HELD, Props, js_wait, say_lost};
use crate::nodes::value::{coerce, random};

enum Wait {
    Fixed,
    /// From `msg.delay`, else as configured.
    Variable,
    /// Between two times.
    Random(f64, f64),
}

/// Holds each message for its own time.
struct Delay {
    wait: Wait,
    ms: f64,
    next: u64,
    /// By timer, so in order of arrival.
    held: BTreeMap<u64, Message>,
}

/// Makes a `delay` node of any mode.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let time = |key: &str, units: &str| props.number(key) * unit_ms(&props.text(units));
    let wait = match props.text("pauseType").as_str() {
        "delay" => Wait::Fixed,
        "delayv" => Wait::Variable,
        "random" => Wait::Random(time("randomFirst", "randomUnits"), time("randomLast", "randomUnits")),
        mode @ ("rate" | "queue" | "timed") => return Ok(rate::make(props, mode)),
        other => return Err(format!("unknown delay mode `{other}`")),
    };
    let ms = time("timeout", "timeoutUnits");
    Ok(Box::new(Delay { wait, ms, next: 0, held: BTreeMap::new() }))
}

fn unit_ms(unit: &str) -> f64 {
    match unit {
        "milliseconds" => 1.0,
        "minutes" => 60_000.0,
        "hours" => 3_600_000.0,
        "days" => 86_400_000.0,
        _ => 1000.0,
    }
}

/// How many messages `msg.flush` lets go: as many as it says, or all.
pub(super) fn flushed(flush: &Value, held: usize) -> usize {
    match flush {
        Value::Number(n) if *n < held as f64 => n.floor().max(0.0) as usize,
        _ => held,
    }
}

/// A status with a count in it.
pub(super) fn depth(shape: &str, count: usize) -> Status {
    Status::new("blue", shape, count.to_string())
}

impl Delay {
    fn wait_ms(&self, msg: &Message) -> f64 {
        match self.wait {
            Wait::Fixed => self.ms,
            Wait::Variable => {
                let own = msg.get("delay").map_or(f64::NAN, coerce::parse_float);
                if own.is_nan() { self.ms } else { own }.max(0.0)
            }
            Wait::Random(first, last) => first + (last - first) * random::unit(),
        }
    }

    /// Whether the number of held messages is shown in the status.
    fn shows(&self) -> bool {
        match self.wait {
            Wait::Fixed => self.ms > 1000.0,
            Wait::Variable => true,
            Wait::Random(..) => self.ms >= 1000.0,
        }
    }

    fn show(&self, cx: &mut NodeCx<'_>) {
        if self.shows() {
            cx.status(depth("dot", self.held.len()));
        }
    }

    fn go(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        let Some(msg) = self.held.remove(&token) else { return };
        cx.cancel(token);
        match self.wait {
            Wait::Fixed => self.show(cx),
            Wait::Variable if self.held.is_empty() => cx.status(Status::clear()),
            _ => {}
        }
        cx.send(0, msg.clone());
        if !matches!(self.wait, Wait::Fixed) {
            self.show(cx);
        }
        cx.done(&msg);
    }

    fn reset(&mut self, cx: &mut NodeCx<'_>) {
        for (token, msg) in std::mem::take(&mut self.held) {
            cx.cancel(token);
            cx.done(&msg);
        }
        cx.status(depth("ring", 0));
    }

    fn flush(&mut self, flush: &Value, cx: &mut NodeCx<'_>) {
        let count = flushed(flush, self.held.len());
        let tokens: Vec<u64> = self.held.keys().take(count).copied().collect();
        tokens.into_iter().for_each(|token| self.go(token, cx));
        cx.status(depth("dot", self.held.len()));
    }
}

impl Node for Delay {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let (flush, resets) = (msg.get("flush").cloned(), msg.get("reset").is_some());
        let only_flush = flush.is_some() && msg.root().len() == 2;
        if !only_flush {
            if self.held.len() >= MAX_HELD {
                return cx.error("too many pending messages in delay node", Some(&msg));
            }
            self.next += 1;
            cx.timer(js_wait(self.wait_ms(&msg)), self.next);
            self.held.insert(self.next, msg.clone());
        }
        let fixed = matches!(self.wait, Wait::Fixed);
        if resets {
            self.reset(cx);
        }
        match flush {
            _ if resets && fixed => {}
            Some(flush) => self.flush(&flush, cx),
            None => self.show(cx),
        }
        if only_flush {
            cx.done(&msg);
        }
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        self.go(token, cx);
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.held.len());
        self.held.keys().for_each(|token| cx.cancel(*token));
        self.held.clear();
        cx.status(Status::clear());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::nodes::testkit::Bench;
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
