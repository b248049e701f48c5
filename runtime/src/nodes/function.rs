//! `function`: JavaScript of the user's.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use regex::Regex;
use route_chain::{Message, Value};

use super::convert;
use super::js::{Call, Compiled, DEFAULT_LIMIT, Js, Op, SCOPES, Source};
use super::jsonata::string_literals;
use super::typed::text_of;
use crate::node::{Level, Node, NodeCx, NodeInfo};

/// Messages of which the code has not said that it is done; the oldest is forgotten first.
const MAX_PENDING: usize = 10_000;

struct Function {
    main: String,
    initialize: String,
    finalize: String,
    limit: Duration,
    manual_done: bool,
    /// Which context scopes the code can name, in the order of [`SCOPES`].
    scopes: [bool; 3],
    env: Rc<HashMap<String, Value>>,
    // The compiled code goes before the engine that it lives in.
    compiled: Option<Compiled>,
    js: Option<Rc<Js>>,
    fault: String,
    pending: BTreeMap<u64, Message>,
    next: u64,
}

/// Makes a `function` node. The code is compiled when the flow starts: that needs the engine.
pub fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let config = &info.config;
    let [main, initialize, finalize] = ["func", "initialize", "finalize"].map(|key| text_of(config, key));
    let all = [main.as_str(), &initialize, &finalize].join("\n");
    let names = |word: &str| all.contains(word);
    let context = names("context");
    let done = Regex::new(r"(^|[^\w])node\.done\s*\(\s*\)").map_err(|e| e.to_string())?;
    let seconds = convert::text_to_number(&text_of(config, "timeout"));
    let limit = if seconds > 0.0 && seconds < 1e6 { Duration::from_secs_f64(seconds) } else { DEFAULT_LIMIT };
    if config.get("libs").and_then(serde_json::Value::as_array).is_some_and(|libs| !libs.is_empty()) {
        return Err("npm modules in functions are not supported".to_owned());
    }
    Ok(Box::new(Function {
        manual_done: done.is_match(&main),
        scopes: [context, context || names("flow"), context || names("global")],
        main,
        initialize,
        finalize,
        limit,
        env: Rc::default(),
        compiled: None,
        js: None,
        fault: String::new(),
        pending: BTreeMap::new(),
        next: 0,
    }))
}

/// Names that Node-RED always knows, beside those that stand in the code.
const ENV: [&str; 8] = [
    "NR_NODE_ID",
    "NR_NODE_NAME",
    "NR_NODE_PATH",
    "NR_GROUP_ID",
    "NR_GROUP_NAME",
    "NR_FLOW_ID",
    "NR_FLOW_NAME",
    "NR_SUBFLOW_NAME",
];

impl Function {
    fn compile(&mut self, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let js = Js::of(cx)?;
        let names =
            [&self.main, &self.initialize, &self.finalize].into_iter().flat_map(|code| string_literals(code));
        let names = names.chain(ENV.map(str::to_owned));
        self.env = Rc::new(names.filter_map(|name| Some((name.clone(), cx.env(&name)?))).collect());
        let source = Source {
            main: &self.main,
            initialize: &self.initialize,
            finalize: &self.finalize,
            manual_done: self.manual_done,
        };
        self.compiled = Some(js.compile(cx.info(), &source)?);
        self.js = Some(js);
        Ok(())
    }

    fn call(&mut self, call: Call<'_>, cx: &mut NodeCx<'_>) {
        let (Some(js), Some(compiled)) = (self.js.clone(), &self.compiled) else { return };
        {
            let mut host = js.host.borrow_mut();
            host.env = self.env.clone();
            for (at, scope) in SCOPES.into_iter().enumerate() {
                host.stores[at].clear();
                if self.scopes[at] {
                    host.stores[at].extend(
                        cx.context_keys(scope)
                            .into_iter()
                            .map(|key| (key.clone(), cx.context_get(scope, &key))),
                    );
                }
            }
        }
        let token = if let Call::Receive(token, _) = &call { Some(*token) } else { None };
        let result = js.call(compiled, call, self.limit);
        let ops = std::mem::take(&mut js.host.borrow_mut().ops);
        for op in ops {
            self.carry_out(op, cx);
        }
        if let Err(fault) = result {
            let msg = token.and_then(|token| self.pending.remove(&token));
            cx.error(&self.said(&fault), msg.as_ref());
        }
    }

    fn said(&self, fault: &str) -> String {
        if fault.contains("interrupted") {
            format!("the function ran longer than {} seconds", self.limit.as_secs_f64())
        } else {
            fault.to_owned()
        }
    }

    fn carry_out(&mut self, op: Op, cx: &mut NodeCx<'_>) {
        match op {
            Op::Send(port, msg) => cx.send(port, msg),
            Op::Done(token) => {
                if let Some(msg) = self.pending.remove(&token) {
                    cx.done(&msg);
                }
            }
            Op::Fail(token, text, msg) => {
                self.pending.remove(&token);
                cx.error(&self.said(&text), Some(&msg));
            }
            Op::Error(text, msg) => cx.error(&self.said(&text), msg.as_ref()),
            Op::Log(level, text) => cx.log(level, &text),
            Op::Status(status) => cx.status(status),
            Op::Context(scope, key, value) => cx.context_set(scope, &key, value),
            Op::Timer(token, ms) => {
                cx.timer(Duration::from_secs_f64(ms.clamp(1.0, 2_147_483_647.0) / 1000.0), token)
            }
            Op::Cancel(token) => cx.cancel(token),
        }
    }
}

impl Node for Function {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        match self.compile(cx) {
            Ok(()) => self.call(Call::Start, cx),
            Err(fault) => {
                cx.error(&fault, None);
                self.fault = fault;
            }
        }
    }

    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if self.compiled.is_none() {
            return cx.error(&self.fault, Some(&msg));
        }
        self.next += 1;
        let token = self.next;
        self.pending.insert(token, msg.clone());
        if self.pending.len() > MAX_PENDING {
            self.pending.pop_first();
            cx.log(Level::Warn, "too many messages without `node.done()`; the oldest is forgotten");
        }
        self.call(Call::Receive(token, &msg), cx);
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        self.call(Call::Timer(token), cx);
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        self.call(Call::Close, cx);
        self.compiled = None;
        self.fault = "the flow has stopped".to_owned();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::testkit::Bench;
    use super::*;
    use crate::node::Scope;
    use serde_json::{Value as Json, json};

    fn node(code: &str) -> Bench {
        Bench::new(make, json!({"type": "function", "name": "f", "func": code, "outputs": 2}))
    }

    /// What a function makes of a message.
    fn check(code: &str, msg: Json, expected: Json) {
        let mut bench = node(code);
        assert_eq!(bench.receive(msg).sent(), expected, "{:?}", bench.errors());
        assert_eq!(bench.cx.dones.len(), 1, "{:?}", bench.errors());
    }

    #[test]
    fn returns() {
        check("msg.payload++; return msg;", json!({"payload": 1}), json!([[0, {"payload": 2}]]));
        check(
            "return [msg, {payload: 'b'}];",
            json!({"a": 1}),
            json!([[0, {"a": 1}], [1, {"payload": "b"}]]),
        );
        check("return [[{n: 1}, {n: 2}], null];", json!({}), json!([[0, {"n": 1}], [0, {"n": 2}]]));
        check("return null;", json!({}), json!([]));
        check(
            "node.send({n: 1}); node.send([null, {n: 2}]);",
            json!({}),
            json!([[0, {"n": 1}], [1, {"n": 2}]]),
        );
        check("await null; msg.later = true; return msg", json!({}), json!([[0, {"later": true}]]));
        check(
            "return {id: node.id, name: node.name, n: node.outputCount}",
            json!({}),
            json!([[0, {"id": "n1", "name": "f", "n": 2}]]),
        );
    }

    #[test]
    fn sends_are_copies_and_keep_the_id() {
        let mut bench = node("node.send(msg); msg.payload = 2; return msg;");
        bench.receive(json!({"_msgid": "x", "payload": 1}));
        assert!(bench.cx.sends.iter().all(|(_, m)| m.id() == "x"));
        assert_eq!(bench.payloads(), json!([1, 2]));
    }

    #[test]
    fn values_that_json_does_not_have() {
        let mut bench = node(
            "msg.kinds = [Buffer.isBuffer(msg.b), msg.d instanceof Date, msg.n !== msg.n, 'u' in msg, typeof msg.h]; return msg;",
        );
        let handle = Value::opaque("ServerResponse", 7_u8);
        let mut msg = Message::new();
        msg.set("b", Value::bytes(vec![0, 200, 255]));
        msg.set("d", Value::Date(5.0));
        msg.set("n", Value::Number(f64::NAN));
        msg.set("u", Value::Undefined);
        msg.set("h", handle.clone());
        let sent = bench.receive_msg(msg).cx.sends.pop().unwrap().1;
        assert_eq!(convert::to_json(sent.get("kinds").unwrap()), json!([true, true, true, true, "object"]));
        assert!(matches!(sent.get("b"), Some(Value::Bytes(b)) if b.as_slice() == [0, 200, 255]));
        assert!(matches!(sent.get("d"), Some(Value::Date(ms)) if *ms == 5.0));
        assert!(matches!(sent.get("n"), Some(Value::Number(n)) if n.is_nan()));
        assert!(matches!(sent.get("u"), Some(Value::Undefined)));
        assert!(sent.get("h").is_some_and(|h| route_chain::ops::equal(h, &handle)));
    }

    #[test]
    fn errors() {
        let text = |code: &str| {
            let mut bench = node(code);
            bench.receive(json!({"_msgid": "x"}));
            assert!(bench.cx.dones.is_empty());
            assert!(bench.cx.errors.iter().any(|(_, m)| m.as_ref().is_some_and(|m| m.id() == "x")));
            bench.errors().pop().unwrap()
        };
        assert_eq!(text("let a = 1;\nthrow new Error('no')").split(" (").next(), Some("Error: no"));
        assert!(
            text("let a = 1;\nmissing()").contains("'missing' is not defined")
                || text("missing()").contains("missing is not defined")
        );
        assert!(text("\nnull.x").contains("(line 2, col"));
        assert_eq!(text("throw 'text'"), "text");
        assert!(text("return )").starts_with("SyntaxError"));
        let mut bench = node("node.error('bad', msg); return 5;");
        bench.receive(json!({"a": 1}));
        assert_eq!(bench.errors(), ["bad", "Function tried to send a message of type number"]);
        let mut bench = node("msg.self = msg; return msg;");
        let errors = bench.receive(json!({})).errors();
        assert!(errors[0].contains("circular"), "{errors:?}");
    }

    #[test]
    fn a_key_cannot_change_what_the_message_is() {
        check(
            "msg.seen = msg.x; return msg;",
            json!({"__proto__": {"x": 1}}),
            json!([[0, {"__proto__": {"x": 1}}]]),
        );
    }

    #[test]
    fn endless_loops_end() {
        let mut bench = Bench::new(make, json!({"func": "for (;;) {}", "timeout": "0.2"}));
        assert_eq!(bench.receive(json!({})).errors(), ["the function ran longer than 0.2 seconds"]);
    }

    #[test]
    fn context_and_env() {
        let code = "let n = flow.get('count') || 0; flow.set('count', n + 1); flow.set('o.deep', [n]); context.set('x', msg.payload);
            context.flow.get('count', (e, v) => { msg.n = v; });
            return {n: msg.n, o: flow.get('o'), keys: flow.keys(), g: global.get('g.a'), x: context.get('x'), e: env.get('HOST'), no: flow.get('no') === undefined}";
        let mut bench = Bench::with(make, json!({ "func": code }), |cx| {
            cx.context.push((Scope::Flow, "count".into(), Value::Number(4.0)));
            cx.context.push((Scope::Global, "g".into(), Value::object([("a", Value::Bool(true))])));
            cx.env.insert("HOST".into(), Value::text("here"));
        });
        let expected = json!([[0, {"n": 5, "o": {"deep": [4]}, "keys": ["count", "o"], "g": true, "x": 1, "e": "here", "no": true}]]);
        assert_eq!(bench.receive(json!({"payload": 1})).sent(), expected, "{:?}", bench.errors());
        assert_eq!(bench.receive(json!({"payload": 1})).sent()[0][1]["n"], 6);
    }

    #[test]
    fn timers() {
        let code = "setTimeout((a) => node.send({payload: a}), 100, 'late');
            let n = 0; const t = setInterval(() => { node.send({payload: ++n}); if (n === 2) clearInterval(t); }, 1000);
            const gone = setTimeout(() => node.send({payload: 'never'}), 50); clearTimeout(gone);
            await new Promise((r) => setTimeout(r, 500)); return {payload: 'awaited'};";
        let mut bench = node(code);
        assert_eq!(bench.receive(json!({})).payloads(), json!([]));
        assert_eq!(bench.advance(Duration::from_secs(5)).payloads(), json!(["late", "awaited", 1, 2]));
        assert_eq!((bench.cx.dones.len(), bench.cx.timers.len()), (1, 0));
    }

    #[test]
    fn status_and_log() {
        let mut bench = node(
            "node.status({fill: 'red', shape: 'dot', text: 'x'}); node.warn({a: 1}); console.log('b', 2); node.done();",
        );
        bench.receive(json!({}));
        assert_eq!(bench.cx.statuses[0].fill, "red");
        assert_eq!(bench.cx.logs, [(Level::Warn, r#"{"a":1}"#.to_owned()), (Level::Info, "b 2".to_owned())]);
        assert_eq!(bench.cx.dones.len(), 1);
    }

    #[test]
    fn buffers() {
        let code = "const b = Buffer.from('68c3a9', 'hex');
            return {payload: [b.toString(), b.length, b[0], b.toString('base64'), Buffer.from('aGk=', 'base64').toString(),
                Buffer.concat([b, Buffer.from([1])]).toJSON().data.length, b.readUInt16BE(0), b.equals(Buffer.from('h\u{e9}')), Buffer.byteLength('\u{e9}')]}";
        check(
            code,
            json!({}),
            json!([[0, {"payload": ["h\u{e9}", 3, 104, "aMOp", "hi", 4, 26819, true, 2]}]]),
        );
    }

    #[test]
    fn red_util() {
        let code = "const c = RED.util.cloneMessage(msg); RED.util.setMessageProperty(c, 'payload.b[0]', 1);
            c.got = RED.util.getMessageProperty(msg, 'payload.a'); c.id = RED.util.generateId().length; return c;";
        check(
            code,
            json!({"payload": {"a": 2}}),
            json!([[0, {"payload": {"a": 2, "b": [1]}, "got": 2, "id": 16}]]),
        );
    }

    #[test]
    fn initialize_and_finalize() {
        let config = json!({
            "initialize": "await new Promise((r) => setTimeout(r, 10)); context.set('n', 5);",
            "func": "msg.n = context.get('n'); return msg;",
            "finalize": "node.warn('bye');",
        });
        let mut bench = Bench::new(make, config);
        assert_eq!(bench.receive(json!({})).sent(), json!([]));
        assert_eq!(bench.advance(Duration::from_secs(1)).sent(), json!([[0, {"n": 5}]]));
        bench.close();
        assert_eq!(bench.cx.logs, [(Level::Warn, "bye".to_owned())]);
    }
}
