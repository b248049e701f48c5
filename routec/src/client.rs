//! Talks to a running runtime: its control socket, or the admin API of a Node-RED.

use std::path::{Path, PathBuf};

use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::args::Control;
use crate::fault::Fault;
use crate::{input, password, words};

/// A running runtime, ours or a Node-RED with the plugin.
pub(crate) struct Client {
    /// As it is named; where its API is is found out by the first request.
    target: String,
    /// `None`: it is asked without one.
    token: Option<String>,
    user: Option<String>,
    http: reqwest::Client,
    door: OnceCell<Door>,
}

/// Where the API of a runtime is.
struct Door {
    base: String,
    token: Option<String>,
    /// Whether it is Node-RED's.
    node_red: bool,
}

/// How Node-RED is told who asks.
const WHO: &str = "name a token (`--token`, `ROUTE_TOKEN`), or log in: `--user NAME`";

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
    /// Finds the runtime by its state folder, or by its address.
    pub(crate) fn find(control: &Control) -> Result<Self, Fault> {
        let state = match &control.state {
            Some(state) => state.clone(),
            None => {
                // A slip of the pen must not find the runtime of the folder above.
                input::about(&control.of)?;
                state_folder(&input::flows_of(&control.of)?)
            }
        };
        let target = match &control.target {
            Some(url) => url.clone(),
            None => here(&state)?,
        };
        // Also where plain HTTP is spoken, reqwest wants a TLS provider to be there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(|e| Fault::new(format!("cannot speak HTTP: {e}")))?;
        let token = token(control, &state)?;
        let (user, door) = (control.user.clone(), OnceCell::new());
        if control.target.is_none() {
            let local = Door { base: target.clone(), token: token.clone(), node_red: false };
            // It is empty, so this cannot fail.
            let _ = door.set(local);
        }
        Ok(Self { target, token, user, http, door })
    }

    async fn door(&self) -> Result<&Door, Fault> {
        self.door.get_or_try_init(|| self.knock()).await
    }

    /// Finds out what answers at an address: Node-RED's plugin says its name, below a path of its own.
    async fn knock(&self) -> Result<Door, Fault> {
        let token = match &self.user {
            Some(user) => Some(self.log_in(user).await?),
            None => self.token.clone(),
        };
        let base = format!("{}/route", self.target);
        let mut request = self.http.get(format!("{base}/v1/status"));
        if let Some(token) = &token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|e| self.silent(&e))?;
        let (status, known) = (response.status(), self.is_known(&response));
        let text = self.text(response).await?;
        let said: Value = serde_json::from_str(&text).unwrap_or_default();
        if status == StatusCode::UNAUTHORIZED && !said["error"].is_string() {
            return Err(match known {
                true => self.not_allowed(token.is_some(), "not look", "route.read"),
                false => self.locked(token.is_some()),
            });
        }
        let node_red = said["runtime"] == "node-red";
        let base = if node_red { base } else { self.target.clone() };
        Ok(Door { base, token, node_red })
    }

    /// A token of Node-RED for a name and a password.
    async fn log_in(&self, user: &str) -> Result<String, Fault> {
        let password = password::ask(user)?;
        let form = [
            ("client_id", "node-red-admin"),
            ("grant_type", "password"),
            // Whatever the user may do.
            ("scope", ""),
            ("username", user),
            ("password", &password),
        ];
        let request = self.http.post(format!("{}/auth/token", self.target)).form(&form);
        let response = request.send().await.map_err(|e| self.silent(&e))?;
        let status = response.status();
        let said: Value = serde_json::from_str(&self.text(response).await?).unwrap_or_default();
        match said["access_token"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None if status == StatusCode::NOT_FOUND => {
                Err(Fault::new(format!("{} has no log-in", self.target)).help("leave `--user` away"))
            }
            None => Err(Fault::new(format!("{} does not take this name and password", self.target))),
        }
    }

    /// Of a 401 of Node-RED: whether it knows who asks, and only does not let them. It answers both alike, but asks who one is
    /// in a header of its own where it does not know.
    fn is_known(&self, response: &Response) -> bool {
        self.user.is_some() || !response.headers().contains_key(reqwest::header::WWW_AUTHENTICATE)
    }

    fn locked(&self, had_token: bool) -> Fault {
        let target = &self.target;
        let told = if had_token {
            format!("Node-RED at {target} does not take this token")
        } else {
            format!("Node-RED at {target} asks who you are")
        };
        Fault::new(told).help(WHO)
    }

    fn not_allowed(&self, had_token: bool, may: &str, needed: &str) -> Fault {
        let who = match &self.user {
            Some(user) => format!("`{user}`"),
            None if had_token => "who has this token".to_owned(),
            None => "who is not logged in".to_owned(),
        };
        let told = format!("{who} may {may} at {}: that needs the permission `{needed}`", self.target);
        let nobody = self.user.is_none() && !had_token;
        Fault::new(told).help(if nobody {
            WHO
        } else {
            "permissions stand in `adminAuth` of Node-RED's `settings.js`"
        })
    }

    fn silent(&self, error: &reqwest::Error) -> Fault {
        let fault = Fault::new(format!("no runtime answers at {}: {}", self.target, cause(error)));
        if error.is_connect() && is_no_tls(error) {
            let plain = self.target.replacen("https", "http", 1);
            return fault.help(format!("what listens there speaks no TLS: is it `{plain}`?"));
        }
        fault.help("is `routec run` or Node-RED still running?")
    }

    /// The runtime that `routec run` started with these flows.
    pub(crate) fn beside(flows: &Path) -> Result<Self, Fault> {
        let of = flows.to_owned();
        Self::find(&Control { of, state: None, target: None, token: None, token_file: None, user: None })
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
        serde_json::from_str(&text).map(Ok).map_err(|_| self.no_runtime())
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
        let door = self.door().await?;
        let mut request = self.http.request(ask.method, format!("{}{}", door.base, ask.path));
        if let Some(token) = &door.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = ask.body {
            if door.node_red {
                // Node-RED reads `application/json` itself, and no more than 5 MB of it.
                request = request.header(reqwest::header::CONTENT_TYPE, "application/vnd.route+json");
            }
            request = request.json(body);
        }
        if let Some(tag) = ask.tag {
            request = request.header(reqwest::header::IF_MATCH, format!("\"{tag}\""));
        }
        let response = request.send().await.map_err(|e| self.silent(&e))?;
        match response.status() {
            StatusCode::UNAUTHORIZED if door.node_red && self.is_known(&response) => {
                Err(self.not_allowed(door.token.is_some(), "look, but not change anything", "route.write"))
            }
            StatusCode::UNAUTHORIZED if door.node_red => Err(self.locked(door.token.is_some())),
            StatusCode::UNAUTHORIZED => {
                let what = if door.token.is_some() { "does not take this token" } else { "asks for a token" };
                Err(Fault::new(format!("the runtime at {} {what}", door.base)).help(
                    "read the token from the state folder of the runtime: `--token-file .route/control.token`",
                ))
            }
            StatusCode::NOT_FOUND if !is_json(&response) => Err(self.no_runtime()),
            _ => Ok(response),
        }
    }

    fn no_runtime(&self) -> Fault {
        Fault::new(format!("what answers at {} is no runtime", self.target)).help(
            "a Node-RED needs the plugin `node-red-route`, and its admin root in the address when it has one",
        )
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
        let broken = |e| Fault::new(format!("the answer of {} broke off: {}", self.target, cause(&e)));
        response.text().await.map_err(broken)
    }
}

/// The address in a state folder.
fn here(state: &Path) -> Result<String, Fault> {
    let file = state.join(route_runtime::control::ADDRESS_FILE);
    let address = std::fs::read_to_string(&file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            Fault::new(format!("no runtime is running here: `{}` is absent", file.display()))
                .help("start one with `routec run`, or name it: `--of FOLDER` or `--target http://…`")
        }
        _ => Fault::new(format!("cannot read `{}`: {e}", file.display())),
    })?;
    Ok(format!("http://{}", address.trim()))
}

/// The token that is named, or the one in the state folder. That one is for the runtime there alone: another address gets
/// none, and may need none.
fn token(control: &Control, state: &Path) -> Result<Option<String>, Fault> {
    let given = || std::env::var("ROUTE_TOKEN").ok().filter(|token| !token.is_empty());
    if control.token_file.is_none()
        && let Some(token) = control.token.clone().or_else(given)
    {
        return usable(&token, "the token").map(Some);
    }
    let file = match (&control.token_file, &control.target) {
        (Some(file), _) => file.clone(),
        (None, Some(target)) if !is_here(target, state) => return Ok(None),
        (None, _) => state.join(route_runtime::control::TOKEN_FILE),
    };
    match std::fs::read_to_string(&file) {
        Ok(token) => usable(&token, &format!("the token file `{}`", file.display())).map(Some),
        Err(e) => Err(Fault::new(format!("cannot read the token in `{}`: {e}", file.display()))
            .help("name it with `--token-file`")),
    }
}

/// A token as it is sent, in a header of a request.
fn usable(token: &str, what: &str) -> Result<String, Fault> {
    let token = token.trim();
    if token.is_empty() {
        return Err(Fault::new(format!("{what} is empty")));
    }
    if token.contains(|c: char| !c.is_ascii() || c.is_ascii_control()) {
        return Err(Fault::new(format!(
            "{what} is no token: it has several lines, or letters that none has"
        )));
    }
    Ok(token.to_owned())
}

/// Whether an address is the one of the runtime that a state folder is of.
fn is_here(target: &str, state: &Path) -> bool {
    let origin = |address: &str| url::Url::parse(address).ok().map(|url| url.origin());
    here(state).is_ok_and(|local| origin(&local).is_some_and(|local| origin(target) == Some(local)))
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(reqwest::header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok()).is_some_and(|kind| kind.contains("json"))
}

/// Whether it was answered in another protocol where a handshake of TLS was wanted.
fn is_no_tls(error: &reqwest::Error) -> bool {
    cause(error).contains("InvalidContentType")
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
    input::folder(flows).join(".route")
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
        .or_else(|| id("-un"))
        .or_else(|| id("-u").map(|number| format!("uid {number}")))
        .unwrap_or_default()
}

/// What the system calls the user, where the environment does not say: cron, containers. In these a number may have no name.
fn id(flag: &str) -> Option<String> {
    let ran = std::process::Command::new("id").arg(flag).output().ok()?;
    let said = String::from_utf8(ran.stdout).ok()?.trim().to_owned();
    (ran.status.success() && !said.is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use route_runtime::control::{ADDRESS_FILE, TOKEN_FILE};

    use super::*;

    #[test]
    fn the_token_of_a_state_folder_is_for_its_own_runtime_alone() {
        let state = tempfile::tempdir().unwrap();
        let sent = |target: Option<&str>, token_file: Option<PathBuf>| {
            let target = target.map(str::to_owned);
            let control =
                Control { of: ".".into(), state: None, target, token: None, token_file, user: None };
            token(&control, state.path()).map_err(|fault| fault.to_string())
        };
        // Before a runtime was there.
        assert_eq!(sent(Some("http://127.0.0.1:4711"), None), Ok(None));
        assert!(sent(None, None).unwrap_err().contains("cannot read the token"));

        std::fs::write(state.path().join(ADDRESS_FILE), "127.0.0.1:4711\n").unwrap();
        std::fs::write(state.path().join(TOKEN_FILE), "secret\n").unwrap();
        let secret = Ok(Some("secret".to_owned()));
        assert_eq!(sent(None, None), secret);
        for own in ["http://127.0.0.1:4711", "http://127.0.0.1:4711/", "HTTP://127.0.0.1:4711/admin"] {
            assert_eq!(sent(Some(own), None), secret, "{own}");
        }
        for other in [
            "http://127.0.0.1:1880",
            "https://127.0.0.1:4711",
            "http://example.com:4711",
            "http://127.0.0.1:4711@example.com",
            "http://127.0.0.1:47110",
            "127.0.0.1:4711",
        ] {
            assert_eq!(sent(Some(other), None), Ok(None), "{other}");
        }
        // Somebody who names the file wants it sent.
        let file = state.path().join(TOKEN_FILE);
        assert_eq!(sent(Some("http://example.com:4711"), Some(file)), secret);
    }
}
