//! What `catch`, `status` and `complete` nodes are told, and when (Node-RED's `Flow.handleError`, `handleStatus` and
//! `handleComplete`).

use std::rc::Rc;

use route_chain::Message;

use super::core::Core;
use super::scope;
use crate::node::{Failure, Level, NodeInfo, Status};

impl Core {
    /// A node failed at a message: `catch` nodes hear of it. Without a message, and when nobody catches it, it is logged.
    pub(crate) fn raise(&mut self, source: u32, failure: impl Into<Failure>, msg: Option<&Message>) {
        let failure = failure.into();
        self.totals.errors += 1;
        let Some(slot) = self.nodes.get_mut(source as usize) else { return };
        slot.errors += 1;
        let info = slot.info.clone();
        let handled = msg.is_some_and(|msg| self.told_to_catch(&info, &failure, msg));
        if !handled {
            self.log(Level::Error, &format!("node:{}", info.id), &failure.message);
        }
    }

    fn told_to_catch(&mut self, info: &Rc<NodeInfo>, failure: &Failure, msg: &Message) -> bool {
        let Some(told) = scope::error_message(info, failure, msg) else {
            let who = format!("node:{}", info.id);
            self.log(Level::Warn, &who, "Message exceeded maximum number of catches");
            return false;
        };
        let mut at = Some(info.clone());
        while let Some(source) = at {
            let catchers = self.listeners.catchers(&source, |index| self.info(index));
            if !catchers.is_empty() {
                self.tell(&catchers, &told);
                return true;
            }
            at = self.around(&source);
        }
        false
    }

    /// A node's status changed. Inside an instance without a status output of its own, it is told outside as well, when
    /// nobody hears of it inside.
    pub(crate) fn set_status(&mut self, source: u32, status: Status) {
        let Some(slot) = self.nodes.get_mut(source as usize) else { return };
        slot.status = Some(status.clone());
        let info = slot.info.clone();
        let mut at = Some(info.clone());
        while let Some(reporter) = at {
            let watchers = self.listeners.watchers(&reporter, |index| self.info(index));
            if !watchers.is_empty() {
                return self.tell(&watchers, &scope::status_message(&info, &status));
            }
            at = self
                .around(&reporter)
                .filter(|instance| !self.by_id.contains_key(&format!("{}:status", instance.id)));
        }
    }

    /// The instance that a node is inside of.
    fn around(&self, info: &NodeInfo) -> Option<Rc<NodeInfo>> {
        let index = *self.by_id.get(&info.z)?;
        self.nodes.get(index as usize).map(|slot| slot.info.clone())
    }

    /// A node is done with a message.
    pub(crate) fn done(&mut self, source: u32, msg: &Message) {
        if !self.listeners.any_complete() {
            return;
        }
        let Some(info) = self.nodes.get(source as usize).map(|slot| slot.info.clone()) else { return };
        let completers = self.listeners.completers(&info, |index| self.info(index));
        if !completers.is_empty() {
            self.tell(&completers, &scope::complete_message(&info, msg));
        }
    }

    fn tell(&mut self, listeners: &[u32], msg: &Message) {
        for &listener in listeners {
            let mut msg = msg.clone();
            self.identify(&mut msg);
            if !self.push(listener, msg) {
                let lost = "the local queue is full: an event for a catch, status or complete node is lost";
                self.log(Level::Error, "engine", lost);
            }
        }
    }
}
