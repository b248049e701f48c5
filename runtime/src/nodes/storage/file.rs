//! `file`: writes, appends to and deletes files; one job at a time for each node, so that order is kept (Node-RED's
//! 10-file.js).

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use route_chain::{Message, Value};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::{encoding, fault};
use crate::node::{Event, Level, Node, NodeCx, NodeInfo, Status};
use crate::nodes::sequence::parts;
use crate::nodes::value::coerce;
use crate::nodes::value::props::{MAX_HELD, Props};
use crate::nodes::value::typed::Typed;

/// Where the name of the file comes from.
pub(super) struct Name {
    typed: Typed,
    /// The node itself names no file: its status shows which one a message names.
    pub(super) of_message: bool,
    /// The name is the same for every message.
    pub(super) is_fixed: bool,
}

impl Name {
    pub(super) fn of(props: Props<'_>) -> Result<Self, String> {
        let text = props.text("filename");
        let ty = match (props.text("filenameType").as_str(), text.as_str()) {
            // Flows of Node-RED 2 and before have no types.
            ("", "") => {
                return Ok(Self {
                    typed: Typed::parse("msg", &"filename".into())?,
                    of_message: true,
                    is_fixed: false,
                });
            }
            ("", _) => "str".to_owned(),
            (ty, _) => ty.to_owned(),
        };
        let is_fixed = matches!(ty.as_str(), "str" | "env");
        Ok(Self { typed: Typed::parse(&ty, &text.clone().into())?, of_message: text.is_empty(), is_fixed })
    }

    /// The name for a message; empty when there is none.
    pub(super) fn find(&self, msg: &Message, cx: &mut NodeCx<'_>) -> Result<String, String> {
        Ok(match self.typed.eval(msg, cx)? {
            Value::Undefined | Value::Null => String::new(),
            other => coerce::to_text(&other),
        })
    }
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Append,
    Overwrite,
    Delete,
}

/// What the writing task is to do.
struct Job {
    path: PathBuf,
    how: How,
    bytes: Vec<u8>,
    make_dirs: bool,
    /// The file is left open for the next message.
    keep_open: bool,
}

/// What it says of each job, in order.
struct Done(Result<(), String>);

struct File {
    name: Name,
    how: How,
    newline: bool,
    make_dirs: bool,
    encoding: String,
    to_task: Option<mpsc::UnboundedSender<Job>>,
    /// Messages whose jobs are under way.
    running: VecDeque<Message>,
}

/// Makes a `file` node.
pub(crate) fn file(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    Ok(Box::new(File {
        name: Name::of(props)?,
        how: match props.text("overwriteFile").as_str() {
            "true" => How::Overwrite,
            "delete" => How::Delete,
            _ => How::Append,
        },
        newline: props.truthy("appendNewline"),
        make_dirs: props.truthy("createDir"),
        encoding: props.text_or("encoding", "none"),
        to_task: None,
        running: VecDeque::new(),
    }))
}

impl File {
    fn bytes(&self, msg: &Message, payload: &Value) -> Result<Vec<u8>, String> {
        let own = msg.get("encoding").filter(|_| self.encoding == "setbymsg").map(coerce::to_text);
        let encoding = match self.encoding.as_str() {
            "setbymsg" => own.as_deref().unwrap_or("none"),
            given => given,
        };
        let mut text = match payload {
            Value::Bytes(bytes) if encoding == "none" => return Ok(bytes.to_vec()),
            Value::Bytes(bytes) => return encoding::encode(&String::from_utf8_lossy(bytes), encoding),
            Value::Null | Value::List(_) | Value::Object(_) | Value::Date(_) | Value::Opaque(_) => {
                payload.to_text()
            }
            other => coerce::to_text(other),
        };
        // The last part of a text that was split had no line end in it either.
        let is_last_part = parts::of(msg).is_some_and(|parts| {
            let number = |key| parts::number(parts, key);
            parts.get("type").and_then(Value::as_text) == Some("string")
                && number("count").is_some()
                && number("count") == number("index").map(|index| index + 1.0)
        });
        if self.newline && !is_last_part {
            text.push_str(if cfg!(windows) { "\r\n" } else { "\n" });
        }
        encoding::encode(&text, encoding)
    }

    fn take(&mut self, mut msg: Message, cx: &mut NodeCx<'_>) -> Result<(), String> {
        let name = self.name.find(&msg, cx)?;
        msg.set("filename", Value::text(&name));
        if self.name.of_message {
            cx.status(Status::new("grey", "dot", &name));
        }
        if name.is_empty() {
            cx.log(Level::Warn, "No filename specified");
            cx.done(&msg);
            return Ok(());
        }
        let payload = msg.get("payload").filter(|payload| !matches!(payload, Value::Undefined));
        let bytes = match (self.how, payload) {
            (How::Delete, _) => Vec::new(),
            (_, Some(payload)) => self.bytes(&msg, payload)?,
            (_, None) => {
                cx.done(&msg);
                return Ok(());
            }
        };
        if self.running.len() >= MAX_HELD {
            return Err("too many messages wait for the file".to_owned());
        }
        let path = cx.base_dir().join(&name);
        let keep_open = self.how == How::Append && self.name.is_fixed;
        let job = Job { path, how: self.how, bytes, make_dirs: self.make_dirs, keep_open };
        self.running.push_back(msg);
        self.send(job, cx);
        Ok(())
    }

    fn send(&mut self, job: Job, cx: &mut NodeCx<'_>) {
        let to_task = self.to_task.get_or_insert_with(|| {
            let (to, from) = mpsc::unbounded_channel();
            let mailbox = cx.mailbox();
            cx.spawn_lasting(Box::pin(async move { work(from, mailbox).await }));
            to
        });
        // The task ends only after this sender is gone.
        let _ = to_task.send(job);
    }
}

async fn work(mut jobs: mpsc::UnboundedReceiver<Job>, mailbox: crate::node::Mailbox) {
    let mut open = None;
    while let Some(job) = jobs.recv().await {
        let done = Done(run(&job, &mut open).await);
        mailbox.post(done).await;
    }
}

/// The file that is left open, and which one it is: another may have taken its place.
type Open = Option<(tokio::fs::File, PathBuf, Option<u64>)>;

async fn run(job: &Job, open: &mut Open) -> Result<(), String> {
    let said = |what: &str, call: &str, e: std::io::Error, path: &Path| {
        format!("failed to {what} file: Error: {}", fault::said(&e, call, path).0)
    };
    let path = &job.path;
    if job.how == How::Delete {
        return tokio::fs::remove_file(path).await.map_err(|e| said("delete", "unlink", e, path));
    }
    if let Some(dir) = path.parent().filter(|_| job.make_dirs) {
        tokio::fs::create_dir_all(dir).await.map_err(|e| said("create", "mkdir", e, dir))?;
    }
    let append = job.how == How::Append;
    let what = if append { "append to" } else { "write to" };
    let mut file = match open.take() {
        Some((file, of, inode)) if of == *path && inode == inode_of(path).await => file,
        _ => {
            let mut options = tokio::fs::OpenOptions::new();
            let options = options.create(true).append(append).write(true).truncate(!append);
            options.open(path).await.map_err(|e| said(what, "open", e, path))?
        }
    };
    let written = async {
        file.write_all(&job.bytes).await?;
        file.flush().await
    };
    written.await.map_err(|e| said(what, "write", e, path))?;
    if job.keep_open {
        let inode = inode_of(path).await;
        *open = inode.map(|inode| (file, path.clone(), Some(inode)));
    }
    Ok(())
}

#[cfg(unix)]
async fn inode_of(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    tokio::fs::metadata(path).await.ok().map(|meta| meta.ino())
}

#[cfg(not(unix))]
async fn inode_of(_: &Path) -> Option<u64> {
    None
}

impl Node for File {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if let Err(fault) = self.take(msg.clone(), cx) {
            cx.error(&fault, Some(&msg));
        }
    }

    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        let (Ok(done), Some(msg)) = (event.downcast::<Done>(), self.running.pop_front()) else { return };
        match done.0 {
            Ok(()) => {
                cx.send(0, msg.clone());
                cx.done(&msg);
            }
            Err(fault) => cx.error(&fault, Some(&msg)),
        }
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        // The task writes what it was given, then ends.
        self.to_task = None;
        if self.name.of_message {
            cx.status(Status::clear());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::nodes::testkit::Bench;
    use serde_json::{Value as Json, json};

    fn bench(dir: &tempfile::TempDir, config: Json) -> Bench {
        Bench::with(file, config, |cx| cx.base = dir.path().to_owned())
    }

    /// What stands in the file `x` after payloads were written to it.
    fn check(config: Json, payloads: Json, expected: &[u8]) {
        let dir = tempfile::tempdir().unwrap();
        let mut all = json!({"filename": "x", "filenameType": "str", "overwriteFile": "false"});
        all.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
        let mut node = bench(&dir, all);
        for payload in payloads.as_array().unwrap() {
            node.receive(json!({ "payload": payload }));
        }
        node.close().run_tasks();
        assert_eq!(std::fs::read(dir.path().join("x")).unwrap(), expected, "{config}");
        assert_eq!((node.payloads(), node.errors()), (payloads, vec![]));
    }

    #[test]
    fn writes_in_order() {
        check(json!({"appendNewline": true}), json!(["a", {"b": 1}, 3, null]), b"a\n{\"b\":1}\n3\nnull\n");
        check(json!({}), json!(["a", true]), b"atrue");
        check(json!({"overwriteFile": "true", "appendNewline": true}), json!(["long text", "b"]), b"b\n");
        check(json!({"encoding": "utf16le"}), json!(["a"]), b"a\0");
        check(json!({"appendNewline": true}), json!([{"type": "Buffer", "data": [0, 255]}]), &[0, 255]);
    }

    #[test]
    fn names_of_messages_and_folders() {
        let dir = tempfile::tempdir().unwrap();
        let mut node = bench(&dir, json!({"filename": "", "createDir": true, "overwriteFile": "false"}));
        node.receive(json!({"filename": "sub/y", "payload": "1"})).receive(json!({"payload": "2"}));
        node.close().run_tasks();
        assert_eq!(std::fs::read(dir.path().join("sub/y")).unwrap(), b"1");
        assert_eq!(node.cx.logs, [(Level::Warn, "No filename specified".to_owned())]);
        assert_eq!(node.cx.dones.len(), 2);
    }

    #[test]
    fn deletes_and_says_what_fails() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x"), "").unwrap();
        let mut node =
            bench(&dir, json!({"filename": "x", "filenameType": "str", "overwriteFile": "delete"}));
        node.receive(json!({})).receive(json!({})).close().run_tasks();
        assert!(!dir.path().join("x").exists());
        let path = dir.path().join("x");
        let said = format!(
            "failed to delete file: Error: ENOENT: no such file or directory, unlink '{}'",
            path.display()
        );
        assert_eq!(node.errors(), [said]);
        assert_eq!(node.cx.dones.len(), 1);
    }

    #[test]
    fn the_last_part_has_no_line_end() {
        let dir = tempfile::tempdir().unwrap();
        let mut node = bench(
            &dir,
            json!({"filename": "x", "filenameType": "str", "appendNewline": true, "overwriteFile": "false"}),
        );
        for index in 0..2 {
            node.receive(json!({"payload": "l", "parts": {"type": "string", "index": index, "count": 2}}));
        }
        node.close().run_tasks();
        assert_eq!(std::fs::read(dir.path().join("x")).unwrap(), b"l\nl");
    }
}
