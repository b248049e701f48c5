//! Joins an engine to the other runtimes of its fleet: what `remote` routers send goes to the link, what arrives goes to the engine.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use route_chain::ir::{self, ChainSet, Fleet};
use route_chain::{Message, Value};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep};

use crate::engine::options::LogSink;
use crate::engine::{Arrived, Handle, MakeUplink, Undelivered, Uplink};
use crate::io::Io;
use crate::node::Level;
use crate::remote::{self, Inbound, NotTaken, Open, Settings};

/// Opens the way to the other runtimes; the engine gets it through [`crate::engine::Options::uplink`]. A stack without a fleet
/// has none; a later one with a fleet gets it then. `dir`: of this runtime alone, for spools and marks.
///
/// # Errors
/// The state folder cannot be written, or a link cannot be opened.
pub async fn attach(
    set: Option<&ChainSet>,
    dir: PathBuf,
    opener: Arc<dyn Open>,
    io: Io,
    log: LogSink,
) -> Result<MakeUplink, String> {
    let (known, handle) = watch::channel(None);
    let mut attached =
        Attached { uplink: None, dir, opener, inbound: Arc::new(IntoEngine { handle }), io, log, known };
    if let Some((set, fleet)) = set.and_then(|set| Some((set, set.fleet.as_ref()?))) {
        let opened = attached.begin(set, fleet)?;
        opened.await.unwrap_or_else(|_| Err("the links to other runtimes ended at once".to_owned()))?;
    }
    Ok(Box::new(move |handle: Handle| {
        attached.known.send_replace(Some(handle));
        Ok(Box::new(attached) as Box<dyn Uplink>)
    }))
}

struct Attached {
    /// Once a stack had a fleet.
    uplink: Option<remote::Uplink>,
    dir: PathBuf,
    opener: Arc<dyn Open>,
    inbound: Arc<IntoEngine>,
    io: Io,
    log: LogSink,
    /// Keeps the handle readable for messages that arrive.
    known: watch::Sender<Option<Handle>>,
}

type Opened = oneshot::Receiver<Result<(), String>>;

impl Attached {
    fn begin(&mut self, set: &ChainSet, fleet: &Fleet) -> Result<Opened, String> {
        let settings = Settings {
            fleet: fleet.clone(),
            stack: set.stack.clone(),
            dir: self.dir.clone(),
            log: self.log.clone(),
        };
        let io = self.io.handle()?;
        let (uplink, opened) =
            remote::Uplink::begin(settings, self.opener.clone(), self.inbound.clone(), &io)?;
        self.uplink = Some(uplink);
        Ok(opened)
    }

    /// `None`: nothing is to be done.
    fn follow(&mut self, set: &ChainSet) -> Option<Result<Opened, String>> {
        match (&mut self.uplink, &set.fleet) {
            (None, None) => None,
            (None, Some(fleet)) => Some(self.begin(set, fleet)),
            (Some(uplink), Some(fleet)) => Some(uplink.change(fleet, &set.stack)),
            (Some(uplink), None) => Some(uplink.leave(&set.stack)),
        }
    }
}

impl Uplink for Attached {
    fn send(
        &mut self,
        slot: u32,
        remote: &ir::Remote,
        key: Option<&Value>,
        wire: &ir::Wire,
        msg: Message,
    ) -> Result<(), (Message, String)> {
        match self.uplink.as_mut() {
            Some(uplink) => uplink.send(slot, remote, key, wire, &msg).map_err(|why| (msg, why)),
            None => Err((msg, NO_FLEET.to_owned())),
        }
    }

    fn forward(&mut self, to: &str, node: &str, msg: Message, hops: u8) -> Result<(), (Message, String)> {
        match self.uplink.as_mut() {
            Some(uplink) => uplink.forward(to, node, &msg, hops).map_err(|why| (msg, why)),
            None => Err((msg, NO_FLEET.to_owned())),
        }
    }

    fn check(&self, set: &ChainSet) -> Result<(), String> {
        set.fleet.as_ref().map_or(Ok(()), |fleet| remote::Uplink::check(fleet, &*self.opener))
    }

    fn stack(&mut self, set: &ChainSet) {
        match self.follow(set) {
            None => {}
            Some(Err(why)) => {
                let text = format!("the links to other runtimes stay as they were: {why}");
                (self.log)(Level::Error, "remote", &text);
            }
            Some(Ok(opened)) => {
                let Ok(io) = self.io.handle() else { return };
                let log = self.log.clone();
                io.spawn(async move {
                    if let Ok(Err(why)) = opened.await {
                        log(Level::Error, "remote", &format!("a link to other runtimes is not open: {why}"));
                    }
                });
            }
        }
    }

    fn status(&self) -> serde_json::Value {
        let stats = self.uplink.as_ref().map(remote::Uplink::stats);
        serde_json::to_value(stats).unwrap_or_default()
    }

    fn close(self: Box<Self>, patience: Duration) -> BoxFuture<'static, ()> {
        let Attached { uplink, known, .. } = *self;
        drop(known);
        Box::pin(async move {
            if let Some(uplink) = uplink {
                uplink.close(patience).await;
            }
        })
    }
}

/// Two runtimes that do not agree where a node lives are given so long to get the same stack; until then the messages of the one
/// wait at the other, which asks itself again after a while.
const DISPUTE: Duration = Duration::from_secs(300);
const AGAIN: Duration = Duration::from_millis(100);

const NO_FLEET: &str = "this runtime has no fleet";

/// Messages that arrive wait until the engine is there, and are acknowledged when the node has them.
struct IntoEngine {
    handle: watch::Receiver<Option<Handle>>,
}

impl Inbound for IntoEngine {
    fn deliver<'a>(
        &'a self,
        node: &'a str,
        msg: Message,
        from: &'a str,
        hops: u8,
    ) -> BoxFuture<'a, Result<(), NotTaken>> {
        let mut handle = self.handle.clone();
        Box::pin(async move {
            let gone = |_| NotTaken::Gone;
            let there = handle.wait_for(Option::is_some).await.map_err(gone)?.clone();
            let there = there.ok_or(NotTaken::Gone)?;
            let begin = Instant::now();
            loop {
                match hand_over(&there, node, msg.clone(), from, hops).await? {
                    Err(Undelivered::Disputed) if begin.elapsed() < DISPUTE => sleep(AGAIN).await,
                    done => return done.map_err(|why| NotTaken::Refused(why.to_string())),
                }
            }
        })
    }
}

async fn hand_over(
    engine: &Handle,
    node: &str,
    msg: Message,
    from: &str,
    hops: u8,
) -> Result<Result<(), Undelivered>, NotTaken> {
    let (tell, told) = oneshot::channel();
    let ack = Box::new(move |result| {
        let _ = tell.send(result);
    });
    let arrived = Arrived { to: node.to_owned(), msg, hops, from: Some(from.to_owned()), ack };
    if !engine.arrive(arrived).await {
        return Err(NotTaken::Gone);
    }
    // An engine that ends drops the callback: the message was not handed to anyone.
    told.await.map_err(|_| NotTaken::Gone)
}
