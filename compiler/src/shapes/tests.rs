//! Shapes that were inferred, and shapes on their way to text and to JSON Schema and back.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use route_chain::ir::Type;
use route_chain::{Message, Value};
use serde_json::json;

use super::{Seen, from_json_schema, item, name_of, to_json_schema};
use crate::hir::Shape;
use crate::testkit::{FLOW, run_on};

fn inferred(messages: &[serde_json::Value]) -> String {
    let mut seen = Seen::default();
    messages.iter().for_each(|message| seen.message(&Message::from_json(message)));
    item("Reading", &seen.shape(5))
}

#[test]
fn what_messages_have_in_common() {
    let reading = |n: usize| {
        let unit = ["C", "F"][n % 2];
        let payload = json!({ "t": n, "unit": unit });
        json!({ "_msgid": "1", "topic": format!("bed/{}", n % 5), "payload": payload })
    };
    let mut messages: Vec<_> = (0..20).map(reading).collect();
    messages.push(json!({ "topic": "bed/2", "payload": { "t": null, "unit": "C", "ok": true, "tags": ["a"] }, "req": "[request]" }));
    insta::assert_snapshot!(inferred(&messages), @r#"
    schema Reading {
      topic: string
      payload: { t: number | null, unit: "C" | "F", ok?: bool, tags?: [string] }
      req?: any
    }
    "#);
}

#[test]
fn what_is_rare_or_wild_is_not_told_one_by_one() {
    let table: serde_json::Map<String, serde_json::Value> =
        (0..100).map(|n| (format!("k{n}"), json!(n))).collect();
    insta::assert_snapshot!(inferred(&[json!({ "payload": table, "a b": [], "set": "once" })]), @r#"
    schema Reading {
      payload: object
      "a b": list
      set: string
    }
    "#);
    insta::assert_snapshot!(inferred(&[json!({ "payload": { "type": "Buffer", "data": [1] } }), json!({ "payload": 5 })]), @r"
    schema Reading {
      payload: number | bytes
    }
    ");
}

#[test]
fn names_are_words() {
    let names = ["Bed 1: reading", "greenhouse", "1st", "温室"].map(name_of);
    assert_eq!(names, ["Bed1Reading", "Greenhouse", "_1st", "Message"]);
}

#[test]
fn json_schema_comes_in() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["payload"],
        "properties": {
            "topic": { "type": "string", "pattern": "^bed/" },
            "payload": { "allOf": [{ "$ref": "#/$defs/base" }, { "properties": { "ok": { "type": "boolean" } } }] },
            "next": { "$ref": "#" },
            "list": { "type": "array", "items": { "enum": ["a", 1, null] } }
        },
        "$defs": { "base": {
            "type": "object",
            "properties": { "t": { "type": ["number", "null"] }, "unit": { "const": "C" }, "n": { "type": "integer" } },
            "required": ["t"]
        } }
    });
    let read = from_json_schema(&schema).unwrap();
    insta::assert_snapshot!(item("Reading", &read.shape), @r#"
    schema Reading {
      topic?: string
      payload: { t: number | null, unit?: "C", n?: number, ok?: bool }
      next?: any
      list?: ["a" | 1 | null]
    }
    "#);
    assert_eq!(
        read.left_out,
        [
            "/properties/topic: pattern",
            "/properties/payload/allOf/0/properties/n: integer, taken as number",
            "/properties/next: a schema inside itself",
        ]
    );
    let nowhere = from_json_schema(&json!({ "$ref": "#/$defs/none" })).unwrap_err();
    assert_eq!(nowhere, "`$ref` to `#/$defs/none` leads nowhere in this document");
}

fn shapes() -> impl Strategy<Value = Shape> {
    let types = [Type::Number, Type::String, Type::Bool];
    let leaf = prop_oneof![
        proptest::sample::select(types.to_vec()).prop_map(Shape::Is),
        "[a-c \"]{0,3}".prop_map(|text| Shape::Literal(json!(text))),
        (-5_i32..5).prop_map(|n| Shape::Literal(json!(n))),
        Just(Shape::Literal(json!(null))),
    ];
    let some = leaf.prop_recursive(3, 12, 4, |inner| {
        let field = ("[a-c x]{1,3}", any::<bool>(), inner.clone());
        prop_oneof![
            proptest::collection::vec(field, 1..4).prop_map(|mut fields| {
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                fields.dedup_by(|a, b| a.0 == b.0);
                Shape::Object(fields)
            }),
            inner.clone().prop_map(|item| Shape::List(Box::new(item))),
            proptest::collection::vec(inner, 2..4).prop_map(super::union),
        ]
    });
    proptest::collection::vec(("[a-c]{1,3}", any::<bool>(), some), 1..4).prop_map(|mut fields| {
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        fields.dedup_by(|a, b| a.0 == b.0);
        Shape::Object(fields)
    })
}

proptest! {
    /// A shape as text means the same shape, and so it does as JSON Schema.
    #[test]
    fn nothing_is_lost_on_the_way(shape in shapes()) {
        let text = item("Reading", &shape);
        let output = run_on(FLOW, &format!("{text}carry Reading on \"Sensor 1\" -> *\n"));
        prop_assert!(output.set.is_some(), "{:?}\n{text}", output.diagnostics);
        prop_assert_eq!(&output.stack.carried[0].shape, &shape, "{}", text);
        let read = from_json_schema(&to_json_schema("Reading", &shape)).unwrap();
        prop_assert_eq!(&read.shape, &shape);
        prop_assert!(read.left_out.is_empty());
    }

    /// Every message is of the shape that was inferred from it and others, as a validator has it.
    #[test]
    fn messages_are_what_was_inferred(payloads in proptest::collection::vec(values(), 1..12)) {
        let mut seen = Seen::default();
        let messages: Vec<_> = payloads.into_iter().map(|payload| json!({ "payload": payload })).collect();
        messages.iter().for_each(|message| seen.message(&Message::from_json(message)));
        let schema = to_json_schema("Reading", &seen.shape(5));
        let validator = jsonschema::validator_for(&schema).unwrap();
        for message in &messages {
            prop_assert!(validator.is_valid(message), "{message}\n{schema}");
        }
        prop_assert_eq!(seen.count(), messages.len() as u64);
    }
}

fn values() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        (-5_i32..5).prop_map(|n| json!(n)),
        "[ab]{0,2}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            proptest::collection::btree_map("[a-d]{1,2}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

#[test]
fn values_without_json_are_any() {
    let mut seen = Seen::default();
    seen.value(&Value::Date(5.0));
    assert_eq!(seen.shape(5), Shape::Any);
}
