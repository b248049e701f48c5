//! A small JSON reader that keeps the byte span of every value, in one pass, with a limit on depth.

use std::borrow::Cow;
use std::fmt;

use route_grammar::Span;
use serde_json::{Map, Number, Value};

/// Deepest nesting that is read; recursion stays far from the end of the stack.
const MAX_DEPTH: u32 = 200;

/// Why a text is no flow file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// For people.
    pub message: String,
    /// Where in the text.
    pub span: Span,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

/// A JSON value and its place.
#[derive(Clone, Debug)]
pub struct Spanned<'a> {
    /// The whole value, quotes and brackets included.
    pub span: Span,
    /// What it is.
    pub kind: Kind<'a>,
}

/// What a JSON value is.
#[derive(Clone, Debug)]
pub enum Kind<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text, unescaped; a lone surrogate reads as U+FFFD.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Spanned<'a>>),
    /// An object: its members in order, doubled keys kept.
    Object(Vec<(Cow<'a, str>, Spanned<'a>)>),
}

impl<'a> Spanned<'a> {
    /// The member `key`; of doubled keys the last one, as JavaScript has it.
    pub fn get(&self, key: &str) -> Option<&Spanned<'a>> {
        self.members().iter().rev().find(|(k, _)| k == key).map(|(_, v)| v)
    }
    /// The members, if it is an object.
    pub fn members(&self) -> &[(Cow<'a, str>, Spanned<'a>)] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }
    /// The elements, if it is a list.
    pub fn list(&self) -> Option<&[Spanned<'a>]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }
    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self.kind, Kind::Object(_))
    }
    /// Whether JavaScript takes it as true.
    pub fn truthy(&self) -> bool {
        match &self.kind {
            Kind::Null => false,
            Kind::Bool(b) => *b,
            Kind::Number(n) => n.as_f64() != Some(0.0),
            Kind::Text(t) => !t.is_empty(),
            Kind::List(_) | Kind::Object(_) => true,
        }
    }
    /// Without spans.
    pub fn to_value(&self) -> Value {
        self.map_texts(&|_| None)
    }
    /// Without spans, each text replaced by what `swap` gives for it.
    pub fn map_texts(&self, swap: &dyn Fn(&str) -> Option<Value>) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Number(n) => Value::Number(n.clone()),
            Kind::Text(t) => swap(t).unwrap_or_else(|| Value::String(t.clone().into_owned())),
            Kind::List(items) => Value::Array(items.iter().map(|v| v.map_texts(swap)).collect()),
            Kind::Object(members) => {
                let mut map = Map::with_capacity(members.len());
                for (key, value) in members {
                    map.insert(key.clone().into_owned(), value.map_texts(swap));
                }
                Value::Object(map)
            }
        }
    }
}

/// Reads one JSON text. A byte order mark is allowed; spans count it.
pub fn parse(text: &str) -> Result<Spanned<'_>, ReadError> {
    let pos = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut reader = Reader { text, bytes: text.as_bytes(), pos, depth: 0 };
    let value = reader.value()?;
    reader.space();
    if reader.pos < reader.bytes.len() {
        return Err(reader.unexpected("the end of the file"));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.bytes.get(self.pos) {
            self.pos += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.bytes.get(self.pos).copied()
    }

    fn unexpected(&self, wanted: &str) -> ReadError {
        match self.text.get(self.pos..).and_then(|rest| rest.chars().next()) {
            None => self.error(self.pos, format!("expected {wanted}, found the end of the file")),
            Some(c) => self.error(self.pos, format!("expected {wanted}, found `{}`", c.escape_debug())),
        }
    }

    fn error(&self, at: usize, message: String) -> ReadError {
        let len = self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        ReadError { message: format!("not JSON: {message}"), span: Span::new(at, at + len) }
    }

    fn value(&mut self) -> Result<Spanned<'a>, ReadError> {
        let first = self.peek();
        let start = self.pos;
        let kind = match first {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::list)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => Kind::Number(self.number()?),
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Spanned { span: Span::new(start, self.pos), kind })
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Kind<'a>, ReadError>) -> Result<Kind<'a>, ReadError> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(self.pos, format!("nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        self.pos += 1;
        let kind = inner(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn list(&mut self) -> Result<Kind<'a>, ReadError> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.pos += 1;
            return Ok(Kind::List(items));
        }
        loop {
            items.push(self.value()?);
            match self.peek() {
                Some(b',') => self.pos += 1,
                Some(b']') => break self.pos += 1,
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
        Ok(Kind::List(items))
    }

    fn object(&mut self) -> Result<Kind<'a>, ReadError> {
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            self.pos += 1;
            return Ok(Kind::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in quotes"));
            }
            let key = self.string()?;
            if self.peek() != Some(b':') {
                return Err(self.unexpected("`:`"));
            }
            self.pos += 1;
            members.push((key, self.value()?));
            match self.peek() {
                Some(b',') => self.pos += 1,
                Some(b'}') => break self.pos += 1,
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
        Ok(Kind::Object(members))
    }

    fn word(&mut self, word: &str, kind: Kind<'a>) -> Result<Kind<'a>, ReadError> {
        if !self.bytes[self.pos..].starts_with(word.as_bytes()) {
            return Err(self.unexpected("a value"));
        }
        self.pos += word.len();
        Ok(kind)
    }

    fn digits(&mut self) -> Result<(), ReadError> {
        let start = self.pos;
        while self.bytes.get(self.pos).is_some_and(u8::is_ascii_digit) {
            self.pos += 1;
        }
        if self.pos == start { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Number, ReadError> {
        let start = self.pos;
        let mut whole = true;
        if self.bytes[self.pos] == b'-' {
            self.pos += 1;
        }
        if self.bytes.get(self.pos) == Some(&b'0') {
            self.pos += 1;
            if self.bytes.get(self.pos).is_some_and(u8::is_ascii_digit) {
                return Err(self.error(start, "a number must not begin with `0`".to_owned()));
            }
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.pos) == Some(&b'.') {
            whole = false;
            self.pos += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.pos) {
            whole = false;
            self.pos += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.pos) {
                self.pos += 1;
            }
            self.digits()?;
        }
        Ok(to_number(&self.text[start..self.pos], whole))
    }

    /// A string; the text between quotes is borrowed when it has no escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, ReadError> {
        let open = self.pos;
        self.pos += 1;
        let mut done = self.pos;
        let mut owned: Option<String> = None;
        loop {
            match self.bytes.get(self.pos) {
                None => return Err(self.error(open, "this text has no closing quote".to_owned())),
                Some(b'"') => break,
                Some(b'\\') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(&self.text[done..self.pos]);
                    self.pos += 1;
                    let c = self.escape()?;
                    owned.get_or_insert_default().push(c);
                    done = self.pos;
                }
                Some(0..=0x1f) => return Err(self.unexpected("a text without raw control characters")),
                Some(_) => self.pos += 1,
            }
        }
        let rest = &self.text[done..self.pos];
        self.pos += 1;
        Ok(match owned {
            None => Cow::Borrowed(rest),
            Some(mut text) => {
                text.push_str(rest);
                Cow::Owned(text)
            }
        })
    }

    fn escape(&mut self) -> Result<char, ReadError> {
        let c = match self.bytes.get(self.pos) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.pos += 1;
                return self.unicode();
            }
            _ => return Err(self.unexpected("one of `\"\\/bfnrtu` after `\\`")),
        };
        self.pos += 1;
        Ok(c)
    }

    fn unicode(&mut self) -> Result<char, ReadError> {
        let high = self.hex4()?;
        if (0xd800..0xdc00).contains(&high) && self.bytes[self.pos..].starts_with(b"\\u") {
            let back = self.pos;
            self.pos += 2;
            let low = self.hex4()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            self.pos = back;
        }
        Ok(char::from_u32(high).unwrap_or('\u{fffd}'))
    }

    fn hex4(&mut self) -> Result<u32, ReadError> {
        let mut code = 0;
        for _ in 0..4 {
            match self.bytes.get(self.pos).and_then(|b| char::from(*b).to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => return Err(self.unexpected("four hex digits")),
            }
            self.pos += 1;
        }
        Ok(code)
    }
}

/// Beyond the range of a double it is clamped; JavaScript reads infinity there, which JSON cannot write again.
fn to_number(text: &str, whole: bool) -> Number {
    if whole && text != "-0" {
        if let Ok(n) = text.parse::<i64>() {
            return n.into();
        }
        if let Ok(n) = text.parse::<u64>() {
            return n.into();
        }
    }
    let n = text.parse::<f64>().unwrap_or(0.0).clamp(f64::MIN, f64::MAX);
    Number::from_f64(n).unwrap_or_else(|| 0.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn agrees_with_serde_json() {
        let text = "\u{feff}{\r\n\"a\": [1, -2.5e3, true, null, \"x\\u00e9\\ud83d\\ude00\\n\"], \"b\": {}, \"\": []}\r\n";
        let ours = parse(text).unwrap();
        assert_eq!(
            ours.to_value(),
            serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')).unwrap()
        );
        assert_eq!(&text[ours.get("b").unwrap().span.range()], "{}");
        assert_eq!(ours.span.start, 3);
    }

    #[test]
    fn errors_have_a_place() {
        for (text, message, at) in [
            ("", "not JSON: expected a value, found the end of the file", 0..0),
            ("[1 2]", "not JSON: expected `,` or `]`, found `2`", 3..4),
            ("{é:1}", "not JSON: expected a key in quotes, found `é`", 1..3),
            ("[\"a", "not JSON: this text has no closing quote", 1..2),
            ("[01]", "not JSON: a number must not begin with `0`", 1..2),
            ("[]]", "not JSON: expected the end of the file, found `]`", 2..3),
            ("\"\\x\"", "not JSON: expected one of `\"\\/bfnrtu` after `\\`, found `x`", 2..3),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.message.as_str(), error.span.range()), (message, at), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let error = parse(&"[".repeat(1_000_000)).unwrap_err();
        assert_eq!(error.message, "not JSON: nested deeper than 200");
    }

    #[test]
    fn lone_surrogate_and_huge_number_are_read() {
        assert_eq!(parse(r#""\ud800x""#).unwrap().text(), Some("\u{fffd}x"));
        assert_eq!(parse("1e999").unwrap().to_value(), serde_json::json!(f64::MAX));
    }
}
