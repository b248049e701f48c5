//! `inject`: sends a message at start, every so often, by a crontab, or when it is told to.

use std::str::FromStr;
use std::time::Duration;

use croner::Cron;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use route_chain::{Message, Value};
use serde_json::Value as Json;

use super::convert::{self, Seg};
use super::typed::{Typed, bool_of, plain_text, text_of};
use crate::node::{Node, NodeCx, NodeInfo};

const ONCE: u64 = 0;
const REPEAT: u64 = 1;
const CRON: u64 = 2;

/// The longest interval that Node-RED takes: 2^31 - 1 milliseconds.
const LONGEST_MS: f64 = 2_147_483_647.0;

struct Inject {
    props: Vec<(Vec<Seg>, Typed)>,
    once: Option<f64>,
    repeat_ms: Option<f64>,
    cron: Option<Cron>,
    due: f64,
}

/// Makes an `inject` node.
pub fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let config = &info.config;
    let props = properties(config)
        .into_iter()
        .map(|(path, ty, value)| Ok((convert::parse_path(&path)?, Typed::parse(&ty, &value)?)))
        .collect::<Result<_, String>>()?;
    let seconds =
        |key| Some(convert::text_to_number(&text_of(config, key))).filter(|n| n.is_finite() && *n > 0.0);
    let repeat_ms = seconds("repeat").map(|s| s * 1000.0);
    if let Some(ms) = repeat_ms.filter(|ms| *ms > LONGEST_MS) {
        return Err(format!("an interval of {} seconds is too long", convert::number_text(ms / 1000.0)));
    }
    let crontab = text_of(config, "crontab");
    let cron = match crontab.as_str() {
        "" => None,
        text => Some(Cron::from_str(text).map_err(|e| format!("invalid crontab `{text}`: {e}"))?),
    };
    let delay = config.get("onceDelay").map(plain_text).filter(|t| !t.is_empty());
    let delay = delay.map(|t| convert::text_to_number(&t)).filter(|s| (0.0..1e9).contains(s)).unwrap_or(0.1);
    let once = bool_of(config, "once").unwrap_or(false).then_some(delay * 1000.0);
    Ok(Box::new(Inject { props, once, repeat_ms, cron, due: 0.0 }))
}

/// Path, type and value of each property; the old form has one payload and one topic.
fn properties(config: &serde_json::Map<String, Json>) -> Vec<(String, String, Json)> {
    let of = |key: &str| config.get(key).cloned().unwrap_or(Json::Null);
    let payload = || {
        let (ty, value) = (text_of(config, "payloadType"), of("payload"));
        match ty.as_str() {
            "" if plain_text(&value).is_empty() => ("date".to_owned(), value),
            "" | "string" => ("str".to_owned(), value),
            _ => (ty, value),
        }
    };
    let Some(props) = config.get("props").and_then(Json::as_array) else {
        let (ty, value) = payload();
        return vec![("payload".into(), ty, value), ("topic".into(), "str".into(), of("topic"))];
    };
    props
        .iter()
        .filter_map(|prop| {
            let path = prop.get("p").map(plain_text).filter(|p| !p.is_empty())?;
            let ty = prop.get("vt").map(plain_text).filter(|t| !t.is_empty());
            Some(match (path.as_str(), prop.get("v")) {
                ("payload", None) => {
                    let (ty, value) = payload();
                    (path, ty, value)
                }
                ("topic", None) => (path, ty.unwrap_or_else(|| "str".into()), of("topic")),
                (_, value) => {
                    (path, ty.unwrap_or_else(|| "str".into()), value.cloned().unwrap_or(Json::Null))
                }
            })
        })
        .collect()
}

impl Inject {
    fn fire(&self, mut msg: Message, cx: &mut NodeCx<'_>) {
        let mut faults = Vec::new();
        for (path, value) in &self.props {
            match value.eval(&msg, cx) {
                Ok(Value::Undefined) => {}
                Ok(value) => {
                    if !convert::set_path(msg.root_mut(), path, value) {
                        faults.push("cannot set a property of something that is no object".to_owned());
                    }
                }
                Err(fault) => faults.push(fault),
            }
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
        match self.once {
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
                let ms = self.repeat_ms.unwrap_or(LONGEST_MS);
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
    use super::super::testkit::{Bench, info};
    use super::*;
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
                cx.context.push((crate::node::Scope::Flow, "count".into(), Value::Number(5.0)));
                cx.env.insert("HOME".into(), Value::text("there"));
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
        assert!(
            fault(json!({"props": [{"p": "payload", "v": "{", "vt": "json"}]})).contains("invalid JSON `{`")
        );
        assert!(fault(json!({"repeat": "99999999"})).contains("too long"));
    }
}
