//! Tasks that move frames between the link, the outboxes and the inboxes.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::frame::{Ack, Data, Why};
use super::inbox::Inbox;
use super::link::Arrived;
use super::{Inbound, Link, Peer, is_incarnation, now_ms, safe};

/// Frames that may wait for a task; the protocol sends again what finds no room.
const FRAMES: usize = 256;
/// Senders (by incarnation) that are listened to at the most.
const MAX_SENDERS: usize = 1024;
/// An acknowledgement goes out after so many messages, or so much time.
const ACK_EVERY: usize = 64;
const ACK_AFTER: Duration = Duration::from_millis(10);
/// An outbox is looked at so often even when nobody wakes it.
const TICK: Duration = Duration::from_millis(50);

/// Where this runtime stands.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) stack: String,
    pub(super) me: String,
    pub(super) dir: PathBuf,
    pub(super) link: Arc<dyn Link>,
    pub(super) stopped: watch::Receiver<bool>,
}

/// Listens, and starts every task.
pub(super) async fn start(
    tasks: &mut JoinSet<()>,
    place: Place,
    peers: &HashMap<String, Arc<Peer>>,
    inbound: Arc<dyn Inbound>,
) -> Result<(), String> {
    let (Place { stack, me, .. }, link) = (&place, &place.link);
    let (acks_to, acks) = mpsc::channel(FRAMES);
    let (data_to, data) = mpsc::channel(FRAMES);
    link.subscribe(&format!("route/{stack}/*/{me}/ack"), acks_to).await?;
    link.subscribe(&format!("route/{stack}/{me}/*"), data_to).await?;
    let by_part: HashMap<String, Arc<Peer>> = peers.iter().map(|(n, p)| (safe(n), p.clone())).collect();
    for (part, peer) in &by_part {
        let key = format!("route/{stack}/{part}/{me}");
        tasks.spawn(send(peer.clone(), link.clone(), key, place.stopped.clone()));
    }
    tasks.spawn(hear_acks(acks, by_part.clone(), place.stopped.clone()));
    let known = by_part.into_keys().collect();
    tasks.spawn(Receiver { place: place.clone(), inbound, known, senders: HashMap::new() }.run(data));
    Ok(())
}

async fn send(peer: Arc<Peer>, link: Arc<dyn Link>, key: String, mut stopped: watch::Receiver<bool>) {
    loop {
        let frame = peer.outbox().frame(now_ms());
        tokio::select! {
            _ = stopped.changed() => return,
            () = async {
                match frame {
                    // A frame that the link does not take is found missing by the next answer.
                    Some(text) => if let Err(e) = link.put(&key, text.into_bytes()).await {
                        tracing::debug!("`{}` is not reached: {e}", peer.name);
                        tokio::time::sleep(TICK).await;
                    },
                    None => tokio::select! {
                        () = peer.wake.notified() => {}
                        () = tokio::time::sleep(TICK) => {}
                    },
                }
            } => {}
        }
    }
}

async fn hear_acks(
    mut acks: mpsc::Receiver<Arrived>,
    peers: HashMap<String, Arc<Peer>>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let (key, bytes) = tokio::select! {
            _ = stopped.changed() => return,
            arrived = acks.recv() => match arrived {
                Some(arrived) => arrived,
                None => return,
            },
        };
        let Some(peer) = key.split('/').nth(2).and_then(|part| peers.get(part)) else { continue };
        let Ok(ack) = serde_json::from_slice::<Ack>(&bytes) else {
            tracing::warn!("`{}` sent an acknowledgement that cannot be read", peer.name);
            continue;
        };
        let lost = peer.outbox().on_ack(&ack, now_ms());
        match lost {
            Ok(lost) => {
                for one in lost {
                    let what = match one.why {
                        Why::Uncertain => "may or may not have been delivered",
                        Why::Refused => "was not taken by its node",
                    };
                    tracing::warn!("message {} to node `{}` on `{}` {what}", one.seq, one.node, peer.name);
                }
            }
            Err(e) => tracing::error!("the spool to `{}` cannot be written: {e}", peer.name),
        }
        peer.wake.notify_one();
    }
}

/// Hands frames to a task per sender.
struct Receiver {
    place: Place,
    inbound: Arc<dyn Inbound>,
    known: std::collections::HashSet<String>,
    senders: HashMap<(String, String), mpsc::Sender<Data>>,
}

impl Receiver {
    async fn run(mut self, mut data: mpsc::Receiver<Arrived>) {
        let mut tasks = JoinSet::new();
        for (sender, inc) in self.left_behind() {
            self.open(&mut tasks, sender, inc);
        }
        loop {
            let arrived = tokio::select! {
                _ = self.place.stopped.changed() => None,
                arrived = data.recv() => arrived,
            };
            let Some((key, bytes)) = arrived else { break };
            let sender = key.rsplit('/').next().unwrap_or_default().to_owned();
            if !self.known.contains(&sender) {
                continue;
            }
            match serde_json::from_slice::<Data>(&bytes) {
                Ok(frame) if is_incarnation(&frame.inc) => self.hand_over(&mut tasks, sender, frame),
                Ok(_) => tracing::warn!("`{sender}` sent a frame with a wrong incarnation"),
                Err(e) => tracing::warn!("`{sender}` sent a frame that cannot be read: {e}"),
            }
        }
        self.senders.clear();
        while tasks.join_next().await.is_some() {}
    }

    /// Senders whose stored messages an earlier run did not deliver.
    fn left_behind(&self) -> Vec<(String, String)> {
        let entries = std::fs::read_dir(&self.place.dir).into_iter().flatten().flatten();
        let full = entries.filter(|entry| entry.metadata().is_ok_and(|m| m.len() > 0));
        let names = full.filter_map(|entry| entry.file_name().into_string().ok());
        let parts = names.filter_map(|name| {
            let (sender, inc) = name.strip_suffix(".log")?.split_once('~')?;
            is_incarnation(inc).then(|| (sender.to_owned(), inc.to_owned()))
        });
        parts.collect()
    }

    fn hand_over(&mut self, tasks: &mut JoinSet<()>, sender: String, frame: Data) {
        let id = (sender.clone(), frame.inc.clone());
        if self.senders.get(&id).is_none_or(mpsc::Sender::is_closed) {
            self.open(tasks, sender, frame.inc.clone());
        }
        if let Some(to) = self.senders.get(&id) {
            let _ = to.try_send(frame);
        }
    }

    fn open(&mut self, tasks: &mut JoinSet<()>, sender: String, inc: String) {
        while tasks.try_join_next().is_some() {}
        self.senders.retain(|_, to| !to.is_closed());
        if self.senders.len() >= MAX_SENDERS {
            tracing::warn!("`{sender}` is not heard: {MAX_SENDERS} senders are listened to already");
            return;
        }
        let inbox = match Inbox::open(&self.place.dir, &sender, &inc, rand_boot()) {
            Ok(inbox) => inbox,
            Err(e) => return tracing::error!("the marks of `{sender}` cannot be opened: {e}"),
        };
        let (to, frames) = mpsc::channel(FRAMES);
        let key = format!("route/{}/{}/{sender}/ack", self.place.stack, self.place.me);
        let task = Task {
            inbox,
            key,
            sender: sender.clone(),
            link: self.place.link.clone(),
            inbound: self.inbound.clone(),
            stopped: self.place.stopped.clone(),
        };
        self.senders.insert((sender, inc), to);
        tasks.spawn(task.run(frames));
    }
}

/// Differs from run to run, which is all that is asked of it.
fn rand_boot() -> u64 {
    (ulid::Ulid::generate().0 >> 8) as u64 & ((1 << 53) - 1)
}

/// Delivers the messages of one sender.
struct Task {
    inbox: Inbox,
    key: String,
    sender: String,
    link: Arc<dyn Link>,
    inbound: Arc<dyn Inbound>,
    stopped: watch::Receiver<bool>,
}

type Delivery = futures::future::BoxFuture<'static, (u64, bool, bool)>;

impl Task {
    async fn run(mut self, frames: mpsc::Receiver<Data>) {
        let sender = self.sender.clone();
        if let Err(e) = self.work(frames).await {
            tracing::error!("the marks of `{sender}` cannot be written, its messages wait with it: {e}");
        }
    }

    async fn work(&mut self, mut frames: mpsc::Receiver<Data>) -> io::Result<()> {
        let mut delivery: Option<Delivery> = None;
        let mut owed = 0;
        if self.inbox.lost_from_store > 0 {
            tracing::warn!("a stored message of `{}` may or may not have been delivered", self.sender);
        }
        loop {
            if let Some(job) = self.inbox.begin()? {
                delivery = Some(self.deliver(job));
            }
            let answer = tokio::select! {
                _ = self.stopped.changed() => break,
                frame = frames.recv() => match frame {
                    Some(frame) => {
                        self.inbox.on_data(frame)?;
                        true
                    }
                    None => break,
                },
                (seq, stored, taken) = wait(&mut delivery) => {
                    delivery = None;
                    self.inbox.done(seq, stored, taken)?;
                    owed += 1;
                    owed >= ACK_EVERY || self.inbox.waiting() == 0
                }
                () = tokio::time::sleep(ACK_AFTER), if owed > 0 => true,
            };
            if answer {
                owed = 0;
                self.answer().await;
            }
        }
        if delivery.is_some() {
            let (seq, stored, taken) = wait(&mut delivery).await;
            self.inbox.done(seq, stored, taken)?;
            self.answer().await;
        }
        Ok(())
    }

    fn deliver(&self, job: super::inbox::Job) -> Delivery {
        let (inbound, sender) = (self.inbound.clone(), self.sender.clone());
        Box::pin(async move {
            let (seq, stored) = (job.seq, job.from_store());
            let taken = inbound.deliver(&job.node, job.msg).await;
            if let Err(e) = &taken {
                tracing::warn!("node `{}` did not take message {seq} from `{sender}`: {e}", job.node);
            }
            (seq, stored, taken.is_ok())
        })
    }

    /// An answer that gets lost is asked for again.
    async fn answer(&self) {
        if let Ok(text) = serde_json::to_vec(&self.inbox.ack()) {
            let _ = self.link.put(&self.key, text).await;
        }
    }
}

async fn wait(delivery: &mut Option<Delivery>) -> (u64, bool, bool) {
    match delivery {
        Some(under_way) => under_way.await,
        None => std::future::pending().await,
    }
}
