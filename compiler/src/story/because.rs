//! Why a condition came out as it did: the atoms that decided it, as they were written, with the values they read.

use route_chain::Value;
use route_chain::ir::{self, ChainSet, Cond};
use route_chain::state::path_text;
use route_chain::trace::{Atom, Judged, Outcome, Read};
use route_grammar::{FileId, Sources, Span};
use serde::Serialize;
use serde_json::Value as Json;

use super::values::short;
use crate::explain;
use crate::hir::{Const, Expr, Kind};

/// One comparison or test that decided a condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Because {
    /// As it was written.
    pub condition: String,
    /// What that stands for, when it was written as the name of a predicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// Whether it holds as written.
    pub holds: bool,
    /// An operand had no value.
    pub absent: bool,
    /// What it read.
    pub values: Vec<Named>,
    /// Where it was written.
    #[serde(skip)]
    pub place: Option<(FileId, Span)>,
}

/// A value with what it is called.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    /// `msg.payload.temperature`, `hot`, `len(msg.payload)`.
    pub name: String,
    /// What it was; `null` also when it is absent.
    pub value: Json,
    /// As people read it.
    #[serde(skip)]
    pub shown: String,
    /// The same for every message.
    pub constant: bool,
}

impl Because {
    /// ``msg.payload.temperature > hot` does not hold: `msg.payload.temperature` was 34, `hot` is 35``
    pub fn text(&self) -> String {
        let meaning = self.meaning.as_ref().map_or(String::new(), |meaning| format!(", `{meaning}`,"));
        self.told(&format!("`{}`{meaning}", self.condition))
    }

    /// The same where the condition itself is at hand.
    pub fn text_here(&self) -> String {
        let meaning = self.meaning.as_ref().map(|meaning| format!("`{meaning}`"));
        self.told(meaning.as_deref().unwrap_or("this"))
    }

    fn told(&self, what: &str) -> String {
        let values = self.values();
        let outcome = if self.holds { "holds" } else { "does not hold" };
        if values.is_empty() { format!("{what} {outcome}") } else { format!("{what} {outcome}: {values}") }
    }

    /// ``msg.payload.temperature` was 34, `hot` is 35``; empty when nothing was read.
    pub fn values(&self) -> String {
        let one = |v: &Named| format!("`{}` {} {}", v.name, if v.constant { "is" } else { "was" }, v.shown);
        self.values.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// An outcome as the atom was written: lowering turns `a != b` into not `a == b`.
pub(crate) fn as_written(written: Option<&Expr>, outcome: Outcome) -> Outcome {
    match (written.map(|e| &e.kind), outcome) {
        (Some(Kind::Cmp(_, true, ..)), Outcome::True) => Outcome::False,
        (Some(Kind::Cmp(_, true, ..)), Outcome::False) => Outcome::True,
        (_, outcome) => outcome,
    }
}

/// The atoms that decided a condition; those that were written as one (`in` a list) are told once.
///
/// `paths` are those that the condition refers to; `lowered` prints an atom by number, negated or not.
pub(crate) fn because(
    judged: &Judged,
    written: &[&Expr],
    paths: &[ir::Path],
    sources: &Sources,
    lowered: &dyn Fn(usize, bool) -> String,
) -> Vec<Because> {
    // Without the exact origin of each atom the lowered form must do.
    let written = if written.len() == judged.atoms.len() { written } else { &[] };
    let mut found: Vec<Because> = Vec::new();
    for at in &judged.decisive {
        let at = *at as usize;
        let Some(Some(atom)) = judged.atoms.get(at) else { continue };
        let origin = written.get(at).copied();
        let place = origin.map(|e| (e.file, e.span));
        let holds = match (origin.map(|e| &e.kind), atom.outcome) {
            (Some(Kind::Cmp(_, true, ..)), outcome) => outcome != Outcome::True,
            (_, outcome) => outcome == Outcome::True,
        };
        match found.iter_mut().find(|known| place.is_some() && known.place == place) {
            Some(known) => {
                known.holds |= holds;
                known.absent &= atom.outcome == Outcome::Absent;
            }
            None => found.push(Because {
                condition: origin.map_or_else(|| lowered(at, false), |e| text_of(e, sources)),
                meaning: origin
                    .filter(|e| is_name(e, sources))
                    .map(|e| lowered(at, matches!(e.kind, Kind::Cmp(_, true, ..)))),
                holds,
                absent: atom.outcome == Outcome::Absent,
                values: values(atom, origin, paths, sources),
                place,
            }),
        }
    }
    found
}

/// The atom of that number, in the words of the language.
pub(crate) fn lowered(set: &ChainSet, cond: Option<&Cond>, at: usize, negated: bool) -> String {
    fn collect<'c>(cond: &'c Cond, leaves: &mut Vec<&'c Cond>) {
        match cond {
            Cond::Const(_) => {}
            Cond::Not(inner) => collect(inner, leaves),
            Cond::And(all) | Cond::Or(all) => all.iter().for_each(|c| collect(c, leaves)),
            leaf => leaves.push(leaf),
        }
    }
    let mut leaves = Vec::new();
    if let Some(cond) = cond {
        collect(cond, &mut leaves);
    }
    match leaves.get(at) {
        None => String::new(),
        Some(leaf) if negated => explain::condition(set, &Cond::Not(Box::new((*leaf).clone()))),
        Some(leaf) => explain::condition(set, leaf),
    }
}

/// The words of an expression, on one line.
pub(crate) fn text_of(e: &Expr, sources: &Sources) -> String {
    let text = sources.get(e.file).and_then(|source| source.text.get(e.span.range())).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether an atom was written as the name of a predicate.
fn is_name(e: &Expr, sources: &Sources) -> bool {
    let text = text_of(e, sources);
    let name = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(text.len(), |at| at);
    let called = text.get(name..).unwrap_or_default();
    let plain = matches!(e.kind, Kind::Has(_) | Kind::Sample(..) | Kind::Call(..) | Kind::Msg(_));
    name > 0 && !plain && (called.is_empty() || (called.starts_with('(') && called.ends_with(')')))
}

/// The operands of an atom as written, from left to right.
fn operands(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        Kind::Cmp(_, _, a, b) | Kind::Text(_, a, b) => vec![a, b],
        Kind::InRange(a, low, high, _) => vec![a, low, high],
        Kind::InList(a, _) | Kind::InCidr(a, _) | Kind::Matches(a, _) | Kind::Is(a, _) | Kind::Has(a) => {
            vec![a]
        }
        Kind::Sample(_, key) => key.iter().map(|key| &**key).collect(),
        _ => vec![e],
    }
}

fn values(atom: &Atom, origin: Option<&Expr>, paths: &[ir::Path], sources: &Sources) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let mut add = |named: Named| {
        if !found.iter().any(|known| known.name == named.name) {
            found.push(named);
        }
    };
    if let Some(drawn) = atom.drawn {
        add(named("the dice", Some(&Value::Number((drawn * 1000.0).round() / 1000.0)), false));
    }
    let written = origin.map(operands).unwrap_or_default();
    for (at, read) in atom.operands.iter().enumerate() {
        if let Some(e) = written.get(at) {
            operand(e, read, sources, &mut add);
        }
        for (path, value) in &read.paths {
            let path = paths.get(*path as usize).map(|path| path_text(path)).unwrap_or_default();
            add(named(&path, value.as_ref(), false));
        }
    }
    found
}

/// What is worth saying of an operand besides the paths in it: nothing of a literal, the value of a name or of what was
/// computed.
fn operand(e: &Expr, read: &Read, sources: &Sources, add: &mut impl FnMut(Named)) {
    let text = text_of(e, sources);
    let plain = |c: &Const| matches!(c, Const::List(_) | Const::Object(_));
    match &e.kind {
        Kind::Msg(_) | Kind::Has(_) => {}
        Kind::Const(c) if !text.starts_with(|c: char| c.is_alphabetic() || c == '_') || plain(c) => {}
        Kind::Const(Const::Null | Const::Bool(_)) if ["null", "true", "false"].contains(&text.as_str()) => {}
        Kind::Const(_) | Kind::End(..) => add(named(&text, read.value.as_ref(), true)),
        Kind::Neg(inner) if matches!(inner.kind, Kind::Const(_)) => {}
        _ => add(named(&text, read.value.as_ref(), false)),
    }
}

fn named(name: &str, value: Option<&Value>, constant: bool) -> Named {
    let json = value.and_then(Value::to_json).unwrap_or(Json::Null);
    Named { name: name.to_owned(), value: json, shown: short(value), constant }
}
