//! `link in`, `link out`, `link call`: wires without lines, and calls along them.

use std::any::Any;
use std::collections::HashMap;

use route_chain::{Message, Value};

use super::props::{MAX_HELD, Props, wait};
use crate::node::{Event, Level, Node, NodeCx, NodeInfo};

/// The `link in` nodes of an engine: id and name and tab, for dynamic calls.
#[derive(Default)]
struct Directory(Vec<(String, String, String)>);

fn directory<'a>(cx: &'a mut NodeCx<'_>) -> Option<&'a mut Directory> {
    cx.shared("link in", &mut || Box::<Directory>::default() as Box<dyn Any>).downcast_mut()
}

/// What a `link out` in return mode posts to the `link call` that waits.
struct Return {
    call: String,
    msg: Message,
}

struct LinkIn;

pub(super) fn link_in(_: &NodeInfo) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(LinkIn))
}

impl Node for LinkIn {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        let info = cx.info().clone();
        if let Some(all) = directory(cx) {
            all.0.retain(|(id, ..)| *id != info.id);
            all.0.push((info.id, info.name, info.z));
        }
    }
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        cx.send(0, msg.clone());
        cx.done(&msg);
    }
    fn close(&mut self, cx: &mut NodeCx<'_>) {
        let id = cx.info().id.clone();
        if let Some(all) = directory(cx) {
            all.0.retain(|(other, ..)| *other != id);
        }
    }
}

struct LinkOut {
    returns: bool,
}

pub(super) fn link_out(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(LinkOut { returns: Props::of(info).text("mode") == "return" }))
}

impl Node for LinkOut {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
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
            (Some(node), Some(call)) if cx.node(&node).is_some() => {
                if back.get("_linkSource").and_then(Value::as_list).is_some_and(<[Value]>::is_empty) {
                    back.remove("_linkSource");
                }
                cx.post(&node, Box::new(Return { call, msg: back }));
                cx.done(&msg);
            }
            _ => cx.error("no link call to return to", Some(&msg)),
        }
    }
}

struct LinkCall {
    target: Option<String>,
    timeout_ms: f64,
    next: u64,
    waiting: HashMap<String, (u64, Message)>,
}

pub(super) fn link_call(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let target = if props.text("linkType") == "dynamic" {
        None
    } else {
        let links = props.json("links").and_then(serde_json::Value::as_array);
        let first = links.and_then(|l| l.first()).and_then(serde_json::Value::as_str);
        Some(first.ok_or("the link call has no target")?.to_owned())
    };
    let seconds = props.number("timeout").unwrap_or(30.0);
    Ok(Box::new(LinkCall { target, timeout_ms: seconds * 1000.0, next: 0, waiting: HashMap::new() }))
}

impl LinkCall {
    fn find(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<String, String> {
        let tab = cx.info().z.clone();
        if let Some(target) = &self.target {
            let inner = format!("{tab}-{target}");
            return [inner, target.clone()]
                .into_iter()
                .find(|id| cx.node(id).is_some())
                .ok_or_else(|| format!("no link in with the id `{target}`"));
        }
        let wanted = match msg.get("target") {
            Some(Value::Text(text)) if !text.is_empty() => text.to_string(),
            _ => return Err("`msg.target` names no link in".to_owned()),
        };
        let all = directory(cx).map(|d| d.0.as_slice()).unwrap_or_default();
        if all.iter().any(|(id, ..)| *id == wanted) {
            return Ok(wanted);
        }
        let named: Vec<_> = all.iter().filter(|(_, name, _)| *name == wanted).collect();
        let here: Vec<_> = named.iter().filter(|(.., z)| *z == tab).copied().collect();
        match if here.is_empty() { named } else { here }.as_slice() {
            [(id, ..)] => Ok(id.clone()),
            [] => Err(format!("no link in is named `{wanted}`")),
            _ => Err(format!("several link in nodes are named `{wanted}`")),
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
        if self.timeout_ms > 0.0 {
            cx.timer(wait(self.timeout_ms), self.next);
        }
        self.waiting.insert(call, (self.next, msg));
        cx.receive(&target, out);
    }

    fn on_timer(&mut self, token: u64, cx: &mut NodeCx<'_>) {
        let call = self.waiting.iter().find(|(_, (t, _))| *t == token).map(|(call, _)| call.clone());
        if let Some((_, msg)) = call.and_then(|call| self.waiting.remove(&call)) {
            cx.error("timeout", Some(&msg));
        }
    }

    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        let Ok(back) = event.downcast::<Return>() else { return };
        let known = self.waiting.remove(&back.call);
        cx.send(0, back.msg);
        match known {
            Some((token, msg)) => {
                cx.cancel(token);
                cx.done(&msg);
            }
            None => cx.log(Level::Debug, &format!("call {} came back after its timeout", back.call)),
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        for (_, (token, msg)) in self.waiting.drain() {
            cx.cancel(token);
            cx.log(Level::Warn, &format!("message {} was still in a link call", msg.id()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testkit::{Bench, info};
    use super::*;
    use serde_json::json;

    #[test]
    fn there_and_back() {
        let mut call = Bench::with(link_call, json!({"links": ["in"], "timeout": "5"}), |cx| {
            cx.nodes.insert("in".into(), info(json!({"type": "link in"})));
        });
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
        assert_eq!(call.sent(), json!([[0, {"payload": 1}]]));
        assert_eq!((call.cx.dones.len(), call.cx.timers.len()), (1, 0));

        out.receive(json!({"payload": 2}));
        assert_eq!(out.errors(), ["no link call to return to"]);
    }

    #[test]
    fn timeout_and_unknown_target() {
        let mut call = Bench::with(link_call, json!({"links": ["in"], "timeout": "5"}), |cx| {
            cx.nodes.insert("in".into(), info(json!({"type": "link in"})));
        });
        call.receive(json!({"payload": 1})).advance(Duration::from_secs(5));
        assert_eq!(call.errors(), ["timeout"]);

        let mut call = Bench::new(link_call, json!({"linkType": "dynamic"}));
        call.receive(json!({"payload": 1, "target": "nowhere"}));
        assert_eq!(call.errors(), ["no link in is named `nowhere`"]);
    }
}
