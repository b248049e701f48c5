//! Selectors to sets of outputs.

use regex::Regex;
use route_grammar::ast::{Ends, EndsKind, Kind, Pattern, Port, Text};
use route_grammar::{Applicability, Diagnostic, FileId, Rule, Span};
use rustc_hash::FxHashSet;

use crate::bits::Bits;
use crate::codes;
use crate::flow::Scope as FlowScope;
use crate::resolver::Resolver;
use crate::scope::What;
use crate::suggest::nearest;

/// What a selector denotes.
#[derive(Clone, Debug)]
pub(crate) struct Sel {
    pub(crate) slots: Bits,
    /// Outputs were named.
    pub(crate) ports: bool,
    /// A plain name that must mean exactly one node, and is not yet narrowed for certain.
    one: Option<(String, Span)>,
}

impl<'a> Resolver<'a> {
    /// The set that a selector denotes; `None`: an error was reported.
    pub(crate) fn ends(&mut self, ends: &'a Ends, file: FileId) -> Option<Sel> {
        let sel = self.open_ends(ends, file)?;
        self.settle(sel, file)
    }

    /// Checks that a plain name means one node.
    fn settle(&mut self, mut sel: Sel, file: FileId) -> Option<Sel> {
        let Some((name, span)) = sel.one.take() else { return Some(sel) };
        let nodes = self.index.nodes(&sel.slots);
        let distinct: FxHashSet<&str> =
            nodes.iter().map(|n| self.index.node(*n).static_id.as_str()).collect();
        match distinct.len() {
            0 => {
                let message = format!("no node `{name}` is left by this selector");
                let mut d = Diagnostic::new(codes::UNKNOWN_NODE, file, span, message);
                for node in self.index.named(&name).iter().take(5) {
                    d = d.note(
                        self.flows,
                        self.index.name_span(*node),
                        format!("there is one {}", self.index.place(*node)),
                    );
                }
                self.report(d);
                None
            }
            1 => {
                self.warn_disabled(&name, &nodes, file, span);
                Some(sel)
            }
            count => {
                self.report(self.ambiguous(&name, &nodes, count, file, span));
                None
            }
        }
    }

    fn ambiguous(&self, name: &str, nodes: &[u32], count: usize, file: FileId, span: Span) -> Diagnostic {
        let message = format!("{count} nodes are named `{name}`");
        let mut d = Diagnostic::new(codes::AMBIGUOUS_NODE, file, span, message)
            .label("which one is meant?")
            .help("say where it is, `\"…\" in tab \"…\"`, or name it by its `id`");
        let tabs: Vec<_> = nodes.iter().map(|n| self.index.node(*n).tab).collect();
        for node in nodes.iter().take(10) {
            let info = self.index.node(*node);
            d = d.note(self.flows, info.name_span, self.index.place(*node));
            let tab = info.tab.and_then(|tab| self.index.graph.tabs.get(tab.0 as usize));
            let unique = tabs.iter().filter(|t| **t == info.tab).count() == 1;
            let new = match tab {
                Some(tab) if unique && !tab.name.is_empty() => format!("{name:?} in tab {:?}", tab.name),
                _ => format!("id {:?}", info.static_id),
            };
            d = d.suggest(
                format!("the one {}", self.index.place(*node)),
                file,
                span,
                new,
                Applicability::Maybe,
            );
        }
        d
    }

    fn warn_disabled(&mut self, name: &str, nodes: &[u32], file: FileId, span: Span) {
        if let Some(node) = nodes.first()
            && nodes.iter().all(|n| self.index.node(*n).disabled)
        {
            let message = format!("node `{name}` is disabled");
            let d = Diagnostic::new(codes::DISABLED_NODE, file, span, message)
                .note(self.flows, self.index.name_span(*node), "this one, or the tab or group it is in")
                .help("a disabled node has no wires at run time; enable it, or take this out");
            self.report(d);
        }
    }

    fn open_ends(&mut self, ends: &'a Ends, file: FileId) -> Option<Sel> {
        match &ends.kind {
            EndsKind::All => Some(Sel::of(Bits::full(self.index.slot_count()))),
            EndsKind::Match { kind, pattern } => self.matching(*kind, pattern, ends.span, file),
            EndsKind::Name(name) => self.let_name(&name.text, name.span, file),
            EndsKind::Paren(inner) => self.open_ends(inner, file),
            EndsKind::In(x, y) => {
                let (x, y) = (self.open_ends(x, file), self.ends(y, file));
                let (x, y) = (x?, y?);
                let inside = self.inside(&y.slots);
                Some(x.narrow(&inside))
            }
            EndsKind::And(x, y) => {
                let (x, y) = (self.open_ends(x, file), self.open_ends(y, file));
                let (x, y) = (x?, y?);
                let one = x.one.clone().or_else(|| y.one.clone());
                let mut both = x.narrow(&y.slots);
                both.ports |= y.ports;
                both.one = one;
                Some(both)
            }
            EndsKind::Or(x, y) => {
                let (x, y) = (self.ends(x, file), self.ends(y, file));
                let (mut x, y) = (x?, y?);
                x.slots.union(&y.slots);
                x.ports |= y.ports;
                Some(x)
            }
            EndsKind::Except(x, y) => {
                let (x, y) = (self.open_ends(x, file), self.ends(y, file));
                let (mut x, y) = (x?, y?);
                x.slots.subtract(&y.slots);
                x.ports |= y.ports;
                Some(x)
            }
            EndsKind::NextTo(x, y) => {
                let (x, y) = (self.open_ends(x, file), self.ends(y, file));
                let (x, y) = (x?, y?);
                let mut near = FxHashSet::default();
                for node in self.index.nodes(&y.slots) {
                    near.extend(self.index.targets(node));
                    near.extend(self.index.senders(node));
                }
                Some(x.narrow(&self.index.slots(near)))
            }
            EndsKind::Upstream(x) => {
                let sel = self.ends(x, file)?;
                Some(Sel::of(self.reach(&sel.slots, false)))
            }
            EndsKind::Downstream(x) => {
                let sel = self.ends(x, file)?;
                Some(Sel::of(self.reach(&sel.slots, true)))
            }
            EndsKind::Port(x, port) => {
                let sel = self.ends(x, file)?;
                self.port(sel, port, file)
            }
            EndsKind::Error => None,
        }
    }

    pub(crate) fn let_name(&mut self, name: &str, span: Span, file: FileId) -> Option<Sel> {
        let Some((key, symbol)) = self.scope.names.get_key_value(name) else {
            let lets = self.scope.names.values().filter(|s| matches!(s.what, What::Let(_)));
            let mut d =
                Diagnostic::new(codes::UNKNOWN_NAME, file, span, format!("no `let` is named `{name}`"));
            d = match nearest(name, lets.map(|s| s.name.text.as_str())) {
                Some(near) => {
                    self.scope.names[near].used.set(true);
                    let text = format!("there is a `let` named `{near}`");
                    d.suggest(text, file, span, near, Applicability::Maybe)
                }
                None if !self.index.named(name).is_empty() => {
                    d.help(format!("a node bears this name; names of nodes are quoted: `{name:?}`"))
                }
                None => d.help("names of nodes are quoted; a bare name is one of a `let`"),
            };
            self.report(d);
            return None;
        };
        symbol.used.set(true);
        let What::Let(ends) = symbol.what else {
            let message = format!("`{name}` is a {}, not a set of nodes", symbol.what.word());
            let d = Diagnostic::new(codes::WRONG_NAME, file, span, message);
            self.report(d.note(symbol.file, symbol.name.span, "declared here"));
            return None;
        };
        if let Some(known) = self.lets.get(key) {
            return known.clone();
        }
        if self.busy.contains(key) {
            let message = format!("`{name}` is defined by itself");
            self.report(Diagnostic::new(codes::RECURSION, file, span, message));
            return None;
        }
        self.busy.push(key);
        let sel = self.ends(ends, symbol.file);
        self.busy.pop();
        self.lets.insert(key, sel.clone());
        sel
    }

    /// The slots, and those of nodes that live inside a subflow instance among them.
    fn inside(&self, slots: &Bits) -> Bits {
        let mut all = slots.clone();
        let instances: FxHashSet<u32> = self
            .index
            .nodes(slots)
            .into_iter()
            .filter(|n| self.index.node(*n).instance_of.is_some())
            .collect();
        if !instances.is_empty() {
            let count = self.index.graph.nodes.len() as u32;
            let inner = (0..count).filter(|n| self.index.instances(*n).any(|i| instances.contains(&i)));
            all.union(&self.index.slots(inner));
        }
        all
    }

    fn reach(&self, slots: &Bits, down: bool) -> Bits {
        let mut open = self.index.nodes(slots);
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        while let Some(node) = open.pop() {
            let next: Vec<u32> =
                if down { self.index.targets(node).collect() } else { self.index.senders(node).collect() };
            open.extend(next.into_iter().filter(|n| seen.insert(*n)));
        }
        self.index.slots(seen)
    }

    fn port(&mut self, sel: Sel, port: &Port, file: FileId) -> Option<Sel> {
        let nodes = self.index.nodes(&sel.slots);
        let mut slots = Bits::new(self.index.slot_count());
        for node in &nodes {
            let range = self.index.slots_of(*node);
            match port {
                Port::Index(0, _) => {}
                Port::Index(n, _) => {
                    let slot = range.start + *n as usize - 1;
                    let outputs = self.index.node(*node).outputs as usize;
                    if slot < range.end && (outputs > 0 || self.index.targets(*node).next().is_some()) {
                        slots.insert(slot);
                    }
                }
                Port::Label(label) => {
                    let labels = self.index.node(*node).output_labels.iter().enumerate();
                    labels
                        .filter(|(_, l)| **l == label.value)
                        .map(|(at, _)| range.start + at)
                        .filter(|slot| *slot < range.end)
                        .for_each(|slot| slots.insert(slot));
                }
            }
        }
        if slots.is_empty() {
            self.report(self.no_output(&nodes, port, file));
            return None;
        }
        Some(Sel { slots, ports: true, one: None })
    }

    /// None of the nodes has the output.
    pub(crate) fn no_output(&self, nodes: &[u32], port: &Port, file: FileId) -> Diagnostic {
        let who = match nodes {
            [node] => format!("`{}`", self.index.label(*node)),
            _ => "none of these nodes".to_owned(),
        };
        let has = if nodes.len() == 1 { "has no" } else { "has an" };
        let mut d = match port {
            Port::Index(n, span) => {
                let d = Diagnostic::new(codes::NO_OUTPUT, file, *span, format!("{who} {has} output {n}"));
                if *n == 0 { d.help("outputs are counted from 1, as in the editor") } else { d }
            }
            Port::Label(label) => {
                let labels = nodes.iter().flat_map(|n| &self.index.node(*n).output_labels);
                let near = nearest(&label.value, labels.map(String::as_str));
                let message = format!("{who} {has} output labelled `{}`", label.value);
                let d = Diagnostic::new(codes::NO_OUTPUT, file, label.span, message);
                match near {
                    Some(near) => d.suggest(
                        format!("there is an output `{near}`"),
                        file,
                        label.span,
                        format!("{near:?}"),
                        Applicability::Maybe,
                    ),
                    None => d,
                }
            }
        };
        if let [node] = nodes {
            let outputs = self.index.node(*node).outputs;
            d = d.note(self.flows, self.index.name_span(*node), format!("it has {outputs}"));
        }
        d
    }

    fn matching(&mut self, kind: Kind, pattern: &Pattern, span: Span, file: FileId) -> Option<Sel> {
        let nodes = match pattern {
            Pattern::Exact(text) if kind == Kind::Node => {
                let nodes = self.index.named(&text.value).to_vec();
                if !nodes.is_empty() {
                    let mut sel = Sel::of(self.index.slots(nodes));
                    sel.one = Some((text.value.clone(), span));
                    return Some(sel);
                }
                nodes
            }
            Pattern::Exact(text) => self.exact(kind, &text.value),
            Pattern::Glob(text) | Pattern::Regex(text) => {
                let source = match pattern {
                    Pattern::Glob(_) => glob(&text.value),
                    _ => text.value.clone(),
                };
                match Regex::new(&source) {
                    Ok(regex) => self.all(kind, |name| regex.is_match(name)),
                    Err(e) => {
                        self.report(bad_regex(&text.value, &e, file, text.span));
                        return None;
                    }
                }
            }
        };
        if nodes.is_empty() {
            return self.nothing(kind, pattern, file);
        }
        if let Pattern::Exact(text) = pattern
            && kind == Kind::Id
        {
            self.warn_disabled(&text.value, &nodes, file, span);
        }
        Some(Sel::of(self.index.slots(nodes)))
    }

    fn exact(&self, kind: Kind, name: &str) -> Vec<u32> {
        match kind {
            Kind::Type => self.index.typed(name).to_vec(),
            Kind::Id => self.index.with_id(name),
            _ => self.all(kind, |other| other == name),
        }
    }

    /// All nodes whose name of that kind fits.
    fn all(&self, kind: Kind, fits: impl Fn(&str) -> bool) -> Vec<u32> {
        let graph = self.index.graph;
        let scopes = |table: &[FlowScope]| -> Vec<bool> { table.iter().map(|s| fits(&s.name)).collect() };
        let (tabs, groups, subflows) = (scopes(&graph.tabs), scopes(&graph.groups), scopes(&graph.subflows));
        let on = |table: &[bool], at: u32| table.get(at as usize).copied().unwrap_or(false);
        let within = |n: u32| {
            let node = self.index.node(n);
            match kind {
                Kind::Node => !node.name.is_empty() && fits(&node.name),
                Kind::Type => fits(&node.ty),
                Kind::Id => fits(&node.id) || fits(&node.static_id),
                Kind::Tab => node.tab.is_some_and(|tab| on(&tabs, tab.0)),
                Kind::Group => node.groups.iter().any(|group| on(&groups, group.0)),
                Kind::Subflow => {
                    node.subflow.is_some_and(|s| on(&subflows, s.0))
                        || self.index.instances(n).any(|outer| {
                            self.index.node(outer).instance_of.is_some_and(|s| on(&subflows, s.0))
                        })
                }
            }
        };
        (0..graph.nodes.len() as u32).filter(|n| within(*n)).collect()
    }

    /// Nothing matches: an error for a name, a warning for a pattern or for a scope that is there but empty.
    fn nothing(&mut self, kind: Kind, pattern: &Pattern, file: FileId) -> Option<Sel> {
        let graph = self.index.graph;
        let (word, code, table): (&str, &'static Rule, Option<&[FlowScope]>) = match kind {
            Kind::Node => ("node", codes::UNKNOWN_NODE, None),
            Kind::Tab => ("tab", codes::UNKNOWN_TAB, Some(&graph.tabs)),
            Kind::Group => ("group", codes::UNKNOWN_GROUP, Some(&graph.groups)),
            Kind::Subflow => ("subflow", codes::UNKNOWN_SUBFLOW, Some(&graph.subflows)),
            Kind::Type => ("type", codes::UNKNOWN_TYPE, None),
            Kind::Id => ("id", codes::UNKNOWN_ID, None),
        };
        let empty = Some(Sel::of(Bits::new(self.index.slot_count())));
        let Pattern::Exact(text) = pattern else {
            let (Pattern::Glob(text) | Pattern::Regex(text) | Pattern::Exact(text)) = pattern;
            let message = format!("no {word} matches `{}`", text.value);
            self.report(Diagnostic::new(codes::NO_MATCH, file, text.span, message));
            return empty;
        };
        if let Some(scope) = table.and_then(|table| table.iter().find(|s| s.name == text.value)) {
            let message = format!("{word} `{}` has no nodes", text.value);
            let d = Diagnostic::new(codes::NO_MATCH, file, text.span, message);
            self.report(d.note(self.flows, scope.name_span, "this one"));
            return empty;
        }
        let near = match (kind, table) {
            (_, Some(table)) => nearest(&text.value, table.iter().map(|s| s.name.as_str())),
            (Kind::Type, _) => nearest(&text.value, self.index.types()),
            (Kind::Id, _) => nearest(&text.value, self.index.ids()),
            _ => nearest(&text.value, self.index.names()),
        };
        let d = self.unknown(word, code, text, near, file);
        self.report(d);
        None
    }

    fn unknown(
        &self,
        word: &str,
        code: &'static Rule,
        text: &Text,
        near: Option<&str>,
        file: FileId,
    ) -> Diagnostic {
        let missing = match word {
            "id" => format!("no node has the id `{}`", text.value),
            "type" => format!("no node is of type `{}`", text.value),
            _ => format!("no {word} is named `{}`", text.value),
        };
        let d = Diagnostic::new(code, file, text.span, missing);
        let elsewhere = self.other_kind(word, &text.value);
        match (near, elsewhere) {
            (_, Some(kind)) => d.help(format!("there is a {kind} of that name: `{kind} {:?}`", text.value)),
            (Some(near), None) => d.suggest(
                format!("there is a {word} `{near}`"),
                file,
                text.span,
                format!("{near:?}"),
                Applicability::Maybe,
            ),
            (None, None) => d,
        }
    }

    /// Another kind of thing that bears exactly this name.
    fn other_kind(&self, word: &str, name: &str) -> Option<&'static str> {
        let graph = self.index.graph;
        let has = |table: &[FlowScope]| table.iter().any(|s| s.name == name);
        let found = [
            ("node", !self.index.named(name).is_empty()),
            ("tab", has(&graph.tabs)),
            ("group", has(&graph.groups)),
            ("subflow", has(&graph.subflows)),
            ("type", !self.index.typed(name).is_empty()),
        ];
        found.into_iter().find(|(kind, yes)| *yes && *kind != word).map(|(kind, _)| kind)
    }
}

impl Sel {
    fn of(slots: Bits) -> Self {
        Self { slots, ports: false, one: None }
    }
    fn narrow(mut self, by: &Bits) -> Self {
        self.slots.intersect(by);
        self
    }
}

/// A glob as a regular expression for the whole text.
fn glob(pattern: &str) -> String {
    let mut regex = String::from("(?s)^");
    for c in pattern.chars() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            _ => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex.push('$');
    regex
}

/// The regex crate's own words, without its drawing of the place.
pub(crate) fn bad_regex(source: &str, error: &regex::Error, file: FileId, span: Span) -> Diagnostic {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or("").trim_start_matches("error: ");
    let message = format!("`{source}` is no regular expression: {last}");
    Diagnostic::new(codes::BAD_REGEX, file, span, message)
        .help("the syntax is that of the `regex` crate: no look-around, no back references")
}
