//! The hash of a flow file's normal form: equal for files that differ in order, white space or positions only.

use std::io::Write;

use sha2::{Digest, Sha256};

use super::json::{Kind, Spanned};
use super::read::Entry;

/// Members that only say where something is drawn.
const POSITION: [&str; 4] = ["x", "y", "w", "h"];

/// Hex sha256 of the entries, sorted by id, with keys sorted and without positions.
pub(super) fn of(entries: &[Entry<'_, '_>]) -> String {
    let mut order: Vec<&Entry<'_, '_>> = entries.iter().collect();
    order.sort_by(|a, b| a.id.cmp(b.id));
    let mut out = Writer { sha: Sha256::new(), buffer: Vec::with_capacity(1 << 16) };
    for entry in order {
        let ports = if entry.ty == "subflow" { 3 } else { 1 };
        out.value(entry.value, ports);
        out.raw(b"\n");
    }
    out.finish()
}

struct Writer {
    sha: Sha256,
    buffer: Vec<u8>,
}

impl Writer {
    fn raw(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() > 1 << 15 {
            self.sha.update(&self.buffer);
            self.buffer.clear();
        }
    }

    /// `positions`: how many levels down from here an object may have positions (the ports of a subflow do).
    fn value(&mut self, value: &Spanned<'_>, positions: u32) {
        let below = positions.saturating_sub(1);
        match &value.kind {
            Kind::Null => self.raw(b"null"),
            Kind::Bool(b) => self.raw(if *b { b"true" } else { b"false" }),
            Kind::Number(n) => self.raw(n.to_string().as_bytes()),
            Kind::Text(t) => self.text(t),
            Kind::List(items) => {
                self.raw(b"[");
                for item in items {
                    self.value(item, below);
                    self.raw(b",");
                }
                self.raw(b"]");
            }
            Kind::Object(members) => {
                let mut order: Vec<_> = members.iter().collect();
                order.sort_by(|a, b| a.0.cmp(&b.0));
                self.raw(b"{");
                for (key, value) in order {
                    if positions > 0 && POSITION.contains(&key.as_ref()) {
                        continue;
                    }
                    self.text(key);
                    self.raw(b":");
                    let ports = matches!(key.as_ref(), "in" | "out" | "status");
                    self.value(value, if ports { below } else { 0 });
                    self.raw(b",");
                }
                self.raw(b"}");
            }
        }
    }

    /// The length before the text keeps two texts apart without escapes.
    fn text(&mut self, text: &str) {
        self.raw(text.len().to_string().as_bytes());
        self.raw(b"\"");
        self.raw(text.as_bytes());
    }

    fn finish(mut self) -> String {
        self.sha.update(&self.buffer);
        let mut hex = Vec::with_capacity(64);
        for byte in self.sha.finalize() {
            // Writing to a vector cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        String::from_utf8(hex).unwrap_or_default()
    }
}
