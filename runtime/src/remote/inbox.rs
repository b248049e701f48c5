//! The receiver's side of one sender: what arrives in order is delivered once, or reported as uncertain. No I/O but its marks, no clock.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use route_chain::Message;

use super::disk::{Journal, MAX_LOST, Marks};
use super::frame::{Ack, Data, Item, Why};
use super::outbox::WINDOW;
use super::{take_if, wire};

/// Most bytes of stored messages that wait for their nodes; more stay with the sender.
const MAX_STORED: u64 = 256 * 1024 * 1024;

/// No honest sender gets this far.
const MAX_SEQ: u64 = 1 << 53;

/// A message to deliver now; [`Inbox::done`] must follow.
#[derive(Debug)]
pub struct Job {
    /// Its number.
    pub seq: u64,
    /// Node that gets it.
    pub node: String,
    /// The message.
    pub msg: Message,
    /// How often it was sent on because its node had moved.
    pub hops: u8,
    from_store: bool,
}

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The node has the message.
    Taken,
    /// The node is not there, or did not take it.
    Refused,
    /// There is no engine any more: the message was not handed to anyone.
    Gone,
}

/// Messages from one incarnation of one sender.
#[derive(Debug)]
pub struct Inbox {
    inc: String,
    boot: u64,
    frame: u64,
    marks: Marks,
    /// Arrived, not begun: numbers from `marks.started + 1` without gaps.
    queue: VecDeque<Item>,
    store: Journal,
    store_marks: Marks,
    stored: VecDeque<Item>,
    busy: bool,
    /// Stored messages that a crash made uncertain, or that their node did not take: known here alone.
    pub lost_from_store: u64,
}

impl Inbox {
    /// Opens the inbox of a sender in a directory. `boot` must differ from run to run.
    pub fn open(dir: &Path, sender: &str, inc: &str, boot: u64) -> io::Result<Self> {
        let path = |end: &str| dir.join(format!("{sender}~{inc}.{end}"));
        let (store, lines) = Journal::open(&path("log"))?;
        let mut marks = Marks::open(&path("mark"))?;
        let mut store_marks = Marks::open(&path("stored"))?;
        let mut lost_from_store = 0;
        if marks.started > marks.done {
            marks.lose(marks.started, Why::Uncertain)?;
        }
        if let Some((last, _)) = lines.last()
            && last.seq > marks.done
        {
            marks.settle(last.seq)?;
        }
        if store_marks.started > store_marks.done {
            store_marks.settle(store_marks.started)?;
            lost_from_store += 1;
        }
        let stored = lines.into_iter().map(|(item, _)| item).filter(|i| i.seq > store_marks.done).collect();
        Ok(Self {
            inc: inc.to_owned(),
            boot,
            frame: 0,
            marks,
            queue: VecDeque::new(),
            store,
            store_marks,
            stored,
            busy: false,
            lost_from_store,
        })
    }

    fn held(&self) -> u64 {
        self.marks.started + self.queue.len() as u64
    }

    /// Takes a frame. What is no successor of what is held is left to be sent again.
    pub fn on_data(&mut self, data: Data) -> io::Result<()> {
        if data.first > MAX_SEQ {
            return Ok(());
        }
        self.frame = data.n;
        if data.first > self.held() + 1 && !self.busy {
            // Only a receiver that lost its marks comes here: the sender knows that everything below is settled.
            self.queue.clear();
            self.marks.settle(data.first - 1)?;
        }
        self.marks.forget_below(data.first)?;
        for item in data.items {
            let room = (self.queue.len() as u64) < WINDOW && self.marks.lost.len() < MAX_LOST;
            if room && item.seq == self.held() + 1 {
                self.queue.push_back(item);
            }
        }
        Ok(())
    }

    /// The next message to deliver, begun in the marks already; `None` while one is under way or nothing is there.
    pub fn begin(&mut self) -> io::Result<Option<Job>> {
        if self.busy && self.marks.started > self.marks.done {
            return Ok(None);
        }
        self.settle_without_delivery()?;
        if self.busy {
            return Ok(None);
        }
        while let Some(item) = self.stored.pop_front() {
            self.store_marks.start(item.seq)?;
            match job(item, true) {
                Ok(job) => {
                    self.busy = true;
                    return Ok(Some(job));
                }
                Err(seq) => self.finish_stored(seq, false)?,
            }
        }
        while let Some(item) =
            take_if(&mut self.queue, |item| !item.stored && self.marks.lost.len() < MAX_LOST)
        {
            if item.msg.is_none() {
                self.marks.settle(item.seq)?;
                continue;
            }
            match job(item, false) {
                Ok(job) => {
                    self.marks.start(job.seq)?;
                    self.busy = true;
                    return Ok(Some(job));
                }
                Err(seq) => self.marks.lose(seq, Why::Refused)?,
            }
        }
        if self.queue.front().is_some_and(|item| item.stored) && self.store.size() < MAX_STORED {
            return self.begin();
        }
        Ok(None)
    }

    /// Numbers without a message, and messages that only have to be stored, at the head of the queue.
    fn settle_without_delivery(&mut self) -> io::Result<()> {
        while let Some(item) = take_if(&mut self.queue, |i| i.msg.is_none() || i.stored) {
            if item.msg.is_some() {
                if self.store.size() >= MAX_STORED {
                    self.queue.push_front(item);
                    return Ok(());
                }
                self.store.append(&serde_json::to_string(&item)?)?;
            }
            self.marks.settle(item.seq)?;
            if item.msg.is_some() {
                self.stored.push_back(item);
            }
        }
        Ok(())
    }

    fn finish_stored(&mut self, seq: u64, taken: bool) -> io::Result<()> {
        self.store_marks.settle(seq)?;
        self.lost_from_store += u64::from(!taken);
        if self.stored.is_empty() { self.store.clear() } else { Ok(()) }
    }

    /// What came of the delivery of a message. After [`Outcome::Gone`] the inbox is used no more.
    pub fn done(&mut self, seq: u64, from_store: bool, outcome: Outcome) -> io::Result<()> {
        self.busy = false;
        match (from_store, outcome) {
            (true, Outcome::Gone) => self.store_marks.take_back(),
            (false, Outcome::Gone) => {
                // What waits behind it is as good as never arrived, so it is sent again too.
                self.queue.clear();
                self.marks.take_back()
            }
            (true, outcome) => self.finish_stored(seq, outcome == Outcome::Taken),
            (false, Outcome::Taken) => self.marks.settle(seq),
            (false, Outcome::Refused) => self.marks.lose(seq, Why::Refused),
        }
    }

    /// Where this sender's messages stand.
    pub fn ack(&self) -> Ack {
        Ack {
            inc: self.inc.clone(),
            n: self.frame,
            boot: self.boot,
            upto: self.marks.done,
            held: self.held(),
            lost: self.marks.lost.clone(),
        }
    }

    /// Messages that wait.
    pub fn waiting(&self) -> usize {
        self.queue.len() + self.stored.len()
    }
}

impl Job {
    /// Whether it was acknowledged as stored before.
    pub fn from_store(&self) -> bool {
        self.from_store
    }
}

fn job(item: Item, from_store: bool) -> Result<Job, u64> {
    let seq = item.seq;
    let msg = item.msg.and_then(|json| wire::decode(&json).ok()).ok_or(seq)?;
    Ok(Job { seq, node: item.node, msg, hops: item.hops, from_store })
}
