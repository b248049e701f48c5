//! From a keystroke to the findings about it, in a stack of 1,000 routers on a flow of 10,000 nodes.
//!
//! `cargo bench -p route-benches --bench lsp`

#![allow(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request};
use route_benches::big::{flows, stack};
use serde_json::{Value, json};

const NODES: usize = 10_000;
const ROUTERS: usize = 1_000;
/// Longest time from a keystroke to its findings that is promised, milliseconds.
const GOAL: f64 = 20.0;

/// An editor on the other end of the connection.
struct Editor {
    connection: Connection,
    uri: String,
    text: String,
    version: i32,
}

impl Editor {
    fn tell(&self, method: &str, params: Value) {
        let message = Notification::new(method.to_owned(), params);
        self.connection.sender.send(message.into()).expect("the server is there");
    }

    fn ask(&self, id: i32, method: &str, params: Value) {
        let message = Request::new(id.into(), method.to_owned(), params);
        self.connection.sender.send(message.into()).expect("the server is there");
    }

    /// How many findings are published about a version.
    fn findings(&self, version: i32) -> usize {
        loop {
            match self.connection.receiver.recv_timeout(Duration::from_secs(60)).expect("an answer") {
                Message::Notification(n)
                    if n.method == "textDocument/publishDiagnostics"
                        && n.params["uri"] == self.uri.as_str()
                        && n.params["version"] == version =>
                {
                    return n.params["diagnostics"].as_array().map_or(0, Vec::len);
                }
                _ => {}
            }
        }
    }

    /// Replaces a part of the text as an editor tells it; milliseconds until the findings are there.
    fn key(&mut self, from: usize, to: usize, new: &str) -> f64 {
        let position = |at: usize| {
            let before = &self.text[..at];
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            json!({ "line": before.matches('\n').count(), "character": before[start..].encode_utf16().count() })
        };
        let change = json!({ "range": { "start": position(from), "end": position(to) }, "text": new });
        self.text.replace_range(from..to, new);
        self.version += 1;
        let document = json!({ "uri": self.uri, "version": self.version });
        let began = Instant::now();
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
        self.findings(self.version);
        began.elapsed().as_secs_f64() * 1000.0
    }

    /// Types a text, one character at a time.
    fn typed(&mut self, at: usize, new: &str, times: &mut Vec<f64>) {
        for (offset, c) in new.char_indices() {
            times.push(self.key(at + offset, at + offset, &c.to_string()));
        }
    }
}

fn open(dir: &Path) -> (Editor, std::thread::JoinHandle<bool>) {
    let (server, client) = Connection::memory();
    let thread = std::thread::spawn(move || routec::serve_on(&server));
    let text = stack(ROUTERS, NODES);
    std::fs::write(dir.join("flows.json"), flows(NODES)).expect("a file");
    std::fs::write(dir.join("line.route"), &text).expect("a file");
    let uri = format!("file://{}", dir.join("line.route").display());
    let editor = Editor { connection: client, uri, text, version: 1 };
    editor.ask(1, "initialize", json!({ "capabilities": {} }));
    editor.connection.receiver.recv().expect("an answer");
    editor.tell("initialized", json!({}));
    (editor, thread)
}

fn told(what: &str, times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    let (p50, p99, max) = (at(0.5), at(0.99), at(1.0));
    println!("{what:<24} {:>5} {p50:>8.2} {p99:>8.2} {max:>8.2}", sorted.len());
    p99
}

fn main() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path().canonicalize().expect("a folder");
    let (mut editor, thread) = open(&dir);
    let document = json!({ "uri": editor.uri, "languageId": "route", "version": 1, "text": editor.text });
    let began = Instant::now();
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let found = editor.findings(1);
    println!(
        "\n{ROUTERS} routers on {NODES} nodes, {} KiB: opened in {:.0} ms, {found} findings\n",
        editor.text.len() / 1024,
        began.elapsed().as_secs_f64() * 1000.0
    );
    println!(
        "{:<24} {:>5} {:>8} {:>8} {:>8}   ms from didChange to publishDiagnostics",
        "keys in", "", "p50", "p99", "max"
    );
    let mut all = Vec::new();
    let mut run = |what: &str, editor: &mut Editor, work: &dyn Fn(&mut Editor, usize, &mut Vec<f64>)| {
        let mut times = Vec::new();
        for round in 0..6 {
            // Somewhere else in the file each time.
            work(editor, round * 157 + 20, &mut times);
        }
        told(what, &times);
        all.extend(times);
    };
    let find = |editor: &Editor, router: usize, what: &str| {
        let from = editor.text.find(&format!(" r{router} on ")).expect("the router");
        from + editor.text[from..].find(what).unwrap_or(3) + what.len()
    };
    run("a condition", &mut editor, &|editor, at, times| {
        let router = at / 5 * 5;
        let place = find(editor, router, "keep when");
        editor.typed(place, " msg.payload > 3 and", times);
    });
    run("a name", &mut editor, &|editor, at, times| {
        let place = find(editor, at / 5 * 5 + 1, &format!(" r{}", at / 5 * 5 + 1));
        editor.typed(place, "_again", times);
    });
    run("a string", &mut editor, &|editor, at, times| {
        let place = find(editor, at / 5 * 5 + 2, "reason \"no");
        editor.typed(place, " more", times);
    });
    run("the name of a node", &mut editor, &|editor, at, times| {
        let place = find(editor, at / 5 * 5 + 3, "\"Row");
        times.push(editor.key(place - 3, place, "Ro"));
        times.push(editor.key(place - 3, place - 1, "Row"));
    });
    run("a new router", &mut editor, &|editor, at, times| {
        let place = editor.text.find(&format!("limit r{} on", at / 5 * 5 + 4)).expect("the router");
        editor.typed(place, "\nhalt new on tab \"Line 3\" -> * { when msg.a == 1 }\n", times);
    });
    run("an item taken out", &mut editor, &|editor, at, times| {
        let from = editor.text.find(&format!("limit r{} on", at / 5 * 5 + 9)).expect("the router");
        let to = from + editor.text[from..].find('\n').expect("its end") + 1;
        times.push(editor.key(from, to, ""));
    });
    run("a predicate of all", &mut editor, &|editor, _, times| {
        let place = editor.text.find("x > hot").expect("the predicate") + "x > hot".len();
        times.push(editor.key(place, place, "1"));
        times.push(editor.key(place, place + 1, ""));
    });
    let p99 = told("all", &all);
    println!("\ngoal: p99 within {GOAL} ms: {}", if p99 <= GOAL { "met" } else { "missed" });
    editor.ask(2, "shutdown", Value::Null);
    editor.tell("exit", Value::Null);
    assert!(thread.join().expect("the server ends"), "in order");
}
