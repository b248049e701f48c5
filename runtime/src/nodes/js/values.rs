//! Message values as JavaScript values and back.
//!
//! Large lists, objects, texts and buffers are not copied in until code looks at them: the property that holds one is a
//! getter that puts the real thing in its own place. What code never looked at goes out as it came in.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use route_chain::{Message, Object, Opaque, Value};
use rquickjs::function::{Opt, This};
use rquickjs::object::{Accessor, Property};
use rquickjs::{Array, ArrayBuffer, Ctx, Function, IntoJs, Persistent, Result, Value as Js};

use super::super::value::coerce;

/// Deeper values are refused: they are most likely circular.
const MAX_DEPTH: usize = 200;
/// Values of one message; more are refused before they fill the memory.
const MAX_VALUES: usize = 20_000_000;
/// Lists and objects with more members, and texts and buffers with more bytes, are looked at only when code does.
const LAZY_MEMBERS: usize = 24;
const LAZY_BYTES: usize = 2048;

/// What conversions share with the functions behind getters and handles.
#[derive(Clone, Default)]
pub(super) struct Shelf(Rc<ShelfInner>);

#[derive(Default)]
struct ShelfInner {
    /// Set while a message is read: a getter then hands its value over here instead of making it.
    reading: Cell<bool>,
    handed: RefCell<Option<Value>>,
    /// What the library gives: helpers, and the prototype of its plain objects.
    library: RefCell<Option<Persistent<rquickjs::Object<'static>>>>,
    plain: RefCell<Vec<Persistent<rquickjs::Object<'static>>>>,
}

impl Shelf {
    /// Tells what the helpers are.
    pub(super) fn set_library<'js>(&self, ctx: &Ctx<'js>, library: rquickjs::Object<'js>) -> Result<()> {
        *self.0.library.borrow_mut() = Some(Persistent::save(ctx, library));
        self.set_plain(vec![plain_of(ctx)?]);
        Ok(())
    }

    /// The prototypes of plain objects: the library's first, then that of the node that runs.
    pub(super) fn set_plain(&self, plain: Vec<Persistent<rquickjs::Object<'static>>>) {
        *self.0.plain.borrow_mut() = plain;
    }

    /// The prototype of the library's plain objects.
    pub(super) fn library_plain(&self) -> Option<Persistent<rquickjs::Object<'static>>> {
        self.0.plain.borrow().first().cloned()
    }

    /// Lets go of everything that lives in the engine.
    pub(super) fn clear(&self) {
        self.0.library.borrow_mut().take();
        self.0.plain.borrow_mut().clear();
        self.0.handed.borrow_mut().take();
    }

    /// Conversions within one visit of a context.
    pub(super) fn values<'js>(&self, ctx: &Ctx<'js>) -> Values<'js> {
        let plain = self.0.plain.borrow();
        let plain = plain.iter().filter_map(|proto| proto.clone().restore(ctx).ok()).collect();
        Values { ctx: ctx.clone(), shelf: self.clone(), plain, left: Cell::new(MAX_VALUES) }
    }
}

/// The prototype of plain objects of a context.
pub(super) fn plain_of(ctx: &Ctx<'_>) -> Result<Persistent<rquickjs::Object<'static>>> {
    let proto = rquickjs::Object::new(ctx.clone())?.get_prototype().ok_or(rquickjs::Error::Unknown)?;
    Ok(Persistent::save(ctx, proto))
}

/// Converts values within one visit of a context.
pub(super) struct Values<'js> {
    ctx: Ctx<'js>,
    shelf: Shelf,
    plain: Vec<rquickjs::Object<'js>>,
    left: Cell<usize>,
}

type Read<T> = std::result::Result<T, String>;

impl<'js> Values<'js> {
    /// A function of the library.
    pub(super) fn helper(&self, name: &str) -> Result<Function<'js>> {
        let library = self.shelf.0.library.borrow().clone().ok_or(rquickjs::Error::Unknown)?;
        library.restore(&self.ctx)?.get(name)
    }

    /// A module of the library by the name that Node.js has for it.
    pub(super) fn module(&self, name: &str) -> Result<Js<'js>> {
        let library = self.shelf.0.library.borrow().clone().ok_or(rquickjs::Error::Unknown)?;
        let modules: rquickjs::Object<'js> = library.restore(&self.ctx)?.get("modules")?;
        modules.get(name)
    }

    /// A message as an object.
    pub(super) fn message(&self, msg: &Message) -> Result<Js<'js>> {
        self.object(msg.root())
    }

    fn object(&self, object: &Object) -> Result<Js<'js>> {
        let js = rquickjs::Object::new(self.ctx.clone())?;
        for (key, value) in object.iter() {
            if is_large(value) {
                self.lazy(&js, key, value.clone())?;
                continue;
            }
            let value = self.to_js(value)?;
            match key {
                // Set, it would change what the object is.
                "__proto__" => place(&js, key, value)?,
                key => js.set(key, value)?,
            }
        }
        Ok(js.into_value())
    }

    /// A property that is made when it is first looked at.
    fn lazy(&self, owner: &rquickjs::Object<'js>, key: &str, value: Value) -> Result<()> {
        let (shelf, at, name) = (self.shelf.clone(), key.to_owned(), key.to_owned());
        let get = move |ctx: Ctx<'js>, this: This<rquickjs::Object<'js>>| -> Result<Js<'js>> {
            if shelf.0.reading.get() {
                *shelf.0.handed.borrow_mut() = Some(value.clone());
                return Ok(Js::new_undefined(ctx));
            }
            let made = shelf.values(&ctx).to_js(&value)?;
            place(&this.0, at.as_str(), made.clone())?;
            Ok(made)
        };
        let set = move |this: This<rquickjs::Object<'js>>, value: Opt<Js<'js>>| -> Result<()> {
            let value = value.0.unwrap_or_else(|| Js::new_undefined(this.0.ctx().clone()));
            place(&this.0, name.as_str(), value)
        };
        owner.prop(key, Accessor::new(get, set).enumerable().configurable())
    }

    pub(super) fn to_js(&self, value: &Value) -> Result<Js<'js>> {
        let ctx = &self.ctx;
        match value {
            Value::Undefined => Ok(Js::new_undefined(ctx.clone())),
            Value::Null => Ok(Js::new_null(ctx.clone())),
            Value::Bool(b) => Ok(Js::new_bool(ctx.clone(), *b)),
            Value::Number(n) => Ok(Js::new_number(ctx.clone(), *n)),
            Value::Text(s) => s.as_str().into_js(ctx),
            Value::Bytes(b) => {
                let buffer = ArrayBuffer::new_copy(ctx.clone(), b.as_slice())?;
                self.helper("buffer")?.call((buffer,))
            }
            Value::Date(ms) => self.helper("date")?.call((*ms,)),
            Value::List(items) => {
                let js = Array::new(ctx.clone())?;
                for (at, item) in items.iter().enumerate() {
                    js.set(at, self.to_js(item)?)?;
                }
                Ok(js.into_value())
            }
            Value::Object(object) => self.object(object),
            Value::Opaque(opaque) => self.handle(opaque.clone()),
        }
    }

    fn handle(&self, opaque: Arc<Opaque>) -> Result<Js<'js>> {
        let (shelf, held) = (self.shelf.clone(), opaque.clone());
        let take = Function::new(self.ctx.clone(), move || {
            *shelf.0.handed.borrow_mut() = Some(Value::Opaque(held.clone()));
        })?;
        self.helper("opaque")?.call((take, opaque.label))
    }

    /// The message that an object is; anything else has no properties.
    pub(super) fn to_message(&self, js: &Js<'js>) -> Read<Message> {
        Ok(match self.read(js)? {
            Value::Object(object) => Message::from_object(Arc::unwrap_or_clone(object)),
            _ => Message::new(),
        })
    }

    /// The value that a JavaScript value is. Functions and symbols are undefined.
    pub(super) fn read(&self, js: &Js<'js>) -> Read<Value> {
        let before = self.shelf.0.reading.replace(true);
        let read = self.read_at(js, 0);
        self.shelf.0.reading.set(before);
        read
    }

    fn read_at(&self, js: &Js<'js>, depth: usize) -> Read<Value> {
        if depth > MAX_DEPTH {
            return Err("a value is circular or nested too deep".to_owned());
        }
        match self.left.get() {
            0 => return Err("a message has too many values".to_owned()),
            left => self.left.set(left - 1),
        }
        if let Some(n) = js.as_number() {
            return Ok(Value::Number(n));
        }
        if let Some(s) = js.as_string() {
            return Ok(Value::text(s.to_string().unwrap_or_else(|_| self.lossy(js))));
        }
        if let Some(b) = js.as_bool() {
            return Ok(Value::Bool(b));
        }
        if js.is_null() {
            return Ok(Value::Null);
        }
        if js.is_function() {
            return Ok(Value::Undefined);
        }
        if let Some(items) = js.as_array() {
            let read = |item: Result<Js<'js>>| self.read_at(&item.map_err(|e| self.text(e))?, depth + 1);
            return Ok(Value::list(items.iter::<Js<'js>>().map(read).collect::<Read<_>>()?));
        }
        match js.as_object() {
            Some(object) => self.read_object(object, depth),
            None if js.is_big_int() => Ok(self.big_int(js)),
            None => Ok(Value::Undefined),
        }
    }

    fn read_object(&self, object: &rquickjs::Object<'js>, depth: usize) -> Read<Value> {
        let proto = object.get_prototype();
        let is_plain = proto.is_some_and(|proto| self.plain.contains(&proto));
        if !is_plain && let Some(value) = self.read_special(object, depth)? {
            return Ok(value);
        }
        let mut made = Object::new();
        for entry in object.props::<String, Js<'js>>() {
            let (key, value) = entry.map_err(|e| self.text(e))?;
            if let Some(value) = self.shelf.0.handed.borrow_mut().take() {
                made.insert(&key, value);
            } else if !value.is_function() && !value.is_symbol() {
                made.insert(&key, self.read_at(&value, depth + 1)?);
            }
        }
        Ok(Value::Object(Arc::new(made)))
    }

    /// Dates, errors, buffers, handles, boxed values; `None`: an object like any other.
    fn read_special(&self, object: &rquickjs::Object<'js>, depth: usize) -> Read<Option<Value>> {
        let js = |e| self.text(e);
        let kind: u32 = self.helper("kind").and_then(|f| f.call((object.clone(),))).map_err(js)?;
        let method = |name: &str| object.get::<_, Function<'js>>(name).map_err(js);
        Ok(Some(match kind {
            1 => Value::Date(method("getTime")?.call((This(object.clone()),)).map_err(js)?),
            2 => {
                let field = |key: &str| object.get::<_, Option<String>>(key).ok().flatten();
                let fields = ["name", "message", "stack"].map(|key| (key, field(key)));
                Value::object(fields.into_iter().filter_map(|(key, text)| Some((key, Value::text(text?)))))
            }
            3 => {
                let text: String =
                    self.helper("latin1").and_then(|f| f.call((object.clone(),))).map_err(js)?;
                Value::bytes(text.chars().map(|c| c as u8).collect::<Vec<_>>())
            }
            4 => self.shelf.0.handed.borrow_mut().take().unwrap_or_default(),
            5 => {
                let value: Js<'js> = method("valueOf")?.call((This(object.clone()),)).map_err(js)?;
                self.read_at(&value, depth + 1)?
            }
            6 => {
                let length: usize = object.get("length").map_err(js)?;
                let item = |at| object.get::<_, Js<'js>>(at as u32).map_err(js);
                let items = (0..length).map(|at| self.read_at(&item(at)?, depth + 1));
                Value::list(items.collect::<Read<_>>()?)
            }
            _ => return Ok(None),
        }))
    }

    /// Texts that are no Unicode (half a pair) keep what is.
    fn lossy(&self, js: &Js<'js>) -> String {
        let units = |text: &Js<'js>| -> Result<Vec<u16>> {
            let split: Function<'js> =
                self.ctx.eval("(s => Array.from({ length: s.length }, (_, i) => s.charCodeAt(i)))")?;
            split.call((text.clone(),))
        };
        let _ = self.ctx.catch();
        units(js).map(|units| String::from_utf16_lossy(&units)).unwrap_or_default()
    }

    /// As a number when it is exact, else as text.
    fn big_int(&self, js: &Js<'js>) -> Value {
        let text: Result<String> =
            self.ctx.globals().get("String").and_then(|f: Function<'js>| f.call((js.clone(),)));
        let text = text.unwrap_or_default();
        match text.parse::<f64>() {
            Ok(n) if coerce::number_text(n) == text => Value::Number(n),
            _ => Value::text(text),
        }
    }

    fn text(&self, e: rquickjs::Error) -> String {
        let thrown = if e.is_exception() { self.ctx.catch() } else { return e.to_string() };
        thrown.as_exception().and_then(|x| x.message()).unwrap_or_else(|| e.to_string())
    }
}

fn is_large(value: &Value) -> bool {
    match value {
        Value::List(items) => items.len() > LAZY_MEMBERS,
        Value::Object(object) => object.len() > LAZY_MEMBERS,
        Value::Text(text) => text.len() > LAZY_BYTES,
        Value::Bytes(bytes) => bytes.len() > LAZY_BYTES,
        _ => false,
    }
}

/// Puts an ordinary property in the place of whatever is there.
fn place<'js>(owner: &rquickjs::Object<'js>, key: &str, value: Js<'js>) -> Result<()> {
    owner.prop(key, Property::from(value).writable().enumerable().configurable())
}
