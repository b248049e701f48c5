//! The entries of a flow file by what they are, with names, groups and wires resolved inside each scope.

use route_grammar::Span;
use rustc_hash::{FxHashMap, FxHashSet};

use super::json::{Kind, Spanned};
use super::read::Entry;
use super::{Oddity, Scope, ScopeIx, WireKind};

/// More outputs than this no node has; a bigger number is a slip that must not cost memory.
const MAX_OUTPUTS: usize = 65_536;
/// Groups nest no deeper; a chain of parents that is longer is a cycle.
const MAX_GROUPS: usize = 64;

/// A node as the file has it, before subflow instances are expanded.
pub(super) struct Static<'r, 'a> {
    pub(super) id: &'r str,
    pub(super) ty: &'r str,
    pub(super) value: &'r Spanned<'a>,
    pub(super) tab: Option<ScopeIx>,
    /// The subflow definition that it stands in.
    pub(super) subflow: Option<ScopeIx>,
    /// Its place among the nodes of its scope.
    pub(super) slot: usize,
    pub(super) groups: Vec<ScopeIx>,
    pub(super) disabled: bool,
    pub(super) instance_of: Option<ScopeIx>,
    pub(super) wires: Vec<Vec<Target>>,
    pub(super) outputs: u32,
    pub(super) output_labels: Vec<String>,
    pub(super) config: bool,
}

/// Where a wire goes, inside one scope.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// Index of the static node.
    pub(super) to: usize,
    pub(super) kind: WireKind,
    pub(super) span: Span,
}

/// Where a port of a subflow comes from.
#[derive(Clone, Copy)]
pub(super) enum PortEnd {
    /// An output of the subflow, from 0.
    Output(usize),
    /// The status of the instance.
    Status,
}

/// The inside of a subflow definition.
#[derive(Default)]
pub(super) struct Inside<'r, 'a> {
    /// Static nodes in file order.
    pub(super) items: Vec<usize>,
    /// Static config nodes in file order.
    pub(super) configs: Vec<usize>,
    /// Targets of each input.
    pub(super) inputs: Vec<Vec<Target>>,
    /// Inputs that lead straight to a port.
    pub(super) straight: Vec<(usize, PortEnd)>,
    /// By static node: its port, and the port of the subflow that it feeds.
    pub(super) feeds: FxHashMap<usize, Vec<(usize, PortEnd)>>,
    pub(super) outputs: usize,
    pub(super) output_labels: Vec<String>,
    pub(super) status: Option<Span>,
    /// Ids of nodes and configs, which references inside an instance are renamed by.
    pub(super) ids: FxHashSet<&'r str>,
    pub(super) value: Option<&'r Spanned<'a>>,
}

/// All entries of a file.
#[derive(Default)]
pub(super) struct Entries<'r, 'a> {
    pub(super) tabs: Vec<Scope>,
    pub(super) groups: Vec<Scope>,
    pub(super) subflows: Vec<Scope>,
    pub(super) tab_values: Vec<&'r Spanned<'a>>,
    pub(super) group_values: Vec<&'r Spanned<'a>>,
    pub(super) inside: Vec<Inside<'r, 'a>>,
    /// Nodes and config nodes in file order.
    pub(super) nodes: Vec<Static<'r, 'a>>,
    /// Nodes outside of all definitions, in file order.
    pub(super) roots: Vec<usize>,
    /// Config nodes outside of all definitions.
    pub(super) configs: Vec<usize>,
}

struct Sorter<'r, 'a, 'o> {
    out: Entries<'r, 'a>,
    oddities: &'o mut Vec<Oddity>,
    tabs: FxHashMap<&'r str, ScopeIx>,
    groups: FxHashMap<&'r str, ScopeIx>,
    subflows: FxHashMap<&'r str, ScopeIx>,
    by_id: FxHashMap<&'r str, usize>,
    /// Values of `z` that nothing has as its id.
    absent: FxHashSet<&'r str>,
}

impl<'r, 'a> Entries<'r, 'a> {
    /// Sorts the entries; of doubled ids the first one wins.
    pub(super) fn sort(list: Vec<Entry<'r, 'a>>, oddities: &mut Vec<Oddity>) -> Entries<'r, 'a> {
        let mut s = Sorter {
            out: Entries::default(),
            oddities,
            tabs: FxHashMap::default(),
            groups: FxHashMap::default(),
            subflows: FxHashMap::default(),
            by_id: FxHashMap::default(),
            absent: FxHashSet::default(),
        };
        let rest = s.scopes(list);
        let targets = wire_targets(&rest);
        let chains = s.group_chains();
        for entry in rest {
            s.node(entry, &targets, &chains);
        }
        for i in 0..s.out.nodes.len() {
            s.wires(i);
        }
        s.links();
        for i in 0..s.out.inside.len() {
            s.ports(i);
        }
        s.out
    }

    /// Whether two static nodes stand in one scope: the same definition, or both outside of all.
    pub(super) fn same_scope(&self, a: usize, b: usize) -> bool {
        self.nodes[a].subflow == self.nodes[b].subflow
    }
}

/// Ids that some wire names: what a wire leads to is no config node, whatever else it lacks.
fn wire_targets<'r>(list: &[Entry<'r, '_>]) -> FxHashSet<&'r str> {
    let mut ids = FxHashSet::default();
    for entry in list {
        for port in entry.value.get("wires").and_then(Spanned::list).unwrap_or(&[]) {
            for target in port.list().unwrap_or(std::slice::from_ref(port)) {
                ids.extend(target.text().or_else(|| target.get("id").and_then(Spanned::text)));
            }
        }
    }
    ids
}

impl<'r, 'a> Sorter<'r, 'a, '_> {
    fn nowhere(&mut self, message: String, span: Span) {
        self.oddities.push(Oddity { message, nowhere: true, span });
    }

    fn odd(&mut self, message: String, span: Span) {
        self.oddities.push(Oddity { message, nowhere: false, span });
    }

    /// Takes tabs, groups and definitions out of the list; drops entries whose id was there before.
    fn scopes(&mut self, list: Vec<Entry<'r, 'a>>) -> Vec<Entry<'r, 'a>> {
        let mut seen = FxHashSet::default();
        let mut rest = Vec::with_capacity(list.len());
        for entry in list {
            if !seen.insert(entry.id) {
                self.odd(
                    format!("the id `{}` is there twice; the first one counts", entry.id),
                    id_span(&entry),
                );
                continue;
            }
            let (scopes, index) = match entry.ty {
                "tab" => (&mut self.out.tabs, &mut self.tabs),
                "group" => (&mut self.out.groups, &mut self.groups),
                "subflow" => (&mut self.out.subflows, &mut self.subflows),
                _ => {
                    rest.push(entry);
                    continue;
                }
            };
            index.insert(entry.id, ScopeIx(scopes.len() as u32));
            let scope = scope(&entry, self.oddities);
            scopes.push(scope);
            match entry.ty {
                "tab" => self.out.tab_values.push(entry.value),
                "group" => self.out.group_values.push(entry.value),
                _ => self.out.inside.push(Inside { value: Some(entry.value), ..Inside::default() }),
            }
        }
        rest
    }

    /// Every group with its parents, innermost first.
    fn group_chains(&mut self) -> Vec<Vec<ScopeIx>> {
        let parents: Vec<Option<ScopeIx>> =
            (0..self.out.group_values.len()).map(|i| self.group_of(self.out.group_values[i])).collect();
        let mut chains = Vec::with_capacity(parents.len());
        for i in 0..parents.len() {
            let mut chain = vec![ScopeIx(i as u32)];
            let mut at = parents[i];
            while let Some(group) = at {
                if chain.len() >= MAX_GROUPS || chain.contains(&group) {
                    let id = self.out.groups[i].id.clone();
                    self.odd(
                        format!("the group `{id}` lies in itself, or too deep"),
                        self.out.groups[i].span,
                    );
                    break;
                }
                chain.push(group);
                at = parents[group.0 as usize];
            }
            chains.push(chain);
        }
        chains
    }

    fn group_of(&mut self, value: &'r Spanned<'a>) -> Option<ScopeIx> {
        let g = value.get("g")?;
        let id = g.text().filter(|id| !id.is_empty())?;
        let found = self.groups.get(id).copied();
        if found.is_none() {
            self.nowhere(format!("no group has the id `{id}`"), g.span);
        }
        found
    }

    fn node(&mut self, entry: Entry<'r, 'a>, targets: &FxHashSet<&str>, chains: &[Vec<ScopeIx>]) {
        let value = entry.value;
        let wired = value.get("wires").is_some() || targets.contains(entry.id);
        let placed = value.get("x").is_some() && value.get("y").is_some();
        let config = !placed && !wired;
        let tab = entry.z.and_then(|z| self.tabs.get(z).copied());
        let subflow = entry.z.and_then(|z| self.subflows.get(z).copied());
        if let (Some(z), None, None) = (entry.z, tab, subflow) {
            // Told once for each place: in a part of a flow, all nodes miss their tab.
            if self.absent.insert(z) {
                let span = value.get("z").map_or(first_byte(value), |v| v.span);
                self.odd(format!("`{}` stands on `{z}`, which is not there", entry.id), span);
            }
        }
        let groups = self.group_of(value).map(|g| chains[g.0 as usize].clone()).unwrap_or_default();
        let disabled = value.get("d").is_some_and(Spanned::truthy)
            || tab.is_some_and(|t| self.out.tabs[t.0 as usize].disabled)
            || groups.iter().any(|g| self.out.groups[g.0 as usize].disabled);
        let instance_of = match entry.ty.strip_prefix("subflow:") {
            None => None,
            Some(of) => {
                let found = self.subflows.get(of).copied();
                if found.is_none() {
                    let span = value.get("type").map_or(first_byte(value), |v| v.span);
                    self.nowhere(format!("no subflow has the id `{of}`"), span);
                }
                found
            }
        };
        let i = self.out.nodes.len();
        let of_scope = match (subflow, config) {
            (Some(s), true) => &mut self.out.inside[s.0 as usize].configs,
            (Some(s), false) => &mut self.out.inside[s.0 as usize].items,
            (None, true) => &mut self.out.configs,
            (None, false) => &mut self.out.roots,
        };
        let slot = of_scope.len();
        of_scope.push(i);
        if let Some(s) = subflow {
            self.out.inside[s.0 as usize].ids.insert(entry.id);
        }
        if !config {
            self.by_id.insert(entry.id, i);
        }
        self.out.nodes.push(Static {
            id: entry.id,
            ty: entry.ty,
            value,
            tab,
            subflow,
            slot,
            groups,
            disabled,
            instance_of,
            wires: Vec::new(),
            outputs: 0,
            output_labels: labels(value.get("outputLabels")),
            config,
        });
    }

    /// The lines of the editor.
    fn wires(&mut self, i: usize) {
        let value = self.out.nodes[i].value;
        let mut ports: Vec<Vec<Target>> = Vec::new();
        if let Some(wires) = value.get("wires") {
            match wires.list() {
                Some(list) => {
                    if list.len() > MAX_OUTPUTS {
                        self.odd(format!("more than {MAX_OUTPUTS} outputs"), first_byte(wires));
                    }
                    for port in list.iter().take(MAX_OUTPUTS) {
                        ports.push(self.targets(i, port));
                    }
                }
                None if matches!(wires.kind, Kind::Null) => {}
                None => self.odd("`wires` is no list".to_owned(), wires.span),
            }
        }
        let given = value.get("outputs").and_then(number).unwrap_or(0.0);
        if given > MAX_OUTPUTS as f64 {
            let span = value.get("outputs").map_or(value.span, |v| v.span);
            self.odd(format!("more than {MAX_OUTPUTS} outputs"), span);
        }
        let given = if given > 0.0 { (given as usize).min(MAX_OUTPUTS) } else { 0 };
        self.out.nodes[i].outputs = ports.len().max(given) as u32;
        self.out.nodes[i].wires = ports;
    }

    /// The targets of one port, each once; a port that is no list is taken as its only target.
    fn targets(&mut self, from: usize, port: &'r Spanned<'a>) -> Vec<Target> {
        let list = match &port.kind {
            Kind::List(list) => list.as_slice(),
            Kind::Null => &[],
            _ => {
                self.odd("this output is no list of ids".to_owned(), port.span);
                std::slice::from_ref(port)
            }
        };
        let mut seen = FxHashSet::default();
        let mut targets = Vec::with_capacity(list.len());
        for item in list {
            let id = item.get("id").unwrap_or(item);
            if let Some(to) = self.find(id, "this wire") {
                if !self.out.same_scope(from, to) {
                    self.odd(
                        "this wire crosses the border of a subflow and carries nothing".to_owned(),
                        id.span,
                    );
                } else if seen.insert(to) {
                    targets.push(Target { to, kind: WireKind::Line, span: id.span });
                } else {
                    self.odd("this wire is there twice; it counts once".to_owned(), id.span);
                }
            }
        }
        targets
    }

    fn find(&mut self, id: &Spanned<'a>, what: &str) -> Option<usize> {
        let Some(text) = id.text() else {
            self.odd(format!("{what} leads to something that is no id"), first_byte(id));
            return None;
        };
        let found = self.by_id.get(text).copied();
        if found.is_none() {
            self.nowhere(format!("{what} leads to `{text}`, which is not there"), id.span);
        }
        found
    }

    /// Link out → link in from both ends' `links`, and link call → link in.
    fn links(&mut self) {
        let mut seen: FxHashSet<(usize, usize)> = FxHashSet::default();
        for i in 0..self.out.nodes.len() {
            let node = &self.out.nodes[i];
            let (value, ty) = (node.value, node.ty);
            let calls = ty == "link call" && value.get("linkType").and_then(Spanned::text) != Some("dynamic");
            let sends = is_sending_link(node);
            if !(calls || sends || ty == "link in") {
                continue;
            }
            for id in value.get("links").and_then(Spanned::list).unwrap_or(&[]) {
                let Some(other) = self.find(id, "this link") else { continue };
                let (from, to) = if ty == "link in" { (other, i) } else { (i, other) };
                if ty == "link in" && !is_sending_link(&self.out.nodes[from]) {
                    // Link calls are told by their own end only.
                    continue;
                }
                if self.out.nodes[to].ty != "link in" {
                    self.odd("this link leads to a node that is no link in".to_owned(), id.span);
                } else if !self.out.same_scope(from, to) {
                    self.odd(
                        "this link crosses the border of a subflow and carries nothing".to_owned(),
                        id.span,
                    );
                } else if seen.insert((from, to)) {
                    let kind = if calls { WireKind::LinkCall } else { WireKind::Link };
                    let node = &mut self.out.nodes[from];
                    node.outputs = node.outputs.max(1);
                    if node.wires.is_empty() {
                        node.wires.push(Vec::new());
                    }
                    node.wires[0].push(Target { to, kind, span: id.span });
                }
            }
        }
    }

    /// Inputs, outputs and status of a definition.
    fn ports(&mut self, def: usize) {
        let Some(value) = self.out.inside[def].value else { return };
        let own_id = self.out.subflows[def].id.clone();
        let mut inside = std::mem::take(&mut self.out.inside[def]);
        for port in value.get("in").and_then(Spanned::list).unwrap_or(&[]) {
            let mut targets: Vec<Target> = Vec::new();
            for (id, _) in wire_ends(port) {
                let Some(to) = self.find(id, "this input") else { continue };
                if self.out.nodes[to].subflow != Some(ScopeIx(def as u32)) {
                    self.odd("this input leads out of the subflow".to_owned(), id.span);
                } else {
                    targets.push(Target { to, kind: WireKind::Subflow, span: id.span });
                }
            }
            inside.inputs.push(targets);
        }
        let outs = value.get("out").and_then(Spanned::list).unwrap_or(&[]);
        inside.outputs = outs.len();
        inside.output_labels = labels(value.get("outputLabels"));
        let mut ends: Vec<(&'r Spanned<'a>, PortEnd)> =
            outs.iter().enumerate().map(|(k, out)| (out, PortEnd::Output(k))).collect();
        if let Some(status) = value.get("status").filter(|s| s.is_object()) {
            inside.status = Some(status.span);
            ends.push((status, PortEnd::Status));
        }
        for (port, end) in ends {
            for (id, from_port) in wire_ends(port) {
                if id.text() == Some(&own_id) {
                    inside.straight.push((from_port, end));
                    continue;
                }
                let Some(from) = self.find(id, "this output") else { continue };
                if self.out.nodes[from].subflow != Some(ScopeIx(def as u32)) {
                    self.odd("this output comes from outside of the subflow".to_owned(), id.span);
                    continue;
                }
                inside.feeds.entry(from).or_default().push((from_port, end));
                let node = &mut self.out.nodes[from];
                node.outputs = node.outputs.max(from_port as u32 + 1);
            }
        }
        self.out.inside[def] = inside;
    }
}

/// The ends of a subflow's port: id and port from 0.
fn wire_ends<'r, 'a>(port: &'r Spanned<'a>) -> impl Iterator<Item = (&'r Spanned<'a>, usize)> {
    port.get("wires").and_then(Spanned::list).unwrap_or(&[]).iter().map(|end| {
        let port = end.get("port").and_then(number).unwrap_or(0.0).clamp(0.0, (MAX_OUTPUTS - 1) as f64);
        (end.get("id").unwrap_or(end), port as usize)
    })
}

fn is_sending_link(node: &Static<'_, '_>) -> bool {
    node.ty == "link out" && node.value.get("mode").and_then(Spanned::text) != Some("return")
}

/// A number, also when it is written as text.
fn number(value: &Spanned<'_>) -> Option<f64> {
    match &value.kind {
        Kind::Number(n) => n.as_f64(),
        Kind::Text(t) => t.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    }
}

fn labels(value: Option<&Spanned<'_>>) -> Vec<String> {
    let list = value.and_then(Spanned::list).unwrap_or(&[]);
    list.iter().map(|l| l.text().unwrap_or_default().to_owned()).collect()
}

/// Name and its place: the place of the id where there is no name.
pub(super) fn name(value: &Spanned<'_>, key: &str) -> (String, Span) {
    let given = value.get(key).filter(|v| v.text().is_some_and(|t| !t.is_empty()));
    let span = given.or_else(|| value.get("id")).map_or(value.span, |v| v.span);
    (given.and_then(Spanned::text).unwrap_or_default().to_owned(), span)
}

fn scope(entry: &Entry<'_, '_>, oddities: &mut Vec<Oddity>) -> Scope {
    let key = if entry.ty == "tab" || entry.value.get("name").is_none() { "label" } else { "name" };
    let (name, name_span) = name(entry.value, key);
    let flag = if entry.ty == "tab" { "disabled" } else { "d" };
    let disabled = entry.value.get(flag);
    if let Some(value) = disabled.filter(|v| matches!(&v.kind, Kind::Text(_))) {
        let taken = if value.truthy() { "true" } else { "false" };
        let message = format!("`{flag}` is a text, which Node-RED takes as {taken}");
        oddities.push(Oddity { message, nowhere: false, span: value.span });
    }
    let disabled = disabled.is_some_and(Spanned::truthy);
    Scope { id: entry.id.to_owned(), name, disabled, span: entry.value.span, name_span }
}

fn id_span(entry: &Entry<'_, '_>) -> Span {
    entry.value.get("id").map_or(entry.value.span, |v| v.span)
}

fn first_byte(value: &Spanned<'_>) -> Span {
    let span = value.span;
    Span { start: span.start, end: span.end.min(span.start + 1) }
}
