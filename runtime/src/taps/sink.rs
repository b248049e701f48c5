//! The engine's end of a sink: a bounded queue, and one writer behind it on another thread.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::room::{Room, RoomMaker};
use super::tapped::Tapped;

/// Most copies that a writer takes at once.
const BATCH: usize = 64;

/// A copy for a sink.
pub(crate) struct Item {
    pub(crate) copy: Tapped,
}

/// How a sink stands, written by its writer and read by the status.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    state: Mutex<String>,
    lost: AtomicU64,
}

impl Standing {
    /// `connected`, or what keeps it from that.
    pub(crate) fn say(&self, state: impl Into<String>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state.into();
    }

    pub(crate) fn said(&self) -> String {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Copies that were taken and could not be written.
    pub(crate) fn lose(&self, item: &Item) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        item.copy.lose();
    }
}

/// A writer's end of a sink.
pub(crate) struct Source {
    from: mpsc::Receiver<Item>,
    room: RoomMaker,
    pub(crate) standing: Arc<Standing>,
}

impl Source {
    /// Waits for copies and puts them into `batch`; false: the sink is closed and empty.
    pub(crate) async fn take(&mut self, batch: &mut Vec<Item>) -> bool {
        let some = self.from.recv_many(batch, BATCH).await > 0;
        self.room.0.made();
        some
    }

    /// As [`Source::take`], on a thread that may block.
    pub(crate) fn blocking_take(&mut self, batch: &mut Vec<Item>) -> bool {
        let some = self.from.blocking_recv_many(batch, BATCH) > 0;
        self.room.0.made();
        some
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.from.is_empty()
    }
}

/// The writer: a task or a thread that ends when its source does.
pub(crate) type Writer = JoinHandle<Result<(), String>>;

/// The engine's end. Dropping it ends the writer after it wrote what waits.
pub(crate) struct Sink {
    to: mpsc::Sender<Item>,
    writer: Writer,
    room: Arc<Room>,
    standing: Arc<Standing>,
    /// Copies that found the queue full, or the writer gone.
    dropped: u64,
    taken: u64,
}

impl Sink {
    /// `start` gets the writer's end, and runs on the given runtime.
    pub(crate) fn new(
        queue: usize,
        engine: Arc<Notify>,
        io: &Handle,
        start: impl FnOnce(&Handle, Source) -> Writer,
    ) -> Self {
        let (to, from) = mpsc::channel(queue.max(1));
        let room = Arc::new(Room::new(engine));
        let standing = Arc::new(Standing::default());
        let source = Source { from, room: RoomMaker(room.clone()), standing: standing.clone() };
        Self { to, writer: start(io, source), room, standing, dropped: 0, taken: 0 }
    }

    fn is_full(&self) -> bool {
        self.to.capacity() == 0 && !self.to.is_closed()
    }

    /// Whether a copy would find room; if not, the engine is woken when it would.
    pub(crate) fn has_room(&self) -> bool {
        if self.is_full() {
            self.room.want();
        }
        !self.is_full()
    }

    /// Places that are free; a writer that is gone takes everything, and loses it.
    pub(crate) fn free(&self) -> usize {
        if self.to.is_closed() { usize::MAX } else { self.to.capacity() }
    }

    /// Hands a copy over, or counts it as dropped.
    pub(crate) fn offer(&mut self, item: Item) -> bool {
        let taken = self.to.try_send(item).is_ok();
        *(if taken { &mut self.taken } else { &mut self.dropped }) += 1;
        taken
    }

    /// For the status.
    pub(crate) fn status(&self, name: &str) -> serde_json::Value {
        let lost = self.standing.lost.load(Ordering::Relaxed);
        serde_json::json!({
            "sink": name,
            "taken": self.taken,
            "waiting": self.to.max_capacity() - self.to.capacity(),
            "dropped": self.dropped + lost,
            "state": self.standing.said(),
        })
    }

    /// Waits until everything taken is written, but not for longer than `patience`.
    pub(crate) async fn close(self, patience: Duration) -> Result<(), String> {
        let waiting = self.to.max_capacity() - self.to.capacity();
        drop(self.to);
        let abort = self.writer.abort_handle();
        match tokio::time::timeout(patience, self.writer).await {
            Ok(done) => done.unwrap_or_else(|e| Err(e.to_string())),
            Err(_) => {
                abort.abort();
                let state = self.standing.said();
                let state = if state.is_empty() { state } else { format!(" ({state})") };
                Err(format!("up to {waiting} copies were not written in time{state}"))
            }
        }
    }
}
