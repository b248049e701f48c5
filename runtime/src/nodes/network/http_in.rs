//! `http in` and `http response`: one server for each engine, on a thread of its own.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use route_chain::{Message, Object, Value};
use tokio::sync::oneshot;

use crate::node::{Event, Level, Mailbox, Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::props::Props;

/// The largest body that is read; Node-RED's default.
const MAX_BODY: usize = 5 * 1024 * 1024;

/// A way into the flow.
#[derive(Clone)]
struct Route {
    id: String,
    method: String,
    path: Vec<String>,
    mailbox: Mailbox,
}

type Routes = Arc<RwLock<Vec<Route>>>;

/// The server; ends when it is dropped.
struct Server {
    routes: Routes,
    address: Result<SocketAddr, String>,
    _stop: oneshot::Sender<()>,
}

impl Server {
    fn start() -> Self {
        let wanted = std::env::var("ROUTE_HTTP").unwrap_or_else(|_| "127.0.0.1:1880".to_owned());
        Self::listen(&wanted)
    }

    fn listen(wanted: &str) -> Self {
        let routes = Routes::default();
        let (stop, stopped) = oneshot::channel();
        let address =
            serve(wanted, routes.clone(), stopped).map_err(|e| format!("http server on `{wanted}`: {e}"));
        Self { routes, address, _stop: stop }
    }
}

fn serve(wanted: &str, routes: Routes, stopped: oneshot::Receiver<()>) -> std::io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind(wanted)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("http".to_owned()).spawn(move || {
        runtime.block_on(async move {
            let listener = match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => listener,
                Err(e) => return tracing::error!("http server: {e}"),
            };
            let app = axum::Router::new().fallback(handle).with_state(routes);
            let service = app.into_make_service_with_connect_info::<SocketAddr>();
            tokio::select! {
                ended = async { axum::serve(listener, service).await } => if let Err(e) = ended {
                    tracing::error!("http server: {e}");
                },
                // A sender that is dropped says the same as one that sends.
                _ = stopped => {}
            }
        });
    })?;
    Ok(address)
}

/// What is sent to a node for each request.
struct Incoming {
    req: Vec<(&'static str, Value)>,
    payload: Value,
    reply: oneshot::Sender<Response<Body>>,
}

/// `msg.res`: answers once.
struct Responder(Mutex<Option<oneshot::Sender<Response<Body>>>>);

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

fn find(routes: &Routes, method: &str, path: &str) -> Option<(Mailbox, Value)> {
    let routes = routes.read().unwrap_or_else(PoisonError::into_inner);
    let parts: Vec<String> = segments(path).map(|s| decode(s, false)).collect();
    routes.iter().filter(|r| r.method == method || (method == "head" && r.method == "get")).find_map(
        |route| {
            let params = match_path(&route.path, &parts)?;
            Some((route.mailbox.clone(), Value::object(params)))
        },
    )
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_matches('/').split('/').filter(|s| !s.is_empty())
}

/// The parameters of a path that fits.
fn match_path(pattern: &[String], parts: &[String]) -> Option<Vec<(String, Value)>> {
    let mut params = Vec::new();
    let mut at = 0;
    for piece in pattern {
        if piece == "*" {
            params.push(("0".to_owned(), Value::text(parts.get(at..)?.join("/"))));
            return Some(params);
        }
        let optional = piece.ends_with('?');
        match (piece.strip_prefix(':').map(|p| p.trim_end_matches('?')), parts.get(at)) {
            (Some(name), Some(part)) => params.push((name.to_owned(), Value::text(part))),
            (Some(_), None) if optional => continue,
            (None, Some(part)) if part.eq_ignore_ascii_case(piece) => {}
            _ => return None,
        }
        at += 1;
    }
    (at == parts.len()).then_some(params)
}

/// Percent decoding; `+` is a space in forms.
fn decode(text: &str, form: bool) -> String {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|h| std::str::from_utf8(h).ok());
        match (byte, hex.and_then(|h| u8::from_str_radix(h, 16).ok())) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                at += 2;
            }
            (b'+', _) if form => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `a=1&b=2`; a key that comes again makes a list.
fn form(text: &str) -> Value {
    let mut object = Object::new();
    for pair in text.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (decode(key, true), Value::text(decode(value, true)));
        match object.get_mut(&key) {
            Some(Value::List(list)) => Arc::make_mut(list).push(value),
            Some(one) => *one = Value::list(vec![one.clone(), value]),
            None => object.insert(&key, value),
        }
    }
    Value::Object(Arc::new(object))
}

fn body_value(content_type: &str, body: &Bytes) -> Result<Value, serde_json::Error> {
    let text = || std::str::from_utf8(body).ok();
    Ok(match content_type.split(';').next().unwrap_or("").trim() {
        _ if body.is_empty() => Value::Object(Default::default()),
        ty if ty == "application/json" || ty.ends_with("+json") => {
            Value::from_json(&serde_json::from_slice(body)?)
        }
        "application/x-www-form-urlencoded" => form(&String::from_utf8_lossy(body)),
        "application/octet-stream" => Value::bytes(body.to_vec()),
        ty if ty.starts_with("multipart/") => Value::bytes(body.to_vec()),
        _ => text().map_or_else(|| Value::bytes(body.to_vec()), Value::text),
    })
}

pub(super) fn headers_value(headers: &HeaderMap) -> Value {
    let mut object = Object::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let joined = match object.get(name.as_str()).and_then(Value::as_text) {
            Some(before) => format!("{before}, {value}"),
            None => value,
        };
        object.insert(name.as_str(), Value::text(joined));
    }
    Value::Object(Arc::new(object))
}

fn cookies(headers: &HeaderMap) -> Value {
    let text =
        headers.get("cookie").map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).unwrap_or_default();
    let pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
    Value::object(pairs.map(|(k, v)| (k.to_owned(), Value::text(decode(v, false)))))
}

async fn handle(
    State(routes): State<Routes>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let method = head.method.as_str().to_ascii_lowercase();
    let path = head.uri.path().to_owned();
    let Some((mailbox, params)) = find(&routes, &method, &path) else {
        return plain(StatusCode::NOT_FOUND, "not found");
    };
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");
    };
    let header = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let Ok(body) = body_value(&header("content-type"), &body) else {
        return plain(StatusCode::BAD_REQUEST, "the body is not valid JSON");
    };
    let query = form(head.uri.query().unwrap_or(""));
    let payload = if method == "get" || method == "head" { query.clone() } else { body.clone() };
    let url = Value::text(head.uri.path_and_query().map_or(path.as_str(), |p| p.as_str()));
    let host = header("host");
    let req = vec![
        ("method", Value::text(head.method.as_str())),
        ("url", url.clone()),
        ("originalUrl", url),
        ("path", Value::text(&path)),
        ("query", query),
        ("params", params),
        ("headers", headers_value(&head.headers)),
        ("cookies", cookies(&head.headers)),
        ("body", body),
        ("ip", Value::text(peer.ip().to_string())),
        ("hostname", Value::text(host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name))),
        ("protocol", Value::text("http")),
    ];
    let (reply, answer) = oneshot::channel();
    if !mailbox.post(Incoming { req, payload, reply }).await {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "the flow has stopped");
    }
    // The sender is dropped with the last copy of the message.
    answer.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the flow sent no response"))
}

struct HttpIn {
    method: String,
    path: Vec<String>,
}

pub(crate) fn http_in(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let url = props.text("url");
    if url.is_empty() {
        return Err("the http in has no URL".to_owned());
    }
    Ok(Box::new(HttpIn {
        method: props.text_or("method", "get").to_ascii_lowercase(),
        path: segments(&url).map(str::to_owned).collect(),
    }))
}

fn server<'a>(cx: &'a mut NodeCx<'_>) -> Option<&'a mut Server> {
    cx.shared("http server", &mut || Box::new(Server::start()) as Box<dyn Any>).downcast_mut()
}

impl Node for HttpIn {
    fn start(&mut self, cx: &mut NodeCx<'_>) {
        let route = Route {
            id: cx.info().id.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            mailbox: cx.mailbox(),
        };
        let Some(server) = server(cx) else { return };
        match server.address.clone() {
            Ok(_) => {
                let mut routes = server.routes.write().unwrap_or_else(PoisonError::into_inner);
                routes.retain(|r| r.id != route.id);
                routes.push(route);
            }
            Err(text) => cx.error(&text, None),
        }
    }

    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        cx.done(&msg);
    }

    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        let Ok(incoming) = event.downcast::<Incoming>() else { return };
        let responder = Responder(Mutex::new(Some(incoming.reply)));
        let mut msg = Message::new();
        msg.set("_msgid", Value::text(cx.new_id()));
        msg.set("payload", incoming.payload);
        msg.set("req", Value::object(incoming.req));
        msg.set("res", Value::opaque("ServerResponse", responder));
        cx.send(0, msg);
    }

    fn close(&mut self, cx: &mut NodeCx<'_>) {
        let id = cx.info().id.clone();
        if let Some(server) = server(cx) {
            server.routes.write().unwrap_or_else(PoisonError::into_inner).retain(|r| r.id != id);
        }
    }
}

struct HttpResponse {
    status: Option<f64>,
    headers: Vec<(String, Value)>,
}

pub(crate) fn http_response(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let headers = props.json("headers").as_object();
    Ok(Box::new(HttpResponse {
        status: props.truthy("statusCode").then(|| props.number("statusCode")),
        headers: headers
            .into_iter()
            .flatten()
            .map(|(k, v)| (k.to_lowercase(), Value::from_json(v)))
            .collect(),
    }))
}

impl HttpResponse {
    fn response(&self, msg: &Message) -> Result<Response<Body>, String> {
        let status = self.status.or_else(|| msg.get("statusCode").map(coerce::to_number)).unwrap_or(200.0);
        let (ty, body) = match msg.get("payload") {
            None | Some(Value::Undefined) => ("", Vec::new()),
            Some(Value::Bytes(b)) => ("application/octet-stream", b.to_vec()),
            Some(value @ (Value::Object(_) | Value::List(_) | Value::Null)) => (
                "application/json; charset=utf-8",
                value.to_json().unwrap_or_default().to_string().into_bytes(),
            ),
            Some(other) => ("text/html; charset=utf-8", coerce::to_text(other).into_bytes()),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(status as u16).map_err(|_| format!("invalid status {status}"))?;
        let out = response.headers_mut();
        if !ty.is_empty() {
            out.insert("content-type", HeaderValue::from_static(ty));
        }
        let own = msg.get("headers").and_then(Value::as_object);
        // Headers that came from an `http request` and were not meant as an answer carry its mark.
        let own = own.filter(|h| h.get("x-node-red-request-node").is_none());
        let own =
            own.into_iter().flat_map(Object::iter).filter(|(k, _)| !k.eq_ignore_ascii_case("content-length"));
        for (name, value) in own.chain(self.headers.iter().map(|(k, v)| (k.as_str(), v))) {
            let bad = || format!("invalid header `{name}`");
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
            out.insert(key, HeaderValue::from_str(&coerce::to_text(value)).map_err(|_| bad())?);
        }
        for (name, value) in msg.get("cookies").and_then(Value::as_object).into_iter().flat_map(Object::iter)
        {
            let line = set_cookie(name, value);
            out.append(
                "set-cookie",
                HeaderValue::from_str(&line).map_err(|_| format!("invalid cookie `{name}`"))?,
            );
        }
        Ok(response)
    }
}

fn set_cookie(name: &str, value: &Value) -> String {
    let Value::Object(options) = value else {
        return match value {
            Value::Null => format!("{name}=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
            value => format!("{name}={}; Path=/", coerce::to_text(value)),
        };
    };
    let option = |key: &str| options.get(key).filter(|v| coerce::truthy(v)).map(coerce::to_text);
    let mut line = format!(
        "{name}={}; Path={}",
        option("value").unwrap_or_default(),
        option("path").unwrap_or("/".into())
    );
    if let Some(ms) = options.get("maxAge").and_then(Value::as_number) {
        line.push_str(&format!("; Max-Age={}", (ms / 1000.0).floor()));
    }
    for (key, label) in [("domain", "Domain"), ("sameSite", "SameSite")] {
        if let Some(text) = option(key) {
            line.push_str(&format!("; {label}={text}"));
        }
    }
    for (key, label) in [("httpOnly", "HttpOnly"), ("secure", "Secure")] {
        if option(key).is_some() {
            line.push_str(&format!("; {label}"));
        }
    }
    line
}

impl Node for HttpResponse {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        let responder = match msg.get("res") {
            Some(Value::Opaque(opaque)) => opaque.handle.downcast_ref::<Responder>(),
            _ => None,
        };
        let Some(responder) = responder else {
            cx.log(Level::Warn, "the message has no `msg.res` to respond to");
            return cx.done(&msg);
        };
        match self.response(&msg) {
            Err(text) => return cx.error(&text, Some(&msg)),
            Ok(response) => match responder.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
                // The client may be gone; that is no fault of the flow.
                Some(reply) => drop(reply.send(response)),
                None => cx.log(Level::Warn, "the request was answered before"),
            },
        }
        cx.done(&msg);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::nodes::testkit::Bench;
    use serde_json::json;
    use std::io::{Read, Write};

    #[test]
    fn a_request_is_answered() {
        let server = Server::listen("127.0.0.1:0");
        let address = server.address.clone().unwrap();
        let (to, mut from) = tokio::sync::mpsc::channel(4);
        let mailbox = Mailbox { node: 0, generation: 0, to };
        let path = segments("/things/:id").map(str::to_owned).collect();
        server.routes.write().unwrap().push(Route { id: "in".into(), method: "post".into(), path, mailbox });
        let client = std::thread::spawn(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            let head = "POST /things/a%20b?x=1&x=2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
            let rest = "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"k\":1}";
            stream.write_all(format!("{head}{rest}").as_bytes()).unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        });
        let mut node = HttpIn { method: "post".into(), path: vec![] };
        let mut bench = Bench::new(http_response, json!({"headers": {"X-Own": "yes"}}));
        node.on_event(from.blocking_recv().unwrap().event, &mut bench.cx);
        let (_, mut msg) = bench.cx.sends.pop().unwrap();
        let req = msg.get("req").unwrap().to_json().unwrap();
        assert_eq!((&req["params"], &req["query"]), (&json!({"id": "a b"}), &json!({"x": ["1", "2"]})));
        assert_eq!(msg.get("payload").unwrap().to_json().unwrap(), json!({"k": 1}));
        msg.set("statusCode", Value::Number(201.0));
        bench.receive_msg(msg.clone()).receive_msg(msg);
        let answer = client.join().unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 Created") && answer.contains("x-own: yes"), "{answer}");
        assert!(answer.ends_with("{\"k\":1}"));
        assert_eq!(bench.cx.logs, [(Level::Warn, "the request was answered before".to_owned())]);
    }

    #[test]
    fn paths() {
        let fits = |pattern: &str, path: &str| {
            let own = |s: &str| segments(s).map(str::to_owned).collect::<Vec<_>>();
            match_path(&own(pattern), &own(path)).map(|p| Value::object(p).to_json().unwrap())
        };
        assert_eq!(fits("/a/:b", "/A/x/"), Some(json!({"b": "x"})));
        assert_eq!(fits("/a/:b?", "/a"), Some(json!({})));
        assert_eq!(fits("/a/*", "/a/x/y"), Some(json!({"0": "x/y"})));
        assert_eq!(fits("/a", "/a/b"), None);
        assert_eq!(set_cookie("n", &Value::text("v")), "n=v; Path=/");
    }
}
