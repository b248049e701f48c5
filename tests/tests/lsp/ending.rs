//! How a session ends.

use lsp_server::{Message, Notification, Request};
use route_tests::folder;
use serde_json::{Value, json};

use super::editor::{Editor, FLOWS};

const INVALID_REQUEST: i32 = -32600;

fn request(id: i32, method: &str) -> Message {
    Request::new(id.into(), method.to_owned(), json!({})).into()
}

fn notification(method: &str) -> Message {
    Notification::new(method.to_owned(), json!({ "textDocument": { "uri": "file:///x" } })).into()
}

/// What comes between `shutdown` and `exit` may have been on its way already.
#[test]
fn between_shutdown_and_exit() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let editor = Editor::open(dir.path(), "");
    let last = vec![
        request(90, "workspace/symbol"),
        request(91, "shutdown"),
        notification("textDocument/didClose"),
        request(92, "textDocument/hover"),
        notification("exit"),
    ];
    let (answers, status) = editor.end(last);
    assert_eq!(answers, [(90, Value::Null), (91, Value::Null), (92, json!(INVALID_REQUEST))]);
    assert_eq!(status, 0);
}

#[test]
fn exit_without_shutdown() {
    let dir = folder(&[("flows.json", FLOWS), ("s.route", "")]);
    let editor = Editor::open(dir.path(), "");
    // What was asked before is answered all the same.
    let (answers, status) = editor.end(vec![request(90, "workspace/symbol"), notification("exit")]);
    assert_eq!((answers, status), (vec![(90, Value::Null)], 1));
}
