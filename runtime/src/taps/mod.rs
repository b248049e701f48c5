//! Sinks of taps, and who waits for them. A sink's queue is bounded; what finds it full is counted or waits.

pub mod line;
mod room;
pub(crate) mod sink;
pub mod stream;
pub(crate) mod tapped;
mod text;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use route_chain::ir;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::engine::options::TapOutput;
use crate::io::Io;
use sink::{Item, Sink};
use stream::Streams;
pub use tapped::{TapId, Tapped};

/// All sinks of an engine.
pub(crate) struct Taps {
    sinks: HashMap<Key, Sink>,
    counters: BTreeMap<String, u64>,
    pub(crate) streams: Streams,
    /// Wakes the engine when a sink that it found full has room.
    pub(crate) room: Arc<Notify>,
    /// Held messages that wait for room, by sink.
    waiting: HashMap<Key, VecDeque<u64>>,
    /// Taps by layer and name, the same in every stack.
    ids: HashMap<(String, String), Arc<TapId>>,
    stdout: Option<TapOutput>,
    queue: usize,
    base: PathBuf,
}

/// Taps that write to the same place share one sink.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Stdout,
    File(PathBuf),
    /// Every subscriber.
    Streams,
    /// The engine's own queue.
    Nodes,
}

impl Taps {
    pub(crate) fn new(queue: usize, base: PathBuf, stdout: Option<TapOutput>) -> Self {
        let room = Arc::new(Notify::new());
        Self {
            sinks: HashMap::new(),
            counters: BTreeMap::new(),
            streams: Streams::new(room.clone()),
            room,
            waiting: HashMap::new(),
            ids: HashMap::new(),
            stdout,
            queue,
            base,
        }
    }

    /// Opens what a stack needs, before it is put in force. An `Err` refuses the stack.
    pub(crate) fn open(&mut self, set: &ir::ChainSet, io: &Io) -> Result<(), String> {
        for (router, tap) in taps_of(set) {
            if let ir::Sink::Counter(name) = &tap.sink {
                self.counters.entry(name.clone()).or_insert(0);
            }
            self.ensure(&tap.sink, io).map_err(|why| match set.routers.get(router as usize) {
                Some(router) => format!("tap `{}`: {why}", router.name),
                None => why,
            })?;
        }
        Ok(())
    }

    /// The taps of a stack, by router.
    pub(crate) fn ids(&mut self, set: &ir::ChainSet) -> Box<[Option<Arc<TapId>>]> {
        let mut ids: Box<[Option<Arc<TapId>>]> = set.routers.iter().map(|_| None).collect();
        for (router, _) in taps_of(set) {
            let (Some(slot), Some(router)) = (ids.get_mut(router as usize), set.routers.get(router as usize))
            else {
                continue;
            };
            let key = (router.layer.clone(), router.name.clone());
            let id = self.ids.entry(key).or_insert_with(|| TapId::new(&router.layer, &router.name).into());
            *slot = Some(id.clone());
        }
        ids
    }

    /// Takes the sinks out that no tap of these stacks writes to; the caller closes them.
    pub(crate) fn retire<'a>(&mut self, stacks: impl IntoIterator<Item = &'a ir::ChainSet>) -> Vec<Retired> {
        let used: HashSet<Key> =
            stacks.into_iter().flat_map(taps_of).filter_map(|(_, tap)| self.key(&tap.sink)).collect();
        let idle: Vec<Key> =
            self.sinks.keys().filter(|k| **k != Key::Stdout && !used.contains(k)).cloned().collect();
        idle.into_iter().filter_map(|key| Some(Retired(self.sinks.remove(&key)?))).collect()
    }

    /// Whether a copy for this sink would find room; if not, the engine is woken when it would.
    pub(crate) fn has_room(&self, sink: &ir::Sink) -> bool {
        self.key(sink).and_then(|key| self.sinks.get(&key)).is_none_or(Sink::has_room)
    }

    /// A held message waits until this sink has room.
    pub(crate) fn await_room(&mut self, sink: &ir::Sink, id: u64) {
        if let Some(key) = self.key(sink) {
            self.waiting.entry(key).or_default().push_back(id);
        }
    }

    /// Whether held messages wait for the engine's own queue, of whose room no other thread tells.
    pub(crate) fn awaits_queue(&self) -> bool {
        self.waiting.contains_key(&Key::Nodes)
    }

    /// The messages that may try again, at most as many as there are free places. `queue`: those of the engine's own queue.
    pub(crate) fn roomy(&mut self, queue: usize) -> Vec<u64> {
        let mut ids = Vec::new();
        for (key, waiting) in &mut self.waiting {
            let free = match key {
                Key::Nodes => queue,
                Key::Streams => usize::MAX,
                key => self.sinks.get(key).map_or(usize::MAX, Sink::free),
            };
            ids.extend(waiting.drain(..free.min(waiting.len())));
        }
        self.waiting.retain(|_, waiting| !waiting.is_empty());
        // Those that stay must be heard of again.
        for key in self.waiting.keys() {
            if let Some(sink) = self.sinks.get(key)
                && sink.has_room()
            {
                self.room.notify_one();
            }
        }
        ids
    }

    /// Hands a copy to a sink that writes; false when it was dropped.
    pub(crate) fn write(&mut self, to: &ir::Sink, copy: Tapped) -> bool {
        let Some(sink) = self.key(to).and_then(|key| self.sinks.get_mut(&key)) else { return false };
        sink.offer(Item { copy })
    }

    /// Counts one.
    pub(crate) fn count(&mut self, name: &str) {
        match self.counters.get_mut(name) {
            Some(count) => *count += 1,
            None => drop(self.counters.insert(name.to_string(), 1)),
        }
    }

    /// How each sink stands.
    pub(crate) fn status(&self) -> serde_json::Value {
        let mut sinks: Vec<(String, &Sink)> =
            self.sinks.iter().map(|(key, sink)| (key.to_string(), sink)).collect();
        sinks.sort_by(|a, b| a.0.cmp(&b.0));
        serde_json::json!({
            "sinks": sinks.iter().map(|(name, sink)| sink.status(name)).collect::<Vec<_>>(),
            "counters": self.counters,
            "stream_dropped": self.streams.dropped,
        })
    }

    /// Writes out everything that waits. The texts are what went wrong.
    pub(crate) async fn close(&mut self, patience: Duration) -> Vec<String> {
        self.streams.close();
        let closing = self.sinks.drain().map(|(key, sink)| async move {
            sink.close(patience).await.err().map(|why| format!("{key}: {why}"))
        });
        futures::future::join_all(closing).await.into_iter().flatten().collect()
    }

    fn ensure(&mut self, sink: &ir::Sink, io: &Io) -> Result<(), String> {
        let Some(key) = self.key(sink).filter(Key::is_sink) else { return supported(sink) };
        if self.sinks.contains_key(&key) {
            return Ok(());
        }
        let io = io.handle()?;
        let made = self.make(&key, sink, &io)?;
        self.sinks.insert(key, made);
        Ok(())
    }

    fn make(&mut self, key: &Key, sink: &ir::Sink, io: &Handle) -> Result<Sink, String> {
        let (queue, room) = (self.queue, self.room.clone());
        Ok(match (key, sink) {
            (Key::File(path), ir::Sink::File { rotate, keep, .. }) => {
                let file = text::File::open(path, *rotate, *keep)?;
                Sink::new(queue, room, io, |io, source| file.start(io, source))
            }
            _ => match self.stdout.take() {
                Some(output) => Sink::new(queue, room, io, |io, source| text::lines(io, source, output)),
                None => Sink::new(queue, room, io, |io, source| text::lines(io, source, tokio::io::stdout())),
            },
        })
    }

    fn key(&self, sink: &ir::Sink) -> Option<Key> {
        match sink {
            ir::Sink::Stdout => Some(Key::Stdout),
            ir::Sink::File { path, .. } => Some(Key::File(self.base.join(path))),
            ir::Sink::Stream => Some(Key::Streams),
            ir::Sink::Node(_) => Some(Key::Nodes),
            _ => None,
        }
    }
}

impl Key {
    fn is_sink(&self) -> bool {
        !matches!(self, Key::Streams | Key::Nodes)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Stdout => f.write_str("stdout"),
            Key::File(path) => write!(f, "{}", path.display()),
            Key::Streams => f.write_str("stream"),
            Key::Nodes => f.write_str("nodes"),
        }
    }
}

fn supported(sink: &ir::Sink) -> Result<(), String> {
    let kind = match sink {
        ir::Sink::Nats(_) => "nats",
        ir::Sink::Mqtt(_) => "mqtt",
        ir::Sink::Zenoh(_) => "zenoh",
        ir::Sink::Otlp(_) => "otlp",
        _ => return Ok(()),
    };
    Err(format!("this runtime has no sink `{kind}`; it has stdout, file, stream, node and counter"))
}

/// A sink that nothing writes to any more.
pub(crate) struct Retired(Sink);

impl Retired {
    /// Writes out what waits.
    pub(crate) async fn close(self, patience: Duration) -> Result<(), String> {
        self.0.close(patience).await
    }
}

/// The taps of a stack with the index of their router.
fn taps_of(set: &ir::ChainSet) -> impl Iterator<Item = (u32, &ir::Tap)> {
    set.chains.iter().flat_map(|chain| &chain.steps).filter_map(|step| match &step.op {
        ir::Op::Tap(tap) => Some((step.router, tap)),
        _ => None,
    })
}
