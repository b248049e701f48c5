//! `remote`: messages to nodes of other runtimes, acknowledged end to end, over an embedded transport.
//!
//! `Outbox` and `Inbox` are the protocol; [`Link`] is the transport; `drive` joins them.

pub mod disk;
mod drive;
pub mod frame;
pub mod inbox;
pub mod link;
pub mod outbox;
#[cfg(test)]
mod protocol_test;
pub mod wire;
#[cfg(feature = "zenoh")]
pub mod zenoh;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::BoxFuture;
use route_chain::ir::{self, Ack, Choose, Unreachable};
use route_chain::{Message, Value, eval};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

pub use link::{Link, Memory};
use outbox::{Bound, Counts, Outbox};

/// Where messages that arrive go; the engine's side of the receiver.
pub trait Inbound: Send + Sync {
    /// Hands a message to a node, and resolves when the node has taken it. `Err`: it has not, and the sender is told.
    fn deliver<'a>(&'a self, node: &'a str, msg: Message) -> BoxFuture<'a, Result<(), String>>;
}

/// What an uplink is made from.
#[derive(Clone)]
pub struct Settings {
    /// The fleet, with this runtime's own name in it.
    pub fleet: ir::Fleet,
    /// The stack's name: fleets of other stacks on the same transport hear nothing of this one.
    pub stack: String,
    /// Directory of this runtime alone, for its spools and marks.
    pub dir: PathBuf,
}

/// One other runtime.
struct Peer {
    name: String,
    queue: u64,
    outbox: Mutex<Outbox>,
    wake: Notify,
}

impl Peer {
    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a peer stands.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PeerStats {
    /// It answered lately.
    pub reachable: bool,
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
    peers: HashMap<String, Arc<Peer>>,
    turns: HashMap<u32, usize>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Uplink {
    /// Opens spools and marks, listens, and begins to send what an earlier run left. Needs a tokio runtime.
    pub async fn start(
        settings: Settings,
        link: Arc<dyn Link>,
        inbound: Arc<dyn Inbound>,
    ) -> Result<Self, String> {
        let me = settings.fleet.me.clone();
        let (out, inn) = (settings.dir.join("out"), settings.dir.join("in"));
        let shown = settings.dir.display().to_string();
        let fault = |e: std::io::Error| format!("cannot keep the state of remotes in `{shown}`: {e}");
        std::fs::create_dir_all(&out).and_then(|()| std::fs::create_dir_all(&inn)).map_err(fault)?;
        let inc = incarnation(&settings.dir).map_err(fault)?;
        let mut peers = HashMap::new();
        for runtime in settings.fleet.runtimes.iter().filter(|r| r.name != me) {
            let outbox = Outbox::open(&out, &safe(&runtime.name), &inc).map_err(fault)?;
            let name = runtime.name.clone();
            let peer = Peer { name, queue: runtime.queue, outbox: Mutex::new(outbox), wake: Notify::new() };
            peers.insert(runtime.name.clone(), Arc::new(peer));
        }
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let place = drive::Place { stack: safe(&settings.stack), me: safe(&me), dir: inn, link, stopped };
        drive::start(&mut tasks, place, &peers, inbound).await?;
        Ok(Self { peers, turns: HashMap::new(), stop, tasks })
    }

    /// Takes a message for the node at the wire's end, on a runtime that the remote names. `Ok`: it is spooled and will be
    /// acknowledged, counted as lost or given up. `Err`: it was not taken; what to do then is `remote.unreachable`.
    /// `key`: what `by hash` chooses by.
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
        let bound = |peer: &Peer| match remote.unreachable {
            Unreachable::Spool { bytes } => Bound::Bytes(bytes),
            _ => Bound::Messages(peer.queue),
        };
        let fits = |peer: &Peer| peer.outbox().has_room(bound(peer), text.len());
        let up = |peer: &Peer| peer.outbox().reachable(now);
        let chosen = candidates
            .iter()
            .find(|p| up(p) && fits(p))
            .or_else(|| candidates.iter().find(|p| spool && fits(p)))
            .ok_or_else(|| match candidates.iter().find(|p| up(p) || spool) {
                Some(full) => format!("the queue to `{}` is full", full.name),
                None => format!("`{}` cannot be reached", remote.to.join("`, `")),
            })?;
        let deadline = remote.ttl_ms.map(|ttl| now + ttl);
        chosen
            .outbox()
            .push(&wire.to, &text, remote.ack == Ack::Stored, deadline)
            .map_err(|e| format!("the spool to `{}` cannot be written: {e}", chosen.name))?;
        chosen.wake.notify_one();
        Ok(())
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
            let outbox = peer.outbox();
            let (waiting, bytes) = outbox.waiting();
            let (reachable, rtt_ms) = (outbox.reachable(now), outbox.rtt());
            PeerStats { reachable, rtt_ms, waiting, bytes, counts: outbox.counts().clone() }
        };
        self.peers.iter().map(|(name, peer)| (name.clone(), one(peer))).collect()
    }

    /// Stops: deliveries under way may end first, so that they do not become uncertain, but not for longer than `patience`.
    pub async fn close(mut self, patience: Duration) {
        let _ = self.stop.send(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(patience, all).await;
    }
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
fn safe(name: &str) -> String {
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
