//! Mustache as mustache.js renders it: variables, sections, inverted sections, comments, other delimiters, lines that
//! hold one tag only. Partials are empty and there are no lambdas, as in Node-RED's template node.

use route_chain::Value;

use super::convert;

/// Sections inside sections, at most.
const MAX_DEPTH: usize = 64;
/// The longest text that a template may make.
const MAX_TEXT: usize = 64 << 20;

/// A parsed template.
#[derive(Debug, Default)]
pub struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Variable { name: String, escaped: bool },
    Section { name: String, inverted: bool, parts: Vec<Part> },
}

impl Template {
    /// Parses; the error names the tag.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { text, at: 0, open: "{{".to_owned(), close: "}}".to_owned() };
        Ok(Self(parser.parts(None, 0)?))
    }

    /// Renders. `outer` is asked for names that the message does not have; `prepare` changes texts before they are escaped.
    pub fn render(
        &self,
        root: Value,
        outer: &dyn Fn(&str) -> Value,
        prepare: &dyn Fn(String) -> String,
    ) -> Result<String, String> {
        let mut render = Render { stack: vec![root], outer, prepare, out: String::new() };
        render.parts(&self.0)?;
        Ok(render.out)
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    open: String,
    close: String,
}

impl<'a> Parser<'a> {
    fn parts(&mut self, section: Option<&str>, depth: usize) -> Result<Vec<Part>, String> {
        if depth > MAX_DEPTH {
            return Err("the template's sections are nested too deep".to_owned());
        }
        let mut parts = Vec::new();
        while let Some(found) = self.text[self.at..].find(&self.open) {
            let (start, tag) = (self.at + found, self.at + found + self.open.len());
            let before = self.at;
            let (kind, content, end) = self.tag(tag)?;
            let text_end = self.skip_line(kind, before, start, end);
            if text_end > before {
                parts.push(Part::Text(self.text[before..text_end].to_owned()));
            }
            let name = content.trim().to_owned();
            match kind {
                '#' | '^' => {
                    let inner = self.parts(Some(&name), depth + 1)?;
                    parts.push(Part::Section { name, inverted: kind == '^', parts: inner });
                }
                '/' if section == Some(name.as_str()) => return Ok(parts),
                '/' => return Err(format!("`{name}` is closed but not open")),
                '=' => self.delimiters(&name)?,
                '!' | '>' => {}
                _ => parts.push(Part::Variable { name, escaped: kind == ' ' }),
            }
        }
        if let Some(name) = section {
            return Err(format!("section `{name}` is not closed"));
        }
        parts.push(Part::Text(self.text[self.at..].to_owned()));
        self.at = self.text.len();
        Ok(parts)
    }

    /// Kind, content and end of the tag whose content begins at `tag`.
    fn tag(&self, tag: usize) -> Result<(char, &'a str, usize), String> {
        let rest = &self.text[tag..];
        let lead = rest.len() - rest.trim_start().len();
        let kind = rest.trim_start().chars().next().filter(|c| "#^/=!>&{".contains(*c)).unwrap_or(' ');
        let from = if kind == ' ' { 0 } else { lead + 1 };
        let close = match kind {
            '{' => format!("}}{}", self.close),
            '=' => format!("={}", self.close),
            _ => self.close.clone(),
        };
        let len = rest[from..].find(&close).ok_or_else(|| {
            let shown: String = rest.chars().take(20).collect();
            format!("tag `{}{shown}` is not closed", self.open)
        })?;
        Ok((kind, &rest[from..from + len], tag + from + len + close.len()))
    }

    /// Moves behind the tag, and over its line when it stands there alone; returns where the text before it ends.
    fn skip_line(&mut self, kind: char, before: usize, start: usize, end: usize) -> usize {
        self.at = end;
        if matches!(kind, ' ' | '&' | '{') {
            return start;
        }
        let line = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let rest = &self.text[end..];
        let after = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let alone =
            line >= before && self.text[line..start].trim().is_empty() && rest[..after].trim().is_empty();
        if alone {
            self.at = end + after;
            return line;
        }
        start
    }

    fn delimiters(&mut self, content: &str) -> Result<(), String> {
        match content.split_whitespace().collect::<Vec<_>>()[..] {
            [open, close] => {
                (self.open, self.close) = (open.to_owned(), close.to_owned());
                Ok(())
            }
            _ => Err(format!("invalid delimiters `{content}`")),
        }
    }
}

struct Render<'a> {
    stack: Vec<Value>,
    outer: &'a dyn Fn(&str) -> Value,
    prepare: &'a dyn Fn(String) -> String,
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
                        Value::Text(s) => (self.prepare)(s.to_string()),
                        other => convert::to_text(&other),
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
        let empty = !convert::truthy(&value) || value.as_list().is_some_and(<[Value]>::is_empty);
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
        if name == "." {
            return self.stack.last().cloned().unwrap_or_default();
        }
        let found =
            self.stack.iter().rev().find_map(|context| name.split('.').try_fold(context.clone(), member));
        match found {
            Some(value) if !matches!(value, Value::Undefined) => value,
            _ => (self.outer)(name),
        }
    }
}

fn member(value: Value, key: &str) -> Option<Value> {
    match &value {
        Value::Object(object) => object.get(key).cloned(),
        Value::List(items) if key == "length" => Some(Value::Number(items.len() as f64)),
        Value::List(items) => items.get(key.parse::<usize>().ok()?).cloned(),
        Value::Text(s) if key == "length" => Some(Value::Number(s.encode_utf16().count() as f64)),
        Value::Bytes(b) if key == "length" => Some(Value::Number(b.len() as f64)),
        _ => None,
    }
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
        let text = Template::parse(template).unwrap().render(convert::from_json(&view), &outer, &|t| t);
        assert_eq!(text.unwrap(), expected, "{template}");
    }

    #[test]
    fn variables() {
        check(
            "{{a}} {{{a}}} {{& a}} {{ b.c }} {{l.1}} {{none}}|{{env.X}}",
            json!({"a": "<'=", "b": {"c": 1}, "l": [1, 2]}),
            "&lt;&#39;&#x3D; <'= <'= 1 2 |outside",
        );
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
    }

    #[test]
    fn lines_comments_and_delimiters() {
        check("a\n  {{#t}}\nb\n{{/t}}\n{{! note }}\nc", json!({"t": true}), "a\nb\nc");
        check("{{=<% %>=}}<% a %>{{a}}<%={{ }}=%>{{a}}", json!({"a": 1}), "1{{a}}1");
        check("{{> partial}}x", json!({}), "x");
    }

    #[test]
    fn faults() {
        for bad in ["{{a", "{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{=x=}}", "{{{a}}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
        assert!(Template::parse(&"{{#a}}".repeat(100)).is_err());
    }
}
