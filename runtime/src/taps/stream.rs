//! Subscribers of `routec tap`: each has its own bounded queue, and a slow one loses copies of its own only.

use std::sync::Arc;

use route_chain::ir;
use serde::Deserialize;
use tokio::sync::mpsc;

/// Which copies a subscriber wants: what `stream` taps copy, or, with `wires`, `from`, `port` or `to`, every message that
/// is sent on those wires, tap or no tap.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Source node.
    pub from: Option<String>,
    /// Output, from 0.
    pub port: Option<u32>,
    /// Destination node.
    pub to: Option<String>,
    /// A `stream` tap by name: its copies only.
    pub router: Option<String>,
    /// Bare wires, all of them unless `from`, `port` or `to` say which.
    #[serde(default)]
    pub wires: bool,
}

impl Filter {
    fn fits(&self, router: Option<&str>, wire: &ir::Wire) -> bool {
        let named = match router {
            Some(router) => !self.wants_wires() && self.router.as_deref().is_none_or(|r| r == router),
            None => self.wants_wires(),
        };
        named
            && self.from.as_deref().is_none_or(|f| f == wire.from)
            && self.port.is_none_or(|p| p == wire.port)
            && self.to.as_deref().is_none_or(|t| t == wire.to)
    }

    fn wants_wires(&self) -> bool {
        self.router.is_none()
            && (self.wires || self.from.is_some() || self.port.is_some() || self.to.is_some())
    }
}

struct Subscriber {
    filter: Filter,
    to: mpsc::Sender<Arc<str>>,
}

/// All subscribers.
#[derive(Default)]
pub(crate) struct Streams {
    subscribers: Vec<Subscriber>,
    /// Copies that a slow subscriber lost, over all.
    pub(crate) dropped: u64,
    wire_watchers: usize,
}

impl Streams {
    /// A new subscriber; it leaves by dropping the receiver.
    pub(crate) fn subscribe(&mut self, filter: Filter, queue: usize) -> mpsc::Receiver<Arc<str>> {
        let (to, from) = mpsc::channel(queue.max(1));
        self.subscribers.push(Subscriber { filter, to });
        self.count();
        from
    }

    /// Whether bare wires must be shown at all; asked for every message, so it is one comparison.
    pub(crate) fn watches_wires(&self) -> bool {
        self.wire_watchers > 0
    }

    /// Hands a copy to everyone whom it concerns.
    pub(crate) fn publish(&mut self, router: Option<&str>, wire: &ir::Wire, line: impl FnOnce() -> String) {
        if !self.subscribers.iter().any(|s| s.filter.fits(router, wire)) {
            return;
        }
        let line: Arc<str> = line().into();
        let mut gone = false;
        for subscriber in self.subscribers.iter().filter(|s| s.filter.fits(router, wire)) {
            match subscriber.to.try_send(line.clone()) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(_)) => self.dropped += 1,
                Err(mpsc::error::TrySendError::Closed(_)) => gone = true,
            }
        }
        if gone {
            self.subscribers.retain(|s| !s.to.is_closed());
            self.count();
        }
    }

    /// Ends every subscription.
    pub(crate) fn close(&mut self) {
        self.subscribers.clear();
        self.wire_watchers = 0;
    }

    fn count(&mut self) {
        self.wire_watchers = self.subscribers.iter().filter(|s| s.filter.wants_wires()).count();
    }
}
