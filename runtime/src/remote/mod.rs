//! `remote`: messages to nodes of other runtimes, acknowledged end to end, over an embedded transport.
//!
//! `Outbox` and `Inbox` are the protocol; [`Link`] is the transport; `driver` joins them, and follows changes of the fleet.

pub mod disk;
mod driver;
pub mod frame;
pub mod inbox;
pub mod link;
pub mod outbox;
#[cfg(test)]
mod protocol_test;
mod receiver;
mod sender;
pub mod transports;
pub mod wire;
#[cfg(feature = "zenoh")]
pub mod zenoh;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::BoxFuture;
use route_chain::ir::{self, Ack, Choose, Fleet, Runtime, Unreachable};
use route_chain::{Message, Value, eval};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::engine::options::LogSink;
use driver::{Driver, Order};
pub use link::{Link, Memory, Open, Spec};
use outbox::{Bound, Counts, Outbox};

/// Where messages that arrive go; the engine's side of the receiver.
pub trait Inbound: Send + Sync {
    /// Hands a message to a node, and resolves when the node has taken it. `from`: the runtime that it comes from, as a part
    /// of keys. `hops`: how often it was sent on already because its node had moved.
    fn deliver<'a>(
        &'a self,
        node: &'a str,
        msg: Message,
        from: &'a str,
        hops: u8,
    ) -> BoxFuture<'a, Result<(), NotTaken>>;
}

/// Why a node did not get a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// It is not there, or will not have it: the sender is told.
    Refused(String),
    /// The engine has ended before anyone got it: it stays with the sender.
    Gone,
}

/// What an uplink is made from.
#[derive(Clone)]
pub struct Settings {
    /// The fleet, with this runtime's own name in it.
    pub fleet: Fleet,
    /// The stack's name: fleets of other stacks on the same transport hear nothing of this one.
    pub stack: String,
    /// Directory of this runtime alone, for its spools and marks.
    pub dir: PathBuf,
    /// Where its log goes.
    pub log: LogSink,
}

/// Senders that are listened to, as parts of keys.
type Known = Mutex<HashSet<String>>;

/// One other runtime.
struct Peer {
    name: String,
    outbox: Mutex<Outbox>,
    wake: Notify,
    /// Most messages that wait, from the latest fleet.
    queue: Mutex<u64>,
    /// The link to it, while one is open, or what keeps it from being open.
    link: Mutex<Result<Arc<dyn Link>, String>>,
}

impl Peer {
    fn open(dir: &Path, runtime: &Runtime, inc: &str) -> std::io::Result<Self> {
        Ok(Self {
            name: runtime.name.clone(),
            outbox: Mutex::new(Outbox::open(dir, &safe(&runtime.name), inc)?),
            wake: Notify::new(),
            queue: Mutex::new(runtime.queue),
            link: Mutex::new(Err("opening".to_owned())),
        })
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn link(&self) -> MutexGuard<'_, Result<Arc<dyn Link>, String>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, u64> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the link takes messages for it even while it is away.
    fn keeps(&self) -> bool {
        self.link().as_ref().is_ok_and(|link| link.keeps())
    }

    /// Whether a message for it has a way now.
    fn is_up(&self, now: f64) -> bool {
        self.outbox().reachable(now) || self.keeps()
    }

    fn has_room(&self, bound: &Unreachable, size: usize) -> bool {
        let bound = match bound {
            Unreachable::Spool { bytes } => Bound::Bytes(*bytes),
            _ => Bound::Messages(*self.queue()),
        };
        self.outbox().has_room(bound, size)
    }
}

/// How a peer stands.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PeerStats {
    /// It answered lately.
    pub reachable: bool,
    /// `open`, or what keeps the link to it from being open.
    pub link: String,
    /// The fleet has it no more; what waits is still sent.
    pub leaving: bool,
    /// Round trip, milliseconds.
    pub rtt_ms: Option<f64>,
    /// Messages that wait or are under way.
    pub waiting: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What has become of the others.
    #[serde(flatten)]
    pub counts: Counts,
}

/// One engine's way to the other runtimes, and theirs to it. Dropping it stops everything at once; see [`Uplink::close`].
pub struct Uplink {
    settings: Settings,
    inc: String,
    /// Those of the fleet, and those that left it while messages for them waited.
    peers: HashMap<String, Arc<Peer>>,
    turns: HashMap<u32, usize>,
    opener: Arc<dyn Open>,
    orders: mpsc::UnboundedSender<Order>,
    driver: JoinHandle<()>,
}

impl Uplink {
    /// Opens spools and marks, links and listeners, and begins to send what an earlier run left. `io`: where its tasks run.
    ///
    /// # Errors
    /// The directory cannot be used, a transport is not in this build, or a link cannot be opened.
    pub async fn start(
        settings: Settings,
        opener: Arc<dyn Open>,
        inbound: Arc<dyn Inbound>,
        io: &Handle,
    ) -> Result<Self, String> {
        let (uplink, opened) = Self::begin(settings, opener, inbound, io)?;
        match opened.await {
            Ok(opened) => opened.map(|()| uplink),
            Err(_) => Err("the links to other runtimes ended at once".to_owned()),
        }
    }

    /// As [`Uplink::start`], without waiting for the links: what keeps them from being open is in [`Uplink::stats`].
    pub fn begin(
        settings: Settings,
        opener: Arc<dyn Open>,
        inbound: Arc<dyn Inbound>,
        io: &Handle,
    ) -> Result<(Self, oneshot::Receiver<Result<(), String>>), String> {
        let shown = settings.dir.display().to_string();
        let fault = |e: std::io::Error| format!("cannot keep the state of remotes in `{shown}`: {e}");
        let inn = settings.dir.join("in");
        std::fs::create_dir_all(settings.dir.join("out"))
            .and_then(|()| std::fs::create_dir_all(&inn))
            .map_err(fault)?;
        let inc = incarnation(&settings.dir).map_err(fault)?;
        let (orders, ordered) = mpsc::unbounded_channel();
        let driver = Driver::new(
            settings.fleet.me.clone(),
            inn,
            opener.clone(),
            inbound,
            settings.log.clone(),
            ordered,
        );
        let driver = io.spawn(driver.run());
        let (fleet, stack) = (settings.fleet.clone(), settings.stack.clone());
        let mut uplink =
            Self { settings, inc, peers: HashMap::new(), turns: HashMap::new(), opener, orders, driver };
        let opened = uplink.change(&fleet, &stack)?;
        Ok((uplink, opened))
    }

    /// Whether a fleet could take the place of the present one.
    ///
    /// # Errors
    /// A transport that this build does not have.
    pub fn check(fleet: &Fleet, opener: &dyn Open) -> Result<(), String> {
        for runtime in &fleet.runtimes {
            opener.supports(&Spec::of(runtime, fleet)?)?;
        }
        Ok(())
    }

    /// Follows a change of the fleet: links to new runtimes open, those that left are closed when nothing waits for them any
    /// more. Messages that wait stay where they are. What comes back tells when the links are open, or why one is not.
    ///
    /// # Errors
    /// A spool cannot be opened, or a transport is not in this build; then nothing has changed.
    pub fn change(
        &mut self,
        fleet: &Fleet,
        stack: &str,
    ) -> Result<oneshot::Receiver<Result<(), String>>, String> {
        Self::check(fleet, &*self.opener)?;
        let out = self.settings.dir.join("out");
        let mut fresh = Vec::new();
        for runtime in fleet.runtimes.iter().filter(|r| r.name != fleet.me) {
            if !self.peers.contains_key(&runtime.name) {
                let peer = Peer::open(&out, runtime, &self.inc)
                    .map_err(|e| format!("cannot open the spool of `{}`: {e}", runtime.name))?;
                fresh.push(Arc::new(peer));
            }
        }
        let (tell, told) = oneshot::channel();
        self.peers.extend(fresh.into_iter().map(|peer| (peer.name.clone(), peer)));
        let in_fleet = |name: &str| fleet.runtimes.iter().any(|r| r.name == name && name != fleet.me);
        self.peers.retain(|name, peer| in_fleet(name) || peer.outbox().waiting().0 > 0);
        for runtime in &fleet.runtimes {
            if let Some(peer) = self.peers.get(&runtime.name) {
                *peer.queue() = runtime.queue;
            }
        }
        self.settings.fleet = fleet.clone();
        self.settings.stack = stack.to_owned();
        let order = Order {
            fleet: fleet.clone(),
            stack: safe(stack),
            peers: self.peers.values().cloned().collect(),
            tell,
        };
        // A driver that is gone has ended with its runtime: `told` says so.
        let _ = self.orders.send(order);
        Ok(told)
    }

    /// There is no fleet any more: links are closed as soon as nothing waits.
    ///
    /// # Errors
    /// As in [`Uplink::change`].
    pub fn leave(&mut self, stack: &str) -> Result<oneshot::Receiver<Result<(), String>>, String> {
        let me = self.settings.fleet.me.clone();
        self.change(&Fleet { me, runtimes: Vec::new(), absent: Vec::new(), homes: Vec::new() }, stack)
    }

    /// Takes a message for the node at the wire's end, on a runtime that the remote names. `Ok`: it is spooled and will be
    /// acknowledged, counted as lost or given up. `Err`: it was not taken; what to do then is `remote.unreachable`.
    /// `router`: a number for its turns. `key`: what `by hash` chooses by.
    pub fn send(
        &mut self,
        router: u32,
        remote: &ir::Remote,
        key: Option<&Value>,
        wire: &ir::Wire,
        msg: &Message,
    ) -> Result<(), String> {
        let text = wire::encode(msg)?;
        let now = now_ms();
        let candidates = self.candidates(router, remote, key)?;
        let spool = matches!(remote.unreachable, Unreachable::Spool { .. });
        let fits = |peer: &Peer| peer.has_room(&remote.unreachable, text.len());
        let chosen = candidates
            .iter()
            .find(|p| p.is_up(now) && fits(p))
            .or_else(|| candidates.iter().find(|p| spool && fits(p)))
            .ok_or_else(|| match candidates.iter().find(|p| p.is_up(now) || spool) {
                Some(full) => format!("the queue to `{}` is full", full.name),
                None => format!("`{}` cannot be reached", remote.to.join("`, `")),
            })?;
        let deadline = remote.ttl_ms.map(|ttl| now + ttl);
        push(chosen, &wire.to, &text, remote.ack == Ack::Stored, deadline, 0)
    }

    /// Sends a message to a node that lives on another runtime, whatever any router says. `hops`: as in [`Inbound::deliver`].
    pub fn forward(&mut self, to: &str, node: &str, msg: &Message, hops: u8) -> Result<(), String> {
        if hops >= MAX_HOPS {
            return Err(format!(
                "it was sent on {hops} times: the runtimes do not agree where the node lives"
            ));
        }
        let peer = self.peers.get(to).ok_or_else(|| format!("the fleet has no other runtime `{to}`"))?;
        let text = wire::encode(msg)?;
        if !peer.has_room(&Unreachable::Spool { bytes: FORWARD_BYTES }, text.len()) {
            return Err(format!("the queue to `{to}` is full"));
        }
        push(peer, node, &text, true, None, hops + 1)
    }

    /// The runtimes that may get the message, best first.
    fn candidates(
        &mut self,
        router: u32,
        remote: &ir::Remote,
        key: Option<&Value>,
    ) -> Result<Vec<Arc<Peer>>, String> {
        let mut all = Vec::with_capacity(remote.to.len());
        for name in &remote.to {
            let peer =
                self.peers.get(name).ok_or_else(|| format!("the fleet has no other runtime `{name}`"))?;
            all.push(peer.clone());
        }
        if all.is_empty() {
            return Err("the remote names no runtime".into());
        }
        match &remote.choose {
            Choose::Order => {}
            Choose::Hash(_) => {
                let at = eval::hash(key.unwrap_or(&Value::Null)) as usize % all.len();
                return Ok(vec![all.swap_remove(at)]);
            }
            Choose::RoundRobin => {
                let turn = self.turns.entry(router).or_insert(0);
                all.rotate_left(*turn % remote.to.len());
                *turn = turn.wrapping_add(1);
            }
            Choose::Latency => {
                let rtt = |p: &Arc<Peer>| p.outbox().rtt().unwrap_or(f64::INFINITY);
                all.sort_by(|a, b| rtt(a).total_cmp(&rtt(b)));
            }
        }
        Ok(all)
    }

    /// How every peer stands.
    pub fn stats(&self) -> BTreeMap<String, PeerStats> {
        let now = now_ms();
        let one = |peer: &Peer| {
            let link = match &*peer.link() {
                Ok(_) => "open".to_owned(),
                Err(why) => why.clone(),
            };
            let outbox = peer.outbox();
            let (waiting, bytes) = outbox.waiting();
            PeerStats {
                reachable: outbox.reachable(now),
                link,
                leaving: !self.settings.fleet.runtimes.iter().any(|r| r.name == peer.name),
                rtt_ms: outbox.rtt(),
                waiting,
                bytes,
                counts: outbox.counts().clone(),
            }
        };
        let all = self.peers.iter().map(|(name, peer)| (name.clone(), one(peer)));
        all.filter(|(_, peer)| !peer.leaving || peer.waiting > 0).collect()
    }

    /// Stops: deliveries under way may end first, so that they do not become uncertain, but not for longer than `patience`.
    pub async fn close(self, patience: Duration) {
        let Self { orders, mut driver, .. } = self;
        drop(orders);
        if tokio::time::timeout(patience, &mut driver).await.is_err() {
            driver.abort();
        }
    }
}

/// How often a message is sent on after a node that has moved.
const MAX_HOPS: u8 = 8;
/// Bytes that wait for a runtime at the most when messages are sent on.
const FORWARD_BYTES: u64 = 64 << 20;

fn push(
    peer: &Peer,
    node: &str,
    text: &str,
    stored: bool,
    deadline: Option<f64>,
    hops: u8,
) -> Result<(), String> {
    let pushed = peer.outbox().push(node, text, stored, deadline, hops);
    pushed.map_err(|e| format!("the spool to `{}` cannot be written: {e}", peer.name))?;
    peer.wake.notify_one();
    Ok(())
}

/// The name of this runtime's numbering: it lasts as long as its state directory.
fn incarnation(dir: &Path) -> std::io::Result<String> {
    let path = dir.join("incarnation");
    match std::fs::read_to_string(&path) {
        Ok(text) if is_incarnation(&text) => Ok(text),
        Ok(_) => Err(std::io::Error::other("the file `incarnation` is damaged")),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let text = ulid::Ulid::generate().to_string();
            let fresh = dir.join("incarnation.new");
            std::fs::write(&fresh, &text)?;
            std::fs::rename(&fresh, &path)?;
            Ok(text)
        }
        Err(e) => Err(e),
    }
}

fn is_incarnation(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A name as one part of a key or file name; different names stay different.
pub(crate) fn safe(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() || c == '_' || c == '-' {
            text.push(c);
        } else {
            text.push_str(&format!("%{:x}", u32::from(c)));
        }
    }
    text
}

/// The first of a queue, taken out when it fits.
fn take_if<T>(queue: &mut VecDeque<T>, fits: impl FnOnce(&T) -> bool) -> Option<T> {
    if queue.front().is_some_and(fits) { queue.pop_front() } else { None }
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64() * 1000.0)
}
