//! `link in`, `link out`, `link call`: wires without lines, and calls along them (Node-RED's 60-link.js).

use std::any::Any;
use std::collections::HashMap;

use route_chain::{Message, Value};

use crate::node::{Event, Level, Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::props::{MAX_HELD, Props, js_wait, say_lost};

/// The `link in` nodes of an engine, for dynamic calls.
#[derive(Default)]
struct Directory(Vec<Entry>);

struct Entry {
    id: String,
    name: String,
    z: String,
    in_subflow: bool,
}

fn directory<'a>(cx: &'a mut NodeCx<'_>) -> Option<&'a mut Directory> {
    cx.shared("link in", &mut || Box::<Directory>::default() as Box<dyn Any>).downcast_mut()
}

/// What a `link out` in return mode posts to the `link call` that waits.
struct Return {
    call: String,
    msg: Message,
}

struct LinkIn;

/// Makes a `link in` node.
pub(crate) fn link_in(_: &NodeInfo) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(LinkIn))
}

impl Node for LinkIn {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        let info = cx.info().clone();
        let in_subflow = cx.node(&info.z).is_some();
        let name = if info.name.is_empty() { info.id.clone() } else { info.name };
        if let Some(all) = directory(cx) {
            all.0.retain(|entry| entry.id != info.id);
            all.0.push(Entry { id: info.id, name, z: info.z, in_subflow });
        }
    }
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        cx.send(0, msg.clone());
        cx.done(&msg);
    }
    fn close(&mut self, cx: &mut NodeCx<'_>) {
        let id = cx.info().id.clone();
        if let Some(all) = directory(cx) {
            all.0.retain(|entry| entry.id != id);
        }
    }
}

struct LinkOut {
    returns: bool,
}

/// Makes a `link out` node.
pub(crate) fn link_out(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(LinkOut { returns: Props::of(info).text("mode") == "return" }))
}

impl Node for LinkOut {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        let event = format!("node:{}", cx.info().id);
        msg.set("_event", Value::text(event));
        if !self.returns {
            cx.send(0, msg.clone());
            return cx.done(&msg);
        }
        let mut back = msg.clone();
        let source = back.root_mut().get_mut("_linkSource").and_then(Value::as_list_mut).and_then(Vec::pop);
        let field = |key| {
            let object = source.as_ref().and_then(Value::as_object)?;
            object.get(key).and_then(Value::as_text).map(str::to_owned)
        };
        match (field("node"), field("id")) {
            (Some(node), Some(call)) if cx.node(&node).is_some_and(|info| info.ty == "link call") => {
                if back.get("_linkSource").and_then(Value::as_list).is_some_and(<[Value]>::is_empty) {
                    back.remove("_linkSource");
                }
                cx.post(&node, Box::new(Return { call, msg: back }));
            }
            _ => cx.log(Level::Warn, "Missing return node information"),
        }
        cx.done(&msg);
    }
}

struct LinkCall {
    /// `None`: the message names it.
    target: Option<String>,
    timeout_ms: f64,
    next: u64,
    waiting: HashMap<String, (u64, Message)>,
    by_timer: HashMap<u64, String>,
}

/// Makes a `link call` node.
pub(crate) fn link_call(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let links = match props.json("links") {
        serde_json::Value::String(id) => id.clone(),
        links => links.get(0).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned(),
    };
    let seconds = coerce::parse_float(&Value::text(props.text_or("timeout", "30")));
    Ok(Box::new(LinkCall {
        target: (props.text("linkType") != "dynamic").then_some(links),
        timeout_ms: if seconds.is_nan() { 30_000.0 } else { seconds * 1000.0 },
        next: 0,
        waiting: HashMap::new(),
        by_timer: HashMap::new(),
    }))
}

impl LinkCall {
    fn find(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<String, String> {
        let tab = cx.info().z.clone();
        let wanted = match &self.target {
            Some(target) => target.clone(),
            None => msg.get("target").filter(|t| coerce::truthy(t)).map(coerce::to_text).unwrap_or_default(),
        };
        let all = directory(cx).map(|d| d.0.as_slice()).unwrap_or_default();
        // Inside an instance the ids of the definition stand for its own nodes.
        let inner = format!("{tab}-{wanted}");
        if let Some(entry) = all.iter().find(|entry| entry.id == wanted || entry.id == inner) {
            return Ok(entry.id.clone());
        }
        let missing = || format!("Error: target link-in node '{wanted}' not found");
        if self.target.is_some() || wanted.is_empty() {
            return Err(missing());
        }
        let mut named = all.iter().filter(|entry| entry.name == wanted);
        let here: Vec<&Entry> = named.clone().filter(|entry| entry.z == tab).collect();
        if let [only] = here.as_slice() {
            return Ok(only.id.clone());
        }
        let mut outside = named.by_ref().filter(|entry| !entry.in_subflow);
        match (outside.next(), outside.next()) {
            (Some(only), None) => Ok(only.id.clone()),
            (Some(_), Some(_)) => Err(format!("Error: Multiple link-in nodes named '{wanted}' found")),
            (None, _) => Err(missing()),
        }
    }
}

impl Node for LinkCall {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let target = match self.find(&msg, cx) {
            Ok(target) => target,
            Err(text) => return cx.error(&text, Some(&msg)),
        };
        if self.waiting.len() >= MAX_HELD {
            return cx.error("too many calls are waiting", Some(&msg));
        }
        let call = cx.new_id();
        let source = Value::object([("id", Value::text(&call)), ("node", Value::text(&cx.info().id))]);
        let mut out = msg.clone();
        match out.root_mut().get_mut("_linkSource").and_then(Value::as_list_mut) {
            Some(stack) => stack.push(source),
            None => out.set("_linkSource", Value::list(vec![source])),
        }
        self.next += 1;
        cx.timer(js_wait(self.timeout_ms), self.next);
        self.by_timer.insert(self.next, call.clone());
        self.waiting.insert(call, (self.next, msg));
        cx.receive(&target, out);
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        let call = self.by_timer.remove(&token);
        if let Some((_, mut msg)) = call.and_then(|call| self.waiting.remove(&call)) {
            if msg.get("_linkSource").is_none() {
                msg.set("_linkSource", Value::list(vec![]));
            }
            cx.error("timeout", Some(&msg));
        }
    }

    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        let Ok(back) = event.downcast::<Return>() else { return };
        let known = self.waiting.remove(&back.call);
        cx.send(0, back.msg);
        match known {
            Some((token, msg)) => {
                self.by_timer.remove(&token);
                cx.cancel(token);
                cx.done(&msg);
            }
            None => cx.log(Level::Debug, &format!("call {} came back after its timeout", back.call)),
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.waiting.len());
        self.by_timer.drain().for_each(|(token, _)| cx.cancel(token));
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::nodes::testkit::{Bench, info};
    use serde_json::{Value as Json, json};

    /// A call on a bench where these link in nodes are: id, name and tab.
    fn call(config: Json, links: &[(&str, &str, &str)]) -> Bench {
        Bench::with(link_call, config, |cx| {
            for (id, name, z) in links {
                let entry =
                    Entry { id: (*id).into(), name: (*name).into(), z: (*z).into(), in_subflow: false };
                if let Some(all) = directory(cx) {
                    all.0.push(entry);
                }
            }
        })
    }

    #[test]
    fn there_and_back() {
        let mut call = call(json!({"links": ["in"], "timeout": "5"}), &[("in", "", "tab1")]);
        call.receive(json!({"payload": 1}));
        let (target, msg) = call.cx.received.pop().unwrap_or_default();
        assert_eq!(target, "in");

        let mut out = Bench::with(link_out, json!({"mode": "return"}), |cx| {
            cx.nodes.insert("n1".into(), info(json!({"type": "link call"})));
        });
        out.receive_msg(msg);
        for (node, event) in std::mem::take(&mut out.cx.posted) {
            assert_eq!(node, "n1");
            call.node.on_event(event, &mut call.cx);
        }
        assert_eq!(call.sent(), json!([[0, {"payload": 1, "_event": "node:n1"}]]));
        assert_eq!((call.cx.dones.len(), call.cx.timers.len()), (1, 0));

        out.receive(json!({"payload": 2}));
        assert_eq!(out.cx.logs[0].1, "Missing return node information");
    }

    /// Which link in a dynamic call goes to, or its error.
    fn finds(target: &str, expected: &str) {
        let links = [
            ("a", "one", "tab1"),
            ("b", "two", "tab2"),
            ("c", "many", "tab2"),
            ("d", "many", "tab3"),
            ("e", "two", "tab1"),
        ];
        let mut call = call(json!({"linkType": "dynamic"}), &links);
        call.receive(json!({ "target": target }));
        let found = call.cx.received.pop().map(|(id, _)| id);
        assert_eq!(found.unwrap_or_else(|| call.errors().concat()), expected, "{target}");
    }

    #[test]
    fn dynamic_targets() {
        finds("b", "b");
        finds("one", "a");
        finds("two", "e");
        finds("many", "Error: Multiple link-in nodes named 'many' found");
        finds("nowhere", "Error: target link-in node 'nowhere' not found");
        finds("", "Error: target link-in node '' not found");
    }

    #[test]
    fn timeouts() {
        let mut call = call(json!({"links": ["in"], "timeout": "5"}), &[("in", "", "tab1")]);
        call.receive(json!({"payload": 1})).advance(Duration::from_secs(5));
        assert_eq!(call.errors(), ["timeout"]);
    }
}
