//! What routers did with a message, in words: for traces, failed tests and replays.

mod because;
mod did;
pub mod values;

use std::cell::RefCell;

use route_chain::ir::{self, Op};
use route_chain::trace::{Did, Visit};
use route_grammar::{FileId, Sources, Span};
use serde::Serialize;
use serde_json::Value as Json;

pub use because::{Because, Named};
pub(crate) use because::{as_written, because, lowered, text_of};

use crate::Output;
use crate::flow::NodeIx;
use crate::hir;
use crate::lower::{Origins, Written};
use crate::world::{End, Hop, Stage};

/// Tells what happened in worlds of a stack.
pub struct Teller<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) routers: &'a [hir::Router],
    pub(crate) stage: &'a Stage<'a>,
    pub(crate) origins: RefCell<Origins<'a>>,
}

/// The way of one message through one chain.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// Source node and output: `"Read sensor"`, `"Threshold".2`.
    pub from: String,
    /// Destination.
    pub to: String,
    /// The runtime that did this; empty without a fleet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runtime: String,
    /// When, milliseconds since 1970.
    pub at: f64,
    /// It went on after this router had held it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The message as it came.
    pub came: Json,
    /// What each router did, in order.
    pub routers: Vec<RouterTold>,
    /// `delivered`, `redirected`, `stopped`, `held`, `sent`, `lost`
    pub end: &'static str,
    /// The end in words.
    pub ended: String,
    /// The message as it left.
    pub left: Json,
}

/// What one router did.
#[derive(Clone, Debug, Serialize)]
pub struct RouterTold {
    /// `filter`, `halt`, …
    pub kind: String,
    /// Name.
    pub name: String,
    /// Layer.
    pub layer: String,
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Whether its `when` held.
    pub applies: bool,
    /// Whether the message's way ended here.
    pub ends: bool,
    /// What it did, in words.
    pub did: String,
    /// Why.
    pub because: Vec<Because>,
    /// What it changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Changed>,
    /// What it copied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<Json>,
    /// Its name in the text.
    #[serde(skip)]
    pub place: Option<(FileId, Span)>,
}

/// A change of `set`.
#[derive(Clone, Debug, Serialize)]
pub struct Changed {
    /// `msg.payload.unit`
    pub path: String,
    /// What was there; `null` also when nothing was.
    pub before: Json,
    /// What is there now.
    pub after: Json,
    /// In words.
    #[serde(skip)]
    pub shown: String,
}

impl<'a> Teller<'a> {
    /// For the worlds of a stage that was made of this output.
    pub fn new(output: &'a Output, stage: &'a Stage<'a>) -> Self {
        let routers = &output.stack.routers;
        let origins = RefCell::new(Origins::new(stage.graph, routers));
        Self { sources: &output.sources, routers, stage, origins }
    }

    /// Tells one hop.
    pub fn hop(&self, hop: &Hop) -> Told {
        let (from, to) = self.ends(hop.wire);
        let name =
            |router: u32| self.stage.router(hop.site, router).map_or(String::new(), |r| r.name.clone());
        let runtime = self.stage.set(hop.site).and_then(|set| set.fleet.as_ref());
        Told {
            from,
            to,
            runtime: runtime.map_or(String::new(), |fleet| fleet.me.clone()),
            at: hop.at_ms,
            after: hop.resumed.map(name),
            came: hop.came.to_json(),
            routers: self.visits(hop),
            end: self.end(&hop.end),
            ended: self.ended(hop),
            left: hop.left.to_json(),
        }
    }

    fn visits(&self, hop: &Hop) -> Vec<RouterTold> {
        let chain = self.stage.chain(hop.wire).1;
        let steps = self.stage.set(hop.site).and_then(|set| set.chains.get(chain as usize));
        let steps = steps.map(|chain| chain.steps.as_slice()).unwrap_or_default();
        hop.visits
            .iter()
            .enumerate()
            .map(|(at, visit)| {
                let last = at + 1 == hop.visits.len();
                let ends = last && !matches!(hop.end, End::Delivered | End::Redirected(_) | End::Lost(_));
                self.visit(hop, visit, steps.get(visit.step as usize), ends)
            })
            .collect()
    }

    fn visit(&self, hop: &Hop, visit: &Visit, step: Option<&ir::Step>, ends: bool) -> RouterTold {
        let written = self.origins.borrow_mut().of(visit.router, hop.wire);
        let info = self.stage.router(hop.site, visit.router);
        let place = self.routers.get(visit.router as usize).map(|router| (router.file, router.name_span));
        let text = |get: fn(&ir::Router) -> &String| info.map_or(String::new(), |info| get(info).clone());
        let (changes, copy) = match &visit.did {
            Did::Changed(changes) => (changes.iter().map(|c| self.change(hop, c)).collect(), None),
            Did::Copied { copy, .. } => (Vec::new(), Some(copy.to_json())),
            _ => (Vec::new(), None),
        };
        RouterTold {
            kind: text(|r| &r.kind),
            name: text(|r| &r.name),
            layer: text(|r| &r.layer),
            file: text(|r| &r.file),
            line: info.map_or(0, |info| info.line),
            applies: !matches!(visit.did, Did::Skipped),
            ends,
            did: self.did(hop, visit, step),
            because: self.because(hop, visit, step, &written),
            changes,
            copy,
            place,
        }
    }

    /// Why it did what it did.
    fn because(
        &self,
        hop: &Hop,
        visit: &Visit,
        step: Option<&ir::Step>,
        written: &Written<'_>,
    ) -> Vec<Because> {
        let Some(set) = self.stage.set(hop.site) else { return Vec::new() };
        let mut found = Vec::new();
        if let Some(when) = &visit.when {
            let cond = step.and_then(|step| step.when.as_ref());
            let leaf = |at, negated| lowered(set, cond, at, negated);
            found.extend(because(when, &written.when, &set.paths, self.sources, &leaf));
        }
        if let Did::Kept(keep) | Did::Dropped(keep) = &visit.did {
            let cond = step.and_then(|step| match &step.op {
                Op::Keep(cond) => Some(cond),
                _ => None,
            });
            let leaf = |at, negated| lowered(set, cond, at, negated);
            found.extend(because(keep, &written.keep, &set.paths, self.sources, &leaf));
        }
        found
    }

    /// Source with its output, unless it is the only one, and destination of a wire.
    pub fn ends(&self, wire: u32) -> (String, String) {
        let graph = self.stage.graph;
        let Some(wire) = graph.wires.get(wire as usize) else { return (String::new(), String::new()) };
        let from = self.node(wire.from.0);
        let outputs = graph.node(wire.from).map_or(1, |node| node.outputs);
        let from = if outputs > 1 { format!("{from}.{}", wire.port + 1) } else { from };
        (from, self.node(wire.to.0))
    }

    /// A node as people know it, in quotes: its name, else its type and id.
    pub fn node(&self, node: u32) -> String {
        match self.stage.graph.node(NodeIx(node)) {
            Some(node) if !node.name.is_empty() => format!("{:?}", node.name),
            Some(node) => format!("{} {:?}", node.ty, node.id),
            None => String::new(),
        }
    }

    fn end(&self, end: &End) -> &'static str {
        match end {
            End::Delivered => "delivered",
            End::Redirected(_) => "redirected",
            End::Lost(_) => "lost",
            End::Stopped { .. } => "stopped",
            End::Held { .. } => "held",
            End::Sent { .. } => "sent",
        }
    }

    fn ended(&self, hop: &Hop) -> String {
        let name =
            |router: u32| self.stage.router(hop.site, router).map_or(String::new(), |r| r.name.clone());
        match &hop.end {
            End::Delivered => format!("delivered to {}", self.ends(hop.wire).1),
            End::Redirected(node) => format!("redirected to {}", self.node(*node)),
            End::Lost(id) => format!("lost: there is no node `{id}`"),
            End::Stopped { router, as_error: true, reason } => {
                let reason = reason.as_deref().unwrap_or("halted");
                format!("stopped by `{}`, with the error `{reason}`", name(*router))
            }
            End::Stopped { router, .. } => format!("stopped by `{}`", name(*router)),
            End::Held { router, until_ms } if until_ms.is_finite() => {
                format!("held by `{}` for {}", name(*router), did::lasting(until_ms - hop.at_ms))
            }
            End::Held { router, .. } => format!("kept by `{}` until it can be sent", name(*router)),
            End::Sent { to, .. } => format!("sent to {to}, for {}", self.ends(hop.wire).1),
        }
    }
}
