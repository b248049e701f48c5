//! Writers of lines: standard output, and files that roll over.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use logroller::{LogRoller, LogRollerBuilder, Rotation, RotationSize};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::runtime::Handle;

use super::sink::{Source, Writer};

/// Lines on standard output, or on what stands in for it.
pub(crate) fn lines(io: &Handle, source: Source, to: impl AsyncWrite + Send + Unpin + 'static) -> Writer {
    io.spawn(write_lines(source, to))
}

async fn write_lines(mut source: Source, mut to: impl AsyncWrite + Unpin) -> Result<(), String> {
    let mut batch = Vec::new();
    while source.take(&mut batch).await {
        let mut text = String::new();
        for item in batch.drain(..) {
            text.push_str(&item.copy.line());
            text.push('\n');
        }
        to.write_all(text.as_bytes()).await.map_err(|e| e.to_string())?;
        if source.is_empty() {
            to.flush().await.map_err(|e| e.to_string())?;
        }
    }
    to.flush().await.map_err(|e| e.to_string())
}

/// A file that is open.
pub(crate) struct File {
    path: PathBuf,
    to: Box<dyn Write + Send>,
}

impl File {
    /// Opens it, so that a wrong name is found before anything runs. `rotate`: bytes after which a new one is begun,
    /// `keep`: how many old ones stay.
    pub(crate) fn open(path: &Path, rotate: Option<u64>, keep: Option<u32>) -> Result<Self, String> {
        let to = open(path, rotate, keep).map_err(|e| format!("cannot open `{}`: {e}", path.display()))?;
        Ok(Self { path: path.to_owned(), to })
    }

    /// Writes on a thread for blocking work, as files have no other way.
    pub(crate) fn start(self, io: &Handle, source: Source) -> Writer {
        io.spawn_blocking(move || self.write(source))
    }

    fn write(mut self, mut source: Source) -> Result<(), String> {
        let path = self.path;
        let said = |e: io::Error| format!("cannot write `{}`: {e}", path.display());
        let mut batch = Vec::new();
        while source.blocking_take(&mut batch) {
            for item in batch.drain(..) {
                let mut line = item.copy.line();
                line.push('\n');
                // A full disk may have room again: what cannot be written is lost and counted, and the next one tried.
                match self.to.write_all(line.as_bytes()) {
                    Ok(()) => source.standing.say(""),
                    Err(e) => {
                        source.standing.say(said(e));
                        source.standing.lose(&item);
                    }
                }
            }
            if source.is_empty()
                && let Err(e) = self.to.flush()
            {
                source.standing.say(said(e));
            }
        }
        self.to.flush().map_err(said)
    }
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
            Ok(Box::new(io::BufWriter::new(file.map_err(|e| e.to_string())?)))
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
