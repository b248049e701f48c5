//! `file in`: reads files, whole, line by line or in chunks (Node-RED's 10-file.js).

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use route_chain::{Message, Value};
use tokio::io::{AsyncBufReadExt, AsyncReadExt};

use super::file::Name;
use super::{encoding, fault};
use crate::node::{Event, Level, Mailbox, Node, NodeCx, NodeInfo, Status};
use crate::nodes::value::props::{MAX_HELD, Props, say_lost};

/// Size of the chunks: what a read stream of Node.js takes at once.
const CHUNK: usize = 64 * 1024;

#[derive(Clone, Copy, PartialEq)]
enum How {
    Text,
    Buffer,
    Lines,
    Chunks,
}

/// What the reading task posts.
enum Progress {
    /// A line or chunk; `last`: nothing follows.
    Part {
        bytes: Vec<u8>,
        last: bool,
    },
    Whole(Vec<u8>),
    /// All was read; true: after the last chunk an empty message must say so.
    End(bool),
    Failed(String, &'static str),
}

struct FileIn {
    name: Name,
    how: How,
    keep_all: bool,
    send_error: bool,
    encoding: String,
    waiting: VecDeque<(Message, PathBuf)>,
    running: Option<Message>,
    index: f64,
}

/// Makes a `file in` node.
pub(crate) fn file_in(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    Ok(Box::new(FileIn {
        name: Name::of(props)?,
        how: match props.text("format").as_str() {
            "utf8" => How::Text,
            "lines" => How::Lines,
            "stream" => How::Chunks,
            _ => How::Buffer,
        },
        keep_all: props.truthy("allProps"),
        send_error: !props.has("sendError") || props.truthy("sendError"),
        encoding: props.text_or("encoding", "none"),
        waiting: VecDeque::new(),
        running: None,
        index: 0.0,
    }))
}

async fn read(path: &Path, how: How, mailbox: &Mailbox) -> std::io::Result<Progress> {
    if matches!(how, How::Text | How::Buffer) {
        return tokio::fs::read(path).await.map(Progress::Whole);
    }
    let mut reader = tokio::io::BufReader::with_capacity(CHUNK, tokio::fs::File::open(path).await?);
    loop {
        let mut bytes = Vec::new();
        let last = match how {
            How::Lines => {
                reader.read_until(b'\n', &mut bytes).await?;
                bytes.pop_if(|byte| *byte == b'\n').is_none()
            }
            _ => {
                (&mut reader).take(CHUNK as u64).read_to_end(&mut bytes).await?;
                bytes.len() < CHUNK
            }
        };
        if bytes.is_empty() && how == How::Chunks {
            return Ok(Progress::End(true));
        }
        if !mailbox.post(Progress::Part { bytes, last }).await || last {
            return Ok(Progress::End(false));
        }
    }
}

impl FileIn {
    fn next(&mut self, cx: &mut NodeCx<'_>) {
        if self.running.is_some() {
            return;
        }
        let Some((msg, path)) = self.waiting.pop_front() else { return };
        self.running = Some(msg);
        self.index = 0.0;
        let (mailbox, how) = (cx.mailbox(), self.how);
        cx.spawn(Box::pin(async move {
            let ended = read(&path, how, &mailbox).await.unwrap_or_else(|e| {
                let is_dir = e.kind() == std::io::ErrorKind::IsADirectory;
                let (text, code) = fault::said(&e, if is_dir { "read" } else { "open" }, &path);
                Progress::Failed(text, code)
            });
            mailbox.post(ended).await;
        }));
    }

    /// A message of its own for a part of the file.
    fn part(&self, msg: &Message, last: bool) -> Message {
        let mut out = if self.keep_all { msg.clone() } else { Message::new() };
        if !self.keep_all {
            for key in ["topic", "filename"] {
                out.set(key, msg.get(key).cloned().unwrap_or_default());
            }
        }
        let (ty, ch) = if self.how == How::Lines { ("string", "\n") } else { ("buffer", "") };
        let mut parts = vec![
            ("index", Value::Number(self.index)),
            ("ch", Value::text(ch)),
            ("type", Value::text(ty)),
            ("id", msg.get("_msgid").cloned().unwrap_or_default()),
        ];
        if last {
            parts.push(("count", Value::Number(self.index + 1.0)));
        }
        out.set("parts", Value::object(parts));
        out
    }

    fn value(&self, bytes: Vec<u8>) -> Result<Value, String> {
        match self.how {
            How::Text | How::Lines => encoding::decode(&bytes, &self.encoding).map(Value::text),
            How::Buffer | How::Chunks => Ok(Value::bytes(bytes)),
        }
    }

    fn failed(&mut self, msg: &Message, text: &str, code: &str, cx: &mut NodeCx<'_>) {
        let failure = fault::failure(text, code);
        cx.fail(&failure, Some(msg));
        if self.send_error {
            let mut out = msg.clone();
            out.remove("payload");
            let error = [("message", Value::text(text)), ("code", Value::text(code))];
            out.set("error", Value::object(error));
            cx.send(0, out);
        }
    }

    fn progress(&mut self, progress: Progress, cx: &mut NodeCx<'_>) {
        let Some(mut msg) = self.running.clone() else { return };
        match progress {
            Progress::Part { bytes, last } => {
                let mut out = self.part(&msg, last);
                match self.value(bytes) {
                    Ok(value) => out.set("payload", value),
                    Err(fault) => return cx.error(&format!("Error: {fault}"), Some(&msg)),
                }
                self.index += 1.0;
                return cx.send(0, out);
            }
            Progress::Whole(bytes) => match self.value(bytes) {
                Ok(value) => {
                    msg.set("payload", value);
                    cx.send(0, msg.clone());
                    cx.done(&msg);
                }
                Err(fault) => cx.error(&format!("Error: {fault}"), Some(&msg)),
            },
            Progress::End(more) => {
                if more {
                    self.index -= 1.0;
                    let mut out = self.part(&msg, true);
                    self.index += 1.0;
                    super::super::sequence::parts::set(&mut out, &[("index", Value::Number(self.index))]);
                    ["topic", "filename", "payload"].iter().for_each(|key| drop(out.remove(key)));
                    cx.send(0, out);
                }
                cx.done(&msg);
            }
            Progress::Failed(text, code) => {
                self.failed(&msg, &text, code, cx);
                cx.done(&msg);
            }
        }
        self.running = None;
        self.next(cx);
    }
}

impl Node for FileIn {
    fn on_message(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) {
        let name = match self.name.find(&msg, cx) {
            Ok(name) => name.replace(['\t', '\r', '\n'], ""),
            Err(fault) => return cx.error(&fault, Some(&msg)),
        };
        if self.name.of_message {
            cx.status(Status::new("grey", "dot", &name));
        }
        if name.is_empty() {
            cx.log(Level::Warn, "No filename specified");
            return cx.done(&msg);
        }
        if self.waiting.len() >= MAX_HELD {
            return cx.error("too many messages wait for the file", Some(&msg));
        }
        let path = cx.base_dir().join(&name);
        msg.set("filename", Value::text(name));
        self.waiting.push_back((msg, path));
        self.next(cx);
    }

    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        if let Ok(progress) = event.downcast::<Progress>() {
            self.progress(*progress, cx);
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        say_lost(cx, self.waiting.len() + usize::from(self.running.is_some()));
        cx.status(Status::clear());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::nodes::testkit::Bench;
    use serde_json::{Value as Json, json};

    fn read(format: &str, contents: &[u8], extra: Json) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x"), contents).unwrap();
        let mut config = json!({"filename": "x", "filenameType": "str", "format": format});
        config.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let mut node = Bench::with(file_in, config, |cx| cx.base = dir.path().to_owned());
        node.receive(json!({"_msgid": "m", "topic": "t", "other": 1})).run_tasks();
        node
    }

    #[test]
    fn whole() {
        assert_eq!(read("utf8", b"a\nb", json!({})).payloads(), json!(["a\nb"]));
        assert_eq!(read("utf8", b"\xe9", json!({"encoding": "latin1"})).payloads(), json!(["é"]));
        assert_eq!(read("", b"a", json!({})).payloads(), json!([{"type": "Buffer", "data": [97]}]));
    }

    #[test]
    fn lines() {
        let sent = read("lines", b"a\r\nb\n", json!({})).sent();
        let part = |index: usize| json!({"index": index, "ch": "\n", "type": "string", "id": "m"});
        let mut last = part(2);
        last["count"] = json!(3);
        assert_eq!(
            sent,
            json!([
                [0, {"topic": "t", "filename": "x", "payload": "a\r", "parts": part(0)}],
                [0, {"topic": "t", "filename": "x", "payload": "b", "parts": part(1)}],
                [0, {"topic": "t", "filename": "x", "payload": "", "parts": last}]
            ])
        );
        assert_eq!(read("lines", b"a", json!({"allProps": true})).sent()[0][1]["other"], json!(1));
    }

    #[test]
    fn chunks() {
        let sent = read("stream", &vec![7; CHUNK + 3], json!({})).sent();
        assert_eq!(sent[1][1]["payload"]["data"], json!([7, 7, 7]));
        assert_eq!((&sent[0][1]["parts"]["count"], &sent[1][1]["parts"]["count"]), (&json!(null), &json!(2)));
        let sent = read("stream", &vec![7; CHUNK], json!({})).sent();
        assert_eq!(
            sent[1],
            json!([0, {"parts": {"index": 1, "count": 1, "ch": "", "type": "buffer", "id": "m"}}])
        );
    }

    #[test]
    fn faults() {
        let mut node =
            Bench::new(file_in, json!({"filename": "/nowhere/x", "filenameType": "str", "format": "utf8"}));
        node.receive(json!({"payload": 1})).run_tasks();
        assert_eq!(node.errors(), ["Error: ENOENT: no such file or directory, open '/nowhere/x'"]);
        assert_eq!(node.sent()[0][1]["error"]["code"], json!("ENOENT"));
        node.receive(json!({}));
        let mut node = Bench::new(file_in, json!({"filename": "", "sendError": false}));
        node.receive(json!({}));
        assert_eq!(node.cx.logs[0].1, "No filename specified");
    }
}
