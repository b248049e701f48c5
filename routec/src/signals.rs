//! The signals that ask a process to end in its own order: Ctrl-C, and what terminals, `kill` and service managers send.

use crate::fault::Fault;

/// They are heard from the moment that this is made; until then they end the process on the spot.
pub(crate) struct Signals(here::Signals);

impl Signals {
    /// Must be called inside a tokio runtime.
    pub(crate) fn listen() -> Result<Self, Fault> {
        here::Signals::listen()
            .map(Self)
            .map_err(|e| Fault::new(format!("cannot listen for the signals that end this: {e}")))
    }

    /// Waits for one. None is lost between two calls.
    pub(crate) async fn next(&mut self) {
        self.0.next().await;
    }
}

#[cfg(unix)]
mod here {
    use std::io::{self, IsTerminal};

    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub(super) struct Signals {
        interrupt: Signal,
        terminate: Signal,
        /// `None`: whoever started this wants it to outlive its terminal.
        hangup: Option<Signal>,
    }

    impl Signals {
        pub(super) fn listen() -> io::Result<Self> {
            // To listen for it would undo what `nohup` did.
            let hangup = !hangup_is_ignored();
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: hangup.then(|| signal(SignalKind::hangup())).transpose()?,
            })
        }

        pub(super) async fn next(&mut self) {
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                _ = hangup => {}
            }
        }
    }

    fn hangup_is_ignored() -> bool {
        match std::fs::read_to_string("/proc/self/status") {
            Ok(status) => ignores(&status, SignalKind::hangup().as_raw_value()),
            // Only Linux tells. `nohup` also takes the output away from the terminal.
            Err(_) => !io::stdout().is_terminal(),
        }
    }

    /// Whether a signal is in the mask `SigIgn` of a process.
    fn ignores(status: &str, signal: i32) -> bool {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        mask >> (signal - 1) & 1 == 1
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_mask_of_ignored_signals() {
            let status = "Name:\troutec\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001001\n";
            let ignored: Vec<i32> = (1..=64).filter(|signal| ignores(status, *signal)).collect();
            assert_eq!(ignored, [1, 13]);
            assert!(!ignores("Name:\troutec\n", 1));
        }
    }
}

#[cfg(windows)]
mod here {
    use std::io;

    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
    };

    pub(super) struct Signals {
        interrupt: CtrlC,
        stop: CtrlBreak,
        /// The window is closed, the machine goes down: Windows waits a few seconds.
        close: CtrlClose,
        shutdown: CtrlShutdown,
    }

    impl Signals {
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self {
                interrupt: ctrl_c()?,
                stop: ctrl_break()?,
                close: ctrl_close()?,
                shutdown: ctrl_shutdown()?,
            })
        }

        pub(super) async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.stop.recv() => {}
                _ = self.close.recv() => {}
                _ = self.shutdown.recv() => {}
            }
        }
    }
}
