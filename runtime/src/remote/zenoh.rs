//! The embedded transport: Zenoh in peer mode, without a server and without multicast.

use futures::future::BoxFuture;
use route_chain::ir::Fleet;
use tokio::sync::{mpsc, oneshot};
use zenoh::qos::CongestionControl;
use zenoh::sample::Sample;

use super::Link;
use super::link::Arrived;

/// Frames that may wait to be sent; more make the senders wait.
const WAITING: usize = 64;
const CLOSED: &str = "the zenoh session is closed";

/// A Zenoh session on a thread of its own, since Zenoh refuses to live on a single-threaded executor. It ends when this is dropped.
pub struct Zenoh {
    orders: mpsc::Sender<Order>,
}

type Answer = oneshot::Sender<Result<(), String>>;

enum Order {
    Put(String, Vec<u8>),
    Subscribe(String, mpsc::Sender<Arrived>, Answer),
}

impl Zenoh {
    /// Listens at this runtime's address and connects to those of the others, now or when they come up.
    pub async fn open(fleet: &Fleet) -> Result<Self, String> {
        let config = config(fleet)?;
        let (orders, waiting) = mpsc::channel(WAITING);
        let (tell, told) = oneshot::channel();
        std::thread::Builder::new()
            .name("remote".into())
            .spawn(move || {
                match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
                    Ok(threads) => threads.block_on(serve(config, waiting, tell)),
                    Err(e) => drop(tell.send(Err(e.to_string()))),
                }
            })
            .map_err(|e| format!("cannot start the thread of remotes: {e}"))?;
        let opened = told.await.map_err(|e| e.to_string()).and_then(|opened| opened);
        opened.map(|()| Self { orders }).map_err(|e| format!("cannot listen for other runtimes: {e}"))
    }
}

async fn serve(config: zenoh::Config, mut orders: mpsc::Receiver<Order>, tell: Answer) {
    let session = match zenoh::open(config).await {
        Ok(session) => session,
        Err(e) => return drop(tell.send(Err(e.to_string()))),
    };
    let _ = tell.send(Ok(()));
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
        }
    }
    let _ = session.close().await;
}

fn config(fleet: &Fleet) -> Result<zenoh::Config, String> {
    let is_me = |name: &str| name == fleet.me;
    let mine = fleet.runtimes.iter().find(|r| is_me(&r.name));
    let mine = mine.ok_or_else(|| format!("the fleet has no runtime `{}`", fleet.me))?;
    let others = fleet.runtimes.iter().filter(|r| !is_me(&r.name) && r.transport == "zenoh");
    let others: Vec<&str> = others.map(|r| r.address.as_str()).collect();
    let mut config = zenoh::Config::default();
    let settings = [
        ("mode", serde_json::json!("peer")),
        ("listen/endpoints", serde_json::json!([mine.address])),
        ("connect/endpoints", serde_json::json!(others)),
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
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let sent = self.orders.send(Order::Put(key.to_owned(), bytes)).await;
            sent.map_err(|_| CLOSED.to_owned())
        })
    }

    fn subscribe<'a>(&'a self, key: &'a str, to: mpsc::Sender<Arrived>) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let order = Order::Subscribe(key.to_owned(), to, answer);
            self.orders.send(order).await.map_err(|_| CLOSED.to_owned())?;
            answered.await.map_err(|_| CLOSED.to_owned())?
        })
    }
}
