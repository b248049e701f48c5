//! The control API over HTTP.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use route_chain::ir;
use route_runtime::control::{ADDRESS_FILE, ControlOptions, TOKEN_FILE};
use route_runtime::engine::Options;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Api {
    addr: String,
    token: String,
}

impl Api {
    /// Status and body of one request.
    async fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = self.open(method, path, headers, body).await;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_string())
    }

    async fn open(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.addr).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer {}\r\n{headers}content-length: {}\r\n\r\n{body}",
            self.addr,
            self.token,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }
}

#[tokio::test]
async fn the_control_api_shows_and_changes_a_running_engine() {
    let dir = tempfile::tempdir().unwrap();
    let state_dir = dir.path().join(".route");
    let control = ControlOptions { addr: "127.0.0.1:0".parse().unwrap(), state_dir: state_dir.clone() };
    let options = Options { control: Some(control), flows_text: "[1]".into(), ..options() };
    let nodes = vec![node("a", "pass", &["b"]), node("b", "sink", &[])];
    run(deploy(nodes, None), options, async |handle| {
        handle.status().await.unwrap();
        let read = |name| std::fs::read_to_string(state_dir.join(name)).unwrap();
        let api = Api { addr: read(ADDRESS_FILE), token: read(TOKEN_FILE) };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(state_dir.join(TOKEN_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }

        let stranger = Api { addr: api.addr.clone(), token: "guess".into() };
        assert_eq!(stranger.ask("GET", "/v1/status", "", "").await.0, 401);
        assert_eq!(stranger.ask("POST", "/v1/rollback", "", "").await.0, 401);

        let (code, body) = api.ask("GET", "/v1/status?wires=true", "", "").await;
        let status: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((code, &status["flows"], &status["wires"][0]["to"]), (200, &json!("f"), &json!("b")));
        assert_eq!(api.ask("GET", "/v1/flows", "", "").await, (200, "[1]".to_string()));

        let held = json!({ "set": stack("held", vec![hold(5, 1e9, true)]), "by": "anna", "why": "applied `x.route`" });
        let tag = |tag: &str| format!("if-match: \"{tag}\"\r\n");
        let (code, body) = api.ask("PUT", "/v1/stack", &tag("other"), &held.to_string()).await;
        assert_eq!((code, body.contains("the stack has been changed since")), (412, true), "{body}");
        let mut stale = held.clone();
        stale["set"]["flows"] = json!("g");
        assert_eq!(api.ask("PUT", "/v1/stack", "", &stale.to_string()).await.0, 409);
        assert_eq!(api.ask("PUT", "/v1/stack", "", "{").await.0, 422);
        assert_eq!(api.ask("PUT", "/v1/stack", "", "{}").await.0, 422);
        let (code, body) = api.ask("PUT", "/v1/stack", "", "{\"magic\":\"route-chain\",\"version\":1}").await;
        assert_eq!((code, body.contains("has version 1, this program reads version")), (422, true), "{body}");
        let (_, body) = api.ask("GET", "/v1/stack", "", "").await;
        let standing: Value = serde_json::from_str(&body).unwrap();
        let in_force = tag(standing["tag"].as_str().unwrap());
        let (code, body) = api.ask("PUT", "/v1/stack", &in_force, &held.to_string()).await;
        assert_eq!((code, body.contains("\"stack\":\"held\"")), (200, true), "{body}");
        let (_, body) = api.ask("GET", "/v1/history", "", "").await;
        let past: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&past[1]["by"], &past[1]["why"]), (&json!("anna"), &json!("applied `x.route`")));

        give(&handle, "a", number(4.0)).await.unwrap();
        let (_, body) = api.ask("GET", "/v1/held", "", "").await;
        let table: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(table[0]["msg"]["payload"], json!(4));
        let edited = json!({ "payload": 4.5 }).to_string();
        let edit = format!("/v1/held/{}", table[0]["id"]);
        assert_eq!(api.ask("PUT", &edit, "", "5").await.0, 422);
        assert_eq!(api.ask("PUT", &edit, "", &edited).await.0, 204);
        let resume = format!("/v1/held/{}/resume", table[0]["id"]);
        assert_eq!(api.ask("POST", &resume, "", "").await.0, 204);
        assert_eq!(api.ask("POST", &resume, "", "").await.0, 404);
        settle(&handle).await;
        assert_eq!(payloads(), [4.5]);

        assert_eq!(api.ask("POST", "/v1/rollback", "", "").await.0, 200);
        assert_eq!(api.ask("POST", "/v1/rollback", "", "").await.0, 409);

        let tapped = serde_json::to_string(&stack("tapped", vec![tap(ir::Sink::Stream)])).unwrap();
        assert_eq!(api.ask("PUT", "/v1/stack", "", &tapped).await.0, 200);
        let huge = "x".repeat((64 << 20) + 1);
        let (code, body) = api.ask("PUT", "/v1/stack", "", &huge).await;
        assert_eq!((code, body.contains("larger than 64 MiB")), (413, true), "{body}");
        assert_eq!(api.ask("GET", "/v1/tap?nope=1", "", "").await.0, 400);
        assert_eq!(api.ask("POST", "/v1/tap", "", "{\"when\":{}}").await.0, 422);
        assert_eq!(api.ask("DELETE", "/v1/overlays/none", "", "").await.0, 404);

        let mut stream = api.open("GET", "/v1/tap?from=a&to=b", "", "").await;
        let mut text = String::new();
        let mut some = [0u8; 4096];
        // The head of the answer comes once the subscription stands.
        while !text.contains("\r\n\r\n") {
            let n = stream.read(&mut some).await.unwrap();
            text.push_str(std::str::from_utf8(&some[..n]).unwrap());
        }
        give(&handle, "a", number(5.0)).await.unwrap();
        while !text.contains("\"payload\":5") {
            let n = stream.read(&mut some).await.unwrap();
            assert_ne!(n, 0, "{text}");
            text.push_str(std::str::from_utf8(&some[..n]).unwrap());
        }
    })
    .await;
    assert!(!state_dir.join(TOKEN_FILE).exists());
}
