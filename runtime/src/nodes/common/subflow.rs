//! Subflow instances, and their status outputs (Node-RED's flows/Subflow.js).

use route_chain::{Message, Value};

use crate::node::{Event, Node, NodeCx, NodeInfo, Status};
use crate::nodes::value::inspect::{DEFAULT_DEPTH, inspect};

/// How much of a value a status shows.
const STATUS_CHARS: usize = 32;

/// An instance hands messages in, on the output of its input.
struct Instance;

/// Posted to an instance by its status output.
struct SetStatus(Status);

/// Makes the node of an instance.
pub(crate) fn instance(_: &NodeInfo) -> Result<Box<dyn Node>, String> {
    Ok(Box::new(Instance))
}

impl Node for Instance {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        cx.send(0, msg);
    }
    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        if let Ok(set) = event.downcast::<SetStatus>() {
            cx.status(set.0);
        }
    }
    fn close(&mut self, cx: &mut NodeCx<'_>) {
        cx.status(Status::clear());
    }
}

/// What is sent to the status output of a subflow becomes the status of its instance.
struct StatusOutput {
    instance: String,
}

/// Makes the status output of an instance; its id is the instance's with `:status` behind it.
pub(crate) fn status(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let instance = info.id.strip_suffix(":status").unwrap_or(&info.id).to_owned();
    Ok(Box::new(StatusOutput { instance }))
}

impl Node for StatusOutput {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if let Some(status) = status_of(&msg) {
            cx.post(&self.instance, Box::new(SetStatus(status)));
        }
    }
}

fn status_of(msg: &Message) -> Option<Status> {
    match msg.get("payload").unwrap_or(&Value::Undefined) {
        Value::Undefined => match msg.get("status")? {
            Value::Object(status) => Some(Status((**status).clone())),
            other => Some(Status::text(super::super::value::coerce::to_text(other))),
        },
        Value::Text(text) => Some(Status::text(text)),
        Value::Object(o) if o.is_empty() || ["fill", "shape", "text"].iter().any(|k| o.get(k).is_some()) => {
            Some(Status((**o).clone()))
        }
        other => {
            let text = inspect(other, DEFAULT_DEPTH);
            let short: String = text.chars().take(STATUS_CHARS).collect();
            Some(Status::text(if short.len() < text.len() { format!("{short}...") } else { short }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    /// The status that a message makes.
    fn check(msg: Json, expected: Json) {
        let status = status_of(&Message::from_json(&msg));
        assert_eq!(json!(status), expected, "{msg}");
    }

    #[test]
    fn statuses() {
        check(json!({"payload": "on"}), json!({"text": "on"}));
        check(json!({"payload": {"fill": "red", "text": "x"}}), json!({"fill": "red", "text": "x"}));
        check(json!({"payload": {}}), json!({}));
        check(json!({"payload": {"a": 1}}), json!({"text": "{ a: 1 }"}));
        check(json!({"status": {"text": "s"}}), json!({"text": "s"}));
        check(json!({"topic": "t"}), json!(null));
        check(
            json!({"payload": (0..40).collect::<Vec<_>>()}),
            json!({"text": "[\n   0,  1,  2,  3,  4,  5,  6, ..."}),
        );
    }
}
