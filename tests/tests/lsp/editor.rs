//! An editor, and what it does with answers.

use std::io::BufReader;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lsp_server::{Message, Notification, Request};
use route_tests::routec_path;
use serde_json::{Value, json};

pub(crate) const FLOWS: &str = r#"[
 {"id":"t","type":"tab","label":"Greenhouse"},
 {"id":"a","z":"t","type":"inject","name":"Read sensor","wires":[["b"]]},
 {"id":"b","z":"t","type":"debug","name":"Text of the alarm","wires":[]}
]"#;

/// An editor. A text may have a `$0` where the cursor stands.
pub(crate) struct Editor {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    pub(crate) uri: String,
    /// Findings that were told last, by URI.
    pub(crate) told: Vec<(String, Value)>,
    next: i32,
    version: i32,
    is_over: bool,
}

impl Editor {
    pub(crate) fn open(folder: &Path, text: &str) -> Self {
        let mut child = Command::new(routec_path())
            .arg("lsp")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let uri = format!("file://{}", folder.canonicalize().unwrap().join("s.route").display());
        let mut editor = Self { child, to, from, uri, told: Vec::new(), next: 0, version: 1, is_over: false };
        let folder = editor.beside("").trim_end_matches('/').to_owned();
        let completion = json!({ "completionItem": { "snippetSupport": true } });
        let about = editor.ask(
            "initialize",
            json!({ "rootUri": folder, "capabilities": { "textDocument": { "completion": completion } } }),
        );
        assert_eq!(about["capabilities"]["positionEncoding"], "utf-16");
        editor.tell("initialized", json!({}));
        let document =
            json!({ "uri": editor.uri, "languageId": "route", "version": 1, "text": text.replace("$0", "") });
        editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
        editor
    }

    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        Message::from(Notification::new(method.to_owned(), params)).write(&mut self.to).unwrap();
    }

    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.response(method, params)["result"].clone()
    }

    /// The words of a refusal.
    pub(crate) fn refused(&mut self, method: &str, params: Value) -> String {
        self.response(method, params)["error"]["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn response(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next.into();
        Message::from(Request::new(id, method.to_owned(), params)).write(&mut self.to).unwrap();
        loop {
            match Message::read(&mut self.from).unwrap().expect("the server goes on") {
                Message::Response(response) if response.id == self.next.into() => {
                    return serde_json::to_value(&response).unwrap();
                }
                Message::Notification(n) if n.method == "textDocument/publishDiagnostics" => {
                    let uri = n.params["uri"].as_str().unwrap().to_owned();
                    self.told.retain(|(known, _)| *known != uri);
                    self.told.push((uri, n.params["diagnostics"].clone()));
                }
                _ => {}
            }
        }
    }

    pub(crate) fn uri(&self) -> Value {
        json!({ "textDocument": { "uri": self.uri } })
    }

    /// What is asked at the cursor of a text, which replaces what was there.
    pub(crate) fn params(&mut self, marked: &str, more: Value) -> Value {
        let (before, after) = marked.split_once("$0").unwrap();
        self.write(&format!("{before}{after}"));
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().unwrap().encode_utf16().count();
        let position = json!({ "line": line, "character": character });
        let mut params = json!({ "textDocument": { "uri": self.uri }, "position": position, "range": { "start": position, "end": position } });
        params.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        params
    }

    /// Asks about the place of the cursor in a text, which replaces what was there.
    pub(crate) fn at(&mut self, method: &str, marked: &str, more: Value) -> Value {
        let params = self.params(marked, more);
        self.ask(method, params)
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.version += 1;
        let document = json!({ "uri": self.uri, "version": self.version });
        self.tell(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [{ "text": text }] }),
        );
    }

    /// The codes of what is wrong with the text.
    pub(crate) fn findings(&mut self, text: &str) -> Vec<String> {
        self.write(text);
        // Answers come in order: what is told of the change comes before this one.
        self.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": self.uri } }));
        let mine =
            self.told.iter().find(|(uri, _)| *uri == self.uri).map(|(_, d)| d.clone()).unwrap_or_default();
        mine.as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap_or("-").to_owned()).collect()
    }
}

/// More texts than one, by their names in the folder.
impl Editor {
    /// The URI of a file beside the first text.
    pub(crate) fn beside(&self, name: &str) -> String {
        self.uri.replace("s.route", name)
    }

    pub(crate) fn open_text(&mut self, name: &str, text: &str) {
        let uri = self.beside(name);
        let document = json!({ "uri": uri, "languageId": "route", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(crate) fn write_text(&mut self, name: &str, text: &str) {
        self.version += 1;
        let document = json!({ "uri": self.beside(name), "version": self.version });
        let changes = json!([{ "text": text }]);
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    pub(crate) fn close_text(&mut self, name: &str) {
        let uri = self.beside(name);
        self.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    /// What the editor shows of a text now: the codes of what is wrong with it.
    pub(crate) fn shown(&mut self, name: &str) -> Vec<String> {
        // Answers come in order: what is told of earlier changes comes before this one.
        self.ask("workspace/symbol", json!({ "query": "no such symbol" }));
        let uri = self.beside(name);
        let found = self.told.iter().find(|(known, _)| *known == uri);
        let found = found.and_then(|(_, found)| found.as_array()).cloned().unwrap_or_default();
        found.iter().map(|d| d["code"].as_str().unwrap_or("-").to_owned()).collect()
    }

    /// The editor says that files changed on disk.
    pub(crate) fn look(&mut self) {
        self.tell("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    }
}

/// The end of a session.
impl Editor {
    /// Ends with what the server is told last; the answers that came since, by id, and the exit status.
    pub(crate) fn end(mut self, last: Vec<Message>) -> (Vec<(i32, Value)>, i32) {
        for message in last {
            message.write(&mut self.to).unwrap();
        }
        let mut answers = Vec::new();
        while let Some(message) = Message::read(&mut self.from).unwrap() {
            if let Message::Response(response) = message {
                let answer = serde_json::to_value(&response).unwrap();
                answers.push((answer["id"].as_i64().unwrap() as i32, answer["error"]["code"].clone()));
            }
        }
        self.is_over = true;
        (answers, self.child.wait().unwrap().code().unwrap())
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.child.kill();
            return;
        }
        if self.is_over {
            return;
        }
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.child.wait().unwrap();
    }
}

pub(crate) fn labels(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect()
}

/// The text after edits of one file.
pub(crate) fn applied(text: &str, edits: &Value) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let byte = |p: &Value| {
        let line = p["line"].as_u64().unwrap() as usize;
        let start: usize = lines.iter().take(line).map(|l| l.len()).sum();
        let units = p["character"].as_u64().unwrap() as usize;
        let line = lines.get(line).copied().unwrap_or_default();
        start
            + line
                .char_indices()
                .scan(0, |at, (i, c)| {
                    let here = *at;
                    *at += c.len_utf16();
                    Some((here, i))
                })
                .find(|(here, _)| *here >= units)
                .map_or(line.len(), |(_, i)| i)
    };
    let mut edits: Vec<(usize, usize, String)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            (byte(&e["range"]["start"]), byte(&e["range"]["end"]), e["newText"].as_str().unwrap().to_owned())
        })
        .collect();
    edits.sort_unstable();
    let mut out = text.to_owned();
    edits.into_iter().rev().for_each(|(from, to, new)| out.replace_range(from..to, &new));
    out
}
