//! What a transport must do, and one within this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::mpsc;

/// Key and bytes, as they arrive.
pub type Arrived = (String, Vec<u8>);

/// A transport. It may lose, double and reorder what it is given.
pub trait Link: Send + Sync {
    /// Sends bytes to whoever listens at a key.
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>) -> BoxFuture<'a, Result<(), String>>;
    /// Listens at a key, in which `*` stands for any one part. What finds no room is dropped. Ends with the receiver's end of `to`.
    fn subscribe<'a>(&'a self, key: &'a str, to: mpsc::Sender<Arrived>) -> BoxFuture<'a, Result<(), String>>;
}

/// A link between engines of one process: reliable and in order while it is up.
#[derive(Clone, Default)]
pub struct Memory {
    listeners: Arc<Mutex<HashMap<String, Vec<mpsc::Sender<Arrived>>>>>,
    down: Arc<std::sync::atomic::AtomicBool>,
}

impl Memory {
    /// A link that nobody listens to yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Cuts or mends it.
    pub fn cut(&self, down: bool) {
        self.down.store(down, std::sync::atomic::Ordering::SeqCst);
    }
}

fn fits(pattern: &str, key: &str) -> bool {
    let (mut a, mut b) = (pattern.split('/'), key.split('/'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(p), Some(k)) if p == "*" || p == k => {}
            _ => return false,
        }
    }
}

impl Link for Memory {
    fn put<'a>(&'a self, key: &'a str, bytes: Vec<u8>) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            if self.down.load(std::sync::atomic::Ordering::SeqCst) {
                return Err("the link is down".into());
            }
            let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            for (_, all) in listeners.iter_mut().filter(|(pattern, _)| fits(pattern, key)) {
                all.retain(|to| !to.is_closed());
                for to in all {
                    let _ = to.try_send((key.to_owned(), bytes.clone()));
                }
            }
            Ok(())
        })
    }

    fn subscribe<'a>(&'a self, key: &'a str, to: mpsc::Sender<Arrived>) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            listeners.entry(key.to_owned()).or_default().push(to);
            Ok(())
        })
    }
}
