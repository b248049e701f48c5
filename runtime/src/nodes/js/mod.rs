//! The JavaScript engine of function nodes: one for all of them, with limits on memory and time.

mod host;
mod values;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use route_chain::Message;
use rquickjs::context::EvalOptions;
use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Function, Object, Persistent, Runtime};

use host::Host;
pub(super) use host::{Op, SCOPES};
use values::{Handed, Values};

use crate::node::{NodeCx, NodeInfo};

/// What all function nodes together may hold.
const MEMORY: usize = 512 << 20;
const STACK: usize = 1 << 20;
/// How long one call may keep the engine's thread.
pub(super) const DEFAULT_LIMIT: Duration = Duration::from_secs(5);
/// What a call that ran out of time gets to report it.
const GRACE: Duration = Duration::from_millis(200);

/// The engine. Shared by the function nodes of a runtime.
pub(super) struct Js {
    // Persistent values go before the runtime that they live in.
    route: RefCell<Option<Persistent<Object<'static>>>>,
    context: Context,
    _runtime: Runtime,
    pub(super) host: Rc<RefCell<Host>>,
    handed: Handed,
    deadline: Rc<Cell<Option<Instant>>>,
}

impl Drop for Js {
    fn drop(&mut self) {
        self.route.borrow_mut().take();
    }
}

/// The code of one function node.
pub(super) struct Source<'a> {
    pub(super) main: &'a str,
    pub(super) initialize: &'a str,
    pub(super) finalize: &'a str,
    /// The code calls `node.done` itself.
    pub(super) manual_done: bool,
}

/// A compiled function node.
pub(super) struct Compiled(Persistent<Object<'static>>);

/// What to call of a compiled node.
pub(super) enum Call<'a> {
    Start,
    Receive(u64, &'a Message),
    Timer(u64),
    Close,
}

const NAMES: &str = "context,flow,global,env,RED,setTimeout,clearTimeout,setInterval,clearInterval,console,Buffer,setImmediate";

impl Js {
    /// The engine of this runtime, made at first use.
    pub(super) fn of(cx: &mut NodeCx<'_>) -> Result<Rc<Js>, String> {
        let mut make = || -> Box<dyn Any> { Box::new(Js::new().map(Rc::new).map_err(|e| e.to_string())) };
        match cx.shared("js", &mut make).downcast_ref::<Result<Rc<Js>, String>>() {
            Some(made) => made.clone(),
            None => Err("the JavaScript engine is not there".to_owned()),
        }
    }

    fn new() -> rquickjs::Result<Js> {
        let runtime = Runtime::new()?;
        runtime.set_memory_limit(MEMORY);
        runtime.set_max_stack_size(STACK);
        let deadline: Rc<Cell<Option<Instant>>> = Rc::default();
        let watched = deadline.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || match watched.get() {
            Some(at) if Instant::now() > at => {
                watched.set(Some(Instant::now() + GRACE));
                true
            }
            _ => false,
        })));
        let context = Context::full(&runtime)?;
        let (host, handed): (Rc<RefCell<Host>>, Handed) = Default::default();
        let route = context.with(|ctx| {
            let natives = host::natives(&ctx, &host, &handed)?;
            let prelude: Function<'_> = ctx.eval(include_str!("prelude.js"))?;
            let route: Object<'_> = prelude.call((natives.clone(),))?;
            natives.set("route", route.clone())?;
            Ok::<_, rquickjs::Error>(Persistent::save(&ctx, route))
        })?;
        Ok(Js { route: RefCell::new(Some(route)), context, _runtime: runtime, host, handed, deadline })
    }

    fn values<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Values<'js>> {
        let route = self.route.borrow().clone().ok_or(rquickjs::Error::Unknown)?;
        Ok(Values { ctx: ctx.clone(), route: route.restore(ctx)?, handed: self.handed.clone() })
    }

    /// Compiles a function node; the error says line and column.
    pub(super) fn compile(&self, info: &NodeInfo, source: &Source<'_>) -> Result<Compiled, String> {
        self.context.with(|ctx| {
            let work = || {
                let values = self.values(&ctx)?;
                let parts = [
                    ("function", source.main),
                    ("initialize", source.initialize),
                    ("finalize", source.finalize),
                ];
                let mut made = Vec::new();
                for (name, code) in parts {
                    let parameters = if name == "function" { "msg,node" } else { "node" };
                    let mut options = EvalOptions::default();
                    options.strict = false;
                    options.filename = Some(name.to_owned());
                    // Code is given what it may name by the function around it; empty code is no function at all.
                    let text = match code.trim() {
                        "" if name != "function" => format!("(function({NAMES}){{return null}})"),
                        _ => format!(
                            "(function({NAMES}){{return async function({parameters}){{\n{code}\n}}}})"
                        ),
                    };
                    made.push(ctx.eval_with_options::<Function<'_>, _>(text, options)?);
                }
                let join: Function<'_> =
                    ctx.eval("((a, b, c) => (...given) => [a(...given), b(...given), c(...given)])")?;
                let code: Function<'_> = join.call((made[0].clone(), made[1].clone(), made[2].clone()))?;
                let about = Object::new(ctx.clone())?;
                about.set("id", info.id.as_str())?;
                about.set("name", info.name.as_str())?;
                about.set("type", info.ty.as_str())?;
                about.set("z", info.z.as_str())?;
                about.set("outputs", info.outputs)?;
                let make: Function<'_> = values.route.get("make")?;
                let node: Object<'_> = make.call((about, code, source.manual_done))?;
                Ok(Compiled(Persistent::save(&ctx, node)))
            };
            work().catch(&ctx).map_err(|fault| explain(&fault))
        })
    }

    /// Calls a node, and everything that becomes due by it. What it did is in `host.ops` afterwards.
    pub(super) fn call(&self, node: &Compiled, call: Call<'_>, limit: Duration) -> Result<(), String> {
        self.deadline.set(Some(Instant::now() + limit));
        let done = self.context.with(|ctx| {
            let work = || {
                let node = node.0.clone().restore(&ctx)?;
                let method = |name: &str| node.get::<_, Function<'_>>(name);
                match call {
                    Call::Start => method("start")?.call::<_, ()>(()),
                    Call::Receive(token, msg) => {
                        let msg = self.values(&ctx)?.message(msg)?;
                        method("receive")?.call((token as f64, msg))
                    }
                    Call::Timer(token) => method("timer")?.call((token as f64,)),
                    Call::Close => method("close")?.call(()),
                }
            };
            let first = work().catch(&ctx).map_err(|fault| explain(&fault));
            let end = Instant::now() + limit + GRACE;
            while ctx.execute_pending_job() && Instant::now() < end {}
            first
        });
        self.deadline.set(None);
        done
    }
}

fn explain(fault: &CaughtError<'_>) -> String {
    match fault {
        CaughtError::Exception(exception) => {
            let name: String = exception.as_object().get("name").unwrap_or_default();
            let place = exception.stack().and_then(|stack| place(&stack)).unwrap_or_default();
            format!("{name}: {}{place}", exception.message().unwrap_or_default())
        }
        CaughtError::Value(value) => value.as_string().and_then(|s| s.to_string().ok()).unwrap_or_default(),
        CaughtError::Error(e) => e.to_string(),
    }
}

/// Line and column in the user's code: the wrapper takes the first line.
fn place(stack: &str) -> Option<String> {
    let mut numbers = stack.lines().next()?.trim_end_matches(')').rsplit(':');
    let (col, line): (u32, u32) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    Some(format!(" (line {}, col {col})", line.saturating_sub(1)))
}
