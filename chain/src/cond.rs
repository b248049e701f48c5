//! The running form of conditions: single tests in a row, each with the one to go on at when it holds and when it does not.

use regex::Regex;

use crate::host::Host;
use crate::ir::{Cond, Path};
use crate::leaf::{Eval, Leaf};
use crate::message::Message;
use crate::slot::Slot;

/// What conditions are compiled against.
pub(crate) struct Scope<'s> {
    pub(crate) paths: &'s [Path],
    pub(crate) regexes: &'s [Regex],
}

/// Conditions in a row of nodes. Nodes only lead forwards, so that every run ends after at most as many tests as there
/// are.
#[derive(Debug, Default)]
pub(crate) struct Code {
    nodes: Vec<Node>,
}

/// A compiled condition.
#[derive(Debug)]
pub(crate) struct Test {
    code: Code,
    entry: u32,
}

#[derive(Debug)]
#[repr(align(64))]
struct Node {
    eval: Option<Eval>,
    leaf: Leaf,
    yes: u32,
    no: u32,
}

/// The end of a condition that holds.
pub(crate) const YES: u32 = u32::MAX;
/// The end of one that does not.
pub(crate) const NO: u32 = u32::MAX - 1;

impl Scope<'_> {
    pub(crate) fn slot(&self, at: u32) -> Option<Slot> {
        Slot::new(at, self.paths.get(at as usize)?)
    }

    pub(crate) fn test(&self, cond: &Cond) -> Test {
        let mut code = Code::default();
        let entry = self.append(cond, &mut code);
        Test { code, entry }
    }

    /// Puts a condition behind what stands in the code; returns where it begins.
    pub(crate) fn append(&self, cond: &Cond, code: &mut Code) -> u32 {
        let mut nodes = Vec::new();
        let entry = self.put(cond, YES, NO, &mut nodes);
        // They were put in from the last to the first.
        let last = (code.nodes.len() + nodes.len()) as u32;
        let turn = |at: u32| if at >= NO { at } else { last - 1 - at };
        code.nodes.extend(nodes.into_iter().rev().map(|node| Node {
            yes: turn(node.yes),
            no: turn(node.no),
            ..node
        }));
        turn(entry)
    }

    /// Puts a condition in front of what stands there; returns where it begins.
    fn put(&self, cond: &Cond, yes: u32, no: u32, nodes: &mut Vec<Node>) -> u32 {
        match cond {
            Cond::Const(true) => yes,
            Cond::Const(false) => no,
            Cond::Not(inner) => self.put(inner, no, yes, nodes),
            Cond::And(all) => all.iter().rev().fold(yes, |next, cond| self.put(cond, next, no, nodes)),
            Cond::Or(any) => any.iter().rev().fold(no, |next, cond| self.put(cond, yes, next, nodes)),
            leaf => {
                let leaf = self.leaf(leaf);
                nodes.push(Node { eval: leaf.eval(), leaf, yes, no });
                nodes.len() as u32 - 1
            }
        }
    }
}

impl Code {
    /// Whether the condition that begins at `entry` holds.
    #[inline]
    pub(crate) fn holds<H: Host + ?Sized>(&self, entry: u32, msg: &Message, host: &mut H) -> bool {
        let mut at = entry;
        while let Some(node) = self.nodes.get(at as usize) {
            let holds = match node.eval {
                Some(eval) => eval(&node.leaf, msg),
                None => node.leaf.with_host(msg, host),
            };
            if holds {
                // Keeps this a branch, which the processor predicts: as a choice between two numbers it would have to
                // wait for each test before it could begin the next.
                std::hint::black_box(());
                at = node.yes;
            } else {
                at = node.no;
            }
        }
        at == YES
    }

    /// Where to begin instead of at `entry` when the value at a path is known to equal `value`: the first test is passed
    /// over if that answers it.
    pub(crate) fn after_equality(&self, entry: u32, path: u32, value: &serde_json::Value) -> u32 {
        match self.nodes.get(entry as usize) {
            Some(node) if node.leaf.is_implied_by(path, value) => node.yes,
            _ => entry,
        }
    }

    /// The condition at `entry`, when it asks no more than whether the number at a path (index) lies between two others,
    /// or whether it does not.
    pub(crate) fn number_in(&self, entry: u32) -> Option<(u32, f64, f64, bool)> {
        let node = self.nodes.get(entry as usize)?;
        let (path, low, high) = node.leaf.number_in()?;
        match (node.yes, node.no) {
            (YES, NO) => Some((path, low, high, false)),
            (NO, YES) => Some((path, low, high, true)),
            _ => None,
        }
    }

    /// Whether the first thing that is asked at `entry` is the value at a path.
    pub(crate) fn begins_with(&self, entry: u32, path: u32) -> bool {
        self.nodes.get(entry as usize).is_some_and(|node| node.leaf.asks(path))
    }

    /// Every path that is read and counted from one node on to before another.
    pub(crate) fn slots<'a>(&'a self, nodes: std::ops::Range<u32>, found: &mut Vec<&'a Slot>) {
        let nodes = self.nodes.get(nodes.start as usize..nodes.end as usize).unwrap_or_default();
        nodes.iter().for_each(|node| node.leaf.slots(found));
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> u32 {
        self.nodes.len() as u32
    }
}

impl Test {
    /// Whether the condition holds.
    pub(crate) fn holds<H: Host + ?Sized>(&self, msg: &Message, host: &mut H) -> bool {
        self.code.holds(self.entry, msg, host)
    }

    /// Every path that it reads and counts.
    pub(crate) fn slots<'a>(&'a self, found: &mut Vec<&'a Slot>) {
        self.code.slots(0..self.code.len(), found);
    }
}
