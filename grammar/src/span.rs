//! Places in source text: byte spans, file ids, and the set of files that diagnostics point into.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// Half-open byte range `start..end` into one file's text. Always on UTF-8 character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }
    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
    /// As a range that slices the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Index of a file in [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// Every text that a diagnostic may point into: `.route` files and `flows.json`.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// One file: the name shown to people, and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path as the user gave it.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where lines begin; made when it is asked for.
    lines: OnceLock<Vec<u32>>,
}

impl Source {
    /// Line and column of a byte, both from 1, the column in characters. A byte past the end is at the end; one inside
    /// of a character is at its beginning.
    pub fn place(&self, byte: u32) -> (usize, usize) {
        let breaks = |text: &str| text.match_indices('\n').map(|(at, _)| at as u32 + 1).collect::<Vec<_>>();
        let lines = self.lines.get_or_init(|| breaks(&self.text));
        let line = lines.partition_point(|start| *start <= byte);
        let start = line.checked_sub(1).and_then(|at| lines.get(at)).map_or(0, |start| *start as usize);
        let mut end = (byte as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column = self.text.get(start..end).map_or(0, |text| text.chars().count());
        (line + 1, column + 1)
    }
}

impl Sources {
    /// Adds a file and returns its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(Source { name: name.into(), text: text.into(), lines: OnceLock::new() });
        FileId(self.files.len() as u32 - 1)
    }
    /// The file, if the id is of this set.
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }
    /// All files, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(i, s)| (FileId(i as u32), s))
    }
}

#[cfg(test)]
mod tests {
    use super::Sources;

    #[test]
    fn places_in_lines_and_characters() {
        let mut sources = Sources::default();
        let text = "aé\n\nb";
        let file = sources.add("x", text);
        let places: Vec<_> =
            (0..=8).filter_map(|byte| sources.get(file).map(|source| source.place(byte))).collect();
        let wanted = [(1, 1), (1, 2), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2), (3, 2), (3, 2)];
        assert_eq!(places, wanted);
    }
}
