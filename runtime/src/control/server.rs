//! The routes of the control API (`runtime/CONTROL.md`). Every one of them asks for the token.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use route_chain::format;
use route_chain::ir::ChainSet;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::token;
use crate::engine::{
    Change, Handle, InForce, Refusal, Release, Released, Removal, Rollback, Sources, Wanted,
};
use crate::taps::stream::{Filter, When};

/// Largest stack taken, bytes.
const MAX_BODY: usize = 64 << 20;

/// Where the control API listens.
#[derive(Clone, Debug)]
pub struct ControlOptions {
    /// Address on loopback; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Folder for the token and the address, `.route` beside the flows.
    pub state_dir: PathBuf,
}

/// A control API that listens.
pub struct Listening {
    /// Where.
    pub addr: SocketAddr,
    token: String,
    state_dir: PathBuf,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<()>,
}

impl Listening {
    /// Stops listening and takes the token away.
    pub(crate) async fn close(self) {
        token::remove(&self.state_dir, &self.token);
        self.stop.send(()).ok();
        // A client that keeps a connection open must not keep the process.
        self.server.abort();
        self.server.await.ok();
    }
}

/// Begins to listen, on a thread beside the engine's.
pub(crate) async fn listen(
    options: ControlOptions,
    handle: Handle,
    io: &tokio::runtime::Handle,
) -> Result<Listening, String> {
    io.spawn(listen_here(options, handle)).await.map_err(|e| e.to_string())?
}

async fn listen_here(options: ControlOptions, handle: Handle) -> Result<Listening, String> {
    if !options.addr.ip().is_loopback() {
        return Err(format!(
            "the control API listens on this machine alone, and `{}` is reached from others: use 127.0.0.1 or [::1]",
            options.addr
        ));
    }
    let said = |e: std::io::Error| format!("cannot listen on `{}`: {e}", options.addr);
    let listener = tokio::net::TcpListener::bind(options.addr).await.map_err(said)?;
    let addr = listener.local_addr().map_err(said)?;
    let token = token::write(&options.state_dir, addr)?;
    let app = routes(handle, token.clone());
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let until = async {
            stopped.await.ok();
        };
        if let Err(e) = axum::serve(listener, app).with_graceful_shutdown(until).await {
            tracing::error!("the control api ended: {e}");
        }
    });
    Ok(Listening { addr, token, state_dir: options.state_dir, stop, server })
}

fn routes(handle: Handle, token: String) -> Router {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/flows", get(flows))
        .route("/v1/stack", get(standing).put(stack))
        .route("/v1/overlays/{name}", delete(remove_overlay))
        .route("/v1/history", get(history))
        .route("/v1/rollback", post(rollback))
        .route("/v1/tap", get(tap).post(tap_when))
        .route("/v1/held", get(held))
        .route("/v1/held/{id}", put(edit))
        .route("/v1/held/{id}/{how}", post(release))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "the control API has no such address") })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(token, authorize))
        .with_state(handle)
}

async fn authorize(State(token): State<String>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let given = given.and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
    if !same(given.as_bytes(), token.as_bytes()) {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
        return (challenge, problem(StatusCode::UNAUTHORIZED, "the token is missing or wrong"))
            .into_response();
    }
    next.run(request).await
}

/// Compares in a time that does not tell how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |diff, (x, y)| diff | (x ^ y)) == 0
}

fn problem(status: StatusCode, text: impl Into<String>) -> Response {
    (status, Json(json!({ "error": text.into() }))).into_response()
}

fn gone() -> Response {
    problem(StatusCode::SERVICE_UNAVAILABLE, "the engine has ended")
}

async fn status(State(handle): State<Handle>, wanted: Result<Query<Wanted>, QueryRejection>) -> Response {
    let wanted = match wanted {
        Ok(Query(wanted)) => wanted,
        Err(e) => return problem(StatusCode::BAD_REQUEST, e.body_text()),
    };
    handle.status_with(wanted).await.map_or_else(gone, |status| Json(status).into_response())
}

async fn flows(State(handle): State<Handle>) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    handle.flows().await.map_or_else(gone, |text| (json, text).into_response())
}

async fn standing(State(handle): State<Handle>) -> Response {
    let Some(standing) = handle.standing().await else { return gone() };
    let tag = [(header::ETAG, format!("\"{}\"", standing.tag))];
    (tag, Json(standing)).into_response()
}

async fn history(State(handle): State<Handle>) -> Response {
    handle.past().await.map_or_else(gone, |past| Json(past).into_response())
}

/// The tag in `If-Match`; `*` and no header fit every state.
fn expected(headers: &HeaderMap) -> Option<String> {
    let tag = headers.get(header::IF_MATCH)?.to_str().ok()?.trim().trim_matches('"');
    (tag != "*").then(|| tag.to_owned())
}

/// Everything of a change but the stack itself.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    #[serde(default)]
    sources: Sources,
    #[serde(default)]
    by: String,
    #[serde(default)]
    why: String,
}

async fn stack(
    State(handle): State<Handle>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (set, about) = match body.map_err(unreadable).and_then(|body| change(&body)) {
        Ok(read) => read,
        Err(response) => return *response,
    };
    let About { sources, by, why } = about;
    answer(handle.change(Change { set, sources, by, why, expected: expected(&headers) }).await)
}

fn unreadable(e: BytesRejection) -> Box<Response> {
    Box::new(match e.status() {
        StatusCode::PAYLOAD_TOO_LARGE => problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the stack is larger than {} MiB, which is the limit", MAX_BODY >> 20),
        ),
        status => problem(status, e.body_text()),
    })
}

/// `{ "set": …, "sources": …, "by": …, "why": … }`, or a bare chain set.
fn change(body: &[u8]) -> Result<(ChainSet, About), Box<Response>> {
    let refuse = |text: String| Box::new(problem(StatusCode::UNPROCESSABLE_ENTITY, text));
    let mut json: Value =
        serde_json::from_slice(body).map_err(|e| refuse(format!("this is no JSON: {e}")))?;
    if json.get("magic").is_some() {
        let set = format::from_value(json).map_err(|e| refuse(e.to_string()))?;
        return Ok((set, About { why: "applied a chain file".to_owned(), ..About::default() }));
    }
    let set = json.as_object_mut().and_then(|fields| fields.remove("set")).unwrap_or_default();
    let set = format::from_value(set).map_err(|e| refuse(e.to_string()))?;
    let about = serde_json::from_value(json).map_err(|e| refuse(format!("this is no stack: {e}")))?;
    Ok((set, about))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Back {
    to: Option<u64>,
    #[serde(default)]
    by: String,
}

async fn rollback(
    State(handle): State<Handle>,
    headers: HeaderMap,
    back: Result<Query<Back>, QueryRejection>,
) -> Response {
    let Back { to, by } = match back {
        Ok(Query(back)) => back,
        Err(e) => return problem(StatusCode::BAD_REQUEST, e.body_text()),
    };
    answer(handle.rollback(Rollback { to, by, expected: expected(&headers) }).await)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    #[serde(default)]
    by: String,
}

async fn remove_overlay(
    State(handle): State<Handle>,
    headers: HeaderMap,
    Path(name): Path<String>,
    by: Result<Query<By>, QueryRejection>,
) -> Response {
    let by = match by {
        Ok(Query(By { by })) => by,
        Err(e) => return problem(StatusCode::BAD_REQUEST, e.body_text()),
    };
    answer(handle.remove_overlay(Removal { name, by, expected: expected(&headers) }).await)
}

/// 409: the flows or the ledger do not fit; 412: someone else was faster.
fn answer(done: Result<InForce, Refusal>) -> Response {
    let refusal = match done {
        Ok(in_force) => return Json(in_force).into_response(),
        Err(refusal) => refusal,
    };
    let status = match &refusal {
        Refusal::Stale { .. } | Refusal::NoEarlier | Refusal::InForce(_) => StatusCode::CONFLICT,
        Refusal::NotKept { .. } | Refusal::NoOverlay { .. } => StatusCode::NOT_FOUND,
        Refusal::Changed { number, by, at_ms, why } => {
            let told = json!({
                "error": refusal.to_string(), "number": number, "by": by, "at_ms": at_ms, "why": why,
            });
            return (StatusCode::PRECONDITION_FAILED, Json(told)).into_response();
        }
        Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Gone => StatusCode::SERVICE_UNAVAILABLE,
    };
    problem(status, refusal.to_string())
}

async fn tap(State(handle): State<Handle>, filter: Result<Query<Filter>, QueryRejection>) -> Response {
    match filter {
        Ok(Query(filter)) => copies(handle, filter, None).await,
        Err(e) => problem(StatusCode::BAD_REQUEST, e.body_text()),
    }
}

/// What `POST /v1/tap` asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    filter: Filter,
    /// A compiled stack of one filter: only what it keeps is shown.
    when: Option<Value>,
}

async fn tap_when(State(handle): State<Handle>, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(e) => return *unreadable(e),
    };
    let refuse = |why: String| problem(StatusCode::UNPROCESSABLE_ENTITY, why);
    let wish: Wish = match serde_json::from_slice(&body) {
        Ok(wish) => wish,
        Err(e) => return refuse(format!("this is no wish for copies: {e}")),
    };
    let when = wish.when.map(|set| format::from_value(set).and_then(|set| When::of(&set))).transpose();
    match when {
        Ok(when) => copies(handle, wish.filter, when).await,
        Err(e) => refuse(format!("the condition cannot be used: {e}")),
    }
}

/// NDJSON until the client leaves or the engine ends.
async fn copies(handle: Handle, filter: Filter, when: Option<When>) -> Response {
    let Some(copies) = handle.subscribe(filter).await else { return gone() };
    let lines = futures::stream::unfold(copies.when(when), |mut copies| async move {
        let copy = copies.recv().await?;
        Some((Ok::<_, Infallible>(format!("{}\n", copy.line())), copies))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

async fn held(State(handle): State<Handle>) -> Response {
    handle.held().await.map_or_else(gone, |held| Json(held).into_response())
}

/// Changes a held message to what the body says.
async fn edit(
    State(handle): State<Handle>,
    Path(id): Path<u64>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(e) => return *unreadable(e),
    };
    let msg = match serde_json::from_slice::<Value>(&body) {
        Ok(msg) => msg,
        Err(e) => return problem(StatusCode::UNPROCESSABLE_ENTITY, format!("this is no JSON: {e}")),
    };
    match handle.edit(id, msg).await {
        Some(Ok(true)) => StatusCode::NO_CONTENT.into_response(),
        Some(Ok(false)) => none_held(id),
        Some(Err(why)) => problem(StatusCode::UNPROCESSABLE_ENTITY, why),
        None => gone(),
    }
}

async fn release(State(handle): State<Handle>, Path((id, how)): Path<(u64, String)>) -> Response {
    let how = match how.as_str() {
        "resume" => Release::Resume,
        "drop" => Release::Drop,
        "step" => Release::Step,
        _ => return problem(StatusCode::NOT_FOUND, format!("a held message has no `{how}`")),
    };
    match handle.release(id, how).await {
        Some(Released::Done) => StatusCode::NO_CONTENT.into_response(),
        Some(Released::Waits) => problem(
            StatusCode::CONFLICT,
            format!("message {id} waits for room in a sink, or behind another message of its wire"),
        ),
        Some(Released::NotHeld) => none_held(id),
        None => gone(),
    }
}

fn none_held(id: u64) -> Response {
    problem(StatusCode::NOT_FOUND, format!("no message {id} is held"))
}
