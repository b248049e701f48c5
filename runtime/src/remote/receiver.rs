//! Tasks that take the messages of other runtimes and hand them to this one's nodes.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::frame::Data;
use super::inbox::{Inbox, Job, Outcome};
use super::link::{Arrived, Link};
use super::{Inbound, Known, NotTaken, is_incarnation};
use crate::engine::options::LogSink;
use crate::node::Level;

/// Frames that may wait for a task; the protocol sends again what finds no room.
const FRAMES: usize = 256;
/// Senders (by incarnation) that are listened to at the most.
const MAX_SENDERS: usize = 1024;
/// An acknowledgement goes out after so many messages, or so much time.
const ACK_EVERY: usize = 64;
const ACK_AFTER: Duration = Duration::from_millis(10);

/// Listens at `key`, `route/STACK/ME`, until `stopped` changes; deliveries under way end first.
///
/// # Errors
/// The link does not listen.
pub(super) async fn start(
    place: Place,
    inbound: Arc<dyn Inbound>,
    known: Arc<Known>,
) -> Result<JoinSet<()>, String> {
    let (to, data) = mpsc::channel(FRAMES);
    place.link.subscribe(&format!("{}/*", place.key), to, true).await?;
    let mut tasks = JoinSet::new();
    tasks.spawn(Receiver { place, inbound, known, senders: HashMap::new() }.run(data));
    Ok(tasks)
}

/// Where this runtime is reached, and keeps its marks.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) key: String,
    pub(super) dir: PathBuf,
    pub(super) link: Arc<dyn Link>,
    pub(super) stopped: watch::Receiver<bool>,
    pub(super) log: LogSink,
}

impl Place {
    fn warn(&self, text: &str) {
        (self.log)(Level::Warn, "remote", text);
    }

    fn error(&self, text: &str) {
        (self.log)(Level::Error, "remote", text);
    }
}

/// Hands frames to a task per sender.
struct Receiver {
    place: Place,
    inbound: Arc<dyn Inbound>,
    known: Arc<Known>,
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
            if !self.knows(&sender) {
                continue;
            }
            match serde_json::from_slice::<Data>(&bytes) {
                Ok(frame) if is_incarnation(&frame.inc) => self.hand_over(&mut tasks, sender, frame),
                Ok(_) => self.place.warn(&format!("`{sender}` sent a frame with a wrong incarnation")),
                Err(e) => self.place.warn(&format!("`{sender}` sent a frame that cannot be read: {e}")),
            }
        }
        self.senders.clear();
        while tasks.join_next().await.is_some() {}
    }

    fn knows(&self, sender: &str) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains(sender)
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
            self.place
                .warn(&format!("`{sender}` is not heard: {MAX_SENDERS} senders are listened to already"));
            return;
        }
        let inbox = match Inbox::open(&self.place.dir, &sender, &inc, boot()) {
            Ok(inbox) => inbox,
            Err(e) => return self.place.error(&format!("the marks of `{sender}` cannot be opened: {e}")),
        };
        let (to, frames) = mpsc::channel(FRAMES);
        let key = format!("{}/{sender}/ack", self.place.key);
        let (place, inbound) = (self.place.clone(), self.inbound.clone());
        let task = Task { inbox, key, sender: sender.clone(), place, inbound };
        self.senders.insert((sender, inc), to);
        tasks.spawn(task.run(frames));
    }
}

/// Differs from run to run, which is all that is asked of it.
fn boot() -> u64 {
    (ulid::Ulid::generate().0 >> 8) as u64 & ((1 << 53) - 1)
}

/// Delivers the messages of one sender.
struct Task {
    inbox: Inbox,
    key: String,
    sender: String,
    place: Place,
    inbound: Arc<dyn Inbound>,
}

type Delivery = futures::future::BoxFuture<'static, (u64, bool, Outcome)>;

impl Task {
    async fn run(mut self, frames: mpsc::Receiver<Data>) {
        let sender = self.sender.clone();
        if let Err(e) = self.work(frames).await {
            self.place
                .error(&format!("the marks of `{sender}` cannot be written, its messages wait with it: {e}"));
        }
    }

    async fn work(&mut self, mut frames: mpsc::Receiver<Data>) -> io::Result<()> {
        let mut delivery: Option<Delivery> = None;
        let mut owed = 0;
        if self.inbox.lost_from_store > 0 {
            self.place
                .warn(&format!("a stored message of `{}` may or may not have been delivered", self.sender));
        }
        loop {
            if let Some(job) = self.inbox.begin()? {
                delivery = Some(self.deliver(job));
            }
            let answer = tokio::select! {
                _ = self.place.stopped.changed() => break,
                frame = frames.recv() => match frame {
                    Some(frame) => {
                        self.inbox.on_data(frame)?;
                        true
                    }
                    None => break,
                },
                (seq, stored, outcome) = wait(&mut delivery) => {
                    delivery = None;
                    self.inbox.done(seq, stored, outcome)?;
                    if outcome == Outcome::Gone {
                        // The engine has ended; the next one gets the message.
                        break;
                    }
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
            let (seq, stored, outcome) = wait(&mut delivery).await;
            self.inbox.done(seq, stored, outcome)?;
        }
        self.answer().await;
        Ok(())
    }

    fn deliver(&self, job: Job) -> Delivery {
        let (inbound, sender) = (self.inbound.clone(), self.sender.clone());
        let log = self.place.log.clone();
        Box::pin(async move {
            let (seq, stored) = (job.seq, job.from_store());
            let taken = inbound.deliver(&job.node, job.msg, &sender, job.hops).await;
            let outcome = match taken {
                Ok(()) => Outcome::Taken,
                Err(NotTaken::Gone) => Outcome::Gone,
                Err(NotTaken::Refused(why)) => {
                    log(
                        Level::Warn,
                        "remote",
                        &format!("node `{}` did not take message {seq} from `{sender}`: {why}", job.node),
                    );
                    Outcome::Refused
                }
            };
            (seq, stored, outcome)
        })
    }

    /// An answer that gets lost is asked for again.
    async fn answer(&self) {
        if let Ok(text) = serde_json::to_vec(&self.inbox.ack()) {
            let _ = self.place.link.put(&self.key, text, false).await;
        }
    }
}

async fn wait(delivery: &mut Option<Delivery>) -> (u64, bool, Outcome) {
    match delivery {
        Some(under_way) => under_way.await,
        None => std::future::pending().await,
    }
}

/// The senders that are listened to, as parts of keys.
pub(super) fn known(names: impl Iterator<Item = String>) -> Arc<Known> {
    Arc::new(Mutex::new(names.collect()))
}
