//! The embedded transport: Zenoh in peer mode, without a server and without multicast.

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use zenoh::qos::CongestionControl;
use zenoh::sample::Sample;

use super::Link;
use super::link::Arrived;

/// Frames that may wait to be sent; more make the senders wait.
const WAITING: usize = 64;
const CLOSED: &str = "the zenoh session is closed";

/// A Zenoh session on a thread of its own, since Zenoh refuses to live on a single-threaded executor, and may block. It ends when
/// this is dropped.
pub struct Zenoh {
    orders: mpsc::Sender<Order>,
}

type Answer = oneshot::Sender<Result<(), String>>;

enum Order {
    Put(String, Vec<u8>),
    Subscribe(String, mpsc::Sender<Arrived>, Answer),
    Close(Answer),
}

impl Zenoh {
    /// Listens at an address and connects to others, now or when they come up.
    pub async fn open(listen: Option<&str>, connect: &BTreeSet<String>) -> Result<Self, String> {
        let config = config(listen, connect)?;
        let (orders, waiting) = mpsc::channel(WAITING);
        let (tell, told) = oneshot::channel();
        std::thread::Builder::new()
            .name("zenoh".into())
            .spawn(move || {
                match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
                    Ok(threads) => threads.block_on(serve(config, waiting, tell)),
                    Err(e) => drop(tell.send(Err(e.to_string()))),
                }
            })
            .map_err(|e| format!("cannot start a thread for zenoh: {e}"))?;
        let opened = told.await.map_err(|e| e.to_string()).and_then(|opened| opened);
        opened.map(|()| Self { orders }).map_err(|e| match listen {
            Some(at) => format!("cannot listen for other runtimes at `{at}`: {e}"),
            None => format!("cannot open zenoh: {e}"),
        })
    }
}

async fn serve(config: zenoh::Config, mut orders: mpsc::Receiver<Order>, tell: Answer) {
    let session = match zenoh::open(config).await {
        Ok(session) => session,
        Err(e) => return drop(tell.send(Err(e.to_string()))),
    };
    let _ = tell.send(Ok(()));
    let mut closing = None;
    while let Some(order) = orders.recv().await {
        match order {
            Order::Put(key, bytes) => {
                let put = session.put(key, bytes).congestion_control(CongestionControl::Block);
                if let Err(e) = put.await {
                    tracing::debug!("zenoh did not take a frame: {e}");
                }
            }
            Order::Subscribe(key, to, answer) => {
                let hear = move |sample: Sample| {
                    let bytes = sample.payload().to_bytes().into_owned();
                    // What finds no room is sent again by the protocol above.
                    let _ = to.try_send((sample.key_expr().as_str().to_owned(), bytes));
                };
                let listening = session.declare_subscriber(key).callback(hear).background().await;
                let _ = answer.send(listening.map_err(|e| e.to_string()));
            }
            Order::Close(answer) => {
                closing = Some(answer);
                break;
            }
        }
    }
    let closed = session.close().await.map_err(|e| e.to_string());
    if let Some(answer) = closing {
        let _ = answer.send(closed);
    }
}

fn config(listen: Option<&str>, connect: &BTreeSet<String>) -> Result<zenoh::Config, String> {
    let mut config = zenoh::Config::default();
    let settings = [
        ("mode", serde_json::json!("peer")),
        ("listen/endpoints", serde_json::json!(listen.into_iter().collect::<Vec<_>>())),
        ("connect/endpoints", serde_json::json!(connect)),
        ("scouting/multicast/enabled", serde_json::json!(false)),
        ("scouting/gossip/enabled", serde_json::json!(false)),
    ];
    for (key, value) in settings {
        config
            .insert_json5(key, &value.to_string())
            .map_err(|e| format!("`{value}` is not understood as {key}: {e}"))?;
    }
    Ok(config)
}

impl Link for Zenoh {
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>, _: bool) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let sent = self.orders.send(Order::Put(key.to_owned(), bytes)).await;
            sent.map_err(|_| CLOSED.to_owned())
        })
    }

    fn subscribe<'a>(
        &'a self,
        key: &'a str,
        to: mpsc::Sender<Arrived>,
        _: bool,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let order = Order::Subscribe(key.to_owned(), to, answer);
            self.orders.send(order).await.map_err(|_| CLOSED.to_owned())?;
            answered.await.map_err(|_| CLOSED.to_owned())?
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            if self.orders.send(Order::Close(answer)).await.is_ok() {
                let _ = answered.await;
            }
        })
    }
}
