//! How messages move in a world: along wires, through chains, past stubs, and on after they were held.

use route_chain::eval;
use route_chain::host::{HoldKind, Position, Verdict};
use route_chain::ir;
use route_chain::trace::{Did, Visit};
use route_chain::{Message, Value};

use super::{End, Event, Held, Hop, MOST_HOPS, Stuck, What, World};
use crate::flow::NodeIx;
use crate::lower;

/// The wire that a message is on, and the site whose chain it runs through; both by index.
#[derive(Clone, Copy)]
struct On {
    wire: u32,
    site: u32,
}

/// Where a message enters its chain.
struct Entry {
    at: Position,
    /// The router that held it.
    resumed: Option<u32>,
    /// The router that redirected it before.
    redirect: Option<u32>,
}

impl World<'_> {
    /// Sends a message on a wire, and lets everything run that follows at once.
    ///
    /// # Errors
    /// [`Stuck`]
    pub fn send(&mut self, wire: u32, msg: Message) -> Result<(), Stuck> {
        if !self.alive(wire) {
            return Err(Stuck::Dead(wire));
        }
        self.queue.push_back((wire, msg));
        self.settle()
    }

    /// Moves the clock on; messages whose time is over go on, each at its time.
    ///
    /// # Errors
    /// [`Stuck`]
    pub fn advance(&mut self, ms: f64) -> Result<(), Stuck> {
        let end = self.desk.now_ms + ms;
        while let Some(next) = self.next_due(end) {
            let held = self.held.remove(next);
            self.desk.now_ms = self.desk.now_ms.max(held.until_ms);
            self.release(held);
            self.settle()?;
        }
        self.desk.now_ms = end;
        Ok(())
    }

    /// Moves the clock on until nothing is held any more that will ever be let go.
    ///
    /// # Errors
    /// [`Stuck`]
    pub fn finish(&mut self) -> Result<(), Stuck> {
        while let Some(next) = self.next_due(f64::MAX) {
            let until_ms = self.held[next].until_ms;
            self.advance((until_ms - self.desk.now_ms).max(0.0))?;
        }
        Ok(())
    }

    /// The first to be let go up to that time; of several, the one that was held first.
    fn next_due(&self, end: f64) -> Option<usize> {
        let due = self.held.iter().enumerate().filter(|(_, held)| held.until_ms <= end);
        due.min_by(|(_, a), (_, b)| a.until_ms.total_cmp(&b.until_ms)).map(|(at, _)| at)
    }

    fn release(&mut self, held: Held) {
        let Held { wire, site, router, at, redirect, pass, msg, .. } = held;
        let on = On { wire, site };
        if pass {
            return self.run(on, Entry { at, resumed: Some(router), redirect }, msg);
        }
        self.event(What::Stopped, Some((site, router)), wire, &msg);
    }

    fn settle(&mut self) -> Result<(), Stuck> {
        let mut left = MOST_HOPS;
        while let Some((wire, msg)) = self.queue.pop_front() {
            if left == 0 {
                self.queue.clear();
                return Err(Stuck::Endless);
            }
            left -= 1;
            let (site, chain) = self.stage.chain(wire);
            let entry = Entry { at: Position::start(chain), resumed: None, redirect: None };
            self.run(On { wire, site }, entry, msg);
        }
        Ok(())
    }

    /// Whether both ends of a wire exist at run time.
    fn alive(&self, wire: u32) -> bool {
        let graph = self.stage.graph;
        let live = |node: NodeIx| graph.node(node).is_some_and(|node| !node.disabled);
        graph.wires.get(wire as usize).is_some_and(|wire| live(wire.from) && live(wire.to))
    }

    /// Runs a message through a chain from a position on, and does what comes out.
    fn run(&mut self, on: On, entry: Entry, msg: Message) {
        let Some(name) = self.wire_by_id(on.wire, entry.at.chain) else { return };
        let Some(tracer) = self.tracers.get(on.site as usize) else { return };
        self.desk.site = on.site as usize;
        let came = msg.clone();
        let (verdict, visits) = tracer.run(entry.at, &name, msg, &mut self.desk);
        let met = visits.iter().rev().find(|visit| matches!(visit.did, Did::Redirected(_)));
        let redirect = met.map(|visit| visit.router).or(entry.redirect);
        self.note_taps(on, &visits);
        // What happens now may send more; its place in the record is here.
        let place = self.hops.len();
        let (On { wire, site }, at_ms, resumed) = (on, self.desk.now_ms, entry.resumed);
        let left = message(&verdict).clone();
        self.hops.push(Hop { wire, site, at_ms, came, left, resumed, visits, end: End::Delivered });
        let end = self.conclude(on, redirect, verdict);
        if let Some(hop) = self.hops.get_mut(place) {
            hop.end = end;
        }
    }

    /// A wire as chains know it.
    fn wire_by_id(&self, wire: u32, chain: u32) -> Option<ir::Wire> {
        let graph = self.stage.graph;
        let wire = graph.wires.get(wire as usize)?;
        let id = |node: NodeIx| graph.node(node).map(|node| node.id.clone());
        Some(ir::Wire { from: id(wire.from)?, port: wire.port, to: id(wire.to)?, chain })
    }

    fn note_taps(&mut self, on: On, visits: &[Visit]) {
        for visit in visits {
            if let Did::Copied { copy, .. } = &visit.did {
                self.event(What::Tapped, Some((on.site, visit.router)), on.wire, copy);
            }
        }
        for (to, copy) in std::mem::take(&mut self.desk.copies) {
            if let Some(node) = self.stage.graph.node_by_id(&to) {
                self.arrive(node, on.wire, copy, true);
            }
        }
    }

    fn conclude(&mut self, on: On, redirect: Option<u32>, verdict: Verdict) -> End {
        match verdict {
            Verdict::Deliver(msg) => {
                if let Some(to) = self.stage.graph.wires.get(on.wire as usize).map(|wire| wire.to) {
                    self.arrive(to, on.wire, msg, false);
                }
                End::Delivered
            }
            Verdict::Redirect { to, msg } => {
                let Some(node) = self.stage.graph.node_by_id(&to) else { return End::Lost(to.to_string()) };
                let by = redirect.map(|router| (on.site, router));
                self.event(What::Redirected(node.0), by, on.wire, &msg);
                self.arrive(node, on.wire, msg, false);
                End::Redirected(node.0)
            }
            Verdict::Stop { router, reason, as_error, msg } => {
                self.stop(on, router, reason.as_deref(), as_error, &msg)
            }
            Verdict::Hold { router, at, kind, release_at_ms, msg } => {
                let pass = kind != HoldKind::Break { pass: false };
                let On { wire, site } = on;
                let held = Held { wire, site, router, at, redirect, until_ms: release_at_ms, pass, msg };
                self.hold(held, kind == HoldKind::Limit)
            }
            Verdict::Remote { router, at, remote, key, msg } => {
                let Some(to) = self.reachable((on.site, router), &remote, key) else {
                    return self.cannot_send(on, router, Entry { at, resumed: None, redirect }, &remote, msg);
                };
                self.event(What::Sent(to.clone()), Some((on.site, router)), on.wire, &msg);
                let graph = self.stage.graph;
                let node = match &at.redirect {
                    Some(id) => graph.node_by_id(id),
                    None => graph.wires.get(on.wire as usize).map(|wire| wire.to),
                };
                if let Some(node) = node {
                    self.arrive(node, on.wire, msg, false);
                }
                End::Sent { router, to }
            }
        }
    }

    fn stop(&mut self, on: On, router: u32, reason: Option<&str>, as_error: bool, msg: &Message) -> End {
        let by = Some((on.site, router));
        self.event(What::Stopped, by, on.wire, msg);
        if as_error {
            self.event(What::Error(reason.unwrap_or("halted").to_owned()), by, on.wire, msg);
        }
        End::Stopped { router, reason: reason.map(str::to_owned), as_error }
    }

    fn hold(&mut self, held: Held, limit: bool) -> End {
        let Held { wire, site, router, until_ms, pass, .. } = held;
        let on = On { wire, site };
        let holds = self.held.iter().filter(|held| (held.site, held.router) == (site, router)).count() as u64;
        if self.most_held(site, held.at.chain, router).is_none_or(|most| holds < most) {
            self.event(What::Held, Some((site, router)), wire, &held.msg);
            self.held.push(held);
            return End::Held { router, until_ms };
        }
        // No room: a limit stops it, a breakpoint does what it would do when the time is over.
        if limit || !pass {
            return self.stop(on, router, None, false, &held.msg);
        }
        let Held { at, redirect, msg, .. } = held;
        self.run(on, Entry { at, resumed: Some(router), redirect }, msg);
        End::Held { router, until_ms: self.desk.now_ms }
    }

    /// How many messages a router holds at the most.
    fn most_held(&self, site: u32, chain: u32, router: u32) -> Option<u64> {
        let steps = &self.stage.set(site)?.chains.get(chain as usize)?.steps;
        steps.iter().filter(|step| step.router == router).find_map(|step| match &step.op {
            ir::Op::Break(brk) => Some(brk.max),
            ir::Op::Limit(ir::Limit { over: ir::Over::Hold { max }, .. }) => Some(*max),
            _ => None,
        })
    }

    /// The runtime that a message goes to, as the language chooses it; by `latency` all are equally near.
    fn reachable(&mut self, by: (u32, u32), remote: &ir::Remote, key: Option<Value>) -> Option<String> {
        let mut order: Vec<&String> = remote.to.iter().collect();
        match &remote.choose {
            ir::Choose::Hash(_) => {
                let at = eval::hash(&key.unwrap_or(Value::Null)) as usize % order.len().max(1);
                order = order.get(at).copied().into_iter().collect();
            }
            ir::Choose::RoundRobin => {
                let turn = self.turns.entry(by).or_insert(0);
                let by = *turn % order.len().max(1);
                order.rotate_left(by);
                *turn += 1;
            }
            ir::Choose::Order | ir::Choose::Latency => {}
        }
        order.into_iter().find(|name| !self.away.contains(*name)).cloned()
    }

    fn cannot_send(&mut self, on: On, router: u32, entry: Entry, remote: &ir::Remote, msg: Message) -> End {
        let why = format!("{} cannot be reached", remote.to.join(", "));
        match remote.unreachable {
            ir::Unreachable::Pass => {
                self.run(on, Entry { resumed: Some(router), ..entry }, msg);
                End::Held { router, until_ms: self.desk.now_ms }
            }
            ir::Unreachable::Error => self.stop(on, router, Some(&why), true, &msg),
            ir::Unreachable::Halt => self.stop(on, router, Some(&why), false, &msg),
            ir::Unreachable::Spool { .. } => {
                self.event(What::Held, Some((on.site, router)), on.wire, &msg);
                End::Held { router, until_ms: f64::INFINITY }
            }
        }
    }

    /// A node gets a message, and does what it is known to do.
    fn arrive(&mut self, node: NodeIx, wire: u32, msg: Message, copy: bool) {
        let replies = self.stubs.get(&node.0).cloned();
        let on = replies.is_none() && self.hands_on(node);
        self.push_event(What::Delivered { node: node.0, on, copy }, None, wire, &msg);
        match replies {
            Some(replies) => self.reply(node, wire, &replies, &msg),
            None if on => {
                let graph = self.stage.graph;
                let out = self.stage.edges.out_wires(node).iter().copied();
                let out: Vec<u32> = out.filter(|w| graph.wires[*w as usize].port == 0).collect();
                self.send_all(out, &msg);
            }
            None => {}
        }
    }

    /// Whether a node does nothing but hand messages on.
    fn hands_on(&self, node: NodeIx) -> bool {
        let graph = self.stage.graph;
        let hands_on = graph.node(node).is_some_and(|info| match info.ty.as_str() {
            "junction" | "link in" => true,
            "link out" => !graph.is_link_return(node),
            _ => graph.is_opened(node),
        });
        hands_on && !self.stage.edges.out_wires(node).is_empty()
    }

    /// A stubbed node sends what its replies say.
    fn reply(&mut self, node: NodeIx, wire: u32, replies: &[crate::testing::plan::Reply], came: &Message) {
        let graph = self.stage.graph;
        let on = graph.wires.get(wire as usize).map(|wire| (graph, wire));
        for reply in replies {
            let asked = reply.when.as_ref().map(|e| lower::Question::new(e, on));
            let holds = match asked {
                None => true,
                Some(Ok(question)) => question.ask(came, &mut || self.desk.draw()).holds,
                Some(Err(_)) => false,
            };
            if !holds {
                continue;
            }
            let msg = match &reply.message {
                None => came.clone(),
                Some(e) => match lower::value(e, on, came, &mut || self.desk.draw()) {
                    Ok(Some(Value::Object(object))) => Message::from_object((*object).clone()),
                    _ => continue,
                },
            };
            let out = graph.output_wires(&self.stage.edges, node, reply.output);
            self.send_all(out, &msg);
        }
    }

    fn send_all(&mut self, wires: Vec<u32>, msg: &Message) {
        for wire in wires {
            if self.alive(wire) {
                self.queue.push_back((wire, msg.clone()));
            }
        }
    }

    fn event(&mut self, what: What, by: Option<(u32, u32)>, wire: u32, msg: &Message) {
        let router = by.and_then(|(site, router)| self.stage.router(site, router));
        let router = router.map(|router| router.name.clone());
        self.push_event(what, router, wire, msg);
    }

    fn push_event(&mut self, what: What, router: Option<String>, wire: u32, msg: &Message) {
        let at_ms = self.desk.now_ms;
        self.events.push(Event { what, router, wire, at_ms, msg: msg.clone() });
    }
}

fn message(verdict: &Verdict) -> &Message {
    match verdict {
        Verdict::Deliver(msg)
        | Verdict::Redirect { msg, .. }
        | Verdict::Stop { msg, .. }
        | Verdict::Hold { msg, .. }
        | Verdict::Remote { msg, .. } => msg,
    }
}
