//! Context stores as JavaScript sees them: an object that code got or set stays the same object, so that what code changes
//! in place is changed in the store, as in Node-RED.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use route_chain::Value;
use rquickjs::{Ctx, Function, Object, Persistent, Result, Value as Js};

use super::super::value::context::named;
use super::super::value::property::{self, Seg};
use super::host::{Shared, thrown};
use super::values::{Shelf, Values};
use crate::node::{Entry, Live, Store};

/// An object of a context store that lives in the JavaScript engine.
struct LiveObject {
    // Persistent values go before the engine that they live in.
    object: Persistent<Object<'static>>,
    /// What it was when the engine had run so often.
    seen: RefCell<Option<(u64, Value)>>,
    engine: Rc<super::Js>,
}

impl LiveObject {
    /// Reads it in a visit that is under way.
    fn read<'js>(&self, ctx: &Ctx<'js>, values: &Values<'js>) -> Value {
        let object = self.object.clone().restore(ctx);
        let value = object.ok().and_then(|o| values.read(&o.into_value()).ok()).unwrap_or_default();
        *self.seen.borrow_mut() = Some((self.engine.runs(), value.clone()));
        value
    }
}

impl Live for LiveObject {
    fn value(&self) -> Value {
        let seen = self.seen.borrow().clone();
        match seen {
            // While code runs, only what `refresh` has read just now can be told.
            Some((run, value)) if run == self.engine.runs() || self.engine.is_running() => value,
            _ if self.engine.is_running() => Value::Undefined,
            _ => self.engine.visit(|ctx, values| self.read(ctx, values)),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Reads the live objects of a store, so that they can be told while code runs.
pub(super) fn refresh<'js>(store: &Store, ctx: &Ctx<'js>, values: &Values<'js>) {
    for key in store.keys() {
        if let Some(Entry::Live(live)) = store.entry(&key)
            && let Some(object) = live.as_any().downcast_ref::<LiveObject>()
        {
            object.read(ctx, values);
        }
    }
}

/// `contextGet`, `contextSet`, `contextKeys`.
pub(super) fn natives<'js>(
    ctx: &Ctx<'js>,
    natives: &Object<'js>,
    host: &Shared,
    shelf: &Shelf,
) -> Result<()> {
    let (h, s) = (host.clone(), shelf.clone());
    let get = move |ctx: Ctx<'js>, me: u32, scope: usize, key: String| -> Result<Js<'js>> {
        let place = Place::find(&ctx, &h, me, scope, &key)?;
        place.map_or_else(|| Ok(Js::new_undefined(ctx.clone())), |place| place.get(&s.values(&ctx)))
    };
    natives.set("contextGet", Function::new(ctx.clone(), get)?)?;
    let (h, s) = (host.clone(), shelf.clone());
    let set = move |ctx: Ctx<'js>, me: u32, scope: usize, key: String, value: Js<'js>| -> Result<()> {
        match Place::find(&ctx, &h, me, scope, &key)? {
            Some(place) => place.set(&s.values(&ctx), value),
            None => Ok(()),
        }
    };
    natives.set("contextSet", Function::new(ctx.clone(), set)?)?;
    let h = host.clone();
    let keys = move |me: u32, scope: usize| -> Vec<String> {
        let host = h.borrow();
        host.nodes.get(&me).and_then(|a| a.stores.get(scope)).map(Store::keys).unwrap_or_default()
    };
    natives.set("contextKeys", Function::new(ctx.clone(), keys)?)
}

/// A property of a store.
struct Place<'js> {
    ctx: Ctx<'js>,
    store: Store,
    first: String,
    rest: Vec<Seg>,
    engine: Option<Rc<super::Js>>,
}

impl<'js> Place<'js> {
    /// `None`: the store that `$parent` names is not there.
    fn find(ctx: &Ctx<'js>, host: &Shared, me: u32, scope: usize, key: &str) -> Result<Option<Self>> {
        let host = host.borrow();
        let found = host.nodes.get(&me).and_then(|access| access.stores.get(scope)).cloned();
        let engine = host.engine.upgrade();
        drop(host);
        let store = found.ok_or_else(|| thrown(ctx, "the node is closed"))?;
        let path = property::parse(key.trim_start_matches("$parent.")).map_err(|e| thrown(ctx, &e))?;
        let Some(store) = named(store, key) else { return Ok(None) };
        let mut path = path.into_iter();
        let first = match path.next() {
            Some(Seg::Key(key)) => key,
            Some(Seg::Index(at)) => at.to_string(),
            _ => return Err(thrown(ctx, "Invalid context key")),
        };
        Ok(Some(Self { ctx: ctx.clone(), store, first, rest: path.collect(), engine }))
    }

    fn undefined(&self) -> Js<'js> {
        Js::new_undefined(self.ctx.clone())
    }

    fn get(&self, values: &Values<'js>) -> Result<Js<'js>> {
        let mut at = self.top(values)?;
        for seg in &self.rest {
            let owner = match at.as_object() {
                Some(object) => object.clone(),
                // Letters and length of a text are no place to write to, but can be read.
                None if at.is_string() => return self.of_text(values, at),
                None => return Ok(self.undefined()),
            };
            at = match seg {
                Seg::Key(key) => owner.get(key.as_str())?,
                Seg::Index(index) => owner.get(*index as u32)?,
                Seg::Nested(_) => return Ok(self.undefined()),
            };
        }
        Ok(at)
    }

    fn of_text(&self, values: &Values<'js>, text: Js<'js>) -> Result<Js<'js>> {
        let value = values.read(&text).map_err(|e| thrown(&self.ctx, &e))?;
        let Some(Seg::Key(key)) = self.rest.last() else { return Ok(self.undefined()) };
        values.to_js(&property::member(&value, key).unwrap_or_default())
    }

    /// The value under the first key; an object stays the same one from now on.
    fn top(&self, values: &Values<'js>) -> Result<Js<'js>> {
        match self.store.entry(&self.first) {
            None => Ok(self.undefined()),
            Some(Entry::Live(live)) => match live.as_any().downcast_ref::<LiveObject>() {
                Some(live) => Ok(live.object.clone().restore(&self.ctx)?.into_value()),
                None => values.to_js(&live.value()),
            },
            Some(Entry::Plain(value)) => {
                let js = values.to_js(&value)?;
                if let (Some(object), false) = (js.as_object(), matches!(value, Value::Opaque(_))) {
                    self.keep(object);
                }
                Ok(js)
            }
        }
    }

    fn keep(&self, object: &Object<'js>) {
        let Some(engine) = self.engine.clone() else { return };
        let object = Persistent::save(&self.ctx, object.clone());
        self.store
            .put(&self.first, Entry::Live(Rc::new(LiveObject { object, seen: RefCell::default(), engine })));
    }

    fn set(&self, values: &Values<'js>, value: Js<'js>) -> Result<()> {
        if !self.rest.is_empty() {
            return self.set_inside(values, value);
        }
        match value.as_object() {
            Some(object) => self.keep(object),
            None if value.is_undefined() => self.store.remove(&self.first),
            None => {
                let value = values.read(&value).map_err(|e| thrown(&self.ctx, &e))?;
                self.store.set(&self.first, value);
            }
        }
        Ok(())
    }

    fn set_inside(&self, values: &Values<'js>, value: Js<'js>) -> Result<()> {
        let mut root = self.top(values)?;
        if root.is_undefined() {
            if value.is_undefined() {
                return Ok(());
            }
            root = match self.rest.first() {
                Some(Seg::Index(_)) => rquickjs::Array::new(self.ctx.clone())?.into_value(),
                _ => Object::new(self.ctx.clone())?.into_value(),
            };
            if let Some(object) = root.as_object() {
                self.keep(object);
            }
        }
        let Some(root) = root.as_object() else { return Ok(()) };
        let steps = rquickjs::Array::new(self.ctx.clone())?;
        for (at, seg) in self.rest.iter().enumerate() {
            match seg {
                Seg::Key(key) => steps.set(at, key.as_str())?,
                Seg::Index(index) => steps.set(at, *index as f64)?,
                Seg::Nested(_) => return Err(thrown(&self.ctx, "Invalid context key")),
            }
        }
        let create = !value.is_undefined();
        values.helper("setSteps")?.call::<_, bool>((root.clone(), steps, value, create)).map(drop)
    }
}
