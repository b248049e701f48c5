//! Talks to the control socket of a running runtime.

use std::path::{Path, PathBuf};

use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

use crate::args::Control;
use crate::fault::Fault;

/// A runtime's control socket.
pub(crate) struct Client {
    base: String,
    token: String,
    http: reqwest::Client,
}

/// A refusal that the caller may have words for.
pub(crate) enum Answer {
    Ok(Value),
    /// Status and the server's words.
    Refused(StatusCode, String),
}

impl Client {
    /// Finds the runtime by its state folder, or by the address and token file named.
    pub(crate) fn find(control: &Control) -> Result<Self, Fault> {
        let state = control.state.clone().unwrap_or_else(|| state_folder(&control.of));
        let base = match &control.target {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => {
                let file = state.join(route_runtime::control::ADDRESS_FILE);
                let address = std::fs::read_to_string(&file).map_err(|_| {
                    Fault::new(format!("no runtime is running here: `{}` is absent", file.display()))
                        .help("start one with `routec run`, or name it: `--of FOLDER` or `--target http://…`")
                })?;
                format!("http://{}", address.trim())
            }
        };
        let file =
            control.token_file.clone().unwrap_or_else(|| state.join(route_runtime::control::TOKEN_FILE));
        let token = std::fs::read_to_string(&file).map_err(|e| {
            Fault::new(format!("cannot read the token in `{}`: {e}", file.display()))
                .help("name it with `--token-file`")
        })?;
        // Only plain HTTP on loopback is spoken here, yet reqwest wants a TLS provider to be there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(|e| Fault::new(format!("cannot speak HTTP: {e}")))?;
        Ok(Self { base, token: token.trim().to_owned(), http })
    }

    /// One request; the body of a good answer as JSON (`null` when it is empty or no JSON).
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Fault> {
        let response = self.open(method, path, body).await?;
        let status = response.status();
        let text = response
            .text()
            .await
            .map_err(|e| Fault::new(format!("the answer of {} broke off: {e}", self.base)))?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(Answer::Ok(json));
        }
        let said = json.get("error").and_then(Value::as_str).map_or(text.clone(), str::to_owned);
        Ok(Answer::Refused(status, said))
    }

    /// One request whose refusal ends the command.
    pub(crate) async fn must(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Fault> {
        match self.ask(method, path, body).await? {
            Answer::Ok(value) => Ok(value),
            Answer::Refused(status, said) => Err(Fault::new(format!("refused ({status}): {said}"))),
        }
    }

    /// The response itself, for streams.
    pub(crate) async fn open(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, Fault> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|e| {
            Fault::new(format!("no runtime answers at {}: {e}", self.base))
                .help("is `routec run` still running?")
        })?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return Err(Fault::new(format!("the runtime at {} does not take this token", self.base)).help(
                "read the token from the state folder of the runtime: `--token-file .route/control.token`",
            ));
        }
        Ok(response)
    }
}

/// `.route` beside the flows.
pub(crate) fn state_folder(flows: &Path) -> PathBuf {
    let folder = if flows.is_dir() { flows } else { flows.parent().unwrap_or(Path::new("")) };
    folder.join(".route")
}
