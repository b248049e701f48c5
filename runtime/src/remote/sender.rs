//! Tasks that send an outbox to its runtime, and hear its answers.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::frame::{Ack, Why};
use super::link::{Arrived, Link};
use super::{Peer, now_ms};
use crate::engine::options::LogSink;
use crate::node::Level;

/// Answers that may wait; a lost one is asked for again.
const ANSWERS: usize = 256;
/// An outbox is looked at so often even when nobody wakes it.
const TICK: Duration = Duration::from_millis(50);

/// Starts both tasks; they end when `stopped` changes.
///
/// # Errors
/// The link does not listen.
pub(super) async fn start(
    peer: Arc<Peer>,
    link: Arc<dyn Link>,
    key: String,
    stopped: watch::Receiver<bool>,
    log: LogSink,
) -> Result<JoinSet<()>, String> {
    let (to, answers) = mpsc::channel(ANSWERS);
    link.subscribe(&format!("{key}/ack"), to, false).await?;
    let mut tasks = JoinSet::new();
    tasks.spawn(hear(peer.clone(), answers, stopped.clone(), log));
    tasks.spawn(send(peer, link, key, stopped));
    Ok(tasks)
}

async fn send(peer: Arc<Peer>, link: Arc<dyn Link>, key: String, mut stopped: watch::Receiver<bool>) {
    loop {
        let frame = peer.outbox().frame(now_ms(), link.keeps());
        let one = async {
            match frame {
                // A frame that the link does not take is found missing by the next answer.
                Some(frame) => {
                    if let Err(e) = link.put(&key, frame.text.into_bytes(), frame.keep).await {
                        tracing::debug!("`{}` is not reached: {e}", peer.name);
                        peer.outbox().not_put(frame.items);
                        tokio::time::sleep(TICK).await;
                    }
                }
                None => tokio::select! {
                    () = peer.wake.notified() => {}
                    () = tokio::time::sleep(TICK) => {}
                },
            }
        };
        tokio::select! {
            _ = stopped.changed() => return,
            () = one => {}
        }
    }
}

async fn hear(
    peer: Arc<Peer>,
    mut answers: mpsc::Receiver<Arrived>,
    mut stopped: watch::Receiver<bool>,
    log: LogSink,
) {
    let warn = |text: &str| log(Level::Warn, "remote", text);
    loop {
        let bytes = tokio::select! {
            _ = stopped.changed() => return,
            arrived = answers.recv() => match arrived {
                Some((_, bytes)) => bytes,
                None => return,
            },
        };
        let Ok(ack) = serde_json::from_slice::<Ack>(&bytes) else {
            warn(&format!("`{}` sent an acknowledgement that cannot be read", peer.name));
            continue;
        };
        let lost = peer.outbox().on_ack(&ack, now_ms());
        match lost {
            Ok(lost) => {
                for one in lost {
                    let what = match one.why {
                        Why::Uncertain => "may or may not have been delivered",
                        Why::Refused => "was not taken by its node",
                    };
                    warn(&format!("message {} to node `{}` on `{}` {what}", one.seq, one.node, peer.name));
                }
            }
            Err(e) => {
                log(Level::Error, "remote", &format!("the spool to `{}` cannot be written: {e}", peer.name))
            }
        }
        peer.wake.notify_one();
    }
}
