//! Objects and lists as comma-separated values.

use route_chain::{Object, Value};

use super::{Columns, Header, Settings, is_empty, legacy, rfc};
use crate::nodes::value::coerce;

/// Writes one payload.
pub(super) struct Writer<'a> {
    pub(super) settings: &'a Settings,
    pub(super) columns: Columns,
    /// The names that the message brings.
    pub(super) named: Option<&'a str>,
    pub(super) header_sent: bool,
    /// Objects were written without names of columns.
    pub(super) lacks_template: bool,
}

/// A cell in quotes, when it holds something that needs them (RFC 4180, 2.6).
pub(super) fn quoted(cell: &str, separator: &str) -> String {
    let needs = cell.contains(['"', '\n', '\r']) || cell.contains(separator);
    if needs { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// As JavaScript says when a property of nothing is asked for.
fn nothing(what: &Value, of: &str) -> String {
    format!("TypeError: Cannot read properties of {} (reading '{of}')", coerce::to_text(what))
}

/// `RED.util.ensureString`
fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Bytes(_) => coerce::to_text(value),
        Value::Null | Value::List(_) | Value::Object(_) | Value::Date(_) | Value::Opaque(_) => {
            value.to_text()
        }
        other => coerce::to_text(other),
    }
}

impl Writer<'_> {
    /// The text, each line ended.
    pub(super) fn write(&mut self, payload: &Value) -> Result<String, String> {
        let rows = match payload {
            // A list of things that are no rows is one row.
            Value::List(items) if items.first().is_some_and(|first| coerce::type_of(first) != "object") => {
                vec![payload.clone()]
            }
            Value::List(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let mut lines = Vec::new();
        if self.settings.header_out != Header::Never && !self.header_sent {
            lines.push(self.header(rows.first())?);
            self.header_sent = self.settings.header_out == Header::Once;
        }
        let first_keys: Vec<String> = match rows.first() {
            Some(Value::Object(object)) => object.iter().map(|(key, _)| key.to_owned()).collect(),
            _ => Vec::new(),
        };
        for row in &rows {
            lines.push(match row {
                Value::List(cells) => self.cells(cells)?,
                Value::Object(object) => self.object(object, &first_keys)?,
                Value::Null | Value::Undefined => return Err(nothing(row, "0")),
                other => self.cell(&text_of(other), "", false),
            });
        }
        Ok(lines.join(&self.settings.line_end) + &self.settings.line_end)
    }

    fn header(&mut self, first: Option<&Value>) -> Result<String, String> {
        if is_empty(&self.columns) {
            self.columns = match (self.named, first) {
                (Some(named), _) => self.columns_of(named)?,
                (None, Some(Value::Object(object))) => object.iter().map(|(key, _)| key.to_owned()).collect(),
                (None, Some(Value::List(items))) => (0..items.len()).map(|at| at.to_string()).collect(),
                _ => return Err("TypeError: Cannot convert undefined or null to object".to_owned()),
            };
        }
        let separator = &self.settings.separator;
        let name = |name: &String| match self.settings.rfc {
            true => quoted(name, separator),
            false if name.contains(separator.as_str()) => format!("\"{name}\""),
            false => name.clone(),
        };
        Ok(self.columns.iter().map(name).collect::<Vec<_>>().join(separator))
    }

    fn columns_of(&self, text: &str) -> Result<Columns, String> {
        if self.settings.rfc { rfc::columns(text) } else { Ok(legacy::columns(text, ",")) }
    }

    fn cells(&self, cells: &[Value]) -> Result<String, String> {
        let has_names = self.settings.rfc && !is_empty(&self.columns);
        let count = if has_names { self.columns.len() } else { cells.len() };
        let mut line = Vec::with_capacity(count);
        for at in 0..count {
            let left_out = has_names && self.columns.get(at).is_some_and(String::is_empty);
            line.push(match cells.get(at).unwrap_or(&Value::Undefined) {
                _ if left_out => String::new(),
                Value::Undefined => String::new(),
                Value::Null if !self.settings.rfc => return Err(nothing(&Value::Null, "toString")),
                value if self.settings.rfc => quoted(&text_of(value), &self.settings.separator),
                value => self.cell(&coerce::to_text(value), "", true),
            });
        }
        Ok(line.join(&self.settings.separator))
    }

    /// A cell as the old writer writes it: quotes only where a quote, a separator or a line break needs them.
    fn cell(&self, text: &str, key: &str, breaks: bool) -> String {
        let broken = if breaks { text.contains('\n') } else { key.contains('\n') };
        if text.contains('"') {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else if text.contains(&self.settings.separator) || broken {
            format!("\"{text}\"")
        } else {
            text.to_owned()
        }
    }

    fn object(&mut self, object: &Object, first_keys: &[String]) -> Result<String, String> {
        if is_empty(&self.columns)
            && let Some(named) = self.named
        {
            self.columns = self.columns_of(named)?;
        }
        let separator = self.settings.separator.clone();
        if is_empty(&self.columns) {
            self.lacks_template = true;
            if self.settings.rfc {
                self.columns = object.iter().map(|(key, _)| key.to_owned()).collect();
            }
            let mut line = Vec::new();
            for key in first_keys {
                match object.get(key) {
                    Some(value) if coerce::type_of(value) != "object" => {
                        let text = match value {
                            Value::Undefined => String::new(),
                            value => coerce::to_text(value),
                        };
                        line.push(match self.settings.rfc {
                            true => quoted(&text, &separator),
                            false => self.cell(&text, key, false),
                        });
                    }
                    _ => {}
                }
            }
            return Ok(line.join(&separator));
        }
        let cell = |name: &String| {
            let text = match object.get(name) {
                _ if name.is_empty() => String::new(),
                None | Some(Value::Undefined) => String::new(),
                Some(value) => text_of(value),
            };
            if self.settings.rfc { quoted(&text, &separator) } else { self.cell(&text, name, true) }
        };
        Ok(self.columns.iter().map(cell).collect::<Vec<_>>().join(&separator))
    }
}
