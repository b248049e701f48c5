//! Context stores in memory: one per node, per tab or instance, and one for all.

use route_chain::{Object, Value};
use rustc_hash::FxHashMap;

use crate::node::{NodeInfo, Scope};

/// All context stores of an engine.
#[derive(Debug, Default)]
pub(crate) struct Contexts {
    stores: FxHashMap<(Scope, String), Object>,
}

impl Contexts {
    /// The value under a key; a key such as `a.b[0]` leads inside.
    pub(crate) fn get(&self, info: &NodeInfo, scope: Scope, key: &str) -> Value {
        let Some(store) = self.stores.get(&(scope, owner(info, scope))) else { return Value::Undefined };
        if let Some(value) = store.get(key) {
            return value.clone();
        }
        let mut path = segments(key).into_iter();
        let mut at = path.next().and_then(|first| store.get(&first));
        for segment in path {
            at = match at {
                Some(Value::Object(object)) => object.get(&segment),
                Some(Value::List(list)) => segment.parse::<usize>().ok().and_then(|i| list.get(i)),
                _ => None,
            };
        }
        at.cloned().unwrap_or_default()
    }

    /// Sets a key, making objects on the way; `Undefined` removes it.
    pub(crate) fn set(&mut self, info: &NodeInfo, scope: Scope, key: &str, value: Value) {
        let store = self.stores.entry((scope, owner(info, scope))).or_default();
        let path = segments(key);
        match path.as_slice() {
            [] => {}
            [only] => put(store, only, value),
            [first, rest @ ..] => {
                if store.get(first).is_none() {
                    store.insert(first, Value::object::<&str>([]));
                }
                if let Some(slot) = store.get_mut(first) {
                    put_deep(slot, rest, value);
                }
            }
        }
    }

    /// The keys of a store.
    pub(crate) fn keys(&self, info: &NodeInfo, scope: Scope) -> Vec<String> {
        let store = self.stores.get(&(scope, owner(info, scope)));
        store.map(|s| s.iter().map(|(k, _)| k.to_string()).collect()).unwrap_or_default()
    }
}

fn owner(info: &NodeInfo, scope: Scope) -> String {
    match scope {
        Scope::Node => info.id.clone(),
        Scope::Flow => info.z.clone(),
        Scope::Global => String::new(),
    }
}

fn put(store: &mut Object, key: &str, value: Value) {
    match value {
        Value::Undefined => {
            store.remove(key);
        }
        value => store.insert(key, value),
    }
}

fn put_deep(slot: &mut Value, path: &[String], value: Value) {
    let [first, rest @ ..] = path else { return };
    if let (Value::List(_), Ok(index)) = (&*slot, first.parse::<usize>()) {
        let Some(item) = slot.as_list_mut().and_then(|l| l.get_mut(index)) else { return };
        match rest {
            [] => *item = value,
            _ => put_deep(item, rest, value),
        }
        return;
    }
    let Some(object) = slot.as_object_mut() else { return };
    if rest.is_empty() {
        return put(object, first, value);
    }
    if object.get(first).is_none() {
        object.insert(first, Value::object::<&str>([]));
    }
    if let Some(next) = object.get_mut(first) {
        put_deep(next, rest, value);
    }
}

/// `a.b[0]["c d"]` as its segments.
fn segments(key: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut current = String::new();
    let mut rest = key.chars();
    while let Some(c) = rest.next() {
        match c {
            '.' => out.push(std::mem::take(&mut current)),
            '[' => {
                out.push(std::mem::take(&mut current));
                let inner: String = rest.by_ref().take_while(|c| *c != ']').collect();
                out.push(inner.trim_matches(['"', '\'']).to_string());
            }
            c => current.push(c),
        }
    }
    out.push(current);
    out.retain(|s| !s.is_empty());
    out
}
