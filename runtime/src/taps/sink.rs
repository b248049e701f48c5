//! Sinks that write lines somewhere: a bounded queue each, and one writer behind it.

use std::io::Write;
use std::path::{Path, PathBuf};

use logroller::{LogRoller, LogRollerBuilder, Rotation, RotationSize};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use crate::engine::options::TapOutput;

/// The engine's end of a sink. Dropping the sender ends the writer after it wrote what waits.
pub(crate) struct Sink {
    to: mpsc::Sender<String>,
    writer: tokio::task::JoinHandle<Result<(), String>>,
    /// Lines that found the queue full, or the writer gone.
    pub(crate) dropped: u64,
    /// Lines taken.
    pub(crate) taken: u64,
}

impl Sink {
    /// A sink on standard output, or on what stands in for it.
    pub(crate) fn stdout(queue: usize, instead: Option<TapOutput>) -> Self {
        let (to, from) = mpsc::channel(queue.max(1));
        let writer = match instead {
            Some(output) => tokio::spawn(write_lines(from, output)),
            None => tokio::spawn(write_lines(from, tokio::io::stdout())),
        };
        Self { to, writer, dropped: 0, taken: 0 }
    }

    /// A sink on a file, which is opened now, so that a wrong name refuses the stack.
    pub(crate) fn file(
        queue: usize,
        path: &Path,
        rotate: Option<u64>,
        keep: Option<u32>,
    ) -> Result<Self, String> {
        let file = open(path, rotate, keep).map_err(|e| format!("cannot open `{}`: {e}", path.display()))?;
        let (to, from) = mpsc::channel(queue.max(1));
        let name = path.to_path_buf();
        let writer = tokio::task::spawn_blocking(move || write_file(from, file, &name));
        Ok(Self { to, writer, dropped: 0, taken: 0 })
    }

    /// Whether a line would find room.
    pub(crate) fn has_room(&self) -> bool {
        self.to.capacity() > 0 || self.to.is_closed()
    }

    /// Hands a line over, or counts it as dropped.
    pub(crate) fn offer(&mut self, line: String) -> bool {
        let taken = self.to.try_send(line).is_ok();
        *(if taken { &mut self.taken } else { &mut self.dropped }) += 1;
        taken
    }

    /// Waits until everything taken is written.
    pub(crate) async fn close(self) -> Result<(), String> {
        drop(self.to);
        self.writer.await.unwrap_or_else(|e| Err(e.to_string()))
    }
}

async fn write_lines(
    mut lines: mpsc::Receiver<String>,
    mut to: impl AsyncWrite + Unpin,
) -> Result<(), String> {
    while let Some(mut line) = lines.recv().await {
        line.push('\n');
        to.write_all(line.as_bytes()).await.map_err(|e| e.to_string())?;
        if lines.is_empty() {
            to.flush().await.map_err(|e| e.to_string())?;
        }
    }
    to.flush().await.map_err(|e| e.to_string())
}

fn open(path: &Path, rotate: Option<u64>, keep: Option<u32>) -> Result<Box<dyn Write + Send>, String> {
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_path_buf(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    match rotate {
        None => {
            let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
            Ok(Box::new(std::io::BufWriter::new(file.map_err(|e| e.to_string())?)))
        }
        Some(bytes) => Ok(Box::new(roller(&folder, path, bytes, keep)?)),
    }
}

fn roller(folder: &Path, path: &Path, bytes: u64, keep: Option<u32>) -> Result<LogRoller, String> {
    let name = path.file_name().ok_or("it names no file")?;
    let mut builder = LogRollerBuilder::new(folder, Path::new(name))
        .rotation(Rotation::SizeBased(RotationSize::Bytes(bytes)))
        .graceful_shutdown(true);
    if let Some(keep) = keep {
        builder = builder.max_keep_files(u64::from(keep));
    }
    builder.build().map_err(|e| e.to_string())
}

/// Runs on a thread for blocking work, as files have no other way.
fn write_file(
    mut lines: mpsc::Receiver<String>,
    mut file: Box<dyn Write + Send>,
    name: &Path,
) -> Result<(), String> {
    let said = |e: std::io::Error| format!("cannot write `{}`: {e}", name.display());
    while let Some(mut line) = lines.blocking_recv() {
        line.push('\n');
        file.write_all(line.as_bytes()).map_err(said)?;
        if lines.is_empty() {
            file.flush().map_err(said)?;
        }
    }
    file.flush().map_err(said)
}
