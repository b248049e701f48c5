//! The engine as one node sees it.

use std::any::Any;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use route_chain::{Message, Value};
use tokio::time::Instant;

use super::core::Core;
use super::timers::Due;
use crate::node::{Engine, Event, Level, Mailbox, NodeInfo, Posted, Scope, Status};

/// A node's view while it runs.
pub(crate) struct Cx<'a> {
    pub(crate) core: &'a mut Core,
    pub(crate) me: u32,
    pub(crate) info: Rc<NodeInfo>,
}

impl Engine for Cx<'_> {
    fn send(&mut self, port: u32, msg: Message) {
        self.core.send(self.me, port, msg);
    }

    fn done(&mut self, msg: &Message) {
        self.core.done(self.me, msg);
    }

    fn error(&mut self, text: &str, msg: Option<&Message>) {
        self.core.raise(self.me, text, msg);
    }

    fn log(&mut self, level: Level, text: &str) {
        let who = format!("node:{}", self.info.id);
        self.core.log(level, &who, text);
    }

    fn status(&mut self, status: Status) {
        self.core.set_status(self.me, status);
    }

    fn timer(&mut self, after: Duration, token: u64) {
        let now = Instant::now();
        // A wait that the clock cannot hold is as good as for ever: thirty years.
        let at = now.checked_add(after).unwrap_or(now + Duration::from_secs(30 * 365 * 86_400));
        self.core.timers.set(at, Due::Node(self.me, token));
    }

    fn cancel(&mut self, token: u64) {
        self.core.timers.cancel(Due::Node(self.me, token));
    }

    fn mailbox(&self) -> Mailbox {
        let generation =
            self.core.nodes.get(self.me as usize).map(|slot| slot.generation).unwrap_or_default();
        Mailbox { node: self.me, generation, to: self.core.mailbox.clone() }
    }

    fn spawn(&mut self, task: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) {
        let task = tokio::spawn(task).abort_handle();
        let Some(slot) = self.core.nodes.get_mut(self.me as usize) else { return task.abort() };
        if slot.tasks.len() >= 32 && slot.tasks.len().is_power_of_two() {
            slot.tasks.retain(|task| !task.is_finished());
        }
        slot.tasks.push(task);
    }

    fn now_ms(&self) -> f64 {
        self.core.now_ms()
    }

    fn new_id(&mut self) -> String {
        self.core.new_id()
    }

    fn context_get(&self, scope: Scope, key: &str) -> Value {
        self.core.contexts.get(&self.info, scope, key)
    }

    fn context_set(&mut self, scope: Scope, key: &str, value: Value) {
        self.core.contexts.set(&self.info, scope, key, value);
    }

    fn context_keys(&self, scope: Scope) -> Vec<String> {
        self.core.contexts.keys(&self.info, scope)
    }

    fn env(&self, name: &str) -> Option<Value> {
        match name {
            "NR_NODE_ID" => return Some(Value::text(&self.info.id)),
            "NR_NODE_NAME" => return Some(Value::text(&self.info.name)),
            "NR_NODE_PATH" => return Some(Value::text(format!("{}/{}", self.info.z, self.info.id))),
            _ => {}
        }
        let slot = self.core.nodes.get(self.me as usize);
        if let Some(value) = slot.and_then(|slot| slot.env.get(name)) {
            return Some(from_json(value));
        }
        match name {
            "NR_FLOW_ID" => Some(Value::text(&self.info.z)),
            "NR_GROUP_ID" => self.info.groups.first().map(Value::text),
            _ => std::env::var(name).ok().map(Value::text),
        }
    }

    fn info(&self) -> &NodeInfo {
        &self.info
    }

    fn node(&self, id: &str) -> Option<&NodeInfo> {
        self.core.by_id.get(id).and_then(|&index| self.core.info(index))
    }

    fn config(&self, id: &str) -> Option<&serde_json::Map<String, serde_json::Value>> {
        self.core.configs.get(id)
    }

    fn receive(&mut self, id: &str, mut msg: Message) {
        let Some(&to) = self.core.by_id.get(id) else {
            return self.core.raise(self.me, &format!("there is no node `{id}`"), Some(&msg));
        };
        self.core.identify(&mut msg);
        if !self.core.push(to, msg.clone()) {
            self.core.raise(self.me, "the local queue is full", Some(&msg));
        }
    }

    fn post(&mut self, id: &str, event: Event) {
        let Some(&node) = self.core.by_id.get(id) else {
            return self.core.raise(self.me, &format!("there is no node `{id}`"), None);
        };
        let Some(generation) = self.core.nodes.get(node as usize).map(|slot| slot.generation) else { return };
        if self.core.posted.len() >= self.core.limits.queue {
            return self.core.raise(self.me, "the local queue is full", None);
        }
        self.core.posted.push_back(Posted { node, generation, event });
    }

    fn shared(&mut self, key: &'static str, make: &mut dyn FnMut() -> Box<dyn Any>) -> &mut dyn Any {
        self.core.shared.entry(key).or_insert_with(make).as_mut()
    }

    fn base_dir(&self) -> &Path {
        &self.core.base_dir
    }
}

fn from_json(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Number(n.as_f64().unwrap_or(f64::NAN)),
        Json::String(s) => Value::text(s),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(map) => Value::object(map.iter().map(|(k, v)| (k, from_json(v)))),
    }
}
