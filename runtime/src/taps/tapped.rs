//! A copy of a message on its way to a sink or a subscriber.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use route_chain::{Message, ir};

use super::line;

/// A copy, with what a line about it says. It is cheap to make: the text is written where it is read.
#[derive(Clone, Debug)]
pub struct Tapped {
    /// When, milliseconds since 1970.
    pub at_ms: f64,
    /// The tap; `None`: the bare wire.
    pub tap: Option<Arc<TapId>>,
    /// The wire.
    pub wire: Arc<ir::Wire>,
    /// The message, or the part of it that the tap wants.
    pub msg: Message,
}

/// A tap, and the copies of it that a sink took and then lost.
#[derive(Debug)]
pub struct TapId {
    /// The router's name.
    pub name: String,
    /// Its layer.
    pub layer: String,
    lost: AtomicU64,
}

impl TapId {
    pub(crate) fn new(layer: &str, name: &str) -> Self {
        Self { name: name.to_owned(), layer: layer.to_owned(), lost: AtomicU64::new(0) }
    }

    /// Copies that were taken by a sink and lost there.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Tapped {
    /// The tap's name.
    pub fn name(&self) -> Option<&str> {
        self.tap.as_ref().map(|tap| tap.name.as_str())
    }

    /// One line of JSON.
    pub fn line(&self) -> String {
        line::line(self.at_ms, self.name(), &self.wire, &self.msg)
    }

    /// Counts it as lost.
    pub(crate) fn lose(&self) {
        if let Some(tap) = &self.tap {
            tap.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}
