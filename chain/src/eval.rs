//! The reference interpreter of conditions and operands: total, and the plain meaning of the language.

use regex::Regex;

use crate::ir::{Cmp, Cond, Operand, Path};
use crate::message::Message;
use crate::ops::{self, Cidr, arith, call, compare, contains, ends_with, is, starts_with};
pub use crate::ops::{equal, hash};
use crate::value::Value;

/// What conditions refer to by index.
pub struct Tables {
    /// Paths below `msg`.
    pub paths: Vec<Path>,
    /// Compiled expressions.
    pub regexes: Vec<Regex>,
}

impl Tables {
    /// The tables of a set.
    pub fn new(paths: Vec<Path>, regexes: Vec<Regex>) -> Self {
        Self { paths, regexes }
    }

    /// Whether the condition holds for the message. `random` gives numbers in `0..1` for `sample`.
    pub fn holds(&self, cond: &Cond, msg: &Message, random: &mut dyn FnMut() -> f64) -> bool {
        match cond {
            Cond::Const(b) => *b,
            Cond::Not(c) => !self.holds(c, msg, random),
            Cond::And(all) => all.iter().all(|c| self.holds(c, msg, random)),
            Cond::Or(any) => any.iter().any(|c| self.holds(c, msg, random)),
            Cond::Cmp(op, left, right) => self.both(left, right, msg, random, |a, b| compare(*op, a, b)),
            Cond::InList(operand, list) => {
                let value = self.value(operand, msg, random);
                value.is_some_and(|value| list.iter().any(|json| equal(&value, &Value::from_json(json))))
            }
            Cond::InRange(operand, low, high, inclusive) => {
                let below = if *inclusive { Cmp::Le } else { Cmp::Lt };
                let (value, low) = (self.value(operand, msg, random), self.value(low, msg, random));
                let above = value.zip(low).filter(|(value, low)| compare(Cmp::Ge, value, low));
                above.is_some_and(|(value, _)| {
                    self.value(high, msg, random).is_some_and(|high| compare(below, &value, &high))
                })
            }
            Cond::InCidr(operand, net) => {
                let value = self.value(operand, msg, random);
                let text = value.as_ref().and_then(Value::as_text);
                text.zip(Cidr::parse(net)).is_some_and(|(text, net)| net.contains(text))
            }
            Cond::Matches(operand, regex) => {
                let value = self.value(operand, msg, random);
                let text = value.as_ref().and_then(Value::as_text);
                text.zip(self.regexes.get(*regex as usize)).is_some_and(|(text, regex)| regex.is_match(text))
            }
            Cond::Contains(l, r) => self.both(l, r, msg, random, contains),
            Cond::StartsWith(l, r) => self.both(l, r, msg, random, starts_with),
            Cond::EndsWith(l, r) => self.both(l, r, msg, random, ends_with),
            Cond::Is(operand, ty) => self.value(operand, msg, random).is_some_and(|value| is(&value, *ty)),
            Cond::Has(path) => self.paths.get(*path as usize).is_some_and(|path| msg.at(path).is_some()),
            Cond::Truth(operand) => matches!(self.value(operand, msg, random), Some(Value::Bool(true))),
            Cond::Sample(share) => random() < *share,
            Cond::SampleBy(share, operand) => {
                let key = self.value(operand, msg, random).unwrap_or(Value::Null);
                ops::share(&key) < *share
            }
        }
    }

    fn both(
        &self,
        left: &Operand,
        right: &Operand,
        msg: &Message,
        random: &mut dyn FnMut() -> f64,
        test: impl Fn(&Value, &Value) -> bool,
    ) -> bool {
        let left = self.value(left, msg, random);
        let right = self.value(right, msg, random);
        matches!((left, right), (Some(a), Some(b)) if test(&a, &b))
    }

    /// The operand's value; `None`: absent.
    pub fn value(&self, operand: &Operand, msg: &Message, random: &mut dyn FnMut() -> f64) -> Option<Value> {
        match operand {
            Operand::Lit(json) => Some(Value::from_json(json)),
            Operand::Path(path) => msg.at(self.paths.get(*path as usize)?).cloned(),
            Operand::Neg(inner) => Some(Value::Number(-self.value(inner, msg, random)?.as_number()?)),
            Operand::Arith(op, left, right) => {
                arith(*op, &self.value(left, msg, random)?, &self.value(right, msg, random)?)
            }
            Operand::Call(func, args) => {
                let args: Option<Vec<Value>> = args.iter().map(|arg| self.value(arg, msg, random)).collect();
                call(*func, &args?)
            }
            Operand::Cond(cond) => Some(Value::Bool(self.holds(cond, msg, random))),
            Operand::List(items) => Some(Value::list(
                items.iter().map(|i| self.value(i, msg, random).unwrap_or(Value::Null)).collect(),
            )),
            Operand::Object(fields) => {
                Some(Value::object(fields.iter().filter_map(|(k, v)| Some((k, self.value(v, msg, random)?)))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ir::Arith;
    use crate::ir::Seg;
    use serde_json::{Value as Json, json};

    const P: fn() -> Operand = || Operand::Path(0);

    fn lit(json: Json) -> Operand {
        Operand::Lit(json)
    }

    /// Whether the condition holds when `msg.payload` is this (path 0); `null`-less absence by an empty message.
    fn with(payload: Option<Json>, cond: &Cond) -> bool {
        let tables =
            Tables::new(vec![vec![Seg::Key("payload".into())]], vec![Regex::new("^b[0-9]+$").unwrap()]);
        let msg = payload.map_or_else(Message::new, |p| Message::from_json(&json!({ "payload": p })));
        tables.holds(cond, &msg, &mut || 0.5)
    }

    #[test]
    fn a_comparison_with_an_absent_operand_is_false_and_its_negation_true() {
        let less = Cond::Cmp(Cmp::Lt, P(), lit(json!(1)));
        assert!(!with(None, &less));
        assert!(with(None, &Cond::Not(Box::new(less))));
        assert!(!with(None, &Cond::Cmp(Cmp::Eq, P(), lit(json!(null)))));
    }

    #[test]
    fn types_never_mix() {
        assert!(!with(Some(json!("1")), &Cond::Cmp(Cmp::Eq, P(), lit(json!(1)))));
        assert!(!with(Some(json!("1")), &Cond::Cmp(Cmp::Lt, P(), lit(json!(2)))));
        assert!(!with(Some(json!(1)), &Cond::Truth(P())));
        assert!(with(Some(json!({"a": [1]})), &Cond::Cmp(Cmp::Eq, P(), lit(json!({"a": [1]})))));
    }

    #[test]
    fn minus_zero_equals_zero_and_nan_nothing() {
        assert!(with(Some(json!(-0.0)), &Cond::Cmp(Cmp::Eq, P(), lit(json!(0)))));
        let nan = Operand::Arith(Arith::Div, Box::new(lit(json!(0))), Box::new(lit(json!(0))));
        assert!(!with(None, &Cond::Cmp(Cmp::Eq, nan.clone(), nan)));
    }

    #[test]
    fn ranges_and_lists() {
        let range = |inclusive| Cond::InRange(P(), lit(json!(1)), lit(json!(3)), inclusive);
        assert!(with(Some(json!(3)), &range(true)));
        assert!(!with(Some(json!(3)), &range(false)));
        assert!(with(Some(json!("b")), &Cond::InList(P(), vec![json!("a"), json!("b")])));
        assert!(with(Some(json!([1, "x"])), &Cond::Contains(P(), lit(json!("x")))));
    }

    #[test]
    fn text() {
        assert!(with(Some(json!("b12")), &Cond::Matches(P(), 0)));
        assert!(with(Some(json!("b12")), &Cond::StartsWith(P(), lit(json!("b1")))));
        assert!(with(Some(json!("\u{e000}")), &Cond::Cmp(Cmp::Lt, P(), lit(json!("\u{10000}")))));
    }

    #[test]
    fn networks() {
        assert!(with(Some(json!("10.1.2.3")), &Cond::InCidr(P(), "10.0.0.0/8".into())));
        assert!(!with(Some(json!("11.1.2.3")), &Cond::InCidr(P(), "10.0.0.0/8".into())));
        assert!(with(Some(json!("1.2.3.4")), &Cond::InCidr(P(), "0.0.0.0/0".into())));
        assert!(!with(Some(json!("no address")), &Cond::InCidr(P(), "::/0".into())));
    }

    #[test]
    fn a_hash_does_not_depend_on_the_order_of_keys() {
        let of = |json: Json| hash(&Value::from_json(&json));
        assert_eq!(of(json!({"a": 1, "b": 2})), of(json!({"b": 2, "a": 1})));
        assert_ne!(of(json!("a")), of(json!("b")));
    }
}
