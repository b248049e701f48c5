//! Talks to the control socket of a running runtime.

use std::path::{Path, PathBuf};

use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

use crate::args::Control;
use crate::fault::Fault;
use crate::words;

/// A runtime's control socket.
pub(crate) struct Client {
    base: String,
    token: String,
    http: reqwest::Client,
}

/// A request.
pub(crate) struct Ask<'a> {
    method: Method,
    path: &'a str,
    body: Option<&'a Value>,
    tag: Option<&'a str>,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, body: None, tag: None }
    }
    pub(crate) fn body(mut self, body: &'a Value) -> Self {
        self.body = Some(body);
        self
    }
    /// Only while the stack in place still has this tag.
    pub(crate) fn if_match(mut self, tag: &'a str) -> Self {
        self.tag = Some(tag);
        self
    }
}

/// What the runtime says no to.
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    /// `error` is for people.
    said: Value,
}

impl Refused {
    pub(crate) fn words(&self) -> String {
        match self.said["error"].as_str() {
            Some(error) => error.to_owned(),
            None => self.said.as_str().unwrap_or_default().trim().to_owned(),
        }
    }

    /// Who was faster, of a 412: ``bob applied `x.route` at 10:02:11``.
    pub(crate) fn rival(&self) -> String {
        let why = self.said["why"].as_str().unwrap_or("someone changed it");
        let by = words::whom(self.said["by"].as_str().unwrap_or_default());
        let at = self.said["at_ms"].as_f64().map(|at| format!(" at {}", words::clock(at)));
        format!("{why}{by}{}", at.unwrap_or_default())
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        let (status, words) = (refused.status, refused.words());
        match status {
            StatusCode::PRECONDITION_FAILED => {
                Fault::new(format!("someone else was faster: {}", refused.rival()))
                    .help("look at what is in place now (`routec status`), then try again")
            }
            _ => Fault::new(format!("the runtime refuses ({}): {words}", status.as_u16())),
        }
    }
}

impl Client {
    /// Finds the runtime by its state folder, or by the address and token file named.
    pub(crate) fn find(control: &Control) -> Result<Self, Fault> {
        let state = control.state.clone().unwrap_or_else(|| state_folder(&control.of));
        let base = match &control.target {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => {
                let file = state.join(route_runtime::control::ADDRESS_FILE);
                let address = std::fs::read_to_string(&file).map_err(|e| match e.kind() {
                    std::io::ErrorKind::NotFound => Fault::new(format!(
                        "no runtime is running here: `{}` is absent",
                        file.display()
                    ))
                    .help("start one with `routec run`, or name it: `--of FOLDER` or `--target http://…`"),
                    _ => Fault::new(format!("cannot read `{}`: {e}", file.display())),
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

    /// The runtime that `routec run` started with these flows.
    pub(crate) fn beside(flows: &Path) -> Result<Self, Fault> {
        let (of, state, target, token_file) = (flows.to_owned(), None, None, None);
        Self::find(&Control { of, state, target, token_file })
    }

    /// One request; the body of a good answer as JSON (`null` when it is empty).
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Result<Result<Value, Refused>, Fault> {
        let response = self.open(ask).await?;
        let status = response.status();
        let text = self.text(response).await?;
        if !status.is_success() {
            let said = serde_json::from_str(&text).unwrap_or(Value::String(text));
            return Ok(Err(Refused { status, said }));
        }
        if text.is_empty() {
            return Ok(Ok(Value::Null));
        }
        serde_json::from_str(&text)
            .map(Ok)
            .map_err(|_| Fault::new(format!("what answers at {} is no runtime", self.base)))
    }

    /// One request whose refusal ends the command.
    pub(crate) async fn must(&self, ask: Ask<'_>) -> Result<Value, Fault> {
        Ok(self.ask(ask).await??)
    }

    /// What stands at an address.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Fault> {
        self.must(Ask::new(Method::GET, path)).await
    }

    /// The response itself, for streams.
    pub(crate) async fn open(&self, ask: Ask<'_>) -> Result<Response, Fault> {
        let url = format!("{}{}", self.base, ask.path);
        let mut request = self.http.request(ask.method, url).bearer_auth(&self.token);
        if let Some(body) = ask.body {
            request = request.json(body);
        }
        if let Some(tag) = ask.tag {
            request = request.header(reqwest::header::IF_MATCH, format!("\"{tag}\""));
        }
        let response = request.send().await.map_err(|e| {
            Fault::new(format!("no runtime answers at {}: {}", self.base, cause(&e)))
                .help("is `routec run` still running?")
        })?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return Err(Fault::new(format!("the runtime at {} does not take this token", self.base)).help(
                "read the token from the state folder of the runtime: `--token-file .route/control.token`",
            ));
        }
        Ok(response)
    }

    /// A stream's refusal, when it is one.
    pub(crate) async fn stream(&self, ask: Ask<'_>) -> Result<Response, Fault> {
        let response = self.open(ask).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = self.text(response).await?;
        let said = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Err(Refused { status, said }.into())
    }

    async fn text(&self, response: Response) -> Result<String, Fault> {
        let broken = |e| Fault::new(format!("the answer of {} broke off: {}", self.base, cause(&e)));
        response.text().await.map_err(broken)
    }
}

/// The innermost reason, without the layers of the client around it.
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// `.route` beside the flows.
pub(crate) fn state_folder(flows: &Path) -> PathBuf {
    let folder = if flows.is_dir() { flows } else { flows.parent().unwrap_or(Path::new("")) };
    folder.join(".route")
}

/// Percent-encodes a part of an address.
pub(crate) fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~*".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// Runs a command that talks.
pub(crate) fn block_on<T>(task: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::new(format!("cannot start: {e}")))?
        .block_on(task)
}

/// Who gives the order, unless they say another name.
pub(crate) fn user(named: Option<&str>) -> String {
    let from = |name: &str| std::env::var(name).ok().filter(|name| !name.is_empty());
    named
        .map(str::to_owned)
        .or_else(|| from("USER"))
        .or_else(|| from("LOGNAME"))
        .or_else(|| from("USERNAME"))
        .unwrap_or_default()
}
