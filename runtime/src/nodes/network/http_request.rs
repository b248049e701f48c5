//! `http request`: asks a server and sends its answer; several requests of a node may be under way at once, as in Node-RED.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};
use route_chain::{Message, Object, Value};

use super::http_in::headers_value;
use crate::node::{Event, Node, NodeCx, NodeInfo};
use crate::nodes::value::coerce;
use crate::nodes::value::mustache::Template;
use crate::nodes::value::property::Path;
use crate::nodes::value::props::{MAX_HELD, Props, wait};

/// How many requests of one node are under way at once.
const PARALLEL: usize = 32;

/// The largest answer that is taken.
const MAX_ANSWER: usize = 256 * 1024 * 1024;

#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Text,
    Buffer,
    Object,
}

struct HttpRequest {
    method: String,
    url: String,
    wanted: Wanted,
    to_query: bool,
    to_body: bool,
    errors_only: bool,
    headers: Vec<Header>,
    waiting: VecDeque<(Message, reqwest::Request, Duration)>,
    running: HashMap<u64, Message>,
    next: u64,
}

struct Header {
    name: String,
    name_from_msg: bool,
    value: String,
    value_from_msg: bool,
}

struct Answer {
    status: u16,
    url: String,
    headers: Value,
    body: Vec<u8>,
}

/// What a task posts.
struct Finished {
    token: u64,
    result: Result<Answer, String>,
}

pub(crate) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let headers = props.json("headers").as_array().into_iter().flatten();
    let header = |json: &serde_json::Value| {
        let text = |key: &str| json.get(key).and_then(serde_json::Value::as_str).unwrap_or("").to_owned();
        let pick = |ty: &str, value: &str| match text(ty).as_str() {
            // The editor keeps well-known names in the type itself.
            "other" | "msg" => text(value),
            known => known.to_owned(),
        };
        Header {
            name: pick("keyType", "keyValue"),
            name_from_msg: text("keyType") == "msg",
            value: pick("valueType", "valueValue"),
            value_from_msg: text("valueType") == "msg",
        }
    };
    Ok(Box::new(HttpRequest {
        method: props.text_or("method", "GET"),
        url: props.text("url"),
        wanted: match props.text("ret").as_str() {
            "bin" => Wanted::Buffer,
            "obj" => Wanted::Object,
            _ => Wanted::Text,
        },
        to_query: props.text("paytoqs") == "query" || props.flag("paytoqs"),
        to_body: props.text("paytoqs") == "body",
        errors_only: props.flag("senderr"),
        headers: headers.map(header).filter(|h| !h.name.is_empty()).collect(),
        waiting: VecDeque::new(),
        running: HashMap::new(),
        next: 0,
    }))
}

/// The client of the engine.
fn client(cx: &mut NodeCx<'_>) -> Result<Client, String> {
    let made = cx.shared("http client", &mut || {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Box::new(Client::builder().build().map_err(|e| reason(&e))) as Box<dyn Any>
    });
    made.downcast_ref::<Result<Client, String>>().cloned().unwrap_or_else(|| Err("no http client".to_owned()))
}

/// An error with its causes, which say more than itself.
fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

impl HttpRequest {
    fn url(&self, msg: &Message) -> Result<Url, String> {
        let text = match (self.url.as_str(), msg.get("url")) {
            ("", Some(Value::Text(url))) => url.to_string(),
            ("", _) => return Err("no url specified".to_owned()),
            (url, _) => Template::parse(url)?.render_plain(&msg.to_value())?,
        };
        let text = if text.contains("://") { text } else { format!("http://{text}") };
        Url::parse(&text).map_err(|e| format!("invalid url `{text}`: {e}"))
    }

    fn headers(&self, msg: &Message) -> Result<HeaderMap, String> {
        let mut map = HeaderMap::new();
        let mut set = |name: &str, value: String| {
            let key =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("invalid header `{name}`"))?;
            let value = HeaderValue::from_str(&value).map_err(|_| format!("invalid header `{name}`"))?;
            map.insert(key, value);
            Ok::<(), String>(())
        };
        let own = msg.get("headers").and_then(Value::as_object);
        // The headers of an earlier answer are not meant for the next server.
        let own = own.filter(|h| h.get("x-node-red-request-node").is_none());
        for (name, value) in own.into_iter().flat_map(Object::iter) {
            let name = name.to_ascii_lowercase();
            if !matches!(name.as_str(), "host" | "content-length" | "connection" | "transfer-encoding") {
                set(&name, coerce::to_text(value))?;
            }
        }
        let read = |text: &str, from_msg: bool| match from_msg {
            false => Some(text.to_owned()),
            true => Path::new(text)
                .get(msg)
                .ok()
                .filter(|v| !matches!(v, Value::Undefined))
                .map(|v| coerce::to_text(&v)),
        };
        for header in &self.headers {
            let name = read(&header.name, header.name_from_msg);
            let value = read(&header.value, header.value_from_msg);
            if let (Some(name), Some(value)) = (name, value) {
                set(&name, value)?;
            }
        }
        if let Some(cookies) = msg.get("cookies").and_then(Value::as_object) {
            let pair = |(name, value): (&str, &Value)| match value {
                Value::Null => None,
                Value::Object(o) => o.get("value").map(|v| format!("{name}={}", coerce::to_text(v))),
                value => Some(format!("{name}={}", coerce::to_text(value))),
            };
            set("cookie", cookies.iter().filter_map(pair).collect::<Vec<_>>().join("; "))?;
        }
        Ok(map)
    }

    fn request(&self, msg: &Message) -> Result<reqwest::Request, String> {
        let from_msg = msg.get("method").and_then(Value::as_text).unwrap_or("GET");
        let method = if self.method == "use" { from_msg } else { &self.method };
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())
            .map_err(|_| format!("invalid method `{method}`"))?;
        let mut url = self.url(msg)?;
        let payload = msg.get("payload").filter(|p| !matches!(p, Value::Undefined));
        let reads = matches!(method, Method::GET | Method::HEAD);
        if let (true, true, Some(Value::Object(query))) = (self.to_query, reads, payload) {
            for (key, value) in query.iter() {
                url.query_pairs_mut().append_pair(key, &coerce::to_text(value));
            }
        }
        let mut request = reqwest::Request::new(method, url);
        *request.headers_mut() = self.headers(msg)?;
        if let Some(payload) = payload.filter(|_| !reads || self.to_body) {
            let given =
                request.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
            let (ty, body) = body_of(payload, &given);
            if given.is_empty() && !ty.is_empty() {
                request.headers_mut().insert("content-type", HeaderValue::from_static(ty));
            }
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }

    fn next(&mut self, cx: &mut NodeCx<'_>) {
        while self.running.len() < PARALLEL {
            let Some((msg, request, timeout)) = self.waiting.pop_front() else { return };
            let client = match client(cx) {
                Ok(client) => client,
                Err(text) => {
                    cx.error(&text, Some(&msg));
                    continue;
                }
            };
            self.next += 1;
            let token = self.next;
            self.running.insert(token, msg);
            let mailbox = cx.mailbox();
            cx.spawn(Box::pin(async move {
                let result = match tokio::time::timeout(timeout, ask(client, request)).await {
                    Ok(result) => result,
                    Err(_) => Err("no response from server".to_owned()),
                };
                mailbox.post(Finished { token, result }).await;
            }));
        }
    }

    fn answer(&self, msg: &Message, answer: Answer) -> Result<Message, String> {
        let mut out = msg.clone();
        out.set("statusCode", Value::Number(f64::from(answer.status)));
        out.set("responseUrl", Value::text(&answer.url));
        let mut headers = answer.headers;
        if let Some(object) = headers.as_object_mut() {
            object.insert("x-node-red-request-node", Value::text(&answer.url));
        }
        out.set("headers", headers);
        out.remove("cookies");
        let payload = match self.wanted {
            Wanted::Buffer => Value::bytes(answer.body),
            Wanted::Text => Value::text(String::from_utf8_lossy(&answer.body)),
            Wanted::Object => match serde_json::from_slice::<serde_json::Value>(&answer.body) {
                Ok(json) => Value::from_json(&json),
                Err(_) if self.errors_only => return Err("JSON parse error".to_owned()),
                Err(_) => Value::text(String::from_utf8_lossy(&answer.body)),
            },
        };
        out.set("payload", payload);
        Ok(out)
    }
}

fn body_of(payload: &Value, content_type: &str) -> (&'static str, Vec<u8>) {
    match payload {
        Value::Bytes(b) => ("", b.to_vec()),
        Value::Object(o) if content_type.starts_with("application/x-www-form-urlencoded") => {
            let pairs = o.iter().map(|(k, v)| format!("{}={}", encode(k), encode(&coerce::to_text(v))));
            ("", pairs.collect::<Vec<_>>().join("&").into_bytes())
        }
        Value::Object(_) | Value::List(_) => {
            ("application/json", payload.to_json().unwrap_or_default().to_string().into_bytes())
        }
        Value::Null => ("", Vec::new()),
        other => ("", coerce::to_text(other).into_bytes()),
    }
}

fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

async fn ask(client: Client, request: reqwest::Request) -> Result<Answer, String> {
    let mut response = client.execute(request).await.map_err(|e| reason(&e))?;
    let status = response.status().as_u16();
    let url = response.url().to_string();
    let headers = headers_value(response.headers());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| reason(&e))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err("the response is too large".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, url, headers, body })
}

impl Node for HttpRequest {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if self.waiting.len() >= MAX_HELD {
            return cx.error("too many requests wait", Some(&msg));
        }
        match self.request(&msg) {
            Ok(request) => {
                let own = msg.get("requestTimeout").map(coerce::to_number).filter(|ms| *ms >= 1.0);
                self.waiting.push_back((msg, request, wait(own.unwrap_or(120_000.0))));
                self.next(cx);
            }
            Err(text) => cx.error(&text, Some(&msg)),
        }
    }

    fn on_event(&mut self, event: Event, cx: &mut NodeCx<'_>) {
        let Ok(finished) = event.downcast::<Finished>() else { return };
        let Some(msg) = self.running.remove(&finished.token) else { return };
        match finished.result.and_then(|answer| {
            let status = answer.status;
            self.answer(&msg, answer).map(|out| (status, out))
        }) {
            Ok((status, out)) if self.errors_only && !(200..300).contains(&status) => {
                cx.error(
                    &format!("{status} {}", out.get("responseUrl").map(coerce::to_text).unwrap_or_default()),
                    Some(&out),
                );
            }
            Ok((_, out)) => {
                cx.send(0, out);
                cx.done(&msg);
            }
            Err(text) => {
                // What Node-RED sends besides: the reason as the payload, for flows without a catch.
                let mut failed = msg.clone();
                failed.set("payload", Value::text(&text));
                if !self.errors_only {
                    cx.send(0, failed.clone());
                }
                cx.error(&text, Some(&failed));
            }
        }
        self.next(cx);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::nodes::testkit::Bench;
    use serde_json::json;
    use std::io::{Read, Write};

    /// Answers one request with `body`; gives the request back.
    fn server(body: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            while !text.ends_with(b"}") && !text.ends_with(b"\r\n\r\n") {
                let n = stream.read(&mut buffer).unwrap();
                text.extend_from_slice(&buffer[..n]);
            }
            let head = format!(
                "HTTP/1.1 404 No\r\nConnection: close\r\nX-A: b\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
            String::from_utf8(text).unwrap()
        });
        (url, task)
    }

    #[test]
    fn asks_and_answers() {
        let (url, task) = server("[1]");
        let mut node = Bench::new(
            make,
            json!({"method": "GET", "ret": "obj", "paytoqs": "query", "url": "{{{base}}}/x"}),
        );
        node.receive(json!({"base": url, "payload": {"q": "a b"}, "headers": {"X-Key": "k"}})).run_tasks();
        let request = task.join().unwrap();
        assert!(
            request.starts_with("GET /x?q=a+b HTTP/1.1\r\n") && request.contains("x-key: k"),
            "{request}"
        );
        let sent = node.sent();
        assert_eq!((&sent[0][1]["payload"], &sent[0][1]["statusCode"]), (&json!([1]), &json!(404)));
        assert_eq!((&sent[0][1]["headers"]["x-a"], node.cx.dones.len()), (&json!("b"), 1));
    }

    #[test]
    fn posts_json_and_tells_failures() {
        let (url, task) = server("no");
        let mut node = Bench::new(make, json!({"method": "use", "ret": "txt", "senderr": true}));
        node.receive(json!({"method": "POST", "url": url, "payload": {"a": 1}})).run_tasks();
        let request = task.join().unwrap();
        assert!(
            request.contains("content-type: application/json") && request.ends_with("{\"a\":1}"),
            "{request}"
        );
        assert_eq!((node.errors(), node.payloads()), (vec![format!("404 {url}/")], json!([])));
        node.receive(json!({"payload": 1}));
        assert_eq!(node.errors(), ["no url specified"]);
    }
}
