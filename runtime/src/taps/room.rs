//! How the end that empties a queue tells the engine that there is room again, without a word while nobody asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Of one queue.
#[derive(Debug)]
pub(crate) struct Room {
    wanted: AtomicBool,
    engine: Arc<Notify>,
}

impl Room {
    /// `engine`: is woken.
    pub(crate) fn new(engine: Arc<Notify>) -> Self {
        Self { wanted: AtomicBool::new(false), engine }
    }

    /// The engine found the queue full. It must look once more after this, as the room may have come in between.
    pub(crate) fn want(&self) {
        self.wanted.store(true, Ordering::SeqCst);
    }

    /// Something was taken out of the queue, or its other end is gone.
    pub(crate) fn made(&self) {
        if self.wanted.swap(false, Ordering::SeqCst) {
            self.engine.notify_one();
        }
    }
}

/// Says so when it is dropped too: a reader that is gone leaves room for ever.
#[derive(Debug)]
pub(crate) struct RoomMaker(pub(crate) Arc<Room>);

impl Drop for RoomMaker {
    fn drop(&mut self) {
        self.0.made();
    }
}
