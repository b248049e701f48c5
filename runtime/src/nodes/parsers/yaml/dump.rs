//! Values as YAML, laid out as js-yaml 4 lays them out (its lib/dumper.js): two spaces, lines of eighty characters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use route_chain::{Object, Value};

use super::super::super::value::coerce;
use super::load::plain;

/// The width that lines are folded at, and the least that is left of it deep inside.
const WIDTH: usize = 80;
const LEAST: usize = 40;

/// A value as a document.
pub(super) fn dump(value: &Value) -> String {
    let mut out = node(value, 0, true, true, false);
    out.push('\n');
    out
}

/// `compact`: the first entry stands on the line that is there already.
fn node(value: &Value, level: usize, block: bool, compact: bool, key: bool) -> String {
    match value {
        Value::Undefined | Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => number(*n),
        Value::Date(ms) => coerce::iso_date(*ms).unwrap_or_else(|| "null".to_owned()),
        Value::Bytes(bytes) => {
            format!("!!binary {}", text(&STANDARD.encode(bytes.as_slice()), level, false, true))
        }
        Value::Text(s) => text(s, level, key, block),
        Value::Opaque(handle) => text(handle.label, level, key, block),
        Value::List(items) if items.is_empty() => "[]".to_owned(),
        Value::List(items) => sequence(items, level, compact),
        Value::Object(object) => mapping(object, level, compact),
    }
}

fn new_line(level: usize) -> String {
    format!("\n{}", "  ".repeat(level))
}

fn sequence(items: &[Value], level: usize, compact: bool) -> String {
    let mut out = String::new();
    for item in items {
        if !compact || !out.is_empty() {
            out += &new_line(level);
        }
        let item = node(item, level + 1, true, true, false);
        out += if item.starts_with('\n') { "-" } else { "- " };
        out += &item;
    }
    out
}

fn mapping(object: &Object, level: usize, compact: bool) -> String {
    let mut out = String::new();
    for (key, value) in object.iter().filter(|(_, value)| !matches!(value, Value::Undefined)) {
        if !compact || !out.is_empty() {
            out += &new_line(level);
        }
        let key = text(key, level + 1, true, true);
        let explicit = key.len() > 1024;
        if explicit {
            out += "? ";
        }
        out += &key;
        if explicit {
            out += &new_line(level);
        }
        let value = node(value, level + 1, true, explicit, false);
        out += if value.starts_with('\n') { ":" } else { ": " };
        out += &value;
    }
    if out.is_empty() { "{}".to_owned() } else { out }
}

fn number(n: f64) -> String {
    if n.is_nan() {
        return ".nan".to_owned();
    }
    if n.is_infinite() {
        return if n > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    if n == 0.0 && n.is_sign_negative() {
        return "-0.0".to_owned();
    }
    let text = coerce::number_text(n);
    // YAML wants a point before the exponent.
    match text.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.e{exponent}"),
        _ => text,
    }
}

/// How a text is written.
#[derive(PartialEq)]
enum Style {
    Plain,
    Single,
    Literal,
    Folded,
    Double,
}

fn text(string: &str, level: usize, key: bool, block: bool) -> String {
    const OLD_BOOLEANS: [&str; 16] =
        ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"];
    if string.is_empty() {
        return "''".to_owned();
    }
    if OLD_BOOLEANS.contains(&string) || is_base60(string) {
        return format!("'{string}'");
    }
    let indent = 2 * level.max(1);
    let width = WIDTH.saturating_sub(indent).max(LEAST);
    match style(string, key, width, block) {
        Style::Plain => string.to_owned(),
        Style::Single => format!("'{}'", string.replace('\'', "''")),
        Style::Literal => format!("|{}{}", header(string), ended(indented(string, indent))),
        Style::Folded => format!(">{}{}", header(string), ended(indented(&folded(string, width), indent))),
        Style::Double => format!("\"{}\"", escaped(string)),
    }
}

/// `1:30`, which YAML 1.1 takes for ninety.
fn is_base60(text: &str) -> bool {
    let mut parts = text.strip_prefix(['+', '-']).unwrap_or(text).split(':');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let first = parts.next().is_some_and(digits);
    let rest: Vec<&str> = parts.collect();
    let last = |part: &str| part.split_once('.').map_or(digits(part), |(whole, _)| digits(whole));
    first
        && !rest.is_empty()
        && rest.iter().enumerate().all(
            |(at, part)| {
                if at + 1 == rest.len() { last(part) } else { digits(part) }
            },
        )
}

fn style(string: &str, single_line: bool, width: usize, block: bool) -> Style {
    let chars: Vec<char> = string.chars().collect();
    let mut is_plain = chars.first().is_some_and(|c| plain_first(*c))
        && chars.last().is_some_and(|c| !matches!(c, ' ' | '\t' | ':'));
    let mut before = None;
    for &c in &chars {
        if !printable(c) && (single_line || c != '\n') {
            return Style::Double;
        }
        is_plain = is_plain && plain_safe(c, before, block);
        before = Some(c);
    }
    let breaks = !single_line && string.contains('\n');
    let foldable =
        !single_line && string.split('\n').any(|line| line.chars().count() > width && !line.starts_with(' '));
    if breaks || foldable {
        return if foldable { Style::Folded } else { Style::Literal };
    }
    match is_plain && matches!(plain(string), Value::Text(_)) && string != "<<" {
        true => Style::Plain,
        false => Style::Single,
    }
}

fn printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a1}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        && c != '\u{feff}'
}

fn plain_first(c: char) -> bool {
    printable(c) && !" \t-?:,[]{}#&*!|=>'\"%@`".contains(c)
}

fn plain_safe(c: char, before: Option<char>, block: bool) -> bool {
    let space = |c: char| matches!(c, ' ' | '\t');
    let word = |c: char| printable(c) && !space(c);
    (printable(c) && (block || !",[]{}".contains(c)) && c != '#' && (before != Some(':') || word(c)))
        || (before.is_some_and(word) && c == '#')
        || (before == Some(':') && word(c))
}

/// Indentation and what becomes of the line breaks at the end.
fn header(string: &str) -> String {
    let indents = string.trim_start_matches('\n').starts_with(' ');
    let keep = string.ends_with("\n\n") || string == "\n";
    let chomp = if keep {
        "+"
    } else if string.ends_with('\n') {
        ""
    } else {
        "-"
    };
    format!("{}{chomp}\n", if indents { "2" } else { "" })
}

fn ended(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

fn indented(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let line = |line: &str| if line == "\n" { line.to_owned() } else { format!("{pad}{line}") };
    text.split_inclusive('\n').map(line).collect()
}

/// Lines broken at spaces. A break counts as a space when read, so real ones are doubled.
fn folded(string: &str, width: usize) -> String {
    let (first, mut rest) = match string.find('\n') {
        Some(at) => string.split_at(at),
        None => (string, ""),
    };
    let mut out = folded_line(first, width);
    let mut indented_before = string.starts_with(['\n', ' ']);
    while !rest.is_empty() {
        let breaks = rest.len() - rest.trim_start_matches('\n').len();
        let (prefix, after) = rest.split_at(breaks);
        let end = after.find('\n').unwrap_or(after.len());
        let (line, next) = after.split_at(end);
        let is_indented = line.starts_with(' ');
        out += prefix;
        if !indented_before && !is_indented && !line.is_empty() {
            out.push('\n');
        }
        out += &folded_line(line, width);
        indented_before = is_indented;
        rest = next;
    }
    out
}

fn folded_line(line: &str, width: usize) -> String {
    if line.is_empty() || line.starts_with(' ') {
        return line.to_owned();
    }
    let chars: Vec<char> = line.chars().collect();
    let slice = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
    let spaces = (0..chars.len().saturating_sub(1)).filter(|at| chars[*at] == ' ' && chars[at + 1] != ' ');
    let (mut start, mut fits) = (0, 0);
    let mut lines = Vec::new();
    for next in spaces {
        if next - start > width {
            let end = if fits > start { fits } else { next };
            lines.push(slice(start, end));
            start = end + 1;
        }
        fits = next;
    }
    if chars.len() - start > width && fits > start {
        lines.push(slice(start, fits));
        start = fits + 1;
    }
    lines.push(slice(start, chars.len()));
    lines.join("\n")
}

fn escaped(string: &str) -> String {
    let mut out = String::new();
    for c in string.chars() {
        match c {
            '\0' => out += "\\0",
            '\u{7}' => out += "\\a",
            '\u{8}' => out += "\\b",
            '\t' => out += "\\t",
            '\n' => out += "\\n",
            '\u{b}' => out += "\\v",
            '\u{c}' => out += "\\f",
            '\r' => out += "\\r",
            '\u{1b}' => out += "\\e",
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\u{85}' => out += "\\N",
            '\u{a0}' => out += "\\_",
            '\u{2028}' => out += "\\L",
            '\u{2029}' => out += "\\P",
            c if printable(c) => out.push(c),
            c if u32::from(c) <= 0xff => out += &format!("\\x{:02X}", u32::from(c)),
            c => out += &format!("\\u{:04X}", u32::from(c)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::load::load;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    fn check(value: Json, expected: &str) {
        assert_eq!(dump(&Value::from_json(&value)), expected);
    }

    #[test]
    fn as_js_yaml_lays_it_out() {
        check(json!({"a": 1, "b": [1, {"c": 2, "d": [[1, 2], []]}], "e": {}}), {
            "a: 1\nb:\n  - 1\n  - c: 2\n    d:\n      - - 1\n        - 2\n      - []\ne: {}\n"
        });
        check(json!(["yes", "1", "", "a: b", "it's", "a #b", "- x", "true", "null", "1:30", "<<"]), {
            "- 'yes'\n- '1'\n- ''\n- 'a: b'\n- it's\n- 'a #b'\n- '- x'\n- 'true'\n- 'null'\n- '1:30'\n- '<<'\n"
        });
        check(json!({"t": "a\nb\n", "u": "a\nb", "v": " a\nb"}), {
            "t: |\n  a\n  b\nu: |-\n  a\n  b\nv: |2-\n   a\n  b\n"
        });
        check(json!("\u{1}\t\""), "\"\\x01\\t\\\"\"\n");
        check(json!([0.1, 1e21, 1e-7, null, true]), "- 0.1\n- 1.e+21\n- 1.e-7\n- null\n- true\n");
        let long = "word ".repeat(30);
        assert!(dump(&Value::text(long.trim_end())).starts_with(">-\n  word word"));
        assert_eq!(dump(&Value::bytes(*b"hi")), "!!binary aGk=\n");
    }

    fn tree() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| json!(n)),
            "[ -~\n\t\u{e9}\u{1f600}\u{85}]{0,100}".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::vec(("[ -~\n]{0,12}", inner), 0..4)
                    .prop_map(|m| m.into_iter().collect::<Json>()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_dumped_loads_again(json in tree()) {
            let value = Value::from_json(&json);
            let text = dump(&value);
            let again = load(&text).map(|value| value.to_text());
            prop_assert_eq!(again, Ok(value.to_text()), "{}", text);
        }
    }
}
