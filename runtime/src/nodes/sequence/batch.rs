//! `batch`: new sequences out of messages, by count, by time or by joining sequences (Node-RED's 19-batch.js).

use std::collections::HashMap;

use route_chain::{Message, Value};

use super::parts;
use crate::node::{Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::props::{MAX_HELD, Props, js_wait, say_lost};

enum Mode {
    Count { count: f64, overlap: usize, honour_parts: bool },
    Interval { ms: f64, empty: bool },
    Concat { topics: Vec<String> },
}

/// A sequence that is coming in.
struct Sequence {
    id: String,
    count: Option<f64>,
    msgs: Vec<Message>,
}

struct Batch {
    mode: Mode,
    pending: Vec<Message>,
    /// Concat: the sequences of each topic, in the order in which they began.
    topics: HashMap<String, Vec<Sequence>>,
    held: usize,
}

/// Makes a `batch` node.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let mode = match props.text_or("mode", "count").as_str() {
        "count" => {
            let (count, overlap) = (props.number_or("count", 1.0), props.number_or("overlap", 0.0));
            if count <= overlap {
                return Err("the overlap must be smaller than the count".to_owned());
            }
            let overlap = overlap.max(0.0) as usize;
            Mode::Count { count, overlap, honour_parts: props.truthy("honourParts") }
        }
        "interval" => Mode::Interval {
            ms: props.number_or("interval", 0.0) * 1000.0,
            empty: props.truthy("allowEmptySequence"),
        },
        "concat" => {
            Mode::Concat { topics: props.entries("topics").map(|entry| entry.text("topic")).collect() }
        }
        other => return Err(format!("unknown batch mode `{other}`")),
    };
    Ok(Box::new(Batch { mode, pending: Vec::new(), topics: HashMap::new(), held: 0 }))
}

/// Sends messages as one sequence, named after the first.
fn send_sequence(msgs: &[Message], cx: &mut NodeCx<'_>) {
    let id = msgs.first().and_then(|msg| msg.get("_msgid")).cloned().unwrap_or_default();
    let count = Value::Number(msgs.len() as f64);
    for (index, msg) in msgs.iter().enumerate() {
        let mut msg = msg.clone();
        let index = Value::Number(index as f64);
        parts::set(&mut msg, &[("id", id.clone()), ("index", index), ("count", count.clone())]);
        cx.send(0, msg);
    }
}

impl Batch {
    fn keep(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if self.pending.len() >= MAX_HELD {
            return cx.error("too many pending messages in batch node", Some(&msg));
        }
        self.pending.push(msg);
    }

    /// Sends what is pending; the last `overlap` messages stay for the next sequence as well.
    fn send_pending(&mut self, overlap: usize, cx: &mut NodeCx<'_>) {
        send_sequence(&self.pending, cx);
        let gone = self.pending.len().saturating_sub(overlap);
        self.pending.drain(..gone).for_each(|msg| cx.done(&msg));
    }

    fn reset(&mut self, cx: &mut NodeCx<'_>) {
        self.pending.drain(..).for_each(|msg| cx.done(&msg));
        let sequences = self.topics.drain().flat_map(|(_, sequences)| sequences);
        sequences.flat_map(|sequence| sequence.msgs).for_each(|msg| cx.done(&msg));
        self.held = 0;
        if let Mode::Interval { ms, .. } = self.mode
            && ms > 0.0
        {
            cx.timer(js_wait(ms), 0);
        }
    }

    fn concat(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let Mode::Concat { topics } = &self.mode else { return };
        let Some(topic) = msg.get("topic").and_then(Value::as_text).map(str::to_owned) else {
            return cx.done(&msg);
        };
        if !topics.contains(&topic) {
            return cx.done(&msg);
        }
        let Some(placed) = parts::placed(&msg).filter(|parts| parts.get("count").is_some()) else {
            return cx.error("no parts property in message", Some(&msg));
        };
        if self.held >= MAX_HELD {
            return cx.error("too many pending messages in batch node", Some(&msg));
        }
        self.held += 1;
        let (id, count) = (parts::id(placed), placed.get("count").map(coerce::to_number));
        let sequences = self.topics.entry(topic).or_default();
        match sequences.iter_mut().find(|sequence| sequence.id == id) {
            Some(sequence) => sequence.msgs.push(msg),
            None => sequences.push(Sequence { id, count, msgs: vec![msg] }),
        }
        // Only the sequence that began first counts, for each topic.
        let whole = |topic: &String| {
            let first = self.topics.get(topic).and_then(|sequences| sequences.first());
            first.is_some_and(|sequence| sequence.count == Some(sequence.msgs.len() as f64))
        };
        if !topics.iter().all(whole) {
            return;
        }
        let mut all = Vec::new();
        for topic in topics {
            if let Some(sequences) = self.topics.get_mut(topic).filter(|sequences| !sequences.is_empty()) {
                all.extend(sequences.remove(0).msgs);
            }
        }
        self.held = self.held.saturating_sub(all.len());
        send_sequence(&all, cx);
        all.iter().for_each(|msg| cx.done(msg));
    }
}

/// Whether a message is the last of its sequence.
fn is_last(msg: &Message) -> bool {
    let Some(parts) = parts::of(msg) else { return false };
    let number = |key| parts::number(parts, key);
    matches!((number("index"), number("count")), (Some(index), Some(count)) if index + 1.0 == count)
}

impl Node for Batch {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        if let Mode::Interval { ms, .. } = self.mode
            && ms > 0.0
        {
            cx.timer(js_wait(ms), 0);
        }
    }

    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if msg.get("reset").is_some() {
            self.reset(cx);
            return cx.done(&msg);
        }
        match self.mode {
            Mode::Count { count, overlap, honour_parts } => {
                let last = honour_parts && is_last(&msg);
                self.keep(msg, cx);
                if self.pending.len() as f64 == count || last {
                    self.send_pending(overlap, cx);
                }
            }
            Mode::Interval { .. } => self.keep(msg, cx),
            Mode::Concat { .. } => self.concat(msg, cx),
        }
    }

    fn on_timer(&mut self, _: u64, cx: &mut NodeCx<'_>) {
        let Mode::Interval { ms, empty } = self.mode else { return };
        cx.timer(js_wait(ms), 0);
        if !self.pending.is_empty() {
            self.send_pending(0, cx);
        } else if empty {
            let mut msg = Message::new();
            msg.set("payload", Value::Null);
            let id = Value::text(cx.new_id());
            parts::set(&mut msg, &[("id", id), ("index", Value::Number(0.0)), ("count", Value::Number(1.0))]);
            cx.send(0, msg);
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.pending.len() + self.held);
        self.pending.clear();
        self.topics.clear();
    }
}

#[cfg(test)]
mod tests {
    use crate::nodes::testkit::Bench;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn by_count_with_overlap() {
        let mut node = Bench::new(super::make, json!({"mode": "count", "count": "3", "overlap": "1"}));
        for n in 1..=5 {
            node.receive(json!({ "_msgid": format!("m{n}"), "payload": n }));
        }
        let sent = node.sent();
        let payloads: Vec<_> = (0..6).map(|i| sent[i][1]["payload"].clone()).collect();
        assert_eq!(json!(payloads), json!([1, 2, 3, 3, 4, 5]));
        assert_eq!(sent[5][1]["parts"], json!({"id": "m3", "index": 2, "count": 3}));
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
        node.receive(json!({"topic": "b", "payload": 3, "parts": {"id": 2, "index": 0, "count": 1}}));
        node.receive(json!({"topic": "a", "payload": 1, "parts": {"id": 1, "index": 0, "count": 2}}));
        node.receive(json!({"topic": "a", "payload": 2, "parts": {"id": 1, "index": 1, "count": 2}}));
        assert_eq!(node.payloads(), json!([1, 2, 3]));
    }
}
