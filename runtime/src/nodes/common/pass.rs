//! Nodes that hand on what they get: junction, catch, status, complete; and comments, which get nothing.

use route_chain::Message;

use crate::node::{Node, NodeCx, NodeInfo};

struct Pass;

impl Node for Pass {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        cx.send(0, msg.clone());
        cx.done(&msg);
    }
}

struct Comment;

impl Node for Comment {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        cx.done(&msg);
    }
}

/// A node that sends on its first output whatever arrives; which messages arrive is the engine's matter.
pub(crate) fn make(_: &NodeInfo) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(Pass))
}

/// A node that does nothing.
pub(crate) fn comment(_: &NodeInfo) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(Comment))
}

#[cfg(test)]
mod tests {
    use crate::nodes::testkit::Bench;
    use serde_json::json;

    #[test]
    fn hands_on() {
        let mut node = Bench::new(super::make, json!({"type": "junction"}));
        node.receive(json!({"payload": 1, "topic": "a"}));
        assert_eq!(node.sent(), json!([[0, {"payload": 1, "topic": "a"}]]));
        assert_eq!(node.cx.dones.len(), 1);
    }
}
