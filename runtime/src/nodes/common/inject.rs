//! `inject`: sends a message at start, every so often, by a crontab, or when it is told to (Node-RED's 20-inject.js).

use std::str::FromStr;
use std::time::Duration;

use croner::Cron;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use route_chain::{Message, Value};
use serde_json::Value as Json;

use crate::node::{Node, NodeCx, NodeInfo};
use crate::nodes::value::property::Path;
use crate::nodes::value::props::{Props, plain_text};
use crate::nodes::value::typed::Typed;

const ONCE: u64 = 0;
const REPEAT: u64 = 1;
const CRON: u64 = 2;

/// The longest interval that Node-RED takes, in seconds: 2^31 - 1 milliseconds.
const LONGEST: f64 = 2_147_483.0;

struct Inject {
    props: Vec<(Path, Typed)>,
    once_ms: Option<f64>,
    repeat_ms: Option<f64>,
    cron: Option<Cron>,
    due: f64,
}

/// Makes an `inject` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let typed = properties(props).into_iter().filter_map(|(path, ty, value)| {
        // An empty expression sets nothing.
        let nothing = path.is_empty() || (ty == "jsonata" && plain_text(&value).is_empty());
        (!nothing).then(|| Ok((Path::new(&path), Typed::parse(&ty, &value).map_err(invalid)?)))
    });
    let typed = typed.collect::<Result<_, String>>()?;
    let repeat = props.number_or("repeat", f64::NAN);
    if repeat > LONGEST {
        return Err("Interval too large".to_owned());
    }
    let crontab = props.text("crontab");
    let cron = match crontab.as_str() {
        "" => None,
        text => Some(Cron::from_str(text).map_err(|e| format!("invalid crontab `{text}`: {e}"))?),
    };
    let delay = props.number_or("onceDelay", 0.1);
    Ok(Box::new(Inject {
        props: typed,
        once_ms: props.truthy("once").then_some(delay * 1000.0),
        repeat_ms: Some(repeat * 1000.0).filter(|ms| *ms > 0.0),
        cron,
        due: 0.0,
    }))
}

fn invalid(fault: String) -> String {
    format!("Invalid JSONata expression: {fault}")
}

/// Path, type and value of each property; nodes of Node-RED 1.0 and before have one payload and one topic.
fn properties(props: Props<'_>) -> Vec<(String, String, Json)> {
    let payload = || (props.text_or("payloadType", "str"), props.json("payload").clone());
    if !props.json("props").is_array() {
        let (ty, value) = payload();
        let topic = props.json("topic").clone();
        return vec![("payload".into(), ty, value), ("topic".into(), "str".into(), topic)];
    }
    let entries = props.entries("props");
    let property = |entry: Props<'_>| {
        let (path, ty) = (entry.text("p"), entry.text_or("vt", "str"));
        match (path.as_str(), entry.has("v")) {
            ("payload", false) => {
                let (ty, value) = payload();
                (path, ty, value)
            }
            ("topic", false) if ty == "str" => (path, ty, props.json("topic").clone()),
            (_, true) => (path, ty, entry.json("v").clone()),
            (_, false) => (path, ty, Json::from("")),
        }
    };
    entries.map(property).collect()
}

impl Inject {
    fn fire(&self, mut msg: Message, cx: &mut NodeCx<'_>) {
        let mut faults = Vec::new();
        for (path, value) in &self.props {
            let set = match value.eval(&msg, cx) {
                Err(fault) if matches!(value, Typed::Jsonata(_)) => Err(invalid(fault)),
                Err(fault) => Err(format!("Error: {fault}")),
                Ok(value) => path.set(&mut msg, value).map_err(|fault| fault.thrown()),
            };
            faults.extend(set.err());
        }
        if faults.is_empty() {
            cx.send(0, msg.clone());
            cx.done(&msg);
        } else {
            cx.error(&faults.join("; "), Some(&msg));
        }
    }

    fn schedule(&mut self, cx: &mut NodeCx<'_>) {
        if let Some(ms) = self.repeat_ms {
            self.due = cx.now_ms() + ms;
            cx.timer(Duration::from_secs_f64(ms / 1000.0), REPEAT);
        } else if self.cron.is_some() {
            self.schedule_cron(cx);
        }
    }

    fn schedule_cron(&mut self, cx: &mut NodeCx<'_>) {
        let Some(cron) = &self.cron else { return };
        let now = cx.now_ms();
        let next = Timestamp::from_millisecond(now as i64).ok().and_then(|at| {
            let here: Zoned = at.to_zoned(TimeZone::system());
            cron.find_next_occurrence(&here, false).ok()
        });
        match next {
            Some(next) => {
                let wait = (next.timestamp().as_millisecond() as f64 - now).max(0.0);
                cx.timer(Duration::from_secs_f64(wait / 1000.0), CRON);
            }
            None => cx.error("the crontab never comes due", None),
        }
    }
}

impl Node for Inject {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        match self.once_ms {
            Some(ms) => cx.timer(Duration::from_secs_f64(ms / 1000.0), ONCE),
            None => self.schedule(cx),
        }
    }

    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        self.fire(msg, cx);
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        let mut msg = Message::new();
        msg.set("_msgid", Value::text(cx.new_id()));
        self.fire(msg, cx);
        match token {
            ONCE => self.schedule(cx),
            REPEAT => {
                let ms = self.repeat_ms.unwrap_or(LONGEST);
                // Late intervals are not made up for, but the beat is kept.
                self.due = if self.due + ms > cx.now_ms() { self.due + ms } else { cx.now_ms() + ms };
                cx.timer(Duration::from_secs_f64((self.due - cx.now_ms()).max(0.0) / 1000.0), REPEAT);
            }
            _ => self.schedule_cron(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testkit::{Bench, info};
    use serde_json::json;

    fn secs(s: f64) -> Duration {
        Duration::from_secs_f64(s)
    }

    #[test]
    fn properties_of_every_type() {
        let mut node = Bench::with(
            make,
            json!({"props": [
                {"p": "payload"}, {"p": "topic", "vt": "str"}, {"p": "a.b", "v": "3", "vt": "num"},
                {"p": "ok", "v": "true", "vt": "bool"}, {"p": "j", "v": "{\"x\":[1]}", "vt": "json"},
                {"p": "bin", "v": "[1,2]", "vt": "bin"}, {"p": "f", "v": "count", "vt": "flow"},
                {"p": "e", "v": "a-${HOME}-b", "vt": "env"}, {"p": "x", "v": "payload & '!'", "vt": "jsonata"},
                {"p": "iso", "v": "iso", "vt": "date"}
            ], "payload": "hi", "payloadType": "str", "topic": "t"}),
            |cx| {
                cx.flow().set("count", Value::Number(5.0));
                cx.vars(&[("HOME", json!("there"))]);
            },
        );
        node.receive(json!({}));
        assert_eq!(
            node.sent(),
            json!([[0, {
                "payload": "hi", "topic": "t", "a": {"b": 3}, "ok": true, "j": {"x": [1]},
                "bin": {"type": "Buffer", "data": [1, 2]}, "f": 5, "e": "a-there-b", "x": "hi!",
                "iso": "2023-11-14T22:13:20.000Z"
            }]])
        );
    }

    #[test]
    fn old_form_and_timestamp() {
        let mut node = Bench::new(make, json!({"payload": "", "payloadType": "date", "topic": "x"}));
        node.receive(json!({}));
        assert_eq!(node.sent(), json!([[0, {"payload": 1_700_000_000_000_u64, "topic": "x"}]]));
    }

    #[test]
    fn once_then_repeat() {
        let config =
            json!({"once": true, "onceDelay": 0.5, "repeat": "2", "payload": "p", "payloadType": "str"});
        let mut node = Bench::new(make, config);
        assert_eq!(node.advance(secs(0.4)).payloads(), json!([]));
        assert_eq!(node.advance(secs(0.2)).payloads(), json!(["p"]));
        assert_eq!(node.advance(secs(6.0)).payloads(), json!(["p", "p", "p"]));
    }

    #[test]
    fn by_crontab() {
        let mut node =
            Bench::new(make, json!({"crontab": "*/5 * * * *", "payload": "c", "payloadType": "str"}));
        assert_eq!(node.advance(secs(15.0 * 60.0)).payloads(), json!(["c", "c", "c"]));
        assert!(make(&info(json!({"crontab": "61 * * * *"}))).is_err());
    }

    #[test]
    fn says_what_is_wrong() {
        let fault = |config| make(&info(config)).err().unwrap_or_default();
        assert_eq!(fault(json!({"repeat": "99999999"})), "Interval too large");
        let wrong = json!({"props": [{"p": "payload", "v": "(", "vt": "jsonata"}]});
        assert!(fault(wrong).starts_with("Invalid JSONata expression: "));
        let wrong =
            json!({"props": [{"p": "a", "v": "{", "vt": "json"}, {"p": "b", "v": "x.y", "vt": "msg"}]});
        let mut node = Bench::new(make, wrong);
        let errors = node.receive(json!({})).errors();
        assert!(errors[0].contains("; ") && node.sent() == json!([]), "{errors:?}");
    }
}
