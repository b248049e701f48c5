//! Flows of a runtime that is running beside the text: asked for on a thread of its own, so that typing never waits.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use route_compiler::flow::FlowGraph;

use crate::client::{Client, block_on};
use crate::fault::Fault;

/// How often runtimes are asked for what they run.
const PERIOD: Duration = Duration::from_secs(2);
/// How long one may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Flows that run.
#[derive(Clone)]
pub(super) struct Deployed {
    pub(super) text: Arc<str>,
    pub(super) graph: Arc<FlowGraph>,
}

/// What is known of runtimes, by the path of the flows that they were started with.
#[derive(Clone, Default)]
pub(super) struct Live(Arc<Mutex<Shared>>);

#[derive(Default)]
struct Shared {
    watched: BTreeSet<PathBuf>,
    running: HashMap<PathBuf, Deployed>,
    started: bool,
}

impl Live {
    /// What runs now of these flows, as far as it is known; from now on it is asked for.
    pub(super) fn of(&self, flows: &Path) -> Option<Deployed> {
        let mut shared = self.lock();
        if shared.watched.insert(flows.to_owned()) && !shared.started {
            shared.started = true;
            let live = self.clone();
            std::thread::spawn(move || live.watch());
        }
        shared.running.get(flows).cloned()
    }

    /// The text of what runs, to see whether it is still the same.
    pub(super) fn is(&self, flows: &Path, then: Option<&Arc<str>>) -> bool {
        match (self.lock().running.get(flows), then) {
            (None, None) => true,
            (Some(now), Some(then)) => Arc::ptr_eq(&now.text, then),
            _ => false,
        }
    }

    /// From now on only these flows are asked for.
    pub(super) fn keep(&self, wanted: impl Fn(&Path) -> bool) {
        let mut shared = self.lock();
        shared.watched.retain(|flows| wanted(flows));
        shared.running.retain(|flows, _| wanted(flows));
    }

    /// Ends with the process, or with the server that holds the other end.
    fn watch(&self) {
        while Arc::strong_count(&self.0) > 1 {
            let watched = self.lock().watched.clone();
            for flows in watched {
                let known = self.lock().running.get(&flows).map(|known| known.text.clone());
                let now = ask(&flows, known.as_deref());
                let mut shared = self.lock();
                if !shared.watched.contains(&flows) {
                    continue;
                }
                match now {
                    Asked::Same => {}
                    Asked::New(deployed) => drop(shared.running.insert(flows, deployed)),
                    Asked::None => drop(shared.running.remove(&flows)),
                }
            }
            std::thread::sleep(PERIOD);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Asked {
    Same,
    New(Deployed),
    /// No runtime is there, or it does not answer.
    None,
}

fn ask(flows: &Path, known: Option<&str>) -> Asked {
    let Ok(client) = Client::beside(flows) else { return Asked::None };
    let answer = block_on(async {
        let answer = tokio::time::timeout(PATIENCE, client.get("/v1/flows")).await;
        answer.map_err(|_| Fault::new("the runtime does not answer"))?
    });
    let Ok(text) = answer.map(|flows| flows.to_string()) else { return Asked::None };
    if known == Some(text.as_str()) {
        return Asked::Same;
    }
    match crate::compile::graph_of(&text, route_compiler::DEPLOYED) {
        Ok(graph) => Asked::New(Deployed { text: text.into(), graph: Arc::new(graph) }),
        Err(_) => Asked::None,
    }
}
