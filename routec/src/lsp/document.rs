//! A text with its lines, and positions as editors count them.

use std::rc::Rc;

use gen_lsp_types::{Position, Range};
use route_grammar::Span;

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
        let starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at as u32 + 1)).collect();
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
        let line = line.split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
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
        let is = |c: char| c.is_alphanumeric() || c == '_';
        let at = (byte as usize).min(self.text.len());
        let (before, after) = (self.text.get(..at)?, self.text.get(at..)?);
        let start = at - before.chars().rev().take_while(|c| is(*c)).map(char::len_utf8).sum::<usize>();
        let end = at + after.chars().take_while(|c| is(*c)).map(char::len_utf8).sum::<usize>();
        (start < end).then(|| Span::new(start, end))
    }

    /// The inside of the quoted text around a byte, on its line.
    pub(super) fn quoted(&self, byte: u32) -> Option<Span> {
        let at = (byte as usize).min(self.text.len());
        let start = self.text.get(..at)?.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(start..)?.split('\n').next()?;
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
        let document = Document::new("x", "tap t on \"A \\\" b\" -> x_1", false);
        let text = |span: Option<Span>| span.map(|span| document.text[span.range()].to_owned());
        assert_eq!(text(document.quoted(11)).unwrap(), "A \\\" b");
        assert_eq!(text(document.quoted(5)), None);
        assert_eq!(text(document.word(23)).unwrap(), "x_1");
    }
}
