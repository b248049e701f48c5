//! `file` and `file in`: one job at a time for each node, so that order is kept.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use route_chain::{Message, Value};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

use super::convert;
use super::props::{MAX_HELD, Path, Props};
use crate::node::{Event, Mailbox, Node, NodeCx, NodeInfo};

/// Size of the parts that `file in` reads as a stream.
const CHUNK: usize = 64 * 1024;

/// Where the name of the file comes from.
enum Name {
    Fixed(String),
    Message(Path),
    Env(String),
}

impl Name {
    fn of(props: &Props<'_>) -> Result<Self, String> {
        let text = props.text("filename");
        Ok(match props.text("filenameType").as_str() {
            "msg" => Name::Message(Path::parse(&text)?),
            "env" => Name::Env(text),
            "jsonata" => return Err("a file name from an expression is not supported".to_owned()),
            _ if text.is_empty() => Name::Message(Path::parse("filename")?),
            _ => Name::Fixed(text),
        })
    }

    fn find(&self, msg: &Message, cx: &NodeCx<'_>) -> Option<(String, PathBuf)> {
        let name = match self {
            Name::Fixed(name) => name.clone(),
            Name::Message(path) => path.get(msg)?.as_text()?.to_owned(),
            Name::Env(name) => convert::to_text(&cx.env(name)?),
        };
        let path = cx.base_dir().join(&name);
        Some((name, path)).filter(|(name, _)| !name.is_empty())
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Write {
    Append,
    Overwrite,
    Delete,
}

#[derive(Clone, Copy)]
enum Read {
    Whole { text: bool },
    Lines,
    Stream,
}

#[derive(Clone)]
enum Job {
    Write { how: Write, bytes: Arc<Vec<u8>>, make_dirs: bool },
    Read(Read),
}

/// What a job posts.
enum Progress {
    Part { value: Value, index: u64, last: bool },
    Done(Result<Option<Value>, String>),
}

struct Files {
    name: Name,
    job: Kind,
    waiting: VecDeque<(Message, PathBuf, Job)>,
    running: Option<(Message, String)>,
}

enum Kind {
    Write { how: Write, newline: bool, make_dirs: bool },
    Read { how: Read, keep_all: bool },
}

pub(super) fn file(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let how = match props.text("overwriteFile").as_str() {
        "true" => Write::Overwrite,
        "delete" => Write::Delete,
        _ => Write::Append,
    };
    let newline = props.json("appendNewline").is_none() || props.flag("appendNewline");
    let job = Kind::Write { how, newline, make_dirs: props.flag("createDir") };
    Ok(Box::new(Files { name: Name::of(&props)?, job, waiting: VecDeque::new(), running: None }))
}

pub(super) fn file_in(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let how = match props.json("format").and_then(serde_json::Value::as_str) {
        Some("") => Read::Whole { text: false },
        Some("lines") => Read::Lines,
        Some("stream") => Read::Stream,
        _ => Read::Whole { text: true },
    };
    let job = Kind::Read { how, keep_all: props.flag("allProps") };
    Ok(Box::new(Files { name: Name::of(&props)?, job, waiting: VecDeque::new(), running: None }))
}

/// The bytes that a payload is written as.
fn bytes_to_write(payload: &Value, newline: bool) -> Arc<Vec<u8>> {
    if let Value::Bytes(bytes) = payload {
        return bytes.clone();
    }
    let mut text = match payload {
        Value::List(_) | Value::Object(_) => convert::to_json(payload).to_string(),
        other => convert::to_text(other),
    };
    if newline {
        text.push('\n');
    }
    Arc::new(text.into_bytes())
}

async fn write(path: &std::path::Path, how: Write, bytes: &[u8], make_dirs: bool) -> std::io::Result<()> {
    if how == Write::Delete {
        return tokio::fs::remove_file(path).await;
    }
    if let Some(dir) = path.parent().filter(|_| make_dirs) {
        tokio::fs::create_dir_all(dir).await?;
    }
    let append = how == Write::Append;
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.create(true).append(append).write(true).truncate(!append).open(path).await?;
    file.write_all(bytes).await?;
    file.flush().await
}

/// Reads a file; parts are posted as they come, the last one known as such only when the next is not there.
async fn read(path: &std::path::Path, how: Read, mailbox: &Mailbox) -> std::io::Result<Option<Value>> {
    if let Read::Whole { text } = how {
        let bytes = tokio::fs::read(path).await?;
        return Ok(Some(if text {
            Value::text(String::from_utf8_lossy(&bytes))
        } else {
            Value::bytes(bytes)
        }));
    }
    let mut reader = tokio::io::BufReader::with_capacity(CHUNK, tokio::fs::File::open(path).await?);
    let (mut index, mut before) = (0, None);
    loop {
        let mut bytes = Vec::new();
        match how {
            Read::Lines => reader.read_until(b'\n', &mut bytes).await?,
            _ => (&mut reader).take(CHUNK as u64).read_to_end(&mut bytes).await?,
        };
        let end = bytes.is_empty();
        let value = before.take().map(|bytes| part(how, bytes));
        if let Some(value) = value {
            if !mailbox.post(Progress::Part { value, index, last: end }).await {
                return Ok(None);
            }
            index += 1;
        }
        if end {
            return Ok(None);
        }
        before = Some(bytes);
    }
}

fn part(how: Read, mut bytes: Vec<u8>) -> Value {
    if !matches!(how, Read::Lines) {
        return Value::bytes(bytes);
    }
    for end in [b'\n', b'\r'] {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
    Value::text(String::from_utf8_lossy(&bytes))
}

impl Files {
    fn next(&mut self, cx: &mut NodeCx<'_>) {
        if self.running.is_some() {
            return;
        }
        let Some((msg, path, job)) = self.waiting.pop_front() else { return };
        self.running = Some((msg, cx.new_id()));
        let mailbox = cx.mailbox();
        cx.spawn(Box::pin(async move {
            let result = match &job {
                Job::Write { how, bytes, make_dirs } => {
                    write(&path, *how, bytes, *make_dirs).await.map(|()| None)
                }
                Job::Read(how) => read(&path, *how, &mailbox).await,
            };
            let result = result.map_err(|e| format!("`{}`: {e}", path.display()));
            mailbox.post(Progress::Done(result)).await;
        }));
    }

    fn job(&self, msg: &Message) -> Option<Job> {
        Some(match self.job {
            Kind::Read { how, .. } => Job::Read(how),
            Kind::Write { how: Write::Delete, make_dirs, .. } => {
                Job::Write { how: Write::Delete, bytes: Arc::default(), make_dirs }
            }
            Kind::Write { how, newline, make_dirs } => {
                let payload = msg.get("payload").filter(|p| !matches!(p, Value::Undefined))?;
                Job::Write { how, bytes: bytes_to_write(payload, newline), make_dirs }
            }
        })
    }

    fn send_part(&self, value: Value, index: u64, last: bool, cx: &mut NodeCx<'_>) {
        let (Some((msg, id)), Kind::Read { how, keep_all }) = (&self.running, &self.job) else { return };
        let mut out = if *keep_all { msg.clone() } else { Message::new() };
        if !*keep_all {
            for key in ["topic", "filename"] {
                if let Some(value) = msg.get(key) {
                    out.set(key, value.clone());
                }
            }
        }
        let (kind, ch) = if matches!(how, Read::Lines) { ("string", "\n") } else { ("buffer", "") };
        let mut parts = vec![
            ("index", Value::Number(index as f64)),
            ("ch", Value::text(ch)),
            ("type", Value::text(kind)),
            ("id", Value::text(id)),
        ];
        if last {
            parts.push(("count", Value::Number((index + 1) as f64)));
        }
        out.set("payload", value);
        out.set("parts", Value::object(parts));
        cx.send(0, out);
    }
}

impl Node for Files {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let Some((name, path)) = self.name.find(&msg, cx) else {
            return cx.error("no file name", Some(&msg));
        };
        if self.waiting.len() >= MAX_HELD {
            return cx.error("too many messages wait for the file", Some(&msg));
        }
        let Some(job) = self.job(&msg) else { return cx.done(&msg) };
        let mut msg = msg;
        if matches!(self.job, Kind::Read { .. }) {
            msg.set("filename", Value::text(name));
        }
        self.waiting.push_back((msg, path, job));
        self.next(cx);
    }

    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        let Ok(progress) = event.downcast::<Progress>() else { return };
        let result = match *progress {
            Progress::Part { value, index, last } => return self.send_part(value, index, last, cx),
            Progress::Done(result) => result,
        };
        if let Some((mut msg, _)) = self.running.take() {
            match result {
                Ok(value) => {
                    let original = msg.clone();
                    let whole = value.is_some();
                    if let Some(value) = value {
                        msg.set("payload", value);
                    }
                    if whole || matches!(self.job, Kind::Write { .. }) {
                        cx.send(0, msg);
                    }
                    cx.done(&original);
                }
                Err(text) => cx.error(&text, Some(&msg)),
            }
        }
        self.next(cx);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::testkit::Bench;
    use super::*;
    use serde_json::json;

    fn bench(dir: &tempfile::TempDir, make: crate::node::MakeNode, config: serde_json::Value) -> Bench {
        Bench::with(make, config, |cx| cx.base = dir.path().to_owned())
    }

    #[test]
    fn writes_in_order_and_reads_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut node = bench(&dir, file, json!({"filename": "sub/log.txt", "createDir": true}));
        node.receive(json!({"payload": "a"}))
            .receive(json!({"payload": {"b": 1}}))
            .receive(json!({"payload": 3}));
        node.run_tasks();
        assert_eq!(std::fs::read_to_string(dir.path().join("sub/log.txt")).unwrap(), "a\n{\"b\":1}\n3\n");
        assert_eq!((node.payloads(), node.cx.dones.len()), (json!(["a", {"b": 1}, 3]), 3));

        let mut node = bench(&dir, file_in, json!({"filename": "sub/log.txt", "format": "utf8"}));
        assert_eq!(node.receive(json!({})).run_tasks().payloads(), json!(["a\n{\"b\":1}\n3\n"]));
        let mut node = bench(&dir, file_in, json!({"filename": "sub/log.txt", "format": "lines"}));
        let sent = node.receive(json!({"topic": "t"})).run_tasks().sent();
        assert_eq!((&sent[0][1]["payload"], &sent[0][1]["topic"]), (&json!("a"), &json!("t")));
        assert_eq!((&sent[2][1]["parts"]["count"], &sent[0][1]["parts"]["count"]), (&json!(3), &json!(null)));
        let mut node = bench(&dir, file_in, json!({"filename": "sub/log.txt", "format": "stream"}));
        let sent = node.receive(json!({})).run_tasks().sent();
        assert_eq!(
            (&sent[0][1]["payload"]["type"], sent.as_array().map(Vec::len)),
            (&json!("Buffer"), Some(1))
        );
    }

    #[test]
    fn overwrites_deletes_and_says_what_fails() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        let config = json!({"filename": "filename", "filenameType": "msg", "overwriteFile": "true", "appendNewline": false});
        let mut node = bench(&dir, file, config);
        for payload in ["long text", "short"] {
            node.receive(json!({"filename": "x", "payload": payload})).run_tasks();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "short");
        node.receive(json!({"payload": 1}));
        assert_eq!(node.errors(), ["no file name"]);

        let mut node = bench(&dir, file, json!({"filename": "x", "overwriteFile": "delete"}));
        node.receive(json!({})).receive(json!({})).run_tasks();
        assert!(!path.exists());
        assert!(node.errors()[0].contains("No such file"));
        assert_eq!(node.cx.dones.len(), 1);
    }
}
