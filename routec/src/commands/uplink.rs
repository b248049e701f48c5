//! `routec uplink`: the links of a fleet for a runtime that has none of its own, such as the plugin for Node-RED. One line of
//! JSON for each word, in on standard input, out on standard output.
//!
//! In: `{"fleet": …, "stack": …}` (first, and at each change), `{"leave": stack}`, `{"send": {"id", "router", "remote", "key", "wire",
//! "msg"}}`, and what became of a delivery: `{"took": id}`, `{"refused": {"id", "why"}}`, `{"moved": {"id", "home"}}`.
//! Out: `{"open": true}`, `{"failed": why}`, `{"sent": id}`, `{"not_sent": {"id", "why"}}`, `{"deliver": {"id", "node", "msg"}}`,
//! `{"peers": …}`, `{"log": {"level", "text"}}`. Messages are written as runtimes write them to each other.

use std::collections::HashMap;
use std::future::Future;
use std::io::Write;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use route_chain::ir::{Fleet, Remote, Wire};
use route_chain::{Message, Value};
use route_runtime::control::StateDir;
use route_runtime::node::Level;
use route_runtime::remote::transports::Transports;
use route_runtime::remote::{Inbound, NotTaken, Settings, Uplink, wire};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::fault::Fault;
use crate::signals::Signals;
use crate::{Outcome, args};

/// Between two looks at the peers.
const LOOK: Duration = Duration::from_secs(1);
/// A message whose node has moved again waits so long for the others to get the same stack, asking anew in between.
const DISPUTE: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(200);
/// How long deliveries may take at the end.
const PATIENCE: Duration = Duration::from_secs(5);
/// After a signal the runtime has so long to end. It has got the signal, too: a terminal and a service manager send it to both. As
/// long as Node-RED waits for a node that closes.
const LAST: Duration = Duration::from_secs(15);

/// A word of the runtime.
#[derive(Deserialize)]
#[serde(untagged)]
enum Word {
    Fleet { fleet: Fleet, stack: String },
    Leave { leave: String },
    Send { send: Box<Send> },
    Took { took: u64 },
    Refused { refused: Refused },
    Moved { moved: Moved },
}

#[derive(Deserialize)]
struct Send {
    id: u64,
    router: u32,
    remote: Remote,
    key: Option<Json>,
    wire: Wire,
    msg: Json,
}

#[derive(Deserialize)]
struct Refused {
    id: u64,
    why: String,
}

#[derive(Deserialize)]
struct Moved {
    id: u64,
    home: String,
}

/// What is read of a word that is none, so that its number is answered and nobody waits for ever. Whatever else stands
/// there is passed over, also what the word could not be read for: half of a surrogate pair, nesting without end.
#[derive(Deserialize)]
struct Numbers {
    send: Option<Number>,
    refused: Option<Number>,
    moved: Option<Number>,
}

#[derive(Deserialize)]
struct Number {
    id: u64,
}

/// What became of a delivery.
enum Outcomes {
    Took,
    Refused(String),
    Moved(String),
}

/// A message to send after its node.
struct Forward {
    to: String,
    node: String,
    msg: Message,
    hops: u8,
    done: oneshot::Sender<Result<(), String>>,
}

/// Serves until standard input ends, or a signal came and the runtime does not end.
pub(crate) fn run(args: &args::Uplink) -> Result<Outcome, Fault> {
    // Plain transports are spoken, yet some of them want a TLS provider to be there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Zenoh wants threads.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Fault::new(format!("cannot start: {e}")))?;
    let served = runtime.block_on(async {
        // Before anybody can know that it runs.
        let signals = Signals::listen()?;
        let state = StateDir::open(&args.state).map_err(Fault::new)?;
        let (forwards, to_forward) = mpsc::channel(64);
        let desk = Arc::new(Desk { waiting: Mutex::default(), forwards });
        Served { dir: state.path(), desk, uplink: None, peers: Json::Null }.serve(to_forward, signals).await
    });
    // After a signal its thread may still wait for a line.
    runtime.shutdown_background();
    served.map(|()| Outcome::Clean)
}

/// Deliveries that wait for an answer, by number.
#[derive(Default)]
struct Waiting {
    next: u64,
    answers: HashMap<u64, oneshot::Sender<Outcomes>>,
}

/// The side of the runtime, as the links see it.
struct Desk {
    waiting: Mutex<Waiting>,
    forwards: mpsc::Sender<Forward>,
}

impl Desk {
    /// Asks the runtime to hand a message to a node.
    async fn ask(&self, node: &str, msg: &Message) -> Result<Outcomes, NotTaken> {
        let text = wire::encode(msg).map_err(NotTaken::Refused)?;
        let (tell, told) = oneshot::channel();
        let id = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.next += 1;
            let id = waiting.next;
            waiting.answers.insert(id, tell);
            id
        };
        let msg: Json = serde_json::from_str(&text).map_err(|e| NotTaken::Refused(e.to_string()))?;
        say(&json!({ "deliver": { "id": id, "node": node, "msg": msg } }));
        told.await.map_err(|_| NotTaken::Gone)
    }

    fn answer(&self, id: u64, outcome: Outcomes) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tell) = waiting.answers.remove(&id) {
            // A link that has ended in between does not want to know.
            let _ = tell.send(outcome);
        }
    }

    /// Nobody answers any more: what was not handed to its node stays with its sender.
    fn close(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).answers.clear();
    }

    async fn hand_over(&self, node: &str, msg: Message, hops: u8) -> Result<(), NotTaken> {
        let begin = tokio::time::Instant::now();
        loop {
            match self.ask(node, &msg).await? {
                Outcomes::Took => return Ok(()),
                Outcomes::Refused(why) => return Err(NotTaken::Refused(why)),
                // It was sent here because it is believed to live here: someone does not have the newest stack yet.
                Outcomes::Moved(_) if hops > 0 && begin.elapsed() < DISPUTE => {
                    tokio::time::sleep(AGAIN).await
                }
                Outcomes::Moved(to) => {
                    let (done, told) = oneshot::channel();
                    let forward = Forward { to, node: node.to_owned(), msg, hops, done };
                    self.forwards.send(forward).await.map_err(|_| NotTaken::Gone)?;
                    return told.await.map_err(|_| NotTaken::Gone)?.map_err(NotTaken::Refused);
                }
            }
        }
    }
}

impl Inbound for Desk {
    fn deliver<'a>(
        &'a self,
        node: &'a str,
        msg: Message,
        _from: &'a str,
        hops: u8,
    ) -> Pin<Box<dyn Future<Output = Result<(), NotTaken>> + std::marker::Send + 'a>> {
        Box::pin(self.hand_over(node, msg, hops))
    }
}

struct Served<'a> {
    dir: &'a Path,
    desk: Arc<Desk>,
    uplink: Option<Uplink>,
    /// As they were told last.
    peers: Json,
}

impl Served<'_> {
    async fn serve(
        mut self,
        mut to_forward: mpsc::Receiver<Forward>,
        mut signals: Signals,
    ) -> Result<(), Fault> {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        let mut look = tokio::time::interval(LOOK);
        let mut until = None;
        loop {
            let last = async {
                match until {
                    Some(until) => sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                line = lines.next_line() => match line {
                    Ok(Some(line)) => self.hear(&line),
                    Ok(None) => break,
                    Err(e) => return Err(Fault::new(format!("cannot read standard input: {e}"))),
                },
                Some(forward) = to_forward.recv() => self.forward(forward),
                _ = look.tick() => self.look(),
                () = signals.next() => until = until.or(Some(Instant::now() + LAST)),
                () = last => break,
            }
        }
        self.desk.close();
        if let Some(uplink) = self.uplink.take() {
            tokio::select! {
                () = uplink.close(PATIENCE) => {}
                // Whoever ends it now does not want to wait: what is not sent yet is in its journal.
                () = signals.next() => {}
            }
        }
        Ok(())
    }

    fn hear(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Word::Fleet { fleet, stack }) => self.follow(&fleet, &stack),
            Ok(Word::Leave { leave }) => {
                if let Some(Err(why)) = self.uplink.as_mut().map(|uplink| uplink.leave(&leave).map(drop)) {
                    say(&json!({ "failed": why }));
                }
            }
            Ok(Word::Send { send }) => self.send(&send),
            Ok(Word::Took { took }) => self.desk.answer(took, Outcomes::Took),
            Ok(Word::Refused { refused }) => self.desk.answer(refused.id, Outcomes::Refused(refused.why)),
            Ok(Word::Moved { moved }) => self.desk.answer(moved.id, Outcomes::Moved(moved.home)),
            Err(e) => self.mishear(line, &e.to_string()),
        }
    }

    fn mishear(&self, line: &str, why: &str) {
        match misheard(line) {
            Some((id, About::Message)) => say(&not_sent(id, &format!("the links cannot read it: {why}"))),
            Some((id, About::Delivery)) => {
                let why = format!("the runtime's answer cannot be read: {why}");
                self.desk.answer(id, Outcomes::Refused(why));
            }
            None => log(Level::Error, &format!("a word that is none: {why}")),
        }
    }

    fn follow(&mut self, fleet: &Fleet, stack: &str) {
        let opened = match &mut self.uplink {
            Some(uplink) => uplink.change(fleet, stack),
            None => self.begin(fleet, stack),
        };
        match opened {
            Err(why) => say(&json!({ "failed": why })),
            Ok(opened) => {
                tokio::spawn(async move {
                    match opened.await {
                        Ok(Ok(())) => say(&json!({ "open": true })),
                        Ok(Err(why)) => say(&json!({ "failed": why })),
                        Err(_) => {}
                    }
                });
            }
        }
    }

    fn begin(&mut self, fleet: &Fleet, stack: &str) -> Result<oneshot::Receiver<Result<(), String>>, String> {
        let settings = Settings {
            fleet: fleet.clone(),
            stack: stack.to_owned(),
            dir: self.dir.to_owned(),
            log: Arc::new(|level, _from: &str, text: &str| log(level, text)),
        };
        let io = tokio::runtime::Handle::current();
        let (uplink, opened) = Uplink::begin(settings, Arc::new(Transports), self.desk.clone(), &io)?;
        self.uplink = Some(uplink);
        Ok(opened)
    }

    fn send(&mut self, send: &Send) {
        let id = send.id;
        match self.try_send(send) {
            Ok(()) => say(&json!({ "sent": id })),
            Err(why) => say(&not_sent(id, &why)),
        }
    }

    fn try_send(&mut self, send: &Send) -> Result<(), String> {
        let uplink = self.uplink.as_mut().ok_or("this runtime has no fleet")?;
        let key = send.key.as_ref().map(key_value).transpose()?;
        uplink.send(send.router, &send.remote, key.as_ref(), &send.wire, &wire::decode(&send.msg)?)
    }

    fn forward(&mut self, forward: Forward) {
        let Forward { to, node, msg, hops, done } = forward;
        let sent = match self.uplink.as_mut() {
            Some(uplink) => uplink.forward(&to, &node, &msg, hops),
            None => Err("this runtime has no fleet".to_owned()),
        };
        // A link that has ended in between does not want to know.
        let _ = done.send(sent);
    }

    /// Tells how the peers stand, when that has changed.
    fn look(&mut self) {
        let stats = self.uplink.as_ref().map(Uplink::stats);
        let peers = serde_json::to_value(stats).unwrap_or_default();
        if peers != self.peers {
            say(&json!({ "peers": peers }));
            self.peers = peers;
        }
    }
}

/// What a number in a word is of.
#[derive(Debug, PartialEq)]
enum About {
    /// To another runtime.
    Message,
    /// From another runtime.
    Delivery,
}

/// The number in a word that is none, if it waits for an answer.
fn misheard(line: &str) -> Option<(u64, About)> {
    let Numbers { send, refused, moved } = serde_json::from_str(line).ok()?;
    let message = send.map(|number| (number.id, About::Message));
    message.or_else(|| refused.or(moved).map(|number| (number.id, About::Delivery)))
}

fn not_sent(id: u64, why: &str) -> Json {
    json!({ "not_sent": { "id": id, "why": why } })
}

/// A key travels as a field of a message does.
fn key_value(key: &Json) -> Result<Value, String> {
    let msg = wire::decode(&json!({ "key": key }))?;
    Ok(msg.get("key").cloned().unwrap_or(Value::Null))
}

fn log(level: Level, text: &str) {
    let level = match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug | Level::Trace => "debug",
    };
    say(&json!({ "log": { "level": level, "text": text } }));
}

/// One line, whole. A runtime that does not read any more has ended, and so does standard input.
fn say(word: &Json) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{word}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A message as the plugin writes it, with this as its payload.
    fn sent(payload: &str) -> String {
        let remote = json!({ "to": ["attic"], "choose": "order", "unreachable": "halt", "ttl_ms": null, "ack": "stored" });
        let wire = json!({ "from": "a", "port": 0, "to": "b", "chain": 0 });
        format!(
            r#"{{"send":{{"id":7,"router":1,"remote":{remote},"wire":{wire},"msg":{{"payload":{payload}}}}}}}"#
        )
    }

    #[test]
    fn a_message_that_cannot_be_read_is_answered() {
        assert!(matches!(serde_json::from_str(&sent("1")), Ok(Word::Send { send }) if send.id == 7));
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        for payload in [r#""\ud800""#, r#"{"\udc00":1}"#, "1e999", &deep] {
            let line = sent(payload);
            assert!(serde_json::from_str::<Word>(&line).is_err(), "{payload} can be read");
            assert_eq!(misheard(&line), Some((7, About::Message)), "{payload}");
        }
        // One of a plugin that has other fields.
        assert_eq!(misheard(r#"{"send":{"id":8,"to":"attic"}}"#), Some((8, About::Message)));
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_one() {
        assert_eq!(misheard(r#"{"refused":{"id":9,"why":"\ud800"}}"#), Some((9, About::Delivery)));
        assert_eq!(misheard(r#"{"moved":{"id":9}}"#), Some((9, About::Delivery)));
        for other in ["", "{", "3", r#"{"took":"x"}"#, r#"{"leave":"\ud800"}"#, r#"{"send":{"id":"x"}}"#] {
            assert_eq!(misheard(other), None, "{other}");
        }
    }
}
