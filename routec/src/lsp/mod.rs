//! `routec lsp`: the language server, over standard input and output (Language Server Protocol 3.17).
//!
//! One thread answers in order. Texts come whole; before a request is answered every change that came before it is in, so
//! that no answer is about an older text.

mod answers;
mod complete;
mod document;
mod find;
mod world;

use gen_lsp_types::{PublishDiagnosticsParams, Uri};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use crate::fault::Fault;
use world::World;

/// Serves until the editor says that it is done.
pub(crate) fn serve() -> Result<(), Fault> {
    let (connection, threads) = Connection::stdio();
    run(&connection)?;
    drop(connection);
    threads.join().map_err(|e| Fault::new(format!("the editor's pipe: {e}")))
}

fn run(connection: &Connection) -> Result<(), Fault> {
    let fault = |e: lsp_server::ProtocolError| Fault::new(format!("the editor speaks another protocol: {e}"));
    let (id, params) = connection.initialize_start().map_err(fault)?;
    let offered = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
    let utf8 = offered.is_some_and(|all| all.iter().any(|one| one == "utf-8"));
    let about = json!({
        "capabilities": answers::capabilities(utf8),
        "serverInfo": { "name": "routec", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, about).map_err(fault)?;
    let mut world = World::new(utf8);
    let mut cancelled: Vec<RequestId> = Vec::new();
    let mut waiting: std::collections::VecDeque<Message> = std::collections::VecDeque::new();
    loop {
        // What lies there already is taken in at once: a request that was cancelled meanwhile is not worked on, and of
        // several changes of one text only the last is looked at.
        let Some(message) = waiting.pop_front().or_else(|| connection.receiver.recv().ok()) else {
            return Ok(());
        };
        waiting.push_front(message);
        waiting.extend(connection.receiver.try_iter());
        cancelled.extend(waiting.iter().filter_map(cancels));
        let Some(message) = waiting.pop_front() else { continue };
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request).map_err(fault)? {
                    return Ok(());
                }
                let response = match cancelled.iter().position(|id| *id == request.id) {
                    Some(at) => {
                        cancelled.remove(at);
                        Response::new_err(
                            request.id,
                            ErrorCode::RequestCanceled as i32,
                            "cancelled".to_owned(),
                        )
                    }
                    None => respond(request, &mut world),
                };
                send(connection, response.into());
            }
            Message::Notification(notification) => {
                let later = waiting.iter().any(|message| is_change_of(message, uri_of(&notification.params)));
                take(&notification, &mut world);
                if !later && notification.method.starts_with("textDocument/") {
                    publish(connection, &mut world, uri_of(&notification.params));
                }
            }
            Message::Response(_) => {}
        }
    }
}

fn send(connection: &Connection, message: Message) {
    // The editor is gone: the loop ends with its next message.
    let _ = connection.sender.send(message);
}

fn cancels(message: &Message) -> Option<RequestId> {
    let Message::Notification(n) = message else { return None };
    if n.method != "$/cancelRequest" {
        return None;
    }
    match n.params.get("id")? {
        Value::Number(n) => Some(RequestId::from(i32::try_from(n.as_i64()?).ok()?)),
        Value::String(s) => Some(RequestId::from(s.clone())),
        _ => None,
    }
}

fn is_change_of(message: &Message, uri: &str) -> bool {
    matches!(message, Message::Notification(n) if n.method == "textDocument/didChange" && uri_of(&n.params) == uri)
}

fn uri_of(params: &Value) -> &str {
    params.pointer("/textDocument/uri").and_then(Value::as_str).unwrap_or_default()
}

/// Takes a change in.
fn take(notification: &Notification, world: &mut World) {
    let params = &notification.params;
    let text = |at: &str| params.pointer(at).and_then(Value::as_str).map(str::to_owned);
    match notification.method.as_str() {
        "textDocument/didOpen" => {
            if let Some(text) = text("/textDocument/text") {
                world.open(uri_of(params), text);
            }
        }
        "textDocument/didChange" => {
            // Texts come whole, so the last change says all.
            let last = params.get("contentChanges").and_then(Value::as_array).and_then(|all| all.last());
            if let Some(text) = last.and_then(|change| change.get("text")?.as_str()) {
                world.open(uri_of(params), text.to_owned());
            }
        }
        "textDocument/didClose" => world.close(uri_of(params)),
        _ => {}
    }
}

fn publish(connection: &Connection, world: &mut World, uri: &str) {
    for (uri, diagnostics) in world.findings(uri) {
        let params = PublishDiagnosticsParams { uri: Uri(uri), diagnostics, version: None };
        send(connection, Notification::new("textDocument/publishDiagnostics".to_owned(), params).into());
    }
}

fn respond(request: Request, world: &mut World) -> Response {
    let uri = uri_of(&request.params).to_owned();
    let Some(document) = world.document(&uri) else {
        return Response::new_ok(request.id, Value::Null);
    };
    match answers::answer(&request.method, &request.params, &document, world) {
        Some(result) => Response::new_ok(request.id, result),
        None => {
            let text = format!("`{}` is not known here", request.method);
            Response::new_err(request.id, ErrorCode::MethodNotFound as i32, text)
        }
    }
}
