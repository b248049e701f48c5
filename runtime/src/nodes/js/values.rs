//! Message values as JavaScript values and back.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use route_chain::{Message, Object, Opaque, Value};
use rquickjs::function::This;
use rquickjs::object::Property;
use rquickjs::{Array, ArrayBuffer, Ctx, Function, IntoJs, Result, Value as Js};

/// Deeper values are refused: they are most likely circular.
const MAX_DEPTH: usize = 100;
/// The property that marks a live handle.
const OPAQUE: &str = "__route_opaque";

/// Where the function behind a handle puts what it holds.
pub(super) type Handed = Rc<RefCell<Option<Arc<Opaque>>>>;

/// Converts values within one visit of the context.
pub(super) struct Values<'js> {
    pub(super) ctx: Ctx<'js>,
    pub(super) route: rquickjs::Object<'js>,
    pub(super) handed: Handed,
}

impl<'js> Values<'js> {
    fn helper(&self, name: &str) -> Result<Function<'js>> {
        self.route.get(name)
    }

    pub(super) fn message(&self, msg: &Message) -> Result<Js<'js>> {
        self.object(msg.root())
    }

    fn object(&self, object: &Object) -> Result<Js<'js>> {
        let js = rquickjs::Object::new(self.ctx.clone())?;
        for (key, value) in object.iter() {
            let value = self.to_js(value)?;
            if key == "__proto__" {
                // Set, it would change what the object is.
                js.prop(key, Property::from(value).writable().enumerable().configurable())?;
            } else {
                js.set(key, value)?;
            }
        }
        Ok(js.into_value())
    }

    pub(super) fn to_js(&self, value: &Value) -> Result<Js<'js>> {
        let ctx = &self.ctx;
        match value {
            Value::Undefined => Ok(Js::new_undefined(ctx.clone())),
            Value::Null => Ok(Js::new_null(ctx.clone())),
            Value::Bool(b) => b.into_js(ctx),
            Value::Number(n) => n.into_js(ctx),
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
            Value::Opaque(opaque) => {
                let (slot, label, held) = (self.handed.clone(), opaque.label, opaque.clone());
                let take = Function::new(ctx.clone(), move || {
                    *slot.borrow_mut() = Some(held.clone());
                })?;
                self.helper("opaque")?.call((take, label))
            }
        }
    }

    /// The message that an object is; anything else has no properties.
    pub(super) fn to_message(&self, js: &Js<'js>) -> std::result::Result<Message, String> {
        Ok(match self.read(js, 0)? {
            Value::Object(object) => Message::from_object(std::sync::Arc::unwrap_or_clone(object)),
            _ => Message::new(),
        })
    }

    pub(super) fn read(&self, js: &Js<'js>, depth: usize) -> std::result::Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err("a value is circular or nested too deep".to_owned());
        }
        if let Some(b) = js.as_bool() {
            return Ok(Value::Bool(b));
        }
        if let Some(n) = js.as_number() {
            return Ok(Value::Number(n));
        }
        if let Some(s) = js.as_string() {
            return Ok(Value::text(s.to_string().unwrap_or_default()));
        }
        if js.is_null() {
            return Ok(Value::Null);
        }
        if js.is_function() {
            return Ok(Value::Undefined);
        }
        if let Some(items) = js.as_array() {
            let items =
                items.iter::<Js<'js>>().map(|item| self.read(&item.map_err(|e| self.text(e))?, depth + 1));
            return Ok(Value::list(items.collect::<std::result::Result<_, _>>()?));
        }
        match js.as_object() {
            Some(object) => self.read_object(object, depth).map_err(|fault| match fault {
                Fault::Js(e) => self.text(e),
                Fault::Text(t) => t,
            }),
            None if js.is_big_int() => Ok(self.big_int(js)),
            None => Ok(Value::Undefined),
        }
    }

    fn big_int(&self, js: &Js<'js>) -> Value {
        let text: Result<String> =
            self.ctx.globals().get("String").and_then(|f: Function<'js>| f.call((js.clone(),)));
        text.map(Value::text).unwrap_or_default()
    }

    fn text(&self, e: rquickjs::Error) -> String {
        let thrown = if e.is_exception() { self.ctx.catch() } else { return e.to_string() };
        thrown.as_exception().and_then(|x| x.message()).unwrap_or_else(|| e.to_string())
    }

    fn read_object(&self, object: &rquickjs::Object<'js>, depth: usize) -> std::result::Result<Value, Fault> {
        if object.is_typed_array::<u8>() {
            let latin1: String = self.helper("latin1")?.call((object.clone(),))?;
            return Ok(Value::bytes(latin1.chars().map(|c| c as u8).collect::<Vec<_>>()));
        }
        if let Some(take) = object.get::<_, Js<'js>>(OPAQUE)?.as_function() {
            take.call::<_, ()>(())?;
            return Ok(self.handed.borrow_mut().take().map_or(Value::Undefined, Value::Opaque));
        }
        if self.helper("isDate")?.call::<_, bool>((object.clone(),))? {
            let get: Function<'js> = object.get("getTime")?;
            return Ok(Value::Date(get.call((This(object.clone()),))?));
        }
        if object.as_value().is_error() {
            let field = |key: &str| {
                object.get::<_, Option<String>>(key).map(|t| t.map_or(Value::Undefined, Value::text))
            };
            let fields =
                [("name", field("name")?), ("message", field("message")?), ("stack", field("stack")?)];
            return Ok(Value::object(fields));
        }
        let mut made = Vec::new();
        for entry in object.props::<String, Js<'js>>() {
            let (key, value) = entry?;
            if !value.is_function() {
                made.push((key, self.read(&value, depth + 1).map_err(Fault::Text)?));
            }
        }
        Ok(Value::object(made))
    }
}

enum Fault {
    Js(rquickjs::Error),
    Text(String),
}

impl From<rquickjs::Error> for Fault {
    fn from(e: rquickjs::Error) -> Self {
        Fault::Js(e)
    }
}
