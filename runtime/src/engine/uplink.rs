//! The hook for links to other runtimes.

use std::time::Duration;

use futures::future::BoxFuture;
use route_chain::{Message, Value, ir};

/// Takes the messages that leave for other runtimes. Called on the engine's thread: it must not wait.
pub trait Uplink {
    /// Takes over a message for one of the runtimes of `remote.to`; it is the uplink's from then on, spool and
    /// acknowledgement included. `slot`: the router's number, the same in every stack. `key`: the value to choose by hash of.
    /// `Err` gives the message back with the reason, and the engine applies `unreachable`.
    fn send(
        &mut self,
        slot: u32,
        remote: &ir::Remote,
        key: Option<&Value>,
        wire: &ir::Wire,
        msg: Message,
    ) -> Result<(), (Message, String)>;

    /// Takes over a message for a node that lives on another runtime, though no router sent it there. `hops`: how often it was
    /// sent on before.
    fn forward(&mut self, to: &str, node: &str, msg: Message, hops: u8) -> Result<(), (Message, String)> {
        let _ = (to, node, hops);
        Err((msg, "this runtime has no link to others".to_owned()))
    }

    /// Whether this stack could be put in force. An `Err` refuses it.
    fn check(&self, set: &ir::ChainSet) -> Result<(), String> {
        let _ = set;
        Ok(())
    }

    /// This stack is in force from now on.
    fn stack(&mut self, set: &ir::ChainSet) {
        let _ = set;
    }

    /// What people want to see of it in the status.
    fn status(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// The engine ends; what is not acknowledged must be kept where it is spooled.
    fn close(self: Box<Self>, patience: Duration) -> BoxFuture<'static, ()> {
        let _ = patience;
        Box::pin(std::future::ready(()))
    }
}
