//! Properties of context stores, named as `count`, `#:(file)::a.b` or `$parent.x`.

use std::cell::OnceCell;

use route_chain::{Message, Object, Value};

use super::property::{self, Fault, Seg};
use crate::node::{NodeCx, Scope, Store};

/// A property of a context store that one node uses. There is one kind of store, in memory: names of others mean it too.
#[derive(Debug)]
pub(crate) struct ContextPath {
    scope: Scope,
    key: String,
    segs: Result<Vec<Seg>, Fault>,
    store: OnceCell<Option<StoreOf>>,
}

/// A store, without its contents when printed.
struct StoreOf(Store);

impl std::fmt::Debug for StoreOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl ContextPath {
    /// Reads a key; what is wrong with it is said when it is used.
    pub(crate) fn new(scope: Scope, key: &str) -> Self {
        let key = plain_key(key);
        let inner = key.trim_start_matches("$parent.");
        Self {
            scope,
            key: key.to_owned(),
            segs: property::parse(inner).map_err(Fault::Invalid),
            store: OnceCell::new(),
        }
    }

    /// The value: undefined when it is not there.
    pub(crate) fn get(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<Value, Fault> {
        let segs = self.segs(msg)?;
        Ok(self.store(cx).map(|store| read(store, &segs)).unwrap_or_default())
    }

    /// Sets the value; undefined removes it. `Ok(false)`: something on the way is neither object nor list.
    pub(crate) fn set(&self, msg: &Message, value: Value, cx: &mut NodeCx<'_>) -> Result<bool, Fault> {
        let segs = self.segs(msg)?;
        match self.store(cx) {
            Some(store) => write(store, &segs, value),
            None => Ok(true),
        }
    }

    fn segs(&self, msg: &Message) -> Result<Vec<Seg>, Fault> {
        property::resolve(self.segs.as_ref().map_err(Clone::clone)?, msg.root())
    }

    fn store(&self, cx: &mut NodeCx<'_>) -> Option<&Store> {
        let found = || named(cx.context(self.scope), &self.key).map(StoreOf);
        self.store.get_or_init(found).as_ref().map(|of| &of.0)
    }
}

/// A key without the name of its store: `#:(file)::count` is `count`.
pub(crate) fn plain_key(text: &str) -> &str {
    let named = text.strip_prefix("#:(").and_then(|rest| rest.split_once(")::"));
    named.filter(|(store, _)| !store.is_empty() && !store.contains(char::is_whitespace)).map_or(text, |n| n.1)
}

/// The store that a key is meant for: as many around as `$parent.` stands before it.
pub(crate) fn named(mut store: Store, mut key: &str) -> Option<Store> {
    while let Some(outer) = key.strip_prefix("$parent.") {
        (store, key) = (store.parent()?, outer);
    }
    Some(store)
}

/// The value at a path of a store: undefined when it is not there.
pub(crate) fn read(store: &Store, path: &[Seg]) -> Value {
    let Some((first, rest)) = path.split_first() else { return Value::Undefined };
    let value = store.get(&name(first));
    if rest.is_empty() {
        return value;
    }
    let (root, path) = rooted(value, rest);
    property::get(&root, &path).unwrap_or_default()
}

/// Sets the value at a path of a store.
fn write(store: &Store, path: &[Seg], value: Value) -> Result<bool, Fault> {
    let Some((first, rest)) = path.split_first() else { return Ok(false) };
    let key = name(first);
    if rest.is_empty() {
        store.set(&key, value);
        return Ok(true);
    }
    let before = store.get(&key);
    if matches!((&before, &value), (Value::Undefined, Value::Undefined)) {
        return Ok(false);
    }
    let made = !matches!(before, Value::Undefined);
    let (mut root, path) = rooted(before, rest);
    if !made {
        root.remove("_");
    }
    let done = property::set(&mut root, &path, value)?;
    if done {
        store.set(&key, root.remove("_").unwrap_or_default());
    }
    Ok(done)
}

fn name(seg: &Seg) -> String {
    match seg {
        Seg::Key(key) => key.clone(),
        Seg::Index(at) => at.to_string(),
        Seg::Nested(_) => String::new(),
    }
}

/// A value as the member `_` of an object, and a path that leads through it.
fn rooted(value: Value, rest: &[Seg]) -> (Object, Vec<Seg>) {
    let path = std::iter::once(Seg::Key("_".to_owned())).chain(rest.iter().cloned()).collect();
    ([("_", value)].into_iter().collect(), path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> Vec<Seg> {
        property::parse(text).unwrap_or_default()
    }

    #[test]
    fn reads_and_writes_inside() {
        let store = Store::default();
        assert_eq!(write(&store, &path("a.b[1]"), Value::Number(1.0)), Ok(true));
        assert_eq!(store.get("a").to_json(), Some(json!({"b": [null, 1]})));
        assert_eq!(read(&store, &path("a.b[1]")).as_number(), Some(1.0));
        assert!(matches!(read(&store, &path("none.b")), Value::Undefined));
        assert_eq!(write(&store, &path("a.b"), Value::Undefined), Ok(true));
        assert_eq!(store.get("a").to_json(), Some(json!({})));
        store.set("t", Value::text("x"));
        assert_eq!(write(&store, &path("t.b"), Value::Null), Ok(false));
        assert_eq!(store.keys(), ["a", "t"]);
    }

    #[test]
    fn names_of_stores() {
        assert_eq!(plain_key("#:(file)::a.b"), "a.b");
        assert_eq!(plain_key("a.b"), "a.b");
        assert_eq!(plain_key("#:()::a"), "#:()::a");
        assert!(named(Store::default(), "$parent.x").is_none());
    }
}
