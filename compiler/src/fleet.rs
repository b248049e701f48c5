//! Runtimes and placement: which nodes live here, and which wires leave.

use route_chain::ir;
use route_grammar::Diagnostic;
use route_grammar::ast::{ItemKind, RuntimeClauseKind};

use crate::bits::Bits;
use crate::check::fleet::placed_twice;
use crate::codes;
use crate::hir::Const;
use crate::load::Placed;
use crate::resolver::Resolver;
use crate::scope::What;

/// Messages that wait for a runtime unless `limit queue` says otherwise.
const DEFAULT_QUEUE: u64 = 10_000;

/// The fleet, and where each node lives.
pub(crate) struct Placement {
    pub(crate) me: String,
    pub(crate) runtimes: Vec<ir::Runtime>,
    /// Per node, an index into `runtimes`.
    pub(crate) home: Vec<u32>,
    pub(crate) mine: u32,
}

impl Placement {
    /// Ids of the nodes that live elsewhere, and where.
    pub(crate) fn absent(&self, graph: &crate::flow::FlowGraph) -> (Vec<String>, Vec<u32>) {
        let elsewhere = graph.nodes.iter().zip(&self.home).filter(|(_, home)| **home != self.mine);
        elsewhere.map(|(node, home)| (node.id.clone(), *home)).unzip()
    }
}

impl<'a> Resolver<'a> {
    /// `None`: the stack has no runtimes.
    pub(crate) fn placement(&mut self, items: &'a [Placed]) -> Option<Placement> {
        let scope = self.scope;
        let runtimes: Vec<ir::Runtime> = scope.runtimes.keys().map(|name| self.runtime(name)).collect();
        let mut home = vec![0; self.index.graph.nodes.len()];
        let mut placed: Vec<Option<(&Placed, u32)>> = vec![None; home.len()];
        for item in items {
            let ItemKind::Place { ends, runtime } = &item.item.kind else { continue };
            let name = self.runtime_name(runtime, item.file);
            let sel = self.ends(ends, item.file);
            let (Some(name), Some(sel)) = (name, sel) else { continue };
            let Some(at) = runtimes.iter().position(|r| r.name == name) else { continue };
            let mut twice: Vec<(&Placed, u32)> = Vec::new();
            for node in self.with_inside(&sel.slots) {
                match placed[node as usize] {
                    Some((first, other)) if other != at as u32 => twice.push((first, node)),
                    Some(_) => {}
                    None => {
                        placed[node as usize] = Some((item, at as u32));
                        home[node as usize] = at as u32;
                    }
                }
            }
            if !twice.is_empty() {
                self.report(placed_twice::nodes(self, item, ends.span, &twice));
            }
        }
        let first = runtimes.first()?.name.clone();
        let me = match self.input.as_runtime {
            Some(name) if runtimes.iter().any(|r| r.name == name) => name.to_owned(),
            Some(name) => {
                self.no_such_runtime(name);
                first
            }
            None => first,
        };
        let mine = runtimes.iter().position(|r| r.name == me).unwrap_or(0) as u32;
        Some(Placement { me, runtimes, home, mine })
    }

    /// The nodes, and those inside of subflow instances among them, ascending, each once.
    fn with_inside(&self, slots: &Bits) -> Vec<u32> {
        let mut nodes = self.index.nodes(slots);
        let inside: Vec<u32> = nodes.iter().flat_map(|node| self.index.inside(*node)).collect();
        nodes.extend(inside);
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    fn no_such_runtime(&mut self, name: &str) {
        let Some(symbol) = self.scope.runtimes.values().next() else { return };
        let known: Vec<String> = self.scope.runtimes.keys().map(|n| format!("`{n}`")).collect();
        let message = format!("no runtime is named `{name}`, for which this was to be compiled");
        let d = Diagnostic::new(codes::UNKNOWN_RUNTIME, symbol.file, symbol.name.span, message)
            .help(format!("there are {}", known.join(", ")));
        self.report(d);
    }

    fn runtime(&mut self, name: &'a str) -> ir::Runtime {
        let mut runtime = ir::Runtime {
            name: name.to_owned(),
            transport: String::new(),
            address: String::new(),
            durable: false,
            queue: DEFAULT_QUEUE,
            tags: std::collections::BTreeMap::new(),
        };
        let Some(symbol) = self.scope.runtimes.get(name) else { return runtime };
        let (What::Runtime(clauses), file) = (&symbol.what, symbol.file) else { return runtime };
        for clause in *clauses {
            let address = match &clause.kind {
                RuntimeClauseKind::Zenoh(e) => Some(("zenoh", e)),
                RuntimeClauseKind::Mqtt(e) => Some(("mqtt", e)),
                RuntimeClauseKind::Nats { address, durable } => {
                    runtime.durable = *durable;
                    Some(("nats", address))
                }
                RuntimeClauseKind::Tags(tags) => {
                    runtime.tags.extend(tags.iter().map(|(k, v)| (k.text.clone(), v.value.clone())));
                    None
                }
                RuntimeClauseKind::Limit(what, e) if what.text == "queue" => {
                    runtime.queue = self.count(e, file).unwrap_or(DEFAULT_QUEUE);
                    None
                }
                RuntimeClauseKind::Limit(what, _) => {
                    let message = format!("a runtime has no limit `{}`", what.text);
                    let d = Diagnostic::new(codes::RUNTIME_CLAUSE, file, what.span, message);
                    self.report(d.help("there is `limit queue N`"));
                    None
                }
            };
            let Some((transport, e)) = address else { continue };
            if !runtime.transport.is_empty() {
                let message = format!("runtime `{name}` is reached in two ways");
                self.report(Diagnostic::new(codes::RUNTIME_CLAUSE, file, clause.span, message));
            }
            runtime.transport = transport.to_owned();
            runtime.address = self.want(e, file, "an address as text", text).unwrap_or_default();
        }
        if runtime.transport.is_empty() {
            let message = format!("runtime `{name}` does not say how it is reached");
            let d = Diagnostic::new(codes::RUNTIME_CLAUSE, file, symbol.name.span, message).help(
                "write `zenoh \"tcp/host:7447\"`, `nats \"nats://host:4222\"` or `mqtt \"mqtt://host:1883\"`",
            );
            self.report(d);
        }
        runtime
    }
}

fn text(c: &Const) -> Option<String> {
    match c {
        Const::Text(s) => Some(s.clone()),
        _ => None,
    }
}
