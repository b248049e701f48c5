//! What a transport must do, which transports a fleet needs, and one within this process.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use route_chain::ir::{Fleet, Runtime};
use tokio::sync::mpsc;

/// Key and bytes, as they arrive.
pub type Arrived = (String, Vec<u8>);

/// A transport that is open. It may lose, double and reorder what it is given.
pub trait Link: Send + Sync {
    /// Sends bytes to whoever listens at a key. `keep`: they are worth keeping for a listener that is away, if this transport
    /// can.
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>, keep: bool) -> BoxFuture<'a, Result<(), String>>;

    /// Listens at a key, in which `*` stands for any one part. What finds no room is dropped. Ends with the receiver's end of
    /// `to`. `kept`: also what was kept while nobody listened.
    fn subscribe<'a>(
        &'a self,
        key: &'a str,
        to: mpsc::Sender<Arrived>,
        kept: bool,
    ) -> BoxFuture<'a, Result<(), String>>;

    /// Whether it keeps what is put while the listener is away, and can do so now.
    fn keeps(&self) -> bool {
        false
    }

    /// Ends it; what it was given before is sent.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A transport with its addresses. Runtimes with equal ones share a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spec {
    /// Peer to peer.
    Zenoh {
        /// Where this runtime is reached.
        listen: Option<String>,
        /// Where the others are.
        connect: BTreeSet<String>,
    },
    /// A server.
    Nats {
        /// Its address.
        url: String,
        /// With JetStream, which keeps what is sent.
        durable: bool,
    },
    /// A broker.
    Mqtt {
        /// Its address.
        url: String,
    },
}

impl Spec {
    /// The transport by which a runtime of the fleet is reached.
    ///
    /// # Errors
    /// There is no transport of this name.
    pub fn of(runtime: &Runtime, fleet: &Fleet) -> Result<Self, String> {
        let address = || runtime.address.clone();
        match runtime.transport.as_str() {
            "zenoh" => {
                let all = || fleet.runtimes.iter().filter(|r| r.transport == "zenoh");
                Ok(Spec::Zenoh {
                    listen: all().find(|r| r.name == fleet.me).map(|r| r.address.clone()),
                    connect: all().filter(|r| r.name != fleet.me).map(|r| r.address.clone()).collect(),
                })
            }
            "nats" => Ok(Spec::Nats { url: address(), durable: runtime.durable }),
            "mqtt" => Ok(Spec::Mqtt { url: address() }),
            other => Err(format!("runtime `{}` is reached by `{other}`, which nobody knows", runtime.name)),
        }
    }

    /// `zenoh`, `nats`, `mqtt`
    pub fn transport(&self) -> &'static str {
        match self {
            Spec::Zenoh { .. } => "zenoh",
            Spec::Nats { .. } => "nats",
            Spec::Mqtt { .. } => "mqtt",
        }
    }
}

/// Opens links.
pub trait Open: Send + Sync {
    /// Whether it can open links of this kind at all.
    ///
    /// # Errors
    /// Says what to do instead.
    fn supports(&self, spec: &Spec) -> Result<(), String>;

    /// Opens one. A server that is away is no error: the link then comes up when the server does. `me`: this runtime.
    fn open<'a>(&'a self, spec: &'a Spec, me: &'a str) -> BoxFuture<'a, Result<Arc<dyn Link>, String>>;
}

/// A link between engines of one process: reliable and in order while it is up.
#[derive(Clone, Default)]
pub struct Memory {
    listeners: Arc<Mutex<HashMap<String, Vec<mpsc::Sender<Arrived>>>>>,
    down: Arc<AtomicBool>,
}

impl Memory {
    /// A link that nobody listens to yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cuts or mends it.
    pub fn cut(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }
}

/// Whatever the fleet says, the way is this memory.
impl Open for Memory {
    fn supports(&self, _: &Spec) -> Result<(), String> {
        Ok(())
    }

    fn open<'a>(&'a self, _: &'a Spec, _: &'a str) -> BoxFuture<'a, Result<Arc<dyn Link>, String>> {
        Box::pin(async { Ok(Arc::new(self.clone()) as Arc<dyn Link>) })
    }
}

fn fits(pattern: &str, key: &str) -> bool {
    let (mut a, mut b) = (pattern.split('/'), key.split('/'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(p), Some(k)) if p == "*" || p == k => {}
            _ => return false,
        }
    }
}

impl Link for Memory {
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>, _: bool) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            if self.down.load(Ordering::SeqCst) {
                return Err("the link is down".into());
            }
            let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            for (_, all) in listeners.iter_mut().filter(|(pattern, _)| fits(pattern, key)) {
                all.retain(|to| !to.is_closed());
                for to in all {
                    let _ = to.try_send((key.to_owned(), bytes.clone()));
                }
            }
            Ok(())
        })
    }

    fn subscribe<'a>(
        &'a self,
        key: &'a str,
        to: mpsc::Sender<Arrived>,
        _: bool,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            listeners.entry(key.to_owned()).or_default().push(to);
            Ok(())
        })
    }
}
