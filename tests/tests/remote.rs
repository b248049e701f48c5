//! Two runtimes, their uplinks and a link between them: in memory, and over Zenoh on loopback.
#![allow(clippy::unwrap_used)]

use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use route_chain::ir::{self, Ack, Choose, Fleet, Remote, Runtime, Unreachable, Wire};
use route_chain::{Message, Value};
use route_runtime::remote::zenoh::Zenoh;
use route_runtime::remote::{Inbound, Link, Memory, Settings, Uplink};

/// A node that writes down what it gets.
#[derive(Default)]
struct Node(Mutex<Vec<(String, Message)>>);

impl Inbound for Node {
    fn deliver<'a>(
        &'a self,
        node: &'a str,
        msg: Message,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        Box::pin(async move {
            if node == "absent" {
                return Err("there is no such node".into());
            }
            self.0.lock().unwrap().push((node.to_owned(), msg));
            Ok(())
        })
    }
}

impl Node {
    fn payloads(&self) -> Vec<f64> {
        let all = self.0.lock().unwrap();
        all.iter().filter_map(|(_, msg)| msg.get("payload")?.as_number()).collect()
    }
}

fn runtime(name: &str, address: &str) -> Runtime {
    Runtime {
        name: name.into(),
        transport: "zenoh".into(),
        address: address.into(),
        durable: false,
        queue: 2_000,
        tags: Default::default(),
    }
}

fn fleet(me: &str, addresses: [&str; 2]) -> Fleet {
    let runtimes = vec![runtime("greenhouse", addresses[0]), runtime("field office", addresses[1])];
    Fleet { me: me.into(), runtimes, absent: Vec::new() }
}

fn remote(unreachable: Unreachable, ack: Ack) -> Remote {
    Remote { to: vec!["field office".into()], choose: Choose::Order, unreachable, ttl_ms: None, ack }
}

fn wire(to: &str) -> Wire {
    Wire { from: "a".into(), port: 0, to: to.into(), chain: 1 }
}

fn message(n: f64) -> Message {
    let mut msg = Message::new();
    msg.set("payload", Value::Number(n));
    msg
}

async fn uplink(fleet: Fleet, dir: &Path, link: Arc<dyn Link>, node: Arc<Node>) -> Uplink {
    let dir = dir.join(fleet.me.replace(' ', "-"));
    Uplink::start(Settings { fleet, stack: "farm".into(), dir }, link, node).await.unwrap()
}

/// Waits until something holds, at most for a while.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

const SPOOL: Unreachable = Unreachable::Spool { bytes: 10_000_000 };

/// Sends 1,000 messages from one to the other and asserts that all arrive once, in order, acknowledged.
async fn a_thousand(here: Arc<dyn Link>, there: Arc<dyn Link>, addresses: [&str; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let (source, target) = (Arc::new(Node::default()), Arc::new(Node::default()));
    let mut a = uplink(fleet("greenhouse", addresses), dir.path(), here, source).await;
    let b = uplink(fleet("field office", addresses), dir.path(), there, target.clone()).await;
    for n in 0..1_000 {
        a.send(0, &remote(SPOOL, Ack::Delivered), None, &wire("n"), &message(f64::from(n))).unwrap();
    }
    until("all are acknowledged", || a.stats()["field office"].counts.acknowledged == 1_000).await;
    assert_eq!(target.payloads(), (0..1_000).map(f64::from).collect::<Vec<_>>());
    let stats = &a.stats()["field office"];
    assert!(stats.reachable && stats.waiting == 0 && stats.rtt_ms.is_some(), "{stats:?}");
    a.close(Duration::from_secs(1)).await;
    b.close(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn in_memory() {
    let link = Arc::new(Memory::new());
    a_thousand(link.clone(), link, ["", ""]).await;
}

#[tokio::test]
async fn over_zenoh() {
    let sockets = [TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap()];
    let ports = sockets.map(|socket| format!("tcp/{}", socket.local_addr().unwrap()));
    let addresses = [ports[0].as_str(), ports[1].as_str()];
    let here = Zenoh::open(&fleet("greenhouse", addresses)).await.unwrap();
    let there = Zenoh::open(&fleet("field office", addresses)).await.unwrap();
    a_thousand(Arc::new(here), Arc::new(there), addresses).await;
}

#[tokio::test]
async fn spooled_messages_outlive_a_cut_and_a_restart_of_the_sender() {
    let (dir, link, target) =
        (tempfile::tempdir().unwrap(), Arc::new(Memory::new()), Arc::new(Node::default()));
    link.cut(true);
    let mut a = uplink(fleet("greenhouse", ["", ""]), dir.path(), link.clone(), Arc::default()).await;
    for n in 0..10 {
        a.send(0, &remote(SPOOL, Ack::Stored), None, &wire("n"), &message(f64::from(n))).unwrap();
    }
    drop(a);
    let b = uplink(fleet("field office", ["", ""]), dir.path(), link.clone(), target.clone()).await;
    let a = uplink(fleet("greenhouse", ["", ""]), dir.path(), link.clone(), Arc::default()).await;
    assert_eq!(a.stats()["field office"].waiting, 10);
    link.cut(false);
    until("all are acknowledged", || a.stats()["field office"].counts.acknowledged == 10).await;
    until("all are delivered", || target.payloads().len() == 10).await;
    drop(b);
}

#[tokio::test]
async fn a_refused_message_is_counted_and_does_not_hold_up_the_others() {
    let (dir, link, target) =
        (tempfile::tempdir().unwrap(), Arc::new(Memory::new()), Arc::new(Node::default()));
    let mut a = uplink(fleet("greenhouse", ["", ""]), dir.path(), link.clone(), Arc::default()).await;
    let b = uplink(fleet("field office", ["", ""]), dir.path(), link, target.clone()).await;
    for to in ["absent", "n"] {
        a.send(0, &remote(SPOOL, Ack::Delivered), None, &wire(to), &message(1.0)).unwrap();
    }
    until("one is acknowledged", || a.stats()["field office"].counts.acknowledged == 1).await;
    assert_eq!(a.stats()["field office"].counts.refused, 1);
    assert_eq!(target.payloads(), [1.0]);
    drop(b);
}

#[tokio::test]
async fn what_cannot_be_taken_is_said() {
    let (dir, link) = (tempfile::tempdir().unwrap(), Arc::new(Memory::new()));
    let mut a = uplink(fleet("greenhouse", ["", ""]), dir.path(), link, Arc::default()).await;
    let mut send = |remote: &Remote| a.send(0, remote, None, &wire("n"), &message(1.0));
    let alone = send(&remote(Unreachable::Halt, Ack::Delivered)).unwrap_err();
    assert_eq!(alone, "`field office` cannot be reached");
    let full = send(&remote(Unreachable::Spool { bytes: 3 }, Ack::Delivered)).unwrap_err();
    assert_eq!(full, "the queue to `field office` is full");
    let mut unknown = remote(SPOOL, Ack::Delivered);
    unknown.to = vec!["attic".into()];
    assert_eq!(send(&unknown).unwrap_err(), "the fleet has no other runtime `attic`");
}

#[tokio::test]
async fn the_same_key_goes_to_the_same_runtime() {
    let dir = tempfile::tempdir().unwrap();
    let mut fleet = fleet("greenhouse", ["", ""]);
    fleet.runtimes.push(runtime("attic", ""));
    let settings = Settings { fleet, stack: "farm".into(), dir: dir.path().to_owned() };
    let mut a = Uplink::start(settings, Arc::new(Memory::new()), Arc::new(Node::default())).await.unwrap();
    let mut remote = remote(SPOOL, Ack::Delivered);
    remote.to.push("attic".into());
    remote.choose = Choose::Hash(ir::Operand::Path(0));
    let mut shares = Vec::new();
    for n in 0..20 {
        for _ in 0..5 {
            let key = Value::Number(f64::from(n));
            a.send(0, &remote, Some(&key), &wire("n"), &message(f64::from(n))).unwrap();
        }
        let stats = a.stats();
        shares.push((stats["attic"].waiting, stats["field office"].waiting));
    }
    assert!(shares.iter().all(|(a, b)| a % 5 == 0 && b % 5 == 0), "{shares:?}");
    assert!(shares.last().is_some_and(|(a, b)| *a > 0 && *b > 0 && a + b == 100), "{shares:?}");
}
