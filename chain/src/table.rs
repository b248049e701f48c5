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
    texts: FxHashMap<Short, List>,
    long_texts: FxHashMap<ArcStr, List>,
    /// By the double's bits; never `-0` or NaN.
    numbers: FxHashMap<u64, List>,
    bools: [List; 2],
    null: List,
    other: List,
    prefixes: FxHashMap<Box<[u8]>, List>,
    /// Lengths of the prefixes, longest first.
    lengths: Box<[usize]>,
    /// Paths of quick tests, each once: what they remember stays near, however many rules there are.
    quick: Box<[Slot]>,
    /// The candidates of all lists, one list behind the other: a look-up that finds its list is as few steps away from
    /// it in memory as can be.
    candidates: Box<[Candidate]>,
}

/// A part of a table's candidates. With its key it fills one line of the cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List {
    from: u32,
    to: u32,
    /// The first of them, which most lists have alone: so it is found with the list and not a step in memory later.
    first: Candidate,
    /// What is left to ask of a message for the only candidate of this list, when it is no more than this.
    quick: Quick,
}

/// Whether the number at a path lies between two others, both included.
#[derive(Clone, Copy, Debug)]
struct Quick {
    /// Index into [`Table::quick`]; [`NOT_QUICK`]: more has to be asked.
    slot: u32,
    /// Asked is whether it does not.
    not: bool,
    low: f64,
    high: f64,
}

const NOT_QUICK: u32 = u32::MAX;

/// A text of at most 16 bytes, told from all others without going to where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Short {
    head: u64,
    tail: u64,
    length: usize,
}

impl Short {
    /// `None`: it is longer.
    #[inline]
    fn new(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let length = bytes.len();
        let (head, tail) = match length {
            8..=16 => {
                let (head, tail) = (bytes.first_chunk()?, bytes.last_chunk()?);
                (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
            }
            4..8 => {
                let (head, tail): (&[u8; 4], &[u8; 4]) = (bytes.first_chunk()?, bytes.last_chunk()?);
                (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail)))
            }
            0..4 => (bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)), 0),
            _ => return None,
        };
        Some(Self { head, tail, length })
    }
}

impl Table {
    /// `None`: its path does not exist; a checked set has no such table.
    pub(crate) fn new(table: &ir::Table, steps: &[Step], code: &Code, scope: &Scope<'_>) -> Option<Self> {
        let mut all: Vec<Candidate> = Vec::new();
        let mut slots: Vec<Slot> = Vec::new();
        let mut list = |able: &[u32], guard: &dyn Fn(&Step) -> u32| {
            let from = all.len();
            all.extend(able.iter().filter_map(|step| {
                Some(Candidate { step: *step, guard: guard(steps.get(*step as usize)?) })
            }));
            let first = all.get(from).copied().unwrap_or(Candidate { step: u32::MAX, guard: u32::MAX });
            let quick = match all.len() - from {
                1 => quick(code.number_in(first.guard), &mut slots, scope),
                _ => Quick::NONE,
            };
            List { from: from as u32, to: all.len() as u32, first, quick }
        };
        let other = list(&table.other, &|step| step.guard);
        let mut made = Self {
            from: table.from,
            to: table.to,
            slot: scope.slot(table.path)?,
            texts: FxHashMap::default(),
            long_texts: FxHashMap::default(),
            numbers: FxHashMap::default(),
            bools: [other; 2],
            null: other,
            other,
            prefixes: FxHashMap::default(),
            lengths: Box::default(),
            quick: Box::default(),
            candidates: Box::default(),
        };
        for (value, able) in &table.equal {
            let list = list(able, &|step| code.after_equality(step.guard, table.path, value));
            match value {
                Json::String(text) => match Short::new(text) {
                    Some(short) => drop(made.texts.insert(short, list)),
                    None => drop(made.long_texts.insert(text.into(), list)),
                },
                Json::Number(n) => drop(made.numbers.insert(bits(n.as_f64()?), list)),
                Json::Bool(b) => made.bools[usize::from(*b)] = list,
                Json::Null => made.null = list,
                Json::Array(_) | Json::Object(_) => return None,
            }
        }
        for (prefix, able) in &table.prefix {
            made.prefixes.insert(prefix.as_bytes().into(), list(able, &|step| step.guard));
        }
        let mut lengths: Vec<usize> = made.prefixes.keys().map(|prefix| prefix.len()).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        made.lengths = lengths.into();
        made.quick = slots.into();
        made.candidates = all.into();
        Some(made)
    }

    /// The list of the message's value.
    #[inline]
    pub(crate) fn find(&self, msg: &Message) -> &List {
        match self.slot.get(msg) {
            Some(Value::Text(text)) => {
                let known = match Short::new(text) {
                    Some(short) => self.texts.get(&short),
                    None => self.long_texts.get(text),
                };
                known.unwrap_or_else(|| self.by_prefix(text))
            }
            Some(Value::Number(n)) => self.numbers.get(&bits(*n)).unwrap_or(&self.other),
            Some(Value::Bool(b)) => &self.bools[usize::from(*b)],
            Some(Value::Null) => &self.null,
            _ => &self.other,
        }
    }

    /// The only step of a list, and whether it acts on the message; `None`: its condition has to be asked.
    #[inline]
    pub(crate) fn quick(&self, list: &List, msg: &Message) -> Option<(u32, bool)> {
        let quick = &list.quick;
        // Where there is no value, the condition counts that for its own router.
        let value = self.quick.get(quick.slot as usize)?.find(msg)?;
        let inside = matches!(value, Value::Number(n) if quick.low <= *n && *n <= quick.high);
        Some((list.first.step, inside != quick.not))
    }

    /// The steps of the run that can act on messages of a list.
    #[inline]
    pub(crate) fn list<'a>(&'a self, list: &'a List) -> &'a [Candidate] {
        if list.to - list.from == 1 {
            return std::slice::from_ref(&list.first);
        }
        self.candidates.get(list.from as usize..list.to as usize).unwrap_or_default()
    }

    #[inline]
    fn by_prefix(&self, text: &str) -> &List {
        let text = text.as_bytes();
        let known = |length: &usize| self.prefixes.get(text.get(..*length)?);
        self.lengths.iter().find_map(known).unwrap_or(&self.other)
    }

    /// How often there was no value at the path since this was asked last; for each step of the run that begins with
    /// that question and was passed over, that is once.
    pub(crate) fn take_absent(&self, steps: &[Step], code: &Code) -> Option<(u64, Vec<u32>)> {
        let times = self.slot.take_absent();
        let asked: Vec<u32> = self.list(&self.other).iter().map(|candidate| candidate.step).collect();
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

impl Quick {
    const NONE: Self = Self { slot: NOT_QUICK, not: false, low: 0.0, high: 0.0 };
}

fn quick(asked: Option<(u32, f64, f64, bool)>, slots: &mut Vec<Slot>, scope: &Scope<'_>) -> Quick {
    let Some((path, low, high, not)) = asked else { return Quick::NONE };
    let known = slots.iter().position(|slot| slot.path() == path);
    let at = known.or_else(|| {
        slots.push(scope.slot(path)?);
        Some(slots.len() - 1)
    });
    at.map_or(Quick::NONE, |at| Quick { slot: at as u32, not, low, high })
}

/// One number, one key: `-0` is `0`.
#[inline]
fn bits(n: f64) -> u64 {
    (n + 0.0).to_bits()
}
