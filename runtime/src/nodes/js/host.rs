//! The engine's side of JavaScript: calls are noted down, and carried out when the code has returned. Nothing else runs
//! meanwhile, so what the code reads (context, environment) may be a snapshot.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use route_chain::{Message, Value};
use rquickjs::function::Opt;
use rquickjs::{ArrayBuffer, Ctx, Exception, Function, Object, Result, Value as Js};

use super::super::convert::{self, Seg};
use super::super::typed;
use super::values::{Handed, Values};
use crate::node::{Level, Scope, Status};

/// What the code asked for.
pub(in super::super) enum Op {
    Send(u32, Message),
    Done(u64),
    Fail(u64, String, Message),
    Error(String, Option<Message>),
    Log(Level, String),
    Status(Status),
    Context(Scope, String, Value),
    Timer(u64, f64),
    Cancel(u64),
}

/// What the code may read, and what it did.
#[derive(Default)]
pub(in super::super) struct Host {
    pub(in super::super) ops: Vec<Op>,
    /// Node, flow and global context, by key.
    pub(in super::super) stores: [HashMap<String, Value>; 3],
    pub(in super::super) env: Rc<HashMap<String, Value>>,
    timers: u64,
}

/// Scopes in the order of [`Host::stores`].
pub(in super::super) const SCOPES: [Scope; 3] = [Scope::Node, Scope::Flow, Scope::Global];

impl Host {
    fn read(&self, scope: usize, key: &str) -> std::result::Result<Value, String> {
        let path = typed::context_key(key)?;
        let Some((Seg::Key(first), rest)) = path.split_first() else { return Ok(Value::Undefined) };
        let value = self.stores.get(scope).and_then(|s| s.get(first)).cloned().unwrap_or_default();
        if rest.is_empty() {
            return Ok(value);
        }
        let root: route_chain::Object = [(first, value)].into_iter().collect();
        Ok(convert::get_path(&root, &path).unwrap_or_default())
    }

    fn write(&mut self, scope: usize, key: &str, value: Value) -> std::result::Result<(), String> {
        let path = typed::context_key(key)?;
        let (Some(Seg::Key(first)), Some(store)) = (path.first(), self.stores.get_mut(scope)) else {
            return Ok(());
        };
        let mut root: route_chain::Object =
            [(first, store.get(first).cloned().unwrap_or_default())].into_iter().collect();
        if !convert::set_path(&mut root, &path, value) {
            return Err(format!("cannot set `{key}`: something on the way is no object"));
        }
        let value = root.remove(first).unwrap_or_default();
        store.insert(first.clone(), value.clone());
        self.ops.push(Op::Context(SCOPES[scope], first.clone(), value));
        Ok(())
    }
}

type Shared = Rc<RefCell<Host>>;

fn thrown<'js>(ctx: &Ctx<'js>, text: &str) -> rquickjs::Error {
    Exception::throw_message(ctx, text)
}

/// The functions that the prelude calls as `host.…`.
pub(super) fn natives<'js>(ctx: &Ctx<'js>, host: &Shared, handed: &Handed) -> Result<Object<'js>> {
    let natives = Object::new(ctx.clone())?;
    messages(ctx, &natives, host, handed)?;
    contexts(ctx, &natives, host, handed)?;
    timers(ctx, &natives, host)?;
    texts(ctx, &natives)?;
    Ok(natives)
}

/// Reads values of this context; the helpers hang on `host` itself.
fn reader<'js>(ctx: &Ctx<'js>, handed: &Handed, natives: &Object<'js>) -> Result<Values<'js>> {
    Ok(Values { ctx: ctx.clone(), route: natives.get("route")?, handed: handed.clone() })
}

fn messages<'js>(ctx: &Ctx<'js>, natives: &Object<'js>, host: &Shared, handed: &Handed) -> Result<()> {
    use rquickjs::function::This;
    let (h, o) = (host.clone(), handed.clone());
    let send = move |ctx: Ctx<'js>, this: This<Object<'js>>, port: u32, msg: Js<'js>| -> Result<()> {
        let msg = reader(&ctx, &o, &this.0)?.to_message(&msg).map_err(|e| thrown(&ctx, &e))?;
        h.borrow_mut().ops.push(Op::Send(port, msg));
        Ok(())
    };
    natives.set("send", Function::new(ctx.clone(), send)?)?;
    let (h, o) = (host.clone(), handed.clone());
    let error =
        move |ctx: Ctx<'js>, this: This<Object<'js>>, text: String, msg: Opt<Js<'js>>| -> Result<()> {
            let msg = match msg.0.filter(|m| m.is_object()) {
                Some(msg) => reader(&ctx, &o, &this.0)?.to_message(&msg).ok(),
                None => None,
            };
            h.borrow_mut().ops.push(Op::Error(text, msg));
            Ok(())
        };
    natives.set("error", Function::new(ctx.clone(), error)?)?;
    let (h, o) = (host.clone(), handed.clone());
    let fail =
        move |ctx: Ctx<'js>, this: This<Object<'js>>, token: f64, text: String, msg: Js<'js>| -> Result<()> {
            let msg = reader(&ctx, &o, &this.0)?.to_message(&msg).unwrap_or_default();
            h.borrow_mut().ops.push(Op::Fail(token as u64, text, msg));
            Ok(())
        };
    natives.set("fail", Function::new(ctx.clone(), fail)?)?;
    let o = handed.clone();
    let same = move |ctx: Ctx<'js>, this: This<Object<'js>>, a: Js<'js>, b: Js<'js>| -> Result<bool> {
        let values = reader(&ctx, &o, &this.0)?;
        let json =
            |v: &Js<'js>| values.read(v, 0).map(|v| convert::to_json(&v)).map_err(|e| thrown(&ctx, &e));
        Ok(json(&a)? == json(&b)?)
    };
    natives.set("same", Function::new(ctx.clone(), same)?)?;
    let h = host.clone();
    let done = move |token: f64| h.borrow_mut().ops.push(Op::Done(token as u64));
    natives.set("done", Function::new(ctx.clone(), done)?)?;
    let h = host.clone();
    let log = move |level: String, text: String| {
        let level = match level.as_str() {
            "error" => Level::Error,
            "warn" => Level::Warn,
            "debug" => Level::Debug,
            "trace" => Level::Trace,
            _ => Level::Info,
        };
        h.borrow_mut().ops.push(Op::Log(level, text));
    };
    natives.set("log", Function::new(ctx.clone(), log)?)?;
    let h = host.clone();
    let status = move |fill: String, shape: String, text: String| {
        h.borrow_mut().ops.push(Op::Status(Status { fill, shape, text }));
    };
    natives.set("status", Function::new(ctx.clone(), status)?)
}

fn contexts<'js>(ctx: &Ctx<'js>, natives: &Object<'js>, host: &Shared, handed: &Handed) -> Result<()> {
    use rquickjs::function::This;
    let (h, o) = (host.clone(), handed.clone());
    let get = move |ctx: Ctx<'js>, this: This<Object<'js>>, scope: usize, key: String| -> Result<Js<'js>> {
        let value = h.borrow().read(scope, &key).map_err(|e| thrown(&ctx, &e))?;
        reader(&ctx, &o, &this.0)?.to_js(&value)
    };
    natives.set("contextGet", Function::new(ctx.clone(), get)?)?;
    let (h, o) = (host.clone(), handed.clone());
    let set = move |ctx: Ctx<'js>,
                    this: This<Object<'js>>,
                    scope: usize,
                    key: String,
                    value: Js<'js>|
          -> Result<()> {
        let value = reader(&ctx, &o, &this.0)?.read(&value, 0).map_err(|e| thrown(&ctx, &e))?;
        h.borrow_mut().write(scope, &key, value).map_err(|e| thrown(&ctx, &e))
    };
    natives.set("contextSet", Function::new(ctx.clone(), set)?)?;
    let h = host.clone();
    let keys = move |scope: usize| -> Vec<String> {
        let host = h.borrow();
        let store = host.stores.get(scope).into_iter().flatten();
        let mut keys: Vec<String> =
            store.filter(|(_, v)| !matches!(v, Value::Undefined)).map(|(k, _)| k.clone()).collect();
        keys.sort();
        keys
    };
    natives.set("contextKeys", Function::new(ctx.clone(), keys)?)?;
    let (h, o) = (host.clone(), handed.clone());
    let env = move |ctx: Ctx<'js>, this: This<Object<'js>>, name: String| -> Result<Js<'js>> {
        let known = h.borrow().env.get(&name).cloned();
        let value = known.or_else(|| std::env::var(&name).ok().map(Value::text)).unwrap_or_default();
        reader(&ctx, &o, &this.0)?.to_js(&value)
    };
    natives.set("env", Function::new(ctx.clone(), env)?)
}

fn timers<'js>(ctx: &Ctx<'js>, natives: &Object<'js>, host: &Shared) -> Result<()> {
    let h = host.clone();
    let timer = move |ms: f64| {
        let mut host = h.borrow_mut();
        host.timers += 1;
        let token = host.timers;
        host.ops.push(Op::Timer(token, ms));
        token as f64
    };
    natives.set("timer", Function::new(ctx.clone(), timer)?)?;
    let h = host.clone();
    let again = move |token: f64, ms: f64| h.borrow_mut().ops.push(Op::Timer(token as u64, ms));
    natives.set("timerAgain", Function::new(ctx.clone(), again)?)?;
    let h = host.clone();
    let cancel = move |token: f64| h.borrow_mut().ops.push(Op::Cancel(token as u64));
    natives.set("cancel", Function::new(ctx.clone(), cancel)?)
}

fn texts<'js>(ctx: &Ctx<'js>, natives: &Object<'js>) -> Result<()> {
    let encode = |ctx: Ctx<'js>, text: String, encoding: String| -> Result<ArrayBuffer<'js>> {
        ArrayBuffer::new_copy(ctx, encoded(&text, &encoding))
    };
    natives.set("encode", Function::new(ctx.clone(), encode)?)?;
    let decode = |latin1: String, encoding: String| -> String {
        let bytes: Vec<u8> = latin1.chars().map(|c| c as u8).collect();
        match encoding.as_str() {
            "hex" => bytes.iter().map(|b| format!("{b:02x}")).collect(),
            "base64" => STANDARD.encode(&bytes),
            "base64url" => URL_SAFE_NO_PAD.encode(&bytes),
            "latin1" | "binary" => latin1,
            "ascii" => bytes.iter().map(|b| char::from(b & 0x7f)).collect(),
            _ => String::from_utf8_lossy(&bytes).into_owned(),
        }
    };
    natives.set("decode", Function::new(ctx.clone(), decode)?)?;
    let path = |ctx: Ctx<'js>, text: String| -> Result<String> {
        let path = convert::parse_path(&text).map_err(|e| thrown(&ctx, &e))?;
        Ok(path_json(&path).to_string())
    };
    natives.set("path", Function::new(ctx.clone(), path)?)
}

fn path_json(path: &[Seg]) -> serde_json::Value {
    path.iter()
        .map(|seg| match seg {
            Seg::Key(key) => key.as_str().into(),
            Seg::Index(at) => (*at).into(),
            Seg::Nested(inner) => path_json(inner),
        })
        .collect()
}

/// As Node.js reads text: what does not belong to the encoding ends it (hex) or is skipped (base64).
fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "hex" => {
            let digits: Vec<u32> = text.chars().map_while(|c| c.to_digit(16)).collect();
            digits.chunks_exact(2).map(|d| (d[0] * 16 + d[1]) as u8).collect()
        }
        "base64" | "base64url" => {
            let plain = text.chars().filter_map(|c| match c {
                '-' => Some('+'),
                '_' => Some('/'),
                c if c.is_ascii_alphanumeric() || c == '+' || c == '/' => Some(c),
                _ => None,
            });
            let mut plain: String = plain.collect();
            if plain.len() % 4 == 1 {
                plain.pop();
            }
            STANDARD_NO_PAD.decode(plain).unwrap_or_default()
        }
        "latin1" | "binary" | "ascii" => text.encode_utf16().map(|unit| unit as u8).collect(),
        _ => text.as_bytes().to_vec(),
    }
}
