//! A session with `routec lsp`, as an editor has it: over pipes, with the binary that users run.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::BufReader;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lsp_server::{Message, Notification, Request};
use route_tests::{folder, routec_path};
use serde_json::{Value, json};

const FLOWS: &str = r#"[
 {"id":"t","type":"tab","label":"Greenhouse"},
 {"id":"a","z":"t","type":"inject","name":"Read sensor","wires":[["b"]]},
 {"id":"b","z":"t","type":"debug","name":"Text of the alarm","wires":[]}
]"#;

/// An editor. A text may have a `$0` where the cursor stands.
struct Editor {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    uri: String,
    /// Findings that were told last, by URI.
    told: Vec<(String, Value)>,
    next: i32,
    version: i32,
}

impl Editor {
    fn open(folder: &Path, text: &str) -> Self {
        let mut child = Command::new(routec_path())
            .arg("lsp")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let uri = format!("file://{}", folder.canonicalize().unwrap().join("s.route").display());
        let mut editor = Self { child, to, from, uri, told: Vec::new(), next: 0, version: 1 };
        let about = editor.ask("initialize", json!({ "capabilities": {} }));
        assert_eq!(about["capabilities"]["positionEncoding"], "utf-16");
        editor.tell("initialized", json!({}));
        let document =
            json!({ "uri": editor.uri, "languageId": "route", "version": 1, "text": text.replace("$0", "") });
        editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
        editor
    }

    fn tell(&mut self, method: &str, params: Value) {
        Message::from(Notification::new(method.to_owned(), params)).write(&mut self.to).unwrap();
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next.into();
        Message::from(Request::new(id, method.to_owned(), params)).write(&mut self.to).unwrap();
        loop {
            match Message::read(&mut self.from).unwrap().expect("the server goes on") {
                Message::Response(response) if response.id == self.next.into() => {
                    return serde_json::to_value(&response).unwrap()["result"].clone();
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

    /// Asks about the place of the cursor in a text, which replaces what was there.
    fn at(&mut self, method: &str, marked: &str, more: Value) -> Value {
        let (before, after) = marked.split_once("$0").unwrap();
        self.write(&format!("{before}{after}"));
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().unwrap().encode_utf16().count();
        let position = json!({ "line": line, "character": character });
        let mut params = json!({ "textDocument": { "uri": self.uri }, "position": position, "range": { "start": position, "end": position } });
        params.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.ask(method, params)
    }

    fn write(&mut self, text: &str) {
        self.version += 1;
        let document = json!({ "uri": self.uri, "version": self.version });
        self.tell(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [{ "text": text }] }),
        );
    }

    /// The codes of what is wrong with the text.
    fn findings(&mut self, text: &str) -> Vec<String> {
        self.write(text);
        // Answers come in order: what is told of the change comes before this one.
        self.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": self.uri } }));
        let mine =
            self.told.iter().find(|(uri, _)| *uri == self.uri).map(|(_, d)| d.clone()).unwrap_or_default();
        mine.as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap_or("-").to_owned()).collect()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.child.wait().unwrap();
    }
}

fn labels(items: &Value) -> Vec<&str> {
    items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect()
}

/// The text after edits of one file.
fn applied(text: &str, edits: &Value) -> String {
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

#[test]
fn a_session() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");

    // Typed half, then wrong, then right.
    assert_eq!(editor.findings("halt hot on \"Read"), ["R0002"]);
    assert_eq!(editor.findings("halt hot on \"Read sensr\" -> *\n"), ["R1001"]);
    assert_eq!(editor.findings("halt hot on \"Read sensor\" -> *\n"), [""; 0]);

    // Names of nodes by any of their words.
    let items = editor.at("textDocument/completion", "tap t on * -> \"alarm te$0\"\n", json!({}));
    assert_eq!(labels(&items), ["Text of the alarm"]);
    assert_eq!(items[0]["detail"], "debug in tab Greenhouse");
    let items = editor.at("textDocument/completion", "tap t on tab \"$0\"\n", json!({}));
    assert_eq!(labels(&items), ["Greenhouse"]);
    let items = editor.at("textDocument/completion", "const hot = 3\n$0\n", json!({}));
    assert!(["filter", "len", "hot"].iter().all(|word| labels(&items).contains(word)));

    // What a router sits on, and what a word means.
    let hover = editor.at("textDocument/hover", "tap t$0 on * -> * { to stream }\n", json!({}));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("tap `t` sits on 1 wire"));
    let hover = editor.at(
        "textDocument/hover",
        "/// Too hot.\nconst hot = 3\nhalt h on * -> * { when msg.é > ho$0t }\n",
        json!({}),
    );
    assert!(hover["contents"]["value"].as_str().unwrap().contains("Too hot."));

    // Into the flows, and to a name's declaration.
    let found =
        editor.at("textDocument/definition", "tap t on \"Read$0 sensor\" -> * { to stream }\n", json!({}));
    assert!(found[0]["uri"].as_str().unwrap().ends_with("flows.json"));
    assert_eq!(found[0]["range"]["start"]["line"], 2);

    // Renamed everywhere, in texts and paths nowhere.
    let text = "const ho$0t = 3\nhalt h on * -> * { when msg.hot > hot and msg.x != \"hot\" } // hot\n";
    let edit = editor.at("textDocument/rename", text, json!({ "newName": "warm" }));
    let edits = &edit["changes"][&editor.uri];
    let wanted = "const warm = 3\nhalt h on * -> * { when msg.hot > warm and msg.x != \"hot\" } // hot\n";
    assert_eq!(applied(&text.replace("$0", ""), edits), wanted);

    // A fix, put in.
    let text = "halt h on * -> * { when msg.a > 3 and msg.a$0 > 1 }\n";
    let actions = editor.at("textDocument/codeAction", text, json!({}));
    let action = &actions.as_array().unwrap()[0];
    assert_eq!(action["title"], "R2050: take it out");
    let edits = &action["edit"]["changes"][&editor.uri];
    assert_eq!(applied(&text.replace("$0", ""), edits), "halt h on * -> * { when msg.a > 3 }\n");

    // One style.
    let text = "halt   h on *->*{when msg.a>3}\n";
    editor.write(text);
    let edits = editor.ask("textDocument/formatting", json!({ "textDocument": { "uri": editor.uri } }));
    assert_eq!(applied(text, &edits), "halt h on * -> * { when msg.a > 3 }\n");

    let about = json!({ "textDocument": { "uri": editor.uri } });
    let hints = editor.ask("textDocument/inlayHint", about.clone());
    assert_eq!(hints[0]["label"], "1 wire");
    let tokens = editor.ask("textDocument/semanticTokens/full", about.clone());
    assert_eq!(tokens["data"].as_array().unwrap()[..5], [json!(0), json!(0), json!(4), json!(4), json!(0)]);
    let symbols = editor.ask("textDocument/documentSymbol", about);
    assert_eq!((&symbols[0]["name"], &symbols[0]["detail"]), (&json!("h"), &json!("router")));
}

#[test]
fn without_flows_the_text_is_looked_at_alone() {
    let dir = folder(&[("s.route", "")]);
    let mut editor = Editor::open(dir.path(), "");
    assert_eq!(editor.findings("halt h on -> *\n"), ["-", "R0001"]);
}
