//! The hook for links to other runtimes.

use route_chain::{Message, Value, ir};

/// Takes the messages that `remote` routers send away. Called on the engine's thread: it must not wait.
pub trait Uplink {
    /// Takes over a message for one of the runtimes of `remote.to`; it is the uplink's from then on, spool and
    /// acknowledgement included. `key`: the value to choose by hash of. `Err` gives the message back with the reason, and
    /// the engine applies `unreachable`.
    fn send(
        &mut self,
        router: &ir::Router,
        remote: &ir::Remote,
        key: Option<&Value>,
        wire: &ir::Wire,
        msg: Message,
    ) -> Result<(), (Message, String)>;

    /// This stack is in force from now on.
    fn stack(&mut self, set: &ir::ChainSet) {
        let _ = set;
    }

    /// What people want to see of it in the status.
    fn status(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// The engine ends; what is not acknowledged must be kept where it is spooled.
    fn close(&mut self) {}
}
