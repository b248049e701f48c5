//! The sender's side of one peer: a numbered, bounded queue on disk, sent in batches until settled. No I/O but its journal, no clock.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use super::disk::{Journal, Numbers};
use super::frame::{Ack, Item, Why, data_text};
use super::take_if;

/// Most messages under way to one peer.
pub const WINDOW: u64 = 1024;
const BATCH_ITEMS: usize = 256;
const BATCH_BYTES: usize = 256 * 1024;
/// A peer that was not heard of for so long counts as unreachable, milliseconds.
const SILENCE_MS: f64 = 3_000.0;
/// Between two probes while something waits for an answer, and while nothing does.
const PROBE_BUSY_MS: f64 = 250.0;
const PROBE_IDLE_MS: f64 = 1_000.0;
/// Pause before messages that did not arrive are sent again.
const RESEND_MS: f64 = 20.0;
/// A journal is written anew when so much of it is settled.
const COMPACT_BYTES: u64 = 4 * 1024 * 1024;

/// How much an outbox may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// So many messages.
    Messages(u64),
    /// So many bytes.
    Bytes(u64),
}

/// What has become of the messages of one peer.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Taken into the outbox.
    pub taken: u64,
    /// Delivered, or stored where that was asked for.
    pub acknowledged: u64,
    /// The peer died while its node was taking them.
    pub uncertain: u64,
    /// The peer's node is not there or did not take them.
    pub refused: u64,
    /// Given up after their `ttl` without an acknowledgement.
    pub expired: u64,
}

/// A frame to put on the link.
#[derive(Debug)]
pub struct Frame {
    /// Its text.
    pub text: String,
    /// It has messages in it, and is worth keeping for a receiver that is away.
    pub keep: bool,
    /// How many.
    pub items: u64,
}

#[derive(Debug)]
struct Entry {
    seq: u64,
    node: String,
    deadline: Option<f64>,
    /// The item's JSON; a bare number after its deadline.
    line: String,
    expired: bool,
}

/// A message that was settled but not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Its number.
    pub seq: u64,
    /// The node that was to get it.
    pub node: String,
    /// Why.
    pub why: Why,
}

/// Messages for one peer.
#[derive(Debug)]
pub struct Outbox {
    inc: String,
    journal: Journal,
    mark: Numbers,
    /// Numbers without gaps: `entries[i].seq == first + i`.
    entries: VecDeque<Entry>,
    bytes: u64,
    next: u64,
    /// Highest number that was put on the link and has not been found missing.
    sent: u64,
    frame: u64,
    frame_at: f64,
    resend_at: f64,
    boot: Option<u64>,
    heard: Option<f64>,
    rtt: Option<f64>,
    counts: Counts,
}

impl Outbox {
    /// Opens the outbox for a peer in a directory, with what an earlier run left in it.
    pub fn open(dir: &Path, peer: &str, inc: &str) -> io::Result<Self> {
        let (mark, numbers) = Numbers::open(&dir.join(format!("{peer}.mark")))?;
        let (journal, lines) = Journal::open(&dir.join(format!("{peer}.log")))?;
        let first = numbers.first().copied().unwrap_or(1).max(1);
        let mut next = numbers.get(1).copied().unwrap_or(1).max(first);
        let mut entries: VecDeque<Entry> = VecDeque::new();
        for (item, line) in lines {
            if item.seq >= first && entries.back().is_none_or(|last| last.seq + 1 == item.seq) {
                next = next.max(item.seq + 1);
                let Item { seq, node, deadline, .. } = item;
                entries.push_back(Entry { seq, node, deadline, line, expired: false });
            }
        }
        let bytes = entries.iter().map(|e| e.line.len() as u64).sum();
        let sent = entries.front().map_or(next, |e| e.seq) - 1;
        Ok(Self {
            inc: inc.to_owned(),
            journal,
            mark,
            entries,
            bytes,
            next,
            sent,
            frame: 0,
            frame_at: f64::NEG_INFINITY,
            resend_at: f64::NEG_INFINITY,
            boot: None,
            heard: None,
            rtt: None,
            counts: Counts::default(),
        })
    }

    /// Whether the peer answered lately.
    pub fn reachable(&self, now: f64) -> bool {
        self.heard.is_some_and(|at| now - at < SILENCE_MS)
    }

    /// Round trip in milliseconds, smoothed.
    pub fn rtt(&self) -> Option<f64> {
        self.rtt
    }

    /// Whether one more message of this size fits.
    pub fn has_room(&self, bound: Bound, size: usize) -> bool {
        match bound {
            Bound::Messages(most) => (self.entries.len() as u64) < most,
            Bound::Bytes(most) => self.bytes + size as u64 <= most,
        }
    }

    /// Takes a message: it is in the journal when this returns its number. `msg` is its JSON text.
    pub fn push(
        &mut self,
        node: &str,
        msg: &str,
        stored: bool,
        deadline: Option<f64>,
        hops: u8,
    ) -> io::Result<u64> {
        let seq = self.next;
        let head = Item { seq, node: node.to_owned(), stored, deadline, hops, msg: None };
        let mut line = serde_json::to_string(&head)?;
        line.pop();
        line.push_str(",\"msg\":");
        line.push_str(msg);
        line.push('}');
        self.journal.append(&line)?;
        self.next += 1;
        self.bytes += line.len() as u64;
        self.counts.taken += 1;
        self.entries.push_back(Entry { seq, node: node.to_owned(), deadline, line, expired: false });
        Ok(seq)
    }

    fn first(&self) -> u64 {
        self.entries.front().map_or(self.next, |e| e.seq)
    }

    /// Gives up messages whose time is over; their numbers go on without them.
    fn expire(&mut self, now: f64) {
        for entry in &mut self.entries {
            if !entry.expired && entry.deadline.is_some_and(|deadline| deadline <= now) {
                self.bytes -= entry.line.len() as u64;
                entry.line = format!("{{\"seq\":{}}}", entry.seq);
                self.bytes += entry.line.len() as u64;
                entry.expired = true;
                self.counts.expired += 1;
            }
        }
    }

    /// The next frame to put on the link, if it is time for one. Messages go to reachable peers alone, unless the link keeps
    /// them; the others are probed.
    pub fn frame(&mut self, now: f64, keeps: bool) -> Option<Frame> {
        self.expire(now);
        let first = self.first();
        let skip = usize::try_from((self.sent + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        let mut count = 0;
        let mut size = 0;
        if (keeps || self.reachable(now)) && now >= self.resend_at {
            let open = self.entries.iter().skip(skip).take(BATCH_ITEMS);
            for entry in open.take_while(|e| e.seq < first + WINDOW) {
                if count > 0 && size + entry.line.len() > BATCH_BYTES {
                    break;
                }
                size += entry.line.len();
                count += 1;
            }
        }
        let pause =
            if self.entries.is_empty() && self.reachable(now) { PROBE_IDLE_MS } else { PROBE_BUSY_MS };
        if count == 0 && now - self.frame_at < pause {
            return None;
        }
        self.frame += 1;
        self.frame_at = now;
        let items = self.entries.iter().skip(skip).take(count).map(|e| e.line.as_str());
        let text = data_text(&self.inc, self.frame, first, items);
        self.sent += count as u64;
        Some(Frame { text, keep: count > 0, items: count as u64 })
    }

    /// So many messages of the last frame did not go onto the link: they are sent again.
    pub fn not_put(&mut self, items: u64) {
        self.sent = self.sent.saturating_sub(items).max(self.first() - 1);
    }

    /// Takes the peer's answer, and gives the messages that are settled without being acknowledged.
    pub fn on_ack(&mut self, ack: &Ack, now: f64) -> io::Result<Vec<Lost>> {
        if ack.inc != self.inc || ack.upto >= self.next {
            return Ok(Vec::new());
        }
        self.heard = Some(now);
        let lost = self.settle(ack)?;
        let arrived = ack.held.max(ack.upto).clamp(self.first() - 1, self.next - 1);
        let restarted = self.boot.replace(ack.boot).is_some_and(|old| old != ack.boot);
        if ack.n == self.frame {
            let trip = now - self.frame_at;
            self.rtt = Some(self.rtt.map_or(trip, |old| old * 0.8 + trip * 0.2));
        }
        if (restarted || ack.n == self.frame) && arrived < self.sent {
            self.sent = arrived;
            self.resend_at = now + RESEND_MS;
        }
        self.sent = self.sent.max(self.first() - 1);
        Ok(lost)
    }

    fn settle(&mut self, ack: &Ack) -> io::Result<Vec<Lost>> {
        let mut lost = Vec::new();
        let before = self.entries.len();
        while let Some(entry) = take_if(&mut self.entries, |e| e.seq <= ack.upto) {
            self.bytes -= entry.line.len() as u64;
            match ack.lost.iter().find(|(seq, _)| *seq == entry.seq).map(|(_, why)| *why) {
                _ if entry.expired => {}
                None => self.counts.acknowledged += 1,
                Some(why) => {
                    match why {
                        Why::Uncertain => self.counts.uncertain += 1,
                        Why::Refused => self.counts.refused += 1,
                    }
                    lost.push(Lost { seq: entry.seq, node: entry.node, why });
                }
            }
        }
        if self.entries.len() != before {
            self.mark.write(&[self.first(), self.next])?;
            if self.entries.is_empty() {
                self.journal.clear()?;
            } else if self.journal.size() > COMPACT_BYTES + 2 * self.bytes {
                self.journal.rewrite(self.entries.iter().map(|e| e.line.as_str()))?;
            }
        }
        Ok(lost)
    }

    /// Messages that wait or are under way, and their bytes.
    pub fn waiting(&self) -> (usize, u64) {
        (self.entries.len(), self.bytes)
    }

    /// What has become of the messages of this run.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }
}
