//! Routers: selectors to wires, clauses to what they mean.

use route_chain::ir;
use route_grammar::ast::{self, Clause, ClauseKind, RouterKind, SinkKind, Target};
use route_grammar::{Applicability, Diagnostic, FileId, Span};

use crate::codes;
use crate::expr::{Env, segments};
use crate::hir::{Body, Choose, Const, Expr, LogPart, Router, Select};
use crate::load::Placed;
use crate::resolver::Resolver;

/// Keys that a limit remembers at the most.
pub(crate) const MAX_KEYS: u32 = 65_536;
/// Messages that a breakpoint without a bound holds.
const DEFAULT_HOLD: (u64, f64) = (100, 30_000.0);
/// Bytes that a remote keeps while the other side is away.
const DEFAULT_SPOOL: u64 = 64 * 1024 * 1024;

impl<'a> Resolver<'a> {
    /// A router with its wires; `None`: errors were reported.
    pub(crate) fn router(&mut self, placed: &'a Placed, router: &'a ast::Router) -> Option<Router> {
        let file = placed.file;
        let wires = self.wires(&router.wires, file);
        let when: Vec<Expr> = router
            .clauses
            .iter()
            .filter_map(|clause| match &clause.kind {
                ClauseKind::When(e) => Some(self.value(e, file)),
                _ => None,
            })
            .collect();
        let body = self.body(router, file);
        Some(Router {
            info: self.info(placed, router),
            file,
            span: placed.item.span,
            name_span: router.name.span,
            wires_span: router.wires.span,
            wires: wires?,
            when,
            body: body?,
        })
    }

    fn info(&self, placed: &Placed, router: &ast::Router) -> ir::Router {
        let source = self.sources.get(placed.file);
        let line = source.map_or(1, |s| s.place(placed.item.span.start).0);
        ir::Router {
            name: router.name.text.clone(),
            kind: word(router.kind).to_owned(),
            layer: placed.layer.clone(),
            file: source.map(|s| s.name.clone()).unwrap_or_default(),
            line: line as u32,
            doc: placed.item.docs.join("\n"),
        }
    }

    /// The wires that a selector denotes, ascending.
    pub(crate) fn wires(&mut self, wires: &'a ast::Wires, file: FileId) -> Option<Vec<u32>> {
        let (from, to) = (self.ends(&wires.from, file), self.ends(&wires.to, file));
        let (from, to) = (from?, to?);
        if to.ports {
            let d = Diagnostic::new(
                codes::PORT_OF_DEST,
                file,
                wires.to.span,
                "a destination has no outputs here",
            )
            .help("name outputs before the arrow; a message enters a node by its one input");
            self.report(d);
            return None;
        }
        let found = self.index.wires(&from.slots, &to.slots);
        if found.is_empty() && !from.slots.is_empty() && !to.slots.is_empty() {
            self.no_wire(wires, file, &from.slots, &to.slots);
        }
        Some(found)
    }

    fn no_wire(
        &mut self,
        wires: &ast::Wires,
        file: FileId,
        from: &crate::bits::Bits,
        to: &crate::bits::Bits,
    ) {
        let sources = self.index.nodes(from);
        let mut d = Diagnostic::new(codes::NO_WIRE, file, wires.span, "no wire joins these ends");
        if let [source] = sources.as_slice() {
            let mut targets: Vec<u32> = self.index.targets(from.iter()).collect();
            targets.dedup();
            let names: Vec<String> =
                targets.iter().take(5).map(|n| format!("`{}`", self.index.label(*n))).collect();
            let label = self.index.label(*source);
            d = d.note(self.flows, self.index.name_span(*source), "the source");
            d = match names.as_slice() {
                [] => d.help(format!("nothing is wired to `{label}`")),
                _ => d.help(format!("`{label}` is wired to {}", names.join(", "))),
            };
        }
        let targets = self.index.nodes(to);
        if let [target] = targets.as_slice() {
            d = d.note(self.flows, self.index.name_span(*target), "the destination");
            if sources.iter().any(|s| self.index.senders(*s).any(|n| n == *target)) {
                d = d.help("there is a wire the other way round");
            }
        }
        self.report(d);
    }

    fn body(&mut self, router: &'a ast::Router, file: FileId) -> Option<Body> {
        let clauses = &router.clauses;
        match router.kind {
            RouterKind::Filter => self.filter(router, file),
            RouterKind::Halt => {
                let reason = clauses.iter().find_map(|c| match &c.kind {
                    ClauseKind::Reason(text) => Some(text.value.clone()),
                    _ => None,
                });
                let as_error = clauses.iter().any(|c| c.kind == ClauseKind::AsError);
                Some(Body::Ready(ir::Op::Halt { reason, as_error }))
            }
            RouterKind::Tap => self.tap(router, file),
            RouterKind::Break => self.breakpoint(clauses, file),
            RouterKind::Remote => self.remote(router, file),
            RouterKind::Set => self.set(router, file),
            RouterKind::Redirect => self.redirect(router, file),
            RouterKind::Limit => self.limit(router, file),
            RouterKind::Call => self.plugin(router, file),
        }
    }

    fn filter(&mut self, router: &ast::Router, file: FileId) -> Option<Body> {
        let mut tests = Vec::new();
        for clause in &router.clauses {
            match &clause.kind {
                ClauseKind::KeepWhen(e) => tests.push((true, self.value(e, file))),
                ClauseKind::DropWhen(e) => tests.push((false, self.value(e, file))),
                _ => {}
            }
        }
        if tests.is_empty() {
            return None;
        }
        Some(Body::Filter(tests))
    }

    fn set(&mut self, router: &ast::Router, file: FileId) -> Option<Body> {
        let mut changes = Vec::new();
        for clause in &router.clauses {
            match &clause.kind {
                ClauseKind::Assign { path, value, .. } => {
                    let to = self.message_path(path);
                    let value = self.value(value, file);
                    changes.push((to?, Some(value)));
                }
                ClauseKind::Delete { path, .. } => {
                    changes.push((self.message_path(path)?, None));
                }
                _ => {}
            }
        }
        if changes.is_empty() {
            return None;
        }
        Some(Body::Set(changes))
    }

    /// `None`: the parser has said that it is no part of the message.
    fn message_path(&self, path: &ast::Path) -> Option<ir::Path> {
        (path.root.text == "msg" && !path.segments.is_empty()).then(|| segments(&path.segments))
    }

    fn redirect(&mut self, router: &'a ast::Router, file: FileId) -> Option<Body> {
        let target = target(&router.clauses)?;
        let node = self.one_node(target, file, "a redirect")?;
        Some(Body::Ready(ir::Op::Redirect { to: self.index.node(node).id.clone() }))
    }

    /// The one live node that a `to` names.
    fn one_node(&mut self, target: &'a Target, file: FileId, what: &str) -> Option<u32> {
        let (slots, span) = match target {
            Target::Ends(ends) => (self.ends(ends, file)?, ends.span),
            Target::Name(name) => (self.let_name(&name.text, name.span, file)?, name.span),
            // The parser has said that these are no nodes.
            Target::Sink(_) | Target::OneOf { .. } => return None,
        };
        let nodes = self.index.nodes(&slots.slots);
        match nodes.as_slice() {
            [] => None,
            [node] if self.index.node(*node).disabled => {
                let message = format!("{what} cannot go to `{}`: it is disabled", self.index.label(*node));
                let d = Diagnostic::new(codes::TARGET, file, span, message).note(
                    self.flows,
                    self.index.name_span(*node),
                    "this node, or its tab or group, is disabled",
                );
                // This says more than the warning that the name itself got.
                self.diagnostics.retain(|d| d.rule != codes::DISABLED_NODE || d.primary.span != span);
                self.report(d);
                None
            }
            [node] => Some(*node),
            many => {
                let message = format!("{what} goes to one node, these are {}", many.len());
                let mut d = Diagnostic::new(codes::TARGET, file, span, message);
                for node in many.iter().take(5) {
                    d = d.note(self.flows, self.index.name_span(*node), self.index.place(*node));
                }
                self.report(d.help("name it by its `id`, or by `in` and the instance that it lives in"));
                None
            }
        }
    }

    fn rate_of(&mut self, rate: &ast::Expr, burst: Option<&ast::Expr>, file: FileId) -> Option<ir::Rate> {
        let (count, per_ms) = self.rate(rate, file)?;
        let burst = match burst {
            Some(e) => self.count(e, file)? as f64,
            None => count.max(1.0),
        };
        Some(ir::Rate { count, per_ms, burst })
    }

    fn limit(&mut self, router: &ast::Router, file: FileId) -> Option<Body> {
        let (mut limit_rate, mut limit_per, mut limit_distinct, mut limit_over) =
            (None, None, None, ir::Over::Halt);
        for clause in &router.clauses {
            match &clause.kind {
                ClauseKind::AtMost { rate, burst, per } => {
                    limit_rate = Some(self.rate_of(rate, burst.as_ref(), file)?);
                    limit_per = per.as_ref().map(|e| self.value(e, file));
                }
                ClauseKind::Distinct { by, within } => {
                    let by = self.value(by, file);
                    limit_distinct = Some((by, self.duration(within, file)?));
                }
                ClauseKind::OverHalt => limit_over = ir::Over::Halt,
                ClauseKind::OverHold(e) => limit_over = ir::Over::Hold { max: self.count(e, file)? },
                _ => {}
            }
        }
        if limit_rate.is_none() && limit_distinct.is_none() {
            return None;
        }
        Some(Body::Limit { rate: limit_rate, per: limit_per, distinct: limit_distinct, over: limit_over })
    }

    fn tap(&mut self, router: &'a ast::Router, file: FileId) -> Option<Body> {
        let mut sink = ir::Sink::Stream;
        let (mut select, mut each, mut at_most, mut block) = (Select::Whole, 1, None, false);
        for clause in &router.clauses {
            match &clause.kind {
                ClauseKind::To(Target::Sink(to)) => sink = self.sink(&to.kind, file)?,
                ClauseKind::To(target) => {
                    let node = self.one_node(target, file, "a tap")?;
                    sink = ir::Sink::Node(self.index.node(node).id.clone());
                }
                ClauseKind::Omit(paths) => select = Select::Omit(self.message_paths(paths)?),
                ClauseKind::Only(paths) => select = Select::Only(self.message_paths(paths)?),
                ClauseKind::Every(e) => each = self.count(e, file)?,
                ClauseKind::AtMost { rate, burst, .. } => {
                    at_most = Some(self.rate_of(rate, burst.as_ref(), file)?);
                }
                ClauseKind::FullBlock(yes) => block = *yes,
                _ => {}
            }
        }
        Some(Body::Tap { sink, select, every: each, at_most, block })
    }

    fn message_paths(&self, paths: &[(ast::Path, Span)]) -> Option<Vec<ir::Path>> {
        paths.iter().map(|(path, _)| self.message_path(path)).collect()
    }

    fn sink(&mut self, sink: &SinkKind, file: FileId) -> Option<ir::Sink> {
        Some(match sink {
            SinkKind::Stdout => ir::Sink::Stdout,
            SinkKind::Stream => ir::Sink::Stream,
            SinkKind::File { path, rotate, keep } => {
                let rotate = rotate.as_ref().map(|e| self.bytes(e, file));
                let keep = keep.as_ref().map(|e| self.count(e, file));
                let rotate = match rotate {
                    Some(size) => Some(size?),
                    None => None,
                };
                let keep = match keep {
                    Some(count) => Some(u32::try_from(count?).unwrap_or(u32::MAX)),
                    None => None,
                };
                ir::Sink::File { path: path.value.clone(), rotate, keep }
            }
            SinkKind::Nats(text) => ir::Sink::Nats(text.value.clone()),
            SinkKind::Mqtt(text) => ir::Sink::Mqtt(text.value.clone()),
            SinkKind::Zenoh(text) => ir::Sink::Zenoh(text.value.clone()),
            SinkKind::Otlp(text) => ir::Sink::Otlp(text.value.clone()),
            SinkKind::Counter(text) => ir::Sink::Counter(text.value.clone()),
        })
    }

    fn breakpoint(&mut self, clauses: &[Clause], file: FileId) -> Option<Body> {
        let (mut first, mut hold, mut lines) = (1, None, None);
        for clause in clauses {
            match &clause.kind {
                ClauseKind::Hits(e) => first = self.count(e, file)?,
                ClauseKind::Hold { at_most, duration, then_pass } => {
                    let (max, for_ms) = (self.count(at_most, file), self.duration(duration, file));
                    hold = Some((max?, for_ms?, *then_pass));
                }
                ClauseKind::Log(text) => lines = Some(self.log(text, file)?),
                _ => {}
            }
        }
        let unbounded = hold.is_none() && lines.is_none();
        let (max, for_ms, then_pass) = hold.unwrap_or((DEFAULT_HOLD.0, DEFAULT_HOLD.1, true));
        Some(Body::Break { hits: first, max, for_ms, then_pass, log: lines, unbounded })
    }

    /// `"… {msg.topic} …"`; `{{` is a brace.
    fn log(&mut self, text: &ast::Text, file: FileId) -> Option<Vec<LogPart>> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.value.as_str();
        while let Some(at) = rest.find('{') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('{') {
                plain.push('{');
                rest = after;
                continue;
            }
            let Some(end) = rest.find('}') else {
                self.report(Diagnostic::new(
                    codes::BAD_LOG,
                    file,
                    text.span,
                    "a `{` in this text is not closed",
                ));
                return None;
            };
            if !plain.is_empty() {
                parts.push(LogPart::Text(std::mem::take(&mut plain)));
            }
            parts.push(LogPart::Value(self.embedded(&rest[..end], file, text.span)?));
            rest = &rest[end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(LogPart::Text(plain));
        }
        Some(parts)
    }

    fn embedded(&mut self, source: &str, file: FileId, span: Span) -> Option<Expr> {
        let (parsed, found) = route_grammar::parse(&format!("const value = {source}\n"), file);
        if let [ast::Item { kind: ast::ItemKind::Const { value, .. }, .. }] = parsed.items.as_slice()
            && found.is_empty()
        {
            let env = Env { file, span: Some(span), ..Env::default() };
            return Some(self.expr(value, &env));
        }
        let message = format!("`{source}` in this text is no expression");
        self.report(Diagnostic::new(codes::BAD_LOG, file, span, message));
        None
    }

    fn remote(&mut self, router: &ast::Router, file: FileId) -> Option<Body> {
        let target = target(&router.clauses)?;
        let (names, by) = match target {
            Target::Name(name) => (std::slice::from_ref(name), None),
            Target::OneOf { runtimes, by } => (runtimes.as_slice(), Some(by)),
            // The parser has said that these are no runtimes.
            Target::Sink(_) | Target::Ends(_) => return None,
        };
        let to: Vec<Option<String>> = names.iter().map(|name| self.runtime_name(name, file)).collect();
        let choose = match by {
            Some(ast::Choose::Hash(e)) => Choose::Hash(self.value(e, file)),
            Some(ast::Choose::RoundRobin) => Choose::RoundRobin,
            Some(ast::Choose::Latency) => Choose::Latency,
            Some(ast::Choose::Order) | None => Choose::Order,
        };
        let mut unreachable = ir::Unreachable::Spool { bytes: DEFAULT_SPOOL };
        let (mut ttl_ms, mut ack) = (None, ir::Ack::Stored);
        for clause in &router.clauses {
            match &clause.kind {
                ClauseKind::Unreachable(what) => {
                    unreachable = match what {
                        ast::Unreachable::Spool(e) => ir::Unreachable::Spool { bytes: self.bytes(e, file)? },
                        ast::Unreachable::Halt => ir::Unreachable::Halt,
                        ast::Unreachable::Pass => ir::Unreachable::Pass,
                        ast::Unreachable::Error => ir::Unreachable::Error,
                    }
                }
                ClauseKind::Ttl(e) => ttl_ms = Some(self.duration(e, file)?),
                ClauseKind::AckDelivered(true) => ack = ir::Ack::Delivered,
                _ => {}
            }
        }
        let to = to.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Body::Remote { to, choose, unreachable, ttl_ms, ack })
    }

    /// A runtime that is declared; `None`: reported.
    pub(crate) fn runtime_name(&mut self, name: &ast::Name, file: FileId) -> Option<String> {
        if let Some(symbol) = self.scope.runtimes.get(name.text.as_str()) {
            symbol.used.set(true);
            return Some(name.text.clone());
        }
        let message = format!("no runtime is named `{}`", name.text);
        let d = Diagnostic::new(codes::UNKNOWN_RUNTIME, file, name.span, message);
        let d = match self.nearest(&name.text, self.scope.runtimes.keys().copied()) {
            Some(near) => {
                self.scope.runtimes[near].used.set(true);
                d.suggest(format!("there is a runtime `{near}`"), file, name.span, near, Applicability::Maybe)
            }
            None => d.help(format!("declare it: `runtime {} {{ zenoh \"tcp/host:7447\" }}`", name.text)),
        };
        self.report(d);
        None
    }

    fn plugin(&mut self, router: &ast::Router, file: FileId) -> Option<Body> {
        let mut found = None;
        let mut on_fault = ir::OnFault::Error;
        for clause in &router.clauses {
            match &clause.kind {
                ClauseKind::Plugin { name, options } => {
                    let options = match options {
                        Some(e) => self.want(e, file, "an object of options", |c| match c {
                            Const::Object(_) => Some(c.to_json()),
                            _ => None,
                        })?,
                        None => serde_json::Value::Object(serde_json::Map::new()),
                    };
                    found = Some((name.text.clone(), options));
                }
                ClauseKind::OnFault(what) => {
                    on_fault = match what {
                        ast::OnFault::Pass => ir::OnFault::Pass,
                        ast::OnFault::Halt => ir::OnFault::Halt,
                        ast::OnFault::Error => ir::OnFault::Error,
                    }
                }
                _ => {}
            }
        }
        let (plugin, options) = found?;
        Some(Body::Ready(ir::Op::Call(ir::Call { plugin, options, on_fault })))
    }
}

fn target(clauses: &[Clause]) -> Option<&Target> {
    clauses.iter().find_map(|c| match &c.kind {
        ClauseKind::To(target) => Some(target),
        _ => None,
    })
}

/// The keyword.
pub(crate) fn word(kind: RouterKind) -> &'static str {
    match kind {
        RouterKind::Filter => "filter",
        RouterKind::Halt => "halt",
        RouterKind::Tap => "tap",
        RouterKind::Break => "break",
        RouterKind::Remote => "remote",
        RouterKind::Set => "set",
        RouterKind::Redirect => "redirect",
        RouterKind::Limit => "limit",
        RouterKind::Call => "call",
    }
}

/// What a wire to a node that lives elsewhere does.
pub(crate) fn placed_remote(runtime: &str) -> ir::Remote {
    ir::Remote {
        to: vec![runtime.to_owned()],
        choose: ir::Choose::Order,
        unreachable: ir::Unreachable::Spool { bytes: DEFAULT_SPOOL },
        ttl_ms: None,
        ack: ir::Ack::Stored,
    }
}
