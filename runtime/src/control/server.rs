//! The routes of the control API. Every one of them asks for the token.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use route_chain::ir::ChainSet;
use serde_json::json;
use tokio::sync::oneshot;

use super::token;
use crate::engine::{Handle, InForce, Refusal, Release};
use crate::taps::stream::Filter;

/// Largest stack taken.
const MAX_BODY: usize = 64 << 20;

/// Where the control API listens.
#[derive(Clone, Debug)]
pub struct ControlOptions {
    /// Address; port 0 takes a free one.
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

/// Begins to listen.
pub(crate) async fn listen(options: ControlOptions, handle: Handle) -> Result<Listening, String> {
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
        .route("/v1/stack", post(stack))
        .route("/v1/rollback", post(rollback))
        .route("/v1/tap", get(tap))
        .route("/v1/held", get(held))
        .route("/v1/held/{id}/{how}", post(release))
        .route("/v1/flows", get(flows))
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

async fn status(State(handle): State<Handle>) -> Response {
    handle.status().await.map_or_else(gone, |status| Json(status).into_response())
}

/// The header `if-match` may carry the hash of the flows that the caller believes is deployed.
async fn stack(State(handle): State<Handle>, headers: HeaderMap, body: axum::body::Bytes) -> Response {
    let flows = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok());
    let flows = flows.map(|v| v.trim_matches('"').to_string());
    match serde_json::from_slice::<ChainSet>(&body) {
        Ok(set) => answer(handle.stack(set, flows).await),
        Err(e) => problem(StatusCode::UNPROCESSABLE_ENTITY, format!("this is no stack: {e}")),
    }
}

async fn rollback(State(handle): State<Handle>) -> Response {
    answer(handle.rollback().await)
}

fn answer(done: Result<InForce, Refusal>) -> Response {
    let refusal = match done {
        Ok(in_force) => return Json(in_force).into_response(),
        Err(refusal) => refusal,
    };
    let status = match refusal {
        Refusal::Stale { .. } | Refusal::NoEarlier => StatusCode::CONFLICT,
        Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Gone => StatusCode::SERVICE_UNAVAILABLE,
    };
    problem(status, refusal.to_string())
}

/// NDJSON until the client leaves or the engine ends.
async fn tap(State(handle): State<Handle>, Query(filter): Query<Filter>) -> Response {
    let Some(copies) = handle.subscribe(filter).await else { return gone() };
    let lines = futures::stream::unfold(copies, |mut copies| async move {
        let line = copies.recv().await?;
        Some((Ok::<_, Infallible>(format!("{line}\n")), copies))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

async fn held(State(handle): State<Handle>) -> Response {
    handle.held().await.map_or_else(gone, |held| Json(held).into_response())
}

async fn release(State(handle): State<Handle>, Path((id, how)): Path<(u64, String)>) -> Response {
    let how = match how.as_str() {
        "resume" => Release::Resume,
        "drop" => Release::Drop,
        "step" => Release::Step,
        _ => return problem(StatusCode::NOT_FOUND, format!("a held message has no `{how}`")),
    };
    match handle.release(id, how).await {
        Some(true) => StatusCode::NO_CONTENT.into_response(),
        Some(false) => problem(StatusCode::NOT_FOUND, format!("no message `{id}` is held")),
        None => gone(),
    }
}

async fn flows(State(handle): State<Handle>) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    handle.flows().await.map_or_else(gone, |text| (json, text).into_response())
}
