//! The running form of conditions: the tests that stacks are made of fused to one node each, paths as cached slots.

use std::borrow::Cow;
use std::cell::RefCell;

use arcstr::ArcStr;
use regex::Regex;

use crate::ir::{Arith, Cmp, Cond, Func, Operand, Path, Seg, Type};
use crate::message::Message;
use crate::ops::{self, Cidr};
use crate::value::{SlotCache, Value};

/// What conditions are compiled against.
pub(crate) struct Scope<'s> {
    pub(crate) paths: &'s [Path],
    pub(crate) regexes: &'s [Regex],
}

/// What conditions ask while they run.
pub(crate) struct Cx<'c> {
    /// Uniform in `0..1`.
    pub(crate) random: &'c mut dyn FnMut() -> f64,
    /// Gets the paths found absent.
    pub(crate) absent: &'c RefCell<Vec<u32>>,
}

/// A path with remembered places.
#[derive(Debug)]
pub(crate) struct Slot {
    segs: Box<[(Seg, SlotCache)]>,
    path: u32,
}

/// A compiled condition.
#[derive(Debug)]
pub(crate) enum Test {
    Const(bool),
    Not(Box<Test>),
    And(Box<[Test]>),
    Or(Box<[Test]>),
    NumberCmp(Slot, Cmp, f64),
    NumberRange(Slot, f64, f64, bool),
    RemainderEq(Slot, f64, f64),
    TextEq(Slot, ArcStr),
    BoolEq(Slot, bool),
    Prefix(Slot, ArcStr),
    Regex(Slot, Regex),
    Has(Slot),
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
}

/// A compiled operand.
#[derive(Debug)]
pub(crate) enum Arg {
    Lit(Value),
    Slot(Slot),
    Neg(Box<Arg>),
    Arith(Arith, Box<Arg>, Box<Arg>),
    Call(Func, Box<[Arg]>),
    Test(Box<Test>),
    List(Box<[Arg]>),
    Object(Box<[(String, Arg)]>),
    /// A path that does not exist; a checked set has none.
    Absent,
}

impl Slot {
    /// The value; counts when there is none.
    fn get<'m>(&self, msg: &'m Message, cx: &Cx<'_>) -> Option<&'m Value> {
        let found = self.find(msg);
        if found.is_none() {
            cx.absent.borrow_mut().push(self.path);
        }
        found
    }

    fn find<'m>(&self, msg: &'m Message) -> Option<&'m Value> {
        let ((first, cache), rest) = self.segs.split_first()?;
        let Seg::Key(key) = first else { return None };
        let mut at = msg.root().get_cached(key, cache)?;
        for (seg, cache) in rest {
            at = match (at, seg) {
                (Value::Object(object), Seg::Key(key)) => object.get_cached(key, cache)?,
                (Value::List(items), Seg::Index(i)) => items.get(*i as usize)?,
                _ => return None,
            };
        }
        (!matches!(at, Value::Undefined)).then_some(at)
    }

    fn number(&self, msg: &Message, cx: &Cx<'_>) -> Option<f64> {
        self.get(msg, cx)?.as_number()
    }
}

impl Scope<'_> {
    fn slot(&self, at: u32) -> Option<Slot> {
        let path = self.paths.get(at as usize)?;
        Some(Slot { segs: path.iter().map(|seg| (seg.clone(), SlotCache::default())).collect(), path: at })
    }

    pub(crate) fn test(&self, cond: &Cond) -> Test {
        if let Some(fused) = self.fused(cond) {
            return fused;
        }
        match cond {
            Cond::Const(b) => Test::Const(*b),
            Cond::Not(inner) => Test::Not(Box::new(self.test(inner))),
            Cond::And(all) => Test::And(all.iter().map(|c| self.test(c)).collect()),
            Cond::Or(any) => Test::Or(any.iter().map(|c| self.test(c)).collect()),
            Cond::Cmp(cmp, a, b) => Test::Cmp(*cmp, self.arg(a), self.arg(b)),
            Cond::InList(a, list) => Test::InList(self.arg(a), list.iter().map(Value::from_json).collect()),
            Cond::InRange(a, low, high, closed) => {
                Test::InRange(self.arg(a), self.arg(low), self.arg(high), *closed)
            }
            Cond::InCidr(a, net) => Test::InCidr(self.arg(a), Cidr::parse(net)),
            Cond::Matches(a, regex) => Test::Matches(self.arg(a), self.regexes.get(*regex as usize).cloned()),
            Cond::Contains(a, b) => Test::Contains(self.arg(a), self.arg(b)),
            Cond::StartsWith(a, b) => Test::StartsWith(self.arg(a), self.arg(b)),
            Cond::EndsWith(a, b) => Test::EndsWith(self.arg(a), self.arg(b)),
            Cond::Is(a, ty) => Test::Is(self.arg(a), *ty),
            Cond::Has(at) => match self.slot(*at) {
                Some(slot) => Test::Has(slot),
                None => Test::Const(false),
            },
            Cond::Truth(a) => Test::Truth(self.arg(a)),
            Cond::Sample(share) => Test::Sample(*share),
            Cond::SampleBy(share, a) => Test::SampleBy(*share, self.arg(a)),
        }
    }

    /// One node for what would be three.
    fn fused(&self, cond: &Cond) -> Option<Test> {
        use serde_json::Value as Json;
        Some(match cond {
            Cond::Cmp(cmp, Operand::Path(at), Operand::Lit(Json::Number(n))) => {
                Test::NumberCmp(self.slot(*at)?, *cmp, n.as_f64()?)
            }
            Cond::Cmp(Cmp::Eq, Operand::Path(at), Operand::Lit(Json::String(s))) => {
                Test::TextEq(self.slot(*at)?, s.into())
            }
            Cond::Cmp(Cmp::Eq, Operand::Path(at), Operand::Lit(Json::Bool(b))) => {
                Test::BoolEq(self.slot(*at)?, *b)
            }
            Cond::Cmp(Cmp::Eq, Operand::Arith(Arith::Rem, a, by), Operand::Lit(Json::Number(n))) => {
                match (&**a, &**by) {
                    (Operand::Path(at), Operand::Lit(Json::Number(by))) => {
                        Test::RemainderEq(self.slot(*at)?, by.as_f64()?, n.as_f64()?)
                    }
                    _ => return None,
                }
            }
            Cond::InRange(
                Operand::Path(at),
                Operand::Lit(Json::Number(low)),
                Operand::Lit(Json::Number(high)),
                closed,
            ) => Test::NumberRange(self.slot(*at)?, low.as_f64()?, high.as_f64()?, *closed),
            Cond::StartsWith(Operand::Path(at), Operand::Lit(Json::String(s))) => {
                Test::Prefix(self.slot(*at)?, s.into())
            }
            Cond::Matches(Operand::Path(at), regex) => {
                Test::Regex(self.slot(*at)?, self.regexes.get(*regex as usize)?.clone())
            }
            Cond::Truth(Operand::Path(at)) => Test::BoolEq(self.slot(*at)?, true),
            _ => return None,
        })
    }

    pub(crate) fn arg(&self, operand: &Operand) -> Arg {
        match operand {
            Operand::Lit(lit) => Arg::Lit(Value::from_json(lit)),
            Operand::Path(at) => self.slot(*at).map_or(Arg::Absent, Arg::Slot),
            Operand::Neg(a) => Arg::Neg(Box::new(self.arg(a))),
            Operand::Arith(op, a, b) => Arg::Arith(*op, Box::new(self.arg(a)), Box::new(self.arg(b))),
            Operand::Call(func, args) => Arg::Call(*func, args.iter().map(|a| self.arg(a)).collect()),
            Operand::Cond(cond) => Arg::Test(Box::new(self.test(cond))),
            Operand::List(items) => Arg::List(items.iter().map(|a| self.arg(a)).collect()),
            Operand::Object(entries) => {
                Arg::Object(entries.iter().map(|(k, a)| (k.clone(), self.arg(a))).collect())
            }
        }
    }
}

impl Test {
    pub(crate) fn holds(&self, msg: &Message, cx: &mut Cx<'_>) -> bool {
        match self {
            Test::Const(b) => *b,
            Test::Not(inner) => !inner.holds(msg, cx),
            Test::And(all) => all.iter().all(|t| t.holds(msg, cx)),
            Test::Or(any) => any.iter().any(|t| t.holds(msg, cx)),
            Test::NumberCmp(slot, cmp, n) => {
                slot.number(msg, cx).is_some_and(|v| ops::compare_numbers(*cmp, v, *n))
            }
            Test::NumberRange(slot, low, high, closed) => slot
                .number(msg, cx)
                .is_some_and(|v| v >= *low && if *closed { v <= *high } else { v < *high }),
            Test::RemainderEq(slot, by, n) => slot.number(msg, cx).is_some_and(|v| v % by == *n),
            Test::TextEq(slot, text) => matches!(slot.get(msg, cx), Some(Value::Text(v)) if v == text),
            Test::BoolEq(slot, b) => matches!(slot.get(msg, cx), Some(Value::Bool(v)) if v == b),
            Test::Prefix(slot, text) => {
                matches!(slot.get(msg, cx), Some(Value::Text(v)) if v.starts_with(text.as_str()))
            }
            Test::Regex(slot, regex) => {
                matches!(slot.get(msg, cx), Some(Value::Text(v)) if regex.is_match(v))
            }
            Test::Has(slot) => slot.find(msg).is_some(),
            Test::Truth(a) => a.value(msg, cx).is_some_and(|a| a.as_bool() == Some(true)),
            Test::Is(a, ty) => a.value(msg, cx).is_some_and(|a| ops::is(&a, *ty)),
            Test::Cmp(cmp, a, b) => both(a, b, msg, cx).is_some_and(|(a, b)| ops::compare(*cmp, &a, &b)),
            Test::InList(a, list) => a.value(msg, cx).is_some_and(|a| list.iter().any(|b| ops::equal(&a, b))),
            Test::InRange(a, low, high, closed) => {
                let below = if *closed { Cmp::Le } else { Cmp::Lt };
                both(a, low, msg, cx).is_some_and(|(a, low)| ops::compare(Cmp::Ge, &a, &low))
                    && both(a, high, msg, cx).is_some_and(|(a, high)| ops::compare(below, &a, &high))
            }
            Test::InCidr(a, net) => a
                .value(msg, cx)
                .zip(*net)
                .is_some_and(|(a, net)| a.as_text().is_some_and(|a| net.contains(a))),
            Test::Matches(a, regex) => a
                .value(msg, cx)
                .zip(regex.as_ref())
                .is_some_and(|(a, re)| a.as_text().is_some_and(|a| re.is_match(a))),
            Test::Contains(a, b) => both(a, b, msg, cx).is_some_and(|(a, b)| ops::contains(&a, &b)),
            Test::StartsWith(a, b) => both(a, b, msg, cx).is_some_and(|(a, b)| ops::starts_with(&a, &b)),
            Test::EndsWith(a, b) => both(a, b, msg, cx).is_some_and(|(a, b)| ops::ends_with(&a, &b)),
            Test::Sample(share) => (cx.random)() < *share,
            Test::SampleBy(share, a) => {
                ops::share(&a.value(msg, cx).map_or(Value::Null, Cow::into_owned)) < *share
            }
        }
    }
}

impl Arg {
    /// The value; `None`: absent.
    pub(crate) fn value<'a>(&'a self, msg: &'a Message, cx: &mut Cx<'_>) -> Option<Cow<'a, Value>> {
        let made = match self {
            Arg::Lit(lit) => return Some(Cow::Borrowed(lit)),
            Arg::Slot(slot) => return slot.get(msg, cx).map(Cow::Borrowed),
            Arg::Absent => return None,
            Arg::Neg(a) => Value::Number(-a.value(msg, cx)?.as_number()?),
            Arg::Arith(op, a, b) => {
                let (a, b) = both(a, b, msg, cx)?;
                ops::arith(*op, &a, &b)?
            }
            Arg::Call(func, args) => {
                let args: Option<Vec<Value>> =
                    args.iter().map(|a| a.value(msg, cx).map(Cow::into_owned)).collect();
                ops::call(*func, &args?)?
            }
            Arg::Test(test) => Value::Bool(test.holds(msg, cx)),
            Arg::List(items) => Value::list(
                items.iter().map(|a| a.value(msg, cx).map_or(Value::Null, Cow::into_owned)).collect(),
            ),
            Arg::Object(entries) => {
                let entries: Vec<(&str, Value)> = entries
                    .iter()
                    .filter_map(|(k, a)| Some((k.as_str(), a.value(msg, cx)?.into_owned())))
                    .collect();
                Value::object(entries)
            }
        };
        Some(Cow::Owned(made))
    }
}

fn both<'a>(
    a: &'a Arg,
    b: &'a Arg,
    msg: &'a Message,
    cx: &mut Cx<'_>,
) -> Option<(Cow<'a, Value>, Cow<'a, Value>)> {
    let a = a.value(msg, cx);
    let b = b.value(msg, cx);
    a.zip(b)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::eval::Tables;
    use crate::value::Object;

    fn tables() -> Tables {
        let paths = json!([["a"], ["b", "c"], ["b", "d", 0], ["gone", "far"]]);
        let regexes = vec![Regex::new("^a+").unwrap(), Regex::new("x|é").unwrap()];
        Tables::new(serde_json::from_value(paths).unwrap(), regexes)
    }

    fn scalar() -> impl Strategy<Value = Json> {
        prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            (-3..4_i32).prop_map(Json::from),
            prop_oneof![Just(-0.0), Just(0.5), Just(1e300)].prop_map(Json::from),
            prop_oneof![Just("a"), Just("aax"), Just(""), Just("é"), Just("10.0.0.1"), Just("3")]
                .prop_map(Json::from),
            Just(json!([1, "a", null])),
            Just(json!({ "k": 1 })),
        ]
    }

    fn operand() -> impl Strategy<Value = Operand> {
        let leaf = prop_oneof![scalar().prop_map(Operand::Lit), (0..4_u32).prop_map(Operand::Path)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let arith =
                prop::sample::select(vec![Arith::Add, Arith::Sub, Arith::Mul, Arith::Div, Arith::Rem]);
            let func = prop::sample::select(vec![
                Func::Len,
                Func::Lower,
                Func::Upper,
                Func::Trim,
                Func::Abs,
                Func::Min,
                Func::Max,
                Func::Round,
                Func::Hash,
                Func::Size,
                Func::Ip,
            ]);
            prop_oneof![
                inner.clone().prop_map(|a| Operand::Neg(Box::new(a))),
                (arith, inner.clone(), inner.clone()).prop_map(|(op, a, b)| Operand::Arith(
                    op,
                    Box::new(a),
                    Box::new(b)
                )),
                (func, prop::collection::vec(inner.clone(), 0..3))
                    .prop_map(|(f, args)| Operand::Call(f, args)),
                prop::collection::vec(inner.clone(), 0..3).prop_map(Operand::List),
                inner.prop_map(|a| Operand::Object(vec![("k".into(), a)])),
            ]
        })
    }

    fn cond() -> impl Strategy<Value = Cond> {
        let cmp = prop::sample::select(vec![Cmp::Eq, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge]);
        let ty = prop::sample::select(vec![
            Type::Number,
            Type::String,
            Type::Bool,
            Type::Object,
            Type::List,
            Type::Null,
        ]);
        let leaf = prop_oneof![
            4 => (cmp, operand(), operand()).prop_map(|(cmp, a, b)| Cond::Cmp(cmp, a, b)),
            1 => (operand(), prop::collection::vec(scalar(), 0..4)).prop_map(|(a, list)| Cond::InList(a, list)),
            2 => (operand(), operand(), operand(), any::<bool>()).prop_map(|(a, l, h, c)| Cond::InRange(a, l, h, c)),
            1 => operand().prop_map(|a| Cond::InCidr(a, "10.0.0.0/8".into())),
            1 => (operand(), 0..2_u32).prop_map(|(a, re)| Cond::Matches(a, re)),
            1 => (operand(), operand()).prop_map(|(a, b)| Cond::Contains(a, b)),
            1 => (operand(), operand()).prop_map(|(a, b)| Cond::StartsWith(a, b)),
            1 => (operand(), operand()).prop_map(|(a, b)| Cond::EndsWith(a, b)),
            1 => (operand(), ty).prop_map(|(a, ty)| Cond::Is(a, ty)),
            1 => (0..4_u32).prop_map(Cond::Has),
            1 => operand().prop_map(Cond::Truth),
            1 => (0.0..1.0).prop_map(Cond::Sample),
            1 => (0.0..1.0, operand()).prop_map(|(share, a)| Cond::SampleBy(share, a)),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|c| Cond::Not(Box::new(c))),
                prop::collection::vec(inner.clone(), 0..3).prop_map(Cond::And),
                prop::collection::vec(inner, 0..3).prop_map(Cond::Or),
            ]
        })
    }

    /// Messages of several shapes, so that the slots remembered for one meet another.
    fn message() -> impl Strategy<Value = Message> {
        (prop::option::of(scalar()), prop::option::of(scalar()), prop::option::of(scalar()), any::<bool>())
            .prop_map(|(a, c, d, turned)| {
                let value = |v: &Option<Json>| v.as_ref().map_or(Value::Undefined, Value::from_json);
                let mut inner = vec![("c", value(&c)), ("d", Value::list(vec![value(&d)]))];
                if turned {
                    inner.reverse();
                }
                let mut root = vec![("a", value(&a)), ("b", Value::object(inner))];
                if turned {
                    root.reverse();
                }
                Message::from_object(root.into_iter().collect::<Object>())
            })
    }

    proptest! {
        #[test]
        fn the_running_form_agrees_with_the_reference(cond in cond(), msgs in prop::collection::vec(message(), 1..5)) {
            let tables = tables();
            let test = Scope { paths: &tables.paths, regexes: &tables.regexes }.test(&cond);
            for msg in &msgs {
                let expected = tables.holds(&cond, msg, &mut || 0.4);
                tables.absent.borrow_mut().clear();
                let absent = RefCell::default();
                let got = test.holds(msg, &mut Cx { random: &mut || 0.4, absent: &absent });
                prop_assert_eq!(got, expected, "{:?}", test);
            }
        }

        #[test]
        fn changing_a_copy_never_changes_the_message(msg in message(), at in 0..4_usize, value in scalar()) {
            let before = msg.to_json();
            let path = tables().paths[at].clone();
            let mut copy = msg.clone();
            copy.set_at(&path, Value::from_json(&value));
            prop_assert_eq!(msg.to_json(), before.clone());
            copy.delete_at(&path);
            prop_assert_eq!(msg.to_json(), before);
        }
    }

    #[test]
    fn an_absent_path_is_counted_by_comparisons_and_not_by_has() {
        let tables = tables();
        let scope = Scope { paths: &tables.paths, regexes: &tables.regexes };
        let absent = RefCell::default();
        let has = scope.test(&Cond::Has(3));
        let eq = scope.test(&Cond::Cmp(Cmp::Eq, Operand::Path(3), Operand::Lit(json!("x"))));
        let msg = Message::new();
        for test in [&has, &eq] {
            assert!(!test.holds(&msg, &mut Cx { random: &mut || 0.0, absent: &absent }));
        }
        assert_eq!(*absent.borrow(), [3]);
    }
}
