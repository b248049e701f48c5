//! A text with its lines, and positions as editors count them.

use std::rc::Rc;

use gen_lsp_types::{Position, Range};
use route_grammar::{Span, ident};

/// A text that an editor has open, or a file.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) uri: String,
    pub(super) text: Rc<str>,
    starts: Rc<[u32]>,
    utf8: bool,
}

impl Document {
    pub(super) fn new(uri: &str, text: impl Into<Rc<str>>, utf8: bool) -> Self {
        let text = text.into();
        let starts = std::iter::once(0).chain(breaks(&text)).collect();
        Self { uri: uri.to_owned(), text, starts, utf8 }
    }

    /// A byte's position; past the end it is the end's.
    pub(super) fn position(&self, byte: u32) -> Position {
        let mut byte = (byte as usize).min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= byte).saturating_sub(1);
        let start = self.starts.get(line).map_or(0, |start| *start as usize);
        let before = self.text.get(start..byte).unwrap_or_default();
        let character = if self.utf8 { before.len() } else { before.encode_utf16().count() };
        Position { line: line as u32, character: character as u32 }
    }

    pub(super) fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// The byte of a position; past the end of a line it is the line's end.
    pub(super) fn byte(&self, position: &Position) -> u32 {
        let Some(start) = self.starts.get(position.line as usize) else { return self.text.len() as u32 };
        let line = self.text.get(*start as usize..).unwrap_or_default();
        let line = line.split(['\n', '\r']).next().unwrap_or_default();
        let mut left = position.character as usize;
        for (at, c) in line.char_indices() {
            let width = if self.utf8 { c.len_utf8() } else { c.len_utf16() };
            if left < width {
                return start + at as u32;
            }
            left -= width;
        }
        start + line.len() as u32
    }

    /// The text with a range of it replaced; a range whose ends are the wrong way round is empty.
    pub(super) fn edited(&self, range: &Range, new: &str) -> String {
        let (from, to) = (self.byte(&range.start) as usize, self.byte(&range.end) as usize);
        let head = self.text.get(..from).unwrap_or_default();
        let tail = self.text.get(to.max(from)..).unwrap_or_default();
        [head, new, tail].concat()
    }

    /// The whole text.
    pub(super) fn all(&self) -> Span {
        Span::new(0, self.text.len())
    }

    /// The name or word around a byte.
    pub(super) fn word(&self, byte: u32) -> Option<Span> {
        let at = (byte as usize).min(self.text.len());
        let (before, after) = (self.text.get(..at)?, self.text.get(at..)?);
        let start = ident::start_of_last(before);
        let end = at + after.find(|c| !ident::is_part(c)).unwrap_or(after.len());
        (start < end).then(|| Span::new(start, end))
    }

    /// The inside of the quoted text around a byte, on its line.
    pub(super) fn quoted(&self, byte: u32) -> Option<Span> {
        let at = (byte as usize).min(self.text.len());
        let start = self.text.get(..at)?.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = self.text.get(start..)?.split(['\n', '\r']).next()?;
        let (mut open, mut escaped) = (None, false);
        for (here, c) in line.char_indices() {
            let here = start + here;
            match (c, open) {
                _ if escaped => escaped = false,
                ('\\', Some(_)) => escaped = true,
                ('"', None) if here < at => open = Some(here + 1),
                ('"', None) => return None,
                ('"', Some(from)) if here >= at => return Some(Span::new(from, here)),
                ('"', Some(_)) => open = None,
                _ => {}
            }
        }
        open.map(|from| Span::new(from, start + line.len()))
    }
}

/// Where lines begin after the first: behind `\n`, `\r\n`, and a `\r` alone, as the protocol and the grammar have it.
fn breaks(text: &str) -> impl Iterator<Item = u32> {
    let bytes = text.as_bytes();
    let is_break = move |at: &usize| match bytes[*at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    (0..bytes.len()).filter(is_break).map(|at| at as u32 + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn positions_go_there_and_back() {
        for utf8 in [true, false] {
            let document = Document::new("x", "aé😀b\n\"q\" x", utf8);
            for (at, _) in document.text.char_indices().chain([(document.text.len(), ' ')]) {
                assert_eq!(document.byte(&document.position(at as u32)), at as u32);
            }
            assert_eq!(document.byte(&Position { line: 0, character: 99 }), 8);
            assert_eq!(document.byte(&Position { line: 9, character: 0 }), document.text.len() as u32);
        }
        let lines = Document::new("x", "a\rb\r\nc\nd\r", false);
        let starts = |line| lines.byte(&Position { line, character: 0 });
        assert_eq!([0, 1, 2, 3, 4].map(starts), [0, 2, 5, 7, 9]);
        assert_eq!(lines.position(9), Position { line: 4, character: 0 });
        // The end of a line is before what breaks it.
        assert_eq!([0, 1, 2, 3].map(|line| lines.byte(&Position { line, character: 9 })), [1, 3, 6, 8]);
        let document = Document::new("x", "const te\u{301}mp = 3", false);
        assert_eq!(document.word(7), Some(Span::new(6, 12)));
        let document = Document::new("x", "tap t on \"A \\\" b\" -> x_1", false);
        let text = |span: Option<Span>| span.map(|span| document.text[span.range()].to_owned());
        assert_eq!(text(document.quoted(11)).unwrap(), "A \\\" b");
        assert_eq!(text(document.quoted(5)), None);
        assert_eq!(text(document.word(23)).unwrap(), "x_1");
    }
}
