//! The protocol between an outbox and an inbox, driven through losses, doubles, reorderings and restarts at any point.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use proptest::prelude::*;
use route_chain::{Message, Value};

use super::frame::{Ack, Data, Why};
use super::inbox::{Inbox, Job, Outcome};
use super::outbox::{Lost, Outbox};
use super::wire;

const INC: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[derive(Clone, Copy, Debug)]
enum Act {
    /// The engine sends; `true`: acknowledged when stored.
    Send(bool),
    /// The sender puts a frame on the link.
    Frame,
    /// The link hands over the frame at this place among those on their way.
    Arrive(usize),
    DropFrame(usize),
    DoubleFrame(usize),
    /// The receiver begins a delivery; the node has the message, but nobody wrote that down yet.
    Begin,
    /// It is written down; `false`: the node did not take it.
    End(bool),
    Answer,
    AckArrives(usize),
    DropAck(usize),
    DoubleAck(usize),
    /// The receiver's engine has ended before the node got the message; its process goes on to its end.
    Gone,
    /// The link did not take the frame that was made last.
    NotPut,
    KillReceiver,
    KillSender,
    Wait,
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => any::<bool>().prop_map(Act::Send),
        5 => Just(Act::Frame),
        5 => (0..4_usize).prop_map(Act::Arrive),
        1 => (0..4_usize).prop_map(Act::DropFrame),
        1 => (0..4_usize).prop_map(Act::DoubleFrame),
        6 => Just(Act::Begin),
        6 => prop_oneof![9 => Just(true), 1 => Just(false)].prop_map(Act::End),
        4 => Just(Act::Answer),
        4 => (0..4_usize).prop_map(Act::AckArrives),
        1 => (0..4_usize).prop_map(Act::DropAck),
        1 => (0..4_usize).prop_map(Act::DoubleAck),
        1 => Just(Act::Gone),
        1 => Just(Act::NotPut),
        1 => Just(Act::KillReceiver),
        1 => Just(Act::KillSender),
        3 => Just(Act::Wait),
    ]
}

/// Both ends, the link between them, and what a bystander knows.
struct World<'a> {
    dir: &'a Path,
    now: f64,
    boot: u64,
    /// The link takes messages for a receiver that is away.
    keeps: bool,
    out: Outbox,
    inn: Inbox,
    job: Option<Job>,
    frames: VecDeque<String>,
    acks: VecDeque<Ack>,
    /// Numbers by the time of their arrival at the node, and whether the node took them in the end (`None`: cut off).
    delivered: Vec<(u64, Option<bool>)>,
    stored: BTreeMap<u64, bool>,
    lost: Vec<Lost>,
    /// Settled at the sender: acknowledged or lost.
    settled: BTreeMap<u64, Option<Why>>,
}

impl<'a> World<'a> {
    fn new(dir: &'a Path) -> Self {
        Self {
            dir,
            now: 0.0,
            boot: 1,
            keeps: false,
            out: Outbox::open(dir, "b", INC).unwrap(),
            inn: Inbox::open(dir, "a", INC, 1).unwrap(),
            job: None,
            frames: VecDeque::new(),
            acks: VecDeque::new(),
            delivered: Vec::new(),
            stored: BTreeMap::new(),
            lost: Vec::new(),
            settled: BTreeMap::new(),
        }
    }

    fn step(&mut self, act: Act) {
        self.now += 1.0;
        let at = |i: usize, len: usize| i.min(len.saturating_sub(1));
        match act {
            Act::Send(stored) => {
                let mut msg = Message::new();
                msg.set("payload", Value::Number(self.stored.len() as f64 + 1.0));
                let seq = self.out.push("n", &wire::encode(&msg).unwrap(), stored, None, 0).unwrap();
                assert!(self.stored.insert(seq, stored).is_none(), "number {seq} was given twice");
            }
            Act::Frame => self.frames.extend(self.out.frame(self.now, self.keeps).map(|frame| frame.text)),
            Act::Arrive(i) => {
                if let Some(text) = self.frames.remove(at(i, self.frames.len())) {
                    self.inn.on_data(serde_json::from_str::<Data>(&text).unwrap()).unwrap();
                }
            }
            Act::DropFrame(i) => drop(self.frames.remove(at(i, self.frames.len()))),
            Act::DoubleFrame(i) => self.frames.extend(self.frames.get(i).cloned()),
            Act::Begin => {
                if let Some(job) = self.inn.begin().unwrap() {
                    assert!(self.job.is_none(), "two deliveries at once");
                    assert_eq!(job.msg.get("payload").unwrap().as_number(), Some(job.seq as f64));
                    self.delivered.push((job.seq, None));
                    self.job = Some(job);
                }
            }
            Act::End(taken) => {
                if let Some(job) = self.job.take() {
                    self.delivered.last_mut().unwrap().1 = Some(taken);
                    let outcome = if taken { Outcome::Taken } else { Outcome::Refused };
                    self.inn.done(job.seq, job.from_store(), outcome).unwrap();
                }
            }
            Act::Answer => self.acks.push_back(self.inn.ack()),
            Act::AckArrives(i) => {
                if let Some(ack) = self.acks.remove(at(i, self.acks.len())) {
                    self.take(&ack);
                }
            }
            Act::DropAck(i) => drop(self.acks.remove(at(i, self.acks.len()))),
            Act::DoubleAck(i) => self.acks.extend(self.acks.get(i).cloned()),
            Act::Gone => {
                if let Some(job) = self.job.take() {
                    self.delivered.pop();
                    self.inn.done(job.seq, job.from_store(), Outcome::Gone).unwrap();
                    self.acks.push_back(self.inn.ack());
                    self.boot += 1;
                    self.inn = Inbox::open(self.dir, "a", INC, self.boot).unwrap();
                }
            }
            Act::NotPut => {
                let items = self
                    .frames
                    .pop_back()
                    .map(|text| serde_json::from_str::<Data>(&text).unwrap().items.len() as u64);
                self.out.not_put(items.unwrap_or(0));
            }
            Act::KillReceiver => {
                self.boot += 1;
                self.job = None;
                self.inn = Inbox::open(self.dir, "a", INC, self.boot).unwrap();
            }
            Act::KillSender => self.out = Outbox::open(self.dir, "b", INC).unwrap(),
            Act::Wait => self.now += 300.0,
        }
    }

    fn take(&mut self, ack: &Ack) {
        let waiting = |out: &Outbox| out.waiting().0 as u64;
        let first = self.stored.len() as u64 + 1 - waiting(&self.out);
        let lost = self.out.on_ack(ack, self.now).unwrap();
        let after = self.stored.len() as u64 + 1 - waiting(&self.out);
        for seq in first..after {
            let why = lost.iter().find(|l| l.seq == seq).map(|l| l.why);
            assert!(self.settled.insert(seq, why).is_none(), "{seq} was settled twice");
        }
        self.lost.extend(lost);
    }

    /// A time without faults, at the end of which nothing may wait.
    fn calm(&mut self) {
        self.frames.clear();
        self.acks.clear();
        for _ in 0..400 {
            for act in [Act::Frame, Act::Arrive(0), Act::End(true), Act::Begin, Act::End(true)] {
                self.step(act);
            }
            for act in [Act::Answer, Act::AckArrives(0), Act::Wait] {
                self.step(act);
            }
        }
        assert_eq!(self.out.waiting().0, 0, "messages wait for ever");
        assert_eq!(self.inn.waiting(), 0, "stored messages wait for ever");
    }

    fn judge(&self) {
        let mut seen: Vec<u64> = self.delivered.iter().map(|(seq, _)| *seq).collect();
        assert!(seen.is_sorted(), "out of order: {seen:?}");
        seen.dedup();
        assert_eq!(seen.len(), self.delivered.len(), "delivered twice: {:?}", self.delivered);
        let fate: BTreeMap<u64, Option<bool>> = self.delivered.iter().copied().collect();
        for (seq, why) in &self.settled {
            match (why, self.stored[seq]) {
                (None, false) => {
                    assert_eq!(fate.get(seq), Some(&Some(true)), "{seq} was acknowledged, not delivered")
                }
                (None, true) => assert!(fate.contains_key(seq), "{seq} was stored and never delivered"),
                (Some(Why::Uncertain), false) => {
                    assert_eq!(fate.get(seq), Some(&None), "{seq} is not uncertain")
                }
                (Some(Why::Refused), false) => {
                    assert_eq!(fate.get(seq), Some(&Some(false)), "{seq} was not refused")
                }
                (Some(why), true) => panic!("{seq} was stored, and yet is {why:?}"),
            }
        }
        assert_eq!(self.settled.len(), self.stored.len(), "some messages have no fate");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn acknowledged_means_delivered_once_and_in_order(
        acts in proptest::collection::vec(acts(), 0..250),
        keeps: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World::new(dir.path());
        world.keeps = keeps;
        for act in acts {
            world.step(act);
        }
        world.calm();
        world.judge();
    }

    #[test]
    fn no_frame_from_outside_is_a_panic(first: u64, n: u64, seqs in proptest::collection::vec(any::<u64>(), 0..5), upto: u64, held: u64) {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World::new(dir.path());
        world.step(Act::Send(false));
        let items = seqs.iter().map(|seq| super::frame::Item { seq: *seq, node: "n".into(), stored: seq % 2 == 0, deadline: None, hops: 0, msg: Some(serde_json::json!([])) });
        world.inn.on_data(Data { inc: INC.into(), n, first, items: items.collect() }).unwrap();
        prop_assert!(world.inn.begin().unwrap().is_none());
        let ack = Ack { inc: INC.into(), n, boot: 1, upto, held, lost: vec![(upto, Why::Refused)] };
        world.out.on_ack(&ack, 1.0).unwrap();
        let _ = world.out.frame(5.0, false);
    }
}

#[test]
fn a_message_past_its_time_is_given_up_and_the_next_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path());
    world.out.push("n", r#"{"payload":1}"#, false, Some(50.0), 0).unwrap();
    world.stored.insert(1, false);
    world.now = 100.0;
    world.step(Act::Send(false));
    world.calm();
    assert_eq!(world.delivered, [(2, Some(true))]);
    let counts = world.out.counts();
    assert_eq!((counts.taken, counts.expired, counts.acknowledged), (2, 1, 1));
}

#[test]
fn a_crash_during_a_delivery_is_uncertain_not_acknowledged_and_not_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path());
    world.step(Act::Send(false));
    world.step(Act::Send(false));
    for act in [Act::Frame, Act::Arrive(0), Act::Answer, Act::AckArrives(0), Act::Wait] {
        world.step(act);
    }
    for act in [Act::Frame, Act::Arrive(0), Act::Begin, Act::KillReceiver] {
        world.step(act);
    }
    world.calm();
    world.judge();
    assert_eq!(world.delivered, [(1, None), (2, Some(true))]);
    assert_eq!(world.lost, [Lost { seq: 1, node: "n".into(), why: Why::Uncertain }]);
    assert_eq!(world.out.counts().acknowledged, 1);
}
