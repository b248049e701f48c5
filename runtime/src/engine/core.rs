//! The state of a running engine: nodes, the local queue, timers; and how one delivery, timer or event is dealt with.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hasher};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use route_chain::state::States;
use route_chain::{Message, Value, ir};
use rustc_hash::FxHashMap;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::command::Undelivered;
use super::context::Contexts;
use super::cx::Cx;
use super::env::Env;
use super::ledger::{Change, Ledger};
use super::options::{LogSink, Options};
use super::scope::Listeners;
use super::stack::Stack;
use super::timers::{Due, Timers};
use super::uplink::Uplink;
use crate::deploy::Deploy;
use crate::holds::Holds;
use crate::io::Io;
use crate::node::{Level, Node, NodeInfo, Posted, Status};
use crate::plugin::Registry;
use crate::taps::Taps;

/// Everything of an engine but its inboxes.
pub(crate) struct Core {
    pub(crate) nodes: Vec<Slot>,
    pub(crate) by_id: FxHashMap<String, u32>,
    pub(crate) configs: HashMap<String, serde_json::Map<String, serde_json::Value>>,
    pub(crate) listeners: Listeners,
    pub(crate) queue: VecDeque<Delivery>,
    /// Events that nodes of this engine posted to each other; they go before the next delivery.
    pub(crate) posted: VecDeque<Posted>,
    pub(crate) timers: Timers,
    pub(crate) contexts: Contexts,
    pub(crate) shared: HashMap<&'static str, Box<dyn Any>>,
    pub(crate) mailbox: mpsc::Sender<Posted>,
    pub(crate) stack: Rc<Stack>,
    /// What routers keep between messages.
    pub(crate) states: States,
    /// Stacks out of force, until nothing needs them any more.
    pub(crate) former: Vec<Rc<Stack>>,
    pub(crate) ledger: Ledger,
    /// The stack has changed, and what follows from that is not done yet.
    pub(crate) unsettled: bool,
    /// Sinks and files that are being written out.
    pub(crate) closing: JoinSet<()>,
    pub(crate) holds: Holds,
    /// By wire.
    pub(crate) wires: Vec<WireCounts>,
    /// Nothing new is held: the engine ends.
    pub(crate) ending: bool,
    /// Nothing waits for a sink any more.
    pub(crate) hard: bool,
    pub(crate) taps: Taps,
    /// The thread for input and output.
    pub(crate) io: Io,
    pub(crate) modules: Registry,
    pub(crate) uplink: Option<Box<dyn Uplink>>,
    pub(crate) hash: String,
    pub(crate) flows_text: String,
    pub(crate) log: LogSink,
    pub(crate) limits: Limits,
    pub(crate) totals: Totals,
    pub(crate) base_dir: std::path::PathBuf,
    find: fn(&str) -> Option<crate::node::MakeNode>,
    random: u64,
    began: (f64, Instant),
}

/// Bounds that stay the same while the engine runs.
pub(crate) struct Limits {
    pub(crate) queue: usize,
    pub(crate) sink_queue: usize,
}

/// Counts over all nodes and routers.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Totals {
    /// Messages sent on wires, once per wire.
    pub sent: u64,
    /// Messages handed to nodes.
    pub delivered: u64,
    /// Messages that routers stopped.
    pub stopped: u64,
    /// Messages given to other runtimes.
    pub remote: u64,
    /// Messages that found the local queue full, or no node to take them.
    pub refused: u64,
    /// Messages that were still inside at the end.
    pub lost: u64,
    /// Errors of nodes.
    pub errors: u64,
}

/// A node and what the engine keeps of it.
pub(crate) struct Slot {
    pub(crate) info: Rc<NodeInfo>,
    pub(crate) env: Env,
    /// Out while it runs.
    node: Option<Box<dyn Node>>,
    pub(crate) state: State,
    /// Targets by output, in order.
    pub(crate) outs: Rc<Vec<Vec<Target>>>,
    pub(crate) tasks: Vec<tokio::task::AbortHandle>,
    pub(crate) generation: u64,
    pub(crate) received: u64,
    pub(crate) errors: u64,
    pub(crate) status: Option<Status>,
}

/// What a node is up to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// Runs.
    Up,
    /// Lives on another runtime of the fleet.
    Absent,
    /// Was closed.
    Closed,
    /// Could not be made.
    Broken(String),
}

/// One end of a wire.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) to: u32,
    pub(crate) wire: Arc<ir::Wire>,
    pub(crate) chain: u32,
    /// The wire's number, the same in every stack.
    pub(crate) lane: u32,
}

/// What became of the messages of one wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub(crate) struct WireCounts {
    pub(crate) sent: u64,
    pub(crate) delivered: u64,
    pub(crate) stopped: u64,
    pub(crate) remote: u64,
    pub(crate) refused: u64,
}

/// The number of no wire.
pub(crate) const NO_WIRE: u32 = u32::MAX;

/// A message on its way to a node's input.
pub(crate) struct Delivery {
    pub(crate) to: u32,
    /// The wire that it came by.
    pub(crate) lane: u32,
    pub(crate) msg: Message,
    pub(crate) ack: Option<super::command::Ack>,
}

impl Core {
    pub(crate) fn new(
        deploy: Deploy,
        options: &mut Options,
        mailbox: mpsc::Sender<Posted>,
    ) -> Result<Self, String> {
        let base_dir = options.base_dir.clone();
        let mut states = States::new();
        let mut taps = Taps::new(options.sink_queue, base_dir.clone(), options.stdout.take());
        let stack = Rc::new(Stack::empty(&deploy.flow.hash, &mut states, &mut taps)?);
        let mut core = Self {
            nodes: Vec::with_capacity(deploy.flow.nodes.len()),
            by_id: FxHashMap::default(),
            configs: deploy.flow.configs.into_iter().collect(),
            listeners: Listeners::new(deploy.flow.nodes.iter().map(|n| &n.info)),
            queue: VecDeque::new(),
            posted: VecDeque::new(),
            timers: Timers::default(),
            contexts: Contexts::default(),
            shared: HashMap::new(),
            mailbox,
            ledger: Ledger::new(Arc::new(stack.set().clone()), wall_ms(), options.history),
            stack,
            states,
            former: Vec::new(),
            unsettled: false,
            closing: JoinSet::new(),
            holds: Holds::new(options.held),
            wires: Vec::new(),
            ending: false,
            hard: false,
            taps,
            io: options.io.clone(),
            modules: options.modules.clone(),
            uplink: None,
            hash: deploy.flow.hash,
            flows_text: std::mem::take(&mut options.flows_text),
            log: options.log.clone(),
            limits: Limits { queue: options.queue, sink_queue: options.sink_queue },
            totals: Totals::default(),
            base_dir,
            find: options.find,
            random: std::hash::RandomState::new().build_hasher().finish(),
            began: (wall_ms(), Instant::now()),
        };
        for (index, node) in (0..).zip(deploy.flow.nodes) {
            if core.by_id.insert(node.info.id.clone(), index).is_some() {
                return Err(format!("the flow has two nodes with the id `{}`", node.info.id));
            }
            core.nodes.push(Slot::new(node.info, node.env));
        }
        core.rewire();
        if let Some(set) = deploy.stack {
            let sources = std::mem::take(&mut options.sources);
            let (by, why) = (std::mem::take(&mut options.by), "started".to_owned());
            let change = Change { set, sources, by, why, expected: None };
            core.change(change).map_err(|refusal| refusal.to_string())?;
        }
        Ok(core)
    }

    /// Makes every node that lives here and is not up yet, then starts them in file order.
    pub(crate) fn start_nodes(&mut self) {
        let fresh: Vec<u32> =
            (0u32..).zip(&self.nodes).filter(|(_, s)| s.node.is_none()).map(|(i, _)| i).collect();
        let here: Vec<u32> = fresh.into_iter().filter(|&index| self.make_node(index)).collect();
        for index in here {
            self.with_node(index, |node, cx| node.start(cx));
        }
    }

    /// Makes one node; false when it lives elsewhere.
    fn make_node(&mut self, index: u32) -> bool {
        let Some(slot) = self.nodes.get_mut(index as usize) else { return false };
        if self.stack.is_absent(&slot.info.id) {
            slot.state = State::Absent;
            return false;
        }
        let made = match (self.find)(&slot.info.ty).or_else(|| crate::nodes::of_instances(&slot.info.ty)) {
            Some(make) => make(&slot.info),
            None => Err(format!("this runtime has no node type `{}`", slot.info.ty)),
        };
        slot.generation += 1;
        match made {
            Ok(node) => {
                slot.node = Some(node);
                slot.state = State::Up;
            }
            Err(why) => {
                slot.node = Some(Box::new(Broken(why.clone())));
                slot.state = State::Broken(why.clone());
                let who = format!("node:{}", slot.info.id);
                (self.log)(Level::Error, &who, &why);
            }
        }
        true
    }

    /// Closes the nodes in file order. What one sends while it closes still reaches those that are not closed, until the
    /// deadline.
    pub(crate) fn close_nodes(&mut self, deadline: Instant) {
        self.rest(deadline);
        for index in 0..self.nodes.len() as u32 {
            self.close_node(index);
            self.rest(deadline);
        }
    }

    /// Delivers what waits until nothing does.
    fn rest(&mut self, deadline: Instant) {
        while !self.is_idle() && Instant::now() < deadline {
            self.drain(1024);
        }
    }

    pub(crate) fn close_node(&mut self, index: u32) {
        self.with_node(index, |node, cx| node.close(cx));
        self.timers.cancel_node(index);
        if let Some(slot) = self.nodes.get_mut(index as usize) {
            slot.node = None;
            slot.state = State::Closed;
            slot.generation += 1;
            slot.tasks.drain(..).for_each(|task| task.abort());
        }
    }

    /// Whether nothing waits inside.
    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.posted.is_empty()
    }

    /// Delivers at most so many messages of the local queue.
    pub(crate) fn drain(&mut self, most: usize) {
        for _ in 0..most {
            if let Some(posted) = self.posted.pop_front() {
                self.event(posted);
                continue;
            }
            let Some(delivery) = self.queue.pop_front() else { return };
            self.deliver(delivery);
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        let Delivery { to, lane, msg, ack } = delivery;
        let state = self.nodes.get(to as usize).map(|slot| slot.state.clone());
        let gone = match state {
            Some(State::Up | State::Broken(_)) => {
                self.totals.delivered += 1;
                self.on_wire(lane, |wire| wire.delivered += 1);
                if let Some(slot) = self.nodes.get_mut(to as usize) {
                    slot.received += 1;
                }
                self.with_node(to, |node, cx| node.on_message(msg, cx));
                return ack.into_iter().for_each(|ack| ack(Ok(())));
            }
            Some(State::Absent) => match self.forward(to, msg, 0) {
                Ok(()) => {
                    self.on_wire(lane, |wire| wire.remote += 1);
                    return ack.into_iter().for_each(|ack| ack(Ok(())));
                }
                Err((_, why)) => format!("lives on another runtime: {why}"),
            },
            Some(State::Closed) => "is closed".to_owned(),
            None => "does not exist".to_owned(),
        };
        self.totals.refused += 1;
        self.on_wire(lane, |wire| wire.refused += 1);
        let id = self.info(to).map(|info| info.id.clone()).unwrap_or_default();
        let why = format!("a message is lost: its node `{id}` {gone}");
        self.log(Level::Warn, "engine", &why);
        ack.into_iter().for_each(|ack| ack(Err(Undelivered::Refused(why.clone()))));
    }

    /// Whether a node lives on another runtime.
    pub(crate) fn is_elsewhere(&self, node: u32) -> bool {
        self.nodes.get(node as usize).is_some_and(|slot| slot.state == State::Absent)
    }

    /// Sends a message after its node, which lives elsewhere: it moved while the message was under way, or a redirect leads
    /// there.
    pub(crate) fn forward(&mut self, node: u32, msg: Message, hops: u8) -> Result<(), (Message, String)> {
        let stack = self.stack.clone();
        let id = self.info(node).map(|info| info.id.clone()).unwrap_or_default();
        let Some(home) = stack.home(&id) else {
            return Err((msg, "the stack does not say where".to_owned()));
        };
        let Some(uplink) = self.uplink.as_mut() else {
            return Err((msg, "this runtime has no link to others".to_owned()));
        };
        uplink.forward(home, &id, msg, hops)?;
        self.totals.remote += 1;
        Ok(())
    }

    /// Runs everything that is due.
    pub(crate) fn fire(&mut self) {
        let (now, youngest) = (Instant::now(), self.timers.youngest());
        while let Some(due) = self.timers.pop(now, youngest) {
            match due {
                Due::Node(index, token) => self.with_node(index, |node, cx| node.on_timer(token, cx)),
                Due::Held(id) => self.expire(id),
                Due::Overlays => self.end_overlays(),
            }
        }
    }

    /// Hands an event to its node, unless the node has been closed since.
    pub(crate) fn event(&mut self, posted: Posted) {
        let current = self.nodes.get(posted.node as usize).map(|slot| slot.generation);
        if current == Some(posted.generation) {
            self.with_node(posted.node, |node, cx| node.on_event(posted.event, cx));
        }
    }

    /// Puts a message into the queue for a node; false: the queue is full, and it is counted.
    pub(crate) fn push(&mut self, to: u32, msg: Message) -> bool {
        if self.queue.len() >= self.limits.queue {
            self.totals.refused += 1;
            return false;
        }
        self.queue.push_back(Delivery { to, lane: NO_WIRE, msg, ack: None });
        true
    }

    /// Lends a node out of its slot for one call.
    pub(crate) fn with_node(&mut self, index: u32, run: impl FnOnce(&mut dyn Node, &mut Cx<'_>)) {
        let Some(mut node) = self.nodes.get_mut(index as usize).and_then(|slot| slot.node.take()) else {
            return;
        };
        let Some(info) = self.nodes.get(index as usize).map(|slot| slot.info.clone()) else { return };
        run(node.as_mut(), &mut Cx { core: self, me: index, info });
        if let Some(slot) = self.nodes.get_mut(index as usize) {
            slot.node = Some(node);
        }
    }

    pub(crate) fn info(&self, index: u32) -> Option<&NodeInfo> {
        self.nodes.get(index as usize).map(|slot| &*slot.info)
    }

    pub(crate) fn log(&self, level: Level, from: &str, text: &str) {
        (self.log)(level, from, text);
    }

    /// Wall clock, which runs with tokio's clock, so that a paused test stands still.
    pub(crate) fn now_ms(&self) -> f64 {
        self.began.0 + self.began.1.elapsed().as_secs_f64() * 1000.0
    }

    /// When a wall clock time is on tokio's clock; a time too far away is a day from now, and then asked again.
    pub(crate) fn instant(&self, at_ms: f64) -> Instant {
        const DAY_MS: f64 = 86_400_000.0;
        let wait = (at_ms - self.now_ms()).clamp(0.0, DAY_MS);
        Instant::now()
            + std::time::Duration::from_secs_f64(if wait.is_finite() { wait.ceil() / 1000.0 } else { 0.0 })
    }

    /// splitmix64: not for secrets.
    pub(crate) fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn new_id(&mut self) -> String {
        format!("{:016x}", self.random())
    }

    /// Gives a message an identity when it has none.
    pub(crate) fn identify(&mut self, msg: &mut Message) {
        if msg.id().is_empty() {
            let id = self.new_id();
            msg.set("_msgid", Value::text(id));
        }
    }
}

impl Slot {
    fn new(info: NodeInfo, env: Vec<(String, serde_json::Value)>) -> Self {
        let info = Rc::new(info);
        let vars = env.iter().map(|(name, value)| (name.clone(), Value::from_json(value))).collect();
        Self {
            env: Env::new(info.clone(), vars),
            info,
            node: None,
            state: State::Closed,
            outs: Rc::default(),
            tasks: Vec::new(),
            generation: 0,
            received: 0,
            errors: 0,
            status: None,
        }
    }
}

fn wall_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|d| d.as_secs_f64() * 1000.0).unwrap_or(0.0)
}

/// Stands for a node that could not be made.
struct Broken(String);

impl Node for Broken {
    fn on_message(&mut self, msg: Message, cx: &mut crate::node::NodeCx<'_>) {
        cx.error(&self.0, Some(&msg));
    }
}
