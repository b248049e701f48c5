//! `routec lsp`: the language server, over standard input and output (Language Server Protocol 3.17).
//!
//! One thread answers in order; before a request is answered every change that came before it is in. A request about a
//! text of which a newer state waits already is answered with "content modified": nothing is said of an older text.

mod answers;
mod complete;
mod document;
mod family;
mod find;
mod help;
mod lens;
mod live;
mod looked;
mod names;
mod paths;
mod tokens;
mod told;
mod world;

use std::collections::VecDeque;
use std::time::Duration;

use gen_lsp_types::{PublishDiagnosticsParams, Uri};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use crate::Outcome;
use crate::fault::Fault;
use answers::Refusal;
use told::Findings;
use world::World;

/// Serves until the editor says that it is done.
pub(crate) fn serve() -> Result<Outcome, Fault> {
    let (connection, threads) = Connection::stdio();
    let in_order = serve_on(&connection);
    drop(connection);
    // The last answers are written before the process ends.
    threads.join().map_err(|e| Fault::new(format!("the editor's pipe: {e}")))?;
    // The protocol wants status 1 of a server that was told to exit without a shutdown.
    Ok(if in_order { Outcome::Clean } else { Outcome::Findings })
}

/// How often files on disk are looked at while nothing comes from the editor.
const LOOK: Duration = Duration::from_secs(1);
/// What the protocol calls "content modified" and "request failed".
const MODIFIED: i32 = -32801;
const FAILED: i32 = -32803;

/// Serves on a connection until the other side says that it is done or goes away. False: it was told to exit without a
/// shutdown before.
pub fn serve_on(connection: &Connection) -> bool {
    match handshake(connection) {
        Begun::With(world) => Server { connection, world, waiting: VecDeque::new(), is_shut: false }.run(),
        Begun::Exit => false,
        Begun::Gone => true,
    }
}

/// How a session began.
enum Begun {
    With(Box<World>),
    /// Not at all: `exit` came first.
    Exit,
    /// Not at all: the other side went away.
    Gone,
}

/// Waits for `initialize` and answers it. Requests before it are refused, notifications but `exit` mean nothing yet.
fn handshake(connection: &Connection) -> Begun {
    loop {
        match connection.receiver.recv() {
            Ok(Message::Request(request)) if request.method == "initialize" => {
                return Begun::With(Box::new(begin(connection, request)));
            }
            Ok(Message::Request(request)) => {
                let why = format!("`{}` comes before `initialize`", request.method);
                let code = ErrorCode::ServerNotInitialized as i32;
                send(connection, Response::new_err(request.id, code, why).into());
            }
            Ok(Message::Notification(notification)) if notification.method == "exit" => return Begun::Exit,
            Ok(_) => {}
            Err(_) => return Begun::Gone,
        }
    }
}

fn begin(connection: &Connection, Request { id, params, .. }: Request) -> World {
    let offered = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
    let utf8 = offered.is_some_and(|all| all.iter().any(|one| one == "utf-8"));
    let about = json!({
        "capabilities": answers::capabilities(utf8),
        "serverInfo": { "name": "routec", "version": env!("CARGO_PKG_VERSION") },
    });
    send(connection, Response::new_ok(id, about).into());
    let mut world = World::new(utf8);
    let snippets = params.pointer("/capabilities/textDocument/completion/completionItem/snippetSupport");
    world.snippets = snippets.and_then(Value::as_bool).unwrap_or_default();
    world.roots = roots(&params);
    world
}

/// A session after `initialize`.
struct Server<'c> {
    connection: &'c Connection,
    world: Box<World>,
    /// What has come and was not worked on.
    waiting: VecDeque<Message>,
    /// `shutdown` was answered: nothing but `exit` counts any more.
    is_shut: bool,
}

impl Server<'_> {
    /// What [`serve_on`] returns.
    fn run(mut self) -> bool {
        loop {
            if self.waiting.is_empty() {
                match self.connection.receiver.recv_timeout(LOOK) {
                    Ok(message) => self.waiting.push_back(message),
                    Err(e) if e.is_timeout() => {
                        if !self.is_shut {
                            publish(self.connection, self.world.after_look());
                        }
                        continue;
                    }
                    Err(_) => return true,
                }
            }
            // What lies there already is taken in at once: a request that was cancelled meanwhile is not worked on, and
            // of several changes of one text only the last is looked at.
            self.waiting.extend(self.connection.receiver.try_iter());
            match self.waiting.pop_front() {
                Some(Message::Request(request)) => {
                    let response = self.request(request);
                    send(self.connection, response.into());
                }
                Some(Message::Notification(notification)) if notification.method == "exit" => {
                    return self.is_shut;
                }
                Some(Message::Notification(notification)) if !self.is_shut => {
                    self.notification(&notification);
                }
                _ => {}
            }
        }
    }

    fn request(&mut self, request: Request) -> Response {
        if self.is_shut {
            let why = format!("`{}` comes after `shutdown`", request.method);
            return Response::new_err(request.id, ErrorCode::InvalidRequest as i32, why);
        }
        if request.method == "shutdown" {
            self.is_shut = true;
            return Response::new_ok(request.id, Value::Null);
        }
        respond(request, &self.waiting, &mut self.world)
    }

    fn notification(&mut self, notification: &Notification) {
        let uri = uri_of(&notification.params).to_owned();
        let later = self.waiting.iter().any(|message| is_change_of(message, &uri));
        take(notification, &mut self.world);
        let findings = match notification.method.as_str() {
            "workspace/didChangeWatchedFiles" => self.world.after_look(),
            method if method.starts_with("textDocument/") && !later && !uri.is_empty() => {
                self.world.after_change(&uri)
            }
            _ => Vec::new(),
        };
        publish(self.connection, findings);
    }
}

/// The folders that the editor works in.
fn roots(params: &Value) -> Vec<std::path::PathBuf> {
    let folders = params.get("workspaceFolders").and_then(Value::as_array);
    let folders = folders.into_iter().flatten().filter_map(|folder| folder.get("uri")?.as_str());
    let all: Vec<_> = folders.filter_map(world::path_of).collect();
    if !all.is_empty() {
        return all;
    }
    params.get("rootUri").and_then(Value::as_str).and_then(world::path_of).into_iter().collect()
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
    if uri_of(params).is_empty() {
        return;
    }
    let text = |at: &str| params.pointer(at).and_then(Value::as_str).map(str::to_owned);
    match notification.method.as_str() {
        "textDocument/didOpen" => {
            if let Some(text) = text("/textDocument/text") {
                world.open(uri_of(params), text, version(params));
            }
        }
        "textDocument/didChange" => {
            let changes = params.get("contentChanges").and_then(Value::as_array);
            for change in changes.into_iter().flatten() {
                change_text(change, params, world);
            }
        }
        "textDocument/didClose" => world.close(uri_of(params)),
        _ => {}
    }
}

fn version(params: &Value) -> Option<i32> {
    params.pointer("/textDocument/version").and_then(Value::as_i64).and_then(|n| i32::try_from(n).ok())
}

/// A part of the text, or all of it.
fn change_text(change: &Value, params: &Value, world: &mut World) {
    let Some(new) = change.get("text").and_then(Value::as_str) else { return };
    let uri = uri_of(params);
    let range = change.get("range").filter(|range| !range.is_null());
    let text = match range {
        None => new.to_owned(),
        Some(range) => {
            let range = serde_json::from_value::<gen_lsp_types::Range>(range.clone());
            let (Ok(range), Some(document)) = (range, world.document(uri)) else { return };
            document.edited(&range, new)
        }
    };
    world.open(uri, text, version(params));
}

fn publish(connection: &Connection, findings: Vec<Findings>) {
    for (uri, version, diagnostics) in findings {
        let params = PublishDiagnosticsParams { uri: Uri(uri), diagnostics, version };
        send(connection, Notification::new("textDocument/publishDiagnostics".to_owned(), params).into());
    }
}

/// `waiting`: what has come after the request.
fn respond(request: Request, waiting: &VecDeque<Message>, world: &mut World) -> Response {
    let Request { id, method, params } = request;
    let refused = |id, code: i32, why: String| Response::new_err(id, code, why);
    if waiting.iter().any(|message| cancels(message).is_some_and(|cancelled| cancelled == id)) {
        return refused(id, ErrorCode::RequestCanceled as i32, "cancelled".to_owned());
    }
    if method == "workspace/symbol" {
        let query = params.get("query").and_then(Value::as_str).unwrap_or_default();
        return Response::new_ok(id, lens::symbols(query, world));
    }
    let uri = uri_of(&params);
    // What is asked at the cursor is answered for the text that it was asked of; the rest will be asked again.
    let at_cursor = ["textDocument/completion", "textDocument/signatureHelp"].contains(&method.as_str());
    if !at_cursor && waiting.iter().any(|message| is_change_of(message, uri)) {
        return refused(id, MODIFIED, "the text has changed since".to_owned());
    }
    let Some(document) = world.document(uri) else {
        let known = method.starts_with("textDocument/");
        return match known {
            true => Response::new_ok(id, Value::Null),
            false => refused(id, ErrorCode::MethodNotFound as i32, format!("`{method}` is not known here")),
        };
    };
    match answers::answer(&method, &params, &document, world) {
        Ok(result) => Response::new_ok(id, result),
        Err(Refusal::Because(why)) => refused(id, FAILED, why),
        Err(Refusal::Unknown) => {
            refused(id, ErrorCode::MethodNotFound as i32, format!("`{method}` is not known here"))
        }
    }
}
