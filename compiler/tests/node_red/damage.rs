//! Chain files with something wrong in them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

/// A fleet and a table, or neither.
pub(crate) fn fleet() -> impl Strategy<Value = (bool, bool)> {
    (any::<bool>(), any::<bool>())
}

/// Puts in what generated sets have not.
pub(crate) fn furnish(set: &mut Json, (fleet, table): (bool, bool)) {
    if fleet {
        let runtime = |name: &str| {
            json!({
                "name": name, "transport": "zenoh", "address": "tcp/10.0.0.2:7447", "durable": false, "queue": 10,
                "tags": { "site": "north" },
            })
        };
        set["fleet"] =
            json!({ "me": "a", "runtimes": [runtime("a"), runtime("b")], "absent": ["n"], "homes": [1] });
    }
    if table {
        set["chains"][1]["tables"] = json!([{ "from": 0, "to": 1, "path": 0, "equal": [["x", [0]], [null, []]], "prefix": [["y", [0]]], "other": [0] }]);
    }
}

/// A way to damage a value.
#[derive(Clone, Debug)]
pub(crate) enum How {
    /// Another value in its place.
    Put(Json),
    /// An object's first key, or a list's last member, is gone.
    TakeOut,
    /// An object has a key more.
    Add(&'static str, Json),
    /// An object's first key has another name.
    Rename(&'static str),
    /// A list's first member stands there twice.
    Double,
    /// A whole number one more.
    OneMore,
}

pub(crate) fn how() -> impl Strategy<Value = How> {
    let put = select(vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(2),
        json!(4294967296_u64),
        json!("x"),
        json!("halt"),
        json!(""),
        json!([]),
        json!({}),
        json!([1]),
        json!("+8"),
        json!("10.0.0.0/8"),
        json!("1::/129"),
        json!("10.0.0.0/+08"),
        json!("::ffff:1.2.3.4/100"),
        json!("01.2.3.4/8"),
        json!(1e300),
        json!("whole"),
        json!({"halt": null}),
        json!({"eq": null}),
        json!({"const": true}),
        json!({"lit": 1}),
        json!("(a"),
        json!("[[:alpha:]--b]"),
        json!(-0.0),
    ]);
    let key = || {
        select(vec![
            "more",
            "when",
            "path",
            "const",
            "halt",
            "keep",
            "cmp",
            "eq",
            "name",
            "prefix",
            "__proto__",
            "rate",
        ])
    };
    prop_oneof![
        4 => put.clone().prop_map(How::Put),
        2 => Just(How::TakeOut),
        2 => (key(), put).prop_map(|(key, value)| How::Add(key, value)),
        1 => key().prop_map(How::Rename),
        1 => Just(How::Double),
        1 => Just(How::OneMore),
    ]
}

/// Damages the value that a number picks out among all in the file; those near the root more often than their share.
pub(crate) fn damage(file: &mut Json, at: u32, how: &How) {
    let mut pointers = Vec::new();
    pointers_of(file, String::new(), &mut pointers);
    if at.is_multiple_of(3) {
        pointers.retain(|pointer| pointer.matches('/').count() < 3);
    }
    let Some(pointer) = pointers.get(at as usize % pointers.len().max(1)) else { return };
    let Some(value) = file.pointer_mut(pointer) else { return };
    apply(value, how);
}

fn pointers_of(value: &Json, here: String, found: &mut Vec<String>) {
    match value {
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| pointers_of(item, format!("{here}/{i}"), found));
        }
        Json::Object(map) => map.iter().for_each(|(key, item)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            pointers_of(item, format!("{here}/{key}"), found);
        }),
        _ => {}
    }
    found.push(here);
}

fn apply(value: &mut Json, how: &How) {
    match (how, value) {
        (How::Put(other), value) => *value = other.clone(),
        (How::TakeOut, Json::Object(map)) => {
            let first = map.keys().next().cloned();
            first.map(|key| map.shift_remove(&key));
        }
        (How::TakeOut, Json::Array(items)) => drop(items.pop()),
        (How::Add(key, more), Json::Object(map)) => drop(map.insert((*key).to_owned(), more.clone())),
        (How::Rename(key), Json::Object(map)) => {
            let first = map.keys().next().cloned();
            if let Some(value) = first.and_then(|key| map.shift_remove(&key)) {
                map.insert((*key).to_owned(), value);
            }
        }
        (How::Double, Json::Array(items)) => items.extend(items.first().cloned()),
        (How::OneMore, value) => {
            if let Some(n) = value.as_u64() {
                *value = Json::from(n + 1);
            }
        }
        (How::TakeOut | How::Add(..) | How::Rename(_) | How::Double, _) => {}
    }
}
