//! Joins an engine to the other runtimes of its fleet: what `remote` routers send goes to the link, what arrives goes to the engine.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use route_chain::ir::{self, ChainSet};
use route_chain::{Message, Value};
use tokio::sync::{oneshot, watch};

use crate::engine::{Handle, MakeUplink, Uplink};
use crate::remote::{self, Inbound, Link, Settings};

/// Opens the way to the other runtimes; the engine gets it through [`crate::engine::Options::uplink`].
///
/// # Errors
/// The state folder cannot be written, or the link cannot be opened.
pub async fn attach(
    set: &ChainSet,
    fleet: &ir::Fleet,
    dir: PathBuf,
    link: Arc<dyn Link>,
) -> Result<MakeUplink, String> {
    let (known, handle) = watch::channel(None);
    let settings = Settings { fleet: fleet.clone(), stack: set.stack.clone(), dir };
    let uplink = remote::Uplink::start(settings, link, Arc::new(IntoEngine { handle })).await?;
    Ok(Box::new(move |handle: Handle| {
        known.send_replace(Some(handle));
        Ok(Box::new(Attached { uplink, fleet: None, routers: HashMap::new(), _known: known })
            as Box<dyn Uplink>)
    }))
}

struct Attached {
    uplink: remote::Uplink,
    fleet: Option<ir::Fleet>,
    /// A number for each router name, kept over swaps, so that turns go on.
    routers: HashMap<String, u32>,
    /// Keeps the handle readable for messages that arrive.
    _known: watch::Sender<Option<Handle>>,
}

impl Uplink for Attached {
    fn send(
        &mut self,
        router: &ir::Router,
        remote: &ir::Remote,
        key: Option<&Value>,
        wire: &ir::Wire,
        msg: Message,
    ) -> Result<(), (Message, String)> {
        let next = self.routers.len() as u32;
        let number = *self.routers.entry(format!("{}/{}", router.layer, router.name)).or_insert(next);
        self.uplink.send(number, remote, key, wire, &msg).map_err(|why| (msg, why))
    }

    fn stack(&mut self, set: &ChainSet) {
        if self.fleet.is_some() && self.fleet != set.fleet {
            tracing::warn!(
                "the fleet changed: links to other runtimes change when this runtime starts again"
            );
        }
        self.fleet.clone_from(&set.fleet);
    }

    fn status(&self) -> serde_json::Value {
        serde_json::to_value(self.uplink.stats()).unwrap_or_default()
    }
}

/// Messages that arrive wait until the engine is there, and are acknowledged when the node has them.
struct IntoEngine {
    handle: watch::Receiver<Option<Handle>>,
}

impl Inbound for IntoEngine {
    fn deliver<'a>(&'a self, node: &'a str, msg: Message) -> BoxFuture<'a, Result<(), String>> {
        let mut handle = self.handle.clone();
        Box::pin(async move {
            let gone = || "the engine has ended".to_owned();
            let handle =
                handle.wait_for(Option::is_some).await.map_err(|_| gone())?.clone().ok_or_else(gone)?;
            let (tell, told) = oneshot::channel();
            let ack = Box::new(move |result| {
                let _ = tell.send(result);
            });
            if !handle.deliver(node, msg, ack).await {
                return Err(gone());
            }
            told.await.unwrap_or_else(|_| Err(gone()))
        })
    }
}
