//! What happens later: timers of nodes and expiries of held messages, earliest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;
use tokio::time::Instant;

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Due {
    /// [`crate::node::Node::on_timer`] of a node, with its token.
    Node(u32, u64),
    /// The time of a held message is over.
    Held(u64),
    /// The time of an overlay is over.
    Overlays,
}

/// Each `Due` has at most one live timer; entries of the heap that do not match it are stale.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, u64, Due)>>,
    live: FxHashMap<Due, u64>,
    next: u64,
}

impl Timers {
    /// Sets a timer, in place of an earlier one for the same thing.
    pub(crate) fn set(&mut self, at: Instant, due: Due) {
        self.next += 1;
        self.live.insert(due, self.next);
        self.heap.push(Reverse((at, self.next, due)));
        if self.heap.len() > 64 && self.heap.len() > 4 * self.live.len() {
            let live = &self.live;
            self.heap.retain(|Reverse((_, seq, due))| live.get(due) == Some(seq));
        }
    }

    /// Forgets a timer.
    pub(crate) fn cancel(&mut self, due: Due) {
        self.live.remove(&due);
    }

    /// Forgets the timers of a node.
    pub(crate) fn cancel_node(&mut self, node: u32) {
        self.live.retain(|due, _| !matches!(due, Due::Node(n, _) if *n == node));
    }

    /// When the next one is due.
    pub(crate) fn next_at(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, seq, due))) = self.heap.peek() {
            if self.live.get(due) == Some(seq) {
                return Some(*at);
            }
            self.heap.pop();
        }
        None
    }

    /// The number of the youngest timer: those set after it wait for the next round.
    pub(crate) fn youngest(&self) -> u64 {
        self.next
    }

    /// Takes the next one that is due and not younger than `youngest`, so that a timer that sets itself again
    /// without a wait does not keep everything else out.
    pub(crate) fn pop(&mut self, now: Instant, youngest: u64) -> Option<Due> {
        self.next_at()?;
        let Reverse((at, seq, due)) = *self.heap.peek()?;
        if at > now || seq > youngest {
            return None;
        }
        self.heap.pop();
        self.live.remove(&due);
        Some(due)
    }
}
