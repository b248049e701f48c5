//! Two runtimes, their uplinks and a link between them: in memory, and over Zenoh on loopback.
#![allow(clippy::unwrap_used)]

use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use route_chain::ir::{self, Ack, Choose, Fleet, Remote, Runtime, Unreachable, Wire};
use route_chain::{Message, Value};
use route_runtime::node::Level;
use route_runtime::remote::transports::Transports;
use route_runtime::remote::{Inbound, Memory, NotTaken, Open, Settings, Uplink};

/// A node that writes down what it gets.
#[derive(Default)]
struct Node(Mutex<Vec<(String, Message)>>);

impl Inbound for Node {
    fn deliver<'a>(
        &'a self,
        node: &'a str,
        msg: Message,
        _: &'a str,
        _: u8,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), NotTaken>> + Send + 'a>> {
        Box::pin(async move {
            if node == "absent" {
                return Err(NotTaken::Refused("there is no such node".into()));
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
    Fleet { me: me.into(), runtimes, absent: Vec::new(), homes: Vec::new() }
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

async fn uplink(fleet: Fleet, dir: &Path, open: Arc<dyn Open>, node: Arc<Node>) -> Uplink {
    let dir = dir.join(fleet.me.replace(' ', "-"));
    let log = Arc::new(|_: Level, _: &str, _: &str| {});
    let settings = Settings { fleet, stack: "farm".into(), dir, log };
    Uplink::start(settings, open, node, &tokio::runtime::Handle::current()).await.unwrap()
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
async fn a_thousand(here: Arc<dyn Open>, there: Arc<dyn Open>, addresses: [&str; 2]) {
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
    a_thousand(Arc::new(Transports), Arc::new(Transports), [ports[0].as_str(), ports[1].as_str()]).await;
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
    let mut a = uplink(fleet, dir.path(), Arc::new(Memory::new()), Arc::default()).await;
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

#[tokio::test]
async fn a_fleet_changes_without_losing_what_waits() {
    let (dir, link) = (tempfile::tempdir().unwrap(), Arc::new(Memory::new()));
    let (office, attic) = (Arc::new(Node::default()), Arc::new(Node::default()));
    let three = |me: &str| {
        let mut fleet = fleet(me, ["", ""]);
        fleet.runtimes.push(runtime("attic", "elsewhere"));
        fleet
    };
    let mut a = uplink(fleet("greenhouse", ["", ""]), dir.path(), link.clone(), Arc::default()).await;
    let send = |a: &mut Uplink, to: &str, n: f64| {
        let mut remote = remote(SPOOL, Ack::Delivered);
        remote.to = vec![to.to_owned()];
        a.send(0, &remote, None, &wire("n"), &message(n))
    };
    for n in 0..10 {
        send(&mut a, "field office", f64::from(n)).unwrap();
    }
    assert_eq!(send(&mut a, "attic", 0.0).unwrap_err(), "the fleet has no other runtime `attic`");

    // A runtime joins, and under another name of the stack all keys are others.
    a.change(&three("greenhouse"), "farm2").unwrap().await.unwrap().unwrap();
    send(&mut a, "attic", 7.0).unwrap();
    let mut b = uplink(three("field office"), dir.path(), link.clone(), office.clone()).await;
    b.change(&three("field office"), "farm2").unwrap().await.unwrap().unwrap();
    until("all are delivered", || office.payloads() == (0..10).map(f64::from).collect::<Vec<_>>()).await;

    // The attic leaves while a message for it waits, which still gets there when the attic comes up.
    a.change(&fleet("greenhouse", ["", ""]), "farm2").unwrap().await.unwrap().unwrap();
    assert!(a.stats()["attic"].leaving && a.stats()["attic"].waiting == 1);
    let mut c = uplink(three("attic"), dir.path(), link, attic.clone()).await;
    c.change(&three("attic"), "farm2").unwrap().await.unwrap().unwrap();
    until("the last one is delivered", || attic.payloads() == [7.0]).await;
    until("it is forgotten", || !a.stats().contains_key("attic")).await;
    send(&mut a, "field office", 10.0).unwrap();
    until("the other way still works", || office.payloads().len() == 11).await;
}

#[tokio::test]
async fn a_runtime_moves_to_another_address() {
    let free = || format!("tcp/{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let (dir, target, at) =
        (tempfile::tempdir().unwrap(), Arc::new(Node::default()), [free(), free(), free()]);
    let before = fleet("greenhouse", [&at[0], &at[1]]);
    let after = |me: &str| fleet(me, [&at[0], &at[2]]);
    let mut a = uplink(before, dir.path(), Arc::new(Transports), Arc::default()).await;
    let send = |a: &mut Uplink, n: i32| {
        a.send(0, &remote(SPOOL, Ack::Stored), None, &wire("n"), &message(f64::from(n))).unwrap();
    };
    (0..10).for_each(|n| send(&mut a, n));
    let b = uplink(after("field office"), dir.path(), Arc::new(Transports), target.clone()).await;
    // The same port is listened at again, so the session before must have ended.
    a.change(&after("greenhouse"), "farm").unwrap().await.unwrap().unwrap();
    (10..20).for_each(|n| send(&mut a, n));
    until("all are delivered", || target.payloads() == (0..20).map(f64::from).collect::<Vec<_>>()).await;
    a.close(Duration::from_secs(1)).await;
    b.close(Duration::from_secs(1)).await;
}
