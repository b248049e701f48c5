//! The engine as one node sees it.

use std::any::Any;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use route_chain::Message;
use tokio::time::Instant;

use super::core::Core;
use super::timers::Due;
use crate::node::{Engine, Env, Event, Failure, Level, Mailbox, NodeInfo, Posted, Scope, Status, Store};

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

    fn send_many(&mut self, port: u32, msgs: Vec<Message>) {
        self.core.send_many(self.me, port, msgs);
    }

    fn fail(&mut self, failure: &Failure, msg: Option<&Message>) {
        self.core.raise(self.me, failure.clone(), msg);
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

    fn spawn_lasting(&mut self, task: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.core.closing.spawn(task);
    }

    fn now_ms(&self) -> f64 {
        self.core.now_ms()
    }

    fn new_id(&mut self) -> String {
        self.core.new_id()
    }

    fn context(&mut self, scope: Scope) -> Store {
        let Core { contexts, by_id, nodes, .. } = &mut *self.core;
        let outer = |z: &str| Some(nodes.get(*by_id.get(z)? as usize)?.info.z.clone());
        contexts.of(&self.info, scope, &outer)
    }

    fn env(&self) -> Env {
        self.core
            .nodes
            .get(self.me as usize)
            .map_or_else(|| Env::new(self.info.clone(), Default::default()), |slot| slot.env.clone())
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
            return self.core.raise(self.me, format!("there is no node `{id}`"), Some(&msg));
        };
        self.core.identify(&mut msg);
        if !self.core.push(to, msg.clone()) {
            self.core.raise(self.me, "the local queue is full", Some(&msg));
        }
    }

    fn post(&mut self, id: &str, event: Event) {
        let Some(&node) = self.core.by_id.get(id) else {
            return self.core.raise(self.me, format!("there is no node `{id}`"), None);
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
