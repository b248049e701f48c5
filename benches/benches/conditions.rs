//! Nanoseconds per message for conditions, in the reference interpreter, the running chain, Rust by hand on the same
//! messages, and peers; every engine's answers are compared. `cargo bench -p route-benches --bench conditions`.
//!
//! A peer that cannot say a condition has no figure there. Peers get their values in their own form before the clock
//! starts; ours come as messages.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod peers;

use route_benches::{Case, measure, stack, table};
use route_chain::condition::Condition;
use route_chain::eval::Tables;
use route_chain::host::{Still, Verdict};
use route_chain::ir::{self, ChainSet, Op};
use route_chain::link::Linked;
use route_chain::value::SlotCache;
use route_chain::{Message, Value};
use serde_json::json;

/// One message as plain data.
pub(crate) struct Row {
    pub(crate) topic: String,
    pub(crate) temperature: i32,
    pub(crate) unit: &'static str,
    pub(crate) ok: bool,
    pub(crate) seq: i32,
}

/// What is asked of a message, as every engine writes it; `None`: it cannot.
pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) route: &'static str,
    by_hand: fn(&Hand, &Message) -> bool,
    typed: fn(&Row) -> bool,
    pub(crate) wirefilter: Option<&'static str>,
    pub(crate) atc: Option<&'static str>,
    pub(crate) cel: &'static str,
}

const TASKS: &[Task] = &[
    Task {
        name: "P1 prefix, number",
        route: r#"msg.topic starts with "plant/" and msg.payload.temperature > 30"#,
        by_hand: |h, m| {
            h.topic(m).is_some_and(|t| t.starts_with("plant/")) && h.temperature(m).is_some_and(|t| t > 30.0)
        },
        typed: |r| r.topic.starts_with("plant/") && r.temperature > 30,
        wirefilter: Some(r#"topic matches "^plant/" && temperature > 30"#),
        atc: Some(r#"topic ^= "plant/" && temperature > 30"#),
        cel: r#"topic.startsWith("plant/") && payload.temperature > 30"#,
    },
    Task {
        name: "P2 or, and, rest",
        route: r#"msg.payload.unit == "C" or msg.payload.ok and not (msg.payload.seq % 10 == 0)"#,
        by_hand: |h, m| {
            h.unit(m) == Some("C") || h.ok(m) == Some(true) && h.seq(m).is_none_or(|s| s % 10.0 != 0.0)
        },
        typed: |r| r.unit == "C" || r.ok && r.seq % 10 != 0,
        wirefilter: None,
        atc: None,
        cel: r#"payload.unit == "C" || payload.ok && !(payload.seq % 10 == 0)"#,
    },
    Task {
        name: "P3 regex",
        route: r#"msg.topic matches /^plant\/line[0-9]+\/temp$/"#,
        by_hand: |h, m| h.topic(m).is_some_and(line_temp),
        typed: |r| line_temp(&r.topic),
        wirefilter: Some(r#"topic matches "^plant/line[0-9]+/temp$""#),
        atc: Some(r##"topic ~ r#"^plant/line[0-9]+/temp$"#"##),
        cel: r#"topic.matches("^plant/line[0-9]+/temp$")"#,
    },
    Task {
        name: "P6 or, and",
        route: r#"msg.payload.unit == "C" or msg.payload.ok and msg.payload.seq > 500"#,
        by_hand: |h, m| {
            h.unit(m) == Some("C") || h.ok(m) == Some(true) && h.seq(m).is_some_and(|s| s > 500.0)
        },
        typed: |r| r.unit == "C" || r.ok && r.seq > 500,
        wirefilter: Some(r#"unit == "C" || ok && seq > 500"#),
        atc: Some(r#"unit == "C" || (ok == 1 && seq > 500)"#),
        cel: r#"payload.unit == "C" || payload.ok && payload.seq > 500"#,
    },
];

/// Ten tests in a row, as ten filters.
pub(crate) const TEN: [&str; 10] = [
    "msg.payload.temperature > -40",
    "msg.payload.temperature < 85",
    r#"msg.payload.unit == "C" or msg.payload.unit == "F""#,
    r#"msg.topic starts with "plant/" or msg.topic starts with "home/""#,
    "msg.payload.seq >= 0",
    "msg.payload.seq < 1000",
    r#"not (msg.topic == "plant/line0/state")"#,
    "msg.payload.ok or msg.payload.temperature < 60",
    "has msg.payload.tags",
    r#"not (msg.payload.unit == "K")"#,
];

pub(crate) const TEN_CEL: [&str; 10] = [
    "payload.temperature > -40",
    "payload.temperature < 85",
    r#"payload.unit == "C" || payload.unit == "F""#,
    r#"topic.startsWith("plant/") || topic.startsWith("home/")"#,
    "payload.seq >= 0",
    "payload.seq < 1000",
    r#"topic != "plant/line0/state""#,
    "payload.ok || payload.temperature < 60",
    "has(payload.tags)",
    r#"payload.unit != "K""#,
];

pub(crate) fn line_temp(topic: &str) -> bool {
    let Some(rest) = topic.strip_prefix("plant/line") else { return false };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && &rest[digits..] == "/temp"
}

/// Conditions written by hand for these messages: a remembered slot for each path.
#[derive(Default)]
struct Hand {
    topic: SlotCache,
    payload: SlotCache,
    temperature: SlotCache,
    unit: SlotCache,
    ok: SlotCache,
    seq: SlotCache,
}

impl Hand {
    fn topic<'m>(&self, m: &'m Message) -> Option<&'m str> {
        m.root().get_cached("topic", &self.topic)?.as_text()
    }
    fn field<'m>(&self, m: &'m Message, key: &str, cache: &SlotCache) -> Option<&'m Value> {
        m.root().get_cached("payload", &self.payload)?.as_object()?.get_cached(key, cache)
    }
    fn temperature(&self, m: &Message) -> Option<f64> {
        self.field(m, "temperature", &self.temperature)?.as_number()
    }
    fn unit<'m>(&self, m: &'m Message) -> Option<&'m str> {
        self.field(m, "unit", &self.unit)?.as_text()
    }
    fn ok(&self, m: &Message) -> Option<bool> {
        self.field(m, "ok", &self.ok)?.as_bool()
    }
    fn seq(&self, m: &Message) -> Option<f64> {
        self.field(m, "seq", &self.seq)?.as_number()
    }
}

const BY_HAND: &str = "condition by hand";
const ROUTER_BY_HAND: &str = "router by hand";

/// A filter by hand that does what a chain with one does: takes a message, counts it, and gives it back with a verdict.
struct HandRouter {
    condition: fn(&Hand, &Message) -> bool,
    hand: Hand,
    seen: u64,
    stopped: u64,
    messages: Vec<Option<Message>>,
}

impl HandRouter {
    fn new(condition: fn(&Hand, &Message) -> bool, messages: &[Message]) -> Self {
        let messages = messages.iter().cloned().map(Some).collect();
        Self { condition, hand: Hand::default(), seen: 0, stopped: 0, messages }
    }

    fn run(&mut self, msg: Message) -> Verdict {
        self.seen += 1;
        if (self.condition)(&self.hand, &msg) {
            return Verdict::Deliver(msg);
        }
        self.stopped += 1;
        Verdict::Stop { router: 0, reason: None, as_error: false, msg }
    }

    fn pass(&mut self) -> u64 {
        let mut answer = 0;
        for at in 0..self.messages.len() {
            let Some(msg) = self.messages[at].take() else { continue };
            let back = match self.run(msg) {
                Verdict::Deliver(msg) => {
                    answer += 1;
                    msg
                }
                Verdict::Stop { msg, .. } => msg,
                other => panic!("{other:?}"),
            };
            self.messages[at] = Some(back);
        }
        answer
    }
}

/// A set that runs, on its one wire. A pass answers with the number of messages delivered, or with `first` for those
/// stopped with the number of the router that did it.
struct Running {
    running: route_chain::link::Running,
    host: Still,
    wire: ir::Wire,
    first: bool,
    /// Messages are taken out for a run and put back, as an engine hands them on: nobody else holds them.
    messages: Vec<Option<Message>>,
}

impl Running {
    fn new(set: ChainSet, messages: &[Message], first: bool) -> Self {
        let wire = stack::wire(&set);
        let mut host = Still::default();
        let running = Linked::link(set).expect("a compiled set links").bind(&mut host.states);
        Self { running, host, wire, first, messages: messages.iter().cloned().map(Some).collect() }
    }

    fn pass(&mut self) -> u64 {
        let mut answer = 0;
        for slot in &mut self.messages {
            let Some(msg) = slot.take() else { continue };
            let back = match self.running.run(self.wire.chain, &self.wire, msg, &mut self.host) {
                Verdict::Deliver(msg) => {
                    answer += u64::from(!self.first);
                    msg
                }
                Verdict::Stop { router, msg, .. } => {
                    answer += if self.first { u64::from(router) + 1 } else { 0 };
                    msg
                }
                other => panic!("{other:?}"),
            };
            *slot = Some(back);
        }
        answer
    }
}

fn without_tables(mut set: ChainSet) -> ChainSet {
    set.chains.iter_mut().for_each(|chain| chain.tables.clear());
    set
}

/// Rows that live as long as the process, as the peers' schemes want it.
fn rows(n: i32, topic: impl Fn(i32) -> String) -> &'static [Row] {
    let rows: Vec<Row> = (0..n)
        .map(|i| {
            // 7919 is prime: values come in no order that a branch predictor could learn.
            let seq = i * 7919 % 1000;
            Row {
                topic: topic(seq),
                temperature: seq * 31 % 97 - 20,
                unit: if seq * 17 % 3 == 0 { "C" } else { "F" },
                ok: seq * 13 % 7 < 4,
                seq,
            }
        })
        .collect();
    Box::leak(rows.into_boxed_slice())
}

fn plant(seq: i32) -> String {
    match seq % 3 {
        0 => format!("plant/line{}/temp", seq % 50),
        1 => format!("plant/line{}/state", seq % 50 + 1),
        _ => format!("home/room{}/temp", seq % 50),
    }
}

fn message(row: &Row) -> Message {
    Message::from_json(&json!({
        "_msgid": format!("{:016x}", row.seq),
        "topic": row.topic,
        "payload": {
            "temperature": row.temperature, "unit": row.unit, "ok": row.ok, "seq": row.seq, "tags": ["a", "b"],
        },
    }))
}

fn main() {
    let quick = std::env::args().any(|a| a == "--quick");
    let (rounds, us) = if quick { (5, 500.0) } else { (61, 2000.0) };
    conditions(rounds, us);
    first_match(rounds, us);
}

fn conditions(rounds: usize, us: f64) {
    let rows = rows(1000, plant);
    let messages: Vec<Message> = rows.iter().map(message).collect();
    let peers = peers::Peers::new(rows);
    let mut cases: Vec<Case<'_>> = Vec::new();
    let mut routers: Vec<Case<'_>> = Vec::new();
    for task in TASKS {
        let set = stack::chain_set(&format!("filter f on \"A\" -> \"B\" {{ keep when {} }}", task.route));
        let messages = &messages;
        let name = task.name;
        cases.push(Case::new("typed struct, by hand", name, move || {
            rows.iter().filter(|r| (task.typed)(r)).count() as u64
        }));
        let hand = Hand::default();
        cases.push(Case::new(BY_HAND, name, move || {
            messages.iter().filter(|m| (task.by_hand)(&hand, m)).count() as u64
        }));
        cases.push(compiled(name, &set, messages));
        let mut router = HandRouter::new(task.by_hand, messages);
        routers.push(Case::new(ROUTER_BY_HAND, name, move || router.pass()));
        let mut running = Running::new(set.clone(), messages, false);
        routers.push(Case::new("running chain", name, move || running.pass()));
        cases.push(reference(name, set, messages));
        peers.cases(task, &mut cases);
    }
    let ten: String = TEN
        .iter()
        .enumerate()
        .map(|(i, c)| format!("filter f{i} on \"A\" -> \"B\" {{ keep when {c} }}\n"))
        .collect();
    let set = stack::chain_set(&ten);
    let messages = &messages;
    let hand = Hand::default();
    cases.push(Case::new(BY_HAND, "P5 ten filters", move || {
        messages.iter().filter(|m| by_hand_ten(&hand, m)).count() as u64
    }));
    let mut router = HandRouter::new(by_hand_ten, messages);
    routers.push(Case::new(ROUTER_BY_HAND, "P5 ten filters", move || router.pass()));
    let mut running = Running::new(set.clone(), messages, false);
    routers.push(Case::new("running chain", "P5 ten filters", move || running.pass()));
    cases.push(reference("P5 ten filters", set, messages));
    peers.ten(&mut cases);
    let samples = measure(cases, messages.len() as u64, rounds, us);
    table::print("conditions, ns per message (1,000 messages streamed; × to by hand)", &samples, BY_HAND);
    let samples = measure(routers, messages.len() as u64, rounds, us);
    table::print(
        "routers: message in, verdict out, counted, ns per message (× to by hand)",
        &samples,
        ROUTER_BY_HAND,
    );
}

fn by_hand_ten(h: &Hand, m: &Message) -> bool {
    let (Some(t), Some(seq), Some(unit), Some(topic)) = (h.temperature(m), h.seq(m), h.unit(m), h.topic(m))
    else {
        return false;
    };
    t > -40.0
        && t < 85.0
        && (unit == "C" || unit == "F")
        && (topic.starts_with("plant/") || topic.starts_with("home/"))
        && (0.0..1000.0).contains(&seq)
        && topic != "plant/line0/state"
        && (h.ok(m) == Some(true) || t < 60.0)
        && m.get("payload").and_then(Value::as_object).is_some_and(|p| p.get("tags").is_some())
        && unit != "K"
}

/// The condition of the one filter, compiled.
fn compiled<'c>(name: &'c str, set: &ChainSet, messages: &'c [Message]) -> Case<'c> {
    let step = set.chains.get(1).and_then(|chain| chain.steps.first());
    let Some(Op::Keep(cond)) = step.map(|step| &step.op) else { panic!("{name} is no filter") };
    let condition = Condition::new(cond, set).expect("a compiled set is valid");
    let mut host = Still::default();
    Case::new("compiled condition", name, move || {
        messages.iter().filter(|m| condition.holds(m, &mut host)).count() as u64
    })
}

/// The reference interpreter on all filters of the chain.
fn reference<'c>(name: &'c str, set: ChainSet, messages: &'c [Message]) -> Case<'c> {
    let regexes = set.regexes.iter().map(|r| r.parse().expect("a compiled set has valid regexes")).collect();
    let tables = Tables::new(set.paths.clone(), regexes);
    let steps = set.chains.into_iter().nth(1).map(|chain| chain.steps).unwrap_or_default();
    Case::new("reference interpreter", name, move || {
        let holds = |m: &&Message| {
            steps.iter().all(|step| match &step.op {
                Op::Keep(cond) => tables.holds(cond, m, &mut || 0.5),
                _ => true,
            })
        };
        messages.iter().filter(holds).count() as u64
    })
}

/// P4: rules on one topic, the first that matches takes the message.
fn first_match(rounds: usize, us: f64) {
    let of = |n: i32| {
        let rows = rows(1000, |seq| format!("dev/{}", seq % n));
        (n, rows.iter().map(message).collect::<Vec<Message>>(), peers::Peers::new(rows))
    };
    let many = [1, 100, 1000].map(of);
    let mut cases: Vec<Case<'_>> = Vec::new();
    for (n, messages, peers) in &many {
        let n = *n;
        let name = if n == 1 { "one rule".to_owned() } else { format!("P4 {n} rules") };
        let text: String = (0..n)
            .map(|i| {
                let limit = peers::limit(n, i);
                format!("halt h{i} on \"A\" -> \"B\" {{ when msg.topic == \"dev/{i}\" and msg.payload.temperature > {limit} }}\n")
            })
            .collect();
        let set = stack::chain_set(&text);
        let by_topic: rustc_hash::FxHashMap<String, i32> = (0..n).map(|i| (format!("dev/{i}"), i)).collect();
        let hand = Hand::default();
        cases.push(Case::new(BY_HAND, &name, move || {
            let rule = |m: &Message| {
                let i = *by_topic.get(hand.topic(m)?)?;
                (hand.temperature(m)? > f64::from(peers::limit(n, i))).then_some(i as u64 + 1)
            };
            messages.iter().filter_map(rule).sum()
        }));
        let mut plain = Running::new(without_tables(set.clone()), messages, true);
        cases.push(Case::new("running chain, no tables", &name, move || plain.pass()));
        let mut running = Running::new(set, messages, true);
        cases.push(Case::new("running chain", &name, move || running.pass()));
        peers.rules(n, &name, &mut cases);
    }
    let samples = measure(cases, 1000, rounds, us);
    table::print(
        "first match of rules on one topic, ns per message (× to by hand: a hash map)",
        &samples,
        BY_HAND,
    );
    let ours =
        |column: &str| samples.iter().find(|s| s.row == "running chain" && s.column == column).map(|s| s.ns);
    if let (Some(one), Some(all)) = (ours("one rule"), ours("P4 1000 rules")) {
        println!("\n1,000 rules cost {:.2} times one rule", all / one);
    }
}
