//! The Vim syntax: Vim, and Neovim without tree-sitter.
//!
//! Where several items match at one place Vim takes the one that was defined last, in whatever group it stands. So all
//! items are put into one order that no group contradicts, and written from the least to the most important.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use route_grammar::class::Class;

use crate::language::{Group, Piece, ROOT, Region, Rule, groups};
use crate::re::Re;

/// `syntax/route.vim`
pub fn syntax() -> String {
    let groups = groups();
    let mut syntax = Syntax { groups: &groups, ..Syntax::default() };
    syntax.group(ROOT);
    let all = syntax.items_of_all();
    let root = all.get(ROOT).cloned().unwrap_or_default();
    let mut out = String::from(
        "\" Vim syntax of the Route language.\n\
         \" Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors\n\
         if exists('b:current_syntax')\n  finish\nendif\nlet s:cpo = &cpo\nset cpo&vim\n\
         syn case match\nsyn iskeyword @,48-57,_,192-255\nsyn spell toplevel\nsyn sync fromstart\n\n",
    );
    for name in syntax.order().iter().rev() {
        let contained = if root.contains(name) { "" } else { " contained" };
        for line in syntax.items.get(name).into_iter().flatten() {
            let _ = writeln!(out, "{line}{contained}");
        }
    }
    out.push('\n');
    for (name, list) in &all {
        let _ = writeln!(out, "syn cluster {} contains={}", cluster(name), list.join(","));
    }
    out.push('\n');
    for (name, class) in &syntax.links {
        let _ = writeln!(out, "hi def link {name} route{}", class.name());
    }
    for class in Class::ALL {
        let _ = writeln!(out, "hi def link route{} {}", class.name(), class.scopes().vim);
    }
    out.push_str("\nlet b:current_syntax = 'route'\nlet &cpo = s:cpo\nunlet s:cpo\n");
    out
}

#[derive(Default)]
struct Syntax<'a> {
    groups: &'a [Group],
    /// The lines that define an item, by its name.
    items: BTreeMap<String, Vec<String>>,
    /// What stands in each group and region, the most important first.
    contexts: BTreeMap<String, Vec<Entry>>,
    /// The class of each name that shows.
    links: BTreeMap<String, Class>,
}

/// A part of a group or region.
#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Item(String),
    /// Everything of a group, which may in turn hold this one.
    Group(&'static str),
}

impl Syntax<'_> {
    /// Defines a group, once.
    fn group(&mut self, name: &str) {
        let groups = self.groups;
        if let Some(group) = groups.iter().find(|g| g.name == name && !self.contexts.contains_key(name)) {
            self.context(name, Vec::new(), &group.rules);
        }
    }

    /// Defines the rules of a group or region, after the items that it has already.
    fn context(&mut self, name: &str, heads: Vec<String>, rules: &[Rule]) {
        self.contexts.insert(name.to_owned(), Vec::new());
        let mut list: Vec<Entry> = heads.into_iter().map(Entry::Item).collect();
        for (at, rule) in rules.iter().enumerate() {
            list.push(match rule {
                Rule::Group(group) => {
                    self.group(group);
                    Entry::Group(group)
                }
                Rule::Token(pieces) => Entry::Item(self.token(&format!("{}{at}", id(name)), pieces)),
                Rule::Region(region) => Entry::Item(self.region(region)),
            });
        }
        self.contexts.insert(name.to_owned(), list);
    }

    /// The items of every group and region with those of the groups in it, the most important first, each once.
    fn items_of_all(&self) -> BTreeMap<&str, Vec<String>> {
        let items = |name: &'_ String| {
            let mut items = Vec::new();
            self.add_items(name, &mut BTreeSet::new(), &mut items);
            items
        };
        self.contexts.keys().map(|name| (name.as_str(), items(name))).collect()
    }

    fn add_items<'s>(&'s self, name: &'s str, seen: &mut BTreeSet<&'s str>, items: &mut Vec<String>) {
        if !seen.insert(name) {
            return;
        }
        for entry in self.contexts.get(name).into_iter().flatten() {
            match entry {
                Entry::Item(item) if !items.contains(item) => items.push(item.clone()),
                Entry::Item(_) => {}
                Entry::Group(group) => self.add_items(group, seen, items),
            }
        }
    }

    /// Pieces one after the other: each names the next one.
    fn token(&mut self, id: &str, pieces: &[Piece]) -> String {
        let shown: Vec<(usize, Class)> =
            pieces.iter().enumerate().filter_map(|(at, piece)| Some((at, piece.class?))).collect();
        let mut lines = Vec::new();
        for (nth, (at, class)) in shown.iter().enumerate() {
            let name = self.link(*class, &part(id, nth));
            let mut re = String::new();
            if nth == 0 {
                re += &looking(&pieces[..*at], "@<=");
                re += &pieces[*at].re.vim();
                re += &looking(&pieces[at + 1..], "@=");
            } else {
                re += &pieces[*at].re.vim();
            }
            let next = shown.get(nth + 1).map(|(_, class)| class_name(*class, &part(id, nth + 1)));
            let next = next.map_or_else(String::new, |n| format!(" nextgroup={n} skipwhite"));
            // Only the first one stands in a group: the others follow it.
            let contained = if nth > 0 { " contained" } else { "" };
            lines.push(format!("syn match {name} /\\v{re}/{next}{contained}"));
        }
        let name = shown.first().map_or_else(String::new, |(_, class)| class_name(*class, id));
        lines.reverse();
        self.items.insert(name.clone(), lines);
        name
    }

    fn region(&mut self, region: &Region) -> String {
        let id = id(region.name);
        let name = match region.body {
            Some(class) => self.link(class, &id),
            None => format!("routeIn_{id}"),
        };
        if self.contexts.contains_key(region.name) {
            return name;
        }
        let mut heads = Vec::new();
        for at in 1..region.begin.len() {
            let Some(class) = region.begin[at].class else { continue };
            let head = self.link(class, &format!("{id}Head{at}"));
            let behind = looking(&region.begin[..at], "@<=");
            let line = format!("syn match {head} /\\v{behind}{}/", region.begin[at].re.vim());
            self.items.insert(head.clone(), vec![line]);
            heads.push(head);
        }
        let mut begin = String::new();
        let mut first = "NONE".to_owned();
        if let Some((head, rest)) = region.begin.split_first() {
            begin = head.re.vim() + &looking(rest, "@=");
            first = head.class.map_or(first, |class| self.link(class, &format!("{id}Begin")));
        }
        let last = match region.end.class {
            Some(class) => self.link(class, &format!("{id}End")),
            None => "NONE".to_owned(),
        };
        let end = region.end.re.vim();
        let inside = cluster(region.name);
        let line = format!(
            "syn region {name} matchgroup={first} start=/\\v{begin}/ matchgroup={last} end=/\\v{end}/ contains=@{inside}"
        );
        self.items.insert(name.clone(), vec![line]);
        self.context(region.name, heads, &region.rules);
        name
    }

    fn link(&mut self, class: Class, id: &str) -> String {
        let name = class_name(class, id);
        self.links.insert(name.clone(), class);
        name
    }

    /// All items, so that none stands before one that is more important in some context.
    fn order(&self) -> Vec<String> {
        let mut before: BTreeMap<&str, BTreeSet<&str>> =
            self.items.keys().map(|name| (name.as_str(), BTreeSet::new())).collect();
        let all = self.items_of_all();
        for list in all.values() {
            for pair in list.windows(2) {
                before.entry(&pair[1]).or_default().insert(&pair[0]);
            }
        }
        let mut out = Vec::new();
        while let Some(free) = before.iter().find(|(_, needs)| needs.is_empty()).map(|(name, _)| *name) {
            before.remove(free);
            for needs in before.values_mut() {
                needs.remove(free);
            }
            out.push(free.to_owned());
        }
        assert!(before.is_empty(), "groups contradict each other: {before:?}");
        out
    }
}

fn class_name(class: Class, id: &str) -> String {
    format!("route{}_{id}", class.name())
}

fn part(id: &str, nth: usize) -> String {
    if nth == 0 { id.to_owned() } else { format!("{id}_{nth}") }
}

fn cluster(context: &str) -> String {
    format!("routeC_{}", id(context))
}

/// A name as Vim allows it.
fn id(name: &str) -> String {
    name.replace('-', "_")
}

/// Pieces before or after a place.
fn looking(pieces: &[Piece], how: &str) -> String {
    if pieces.is_empty() {
        return String::new();
    }
    let all = Re::Seq(pieces.iter().map(|p| p.re.clone()).collect());
    format!("%({}){how}", all.vim())
}
