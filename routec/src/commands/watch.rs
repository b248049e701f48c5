//! `--watch`: runs again when a file changes.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{Event, EventKind, RecursiveMode, Watcher};

use crate::fault::Fault;
use crate::input::Project;
use crate::render::Style;
use crate::{to_stderr, to_stdout};

/// Editors write a file in several steps: one change ends when nothing more came for so long.
const QUIET: Duration = Duration::from_millis(60);

/// Runs, and again after each change of a `.route` file, `route.toml` or the flows, until the process is ended.
pub(crate) fn watch(
    project: &Project,
    style: Style,
    run: &dyn Fn() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let (to, changes) = channel();
    let fault = |e: notify::Error| Fault::new(format!("cannot watch files: {e}"));
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // The other side is gone only when the process ends.
        let _ = to.send(event);
    })
    .map_err(fault)?;
    let folder = |path: &Path| match crate::input::folder(path) {
        empty if empty.as_os_str().is_empty() => PathBuf::from("."),
        folder => folder.to_owned(),
    };
    let mut folders: Vec<PathBuf> = project.stack.iter().chain([&project.flows]).map(|p| folder(p)).collect();
    folders.sort();
    folders.dedup();
    for folder in &folders {
        watcher.watch(folder, RecursiveMode::Recursive).map_err(fault)?;
    }
    loop {
        if style.color {
            // Clears the screen and what scrolled away.
            to_stdout("\u{1b}[2J\u{1b}[3J\u{1b}[H")?;
        }
        if let Err(fault) = run() {
            to_stderr(&format!("{fault}\n"));
        }
        to_stderr("watching for changes\n");
        if !wait(&changes) {
            return Ok(());
        }
    }
}

/// Waits for a change that matters; false: nobody watches any more.
fn wait(changes: &Receiver<notify::Result<Event>>) -> bool {
    loop {
        let Ok(event) = changes.recv() else { return false };
        let mut matters = event.is_ok_and(|event| matters(&event));
        while let Ok(event) = changes.recv_timeout(QUIET) {
            matters |= event.is_ok_and(|event| self::matters(&event));
        }
        if matters {
            return true;
        }
    }
}

fn matters(event: &Event) -> bool {
    let kind = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_));
    let file = |path: &PathBuf| {
        let extension = path.extension().and_then(|x| x.to_str());
        matches!(extension, Some("route" | "json" | "toml"))
    };
    kind && event.paths.iter().any(file)
}
