//! `batch`: new sequences out of messages, by count, by time or by joining sequences.

use std::collections::{HashMap, VecDeque};

use route_chain::{Message, Value};

use super::convert;
use super::props::{MAX_HELD, Props, wait};
use crate::node::{Node, NodeCx, NodeInfo};

enum Mode {
    Count { count: usize, overlap: usize, honour_parts: bool },
    Interval { ms: f64, empty: bool },
    Concat { topics: Vec<String> },
}

struct Batch {
    mode: Mode,
    pending: VecDeque<Message>,
    /// Concat: topic to sequence id to messages, oldest sequence first.
    groups: HashMap<String, Vec<(String, Vec<Message>)>>,
    held: usize,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let mode = match props.text_or("mode", "count").as_str() {
        "count" => {
            let count = props.number("count").unwrap_or(1.0).max(1.0) as usize;
            let overlap = props.number("overlap").unwrap_or(0.0).max(0.0) as usize;
            if overlap >= count {
                return Err("the overlap must be smaller than the count".to_owned());
            }
            Mode::Count { count, overlap, honour_parts: props.flag("honourParts") }
        }
        "interval" => {
            let ms = props.number("interval").unwrap_or(0.0) * 1000.0;
            if ms <= 0.0 {
                return Err("the interval must be above zero".to_owned());
            }
            Mode::Interval { ms, empty: props.flag("allowEmptySequence") }
        }
        "concat" => {
            let topics = props.json("topics").and_then(serde_json::Value::as_array).into_iter().flatten();
            let name = |t: &serde_json::Value| t.get("topic").unwrap_or(t).as_str().map(str::to_owned);
            Mode::Concat { topics: topics.filter_map(name).collect() }
        }
        other => return Err(format!("unknown batch mode `{other}`")),
    };
    Ok(Box::new(Batch { mode, pending: VecDeque::new(), groups: HashMap::new(), held: 0 }))
}

fn send_group<'m>(msgs: impl ExactSizeIterator<Item = &'m Message>, cx: &mut NodeCx<'_>) {
    let id = cx.new_id();
    let count = msgs.len();
    for (index, msg) in msgs.enumerate() {
        let mut msg = msg.clone();
        msg.set(
            "parts",
            Value::object([
                ("id", Value::text(&id)),
                ("index", Value::Number(index as f64)),
                ("count", Value::Number(count as f64)),
            ]),
        );
        cx.send(0, msg);
    }
}

impl Batch {
    fn send_pending(&mut self, overlap: usize, cx: &mut NodeCx<'_>) {
        send_group(self.pending.iter(), cx);
        while self.pending.len() > overlap {
            self.pending.pop_front();
        }
    }

    fn add_to_sequence(&mut self, msg: &Message, cx: &mut NodeCx<'_>) {
        let Mode::Concat { topics } = &self.mode else { return };
        let topic = msg.get("topic").map(convert::to_text).unwrap_or_default();
        let Some(parts) = msg.get("parts").and_then(Value::as_object).filter(|_| topics.contains(&topic))
        else {
            return;
        };
        if self.held >= MAX_HELD {
            return cx.error("too many messages are held", Some(msg));
        }
        self.held += 1;
        let id = parts.get("id").map(convert::to_text).unwrap_or_default();
        let sequences = self.groups.entry(topic).or_default();
        match sequences.iter_mut().find(|(other, _)| *other == id) {
            Some((_, msgs)) => msgs.push(msg.clone()),
            None => sequences.push((id, vec![msg.clone()])),
        }
        let ready = |topic: &String| self.groups.get(topic)?.iter().position(|(_, msgs)| is_whole(msgs));
        let Some(places) = topics.iter().map(ready).collect::<Option<Vec<_>>>() else { return };
        let mut all = Vec::new();
        for (topic, place) in topics.iter().zip(places) {
            if let Some(sequences) = self.groups.get_mut(topic).filter(|s| place < s.len()) {
                all.extend(sequences.remove(place).1);
            }
        }
        self.held = self.held.saturating_sub(all.len());
        send_group(all.iter(), cx);
    }
}

/// Whether every message of a sequence is there.
fn is_whole(msgs: &[Message]) -> bool {
    let count = msgs.iter().find_map(|m| m.get("parts")?.as_object()?.get("count")?.as_number());
    count.is_some_and(|count| msgs.len() as f64 >= count)
}

/// Whether a message is the last of its sequence.
fn is_last(msg: &Message) -> bool {
    let Some(parts) = msg.get("parts").and_then(Value::as_object) else { return false };
    let number = |key| parts.get(key).and_then(Value::as_number);
    matches!((number("index"), number("count")), (Some(index), Some(count)) if index + 1.0 == count)
}

impl Node for Batch {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        if let Mode::Interval { ms, .. } = self.mode {
            cx.timer(wait(ms), 0);
        }
    }

    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if msg.get("reset").is_some() {
            self.pending.clear();
            self.groups.clear();
            self.held = 0;
            return cx.done(&msg);
        }
        if self.pending.len() >= MAX_HELD {
            return cx.error("too many messages are held", Some(&msg));
        }
        match self.mode {
            Mode::Count { count, overlap, honour_parts } => {
                let last = honour_parts && is_last(&msg);
                self.pending.push_back(msg.clone());
                if self.pending.len() >= count || last {
                    self.send_pending(if last { 0 } else { overlap }, cx);
                }
            }
            Mode::Interval { .. } => self.pending.push_back(msg.clone()),
            Mode::Concat { .. } => self.add_to_sequence(&msg, cx),
        }
        cx.done(&msg);
    }

    fn on_timer(&mut self, _: u64, cx: &mut NodeCx<'_>) {
        let Mode::Interval { ms, empty } = self.mode else { return };
        cx.timer(wait(ms), 0);
        if self.pending.is_empty() && empty {
            let mut msg = Message::new();
            msg.set("payload", Value::Null);
            self.pending.push_back(msg);
        }
        self.send_pending(0, cx);
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        cx.cancel(0);
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::Bench;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn by_count_with_overlap() {
        let mut node = Bench::new(super::make, json!({"mode": "count", "count": "3", "overlap": "1"}));
        for n in 1..=5 {
            node.receive(json!({ "payload": n }));
        }
        let sent = node.sent();
        let payloads: Vec<_> = (0..6).map(|i| sent[i][1]["payload"].clone()).collect();
        assert_eq!(json!(payloads), json!([1, 2, 3, 3, 4, 5]));
        assert_eq!(sent[5][1]["parts"], json!({"id": "0000000000000002", "index": 2, "count": 3}));
    }

    #[test]
    fn by_time() {
        let mut node =
            Bench::new(super::make, json!({"mode": "interval", "interval": "2", "allowEmptySequence": true}));
        node.receive(json!({"payload": 1})).receive(json!({"payload": 2})).advance(Duration::from_secs(4));
        assert_eq!(node.payloads(), json!([1, 2, null]));
    }

    #[test]
    fn sequences_in_order_of_topics() {
        let topics = json!([{"topic": "a"}, {"topic": "b"}]);
        let mut node = Bench::new(super::make, json!({"mode": "concat", "topics": topics}));
        node.receive(json!({"topic": "b", "payload": 3, "parts": {"id": 2, "count": 1}}));
        node.receive(json!({"topic": "a", "payload": 1, "parts": {"id": 1, "count": 2}}));
        node.receive(json!({"topic": "a", "payload": 2, "parts": {"id": 1, "count": 2}}));
        assert_eq!(node.payloads(), json!([1, 2, 3]));
    }
}
