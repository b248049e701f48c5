//! `function`: JavaScript of the user's (Node-RED's 10-function.js).

use std::collections::BTreeMap;
use std::time::Duration;

use route_chain::Message;
use serde_json::Value as Json;

use crate::node::{Event, Level, Node, NodeCx, NodeInfo};
use crate::nodes::js::{Call, Code, DEFAULT_LIMIT, Js, Op, Realm};
use crate::nodes::value::props::Props;

/// Messages of which the code has not said that it is done; the oldest is forgotten first.
const MAX_PENDING: usize = 10_000;
/// Modules that a function may ask for by `libs`: those of Node.js that need nothing of Node.js.
const MODULES: [&str; 3] = ["util", "buffer", "url"];

struct Function {
    main: String,
    initialize: String,
    finalize: String,
    limit: Duration,
    manual_done: bool,
    /// Name in the code, and module.
    modules: Vec<(String, String)>,
    realm: Option<Realm>,
    fault: String,
    pending: BTreeMap<u64, Message>,
    next: u64,
}

/// Makes a `function` node. The code is compiled when the flow starts: that needs the engine.
pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let [main, initialize, finalize] = ["func", "initialize", "finalize"].map(|key| props.text(key));
    let seconds = props.number("timeout");
    let limit = if seconds > 0.0 && seconds < 1e6 { Duration::from_secs_f64(seconds) } else { DEFAULT_LIMIT };
    Ok(Box::new(Function {
        manual_done: calls_done(&main),
        modules: modules(props)?,
        main,
        initialize,
        finalize,
        limit,
        realm: None,
        fault: String::new(),
        pending: BTreeMap::new(),
        next: 0,
    }))
}

/// The modules that the function asks for. One that cannot be had is an error: its code could not work without it.
fn modules(props: Props<'_>) -> Result<Vec<(String, String)>, String> {
    let wanted =
        props.json("libs").as_array().into_iter().flatten().filter_map(Json::as_object).map(Props::map);
    let mut had = Vec::new();
    let mut missing = Vec::new();
    for lib in wanted {
        let (name, module) = (lib.text("var"), lib.text("module"));
        let plain = module.strip_prefix("node:").unwrap_or(&module);
        if name.is_empty() || plain.is_empty() {
            continue;
        }
        match MODULES.contains(&plain) {
            true => had.push((name, plain.to_owned())),
            false => missing.push(format!("`{module}` (as `{name}`)")),
        }
    }
    if missing.is_empty() {
        return Ok(had);
    }
    let [modules, are] = if missing.len() == 1 { ["module", "is"] } else { ["modules", "are"] };
    Err(format!(
        "the {modules} {} {are} not to be had: functions run without Node.js; only `{}` can be imported",
        missing.join(", "),
        MODULES.join("`, `")
    ))
}

/// Whether code calls `node.done()` itself. Comments and texts do not count.
fn calls_done(code: &str) -> bool {
    let bare = without_comments(code);
    bare.match_indices("node.done").any(|(at, word)| {
        let before = bare[..at].chars().next_back();
        let after = bare[at + word.len()..].trim_start();
        before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '.')) && after.starts_with('(')
    })
}

/// Code with comments and the insides of texts left out.
fn without_comments(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => {
                chars.by_ref().take_while(|c| *c != '\n').for_each(drop);
                out.push('\n');
            }
            ('/', Some('*')) => {
                chars.next();
                let mut before = ' ';
                for c in chars.by_ref() {
                    if (before, c) == ('*', '/') {
                        break;
                    }
                    before = c;
                }
            }
            ('"' | '\'' | '`', _) => {
                while let Some(next) = chars.next().filter(|n| *n != c) {
                    if next == '\\' {
                        chars.next();
                    }
                }
                out.push(c);
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

impl Function {
    fn compile(&mut self, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let code = Code {
            main: &self.main,
            initialize: &self.initialize,
            finalize: &self.finalize,
            manual_done: self.manual_done,
            modules: &self.modules,
        };
        self.realm = Some(Realm::compile(&Js::of(cx)?, &code, cx)?);
        Ok(())
    }

    fn call(&mut self, call: Call<'_>, cx: &mut NodeCx<'_>) {
        let Some(realm) = &self.realm else { return };
        let token = if let Call::Receive(token, _) = &call { Some(*token) } else { None };
        let done = realm.call(call, self.limit, cx.now_ms());
        for op in done.own {
            self.carry_out(op, cx);
        }
        for (id, ops) in done.others {
            cx.post(&id, Box::new(ops));
        }
        if let Some(fault) = done.fault {
            let msg = token.and_then(|token| self.pending.remove(&token));
            cx.error(&fault, msg.as_ref());
        }
    }

    fn carry_out(&mut self, op: Op, cx: &mut NodeCx<'_>) {
        match op {
            Op::Send(port, mut msgs) => match msgs.pop() {
                Some(msg) if msgs.is_empty() => cx.send(port, msg),
                Some(msg) => {
                    msgs.push(msg);
                    cx.send_many(port, msgs);
                }
                None => {}
            },
            Op::Done(token) => {
                if let Some(msg) = self.pending.remove(&token) {
                    cx.done(&msg);
                }
            }
            Op::Failed(token, failure, msg) => {
                let before = self.pending.remove(&token);
                cx.fail(&failure, msg.or(before).as_ref());
            }
            Op::Fail(failure, msg) => cx.fail(&failure, msg.as_ref()),
            Op::Log(level, text) => cx.log(level, &text),
            Op::Status(status) => cx.status(status),
            Op::Timer(token, ms) => cx.timer(Duration::from_secs_f64(ms / 1000.0), token),
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
        if self.realm.is_none() {
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

    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        if let Ok(ops) = event.downcast::<Vec<Op>>() {
            ops.into_iter().for_each(|op| self.carry_out(op, cx));
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        self.call(Call::Close, cx);
        self.realm = None;
        self.fault = "the flow has stopped".to_owned();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use route_chain::{Message, Value};

    use super::*;
    use crate::node::Level;
    use crate::nodes::testkit::Bench;
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
        assert_eq!(sent.get("kinds").unwrap().to_json().unwrap(), json!([true, true, true, true, "object"]));
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
        assert!(text("\nmissing()").contains("(line 2, col"));
        assert!(text("null.x").starts_with("TypeError"));
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
        assert_eq!(bench.receive(json!({})).errors(), ["Error: Script execution timed out after 200ms"]);
    }

    #[test]
    fn context_and_env() {
        let code = "let n = flow.get('count') || 0; flow.set('count', n + 1); flow.set('o.deep', [n]); context.set('x', msg.payload);
            context.flow.get('count', (e, v) => { msg.n = v; });
            return {n: msg.n, o: flow.get('o'), keys: flow.keys(), g: global.get('g.a'), x: context.get('x'), e: env.get('HOST'), no: flow.get('no') === undefined}";
        let mut bench = Bench::with(make, json!({ "func": code }), |cx| {
            cx.flow().set("count", Value::Number(4.0));
            cx.global().set("g", Value::object([("a", Value::Bool(true))]));
            cx.vars(&[("HOST", json!("here"))]);
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
        assert_eq!(bench.cx.statuses[0].0.get("fill").and_then(Value::as_text), Some("red"));
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
