//! What a value at a path may be: kinds of values, and of numbers and texts which ones.

use std::cmp::Ordering;
use std::sync::Arc;

use route_chain::ir::{Cmp, Type};
use serde_json::Value as Json;

use super::ranges::{Cut, Ranges};

/// A double that is not NaN, ordered as comparisons see it: `-0` is `0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Num(f64);

impl Num {
    pub(crate) fn new(n: f64) -> Self {
        Self(n + 0.0)
    }
    pub(crate) fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Num {}

impl Ord for Num {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Num {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A set of kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds(u16);

impl Kinds {
    pub(crate) const ABSENT: Kinds = Kinds(1);
    pub(crate) const NUMBER: Kinds = Kinds(2);
    pub(crate) const NAN: Kinds = Kinds(4);
    pub(crate) const TEXT: Kinds = Kinds(8);
    pub(crate) const TRUE: Kinds = Kinds(16);
    pub(crate) const FALSE: Kinds = Kinds(32);
    pub(crate) const NULL: Kinds = Kinds(64);
    pub(crate) const OBJECT: Kinds = Kinds(128);
    pub(crate) const LIST: Kinds = Kinds(256);
    pub(crate) const BYTES: Kinds = Kinds(512);
    /// Dates and things that only a process can use.
    pub(crate) const OTHER: Kinds = Kinds(1024);
    pub(crate) const ALL: Kinds = Kinds(2047);
    const NONE: Kinds = Kinds(0);

    pub(crate) const fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }
    const fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }
    const fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }
    pub(crate) const fn meets(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }
    const fn is_within(self, other: Kinds) -> bool {
        self.0 & !other.0 == 0
    }
}

/// A set of values, of which being absent is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Set {
    /// Has [`Kinds::NUMBER`] and [`Kinds::TEXT`] exactly when `numbers` and `texts` are not empty.
    kinds: Kinds,
    numbers: Ranges<Num>,
    texts: Ranges<Arc<str>>,
}

impl Set {
    pub(crate) fn kinds(kinds: Kinds) -> Self {
        let numbers = if kinds.meets(Kinds::NUMBER) { Ranges::all() } else { Ranges::none() };
        let texts = if kinds.meets(Kinds::TEXT) { Ranges::all() } else { Ranges::none() };
        Self { kinds, numbers, texts }
    }

    pub(crate) fn all() -> Self {
        Self::kinds(Kinds::ALL)
    }

    pub(crate) fn none() -> Self {
        Self::kinds(Kinds::NONE)
    }

    pub(crate) fn absent() -> Self {
        Self::kinds(Kinds::ABSENT)
    }

    pub(crate) fn present() -> Self {
        Self::kinds(Kinds::ALL.without(Kinds::ABSENT))
    }

    fn of(numbers: Ranges<Num>, texts: Ranges<Arc<str>>, others: Kinds) -> Self {
        let number = if numbers.is_empty() { Kinds::NONE } else { Kinds::NUMBER };
        let text = if texts.is_empty() { Kinds::NONE } else { Kinds::TEXT };
        let kinds = others.without(Kinds::NUMBER.or(Kinds::TEXT)).or(number).or(text);
        Self { kinds, numbers, texts }
    }

    pub(crate) fn of_numbers(numbers: Ranges<Num>) -> Self {
        Self::of(numbers, Ranges::none(), Kinds::NONE)
    }

    pub(crate) fn of_texts(texts: Ranges<Arc<str>>) -> Self {
        Self::of(Ranges::none(), texts, Kinds::NONE)
    }

    /// The values equal to a constant; `None`: it is a list or an object, which this cannot tell from others.
    pub(crate) fn equal_to(value: &Json) -> Option<Self> {
        Some(match value {
            Json::Null => Self::kinds(Kinds::NULL),
            Json::Bool(true) => Self::kinds(Kinds::TRUE),
            Json::Bool(false) => Self::kinds(Kinds::FALSE),
            Json::Number(n) => Self::of_numbers(Ranges::point(Num::new(n.as_f64()?))),
            Json::String(text) => Self::of_texts(Ranges::point(text.as_str().into())),
            Json::Array(_) | Json::Object(_) => return None,
        })
    }

    /// The values that are this, compared with a constant: `x < 5` gives the numbers below 5.
    pub(crate) fn compared(op: Cmp, value: &Json) -> Option<Self> {
        match value {
            _ if op == Cmp::Eq => Self::equal_to(value),
            Json::Number(n) => Some(Self::of_numbers(ordered(op, Num::new(n.as_f64()?)))),
            Json::String(text) => Some(Self::of_texts(ordered(op, text.as_str().into()))),
            // Nothing else has an order.
            _ => Some(Self::none()),
        }
    }

    /// Texts that begin so.
    pub(crate) fn begins(prefix: &str) -> Self {
        Self::of_texts(beginning(prefix))
    }

    pub(crate) fn of_type(ty: Type) -> Self {
        Self::kinds(match ty {
            Type::Number => Kinds::NUMBER.or(Kinds::NAN),
            Type::String => Kinds::TEXT,
            Type::Bool => Kinds::TRUE.or(Kinds::FALSE),
            Type::Object => Kinds::OBJECT,
            Type::List => Kinds::LIST,
            Type::Null => Kinds::NULL,
            Type::Bytes => Kinds::BYTES,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kinds == Kinds::NONE
    }

    pub(crate) fn has_kind(&self, kind: Kinds) -> bool {
        self.kinds.meets(kind)
    }

    pub(crate) fn numbers(&self) -> &Ranges<Num> {
        &self.numbers
    }

    pub(crate) fn texts(&self) -> &Ranges<Arc<str>> {
        &self.texts
    }

    #[cfg(test)]
    pub(crate) fn has(&self, value: &Json) -> bool {
        Self::equal_to(value).is_some_and(|one| one.is_within(self))
    }

    pub(crate) fn meets(&self, other: &Set) -> bool {
        let exact = Kinds::NUMBER.or(Kinds::TEXT);
        self.kinds.and(other.kinds).without(exact) != Kinds::NONE
            || self.numbers.meets(&other.numbers)
            || self.texts.meets(&other.texts)
    }

    pub(crate) fn is_within(&self, other: &Set) -> bool {
        self.kinds.is_within(other.kinds)
            && self.numbers.is_within(&other.numbers)
            && self.texts.is_within(&other.texts)
    }

    pub(crate) fn and(&self, other: &Set) -> Set {
        let kinds = self.kinds.and(other.kinds);
        Self::of(self.numbers.and(&other.numbers), self.texts.and(&other.texts), kinds)
    }

    pub(crate) fn or(&self, other: &Set) -> Set {
        let kinds = self.kinds.or(other.kinds);
        Self::of(self.numbers.or(&other.numbers), self.texts.or(&other.texts), kinds)
    }

    /// Takes the values of another set out, in place.
    pub(crate) fn remove(&mut self, other: &Set) {
        self.numbers.remove(&other.numbers);
        self.texts.remove(&other.texts);
        let kinds = self.kinds.without(other.kinds.without(Kinds::NUMBER.or(Kinds::TEXT)));
        let mut left = Kinds::NONE;
        for (kind, some) in [(Kinds::NUMBER, !self.numbers.is_empty()), (Kinds::TEXT, !self.texts.is_empty())]
        {
            left = if some { left.or(kind) } else { left };
        }
        self.kinds = kinds.without(Kinds::NUMBER.or(Kinds::TEXT)).or(left);
    }

    pub(crate) fn not(&self) -> Set {
        let mut all = Self::all();
        all.remove(self);
        all
    }

    /// The values, when they are few and each can be written as JSON.
    pub(crate) fn few(&self) -> Option<Vec<Json>> {
        const FEW: usize = 16;
        let plain = Kinds::NUMBER.or(Kinds::TEXT).or(Kinds::TRUE).or(Kinds::FALSE).or(Kinds::NULL);
        let many = self.numbers.intervals().len() + self.texts.intervals().len();
        if !self.kinds.is_within(plain) || many > FEW {
            return None;
        }
        let mut values: Vec<Json> = Vec::new();
        values.extend(self.numbers.points()?.into_iter().map(|n| crate::hir::number(n.get())));
        values.extend(self.texts.points()?.into_iter().map(|text| Json::from(&**text)));
        let words =
            [(Kinds::TRUE, Json::Bool(true)), (Kinds::FALSE, Json::Bool(false)), (Kinds::NULL, Json::Null)];
        values.extend(words.into_iter().filter(|(kind, _)| self.has_kind(*kind)).map(|(_, value)| value));
        Some(values)
    }
}

fn ordered<T: Ord + Clone>(op: Cmp, value: T) -> Ranges<T> {
    match op {
        Cmp::Eq => Ranges::point(value),
        Cmp::Lt => Ranges::between(Cut::Start, Cut::Before(value)),
        Cmp::Le => Ranges::between(Cut::Start, Cut::After(value)),
        Cmp::Gt => Ranges::between(Cut::After(value), Cut::End),
        Cmp::Ge => Ranges::between(Cut::Before(value), Cut::End),
    }
}

/// Texts are ordered by code point, so those that begin alike stand side by side.
fn beginning(prefix: &str) -> Ranges<Arc<str>> {
    let high = after_all(prefix).map_or(Cut::End, Cut::Before);
    Ranges::between(Cut::Before(prefix.into()), high)
}

/// The first text after all that begin so; `None`: there is none.
fn after_all(prefix: &str) -> Option<Arc<str>> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The range of characters steps over the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return Some(chars.into_iter().collect::<String>().into());
        }
    }
    None
}

/// The prefix of an interval that holds exactly the texts that begin so.
pub(crate) fn prefix_of((low, high): &(Cut<Arc<str>>, Cut<Arc<str>>)) -> Option<&Arc<str>> {
    let Cut::Before(prefix) = low else { return None };
    let end = after_all(prefix).map_or(Cut::End, Cut::Before);
    (end == *high).then_some(prefix)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_that_begin_alike_are_one_interval() {
        let plant = Set::begins("plant/");
        for text in ["plant/", "plant/a", "plant/\u{10ffff}x"] {
            assert!(plant.has(&json!(text)), "{text}");
        }
        for text in ["plant", "plant0", "plan", "x", "plant.", ""] {
            assert!(!plant.has(&json!(text)), "{text}");
        }
        assert!(Set::begins("\u{10ffff}").has(&json!("\u{10ffff}\u{10ffff}")));
        assert!(
            Set::begins("\u{d7ff}").has(&json!("\u{d7ff}z"))
                && !Set::begins("\u{d7ff}").has(&json!("\u{e000}"))
        );
        assert_eq!(prefix_of(&plant.texts.intervals()[0]).map(|p| &**p), Some("plant/"));
    }

    #[test]
    fn numbers_have_an_order_and_nothing_mixes() {
        let below = Set::compared(Cmp::Lt, &json!(5)).unwrap_or_else(Set::none);
        assert!(
            below.has(&json!(4.9))
                && !below.has(&json!(5))
                && !below.has(&json!("4"))
                && !below.has(&json!(null))
        );
        assert!(below.not().has(&json!("4")) && below.not().has_kind(Kinds::NAN));
        assert_eq!(Set::compared(Cmp::Lt, &json!(null)), Some(Set::none()));
        assert!(Set::equal_to(&json!(0)).is_some_and(|zero| zero.has(&json!(-0.0))));
    }

    #[test]
    fn few_values_are_told() {
        let two = Set::equal_to(&json!("a")).unwrap_or_else(Set::none).or(&Set::kinds(Kinds::NULL));
        assert_eq!(two.few(), Some(vec![json!("a"), json!(null)]));
        assert_eq!(Set::begins("a").few(), None);
        assert_eq!(Set::absent().few(), None);
        assert_eq!(Set::present().or(&Set::absent()), Set::all());
    }
}
