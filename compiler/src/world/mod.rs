//! A flow graph with a stack on it and without its nodes: messages run through the chains of their wires, with a clock
//! and dice that whoever runs it turns. Tests and traces run here.
//!
//! What a node does with a message is not known. Only nodes that hand messages on unchanged (junctions, link nodes,
//! subflow instances) do so; others do what a test's stubs say, and without one a message ends at them.

mod desk;
mod run;

use std::collections::VecDeque;
use std::sync::Arc;

use route_chain::Message;
use route_chain::format::FormatError;
use route_chain::host::{CallResult, Position};
use route_chain::ir::{self, ChainSet};
use route_chain::state::States;
use route_chain::trace::{Tracer, Visit};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::flow::{Edges, FlowGraph, NodeIx};
use crate::testing::plan::Reply;
use desk::Desk;

/// What all worlds of a stack share: the graph, and the chains of each runtime of the fleet.
pub struct Stage<'a> {
    /// The flow graph.
    pub graph: &'a FlowGraph,
    edges: Edges,
    /// By node: the site that it lives at.
    homes: Vec<u32>,
    sites: Vec<Site>,
}

/// One runtime of the fleet; the only one when there is no fleet.
pub struct Site {
    /// Its name; empty when there is no fleet.
    pub name: String,
    tracer: Tracer,
    /// By wire of the graph.
    chains: Vec<u32>,
}

/// Runs router modules (`call`) for a world.
pub trait Modules {
    /// One message at a router of that index.
    fn call(&mut self, router: u32, call: &ir::Call, wire: &ir::Wire, msg: Message) -> CallResult;
}

/// Knows no module: every call is a fault.
pub struct NoModules;

impl Modules for NoModules {
    fn call(&mut self, _: u32, call: &ir::Call, _: &ir::Wire, msg: Message) -> CallResult {
        CallResult::Fault(msg, format!("no router module is called `{}`", call.plugin))
    }
}

/// Messages under way.
pub struct World<'a> {
    stage: &'a Stage<'a>,
    tracers: Vec<Tracer>,
    desk: Desk<'a>,
    stubs: FxHashMap<u32, Vec<Reply>>,
    /// Runtimes that cannot be reached.
    away: FxHashSet<String>,
    /// Sent on a wire and not yet run through its chain.
    queue: VecDeque<(u32, Message)>,
    held: Vec<Held>,
    /// Turns of `round robin`, by site and router.
    turns: FxHashMap<(u32, u32), usize>,
    hops: Vec<Hop>,
    events: Vec<Event>,
}

/// A message that waits.
struct Held {
    wire: u32,
    site: u32,
    router: u32,
    at: Position,
    /// The router that redirected it.
    redirect: Option<u32>,
    until_ms: f64,
    /// When its time is over it goes on; otherwise it is stopped.
    pass: bool,
    msg: Message,
}

/// The way of one message through the chain of one wire, or through the rest of it after it was held.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Index of the wire.
    pub wire: u32,
    /// The site whose chain it was.
    pub site: u32,
    /// When, milliseconds since 1970.
    pub at_ms: f64,
    /// The message as it came.
    pub came: Message,
    /// The message as it was when it left the chain.
    pub left: Message,
    /// Went on after it was held, by this router.
    pub resumed: Option<u32>,
    /// What each router did.
    pub visits: Vec<Visit>,
    /// How it ended.
    pub end: End,
}

/// How a hop ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// At the node at the end of the wire.
    Delivered,
    /// At another node.
    Redirected(u32),
    /// A node is not there: the id that a redirect leads to.
    Lost(String),
    /// By a router, for a reason.
    Stopped {
        /// Index.
        router: u32,
        /// Said to people.
        reason: Option<String>,
        /// Raised at the source node.
        as_error: bool,
    },
    /// By a router, for so long; infinite: until a runtime can be reached.
    Held {
        /// Index.
        router: u32,
        /// Milliseconds since 1970.
        until_ms: f64,
    },
    /// To another runtime, where the node got it.
    Sent {
        /// Index.
        router: u32,
        /// Runtime.
        to: String,
    },
}

/// Something that happened to a message, as tests ask for it.
#[derive(Clone, Debug)]
pub struct Event {
    /// What.
    pub what: What,
    /// The router that did it.
    pub router: Option<String>,
    /// Index of the wire that the message was on.
    pub wire: u32,
    /// When, milliseconds since 1970.
    pub at_ms: f64,
    /// The message, or the copy of a tap.
    pub msg: Message,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A node got it. `on`: the node handed it on, so that it is no end; `copy`: it is the copy of a tap.
    #[allow(missing_docs)]
    Delivered { node: u32, on: bool, copy: bool },
    /// A redirect brought it to this node.
    Redirected(u32),
    /// A router stopped it.
    Stopped,
    /// A router holds it.
    Held,
    /// Another runtime got it.
    Sent(String),
    /// A tap copied it.
    Tapped,
    /// An error was raised at the source node.
    Error(String),
}

/// Why a world came to an end before it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// Stubs send messages round without end.
    Endless,
    /// A wire cannot carry a message: one of its nodes is disabled.
    Dead(u32),
}

/// Most hops that follow one message, or one that was held.
pub const MOST_HOPS: usize = 10_000;

/// Where the clock of a world stands at first: the beginning of 2026, milliseconds since 1970.
pub const BEGIN_MS: f64 = 1_767_225_600_000.0;

impl<'a> Stage<'a> {
    /// From the sets of one stack, each compiled for another runtime of the fleet; one set when there is no fleet.
    ///
    /// # Errors
    /// A set that is damaged.
    pub fn new(graph: &'a FlowGraph, sets: Vec<Arc<ChainSet>>) -> Result<Self, FormatError> {
        let mut homes = vec![0; graph.nodes.len()];
        let mut sites = Vec::new();
        for (at, set) in (0_u32..).zip(sets) {
            let absent: FxHashSet<&str> =
                set.fleet.iter().flat_map(|fleet| fleet.absent.iter().map(String::as_str)).collect();
            for (home, node) in homes.iter_mut().zip(&graph.nodes) {
                if !absent.contains(node.id.as_str()) {
                    *home = at;
                }
            }
            let known: FxHashMap<(&str, u32, &str), u32> =
                set.wires.iter().map(|w| ((w.from.as_str(), w.port, w.to.as_str()), w.chain)).collect();
            let id = |node: NodeIx| graph.node(node).map_or("", |n| n.id.as_str());
            let chain = |w: &crate::flow::Wire| known.get(&(id(w.from), w.port, id(w.to))).copied();
            let chains = graph.wires.iter().map(|wire| chain(wire).unwrap_or(0)).collect();
            let tracer = Tracer::bind(set.clone(), &mut States::new())?;
            let name = set.fleet.as_ref().map_or(String::new(), |fleet| fleet.me.clone());
            sites.push(Site { name, tracer, chains });
        }
        Ok(Self { graph, edges: graph.edges(), homes, sites })
    }

    /// The set of a site.
    pub fn set(&self, site: u32) -> Option<&ChainSet> {
        self.sites.get(site as usize).map(|site| site.tracer.set())
    }

    /// The site whose chain a wire has, and the chain.
    pub fn chain(&self, wire: u32) -> (u32, u32) {
        let from = self.graph.wires.get(wire as usize).map_or(0, |wire| wire.from.0);
        let site = self.homes.get(from as usize).copied().unwrap_or(0);
        let chains = self.sites.get(site as usize).map(|site| site.chains.as_slice()).unwrap_or_default();
        (site, chains.get(wire as usize).copied().unwrap_or(0))
    }

    /// A router of a site.
    pub fn router(&self, site: u32, router: u32) -> Option<&ir::Router> {
        self.set(site)?.routers.get(router as usize)
    }
}

impl<'a> World<'a> {
    /// A world in which nothing has happened. The dice fall by the seed.
    pub fn new(stage: &'a Stage<'a>, begin_ms: f64, seed: u64, modules: Box<dyn Modules + 'a>) -> Self {
        let mut states: Vec<States> = stage.sites.iter().map(|_| States::new()).collect();
        let tracers = stage.sites.iter().zip(&mut states).map(|(site, s)| site.tracer.bind_anew(s)).collect();
        Self {
            stage,
            tracers,
            desk: Desk::new(states, begin_ms, seed, modules),
            stubs: FxHashMap::default(),
            away: FxHashSet::default(),
            queue: VecDeque::new(),
            held: Vec::new(),
            turns: FxHashMap::default(),
            hops: Vec::new(),
            events: Vec::new(),
        }
    }

    /// What happened since [`World::forget`], in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Every way through a chain since [`World::forget`], in order.
    pub fn hops(&self) -> &[Hop] {
        &self.hops
    }

    /// Forgets what happened; what is held stays.
    pub fn forget(&mut self) {
        self.events.clear();
        self.hops.clear();
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> f64 {
        self.desk.now_ms
    }

    /// A random number in `0..1`.
    pub fn random(&mut self) -> f64 {
        self.desk.draw()
    }

    /// From now on the node does this with messages.
    pub fn stub(&mut self, node: u32, replies: Vec<Reply>) {
        self.stubs.insert(node, replies);
    }

    /// From now on the runtime cannot be reached.
    pub fn lose(&mut self, runtime: &str) {
        self.away.insert(runtime.to_owned());
    }

    /// How many messages wait.
    pub fn waiting(&self) -> usize {
        self.held.len()
    }
}
