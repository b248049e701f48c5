//! What travels between two runtimes: numbered messages one way, acknowledgements the other.

use serde::{Deserialize, Serialize};

/// Messages of one sender, in order; none: a probe, which asks for an acknowledgement.
#[derive(Clone, Debug, Deserialize)]
pub struct Data {
    /// The sender's incarnation: its numbers mean something together with it alone.
    pub inc: String,
    /// Number of this frame; the answer repeats it.
    pub n: u64,
    /// Everything below is settled for the sender.
    pub first: u64,
    /// Messages with consecutive numbers.
    pub items: Vec<Item>,
}

/// One message.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Item {
    /// Its number, from 1.
    pub seq: u64,
    /// Node that gets it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub node: String,
    /// Acknowledged once it is in the receiver's journal; otherwise when the node has taken it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stored: bool,
    /// The sender gives up at this time of its clock, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<f64>,
    /// How often it was sent on because its node had moved.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hops: u8,
    /// The message; absent when the sender gave up and only the number is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg: Option<serde_json::Value>,
}

fn is_zero(hops: &u8) -> bool {
    *hops == 0
}

/// The receiver's answer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Ack {
    /// Whose numbers these are.
    pub inc: String,
    /// Number of the last frame that arrived.
    pub n: u64,
    /// Differs after each restart of the receiver.
    pub boot: u64,
    /// Everything up to here is settled.
    pub upto: u64,
    /// Everything up to here has arrived; what is above `upto` waits for its node and is lost by a restart.
    pub held: u64,
    /// Settled, yet not acknowledged.
    pub lost: Vec<(u64, Why)>,
}

/// Why a message is settled without being acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The receiver died while the node was taking it: nobody knows whether it was delivered.
    Uncertain,
    /// The node is not there or did not take it.
    Refused,
}

/// A frame's text from items that are text already.
pub fn data_text<'a>(inc: &str, n: u64, first: u64, items: impl Iterator<Item = &'a str>) -> String {
    let mut text = format!(r#"{{"inc":"{inc}","n":{n},"first":{first},"items":["#);
    for (i, item) in items.enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push_str(item);
    }
    text.push_str("]}");
    text
}
