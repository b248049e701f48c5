//! The JavaScript engine: one for all nodes of an engine, with limits on memory and time, and a realm for each function
//! node, so that no node sees the global variables of another.

mod host;
mod realm;
mod regex;
mod stores;
mod text;
mod values;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Function, Object, Runtime};

pub(super) use host::Op;
use host::{Access, Host, SCOPES};
pub(super) use realm::{Call, Code, Realm};
pub(super) use regex::Regex;
use values::{Shelf, Values};

use crate::node::NodeCx;

/// What all function nodes together may hold.
const MEMORY: usize = 1 << 30;
const STACK: usize = 1 << 20;
/// How long one call may keep the engine's thread when the node does not say.
pub(super) const DEFAULT_LIMIT: Duration = Duration::from_secs(5);
/// What a call that ran out of time gets to report it.
const GRACE: Duration = Duration::from_millis(200);

/// The library, in the order in which its parts need each other.
const LIBRARY: [(&str, &str); 5] = [
    ("buffer.js", include_str!("library/buffer.js")),
    ("url.js", include_str!("library/url.js")),
    ("util.js", include_str!("library/util.js")),
    ("red.js", include_str!("library/red.js")),
    ("node.js", include_str!("library/node.js")),
];

/// The engine. Shared by the function nodes of a runtime.
pub(super) struct Js {
    // The contexts go before the runtime, and what they hold before them.
    shelf: Shelf,
    host: Rc<RefCell<Host>>,
    /// Where the library lives, and where regular expressions run.
    library: Context,
    runtime: Runtime,
    deadline: Rc<Cell<Option<Instant>>>,
    /// Counts the beginnings and ends of calls: what code can change has not changed while it stays the same.
    runs: Cell<u64>,
    running: Cell<bool>,
}

impl Drop for Js {
    fn drop(&mut self) {
        self.shelf.clear();
        self.host.borrow_mut().nodes.clear();
    }
}

impl Js {
    /// The engine of this runtime, made at first use.
    pub(super) fn of(cx: &mut NodeCx<'_>) -> Result<Rc<Js>, String> {
        let mut make = || -> Box<dyn Any> { Box::new(Js::new().map_err(|e| e.to_string())) };
        match cx.shared("js", &mut make).downcast_ref::<Result<Rc<Js>, String>>() {
            Some(made) => made.clone(),
            None => Err("the JavaScript engine is not there".to_owned()),
        }
    }

    fn new() -> rquickjs::Result<Rc<Js>> {
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
        let library = Context::full(&runtime)?;
        let (host, shelf): (Rc<RefCell<Host>>, Shelf) = Default::default();
        library.with(|ctx| load(&ctx, &host, &shelf))?;
        let (runs, running) = Default::default();
        let made = Rc::new(Js { shelf, host, library, runtime, deadline, runs, running });
        made.host.borrow_mut().engine = Rc::downgrade(&made);
        Ok(made)
    }

    /// Gives a node of this number access to its contexts and its environment.
    fn register(&self, cx: &mut NodeCx<'_>) -> u32 {
        let stores = SCOPES.map(|scope| cx.context(scope));
        let access = Access { id: cx.info().id.clone(), stores, env: cx.env() };
        let mut host = self.host.borrow_mut();
        host.registered += 1;
        let me = host.registered;
        host.nodes.insert(me, access);
        me
    }

    fn forget(&self, me: u32) {
        let access = self.host.borrow_mut().nodes.remove(&me);
        drop(access);
    }

    /// How often code has begun or ended.
    fn runs(&self) -> u64 {
        self.runs.get()
    }

    fn is_running(&self) -> bool {
        self.running.get()
    }

    /// Looks into the engine while no code runs.
    fn visit<T>(&self, look: impl for<'js> FnOnce(&Ctx<'js>, &Values<'js>) -> T) -> T {
        self.library.with(|ctx| look(&ctx, &self.shelf.values(&ctx)))
    }

    /// Runs code in a context under a limit of time, then everything that became due by it.
    fn run<T>(
        &self,
        context: &Context,
        limit: Duration,
        work: impl for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<T>,
    ) -> Result<T, String> {
        self.deadline.set(Some(Instant::now() + limit));
        self.runs.set(self.runs.get() + 1);
        self.running.set(true);
        let done = context.with(|ctx| {
            let first = work(&ctx).catch(&ctx).map_err(|fault| explain(&fault, limit));
            let end = Instant::now() + limit + GRACE;
            while ctx.execute_pending_job() && Instant::now() < end {}
            first
        });
        self.running.set(false);
        self.runs.set(self.runs.get() + 1);
        self.deadline.set(None);
        done
    }
}

fn load<'js>(ctx: &Ctx<'js>, host: &Rc<RefCell<Host>>, shelf: &Shelf) -> rquickjs::Result<()> {
    let natives = host::natives(ctx, host, shelf)?;
    let library = Object::new(ctx.clone())?;
    shelf.set_library(ctx, library.clone())?;
    for (name, source) in LIBRARY {
        let mut options = rquickjs::context::EvalOptions::default();
        options.filename = Some(name.to_owned());
        let part: Function<'_> = ctx.eval_with_options(source, options)?;
        part.call::<_, ()>((natives.clone(), library.clone()))?;
    }
    Ok(())
}

/// What is wrong, for people.
fn explain(fault: &CaughtError<'_>, limit: Duration) -> String {
    let text = match fault {
        CaughtError::Exception(exception) => {
            let name: String = exception.as_object().get("name").unwrap_or_default();
            format!("{name}: {}", exception.message().unwrap_or_default())
        }
        CaughtError::Value(value) => value.as_string().and_then(|s| s.to_string().ok()).unwrap_or_default(),
        CaughtError::Error(e) => e.to_string(),
    };
    said(&text, limit).unwrap_or(text)
}

/// An interrupted call in Node.js's words; `None`: it is something else.
fn said(text: &str, limit: Duration) -> Option<String> {
    let late = text.contains("InternalError: interrupted");
    late.then(|| format!("Error: Script execution timed out after {}ms", limit.as_millis()))
}
