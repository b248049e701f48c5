//! Keeps links and tasks as the fleet wants them: opens, closes, and begins again what a change of addresses touches.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use route_chain::ir::Fleet;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::link::{Link, Open, Spec};
use super::{Inbound, Known, Peer, receiver, safe, sender};
use crate::engine::options::LogSink;
use crate::node::Level;

/// Runtimes that left the fleet are looked after so often, and links that did not open tried again at the earliest.
const TICK: Duration = Duration::from_millis(500);

/// The fleet as it shall be from now on.
pub(super) struct Order {
    pub(super) fleet: Fleet,
    /// As a part of keys.
    pub(super) stack: String,
    /// The other runtimes, and those that left but still have messages to get.
    pub(super) peers: Vec<Arc<Peer>>,
    /// Told when the links are open, or why one is not.
    pub(super) tell: oneshot::Sender<Result<(), String>>,
}

/// Ends when nobody can give orders any more.
pub(super) struct Driver {
    me: String,
    dir: PathBuf,
    opener: Arc<dyn Open>,
    inbound: Arc<dyn Inbound>,
    log: LogSink,
    orders: mpsc::UnboundedReceiver<Order>,
    /// The fleet of the latest order.
    fleet: Fleet,
    stack: String,
    peers: Vec<Arc<Peer>>,
    /// How runtimes that left were reached.
    left: HashMap<String, Spec>,
    known: Arc<Known>,
    links: HashMap<Spec, Way>,
    sending: HashMap<String, Tasks>,
    receiving: Option<Tasks>,
}

/// A link, or the wait until the next try to open it.
enum Way {
    Open(Arc<dyn Link>),
    Shut { why: String, again: Instant, backoff: ExponentialBackoff },
}

/// Tasks on a link. What they run on is remembered, so that a change of it is seen.
struct Tasks {
    spec: Spec,
    key: String,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Tasks {
    /// Lets them end what they are at.
    async fn end(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Driver {
    pub(super) fn new(
        me: String,
        dir: PathBuf,
        opener: Arc<dyn Open>,
        inbound: Arc<dyn Inbound>,
        log: LogSink,
        orders: mpsc::UnboundedReceiver<Order>,
    ) -> Self {
        let fleet = Fleet { me: me.clone(), runtimes: Vec::new(), absent: Vec::new(), homes: Vec::new() };
        Self {
            me,
            dir,
            opener,
            inbound,
            log,
            orders,
            fleet,
            stack: String::new(),
            peers: Vec::new(),
            left: HashMap::new(),
            known: receiver::known(std::iter::empty()),
            links: HashMap::new(),
            sending: HashMap::new(),
            receiving: None,
        }
    }

    pub(super) async fn run(mut self) {
        let mut first = true;
        loop {
            let order = tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => Some(order),
                    None => break,
                },
                () = tokio::time::sleep(TICK), if !first => None,
            };
            first = false;
            let tell = order.map(|order| self.take(order));
            let done = self.reconcile().await;
            if let Some(tell) = tell {
                // Nobody may wait for it.
                let _ = tell.send(done);
            }
        }
        let ends = self.sending.drain().map(|(_, tasks)| tasks).chain(self.receiving.take());
        futures::future::join_all(ends.map(Tasks::end)).await;
        for way in self.links.values() {
            if let Way::Open(link) = way {
                link.close().await;
            }
        }
    }

    fn take(&mut self, order: Order) -> oneshot::Sender<Result<(), String>> {
        let Order { fleet, stack, peers, tell } = order;
        for runtime in &self.fleet.runtimes {
            if !fleet.runtimes.iter().any(|r| r.name == runtime.name)
                && let Ok(spec) = Spec::of(runtime, &self.fleet)
            {
                self.left.insert(runtime.name.clone(), spec);
            }
        }
        self.left.retain(|name, _| !fleet.runtimes.iter().any(|r| r.name == *name));
        let known = fleet.runtimes.iter().filter(|r| r.name != self.me).map(|r| safe(&r.name));
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
            known.chain(self.left.keys().map(|name| safe(name))).collect();
        (self.fleet, self.stack, self.peers) = (fleet, stack, peers);
        tell
    }

    /// Makes links and tasks what they shall be; the first thing that could not be done.
    async fn reconcile(&mut self) -> Result<(), String> {
        self.forget_drained();
        let wanted = self.wanted();
        self.end_unwanted(&wanted).await;
        let mut wrong = Ok(());
        for spec in wanted.specs() {
            if let Err(why) = self.open(&spec).await
                && wrong.is_ok()
            {
                wrong = Err(why);
            }
        }
        if let Err(why) = self.begin(&wanted).await
            && wrong.is_ok()
        {
            wrong = Err(why);
        }
        wrong
    }

    /// Runtimes that left the fleet, and for which nothing waits any more.
    fn forget_drained(&mut self) {
        let (fleet, left) = (&self.fleet, &mut self.left);
        self.peers.retain(|peer| {
            let stays = fleet.runtimes.iter().any(|r| r.name == peer.name) || peer.outbox().waiting().0 > 0;
            if !stays {
                left.remove(&peer.name);
            }
            stays
        });
    }

    fn wanted(&self) -> Wanted {
        let spec = |name: &str| {
            let runtime = self.fleet.runtimes.iter().find(|r| r.name == name);
            runtime.map_or_else(|| self.left.get(name).cloned(), |r| Spec::of(r, &self.fleet).ok())
        };
        let key = |to: &str| format!("route/{}/{}", self.stack, safe(to));
        let me = safe(&self.me);
        Wanted {
            sending: self
                .peers
                .iter()
                .filter_map(|peer| {
                    Some((peer.clone(), spec(&peer.name)?, format!("{}/{me}", key(&peer.name))))
                })
                .collect(),
            receiving: spec(&self.me).map(|spec| (spec, key(&self.me))),
        }
    }

    async fn end_unwanted(&mut self, wanted: &Wanted) {
        let stays = |name: &str, tasks: &Tasks| {
            wanted
                .sending
                .iter()
                .any(|(peer, spec, key)| peer.name == name && *spec == tasks.spec && *key == tasks.key)
        };
        let names: Vec<String> = self
            .sending
            .iter()
            .filter(|(name, tasks)| !stays(name, tasks))
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            if let Some(tasks) = self.sending.remove(&name) {
                tasks.end().await;
            }
        }
        let same = |tasks: &Tasks| {
            wanted.receiving.as_ref().is_some_and(|(spec, key)| *spec == tasks.spec && *key == tasks.key)
        };
        if let Some(tasks) = self.receiving.take_if(|tasks| !same(tasks)) {
            tasks.end().await;
        }
        let specs = wanted.specs();
        let unused: Vec<Spec> = self.links.keys().filter(|spec| !specs.contains(spec)).cloned().collect();
        for spec in unused {
            if let Some(Way::Open(link)) = self.links.remove(&spec) {
                link.close().await;
            }
        }
    }

    /// Opens a link, if it is time to try.
    async fn open(&mut self, spec: &Spec) -> Result<(), String> {
        let backoff = match self.links.remove(spec) {
            Some(Way::Open(link)) => {
                self.links.insert(spec.clone(), Way::Open(link));
                return Ok(());
            }
            Some(Way::Shut { why, again, backoff }) if Instant::now() < again => {
                self.links.insert(spec.clone(), Way::Shut { why: why.clone(), again, backoff });
                return Err(why);
            }
            Some(Way::Shut { backoff, .. }) => backoff,
            None => ExponentialBuilder::default()
                .with_min_delay(TICK)
                .with_max_delay(Duration::from_secs(30))
                .without_max_times()
                .with_jitter()
                .build(),
        };
        let opened = self.opener.open(spec, &self.me).await;
        self.note(spec, opened, backoff)
    }

    fn note(
        &mut self,
        spec: &Spec,
        opened: Result<Arc<dyn Link>, String>,
        mut backoff: ExponentialBackoff,
    ) -> Result<(), String> {
        match opened {
            Ok(link) => {
                self.links.insert(spec.clone(), Way::Open(link));
                Ok(())
            }
            Err(why) => {
                (self.log)(Level::Warn, "remote", &why);
                let again = Instant::now() + backoff.next().unwrap_or(TICK);
                self.links.insert(spec.clone(), Way::Shut { why: why.clone(), again, backoff });
                Err(why)
            }
        }
    }

    /// Begins the tasks whose links are open.
    async fn begin(&mut self, wanted: &Wanted) -> Result<(), String> {
        for (peer, spec, key) in &wanted.sending {
            match self.links.get(spec) {
                Some(Way::Open(link)) if !self.sending.contains_key(&peer.name) => {
                    let (stop, stopped) = watch::channel(false);
                    let tasks =
                        sender::start(peer.clone(), link.clone(), key.clone(), stopped, self.log.clone())
                            .await?;
                    *peer.link() = Ok(link.clone());
                    let tasks = Tasks { spec: spec.clone(), key: key.clone(), stop, tasks };
                    self.sending.insert(peer.name.clone(), tasks);
                }
                Some(Way::Shut { why, .. }) => *peer.link() = Err(why.clone()),
                _ => {}
            }
        }
        if let (Some((spec, key)), None) = (&wanted.receiving, &self.receiving)
            && let Some(Way::Open(link)) = self.links.get(spec)
        {
            let (stop, stopped) = watch::channel(false);
            let (key, dir) = (key.clone(), self.dir.clone());
            let (link, log) = (link.clone(), self.log.clone());
            let place = receiver::Place { key: key.clone(), dir, link, stopped, log };
            let tasks = receiver::start(place, self.inbound.clone(), self.known.clone()).await?;
            self.receiving = Some(Tasks { spec: spec.clone(), key, stop, tasks });
        }
        Ok(())
    }
}

/// What links and tasks there shall be.
struct Wanted {
    sending: Vec<(Arc<Peer>, Spec, String)>,
    receiving: Option<(Spec, String)>,
}

impl Wanted {
    fn specs(&self) -> Vec<Spec> {
        let mut specs: Vec<Spec> = Vec::new();
        let all = self.sending.iter().map(|(_, spec, _)| spec).chain(self.receiving.iter().map(|(s, _)| s));
        for spec in all {
            if !specs.contains(spec) {
                specs.push(spec.clone());
            }
        }
        specs
    }
}
