//! `trigger`: sends one message, then waits, then sends another; or the same again and again (Node-RED's 89-trigger.js).

use std::collections::HashMap;

use route_chain::{Message, Value};
use serde_json::Value as Json;

use crate::node::{Node, NodeCx, NodeInfo, Status};
use crate::nodes::value::coerce;
use crate::nodes::value::mustache::Template;
use crate::nodes::value::property::Path;
use crate::nodes::value::props::{MAX_HELD, Props, js_wait, say_lost};
use crate::nodes::value::typed::Typed;

/// What is sent.
enum Op {
    Nothing,
    /// The payload of the message that began.
    Original,
    /// The message that came last (only as the second).
    Latest,
    Template(Result<Template, String>),
    /// A value; true: worked out again when it is sent.
    Typed(Typed, bool),
}

struct Trigger {
    first: Op,
    second: Op,
    /// The second goes to the second output.
    second_output: bool,
    by_topic: bool,
    topic: Path,
    /// A payload that resets, as text; empty: none does.
    reset: String,
    duration_ms: f64,
    repeats: bool,
    extends: bool,
    own_delay: bool,
    topics: HashMap<String, Topic>,
    /// The latest message of each topic.
    latest: HashMap<String, Message>,
    by_timer: HashMap<u64, String>,
    next: u64,
}

/// What goes on under a topic.
struct Topic {
    /// `None`: it waits for a reset.
    timer: Option<u64>,
    /// What the second message is made of.
    msg: Message,
    value: Value,
    /// The time was extended by another message.
    extended: bool,
    every_ms: f64,
}

/// Makes a `trigger` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let duration = coerce::parse_float(&Value::text(props.text("duration")));
    let duration = if duration.is_nan() { 250.0 } else { duration };
    let unit = match props.text_or("units", "ms").as_str() {
        "s" => 1000.0,
        "min" => 60_000.0,
        "hr" => 3_600_000.0,
        _ => 1.0,
    };
    Ok(Box::new(Trigger {
        first: op(props, "op1", "1")?,
        second: op(props, "op2", "0")?,
        second_output: props.number("outputs") == 2.0,
        by_topic: props.text_or("bytopic", "all") != "all",
        topic: Path::new(&props.text_or("topic", "topic")),
        reset: props.text("reset"),
        duration_ms: duration.abs() * unit,
        repeats: duration < 0.0,
        extends: duration >= 0.0 && props.flag("extend"),
        own_delay: props.truthy("overrideDelay"),
        topics: HashMap::new(),
        latest: HashMap::new(),
        by_timer: HashMap::new(),
        next: 0,
    }))
}

fn op(props: Props<'_>, key: &str, default: &str) -> Result<Op, String> {
    let ty = props.text_or(&format!("{key}type"), "str");
    let value = if props.truthy(key) { props.json(key).clone() } else { Json::from(default) };
    let text = props.text_or(key, default);
    Ok(match (ty.as_str(), text.as_str()) {
        ("nul", _) => Op::Nothing,
        ("pay", _) => Op::Original,
        ("payl", _) => Op::Latest,
        ("str", text) if text.contains("{{") => Op::Template(Template::parse(text)),
        // Where the editor writes its default, no format is meant.
        ("date", text) if text == default => Op::Typed(Typed::parse("date", &"".into())?, true),
        ("val", "true" | "false") => Op::Typed(Typed::parse("bool", &value)?, false),
        ("val", "null") => Op::Typed(Typed::Const(Value::Null), false),
        ("val", _) => Op::Typed(Typed::parse("str", &value)?, false),
        ("null", _) => Op::Typed(Typed::Const(Value::Null), false),
        (ty, _) => Op::Typed(Typed::parse(ty, &value)?, matches!(ty, "flow" | "global" | "date")),
    })
}

impl Op {
    /// The value for a message; `None`: the payload stays.
    fn value(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<Option<Value>, String> {
        Ok(match self {
            Op::Nothing | Op::Latest | Op::Original => None,
            Op::Template(template) => {
                let template = template.as_ref().map_err(Clone::clone)?;
                Some(Value::text(template.render_plain(&msg.to_value())?))
            }
            Op::Typed(typed, _) => Some(typed.eval(msg, cx)?),
        })
    }

    fn again(
        &self,
        value: &Value,
        msg: &Message,
        extended: bool,
        cx: &mut NodeCx<'_>,
    ) -> Result<Value, String> {
        match self {
            // Node-RED does not work a date out again when the time was extended.
            Op::Typed(Typed::Millis | Typed::Date | Typed::Iso | Typed::Format(_), _) if extended => {
                Ok(value.clone())
            }
            Op::Typed(typed, true) => typed.eval(msg, cx),
            _ => Ok(value.clone()),
        }
    }
}

impl Trigger {
    fn resets(&self, msg: &Message) -> bool {
        let by_payload = || match msg.get("payload") {
            None | Some(Value::Undefined | Value::Null) => false,
            Some(payload) => coerce::to_text(payload) == self.reset,
        };
        msg.get("reset").is_some() || (!self.reset.is_empty() && by_payload())
    }

    fn show(&self, cx: &mut NodeCx<'_>) {
        let dot = || [("fill", Value::text("blue")), ("shape", Value::text("dot"))].into_iter().collect();
        cx.status(match self.topics.len() {
            0 => Status::clear(),
            1 => Status(dot()),
            n => Status::new("blue", "dot", n.to_string()),
        });
    }

    fn stop(&mut self, topic: &str, cx: &mut NodeCx<'_>) {
        if let Some(timer) = self.topics.remove(topic).and_then(|topic| topic.timer) {
            self.by_timer.remove(&timer);
            cx.cancel(timer);
        }
    }

    fn set_timer(&mut self, topic: &str, ms: f64, cx: &mut NodeCx<'_>) -> u64 {
        self.next += 1;
        self.by_timer.insert(self.next, topic.to_owned());
        cx.timer(js_wait(ms), self.next);
        self.next
    }

    fn take(&mut self, msg: Message, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let named = self.topic.get(&msg).map_err(|fault| fault.thrown())?;
        let topic = match coerce::truthy(&named) && self.by_topic {
            true => coerce::to_text(&named),
            false => "_none".to_owned(),
        };
        if self.resets(&msg) {
            self.stop(&topic, cx);
            self.show(cx);
            cx.done(&msg);
            return Ok(());
        }
        let own = msg.get("delay").map_or(f64::NAN, coerce::parse_float);
        let ms = if self.own_delay && !own.is_nan() { own } else { self.duration_ms };
        if matches!(self.second, Op::Latest) {
            self.latest.insert(topic.clone(), msg.clone());
        }
        if self.repeats || !self.topics.contains_key(&topic) {
            return self.begin(topic, msg, ms, cx);
        }
        if self.extends && ms > 0.0 {
            self.extend(&topic, msg.clone(), ms, cx);
        }
        cx.done(&msg);
        Ok(())
    }

    fn begin(&mut self, topic: String, mut msg: Message, ms: f64, cx: &mut NodeCx<'_>) -> Result<(), String> {
        if self.topics.len() >= MAX_HELD {
            return Err("too many topics are waited for".to_owned());
        }
        let value = match self.second {
            Op::Original => msg.get("payload").cloned().unwrap_or_default(),
            ref second => second.value(&msg, cx)?.unwrap_or_default(),
        };
        if let Some(payload) = self.first.value(&msg, cx)? {
            msg.set("payload", payload);
        }
        let sends = !matches!(self.first, Op::Nothing);
        self.stop(&topic, cx);
        let timer = match ms == 0.0 || (self.repeats && !sends) {
            true => None,
            false => Some(self.set_timer(&topic, ms, cx)),
        };
        let waiting = Topic { timer, msg: msg.clone(), value, extended: false, every_ms: ms };
        self.topics.insert(topic, waiting);
        cx.done(&msg);
        self.show(cx);
        if sends {
            cx.send(0, msg);
        }
        Ok(())
    }

    fn extend(&mut self, topic: &str, msg: Message, ms: f64, cx: &mut NodeCx<'_>) {
        let Some(before) = self.topics.get(topic).filter(|topic| topic.timer.is_some()) else { return };
        let value = match self.second {
            Op::Latest => msg.get("payload").cloned().unwrap_or_default(),
            _ => before.value.clone(),
        };
        self.stop(topic, cx);
        let timer = Some(self.set_timer(topic, ms, cx));
        self.topics.insert(topic.to_owned(), Topic { timer, msg, value, extended: true, every_ms: ms });
    }

    fn repeat(&mut self, topic: &str, timer: u64, cx: &mut NodeCx<'_>) {
        let Some(waiting) = self.topics.get(topic) else { return };
        let mut msg = waiting.msg.clone();
        cx.timer(js_wait(waiting.every_ms), timer);
        self.by_timer.insert(timer, topic.to_owned());
        if matches!(self.first, Op::Typed(Typed::Millis | Typed::Date | Typed::Iso | Typed::Format(_), _)) {
            msg.set("payload", Value::Number(cx.now_ms().floor()));
        }
        cx.send(0, msg);
    }

    fn end(&mut self, topic: &str, cx: &mut NodeCx<'_>) {
        let Some(waiting) = self.topics.remove(topic) else { return };
        let msg = match (&self.second, waiting.extended) {
            (Op::Nothing, _) => None,
            (Op::Latest, false) => self.latest.remove(topic),
            (second, extended) => {
                let mut msg = waiting.msg;
                match second.again(&waiting.value, &msg, extended, cx) {
                    Ok(Value::Undefined) => drop(msg.remove("payload")),
                    Ok(value) => msg.set("payload", value),
                    Err(fault) => return cx.error(&fault, None),
                }
                Some(msg)
            }
        };
        if let Some(msg) = msg {
            cx.send(u32::from(self.second_output), msg);
        }
        self.show(cx);
    }
}

impl Node for Trigger {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if let Err(fault) = self.take(msg.clone(), cx) {
            cx.error(&fault, Some(&msg));
        }
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        let Some(topic) = self.by_timer.remove(&token) else { return };
        match self.repeats {
            true => self.repeat(&topic, token, cx),
            false => self.end(&topic, cx),
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        let waiting = self.topics.values().filter(|topic| topic.timer.is_some()).count();
        say_lost(cx, if self.repeats { 0 } else { waiting });
        self.by_timer.keys().for_each(|token| cx.cancel(*token));
        self.by_timer.clear();
        self.topics.clear();
        self.show(cx);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::nodes::testkit::Bench;
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
