//! Context stores in memory: one for each node, one for each tab or instance, and one for all.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use route_chain::Value;
use rustc_hash::FxHashMap;

use crate::node::{NodeInfo, Scope};

/// All context stores of an engine.
#[derive(Default)]
pub(crate) struct Contexts {
    stores: FxHashMap<(Scope, String), Store>,
}

impl Contexts {
    /// The store that a node sees under a scope. `outer` gives the tab or instance around an instance.
    pub(crate) fn of(
        &mut self,
        info: &NodeInfo,
        scope: Scope,
        outer: &dyn Fn(&str) -> Option<String>,
    ) -> Store {
        match scope {
            Scope::Node => {
                let around = self.flow(&info.z, outer);
                self.store(Scope::Node, &info.id, Some(around))
            }
            Scope::Flow => self.flow(&info.z, outer),
            Scope::Global => self.store(Scope::Global, "", None),
        }
    }

    fn flow(&mut self, z: &str, outer: &dyn Fn(&str) -> Option<String>) -> Store {
        if let Some(store) = self.stores.get(&(Scope::Flow, z.to_owned())) {
            return store.clone();
        }
        let around = outer(z).map(|z| self.flow(&z, outer));
        self.store(Scope::Flow, z, around)
    }

    fn store(&mut self, scope: Scope, owner: &str, parent: Option<Store>) -> Store {
        let make = || Store(Rc::new(Inner { entries: RefCell::default(), parent }));
        self.stores.entry((scope, owner.to_owned())).or_insert_with(make).clone()
    }
}

/// One context store; clones are the same store.
#[derive(Clone, Default)]
pub struct Store(Rc<Inner>);

#[derive(Default)]
struct Inner {
    entries: RefCell<IndexMap<String, Entry>>,
    parent: Option<Store>,
}

/// What stands under a key.
#[derive(Clone)]
pub enum Entry {
    /// A value.
    Plain(Value),
    /// An object that JavaScript holds on to and may change at any time.
    Live(Rc<dyn Live>),
}

/// An object that lives elsewhere.
pub trait Live {
    /// What it is now.
    fn value(&self) -> Value;
    /// The object, for its owner.
    fn as_any(&self) -> &dyn Any;
}

impl Store {
    /// The entry under a top-level key.
    pub fn entry(&self, key: &str) -> Option<Entry> {
        self.0.entries.borrow().get(key).cloned()
    }

    /// The value under a top-level key; undefined when there is none.
    pub fn get(&self, key: &str) -> Value {
        match self.entry(key) {
            Some(Entry::Plain(value)) => value,
            Some(Entry::Live(live)) => live.value(),
            None => Value::Undefined,
        }
    }

    /// Sets a top-level key; undefined removes it.
    pub fn set(&self, key: &str, value: Value) {
        match value {
            Value::Undefined => self.remove(key),
            value => self.put(key, Entry::Plain(value)),
        }
    }

    /// Puts an entry under a top-level key.
    pub fn put(&self, key: &str, entry: Entry) {
        // What stood there may own JavaScript that looks into this store when it goes: it goes after the borrow.
        let before = self.0.entries.borrow_mut().insert(key.to_owned(), entry);
        drop(before);
    }

    /// Takes a top-level key out; the order of the others stays.
    pub fn remove(&self, key: &str) {
        let before = self.0.entries.borrow_mut().shift_remove(key);
        drop(before);
    }

    /// The keys, in the order in which they were first set.
    pub fn keys(&self) -> Vec<String> {
        self.0.entries.borrow().keys().cloned().collect()
    }

    /// The store that `$parent` names.
    pub fn parent(&self) -> Option<Store> {
        self.0.parent.clone()
    }
}
