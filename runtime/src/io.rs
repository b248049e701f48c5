//! A thread beside the engine's for what talks to the outside: sinks, the control API, links to other runtimes.

use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Handle, Runtime};

/// A tokio runtime on one thread of its own, made at first use. What is still running on it when the last of its owners drops it is
/// cut off.
#[derive(Clone, Debug, Default)]
pub struct Io(Arc<Thread>);

#[derive(Debug, Default)]
struct Thread(OnceLock<Runtime>);

impl Io {
    /// Where to spawn.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn handle(&self) -> Result<Handle, String> {
        if let Some(runtime) = self.0.0.get() {
            return Ok(runtime.handle().clone());
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("io")
            .enable_all()
            .build()
            .map_err(|e| format!("cannot start a thread for input and output: {e}"))?;
        Ok(self.0.0.get_or_init(|| runtime).handle().clone())
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // Inside a runtime nobody may wait for another one to end.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
