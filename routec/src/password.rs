//! Asks for a password. On a terminal it is not shown, and a signal that ends the command finds the terminal as it was.

use std::io::{BufRead, IsTerminal};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::fault::Fault;
use crate::to_stderr;

/// The settings of a terminal that does not show what is typed, as they were before. Whoever ends the process while they
/// stand here puts them back first.
static BEFORE: Mutex<Option<String>> = Mutex::new(None);

/// The password of a user of Node-RED: `ROUTE_PASSWORD`, or a line of standard input.
///
/// # Errors
/// Standard input cannot be read, or the line is empty.
pub(crate) fn ask(user: &str) -> Result<String, Fault> {
    if let Some(password) = std::env::var("ROUTE_PASSWORD").ok().filter(|password| !password.is_empty()) {
        return Ok(password);
    }
    let on_terminal = std::io::stdin().is_terminal();
    if on_terminal {
        hide();
        to_stderr(&format!("password of {user}: "));
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if on_terminal {
        show();
        to_stderr("\n");
    }
    read.map_err(|e| Fault::new(format!("cannot read the password: {e}")))?;
    let line = line.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Err(
            Fault::new("there is no password").help("set `ROUTE_PASSWORD`, or write it to standard input")
        );
    }
    Ok(line.to_owned())
}

/// What is typed is shown all the same where there is no `stty`, or where signals cannot be heard.
fn hide() {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_none()
        && let Some(settings) = stty("-g")
        && show_on_signals().is_ok()
        && stty("-echo").is_some()
    {
        *before = Some(settings);
    }
}

fn show() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(settings) = before {
        stty(&settings);
    }
}

/// What it printed; `None`: it is absent or failed.
fn stty(arg: &str) -> Option<String> {
    let ran = Command::new("stty").arg(arg).stdin(Stdio::inherit()).output().ok()?;
    let said = String::from_utf8(ran.stdout).ok()?;
    ran.status.success().then(|| said.trim().to_owned())
}

/// From now on the signals that end a command from its terminal show what is typed again before they do. They cannot be
/// left to the system again, so the thread that hears them stays.
#[cfg(unix)]
fn show_on_signals() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let within = runtime.enter();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut terminate = signal(SignalKind::terminate())?;
    drop(within);
    let heard = async move {
        tokio::select! {
            _ = interrupt.recv() => SignalKind::interrupt(),
            _ = quit.recv() => SignalKind::quit(),
            _ = terminate.recv() => SignalKind::terminate(),
        }
    };
    let wait = move || {
        let kind = runtime.block_on(heard);
        show();
        to_stderr("\n");
        // As shells tell of a process that a signal ended.
        std::process::exit(128 + kind.as_raw_value());
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map(drop)
}

#[cfg(not(unix))]
fn show_on_signals() -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
