//! The running form is held to the reference interpreter by generated conditions and messages.

#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use regex::Regex;
use serde_json::{Value as Json, json};

use crate::cond::Scope;
use crate::eval::Tables;
use crate::host::Still;
use crate::ir::{Arith, Cmp, Cond, Func, Operand, Type};
use crate::slot::Slot;
use crate::{Message, Object, Value};

pub(crate) fn tables() -> Tables {
    let paths = json!([["a"], ["b", "c"], ["b", "d", 0], ["gone", "far"]]);
    let regexes = vec![Regex::new("^a+").unwrap(), Regex::new("x|é").unwrap()];
    Tables::new(serde_json::from_value(paths).unwrap(), regexes)
}

pub(crate) fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3..4_i32).prop_map(Json::from),
        edge(),
        prop_oneof![Just(-0.0), Just(0.5), Just(1e300)].prop_map(Json::from),
        prop_oneof![Just("a"), Just("aax"), Just(""), Just("é"), Just("10.0.0.1"), Just("3")]
            .prop_map(Json::from),
        Just(json!([1, "a", null])),
        Just(json!({ "k": 1 })),
    ]
}

pub(crate) fn operand() -> impl Strategy<Value = Operand> {
    let leaf = prop_oneof![scalar().prop_map(Operand::Lit), (0..4_u32).prop_map(Operand::Path)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let arith = prop::sample::select(vec![Arith::Add, Arith::Sub, Arith::Mul, Arith::Div, Arith::Rem]);
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
            (func, prop::collection::vec(inner.clone(), 0..3)).prop_map(|(f, args)| Operand::Call(f, args)),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Operand::List),
            inner.prop_map(|a| Operand::Object(vec![("k".into(), a)])),
        ]
    })
}

fn cmp_of() -> impl Strategy<Value = Cmp> {
    prop::sample::select(vec![Cmp::Eq, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge])
}

/// Numbers where an interval with its ends could go wrong.
fn edge() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![0.0, -0.0, 1.0, 5e-324, -5e-324, f64::MAX, f64::MIN, 0.5, 3.0])
        .prop_map(Json::from)
}

fn texts() -> impl Strategy<Value = Vec<Json>> {
    prop::collection::vec(prop::sample::select(vec!["a", "aax", "é"]).prop_map(Json::from), 0..4)
}

pub(crate) fn cond() -> impl Strategy<Value = Cond> {
    let cmp = cmp_of();
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
        1 => (0..4_u32, cmp_of(), edge()).prop_map(|(p, cmp, n)| Cond::Cmp(cmp, Operand::Path(p), Operand::Lit(n))),
        1 => (0..4_u32, -4..5_i32, -3..4_i32).prop_map(|(p, by, rest)| Cond::Cmp(
            Cmp::Eq,
            Operand::Arith(Arith::Rem, Box::new(Operand::Path(p)), Box::new(Operand::Lit(by.into()))),
            Operand::Lit(rest.into()),
        )),
        1 => (0..4_u32, texts()).prop_map(|(p, list)| Cond::InList(Operand::Path(p), list)),
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
pub(crate) fn message() -> impl Strategy<Value = Message> {
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
            let got = test.holds(msg, &mut Still { dice: 0.4, ..Still::default() });
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
    let missed = |cond: &Cond| {
        let test = scope.test(cond);
        assert!(!test.holds(&Message::new(), &mut Still { dice: 0.0, ..Still::default() }));
        let mut slots: Vec<&Slot> = Vec::new();
        test.slots(&mut slots);
        slots.iter().map(|slot| slot.take_absent()).sum::<u64>()
    };
    assert_eq!(missed(&Cond::Has(3)), 0);
    assert_eq!(missed(&Cond::Cmp(Cmp::Eq, Operand::Path(3), Operand::Lit(json!("x")))), 1);
    assert_eq!(missed(&Cond::Cmp(Cmp::Lt, Operand::Path(3), Operand::Path(0))), 2);
}

#[test]
fn ranges_inside_of_ranges_take_no_more_time_than_they_are_long() {
    let tables = tables();
    let mut inner = Operand::Path(0);
    for _ in 0..60 {
        let within = Cond::InRange(inner, Operand::Lit(json!(0)), Operand::Lit(json!(1)), true);
        inner = Operand::Call(Func::Len, vec![Operand::List(vec![Operand::Cond(Box::new(within))])]);
    }
    let cond = Cond::Cmp(Cmp::Eq, inner, Operand::Lit(json!(1)));
    let msg = Message::from_json(&json!({"a": 1}));
    assert!(tables.holds(&cond, &msg, &mut || 0.4));
    let test = Scope { paths: &tables.paths, regexes: &tables.regexes }.test(&cond);
    assert!(test.holds(&msg, &mut Still::default()));
}
