//! What the status shows of a running engine.

use std::collections::{HashMap, HashSet};

use route_chain::ir::{Op, Sink};
use serde_json::{Value as Json, json};

use super::command::Wanted;
use super::core::{Core, State, Target};
use super::ledger::Overlay;

impl Core {
    /// Stack, routers with counts, sinks, totals; wires and nodes when they are wanted.
    pub(crate) fn status(&mut self, wanted: Wanted) -> Json {
        let stack = self.stack.clone();
        let set = stack.set();
        let states = &mut self.states;
        let streams: HashSet<u32> = set
            .chains
            .iter()
            .flat_map(|chain| &chain.steps)
            .filter(|step| matches!(&step.op, Op::Tap(tap) if tap.sink == Sink::Stream))
            .map(|step| step.router)
            .collect();
        let routers = (0u32..).zip(&set.routers).map(|(index, router)| {
            let mut counts = stack.counts(index, states);
            counts.dropped_copies += stack.tap(index).map_or(0, |tap| tap.lost());
            json!({
                "name": router.name,
                "kind": router.kind,
                "layer": router.layer,
                "file": router.file,
                "line": router.line,
                "stream": streams.contains(&index),
                "counts": counts,
            })
        });
        let routers: Vec<Json> = routers.collect();
        let mut status = json!({
            "flows": self.hash,
            "stack": self.stack_status(),
            "runtime": set.fleet.as_ref().map(|fleet| &fleet.me),
            "routers": routers,
            "taps": self.taps.status(),
            "uplink": self.uplink.as_ref().map(|uplink| uplink.status()),
            "now_ms": self.now_ms(),
            "queue": self.queue.len(),
            "queue_most": self.limits.queue,
            "held": self.holds.len(),
            "held_most": self.holds.most(),
            "totals": self.totals,
        });
        if wanted.wires {
            status["wires"] = self.wires_status().into();
        }
        if wanted.nodes {
            status["nodes"] = self.nodes_status().into();
        }
        status
    }

    fn stack_status(&self) -> Json {
        let entry = self.ledger.current();
        let overlay = |o: &Overlay| {
            let routers = entry.set.routers.iter().filter(|router| router.layer == o.name).count();
            json!({ "name": o.name, "owner": o.owner, "since_ms": o.since_ms, "until_ms": o.until_ms, "routers": routers })
        };
        json!({
            "name": entry.set.stack,
            "number": entry.number,
            "tag": self.ledger.tag(),
            "source": entry.set.source,
            "by": entry.by,
            "at_ms": entry.at_ms,
            "why": entry.why,
            "earlier": self.ledger.earlier(),
            "overlays": entry.sources.overlays.iter().map(overlay).collect::<Vec<_>>(),
        })
    }

    fn wires_status(&self) -> Vec<Json> {
        let mut holds: HashMap<u32, u64> = HashMap::new();
        for (_, held) in self.holds.iter() {
            *holds.entry(held.run.lane).or_insert(0) += 1;
        }
        let wire = |t: &Target| {
            let counts = self.wires.get(t.lane as usize).copied().unwrap_or_default();
            json!({
                "from": t.wire.from,
                "port": t.wire.port,
                "to": t.wire.to,
                "routers": self.stack.set().chains.get(t.chain as usize).map_or(0, |chain| chain.steps.len()),
                "sent": counts.sent,
                "delivered": counts.delivered,
                "stopped": counts.stopped,
                "remote": counts.remote,
                "refused": counts.refused,
                "holds": holds.get(&t.lane).copied().unwrap_or(0),
            })
        };
        self.nodes.iter().flat_map(|slot| slot.outs.iter().flatten()).map(wire).collect()
    }

    fn nodes_status(&self) -> Vec<Json> {
        let nodes = self.nodes.iter().map(|slot| {
            let (state, why) = match &slot.state {
                State::Up => ("up", None),
                State::Absent => ("absent", None),
                State::Closed => ("closed", None),
                State::Broken(why) => ("broken", Some(why)),
            };
            json!({
                "id": slot.info.id,
                "type": slot.info.ty,
                "name": slot.info.name,
                "z": slot.info.z,
                "state": state,
                "why": why,
                "received": slot.received,
                "errors": slot.errors,
                "status": slot.status,
            })
        });
        nodes.collect()
    }
}
