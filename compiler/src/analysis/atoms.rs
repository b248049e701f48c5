//! Conditions over numbered atoms: single tests that are either "the value at this path is one of these", which the
//! analysis understands, or opaque, of which it only knows what they read and what must hold when they are true.

use std::sync::Arc;

use route_chain::ir::{Arith, Cmp, Cond, Func, Operand, Path, Seg};
use route_chain::refs::{self, Ref};
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use super::ranges::Ranges;
use super::regex::{Shape, shape};
use super::set::{Kinds, Num, Set};

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    Const(bool),
    /// Index of an [`Atom`].
    Atom(u32),
    Not(Box<Test>),
    All(Vec<Test>),
    Any(Vec<Test>),
}

/// A single test.
#[derive(Debug)]
pub(crate) struct Atom {
    pub(crate) kind: AtomKind,
    /// As the chain has it.
    pub(crate) cond: Cond,
}

#[derive(Debug)]
pub(crate) enum AtomKind {
    /// True exactly when the value at the path is in the set.
    In { path: u32, set: Set },
    /// Anything else.
    Opaque {
        /// The paths it reads.
        reads: Vec<u32>,
        /// It may answer otherwise when it is asked again about the same message.
        random: bool,
        /// What the values at paths are when it is true.
        needs: Vec<(u32, Set)>,
    },
}

/// Everything that conditions refer to, by number.
#[derive(Debug, Default)]
pub(crate) struct Atoms {
    pub(crate) all: Vec<Atom>,
    known: FxHashMap<String, u32>,
    paths: Vec<Path>,
    by_path: FxHashMap<Path, u32>,
    /// For each path the known paths above it, and the step that leads on from there: by key or by index.
    above: Vec<Vec<(u32, bool)>>,
    /// For each path the known paths below it.
    below: Vec<Vec<u32>>,
    regexes: Vec<String>,
}

impl Atoms {
    /// Atoms over the paths and regular expressions of a stack; more may come later with [`Atoms::extend`].
    pub(crate) fn new(paths: &[Path], regexes: &[String]) -> Self {
        let mut atoms = Self::default();
        atoms.extend(paths, regexes);
        atoms
    }

    /// Takes in what the tables of the stack have by now.
    pub(crate) fn extend(&mut self, paths: &[Path], regexes: &[String]) {
        self.regexes.extend_from_slice(regexes.get(self.regexes.len()..).unwrap_or_default());
        for path in paths.get(self.paths.len()..).unwrap_or_default() {
            let number = self.paths.len() as u32;
            self.by_path.insert(path.clone(), number);
            let known = |length: &usize| {
                let above = self.by_path.get(path.get(..*length)?)?;
                Some((*above, matches!(path.get(*length), Some(Seg::Key(_)))))
            };
            let above: Vec<(u32, bool)> = (1..path.len()).filter_map(|length| known(&length)).collect();
            above.iter().for_each(|(at, _)| self.below[*at as usize].push(number));
            // One that came before may lie below.
            let below: Vec<u32> = (0..number)
                .filter(|other| {
                    let other = &self.paths[*other as usize];
                    other.len() > path.len() && other.starts_with(path)
                })
                .collect();
            for other in &below {
                let by_key = matches!(self.paths[*other as usize].get(path.len()), Some(Seg::Key(_)));
                self.above[*other as usize].push((number, by_key));
            }
            self.paths.push(path.clone());
            self.above.push(above);
            self.below.push(below);
        }
    }

    pub(crate) fn get(&self, atom: u32) -> Option<&Atom> {
        self.all.get(atom as usize)
    }

    pub(crate) fn path(&self, path: u32) -> &[Seg] {
        self.paths.get(path as usize).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn above(&self, path: u32) -> &[(u32, bool)] {
        self.above.get(path as usize).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn below(&self, path: u32) -> &[u32] {
        self.below.get(path as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// The known paths at, above and below a list that this path goes through last, for a change that moves its members.
    pub(crate) fn siblings(&self, path: u32) -> Vec<u32> {
        let Some((_, list)) = self.path(path).split_last() else { return Vec::new() };
        (0..self.paths.len() as u32).filter(|other| self.path(*other).starts_with(list)).collect()
    }

    /// The condition over atoms.
    pub(crate) fn test(&mut self, cond: &Cond) -> Test {
        match cond {
            Cond::Const(b) => Test::Const(*b),
            Cond::Not(inner) => match self.test(inner) {
                Test::Not(inner) => *inner,
                test => Test::Not(Box::new(test)),
            },
            Cond::And(all) => Test::All(all.iter().map(|c| self.test(c)).collect()),
            Cond::Or(any) => Test::Any(any.iter().map(|c| self.test(c)).collect()),
            leaf => Test::Atom(self.atom(leaf)),
        }
    }

    fn atom(&mut self, cond: &Cond) -> u32 {
        // Conditions hold doubles, which cannot be hashed, so the printed form stands for them.
        let key = format!("{cond:?}");
        if let Some(at) = self.known.get(&key) {
            return *at;
        }
        let number = self.all.len() as u32;
        let kind = self.understood(cond).unwrap_or_else(|| self.opaque(cond));
        self.all.push(Atom { kind, cond: cond.clone() });
        self.known.insert(key, number);
        number
    }

    /// `None`: not a test of one path against constants.
    fn understood(&self, cond: &Cond) -> Option<AtomKind> {
        let (path, set) = match cond {
            Cond::Has(path) => (*path, Set::present()),
            Cond::Truth(Operand::Path(path)) => (*path, Set::kinds(Kinds::TRUE)),
            Cond::Is(Operand::Path(path), ty) => (*path, Set::of_type(*ty)),
            Cond::Cmp(op, Operand::Path(path), Operand::Lit(value)) => (*path, Set::compared(*op, value)?),
            Cond::Cmp(op, Operand::Lit(value), Operand::Path(path)) => {
                (*path, Set::compared(turned(*op), value)?)
            }
            Cond::InList(Operand::Path(path), values) => {
                let sets = values.iter().map(Set::equal_to).collect::<Option<Vec<_>>>()?;
                (*path, union(&sets))
            }
            Cond::InRange(Operand::Path(path), Operand::Lit(low), Operand::Lit(high), inclusive) => {
                let upper = if *inclusive { Cmp::Le } else { Cmp::Lt };
                (*path, Set::compared(Cmp::Ge, low)?.and(&Set::compared(upper, high)?))
            }
            Cond::StartsWith(Operand::Path(path), Operand::Lit(prefix)) => {
                (*path, prefix.as_str().map_or_else(Set::none, Set::begins))
            }
            Cond::Matches(Operand::Path(path), regex) => {
                let exact = match shape(self.regexes.get(*regex as usize)?) {
                    Shape::Equals(texts) => {
                        let texts: Vec<Set> =
                            texts.into_iter().filter_map(|t| Set::equal_to(&Json::from(t))).collect();
                        union(&texts)
                    }
                    Shape::Begins(prefix) => Set::begins(&prefix),
                    Shape::All => Set::kinds(Kinds::TEXT),
                    _ => return None,
                };
                (*path, exact)
            }
            _ => return None,
        };
        Some(AtomKind::In { path, set })
    }

    fn opaque(&self, cond: &Cond) -> AtomKind {
        let mut reads = Vec::new();
        let mut copy = cond.clone();
        refs::each_ref_of(&mut copy, &mut |reference| {
            if let Ref::Path(path) = reference {
                reads.push(*path);
            }
        });
        reads.sort_unstable();
        reads.dedup();
        let mut needs = Vec::new();
        self.needs(cond, &mut needs);
        AtomKind::Opaque { reads, random: refs::is_random(cond), needs }
    }

    /// What must be at paths for the test to be true.
    fn needs(&self, cond: &Cond, needs: &mut Vec<(u32, Set)>) {
        let text = Set::kinds(Kinds::TEXT);
        match cond {
            Cond::Cmp(op, a, b) => {
                let both = match op {
                    Cmp::Eq => value_of(a).and(&value_of(b)),
                    _ => kinds_of(a).and(&kinds_of(b)).and(&ordered()),
                };
                [a, b].into_iter().for_each(|side| operand(side, &both, needs));
            }
            Cond::InRange(a, low, high, _) => {
                let common = kinds_of(a).and(&kinds_of(low)).and(&kinds_of(high)).and(&ordered());
                [a, low, high].into_iter().for_each(|side| operand(side, &common, needs));
            }
            Cond::InList(a, values) => {
                let of = |value: &Json| Set::equal_to(value).unwrap_or_else(|| kind_of(value));
                operand(a, &union(&values.iter().map(of).collect::<Vec<_>>()), needs);
            }
            Cond::Matches(a, regex) => {
                let begins = match self.regexes.get(*regex as usize).map(|regex| shape(regex)) {
                    Some(Shape::Other(prefix)) if !prefix.is_empty() => Set::begins(&prefix),
                    _ => text,
                };
                operand(a, &begins, needs);
            }
            Cond::InCidr(a, _) => operand(a, &text, needs),
            Cond::EndsWith(a, b) | Cond::StartsWith(a, b) => {
                [a, b].into_iter().for_each(|side| operand(side, &text, needs));
            }
            Cond::Contains(a, b) => {
                operand(a, &Set::kinds(Kinds::TEXT.or(Kinds::LIST)), needs);
                operand(b, &Set::present(), needs);
            }
            Cond::Is(a, ty) => operand(a, &Set::of_type(*ty), needs),
            Cond::Truth(a) => operand(a, &Set::kinds(Kinds::TRUE), needs),
            _ => {}
        }
    }
}

/// `5 < x` is `x > 5`.
fn turned(op: Cmp) -> Cmp {
    match op {
        Cmp::Eq => Cmp::Eq,
        Cmp::Lt => Cmp::Gt,
        Cmp::Le => Cmp::Ge,
        Cmp::Gt => Cmp::Lt,
        Cmp::Ge => Cmp::Le,
    }
}

fn union(sets: &[Set]) -> Set {
    // Long lists are put together from their values at once, not one after the other.
    let mut numbers: Vec<Num> = Vec::new();
    let mut texts: Vec<Arc<str>> = Vec::new();
    let mut rest = Set::none();
    for set in sets {
        match (set.numbers().points(), set.texts().points()) {
            (Some(some), Some(more)) => {
                numbers.extend(some.into_iter().copied());
                texts.extend(more.into_iter().cloned());
                let kinds = [Kinds::NULL, Kinds::TRUE, Kinds::FALSE, Kinds::OBJECT, Kinds::LIST];
                for kind in kinds.into_iter().filter(|kind| set.has_kind(*kind)) {
                    rest = rest.or(&Set::kinds(kind));
                }
            }
            _ => rest = rest.or(set),
        }
    }
    rest.or(&Set::of_numbers(Ranges::of_points(numbers))).or(&Set::of_texts(Ranges::of_points(texts)))
}

fn ordered() -> Set {
    Set::kinds(Kinds::NUMBER.or(Kinds::TEXT))
}

fn kind_of(value: &Json) -> Set {
    match value {
        Json::Array(_) => Set::kinds(Kinds::LIST),
        Json::Object(_) => Set::kinds(Kinds::OBJECT),
        other => Set::equal_to(other).unwrap_or_else(Set::all),
    }
}

/// As [`value_of`], but of a constant only its kind.
fn kinds_of(operand: &Operand) -> Set {
    match operand {
        Operand::Lit(Json::Number(_)) => Set::kinds(Kinds::NUMBER),
        Operand::Lit(Json::String(_)) => Set::kinds(Kinds::TEXT),
        other => value_of(other),
    }
}

/// What an operand may be; present, because absent operands make every test false.
fn value_of(operand: &Operand) -> Set {
    let number = Kinds::NUMBER.or(Kinds::NAN);
    match operand {
        Operand::Lit(value) => kind_of(value),
        Operand::Path(_) => {
            let mut set = Set::present();
            set.remove(&Set::kinds(Kinds::NAN));
            set
        }
        Operand::Neg(_) => Set::kinds(number),
        Operand::Arith(Arith::Add, ..) => Set::kinds(number.or(Kinds::TEXT)),
        Operand::Arith(..) => Set::kinds(number),
        Operand::Call(Func::Lower | Func::Upper | Func::Trim | Func::Ip, _) => Set::kinds(Kinds::TEXT),
        Operand::Call(..) => Set::kinds(number),
        Operand::Cond(_) => Set::kinds(Kinds::TRUE.or(Kinds::FALSE)),
        Operand::List(_) => Set::kinds(Kinds::LIST),
        Operand::Object(_) => Set::kinds(Kinds::OBJECT),
    }
}

/// What must be at paths for the operand to be one of these.
fn operand(of: &Operand, wanted: &Set, needs: &mut Vec<(u32, Set)>) {
    let number = Set::kinds(Kinds::NUMBER.or(Kinds::NAN));
    match of {
        Operand::Path(path) => needs.push((*path, wanted.and(&Set::present()))),
        Operand::Neg(a) => operand(a, &number, needs),
        Operand::Arith(Arith::Add, a, b) => {
            let kinds = [Kinds::NUMBER, Kinds::NAN].into_iter().any(|kind| wanted.has_kind(kind));
            let sides = match (kinds, wanted.has_kind(Kinds::TEXT)) {
                (true, true) => number.or(&Set::kinds(Kinds::TEXT)),
                (false, true) => Set::kinds(Kinds::TEXT),
                _ => number,
            };
            [a, b].into_iter().for_each(|side| operand(side, &sides, needs));
        }
        Operand::Arith(_, a, b) => [a, b].into_iter().for_each(|side| operand(side, &number, needs)),
        Operand::Call(func, args) => {
            let of = match func {
                Func::Lower | Func::Upper | Func::Trim | Func::Ip => Set::kinds(Kinds::TEXT),
                Func::Abs | Func::Min | Func::Max | Func::Round => number,
                Func::Len => Set::kinds(Kinds::TEXT.or(Kinds::LIST).or(Kinds::OBJECT).or(Kinds::BYTES)),
                Func::Hash | Func::Size => Set::present(),
            };
            args.iter().for_each(|arg| operand(arg, &of, needs));
        }
        // These are there whatever their members are.
        Operand::Lit(_) | Operand::Cond(_) | Operand::List(_) | Operand::Object(_) => {}
    }
}
