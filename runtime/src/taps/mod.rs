//! Sinks of taps: standard output, files, counters, subscribers. A sink's queue is bounded; what finds it full is counted.

pub mod line;
pub(crate) mod sink;
pub mod stream;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use route_chain::ir;

use crate::engine::options::TapOutput;
use sink::Sink;
use stream::Streams;

/// All sinks of an engine.
pub(crate) struct Taps {
    sinks: HashMap<Key, Sink>,
    counters: BTreeMap<String, u64>,
    pub(crate) streams: Streams,
    stdout: Option<TapOutput>,
    queue: usize,
    base: PathBuf,
}

/// Taps that write to the same place share one sink.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Stdout,
    File(PathBuf),
}

impl Taps {
    pub(crate) fn new(queue: usize, base: PathBuf, stdout: Option<TapOutput>) -> Self {
        let streams = Streams::default();
        Self { sinks: HashMap::new(), counters: BTreeMap::new(), streams, stdout, queue, base }
    }

    /// Opens what a stack needs, before it is put in force. An `Err` refuses the stack.
    pub(crate) fn open(&mut self, set: &ir::ChainSet) -> Result<(), String> {
        for tap in taps_of(set) {
            match &tap.sink {
                ir::Sink::Counter(name) => {
                    self.counters.entry(name.clone()).or_insert(0);
                }
                ir::Sink::Stdout | ir::Sink::File { .. } => self.ensure(&tap.sink)?,
                ir::Sink::Stream | ir::Sink::Node(_) => {}
                ir::Sink::Nats(_) | ir::Sink::Mqtt(_) | ir::Sink::Zenoh(_) | ir::Sink::Otlp(_) => {
                    return Err(format!(
                        "this runtime has no sink `{}`; it has stdout, file, stream, node and counter",
                        kind(&tap.sink)
                    ));
                }
            }
        }
        Ok(())
    }

    /// Takes the sinks out that no tap of these stacks writes to; the caller closes them.
    pub(crate) fn retire<'a>(&mut self, stacks: impl IntoIterator<Item = &'a ir::ChainSet>) -> Vec<Retired> {
        let used: HashSet<Key> =
            stacks.into_iter().flat_map(taps_of).filter_map(|tap| self.key(&tap.sink)).collect();
        let idle: Vec<Key> =
            self.sinks.keys().filter(|k| **k != Key::Stdout && !used.contains(k)).cloned().collect();
        idle.into_iter().filter_map(|key| Some(Retired(self.sinks.remove(&key)?))).collect()
    }

    /// Whether a copy for this sink would find room.
    pub(crate) fn has_room(&self, sink: &ir::Sink) -> bool {
        self.key(sink).and_then(|key| self.sinks.get(&key)).is_none_or(Sink::has_room)
    }

    /// Hands a line to a sink that writes; false when it was dropped.
    pub(crate) fn write(&mut self, to: &ir::Sink, line: String) -> bool {
        if self.ensure(to).is_err() {
            return false;
        }
        let key = self.key(to);
        key.and_then(|key| self.sinks.get_mut(&key)).is_some_and(|sink| sink.offer(line))
    }

    /// Counts one.
    pub(crate) fn count(&mut self, name: &str) {
        match self.counters.get_mut(name) {
            Some(count) => *count += 1,
            None => drop(self.counters.insert(name.to_string(), 1)),
        }
    }

    /// Taken and dropped lines of each sink.
    pub(crate) fn status(&self) -> serde_json::Value {
        let sinks = self.sinks.iter().map(|(key, sink)| {
            let name = match key {
                Key::Stdout => "stdout".to_string(),
                Key::File(path) => path.display().to_string(),
            };
            serde_json::json!({ "sink": name, "taken": sink.taken, "dropped": sink.dropped })
        });
        serde_json::json!({
            "sinks": sinks.collect::<Vec<_>>(),
            "counters": self.counters,
            "stream_dropped": self.streams.dropped,
        })
    }

    /// Writes out everything that waits. The texts are what went wrong.
    pub(crate) async fn close(&mut self) -> Vec<String> {
        self.streams.close();
        let mut wrong = Vec::new();
        for (_, sink) in self.sinks.drain() {
            wrong.extend(sink.close().await.err());
        }
        wrong
    }

    fn ensure(&mut self, sink: &ir::Sink) -> Result<(), String> {
        let Some(key) = self.key(sink) else { return Ok(()) };
        if self.sinks.contains_key(&key) {
            return Ok(());
        }
        let made = match (&key, sink) {
            (Key::File(path), ir::Sink::File { rotate, keep, .. }) => {
                Sink::file(self.queue, path, *rotate, *keep)?
            }
            _ => Sink::stdout(self.queue, self.stdout.take()),
        };
        self.sinks.insert(key, made);
        Ok(())
    }

    fn key(&self, sink: &ir::Sink) -> Option<Key> {
        match sink {
            ir::Sink::Stdout => Some(Key::Stdout),
            ir::Sink::File { path, .. } => Some(Key::File(self.base.join(path))),
            _ => None,
        }
    }
}

/// A sink that nothing writes to any more.
pub(crate) struct Retired(Sink);

impl Retired {
    /// Writes out what waits.
    pub(crate) async fn close(self) -> Result<(), String> {
        self.0.close().await
    }
}

fn taps_of(set: &ir::ChainSet) -> impl Iterator<Item = &ir::Tap> {
    set.chains.iter().flat_map(|chain| &chain.steps).filter_map(|step| match &step.op {
        ir::Op::Tap(tap) => Some(tap),
        _ => None,
    })
}

fn kind(sink: &ir::Sink) -> &'static str {
    match sink {
        ir::Sink::Stdout => "stdout",
        ir::Sink::Stream => "stream",
        ir::Sink::File { .. } => "file",
        ir::Sink::Node(_) => "node",
        ir::Sink::Counter(_) => "counter",
        ir::Sink::Nats(_) => "nats",
        ir::Sink::Mqtt(_) => "mqtt",
        ir::Sink::Zenoh(_) => "zenoh",
        ir::Sink::Otlp(_) => "otlp",
    }
}
