//! The engine's side of JavaScript: what code asks for is noted down, and carried out when the code has returned. Nothing
//! else runs meanwhile.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use route_chain::{Message, Value};
use rquickjs::function::Opt;
use rquickjs::{ArrayBuffer, Ctx, Exception, Function, Object, Result, Value as Js};

use super::super::value::jsonata::{Jsonata, Scopes};
use super::super::value::property::{self, Seg};
use super::super::value::{inspect, moment, random, typed};
use super::stores;
use super::text;
use super::values::{Shelf, Values};
use crate::node::{Env, Failure, Level, Scope, Status, Store};

/// What the code of a node asked for.
pub(in super::super) enum Op {
    Send(u32, Vec<Message>),
    /// The message with this number is dealt with.
    Done(u64),
    /// The message with this number was not.
    Failed(u64, Failure, Option<Message>),
    Fail(Failure, Option<Message>),
    Log(Level, String),
    Status(Status),
    Timer(u64, f64),
    Cancel(u64),
}

/// What the code of one node may look into.
pub(super) struct Access {
    pub(super) id: String,
    /// Node, flow and global context.
    pub(super) stores: [Store; 3],
    pub(super) env: Env,
}

/// What the code may read, and what it did.
#[derive(Default)]
pub(super) struct Host {
    /// In the order in which they were asked for, with the number of the node that asked.
    pub(super) ops: Vec<(u32, Op)>,
    pub(super) nodes: HashMap<u32, Access>,
    /// Nodes registered so far.
    pub(super) registered: u32,
    pub(super) engine: Weak<super::Js>,
    /// The node that was called.
    pub(super) current: u32,
    pub(super) now_ms: f64,
    expressions: HashMap<String, Rc<Jsonata>>,
}

pub(super) type Shared = Rc<RefCell<Host>>;

/// Scopes in the order of [`Access::stores`].
pub(super) const SCOPES: [Scope; 3] = [Scope::Node, Scope::Flow, Scope::Global];

/// Expressions that are kept compiled.
const MAX_EXPRESSIONS: usize = 256;

pub(super) fn thrown(ctx: &Ctx<'_>, text: &str) -> rquickjs::Error {
    Exception::throw_message(ctx, text)
}

/// The functions that the library calls as `host.…`.
pub(super) fn natives<'js>(ctx: &Ctx<'js>, host: &Shared, shelf: &Shelf) -> Result<Object<'js>> {
    let natives = Object::new(ctx.clone())?;
    messages(ctx, &natives, host, shelf)?;
    failures(ctx, &natives, host, shelf)?;
    timers(ctx, &natives, host)?;
    environment(ctx, &natives, host, shelf)?;
    stores::natives(ctx, &natives, host, shelf)?;
    expressions(ctx, &natives, host, shelf)?;
    texts(ctx, &natives, shelf)?;
    Ok(natives)
}

fn note(host: &Shared, me: u32, op: Op) {
    host.borrow_mut().ops.push((me, op));
}

fn messages<'js>(ctx: &Ctx<'js>, natives: &Object<'js>, host: &Shared, shelf: &Shelf) -> Result<()> {
    let (h, s) = (host.clone(), shelf.clone());
    let send = move |ctx: Ctx<'js>, me: u32, port: u32, msgs: Js<'js>, id: Js<'js>| -> Result<()> {
        let values = s.values(&ctx);
        let id = id.as_string().and_then(|id| id.to_string().ok());
        let read = |msg: &Js<'js>| {
            let mut msg = values.to_message(msg)?;
            match &id {
                Some(id) => msg.set("_msgid", Value::text(id)),
                None => drop(msg.remove("_msgid")),
            }
            Ok::<_, String>(msg)
        };
        let read = match msgs.as_array() {
            Some(list) => list.iter::<Js<'js>>().map(|msg| read(&msg.map_err(|e| e.to_string())?)).collect(),
            None => read(&msgs).map(|msg| vec![msg]),
        };
        note(&h, me, Op::Send(port, read.map_err(|e: String| thrown(&ctx, &e))?));
        Ok(())
    };
    natives.set("send", Function::new(ctx.clone(), send)?)?;
    let h = host.clone();
    let done = move |me: u32, token: f64| note(&h, me, Op::Done(token as u64));
    natives.set("done", Function::new(ctx.clone(), done)?)?;
    let (h, s) = (host.clone(), shelf.clone());
    let status = move |ctx: Ctx<'js>, me: u32, status: Js<'js>| -> Result<()> {
        let status = s.values(&ctx).to_message(&status).map_err(|e| thrown(&ctx, &e))?;
        note(&h, me, Op::Status(Status(status.root().clone())));
        Ok(())
    };
    natives.set("status", Function::new(ctx.clone(), status)?)?;
    let h = host.clone();
    let log = move |me: u32, level: String, text: String| note(&h, me, Op::Log(level_of(&level), text));
    natives.set("log", Function::new(ctx.clone(), log)?)?;
    let h = host.clone();
    let print = move |level: String, text: String| {
        let me = h.borrow().current;
        note(&h, me, Op::Log(level_of(&level), text));
    };
    natives.set("print", Function::new(ctx.clone(), print)?)
}

fn level_of(name: &str) -> Level {
    match name {
        "error" => Level::Error,
        "warn" => Level::Warn,
        "debug" => Level::Debug,
        "trace" => Level::Trace,
        _ => Level::Info,
    }
}

fn failure<'js>(values: &Values<'js>, message: String, details: &Js<'js>) -> Failure {
    const KEYS: [&str; 3] = ["code", "stack", "cause"];
    let read = values.read(details).unwrap_or_default();
    let of = |key: &'static str| read.as_object()?.get(key).map(|value| (key, value.clone()));
    Failure { message, details: KEYS.into_iter().filter_map(of).collect() }
}

fn failures<'js>(ctx: &Ctx<'js>, natives: &Object<'js>, host: &Shared, shelf: &Shelf) -> Result<()> {
    let (h, s) = (host.clone(), shelf.clone());
    let fail = move |ctx: Ctx<'js>, me: u32, text: String, details: Js<'js>, msg: Opt<Js<'js>>| {
        let values = s.values(&ctx);
        let msg = msg.0.filter(|msg| msg.is_object()).map(|msg| values.to_message(&msg).unwrap_or_default());
        note(&h, me, Op::Fail(failure(&values, text, &details), msg));
    };
    natives.set("fail", Function::new(ctx.clone(), fail)?)?;
    let (h, s) = (host.clone(), shelf.clone());
    let failed = move |ctx: Ctx<'js>, me: u32, token: f64, text: String, details: Js<'js>, msg: Js<'js>| {
        let values = s.values(&ctx);
        let msg = values.to_message(&msg).ok();
        note(&h, me, Op::Failed(token as u64, failure(&values, text, &details), msg));
    };
    natives.set("failed", Function::new(ctx.clone(), failed)?)?;
    let h = host.clone();
    let dropped = move |me: u32, count: usize| {
        if count > 0 {
            let text = format!("the setup code failed: {count} waiting messages are lost");
            note(&h, me, Op::Log(Level::Warn, text));
        }
    };
    natives.set("dropped", Function::new(ctx.clone(), dropped)?)
}

fn timers<'js>(ctx: &Ctx<'js>, natives: &Object<'js>, host: &Shared) -> Result<()> {
    let h = host.clone();
    let timer = move |me: u32, token: f64, ms: f64| note(&h, me, Op::Timer(token as u64, ms));
    natives.set("timer", Function::new(ctx.clone(), timer)?)?;
    let h = host.clone();
    let cancel = move |me: u32, token: f64| note(&h, me, Op::Cancel(token as u64));
    natives.set("cancel", Function::new(ctx.clone(), cancel)?)
}

fn environment<'js>(ctx: &Ctx<'js>, natives: &Object<'js>, host: &Shared, shelf: &Shelf) -> Result<()> {
    let env_of = |host: &Shared, me: u32| host.borrow().nodes.get(&me).map(|access| access.env.clone());
    let (h, s) = (host.clone(), shelf.clone());
    let env = move |ctx: Ctx<'js>, me: u32, name: String| -> Result<Js<'js>> {
        let value = env_of(&h, me).and_then(|env| env.get(&name)).unwrap_or_default();
        s.values(&ctx).to_js(&value)
    };
    natives.set("env", Function::new(ctx.clone(), env)?)?;
    let (h, s) = (host.clone(), shelf.clone());
    let evaluate = move |ctx: Ctx<'js>, me: u32, text: String| -> Result<Js<'js>> {
        let value = env_of(&h, me).map(|env| typed::env(&env, &text)).unwrap_or_default();
        s.values(&ctx).to_js(&value)
    };
    natives.set("evaluateEnv", Function::new(ctx.clone(), evaluate)?)?;
    let (h, s) = (host.clone(), shelf.clone());
    let now = move |ctx: Ctx<'js>, format: String| -> Result<Js<'js>> {
        let now = h.borrow().now_ms.floor();
        let value = match format.as_str() {
            "" => Value::Number(now),
            "object" => Value::Date(now),
            "iso" => super::super::value::coerce::iso_date(now).map_or(Value::Undefined, Value::text),
            format => Value::text(moment::format(now, format)),
        };
        s.values(&ctx).to_js(&value)
    };
    natives.set("now", Function::new(ctx.clone(), now)?)?;
    let new_id = || format!("{:016x}", random::bits());
    natives.set("newId", Function::new(ctx.clone(), new_id)?)
}

fn expressions<'js>(ctx: &Ctx<'js>, natives: &Object<'js>, host: &Shared, shelf: &Shelf) -> Result<()> {
    let compile = |host: &Shared, source: &str| -> std::result::Result<Rc<Jsonata>, String> {
        let known = host.borrow().expressions.get(source).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let made = Rc::new(Jsonata::compile(source)?);
        let expressions = &mut host.borrow_mut().expressions;
        if expressions.len() >= MAX_EXPRESSIONS {
            expressions.clear();
        }
        expressions.insert(source.to_owned(), made.clone());
        Ok(made)
    };
    let h = host.clone();
    let check = move |ctx: Ctx<'js>, source: String| -> Result<()> {
        compile(&h, &source).map(drop).map_err(|e| thrown(&ctx, &e))
    };
    natives.set("jsonataCheck", Function::new(ctx.clone(), check)?)?;
    let (h, s) = (host.clone(), shelf.clone());
    let run = move |ctx: Ctx<'js>,
                    me: u32,
                    source: String,
                    input: Js<'js>,
                    vars: Js<'js>|
          -> Result<Js<'js>> {
        let values = s.values(&ctx);
        let work = || {
            let expression = compile(&h, &source)?;
            let input = values.read(&input)?;
            let vars = values.read(&vars)?;
            let vars: Vec<(&str, Value)> =
                vars.as_object().into_iter().flat_map(|o| o.iter()).map(|(k, v)| (k, v.clone())).collect();
            let host = h.borrow();
            let access = host.nodes.get(&me).ok_or("the node is closed")?;
            access.stores.iter().for_each(|store| stores::refresh(store, &ctx, &values));
            let [_, flow, global] = access.stores.clone();
            let env = access.env.clone();
            drop(host);
            expression.eval_in(&input, &vars, &mut || Scopes {
                flow: flow.clone(),
                global: global.clone(),
                env: env.clone(),
            })
        };
        let result: std::result::Result<Value, String> = work();
        values.to_js(&result.map_err(|e| thrown(&ctx, &e))?)
    };
    natives.set("jsonata", Function::new(ctx.clone(), run)?)
}

fn texts<'js>(ctx: &Ctx<'js>, natives: &Object<'js>, shelf: &Shelf) -> Result<()> {
    let encode = |ctx: Ctx<'js>, text: String, encoding: String| -> Result<ArrayBuffer<'js>> {
        ArrayBuffer::new_copy(ctx, text::encoded(&text, &encoding))
    };
    natives.set("encode", Function::new(ctx.clone(), encode)?)?;
    natives.set("decode", Function::new(ctx.clone(), |l: String, e: String| text::decoded(l, &e))?)?;
    let path = |ctx: Ctx<'js>, text: String| -> Result<Js<'js>> {
        match property::parse(&text) {
            Ok(path) => path_js(&ctx, &path),
            Err(fault) => Ok(rquickjs::String::from_str(ctx, &fault)?.into_value()),
        }
    };
    natives.set("path", Function::new(ctx.clone(), path)?)?;
    let s = shelf.clone();
    let show = move |ctx: Ctx<'js>, value: Js<'js>, depth: usize| -> Result<String> {
        let value = s.values(&ctx).read(&value).map_err(|e| thrown(&ctx, &e))?;
        Ok(inspect::inspect(&value, depth))
    };
    natives.set("inspect", Function::new(ctx.clone(), show)?)?;
    let url = |ctx: Ctx<'js>, url: String, base: String| text::url(&ctx, &url, &base);
    natives.set("url", Function::new(ctx.clone(), url)?)?;
    let set =
        |ctx: Ctx<'js>, url: String, name: String, value: String| text::url_set(&ctx, &url, &name, &value);
    natives.set("urlSet", Function::new(ctx.clone(), set)?)
}

fn path_js<'js>(ctx: &Ctx<'js>, path: &[Seg]) -> Result<Js<'js>> {
    let list = rquickjs::Array::new(ctx.clone())?;
    for (at, seg) in path.iter().enumerate() {
        match seg {
            Seg::Key(key) => list.set(at, key.as_str())?,
            Seg::Index(index) => list.set(at, *index as f64)?,
            Seg::Nested(inner) => list.set(at, path_js(ctx, inner)?)?,
        }
    }
    Ok(list.into_value())
}
