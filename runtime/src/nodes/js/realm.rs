//! The realm of one function node: its global variables, its compiled code, and calls into it.

use std::rc::Rc;
use std::time::Duration;

use route_chain::Message;
use rquickjs::context::EvalOptions;
use rquickjs::{Context, Ctx, Function, Object, Persistent};

use super::host::Op;
use super::values::plain_of;
use super::{Js, said};
use crate::node::{NodeCx, NodeInfo};

/// The code of a function node.
pub(in super::super) struct Code<'a> {
    pub(in super::super) main: &'a str,
    pub(in super::super) initialize: &'a str,
    pub(in super::super) finalize: &'a str,
    /// The code calls `node.done` itself.
    pub(in super::super) manual_done: bool,
    /// Modules of the library under names of the user's: name, module.
    pub(in super::super) modules: &'a [(String, String)],
}

/// A compiled function node.
pub(in super::super) struct Realm {
    // Persistent values go before the engine that they live in.
    receive: Persistent<Function<'static>>,
    methods: Persistent<Object<'static>>,
    plain: Persistent<Object<'static>>,
    context: Context,
    me: u32,
    js: Rc<Js>,
}

/// What to call of a compiled node.
pub(in super::super) enum Call<'a> {
    Start,
    /// The number by which the message is known, and the message.
    Receive(u64, &'a Message),
    Timer(u64),
    Close,
}

/// What a call did: what the node asked for, and what others asked for whose code went on meanwhile.
pub(in super::super) struct Done {
    pub(in super::super) own: Vec<Op>,
    pub(in super::super) others: Vec<(String, Vec<Op>)>,
    /// The code could not be called at all.
    pub(in super::super) fault: Option<String>,
}

impl Drop for Realm {
    fn drop(&mut self) {
        self.js.forget(self.me);
    }
}

impl Realm {
    /// Compiles a function node; the error says what is wrong and where.
    pub(in super::super) fn compile(
        js: &Rc<Js>,
        code: &Code<'_>,
        cx: &mut NodeCx<'_>,
    ) -> Result<Self, String> {
        let context = Context::full(&js.runtime).map_err(|e| e.to_string())?;
        let me = js.register(cx);
        let info = cx.info().clone();
        let made = js.run(&context, super::DEFAULT_LIMIT, |ctx| {
            let methods = js.make_node(ctx, me, &info, code)?;
            let receive: Function<'_> = methods.get("receive")?;
            Ok((Persistent::save(ctx, receive), Persistent::save(ctx, methods), plain_of(ctx)?))
        });
        match made {
            Ok((receive, methods, plain)) => {
                Ok(Self { receive, methods, plain, context, me, js: js.clone() })
            }
            Err(fault) => {
                js.forget(me);
                Err(fault)
            }
        }
    }

    /// Calls the node, and everything that becomes due by it.
    pub(in super::super) fn call(&self, call: Call<'_>, limit: Duration, now_ms: f64) -> Done {
        let js = &self.js;
        {
            let mut host = js.host.borrow_mut();
            host.current = self.me;
            host.now_ms = now_ms;
        }
        let library = js.shelf.library_plain();
        js.shelf.set_plain(library.into_iter().chain([self.plain.clone()]).collect());
        let fault: Result<(), String> = js.run(&self.context, limit, |ctx| match call {
            Call::Receive(token, msg) => {
                let msg = js.shelf.values(ctx).message(msg)?;
                self.receive.clone().restore(ctx)?.call((token as f64, msg))
            }
            Call::Start => self.method(ctx, "start")?.call(()),
            Call::Timer(token) => self.method(ctx, "timer")?.call((token as f64,)),
            Call::Close => self.method(ctx, "close")?.call(()),
        });
        self.done(fault.err(), limit)
    }

    fn method<'js>(&self, ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
        self.methods.clone().restore(ctx)?.get(name)
    }

    fn done(&self, fault: Option<String>, limit: Duration) -> Done {
        let mut host = self.js.host.borrow_mut();
        let ops = std::mem::take(&mut host.ops);
        let mut done = Done { own: Vec::with_capacity(ops.len()), others: Vec::new(), fault };
        for (node, mut op) in ops {
            if let Op::Failed(_, failure, _) | Op::Fail(failure, _) = &mut op
                && let Some(text) = said(&failure.message, limit)
            {
                failure.message = text;
            }
            if node == self.me {
                done.own.push(op);
            } else if let Some(access) = host.nodes.get(&node) {
                match done.others.iter_mut().find(|(id, _)| *id == access.id) {
                    Some((_, ops)) => ops.push(op),
                    None => done.others.push((access.id.clone(), vec![op])),
                }
            }
        }
        done
    }
}

impl Js {
    /// Makes the node's methods and its global variables, and compiles its code in its own realm.
    fn make_node<'js>(
        &self,
        ctx: &Ctx<'js>,
        me: u32,
        info: &NodeInfo,
        code: &Code<'_>,
    ) -> rquickjs::Result<Object<'js>> {
        let about = Object::new(ctx.clone())?;
        about.set("id", info.id.as_str())?;
        about.set("name", info.name.as_str())?;
        about.set("path", format!("{}/{}", info.z, info.id))?;
        about.set("outputs", info.outputs)?;
        let flags = Object::new(ctx.clone())?;
        flags.set("manualDone", code.manual_done)?;
        flags.set("usesNode", code.main.contains("node"))?;
        let values = self.shelf.values(ctx);
        let make = values.helper("makeNode")?;
        let node: Object<'js> = make.call((me, about, Object::new(ctx.clone())?, flags))?;
        let sandbox: Object<'js> = node.get("sandbox")?;
        let globals = ctx.globals();
        for entry in sandbox.props::<String, rquickjs::Value<'js>>() {
            let (name, value) = entry?;
            globals.set(name, value)?;
        }
        for (name, module) in code.modules {
            globals.set(name.as_str(), values.module(module)?)?;
        }
        let parts = Object::new(ctx.clone())?;
        for (name, text, parameters) in [
            ("main", code.main, "msg,node"),
            ("initialize", code.initialize, "node"),
            ("finalize", code.finalize, "node"),
        ] {
            if name == "main" || !text.trim().is_empty() {
                parts.set(name, compiled(ctx, name, text, parameters)?)?;
            }
        }
        let set: Function<'js> = node.get("setCode")?;
        set.call::<_, ()>((parts,))?;
        Ok(node)
    }
}

/// The user's code stands from the second line on. Code that awaits nothing need not be asynchronous.
fn compiled<'js>(
    ctx: &Ctx<'js>,
    name: &str,
    text: &str,
    parameters: &str,
) -> rquickjs::Result<Function<'js>> {
    let kind = if name != "finalize" && text.contains("await") { "async " } else { "" };
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(if name == "main" { "function" } else { name }.to_owned());
    ctx.eval_with_options(format!("({kind}function({parameters}){{\n{text}\n}})"), options)
}
