//! Conditions and operands of the reference interpreter, with a record of every value that was read.

use super::{Atom, Judged, Outcome, Read};
use crate::eval::Tables;
use crate::format::{self, FormatError};
use crate::ir::{self, Cmp, Cond, Operand};
use crate::message::Message;
use crate::ops::{self, Cidr};
use crate::value::Value;

/// Asks conditions of messages.
pub struct Recorder {
    tables: Tables,
}

impl Recorder {
    /// For conditions that refer to these paths and regular expressions.
    ///
    /// # Errors
    /// [`FormatError::Invalid`]: an expression does not compile.
    pub fn new(paths: &[ir::Path], regexes: &[String]) -> Result<Self, FormatError> {
        let compile = |regex: &String| {
            format::regex(regex).map_err(|e| FormatError::Invalid(format!("the expression `{regex}`: {e}")))
        };
        let regexes = regexes.iter().map(compile).collect::<Result<_, _>>()?;
        Ok(Self { tables: Tables::new(paths.to_vec(), regexes) })
    }

    /// The paths that conditions refer to.
    pub fn paths(&self) -> &[ir::Path] {
        &self.tables.paths
    }

    /// The path of an index.
    pub fn path(&self, at: u32) -> &[ir::Seg] {
        self.tables.paths.get(at as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// Asks a condition. `random` gives numbers in `0..1` for `sample`.
    pub fn judge(&self, cond: &Cond, msg: &Message, random: &mut dyn FnMut() -> f64) -> Judged {
        let mut atoms = Vec::new();
        let (holds, mut decisive) = self.ask(cond, msg, random, &mut atoms);
        decisive.sort_unstable();
        Judged { holds, atoms, decisive }
    }

    /// Reads an operand.
    pub fn read(&self, operand: &Operand, msg: &Message, random: &mut dyn FnMut() -> f64) -> Read {
        let value = self.tables.value(operand, msg, random);
        let mut found = Vec::new();
        paths_of(operand, &mut found);
        let paths = found.into_iter().map(|path| (path, msg.at(self.path(path)).cloned())).collect();
        Read { value, paths }
    }

    /// Whether it holds, and the atoms that decide it.
    fn ask(
        &self,
        cond: &Cond,
        msg: &Message,
        random: &mut dyn FnMut() -> f64,
        atoms: &mut Vec<Option<Atom>>,
    ) -> (bool, Vec<u32>) {
        match cond {
            Cond::Const(b) => (*b, Vec::new()),
            Cond::Not(inner) => {
                let (holds, decisive) = self.ask(inner, msg, random, atoms);
                (!holds, decisive)
            }
            Cond::And(all) => self.first(all, false, msg, random, atoms),
            Cond::Or(any) => self.first(any, true, msg, random, atoms),
            atom => {
                let at = atoms.len() as u32;
                let atom = self.atom(atom, msg, random);
                let holds = atom.outcome == Outcome::True;
                atoms.push(Some(atom));
                (holds, vec![at])
            }
        }
    }

    /// Asks until one comes out as `ends`: that one decides; otherwise all of them do.
    fn first(
        &self,
        conds: &[Cond],
        ends: bool,
        msg: &Message,
        random: &mut dyn FnMut() -> f64,
        atoms: &mut Vec<Option<Atom>>,
    ) -> (bool, Vec<u32>) {
        let mut decisive = Vec::new();
        for (at, cond) in conds.iter().enumerate() {
            let (holds, by) = self.ask(cond, msg, random, atoms);
            if holds == ends {
                let rest = conds.get(at + 1..).unwrap_or_default();
                let skipped: usize = rest.iter().map(super::atoms).sum();
                atoms.extend(std::iter::repeat_n(None, skipped));
                return (ends, by);
            }
            decisive.extend(by);
        }
        (!ends, decisive)
    }

    fn atom(&self, cond: &Cond, msg: &Message, random: &mut dyn FnMut() -> f64) -> Atom {
        let mut drawn = None;
        let operands: Vec<Read> = match cond {
            Cond::Sample(_) => {
                drawn = Some(random());
                Vec::new()
            }
            Cond::Has(path) => {
                let value = msg.at(self.path(*path)).cloned();
                vec![Read { paths: vec![(*path, value.clone())], value }]
            }
            _ => operands(cond).into_iter().map(|operand| self.read(operand, msg, random)).collect(),
        };
        let values: Option<Vec<&Value>> = operands.iter().map(|read| read.value.as_ref()).collect();
        let holds = match (cond, values.as_deref()) {
            (Cond::Sample(share), _) => drawn.is_some_and(|drawn| drawn < *share),
            (Cond::SampleBy(share, _), key) => {
                ops::share(key.and_then(|key| key.first().copied()).unwrap_or(&Value::Null)) < *share
            }
            (cond, Some(values)) => self.test(cond, values),
            (_, None) => false,
        };
        let outcome = match (holds, values.is_none()) {
            (true, _) => Outcome::True,
            (false, true) if !matches!(cond, Cond::Has(_)) => Outcome::Absent,
            (false, _) => Outcome::False,
        };
        Atom { outcome, operands, drawn }
    }

    /// A test of values that are all there.
    fn test(&self, cond: &Cond, values: &[&Value]) -> bool {
        match (cond, values) {
            (Cond::Cmp(op, ..), [a, b]) => ops::compare(*op, a, b),
            (Cond::InList(_, list), [a]) => list.iter().any(|json| ops::equal(a, &Value::from_json(json))),
            (Cond::InRange(.., inclusive), [a, low, high]) => {
                let below = if *inclusive { Cmp::Le } else { Cmp::Lt };
                ops::compare(Cmp::Ge, a, low) && ops::compare(below, a, high)
            }
            (Cond::InCidr(_, net), [a]) => {
                a.as_text().zip(Cidr::parse(net)).is_some_and(|(text, net)| net.contains(text))
            }
            (Cond::Matches(_, regex), [a]) => {
                let regex = self.tables.regexes.get(*regex as usize);
                a.as_text().zip(regex).is_some_and(|(text, regex)| regex.is_match(text))
            }
            (Cond::Contains(..), [a, b]) => ops::contains(a, b),
            (Cond::StartsWith(..), [a, b]) => ops::starts_with(a, b),
            (Cond::EndsWith(..), [a, b]) => ops::ends_with(a, b),
            (Cond::Is(_, ty), [a]) => ops::is(a, *ty),
            (Cond::Truth(_), [a]) => a.as_bool() == Some(true),
            (Cond::Has(_), [_]) => true,
            _ => false,
        }
    }
}

/// How many atoms a condition has: what is no `and`, `or`, `not` or constant.
pub fn atoms(cond: &Cond) -> usize {
    match cond {
        Cond::Const(_) => 0,
        Cond::Not(inner) => atoms(inner),
        Cond::And(all) | Cond::Or(all) => all.iter().map(atoms).sum(),
        _ => 1,
    }
}

/// The operands of an atom, from left to right.
fn operands(cond: &Cond) -> Vec<&Operand> {
    match cond {
        Cond::Cmp(_, a, b) | Cond::Contains(a, b) | Cond::StartsWith(a, b) | Cond::EndsWith(a, b) => {
            vec![a, b]
        }
        Cond::InRange(a, low, high, _) => vec![a, low, high],
        Cond::InList(a, _) | Cond::InCidr(a, _) | Cond::Matches(a, _) => vec![a],
        Cond::Is(a, _) | Cond::Truth(a) | Cond::SampleBy(_, a) => vec![a],
        Cond::Const(_) | Cond::Has(_) | Cond::Sample(_) => Vec::new(),
        Cond::Not(_) | Cond::And(_) | Cond::Or(_) => Vec::new(),
    }
}

/// The paths that an operand reads, from left to right, each once.
fn paths_of(operand: &Operand, found: &mut Vec<u32>) {
    match operand {
        Operand::Lit(_) => {}
        Operand::Path(path) if found.contains(path) => {}
        Operand::Path(path) => found.push(*path),
        Operand::Neg(inner) => paths_of(inner, found),
        Operand::Arith(_, a, b) => {
            paths_of(a, found);
            paths_of(b, found);
        }
        Operand::Call(_, all) | Operand::List(all) => all.iter().for_each(|o| paths_of(o, found)),
        Operand::Object(fields) => fields.iter().for_each(|(_, o)| paths_of(o, found)),
        Operand::Cond(cond) => paths_in(cond, found),
    }
}

fn paths_in(cond: &Cond, found: &mut Vec<u32>) {
    match cond {
        Cond::Not(inner) => paths_in(inner, found),
        Cond::And(all) | Cond::Or(all) => all.iter().for_each(|c| paths_in(c, found)),
        Cond::Has(path) if !found.contains(path) => found.push(*path),
        atom => operands(atom).into_iter().for_each(|o| paths_of(o, found)),
    }
}
