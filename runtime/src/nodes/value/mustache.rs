//! Mustache as mustache.js 4 renders it: the same names, escapes and lines that hold nothing but tags. Partials are empty
//! and there are no lambdas, as nothing in a Node-RED flow can provide either.

use std::collections::BTreeSet;

use route_chain::Value;

use super::coerce::{self, to_text};
use super::property;

/// Sections inside sections, at most.
const MAX_DEPTH: usize = 64;
/// The longest text that a template may make.
const MAX_TEXT: usize = 64 << 20;

/// A parsed template.
#[derive(Debug, Default)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Variable { name: String, escaped: bool },
    Section { name: String, inverted: bool, parts: Vec<Part> },
}

/// What a template reads besides its view.
pub(crate) struct Surroundings<'a> {
    /// Asked for names that the view does not have.
    pub(crate) outer: &'a dyn Fn(&str) -> Value,
    /// Changes texts that stand outside of all sections before they are escaped.
    pub(crate) prepare: &'a dyn Fn(String) -> String,
}

impl Template {
    /// Parses; the faults are worded as mustache.js words them.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut scanner = Scanner { text, at: 0, open: "{{".to_owned(), close: "}}".to_owned() };
        nest(&mut tokens(&mut scanner)?.into_iter(), 0).map(Self)
    }

    /// Renders a view alone.
    pub(crate) fn render_plain(&self, view: &Value) -> Result<String, String> {
        let around = Surroundings { outer: &|_| Value::Undefined, prepare: &|text| text };
        self.render(view, &around)
    }

    /// Renders a view.
    pub(crate) fn render(&self, view: &Value, around: &Surroundings<'_>) -> Result<String, String> {
        let mut render = Render { stack: vec![view.clone()], around, out: String::new() };
        render.parts(&self.0)?;
        Ok(render.out)
    }

    /// Every name that stands in it.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        fn collect<'t>(parts: &'t [Part], into: &mut BTreeSet<&'t str>) {
            for part in parts {
                match part {
                    Part::Text(_) => {}
                    Part::Variable { name, .. } => drop(into.insert(name)),
                    Part::Section { name, parts, .. } => {
                        into.insert(name);
                        collect(parts, into);
                    }
                }
            }
        }
        let mut names = BTreeSet::new();
        collect(&self.0, &mut names);
        names
    }
}

#[derive(Debug)]
enum Token {
    Text(String),
    Tag { kind: char, name: String },
}

/// The tokens of a template, without the white space of lines that hold tags but no variable.
fn tokens(scanner: &mut Scanner<'_>) -> Result<Vec<Token>, String> {
    let mut line = Line::default();
    let mut open: Vec<String> = Vec::new();
    while !scanner.rest().is_empty() {
        line.text(scanner.until_tag());
        if scanner.rest().is_empty() {
            break;
        }
        let start = scanner.at;
        let (kind, name) = scanner.tag()?;
        match kind {
            '#' | '^' => open.push(name.clone()),
            '/' => match open.pop() {
                None => return Err(format!("Unopened section \"{name}\" at {start}")),
                Some(section) if section != name => {
                    return Err(format!("Unclosed section \"{section}\" at {start}"));
                }
                Some(_) => {}
            },
            '=' => scanner.delimiters(&name)?,
            _ => {}
        }
        line.tag(kind, name);
    }
    line.end();
    match open.pop() {
        Some(section) => Err(format!("Unclosed section \"{section}\" at {}", scanner.at)),
        None => Ok(line.tokens.into_iter().flatten().collect()),
    }
}

/// Collects tokens, and forgets the white space of lines that turn out to hold tags alone.
#[derive(Default)]
struct Line {
    tokens: Vec<Option<Token>>,
    /// Where the white space of this line stands.
    spaces: Vec<usize>,
    has_tag: bool,
    has_text: bool,
}

impl Line {
    fn text(&mut self, text: &str) {
        // Runs of the same kind are one token; a line break ends its line.
        for piece in text.split_inclusive('\n') {
            let body = piece.trim_end_matches(is_space);
            let (lead, body) = body.split_at(body.len() - body.trim_start_matches(is_space).len());
            let tail = &piece[lead.len() + body.len()..];
            self.space(lead);
            if !body.is_empty() {
                self.has_text = true;
                self.tokens.push(Some(Token::Text(body.to_owned())));
            }
            self.space(tail);
            if piece.ends_with('\n') {
                self.end();
            }
        }
    }

    fn space(&mut self, text: &str) {
        if !text.is_empty() {
            self.spaces.push(self.tokens.len());
            self.tokens.push(Some(Token::Text(text.to_owned())));
        }
    }

    fn tag(&mut self, kind: char, name: String) {
        self.has_tag = true;
        self.has_text |= matches!(kind, ' ' | '&');
        self.tokens.push(Some(Token::Tag { kind, name }));
    }

    fn end(&mut self) {
        if self.has_tag && !self.has_text {
            for at in self.spaces.drain(..) {
                self.tokens[at] = None;
            }
        }
        self.spaces.clear();
        (self.has_tag, self.has_text) = (false, false);
    }
}

fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

fn nest(tokens: &mut dyn Iterator<Item = Token>, depth: usize) -> Result<Vec<Part>, String> {
    if depth > MAX_DEPTH {
        return Err("the template's sections are nested too deep".to_owned());
    }
    let mut parts: Vec<Part> = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) => match parts.last_mut() {
                Some(Part::Text(before)) => before.push_str(&text),
                _ => parts.push(Part::Text(text)),
            },
            Token::Tag { kind: '/', .. } => return Ok(parts),
            Token::Tag { kind: kind @ ('#' | '^'), name } => {
                let inner = nest(tokens, depth + 1)?;
                parts.push(Part::Section { name, inverted: kind == '^', parts: inner });
            }
            Token::Tag { kind: '!' | '>' | '=', .. } => {}
            Token::Tag { kind, name } => parts.push(Part::Variable { name, escaped: kind == ' ' }),
        }
    }
    Ok(parts)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    open: String,
    close: String,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(is_space).len();
    }

    /// The text before the next tag.
    fn until_tag(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(&self.open).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Kind and content of the tag that begins here: `#^/>&=!`, or a space for a variable.
    fn tag(&mut self) -> Result<(char, String), String> {
        self.at += self.open.len();
        self.skip_space();
        let kind = self.rest().chars().next().filter(|c| "#^/>{&=!".contains(*c));
        self.at += kind.map_or(0, char::len_utf8);
        self.skip_space();
        let (kind, end) = match kind {
            Some('=') => ('=', "=".to_owned()),
            Some('{') => ('&', format!("}}{}", self.close)),
            other => (other.unwrap_or(' '), self.close.clone()),
        };
        let rest = self.rest();
        let Some(len) = rest.find(&end) else { return Err(format!("Unclosed tag at {}", self.text.len())) };
        self.at += len + end.len();
        if kind == '=' {
            let Some(more) = self.rest().find(&self.close) else {
                return Err(format!("Unclosed tag at {}", self.text.len()));
            };
            self.at += more + self.close.len();
        }
        Ok((kind, rest[..len].trim_end_matches(is_space).to_owned()))
    }

    fn delimiters(&mut self, content: &str) -> Result<(), String> {
        match content.split_whitespace().collect::<Vec<_>>()[..] {
            [open, close, ..] => {
                (self.open, self.close) = (open.to_owned(), close.to_owned());
                Ok(())
            }
            _ => Err(format!("Invalid tags: {content}")),
        }
    }
}

struct Render<'a> {
    stack: Vec<Value>,
    around: &'a Surroundings<'a>,
    out: String,
}

impl Render<'_> {
    fn parts(&mut self, parts: &[Part]) -> Result<(), String> {
        for part in parts {
            match part {
                Part::Text(text) => self.out += text,
                Part::Variable { name, escaped } => {
                    let text = match self.look_up(name) {
                        Value::Undefined | Value::Null => continue,
                        other => to_text(&other),
                    };
                    if *escaped { escape(&text, &mut self.out) } else { self.out += &text }
                }
                Part::Section { name, inverted, parts } => self.section(name, *inverted, parts)?,
            }
            if self.out.len() > MAX_TEXT {
                return Err("the template makes too long a text".to_owned());
            }
        }
        Ok(())
    }

    fn section(&mut self, name: &str, inverted: bool, parts: &[Part]) -> Result<(), String> {
        let value = self.look_up(name);
        let empty = !coerce::truthy(&value) || value.as_list().is_some_and(<[Value]>::is_empty);
        if inverted || empty {
            return if inverted && empty { self.parts(parts) } else { Ok(()) };
        }
        match value {
            Value::Bool(_) => self.parts(parts),
            Value::List(items) => items.iter().try_for_each(|item| self.inside(item.clone(), parts)),
            one => self.inside(one, parts),
        }
    }

    fn inside(&mut self, context: Value, parts: &[Part]) -> Result<(), String> {
        self.stack.push(context);
        let done = self.parts(parts);
        self.stack.pop();
        done
    }

    fn look_up(&self, name: &str) -> Value {
        let found = match name {
            "." => self.stack.last().cloned(),
            _ => self.stack.iter().rev().find_map(|context| find(context, name)),
        };
        match found {
            None | Some(Value::Undefined) => (self.around.outer)(name),
            Some(Value::Text(text)) if self.stack.len() == 1 => {
                Value::text((self.around.prepare)(text.to_string()))
            }
            Some(value) => value,
        }
    }
}

/// `a.b` in one context: `None` when the last step is not there. Without a point only objects are looked into.
fn find(context: &Value, name: &str) -> Option<Value> {
    if !name.get(1..).is_some_and(|rest| rest.contains('.')) {
        return match context {
            Value::Text(_) => None,
            other => property::member(other, name),
        };
    }
    name.split('.').try_fold(context.clone(), |value, key| property::member(&value, key))
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => *out += "&amp;",
            '<' => *out += "&lt;",
            '>' => *out += "&gt;",
            '"' => *out += "&quot;",
            '\'' => *out += "&#39;",
            '/' => *out += "&#x2F;",
            '`' => *out += "&#x60;",
            '=' => *out += "&#x3D;",
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn check(template: &str, view: serde_json::Value, expected: &str) {
        let outer = |name: &str| Value::text(if name == "env.X" { "outside" } else { "" });
        let around = Surroundings { outer: &outer, prepare: &|t| t };
        let text = Template::parse(template).unwrap().render(&Value::from_json(&view), &around);
        assert_eq!(text.unwrap(), expected, "{template}");
    }

    #[test]
    fn variables() {
        check(
            "{{a}} {{{a}}} {{& a}} {{ b.c }} {{l.1}} {{none}}|{{env.X}}",
            json!({"a": "<'=", "b": {"c": 1}, "l": [1, 2]}),
            "&lt;&#39;&#x3D; <'= <'= 1 2 |outside",
        );
        check("{{s.length}} {{l.length}} {{l}} {{o}}", json!({"s": "abc", "l": [1, 2], "o": {}}), {
            "3 2 1,2 [object Object]"
        });
    }

    #[test]
    fn sections() {
        check("{{#l}}<{{n}}{{x}}>{{/l}}", json!({"l": [{"n": 1}, {"n": 2}], "x": "!"}), "<1!><2!>");
        check("{{#l}}{{.}},{{/l}}{{^l}}none{{/l}}", json!({"l": ["a", "b"]}), "a,b,");
        check("{{#l}}x{{/l}}{{^l}}none{{/l}}", json!({"l": []}), "none");
        check(
            "{{#o}}{{k}}{{/o}}{{#t}}yes{{/t}}{{#f}}no{{/f}}",
            json!({"o": {"k": 1}, "t": true, "f": 0}),
            "1yes",
        );
        check("{{#s}}{{length}}{{.}}{{/s}}", json!({"s": "abc", "length": 9}), "9abc");
    }

    #[test]
    fn lines_comments_and_delimiters() {
        check("a\n  {{#t}}\nb\n{{/t}}\n{{! note }}\nc", json!({"t": true}), "a\nb\nc");
        check("a\n {{#t}} {{#t}} \nb\n{{/t}}{{/t}}\nc", json!({"t": true}), "a\nb\nc");
        check("a\n {{#t}} x\n{{/t}}", json!({"t": true}), "a\n  x\n");
        check("{{=<% %>=}}<% a %>{{a}}<%={{ }}=%>{{a}}", json!({"a": 1}), "1{{a}}1");
        check("{{> partial}}x", json!({}), "x");
    }

    #[test]
    fn faults() {
        for (bad, fault) in [
            ("{{a", "Unclosed tag at 3"),
            ("{{#a}}", "Unclosed section \"a\" at 6"),
            ("x{{/a}}", "Unopened section \"a\" at 1"),
            ("{{#a}}{{/b}}", "Unclosed section \"a\" at 6"),
            ("{{=x=}}", "Invalid tags: x"),
            ("{{{a}}", "Unclosed tag at 6"),
        ] {
            assert_eq!(Template::parse(bad).err().unwrap(), fault, "{bad}");
        }
        assert!(Template::parse(&"{{#a}}".repeat(100)).is_err());
        assert!(Template::parse(&format!("{}{}", "{{#a}}".repeat(100), "{{/a}}".repeat(100))).is_err());
    }
}
