//! Selectors to sets of outputs.

use regex::Regex;
use route_grammar::ast::{Ends, EndsKind, Kind, Pattern, Port};
use route_grammar::{Applicability, FileId, Span};
use rustc_hash::FxHashSet;

use crate::bits::Bits;
use crate::check::names::{
    ambiguous_node, bad_regex, disabled_node, no_match, no_output, recursion, unknown_name, unknown_node,
    wrong_kind_of_name,
};
use crate::flow::Scope as FlowScope;
use crate::glob;
use crate::lock::Reference;
use crate::resolver::Resolver;
use crate::scope::What;

/// What a selector denotes.
#[derive(Clone, Debug)]
pub(crate) struct Sel {
    pub(crate) slots: Bits,
    /// Outputs were named.
    pub(crate) ports: bool,
    /// A plain name that must mean exactly one node, and is not yet narrowed for certain.
    one: Option<(String, Span)>,
}

/// How a pattern fits names: key of what was matched already.
type Matched = (Kind, bool, String);

/// Patterns that were matched already.
pub(crate) type Matches = rustc_hash::FxHashMap<Matched, Bits>;

impl<'a> Resolver<'a> {
    /// The set that a selector denotes; `None`: an error was reported.
    pub(crate) fn ends(&mut self, ends: &'a Ends, file: FileId) -> Option<Sel> {
        let sel = self.open_ends(ends, file)?;
        self.settle(sel, file)
    }

    /// Checks that a plain name means one node: one of the file, in however many instances of a subflow.
    fn settle(&mut self, mut sel: Sel, file: FileId) -> Option<Sel> {
        let Some((name, span)) = sel.one.take() else { return Some(sel) };
        let nodes = self.index.nodes(&sel.slots);
        let distinct: FxHashSet<&str> =
            nodes.iter().map(|n| self.index.node(*n).static_id.as_str()).collect();
        match distinct.len() {
            0 => self.report(unknown_node::not_left(self, &name, file, span)),
            1 => {
                self.tell_disabled(&name, &nodes, file, span);
                if let Some(node) = nodes.first() {
                    let id = self.index.node(*node).static_id.clone();
                    self.references.push(Reference { kind: Kind::Node, name, id });
                }
                return Some(sel);
            }
            _ => self.report(ambiguous_node::which(self, &name, &nodes, file, span)),
        }
        None
    }

    fn tell_disabled(&mut self, name: &str, nodes: &[u32], file: FileId, span: Span) {
        if !nodes.is_empty() && nodes.iter().all(|n| self.index.node(*n).disabled) {
            self.report(disabled_node::is(self, name, nodes, file, span));
        }
    }

    fn tell_all_disabled(&mut self, slots: &Bits, file: FileId, span: Span) {
        if self.index.all_disabled(slots) {
            let nodes = self.index.nodes(slots);
            let text = self.sources.get(file).and_then(|source| source.text.get(span.range()));
            self.report(disabled_node::all(self, text.unwrap_or_default(), &nodes, file, span));
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
                let within = self.inside_of(&y.slots);
                Some(self.narrow(x, &within, ends.span, file))
            }
            EndsKind::And(x, y) => {
                let (x, y) = (self.open_ends(x, file), self.open_ends(y, file));
                let (mut x, y) = (x?, y?);
                x.ports |= y.ports;
                x.one = x.one.or(y.one);
                Some(self.narrow(x, &y.slots, ends.span, file))
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
                let mut left = x.slots.clone();
                left.subtract(&y.slots);
                x.ports |= y.ports;
                Some(self.narrow(x, &left, ends.span, file))
            }
            EndsKind::NextTo(x, y) => {
                let (x, y) = (self.open_ends(x, file), self.ends(y, file));
                let (x, y) = (x?, y?);
                let mut near: FxHashSet<u32> = self.index.targets(y.slots.iter()).collect();
                near.extend(self.index.nodes(&y.slots).into_iter().flat_map(|node| self.index.senders(node)));
                Some(self.narrow(x, &self.index.slots(near), ends.span, file))
            }
            EndsKind::Upstream(x) => {
                let sel = self.ends(x, file)?;
                let all = Sel::of(Bits::full(self.index.slot_count()));
                Some(self.narrow(all, &self.index.upstream(&sel.slots), ends.span, file))
            }
            EndsKind::Downstream(x) => {
                let sel = self.ends(x, file)?;
                let all = Sel::of(Bits::full(self.index.slot_count()));
                Some(self.narrow(all, &self.index.downstream(&sel.slots), ends.span, file))
            }
            EndsKind::Port(x, port) => {
                let sel = self.ends(x, file)?;
                self.port(sel, port, file)
            }
            EndsKind::Error => None,
        }
    }

    /// What both denote. A plain name that is lost by it is told when the selector is complete, everything else here.
    fn narrow(&mut self, mut sel: Sel, by: &Bits, span: Span, file: FileId) -> Sel {
        let before = sel.slots.is_empty();
        sel.slots.intersect(by);
        if sel.slots.is_empty() && !before && sel.one.is_none() {
            self.report(no_match::nothing_left(file, span));
        }
        sel
    }

    pub(crate) fn let_name(&mut self, name: &str, span: Span, file: FileId) -> Option<Sel> {
        let Some((key, symbol)) = self.scope.names.get_key_value(name) else {
            self.report(unknown_name::no_let(self, name, file, span));
            return None;
        };
        symbol.used.set(true);
        let What::Let(ends) = symbol.what else {
            self.report(wrong_kind_of_name::not(symbol, "a set of nodes", file, span));
            return None;
        };
        if let Some(known) = self.lets.get(key) {
            return known.clone();
        }
        if self.busy.contains(key) {
            self.report(recursion::by_itself(&self.busy, key, file, span));
            return None;
        }
        self.busy.push(key);
        let sel = self.ends(ends, symbol.file);
        self.busy.pop();
        self.lets.insert(key, sel.clone());
        sel
    }

    /// What `in` takes from: inside the instances, if the set is of subflow instances alone; else the set itself and
    /// what is inside its instances.
    fn inside_of(&self, slots: &Bits) -> Bits {
        let nodes = self.index.nodes(slots);
        let boxes = nodes.iter().filter(|node| !self.index.entrances_of(**node).is_empty()).count();
        let mut all = if boxes == nodes.len() { Bits::new(self.index.slot_count()) } else { slots.clone() };
        for node in nodes {
            all.insert_all(self.index.entrances_of(node));
            for inner in self.index.inside(node) {
                all.insert_all(self.index.outputs_of(inner));
                all.insert_all(self.index.entrances_of(inner));
            }
        }
        all
    }

    fn port(&mut self, sel: Sel, port: &Port, file: FileId) -> Option<Sel> {
        let nodes = self.index.nodes(&sel.slots);
        let mut slots = Bits::new(self.index.slot_count());
        for node in &nodes {
            let range = self.index.outputs_of(*node);
            let info = self.index.node(*node);
            let has_any = info.outputs > 0 || self.index.targets(range.clone()).next().is_some();
            let mut take = |output: usize| {
                if has_any && range.start + output < range.end && sel.slots.contains(range.start + output) {
                    slots.insert(range.start + output);
                }
            };
            match port {
                Port::Index(0, _) => {}
                Port::Index(n, _) => take(*n as usize - 1),
                Port::Label(label) => {
                    let labels = info.output_labels.iter().enumerate();
                    labels.filter(|(_, l)| **l == label.value).for_each(|(at, _)| take(at));
                }
            }
        }
        if slots.is_empty() {
            if !nodes.is_empty() {
                self.report(no_output::of(self, &nodes, port, file));
            }
            return None;
        }
        Some(Sel { slots, ports: true, one: None })
    }

    fn matching(&mut self, kind: Kind, pattern: &Pattern, span: Span, file: FileId) -> Option<Sel> {
        let slots = match (kind, pattern) {
            (Kind::Node, Pattern::Exact(text)) => {
                let nodes = self.index.named(&text.value);
                if !nodes.is_empty() {
                    self.met.known(kind);
                    let mut sel = Sel::of(self.index.slots(nodes.iter().copied()));
                    sel.one = Some((text.value.clone(), span));
                    return Some(sel);
                }
                Bits::default()
            }
            (Kind::Type, Pattern::Exact(text)) => {
                let key = (kind, false, text.value.clone());
                match self.matches.get(&key) {
                    Some(known) => known.clone(),
                    None => {
                        let slots = self.index.slots(self.index.typed(&text.value).iter().copied());
                        self.matches.insert(key, slots.clone());
                        slots
                    }
                }
            }
            (Kind::Id, Pattern::Exact(text)) => {
                let nodes = self.index.with_id(&text.value);
                if !nodes.is_empty() {
                    let (name, id) = (text.value.clone(), text.value.clone());
                    self.references.push(Reference { kind, name, id });
                    self.met.known(kind);
                }
                self.tell_disabled(&text.value, &nodes, file, span);
                self.index.slots(nodes)
            }
            (_, Pattern::Exact(text)) => {
                let scopes = self.scopes(kind).iter().filter(|scope| scope.name == text.value);
                let names = scopes.map(|s| Reference { kind, name: text.value.clone(), id: s.id.clone() });
                let before = self.references.len();
                self.references.extend(names);
                if self.references.len() > before {
                    self.met.known(kind);
                }
                self.fitting((kind, false, text.value.clone()), |name| name == text.value)
            }
            (_, Pattern::Glob(text)) => {
                self.fitting((kind, false, text.value.clone()), |name| glob::fits(&text.value, name))
            }
            (_, Pattern::Regex(text)) => match Regex::new(&text.value) {
                Ok(regex) => self.fitting((kind, true, text.value.clone()), |name| regex.is_match(name)),
                Err(e) => {
                    self.report(bad_regex::because(&text.value, &e, file, text.span));
                    return None;
                }
            },
        };
        if slots.is_empty() {
            return self.nothing(kind, pattern, span, file);
        }
        if kind != Kind::Id {
            self.tell_all_disabled(&slots, file, span);
        }
        Some(Sel::of(slots))
    }

    /// The slots of all nodes whose name of that kind fits.
    fn fitting(&mut self, key: Matched, fits: impl Fn(&str) -> bool) -> Bits {
        if let Some(known) = self.matches.get(&key) {
            return known.clone();
        }
        let slots = self.fit(key.0, fits);
        self.matches.insert(key, slots.clone());
        slots
    }

    fn fit(&self, kind: Kind, fits: impl Fn(&str) -> bool) -> Bits {
        let index = self.index;
        let graph = index.graph;
        let scopes = |table: &[FlowScope]| -> Vec<bool> {
            table.iter().map(|scope| !scope.name.is_empty() && fits(&scope.name)).collect()
        };
        let (tabs, groups, subflows) = match kind {
            Kind::Tab => (scopes(&graph.tabs), Vec::new(), Vec::new()),
            Kind::Group => (Vec::new(), scopes(&graph.groups), Vec::new()),
            Kind::Subflow => (Vec::new(), Vec::new(), scopes(&graph.subflows)),
            Kind::Node | Kind::Type | Kind::Id => Default::default(),
        };
        let on = |table: &[bool], at: u32| table.get(at as usize).copied().unwrap_or(false);
        let is_one = |n: u32| index.node(n).instance_of.is_some_and(|s| on(&subflows, s.0));
        let mut found = Bits::new(index.slot_count());
        if kind == Kind::Tab {
            let on_them =
                (0..tabs.len()).filter(|tab| on(&tabs, *tab as u32)).flat_map(|tab| index.on_tab(tab));
            for node in on_them {
                found.insert_all(index.outputs_of(*node));
                found.insert_all(index.entrances_of(*node));
            }
            return found;
        }
        for n in 0..graph.nodes.len() as u32 {
            let node = index.node(n);
            let (outputs, entrances) = match kind {
                Kind::Node => (!node.name.is_empty() && fits(&node.name), false),
                Kind::Type => (fits(&node.ty), false),
                Kind::Id => (fits(&node.id) || fits(&node.static_id), false),
                Kind::Tab => (false, false),
                Kind::Group => {
                    let yes = node.groups.iter().any(|group| on(&groups, group.0));
                    (yes, yes)
                }
                Kind::Subflow => {
                    let inside = index.instances(n).any(is_one);
                    (inside, inside || is_one(n))
                }
            };
            if outputs {
                found.insert_all(index.outputs_of(n));
            }
            if entrances {
                found.insert_all(index.entrances_of(n));
            }
        }
        found
    }

    /// Nothing matches: an error for a name, a warning for a pattern or for a scope that is there but empty.
    fn nothing(&mut self, kind: Kind, pattern: &Pattern, span: Span, file: FileId) -> Option<Sel> {
        let (Pattern::Glob(text) | Pattern::Regex(text) | Pattern::Exact(text)) = pattern;
        let scope = self.scopes(kind).iter().find(|scope| scope.name == text.value);
        let d = match (pattern, scope) {
            (Pattern::Exact(_), None) => {
                let d = unknown_node::unknown(self, kind, text, span, file);
                // What was only renamed is known.
                match d.suggestions.iter().any(|edit| edit.applicability == Applicability::Machine) {
                    true => self.met.known(kind),
                    false => self.met.unknown(kind, &text.value),
                }
                self.report(d);
                return None;
            }
            (Pattern::Exact(_), Some(scope)) => no_match::empty_scope(self, kind, scope, file, text.span),
            _ => no_match::pattern(kind, text, file),
        };
        self.report(d);
        Some(Sel::of(Bits::new(self.index.slot_count())))
    }

    /// The tabs, groups or subflows; nothing for kinds of nodes.
    pub(crate) fn scopes(&self, kind: Kind) -> &'a [FlowScope] {
        let graph = self.index.graph;
        match kind {
            Kind::Tab => &graph.tabs,
            Kind::Group => &graph.groups,
            Kind::Subflow => &graph.subflows,
            Kind::Node | Kind::Type | Kind::Id => &[],
        }
    }
}

/// The keyword of a kind.
pub(crate) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Node => "node",
        Kind::Tab => "tab",
        Kind::Group => "group",
        Kind::Subflow => "subflow",
        Kind::Type => "type",
        Kind::Id => "id",
    }
}

/// A text as the language writes it.
pub(crate) fn quoted(text: &str) -> String {
    crate::names::quote(text)
}

impl Sel {
    fn of(slots: Bits) -> Self {
        Self { slots, ports: false, one: None }
    }
}
