//! Values as Node.js's `util.inspect` shows them (Node.js, lib/internal/util/inspect.js), without colours.

use route_chain::{Object, Value};

use super::coerce;

/// Where lines are broken.
const WIDTH: usize = 128;
/// Elements of a list that are shown.
const MAX_ITEMS: usize = 100;
/// Bytes of a Buffer that are shown.
const MAX_BYTES: usize = 50;
/// Characters of a text that are shown.
const MAX_CHARS: usize = 10_000;
/// How many levels may stand on one line.
const COMPACT: usize = 3;

/// How `util.inspect` does it when it is told nothing.
pub(crate) const DEFAULT_DEPTH: usize = 2;

/// A value as text, objects down to a depth.
pub(crate) fn inspect(value: &Value, depth: usize) -> String {
    Show { depth, indent: 0, deepest: 0 }.value(value, 0)
}

struct Show {
    depth: usize,
    indent: usize,
    /// The level of the object that was shown last.
    deepest: usize,
}

impl Show {
    fn value(&mut self, value: &Value, level: usize) -> String {
        match value {
            Value::Number(n) if *n == 0.0 && n.is_sign_negative() => "-0".to_owned(),
            Value::Text(text) => self.text(text),
            Value::Bytes(bytes) => buffer(bytes),
            Value::Date(ms) => coerce::iso_date(*ms).unwrap_or_else(|| "Invalid Date".to_owned()),
            Value::List(_) if level > self.depth => "[Array]".to_owned(),
            Value::List(items) => self.list(items, level),
            Value::Object(_) if level > self.depth => "[Object]".to_owned(),
            Value::Object(object) => self.object(object, level),
            Value::Opaque(handle) => format!("[{}]", handle.label),
            other => coerce::to_text(other),
        }
    }

    fn list(&mut self, items: &[Value], level: usize) -> String {
        if items.is_empty() {
            return "[]".to_owned();
        }
        self.deepest = level;
        let mut shown: Vec<String> = items.iter().take(MAX_ITEMS).map(|v| self.member(v, level)).collect();
        if items.len() > MAX_ITEMS {
            let more = items.len() - MAX_ITEMS;
            shown.push(format!("... {more} more item{}", if more > 1 { "s" } else { "" }));
        }
        let count = shown.len();
        if count > 6 {
            let numbers = items.len() <= MAX_ITEMS && items.iter().all(|v| matches!(v, Value::Number(_)));
            shown = self.grouped(shown, items.len() > MAX_ITEMS, numbers);
        }
        self.join(&shown, count == shown.len(), ("[", "]"), level)
    }

    fn object(&mut self, object: &Object, level: usize) -> String {
        if object.is_empty() {
            return "{}".to_owned();
        }
        self.deepest = level;
        let shown: Vec<String> =
            object.iter().map(|(key, v)| format!("{}: {}", name(key), self.member(v, level))).collect();
        self.join(&shown, true, ("{", "}"), level)
    }

    fn member(&mut self, value: &Value, level: usize) -> String {
        self.indent += 2;
        let shown = self.value(value, level + 1);
        self.indent -= 2;
        shown
    }

    /// One line when it is short and not deep, else one line for each entry.
    fn join(&self, shown: &[String], whole: bool, braces: (&str, &str), level: usize) -> String {
        if whole && self.deepest - level < COMPACT {
            let start = shown.len() + self.indent + braces.0.len() + 10;
            let length = shown.iter().map(|s| chars(s)).sum::<usize>() + shown.len() + start;
            if length <= WIDTH && shown.len() * 2 + start <= WIDTH && !shown.iter().any(|s| s.contains('\n'))
            {
                return format!("{} {} {}", braces.0, shown.join(", "), braces.1);
            }
        }
        let line = format!("\n{}", " ".repeat(self.indent));
        let between = format!(",{line}  ");
        format!("{}{line}  {}{line}{}", braces.0, shown.join(&between), braces.1)
    }

    /// Many short elements in columns.
    fn grouped(&self, shown: Vec<String>, cut: bool, numbers: bool) -> Vec<String> {
        let count = shown.len() - usize::from(cut);
        let lengths: Vec<usize> = shown[..count].iter().map(|s| chars(s)).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let total: usize = lengths.iter().map(|n| n + 2).sum();
        let widest = longest + 2;
        if widest * 3 + self.indent >= WIDTH || !(total as f64 / widest as f64 > 5.0 || longest <= 6) {
            return shown;
        }
        let bias = (widest as f64 - total as f64 / shown.len() as f64).sqrt();
        let biased = (widest as f64 - 3.0 - bias).max(1.0);
        let square = ((2.5 * biased * count as f64).sqrt() / biased).round() as usize;
        let columns = square.min((WIDTH - self.indent) / widest).min(COMPACT * 4).min(15);
        if columns <= 1 {
            return shown;
        }
        let widths: Vec<usize> = (0..columns)
            .map(|c| lengths.iter().skip(c).step_by(columns).copied().max().unwrap_or(0) + 2)
            .collect();
        let mut lines: Vec<String> =
            shown[..count].chunks(columns).map(|row| line(row, &widths, numbers)).collect();
        lines.extend(shown.into_iter().skip(count));
        lines
    }

    fn text(&self, text: &str) -> String {
        let cut: String = text.chars().take(MAX_CHARS).collect();
        let more = chars(text) - chars(&cut);
        let ending = match more {
            0 => String::new(),
            1 => "... 1 more character".to_owned(),
            n => format!("... {n} more characters"),
        };
        if chars(&cut) > 16 && chars(&cut) > WIDTH.saturating_sub(self.indent + 4) {
            let line = format!(" +\n{}", " ".repeat(self.indent + 2));
            return cut.split_inclusive('\n').map(quoted).collect::<Vec<_>>().join(&line) + &ending;
        }
        quoted(&cut) + &ending
    }
}

fn line(row: &[String], widths: &[usize], numbers: bool) -> String {
    let mut out = String::new();
    for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
        let last = at + 1 == row.len();
        let (cell, width) = if last { (cell.clone(), width - 2) } else { (format!("{cell}, "), *width) };
        let pad = " ".repeat(width.saturating_sub(chars(&cell)));
        match (numbers, last) {
            (true, _) => out += &(pad + &cell),
            (false, true) => out += &cell,
            (false, false) => out += &(cell + &pad),
        }
    }
    out
}

fn chars(text: &str) -> usize {
    text.encode_utf16().count()
}

fn buffer(bytes: &[u8]) -> String {
    let shown: Vec<String> = bytes.iter().take(MAX_BYTES).map(|b| format!("{b:02x}")).collect();
    let more = bytes.len().saturating_sub(MAX_BYTES);
    let ending = match more {
        0 => String::new(),
        1 => " ... 1 more byte".to_owned(),
        n => format!(" ... {n} more bytes"),
    };
    match shown.is_empty() {
        true => "<Buffer >".to_owned(),
        false => format!("<Buffer {}{ending}>", shown.join(" ")),
    }
}

/// A key, quoted when it is no identifier.
fn name(key: &str) -> String {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let plain = key.starts_with(letter) && key.chars().all(|c| letter(c) || c.is_ascii_digit());
    if plain { key.to_owned() } else { quoted(key) }
}

/// A text in quotes: single ones, or others when it holds those.
fn quoted(text: &str) -> String {
    let quote = match (text.contains('\''), text.contains('"'), text.contains('`') || text.contains("${")) {
        (true, false, _) => '"',
        (true, true, false) => '`',
        _ => '\'',
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '\u{8}' => out += "\\b",
            '\u{c}' => out += "\\f",
            '\u{b}' => out += "\\v",
            '\\' => out += "\\\\",
            c if c == quote && quote == '\'' => out += "\\'",
            c if (c as u32) < 0x20 || (0x7f..0xa0).contains(&(c as u32)) => {
                out += &format!("\\x{:02X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn check(value: Json, expected: &str) {
        assert_eq!(inspect(&Value::from_json(&value), DEFAULT_DEPTH), expected);
    }

    #[test]
    fn as_node_shows_it() {
        check(
            json!({"a": 1, "b-c": "it's", "l": [1, {"x": null}]}),
            "{ a: 1, 'b-c': \"it's\", l: [ 1, { x: null } ] }",
        );
        check(json!({"a": {"b": {"c": {"d": 1}}}}), "{ a: { b: { c: [Object] } } }");
        check(json!([]), "[]");
        check(json!("a\n"), "'a\\n'");
        check(
            json!((0..30).collect::<Vec<_>>()),
            "[\n   0,  1,  2,  3,  4,  5,  6,  7,  8,\n   9, 10, 11, 12, 13, 14, 15, 16, 17,\n  18, 19, 20, 21, 22, 23, 24, 25, 26,\n  27, 28, 29\n]",
        );
        check(json!({"type": "Buffer", "data": [1, 255]}), "<Buffer 01 ff>");
        assert_eq!(inspect(&Value::Undefined, 2), "undefined");
        assert_eq!(inspect(&Value::Date(0.0), 2), "1970-01-01T00:00:00.000Z");
    }
}
