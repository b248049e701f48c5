//! What the status shows of a running engine.

use serde_json::{Value as Json, json};

use super::core::{Core, State};

impl Core {
    /// Stack, routers with counts, wires, nodes, sinks, totals.
    pub(crate) fn status(&mut self) -> Json {
        let stack = self.stack.clone();
        let set = stack.set();
        let states = &mut self.states;
        let routers = (0u32..).zip(&set.routers).map(|(index, router)| {
            json!({
                "name": router.name,
                "kind": router.kind,
                "layer": router.layer,
                "file": router.file,
                "line": router.line,
                "counts": stack.counts(index, states),
            })
        });
        let routers: Vec<Json> = routers.collect();
        json!({
            "flows": self.hash,
            "stack": { "name": set.stack, "number": self.changes, "source": set.source, "earlier": self.history.len() },
            "runtime": set.fleet.as_ref().map(|fleet| &fleet.me),
            "routers": routers,
            "wires": self.wires_status(),
            "nodes": self.nodes_status(),
            "taps": self.taps.status(),
            "uplink": self.uplink.as_ref().map(|uplink| uplink.status()),
            "queue": self.queue.len(),
            "held": self.holds.len(),
            "totals": self.totals,
        })
    }

    fn wires_status(&self) -> Vec<Json> {
        let targets = self.nodes.iter().flat_map(|slot| slot.outs.iter().flatten());
        let wires = targets
            .map(|t| json!({ "from": t.wire.from, "port": t.wire.port, "to": t.wire.to, "chain": t.chain }));
        wires.collect()
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
