//! `trigger`: sends one thing, waits, sends another.

use std::collections::HashMap;

use route_chain::{Message, Value};

use super::convert;
use super::props::{MAX_HELD, Path, Props, byte_list, fill, parse_float, unit_ms, wait};
use crate::node::{Node, NodeCx, NodeInfo, Scope, Status};

/// What to send.
#[derive(Clone)]
enum Output {
    Nothing,
    /// The message that began it (first output), or its payload (second).
    Original,
    /// The newest message.
    Latest,
    Fixed(Value),
    /// Text with `{{…}}`.
    Template(String),
    Now,
    Env(String),
    Context(Scope, String),
}

struct Running {
    /// Nothing: until reset.
    token: Option<u64>,
    first: Message,
    latest: Message,
    second: Value,
    wait_ms: f64,
}

struct Trigger {
    first: Output,
    second: Output,
    wait_ms: f64,
    again: bool,
    extend: bool,
    may_override: bool,
    reset: String,
    topic: Option<Path>,
    second_port: u32,
    next: u64,
    running: HashMap<String, Running>,
    by_token: HashMap<u64, String>,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let duration = props.number("duration").unwrap_or(250.0) * unit_ms(&props.text_or("units", "ms"));
    Ok(Box::new(Trigger {
        first: output(&props.text_or("op1type", "str"), &props.text("op1"))?,
        second: output(&props.text_or("op2type", "str"), &props.text("op2"))?,
        wait_ms: duration.abs(),
        again: duration < 0.0,
        extend: props.flag("extend") && duration > 0.0,
        may_override: props.flag("overrideDelay"),
        reset: props.text("reset"),
        topic: match props.text_or("bytopic", "all").as_str() {
            "all" => None,
            _ => Some(Path::parse(&props.text_or("topic", "topic"))?),
        },
        second_port: u32::from(props.number("outputs") == Some(2.0)),
        next: 0,
        running: HashMap::new(),
        by_token: HashMap::new(),
    }))
}

fn output(ty: &str, text: &str) -> Result<Output, String> {
    Ok(match ty {
        "nul" => Output::Nothing,
        "pay" => Output::Original,
        "payl" => Output::Latest,
        "str" if text.contains("{{") => Output::Template(text.to_owned()),
        "str" => Output::Fixed(Value::text(text)),
        "num" => Output::Fixed(Value::Number(convert::text_to_number(text))),
        "bool" => Output::Fixed(Value::Bool(text == "true")),
        "json" => {
            let json: serde_json::Value =
                serde_json::from_str(text).map_err(|e| format!("invalid JSON: {e}"))?;
            Output::Fixed(convert::from_json(&json))
        }
        "bin" => Output::Fixed(Value::bytes(byte_list(text)?)),
        "date" => Output::Now,
        "env" => Output::Env(text.to_owned()),
        "flow" => Output::Context(Scope::Flow, text.to_owned()),
        "global" => Output::Context(Scope::Global, text.to_owned()),
        other => return Err(format!("unknown type of output `{other}`")),
    })
}

impl Output {
    /// The payload that it says, if it says one by itself.
    fn payload(&self, msg: &Message, cx: &NodeCx<'_>) -> Option<Value> {
        match self {
            Output::Nothing | Output::Original | Output::Latest => None,
            Output::Fixed(value) => Some(value.clone()),
            Output::Template(text) => Some(Value::text(fill(text, msg))),
            Output::Now => Some(Value::Number(cx.now_ms().floor())),
            Output::Env(name) => Some(cx.env(name).unwrap_or_default()),
            Output::Context(scope, key) => Some(cx.context_get(*scope, key)),
        }
    }
}

impl Trigger {
    fn stop(&mut self, topic: &str, cx: &mut NodeCx<'_>) {
        if let Some(token) = self.running.remove(topic).and_then(|r| r.token) {
            self.by_token.remove(&token);
            cx.cancel(token);
        }
    }

    fn show(&self, cx: &mut NodeCx<'_>) {
        let running = !self.running.is_empty();
        let part = |text: &str| if running { text.to_owned() } else { String::new() };
        cx.status(Status { fill: part("blue"), shape: part("dot"), text: String::new() });
    }

    fn is_reset(&self, msg: &Message) -> bool {
        let payload = msg.get("payload").filter(|p| !matches!(p, Value::Null | Value::Undefined));
        msg.get("reset").is_some()
            || (!self.reset.is_empty() && payload.is_some_and(|p| convert::to_text(p) == self.reset))
    }

    fn set_timer(&mut self, topic: &str, ms: f64, cx: &mut NodeCx<'_>) -> u64 {
        self.next += 1;
        self.by_token.insert(self.next, topic.to_owned());
        cx.timer(wait(ms), self.next);
        self.next
    }

    fn begin(&mut self, topic: String, msg: &Message, wait_ms: f64, cx: &mut NodeCx<'_>) {
        let second = match &self.second {
            Output::Original => msg.get("payload").cloned().unwrap_or_default(),
            other => other.payload(msg, cx).unwrap_or_default(),
        };
        let mut first = msg.clone();
        if let Some(payload) = self.first.payload(msg, cx) {
            first.set("payload", payload);
        }
        let sends = !matches!(self.first, Output::Nothing);
        // Repeating nothing would be a timer without an effect.
        let timed = wait_ms > 0.0 && (sends || !self.again);
        let token = timed.then(|| self.set_timer(&topic, wait_ms, cx));
        let running = Running { token, first: first.clone(), latest: msg.clone(), second, wait_ms };
        self.running.insert(topic, running);
        self.show(cx);
        if sends {
            cx.send(0, first);
        }
    }

    fn send_second(&mut self, running: Running, cx: &mut NodeCx<'_>) {
        let msg = match &self.second {
            Output::Nothing => return,
            Output::Latest => running.latest,
            // These are read when they are sent.
            Output::Now | Output::Env(_) | Output::Context(..) => {
                let mut msg = running.first;
                let payload = self.second.payload(&msg, cx).unwrap_or_default();
                msg.set("payload", payload);
                msg
            }
            _ => {
                let mut msg = running.first;
                msg.set("payload", running.second);
                msg
            }
        };
        cx.send(self.second_port, msg);
    }
}

impl Node for Trigger {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let topic = self.topic.as_ref().and_then(|path| path.get(&msg)).map(|t| convert::to_text(&t));
        let topic = topic.unwrap_or_default();
        if self.is_reset(&msg) {
            self.stop(&topic, cx);
            self.show(cx);
            return cx.done(&msg);
        }
        let own = msg.get("delay").and_then(parse_float).filter(|_| self.may_override && self.wait_ms > 0.0);
        let wait_ms = own.unwrap_or(self.wait_ms);
        let extended = match self.running.get_mut(&topic) {
            Some(running) => {
                running.latest = msg.clone();
                Some(running.token.filter(|_| self.extend))
            }
            None => None,
        };
        match extended {
            Some(Some(token)) => {
                cx.cancel(token);
                self.by_token.remove(&token);
                let token = self.set_timer(&topic, wait_ms, cx);
                if let Some(running) = self.running.get_mut(&topic) {
                    running.token = Some(token);
                    running.wait_ms = wait_ms;
                }
            }
            Some(None) => {}
            None if self.running.len() >= MAX_HELD => {
                return cx.error("too many topics are waiting", Some(&msg));
            }
            None => self.begin(topic, &msg, wait_ms, cx),
        }
        cx.done(&msg);
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        let Some(topic) = self.by_token.remove(&token) else { return };
        if self.again {
            let Some((first, ms)) = self.running.get(&topic).map(|r| (r.first.clone(), r.wait_ms)) else {
                return;
            };
            cx.send(0, first);
            let token = self.set_timer(&topic, ms, cx);
            if let Some(running) = self.running.get_mut(&topic) {
                running.token = Some(token);
            }
        } else if let Some(running) = self.running.remove(&topic) {
            self.send_second(running, cx);
            self.show(cx);
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        for (token, _) in self.by_token.drain() {
            cx.cancel(token);
        }
        self.running.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testkit::Bench;
    use serde_json::{Value, json};

    fn bench(extra: Value) -> Bench {
        let mut config = json!({"op1": "1", "op2": "0", "op1type": "num", "op2type": "num", "duration": "100", "units": "ms"});
        if let (Some(config), Some(extra)) = (config.as_object_mut(), extra.as_object()) {
            config.extend(extra.clone());
        }
        Bench::new(super::make, config)
    }

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn one_then_the_other() {
        let mut node = bench(json!({"outputs": 2}));
        node.receive(json!({"payload": "a"})).receive(json!({"payload": "b"})).advance(ms(100));
        assert_eq!(node.sent(), json!([[0, {"payload": 1}], [1, {"payload": 0}]]));
        node.receive(json!({"payload": "a"})).receive(json!({"reset": true})).advance(ms(500));
        assert_eq!(node.payloads(), json!([1]));
    }

    #[test]
    fn extends_and_sends_the_latest() {
        let mut node = bench(json!({"extend": "true", "op1type": "pay", "op2type": "payl"}));
        node.receive(json!({"payload": 1})).advance(ms(60)).receive(json!({"payload": 2})).advance(ms(60));
        assert_eq!(node.payloads(), json!([1]));
        assert_eq!(node.advance(ms(40)).payloads(), json!([2]));
    }

    #[test]
    fn by_topic_and_own_delay() {
        let mut node =
            bench(json!({"bytopic": "topic", "overrideDelay": true, "op1type": "nul", "op2type": "pay"}));
        node.receive(json!({"topic": "a", "payload": 1, "delay": 300}))
            .receive(json!({"topic": "b", "payload": 2}));
        assert_eq!(node.advance(ms(100)).payloads(), json!([2]));
        assert_eq!(node.advance(ms(200)).payloads(), json!([1]));
    }

    #[test]
    fn until_reset_and_again_and_again() {
        let mut node =
            bench(json!({"duration": "0", "reset": "off", "op1": "t={{topic}}", "op1type": "str"}));
        node.receive(json!({"topic": "x"})).advance(ms(9000)).receive(json!({"topic": "y"}));
        node.receive(json!({"payload": "off"})).receive(json!({"topic": "z"}));
        assert_eq!(node.payloads(), json!(["t=x", "t=z"]));
        let mut node = bench(json!({"duration": "-100"}));
        assert_eq!(node.receive(json!({})).advance(ms(250)).payloads(), json!([1, 1, 1]));
    }
}
