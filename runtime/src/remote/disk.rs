//! What survives a killed process: an append-only journal of lines, and small marks written in one write.
//!
//! Nothing is forced to the platter: it survives `kill -9`, not a power cut.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::frame::{Item, Why};

/// Most lost messages that a mark remembers: all of it stays within one page, so one write is all or nothing.
pub const MAX_LOST: usize = 400;

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// A file of few numbers, always written at its start with a single write.
#[derive(Debug)]
pub struct Numbers {
    file: File,
}

impl Numbers {
    /// Opens or makes it, and gives the numbers in it.
    pub fn open(path: &Path) -> io::Result<(Self, Vec<u64>)> {
        let mut file = open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let numbers = bytes.as_chunks::<8>().0.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect();
        Ok((Self { file }, numbers))
    }

    /// Replaces the first numbers.
    pub fn write(&mut self, numbers: &[u64]) -> io::Result<()> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&bytes)
    }
}

/// How far one sender's messages have come.
#[derive(Debug)]
pub struct Marks {
    numbers: Numbers,
    /// Delivery of this one has begun.
    pub started: u64,
    /// Everything up to here is settled.
    pub done: u64,
    /// Settled without being delivered, as far as anyone knows.
    pub lost: Vec<(u64, Why)>,
}

impl Marks {
    /// Opens or makes them.
    pub fn open(path: &Path) -> io::Result<Self> {
        let (numbers, n) = Numbers::open(path)?;
        let at = |i: usize| n.get(i).copied().unwrap_or(0);
        let count = usize::try_from(at(2)).unwrap_or(0).min(n.len().saturating_sub(3));
        let lost = n
            .iter()
            .skip(3)
            .take(count)
            .map(|packed| (packed >> 1, if packed & 1 == 1 { Why::Refused } else { Why::Uncertain }));
        let lost = lost.collect();
        Ok(Self { numbers, started: at(0), done: at(1), lost })
    }

    /// Delivery begins: from here on a crash makes the message uncertain.
    pub fn start(&mut self, seq: u64) -> io::Result<()> {
        self.numbers.write(&[seq, self.done])?;
        self.started = seq;
        Ok(())
    }

    /// The delivery that began did not take place.
    pub fn take_back(&mut self) -> io::Result<()> {
        self.numbers.write(&[self.done, self.done])?;
        self.started = self.done;
        Ok(())
    }

    /// It is settled.
    pub fn settle(&mut self, seq: u64) -> io::Result<()> {
        self.numbers.write(&[seq, seq])?;
        (self.started, self.done) = (seq, seq);
        Ok(())
    }

    /// It is settled, but the sender must not believe it delivered.
    pub fn lose(&mut self, seq: u64, why: Why) -> io::Result<()> {
        self.lost.push((seq, why));
        (self.started, self.done) = (seq, seq);
        self.write_all()
    }

    /// The sender knows of everything below `first`.
    pub fn forget_below(&mut self, first: u64) -> io::Result<()> {
        let before = self.lost.len();
        self.lost.retain(|(seq, _)| *seq >= first);
        if self.lost.len() == before { Ok(()) } else { self.write_all() }
    }

    fn write_all(&mut self) -> io::Result<()> {
        let mut numbers = vec![self.started, self.done, self.lost.len() as u64];
        numbers.extend(self.lost.iter().map(|(seq, why)| seq << 1 | u64::from(*why == Why::Refused)));
        self.numbers.write(&numbers)
    }
}

/// Lines in order, appended one by one.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl Journal {
    /// Opens or makes it, and gives the lines in it. A line that a crash cut short is cut off.
    pub fn open(path: &Path) -> io::Result<(Self, Vec<(Item, String)>)> {
        let mut file = open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut good = 0;
        let mut lines = Vec::new();
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let Some(text) = line.strip_suffix(b"\n").and_then(|l| std::str::from_utf8(l).ok()) else {
                break;
            };
            let Ok(item) = serde_json::from_str::<Item>(text) else { break };
            lines.push((item, text.to_owned()));
            good += line.len() as u64;
        }
        file.set_len(good)?;
        file.seek(SeekFrom::End(0))?;
        Ok((Self { path: path.to_owned(), file, bytes: good }, lines))
    }

    /// Adds a line; when it cannot be written whole, the journal is as before.
    pub fn append(&mut self, line: &str) -> io::Result<()> {
        let text = format!("{line}\n");
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            self.file.set_len(self.bytes)?;
            self.file.seek(SeekFrom::End(0))?;
            return Err(error);
        }
        self.bytes += text.len() as u64;
        Ok(())
    }

    /// Bytes in the file.
    pub fn size(&self) -> u64 {
        self.bytes
    }

    /// Throws every line away.
    pub fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.bytes = 0;
        Ok(())
    }

    /// Replaces the file by one with these lines alone.
    pub fn rewrite<'a>(&mut self, lines: impl Iterator<Item = &'a str>) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut file = File::create(&fresh)?;
        let mut text = String::new();
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        std::fs::rename(&fresh, &self.path)?;
        (self.file, self.bytes) = (file, text.len() as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_cut_short_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        std::fs::write(&path, "{\"seq\":1}\n{\"seq\":2,\"no").unwrap();
        let (mut journal, lines) = Journal::open(&path).unwrap();
        assert_eq!(lines.len(), 1);
        journal.append("{\"seq\":2}").unwrap();
        let (_, lines) = Journal::open(&path).unwrap();
        assert_eq!(lines.iter().map(|(item, _)| item.seq).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn marks_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        let mut marks = Marks::open(&path).unwrap();
        marks.settle(4).unwrap();
        marks.lose(5, Why::Refused).unwrap();
        marks.lose(6, Why::Uncertain).unwrap();
        marks.start(7).unwrap();
        let mut marks = Marks::open(&path).unwrap();
        assert_eq!((marks.started, marks.done), (7, 6));
        assert_eq!(marks.lost, [(5, Why::Refused), (6, Why::Uncertain)]);
        marks.forget_below(6).unwrap();
        assert_eq!(Marks::open(&path).unwrap().lost, [(6, Why::Uncertain)]);
    }
}
