//! Single tests in their running form: one node for what conditions are mostly made of.

use std::borrow::Cow;

use arcstr::ArcStr;
use regex::Regex;
use rustc_hash::FxHashSet;
use serde_json::Value as Json;

use crate::arg::{Arg, both};
use crate::bytes::Bytes;
use crate::cond::Scope;
use crate::host::Host;
use crate::ir::{Arith, Cmp, Cond, Operand, Type};
use crate::message::Message;
use crate::ops::{self, Cidr};
use crate::pattern::Pattern;
use crate::slot::{Depth, Slot};
use crate::value::Value;

/// A test without `not`, `and`, `or`.
#[derive(Debug)]
pub(crate) enum Leaf {
    /// Of the value at a path; false when there is none.
    On(Slot, Check),
    Has(Slot),
    Other(Box<Other>),
}

/// A test of one value against constants.
#[derive(Debug)]
pub(crate) enum Check {
    /// A number between two others, both included. Every comparison with a constant is one.
    Number(f64, f64),
    /// Remainder by the first number equals the second.
    Remainder(f64, f64),
    Text(Bytes),
    AnyText(Box<FxHashSet<ArcStr>>),
    Any(Box<[Value]>),
    Prefix(Bytes),
    Suffix(ArcStr),
    Pattern(Box<Pattern>),
    Regex(Box<Regex>),
    Bool(bool),
    Is(Type),
}

/// Tests on operands that are more than a path and a constant.
#[derive(Debug)]
pub(crate) enum Other {
    Truth(Arg),
    Is(Arg, Type),
    Cmp(Cmp, Arg, Arg),
    InList(Arg, Box<[Value]>),
    InRange(Arg, Arg, Arg, bool),
    InCidr(Arg, Option<Cidr>),
    Matches(Arg, Option<Regex>),
    Contains(Arg, Arg),
    StartsWith(Arg, Arg),
    EndsWith(Arg, Arg),
    Sample(f64),
    SampleBy(f64, Arg),
    Never,
}

/// Runs a leaf that asks nothing of the runtime.
pub(crate) type Eval = fn(&Leaf, &Message) -> bool;

impl Leaf {
    /// The function for a leaf: one for each kind of test and depth of path, so that nothing is decided while it runs.
    /// `None`: it needs the runtime, see [`Leaf::with_host`].
    pub(crate) fn eval(&self) -> Option<Eval> {
        let (slot, check) = match self {
            Leaf::On(slot, check) => (slot, check),
            Leaf::Has(_) => return Some(has),
            Leaf::Other(_) => return None,
        };
        let [one, two, more]: [Eval; 3] = match check {
            Check::Number(..) => [one::<Number>, two::<Number>, more::<Number>],
            Check::Text(_) => [one::<Text>, two::<Text>, more::<Text>],
            Check::Prefix(_) => [one::<Prefix>, two::<Prefix>, more::<Prefix>],
            Check::Bool(_) => [one::<Bool>, two::<Bool>, more::<Bool>],
            Check::Pattern(_) => [one::<Shaped>, two::<Shaped>, more::<Shaped>],
            Check::Remainder(..) => [one::<Rest>, two::<Rest>, more::<Rest>],
            _ => [more::<Any>; 3],
        };
        Some(match slot.depth() {
            Depth::One => one,
            Depth::Two => two,
            Depth::More => more,
        })
    }

    /// Whether a leaf without [`Leaf::eval`] holds.
    pub(crate) fn with_host<H: Host + ?Sized>(&self, msg: &Message, host: &mut H) -> bool {
        match self {
            Leaf::Other(other) => other.holds(msg, host),
            Leaf::On(slot, check) => slot.get(msg).is_some_and(|value| check.holds(value)),
            Leaf::Has(slot) => slot.find(msg).is_some(),
        }
    }

    /// Every path that it reads and counts.
    pub(crate) fn slots<'a>(&'a self, found: &mut Vec<&'a Slot>) {
        match self {
            Leaf::On(slot, _) => found.push(slot),
            Leaf::Has(_) => {}
            Leaf::Other(other) => other.args().into_iter().flatten().for_each(|arg| arg.slots(found)),
        }
    }

    /// Whether it is a test of the value at a path.
    pub(crate) fn asks(&self, path: u32) -> bool {
        matches!(self, Leaf::On(slot, _) if slot.path() == path)
    }

    /// Whether it holds for every message whose value at a path equals this one.
    pub(crate) fn is_implied_by(&self, path: u32, value: &Json) -> bool {
        match self {
            Leaf::On(slot, check) if slot.path() == path => match (check, value) {
                (Check::Text(text), Json::String(value)) => text.is(value.as_bytes()),
                (Check::Bool(b), Json::Bool(value)) => b == value,
                (Check::Number(low, high), Json::Number(value)) => {
                    value.as_f64().is_some_and(|value| *low <= value && value <= *high)
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// A kind of check, so that functions can be made for each.
trait Kind {
    fn holds(check: &Check, value: &Value) -> bool;
}

struct Number;
struct Text;
struct Prefix;
struct Bool;
struct Shaped;
struct Rest;
struct Any;

impl Kind for Number {
    #[inline(always)]
    fn holds(check: &Check, value: &Value) -> bool {
        matches!((check, value), (Check::Number(low, high), Value::Number(v)) if *low <= *v && *v <= *high)
    }
}

impl Kind for Text {
    #[inline(always)]
    fn holds(check: &Check, value: &Value) -> bool {
        matches!((check, value), (Check::Text(text), Value::Text(v)) if text.is(v.as_bytes()))
    }
}

impl Kind for Prefix {
    #[inline(always)]
    fn holds(check: &Check, value: &Value) -> bool {
        matches!((check, value), (Check::Prefix(text), Value::Text(v)) if text.begins(v.as_bytes()))
    }
}

impl Kind for Bool {
    #[inline(always)]
    fn holds(check: &Check, value: &Value) -> bool {
        matches!((check, value), (Check::Bool(b), Value::Bool(v)) if v == b)
    }
}

impl Kind for Shaped {
    #[inline(always)]
    fn holds(check: &Check, value: &Value) -> bool {
        matches!((check, value), (Check::Pattern(pattern), Value::Text(v)) if pattern.is_match(v))
    }
}

impl Kind for Rest {
    #[inline(always)]
    fn holds(check: &Check, value: &Value) -> bool {
        matches!((check, value), (Check::Remainder(by, rest), Value::Number(v)) if remainder(*v, *by) == *rest)
    }
}

impl Kind for Any {
    #[inline(always)]
    fn holds(check: &Check, value: &Value) -> bool {
        check.holds(value)
    }
}

fn one<K: Kind>(leaf: &Leaf, msg: &Message) -> bool {
    let Leaf::On(slot, check) = leaf else { return false };
    judge::<K>(slot, check, slot.raw_one(msg))
}

fn two<K: Kind>(leaf: &Leaf, msg: &Message) -> bool {
    let Leaf::On(slot, check) = leaf else { return false };
    judge::<K>(slot, check, slot.raw_two(msg))
}

fn more<K: Kind>(leaf: &Leaf, msg: &Message) -> bool {
    let Leaf::On(slot, check) = leaf else { return false };
    judge::<K>(slot, check, slot.find(msg))
}

fn has(leaf: &Leaf, msg: &Message) -> bool {
    matches!(leaf, Leaf::Has(slot) if slot.find(msg).is_some())
}

/// No check holds for `undefined`, so it need not be told apart before.
#[inline(always)]
fn judge<K: Kind>(slot: &Slot, check: &Check, value: Option<&Value>) -> bool {
    match value {
        Some(value) if K::holds(check, value) => true,
        None | Some(Value::Undefined) => slot.miss().is_some(),
        Some(_) => false,
    }
}

impl Check {
    fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Check::Number(..), value) => Number::holds(self, value),
            (Check::Text(_), value) => Text::holds(self, value),
            (Check::Prefix(_), value) => Prefix::holds(self, value),
            (Check::Bool(_), value) => Bool::holds(self, value),
            (Check::Pattern(_), value) => Shaped::holds(self, value),
            (Check::Remainder(..), value) => Rest::holds(self, value),
            (Check::AnyText(texts), Value::Text(v)) => texts.contains(v),
            (Check::Suffix(text), Value::Text(v)) => v.as_bytes().ends_with(text.as_bytes()),
            (Check::Regex(regex), Value::Text(v)) => regex.is_match(v),
            (Check::Any(list), value) => list.iter().any(|v| ops::equal(value, v)),
            (Check::Is(ty), value) => ops::is(value, *ty),
            _ => false,
        }
    }
}

/// `v % by` as JavaScript has it. For integers that a double holds exactly the processor's division is much faster than
/// the general one and gives the same.
#[inline]
fn remainder(v: f64, by: f64) -> f64 {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let (n, d) = (v as i64, by as i64);
    if n as f64 == v && d as f64 == by && d != 0 && v.abs() < EXACT && by.abs() < EXACT {
        (n % d) as f64
    } else {
        v % by
    }
}

impl Scope<'_> {
    /// A test without `not`, `and`, `or` and constants.
    pub(crate) fn leaf(&self, cond: &Cond) -> Leaf {
        self.fused(cond).unwrap_or_else(|| Leaf::Other(Box::new(self.other(cond))))
    }

    /// One node for a path and constants.
    fn fused(&self, cond: &Cond) -> Option<Leaf> {
        let (at, check) = match cond {
            Cond::Cmp(cmp, Operand::Path(at), Operand::Lit(Json::Number(n))) => {
                let (low, high) = interval(*cmp, n.as_f64()?)?;
                (at, Check::Number(low, high))
            }
            Cond::InRange(
                Operand::Path(at),
                Operand::Lit(Json::Number(low)),
                Operand::Lit(Json::Number(high)),
                closed,
            ) => {
                let (_, high) = interval(if *closed { Cmp::Le } else { Cmp::Lt }, high.as_f64()?)?;
                (at, Check::Number(low.as_f64()?, high))
            }
            Cond::Cmp(Cmp::Eq, Operand::Arith(Arith::Rem, a, by), Operand::Lit(Json::Number(n))) => {
                let (Operand::Path(at), Operand::Lit(Json::Number(by))) = (&**a, &**by) else { return None };
                (at, Check::Remainder(by.as_f64()?, n.as_f64()?))
            }
            Cond::Cmp(Cmp::Eq, Operand::Path(at), Operand::Lit(Json::String(s))) => {
                (at, Check::Text(Bytes::new(s.as_bytes())))
            }
            Cond::Cmp(Cmp::Eq, Operand::Path(at), Operand::Lit(Json::Bool(b))) => (at, Check::Bool(*b)),
            Cond::InList(Operand::Path(at), list) => {
                let texts: Option<FxHashSet<ArcStr>> =
                    list.iter().map(|v| v.as_str().map(ArcStr::from)).collect();
                let values = || Check::Any(list.iter().map(Value::from_json).collect());
                (at, texts.map_or_else(values, |texts| Check::AnyText(Box::new(texts))))
            }
            Cond::StartsWith(Operand::Path(at), Operand::Lit(Json::String(s))) => {
                (at, Check::Prefix(Bytes::new(s.as_bytes())))
            }
            Cond::EndsWith(Operand::Path(at), Operand::Lit(Json::String(s))) => (at, Check::Suffix(s.into())),
            Cond::Matches(Operand::Path(at), regex) => {
                let regex = self.regexes.get(*regex as usize)?;
                let pattern = Pattern::of(regex.as_str()).map(|pattern| Check::Pattern(Box::new(pattern)));
                (at, pattern.unwrap_or_else(|| Check::Regex(Box::new(regex.clone()))))
            }
            Cond::Truth(Operand::Path(at)) => (at, Check::Bool(true)),
            Cond::Is(Operand::Path(at), ty) => (at, Check::Is(*ty)),
            Cond::Has(at) => return Some(Leaf::Has(self.slot(*at)?)),
            _ => return None,
        };
        Some(Leaf::On(self.slot(*at)?, check))
    }

    fn other(&self, cond: &Cond) -> Other {
        match cond {
            Cond::Cmp(cmp, a, b) => Other::Cmp(*cmp, self.arg(a), self.arg(b)),
            Cond::InList(a, list) => Other::InList(self.arg(a), list.iter().map(Value::from_json).collect()),
            Cond::InRange(a, low, high, closed) => {
                Other::InRange(self.arg(a), self.arg(low), self.arg(high), *closed)
            }
            Cond::InCidr(a, net) => Other::InCidr(self.arg(a), Cidr::parse(net)),
            Cond::Matches(a, regex) => {
                Other::Matches(self.arg(a), self.regexes.get(*regex as usize).cloned())
            }
            Cond::Contains(a, b) => Other::Contains(self.arg(a), self.arg(b)),
            Cond::StartsWith(a, b) => Other::StartsWith(self.arg(a), self.arg(b)),
            Cond::EndsWith(a, b) => Other::EndsWith(self.arg(a), self.arg(b)),
            Cond::Is(a, ty) => Other::Is(self.arg(a), *ty),
            Cond::Truth(a) => Other::Truth(self.arg(a)),
            Cond::Sample(share) => Other::Sample(*share),
            Cond::SampleBy(share, a) => Other::SampleBy(*share, self.arg(a)),
            // A path that does not exist; and what `Scope::test` takes apart before it asks for leaves.
            Cond::Has(_) | Cond::Const(_) | Cond::Not(_) | Cond::And(_) | Cond::Or(_) => Other::Never,
        }
    }
}

/// The numbers for which `v CMP n` holds, ends included; `None`: no number does, which the general form says too.
fn interval(cmp: Cmp, n: f64) -> Option<(f64, f64)> {
    match cmp {
        Cmp::Eq => Some((n, n)),
        Cmp::Le => Some((f64::NEG_INFINITY, n)),
        Cmp::Ge => Some((n, f64::INFINITY)),
        Cmp::Lt => (n > f64::NEG_INFINITY).then(|| (f64::NEG_INFINITY, n.next_down())),
        Cmp::Gt => (n < f64::INFINITY).then(|| (n.next_up(), f64::INFINITY)),
    }
}

impl Other {
    fn holds<H: Host + ?Sized>(&self, msg: &Message, host: &mut H) -> bool {
        match self {
            Other::Never => false,
            Other::Truth(a) => a.value(msg, host).is_some_and(|a| a.as_bool() == Some(true)),
            Other::Is(a, ty) => a.value(msg, host).is_some_and(|a| ops::is(&a, *ty)),
            Other::Cmp(cmp, a, b) => both(a, b, msg, host).is_some_and(|(a, b)| ops::compare(*cmp, &a, &b)),
            Other::InList(a, list) => {
                a.value(msg, host).is_some_and(|a| list.iter().any(|b| ops::equal(&a, b)))
            }
            Other::InRange(a, low, high, closed) => {
                // Each operand is read once: twice would double the time with every range inside of another.
                let below = if *closed { Cmp::Le } else { Cmp::Lt };
                both(a, low, msg, host).filter(|(a, low)| ops::compare(Cmp::Ge, a, low)).is_some_and(
                    |(a, _)| high.value(msg, host).is_some_and(|high| ops::compare(below, &a, &high)),
                )
            }
            Other::InCidr(a, net) => a
                .value(msg, host)
                .zip(*net)
                .is_some_and(|(a, net)| a.as_text().is_some_and(|a| net.contains(a))),
            Other::Matches(a, regex) => a
                .value(msg, host)
                .zip(regex.as_ref())
                .is_some_and(|(a, regex)| a.as_text().is_some_and(|a| regex.is_match(a))),
            Other::Contains(a, b) => both(a, b, msg, host).is_some_and(|(a, b)| ops::contains(&a, &b)),
            Other::StartsWith(a, b) => both(a, b, msg, host).is_some_and(|(a, b)| ops::starts_with(&a, &b)),
            Other::EndsWith(a, b) => both(a, b, msg, host).is_some_and(|(a, b)| ops::ends_with(&a, &b)),
            Other::Sample(share) => host.random() < *share,
            Other::SampleBy(share, a) => {
                ops::share(&a.value(msg, host).map_or(Value::Null, Cow::into_owned)) < *share
            }
        }
    }

    fn args(&self) -> [Option<&Arg>; 3] {
        match self {
            Other::Truth(a)
            | Other::Is(a, _)
            | Other::InList(a, _)
            | Other::InCidr(a, _)
            | Other::Matches(a, _)
            | Other::SampleBy(_, a) => [Some(a), None, None],
            Other::Cmp(_, a, b) | Other::Contains(a, b) | Other::StartsWith(a, b) | Other::EndsWith(a, b) => {
                [Some(a), Some(b), None]
            }
            Other::InRange(a, low, high, _) => [Some(a), Some(low), Some(high)],
            Other::Sample(_) | Other::Never => [None, None, None],
        }
    }
}
