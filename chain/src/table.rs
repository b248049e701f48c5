//! Tables in their running form: one look-up of a value instead of a test for each step.

use arcstr::ArcStr;
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use crate::cond::{Code, Scope};
use crate::ir;
use crate::message::Message;
use crate::slot::Slot;
use crate::step::Step;
use crate::value::Value;

/// A step that can act, and where its condition begins now that the value at the table's path is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) step: u32,
    pub(crate) guard: u32,
}

/// A run of steps with a table over it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) from: u32,
    pub(crate) to: u32,
    slot: Slot,
    texts: FxHashMap<ArcStr, u32>,
    /// By the double's bits; never `-0` or NaN.
    numbers: FxHashMap<u64, u32>,
    bools: [u32; 2],
    null: u32,
    prefixes: FxHashMap<Box<[u8]>, u32>,
    /// Lengths of the prefixes, longest first.
    lengths: Box<[usize]>,
    lists: Box<[Box<[Candidate]>]>,
}

/// Index of the list for all other values.
const OTHER: u32 = 0;

impl Table {
    /// `None`: its path does not exist; a checked set has no such table.
    pub(crate) fn new(table: &ir::Table, steps: &[Step], code: &Code, scope: &Scope<'_>) -> Option<Self> {
        let mut lists = vec![candidates(&table.other, |step| step.guard, steps)];
        let mut list = |steps_of: &[u32], guard: &dyn Fn(&Step) -> u32| {
            lists.push(candidates(steps_of, guard, steps));
            lists.len() as u32 - 1
        };
        let mut made = Self {
            from: table.from,
            to: table.to,
            slot: scope.slot(table.path)?,
            texts: FxHashMap::default(),
            numbers: FxHashMap::default(),
            bools: [OTHER; 2],
            null: OTHER,
            prefixes: FxHashMap::default(),
            lengths: Box::default(),
            lists: Box::default(),
        };
        for (value, of) in &table.equal {
            let list = list(of, &|step| code.after_equality(step.guard, table.path, value));
            match value {
                Json::String(text) => drop(made.texts.insert(text.into(), list)),
                Json::Number(n) => drop(made.numbers.insert(bits(n.as_f64()?), list)),
                Json::Bool(b) => made.bools[usize::from(*b)] = list,
                Json::Null => made.null = list,
                Json::Array(_) | Json::Object(_) => return None,
            }
        }
        for (prefix, of) in &table.prefix {
            let list = list(of, &|step| step.guard);
            made.prefixes.insert(prefix.as_bytes().into(), list);
        }
        let mut lengths: Vec<usize> = made.prefixes.keys().map(|prefix| prefix.len()).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        made.lengths = lengths.into();
        made.lists = lists.into();
        Some(made)
    }

    /// The steps of the run that can act on the message.
    #[inline]
    pub(crate) fn candidates(&self, msg: &Message) -> &[Candidate] {
        let at = match self.slot.get(msg) {
            Some(Value::Text(text)) => match self.texts.get(text) {
                Some(list) => *list,
                None => self.by_prefix(text),
            },
            Some(Value::Number(n)) => self.numbers.get(&bits(*n)).copied().unwrap_or(OTHER),
            Some(Value::Bool(b)) => self.bools[usize::from(*b)],
            Some(Value::Null) => self.null,
            _ => OTHER,
        };
        self.lists.get(at as usize).map(|list| &**list).unwrap_or_default()
    }

    #[inline]
    fn by_prefix(&self, text: &str) -> u32 {
        let text = text.as_bytes();
        let known = |length: &usize| self.prefixes.get(text.get(..*length)?).copied();
        self.lengths.iter().find_map(known).unwrap_or(OTHER)
    }

    /// How often there was no value at the path since this was asked last; for each step of the run that begins with
    /// that question and was passed over, that is once.
    pub(crate) fn take_absent(&self, steps: &[Step], code: &Code) -> Option<(u64, Vec<u32>)> {
        let times = self.slot.take_absent();
        let asked = self
            .lists
            .first()
            .map(|list| list.iter().map(|c| c.step).collect::<Vec<_>>())
            .unwrap_or_default();
        let asks = |step: &u32| {
            steps.get(*step as usize).is_some_and(|step| code.begins_with(step.guard, self.slot.path()))
        };
        let passed_over = (self.from..self.to).filter(|step| !asked.contains(step) && asks(step)).collect();
        (times > 0).then_some((times, passed_over))
    }

    /// Index of the path.
    pub(crate) fn path(&self) -> u32 {
        self.slot.path()
    }
}

fn candidates(of: &[u32], guard: impl Fn(&Step) -> u32, steps: &[Step]) -> Box<[Candidate]> {
    of.iter()
        .filter_map(|step| Some(Candidate { step: *step, guard: guard(steps.get(*step as usize)?) }))
        .collect()
}

/// One number, one key: `-0` is `0`.
#[inline]
fn bits(n: f64) -> u64 {
    (n + 0.0).to_bits()
}
