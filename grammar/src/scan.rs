//! One pass over the raw text before parsing: comments, and how deep brackets nest.

use crate::ast::Comment;
use crate::span::Span;

/// What the pass found.
pub(crate) struct Scan {
    /// `//` comments, in order.
    pub(crate) comments: Vec<Comment>,
    /// The first bracket nested deeper than the limit.
    pub(crate) too_deep: Option<Span>,
}

/// Words after which a `/` begins a regex, not a division.
const BEFORE_OPERAND: &[&str] =
    &["matches", "in", "and", "or", "not", "when", "by", "per", "where", "contains", "with", "hash"];

/// Scans `text`; brackets deeper than `limit` are reported once.
pub(crate) fn scan(text: &str, limit: usize) -> Scan {
    let bytes = text.as_bytes();
    let mut out = Scan { comments: Vec::new(), too_deep: None };
    let (mut at, mut depth, mut operand) = (0, 0usize, false);
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at = match byte {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let end = line_end(bytes, at);
                let doc = bytes.get(at + 2) == Some(&b'/') && bytes.get(at + 3) != Some(&b'/');
                if !doc {
                    let body = text.get(at..end).unwrap_or_default().trim_end();
                    out.comments
                        .push(Comment { text: body.to_owned(), span: Span::new(at, at + body.len()) });
                }
                end
            }
            b'"' => {
                operand = true;
                quoted(bytes, at, b'"')
            }
            b'/' if !operand => {
                operand = true;
                quoted(bytes, at, b'/')
            }
            b'(' | b'[' | b'{' => {
                depth += 1;
                if depth > limit && out.too_deep.is_none() {
                    out.too_deep = Some(Span::new(at, at + 1));
                }
                operand = false;
                at + 1
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                operand = true;
                at + 1
            }
            b if is_word(b) => {
                let mut end = at;
                while bytes.get(end).copied().is_some_and(is_word) {
                    end += 1;
                }
                operand = !BEFORE_OPERAND.contains(&text.get(start..end).unwrap_or_default());
                end
            }
            b if b.is_ascii_whitespace() => at + 1,
            _ => {
                operand = false;
                at + 1
            }
        };
    }
    out
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes.iter().skip(from).position(|b| matches!(b, b'\n' | b'\r')).map_or(bytes.len(), |n| from + n)
}

/// The end of a string or regex that begins at `from`; one past the quote when it has no end on its line.
fn quoted(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from + 1;
    let mut class = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => return from + 1,
            b'\\' => at += 1,
            b'[' if quote == b'/' => class = true,
            b']' => class = false,
            b if b == quote && !class => return at + 1,
            _ => {}
        }
        at += 1;
    }
    from + 1
}
