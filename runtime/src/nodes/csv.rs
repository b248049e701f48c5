//! `csv`: between CSV text and objects.

use std::sync::Arc;

use route_chain::{Message, Object, Value};

use super::convert;
use super::props::{Path, Props, unescape};
use crate::node::{Level, Node, NodeCx, NodeInfo};

#[derive(PartialEq)]
enum HeaderOut {
    Never,
    Always,
    Once,
}

struct Csv {
    property: Path,
    separator: u8,
    quote: u8,
    columns: Vec<String>,
    header_in: bool,
    header_out: HeaderOut,
    /// All rows in one message.
    together: bool,
    skip: usize,
    numbers: bool,
    keep_empty: bool,
    keep_null: bool,
    line_end: String,
    header_sent: bool,
}

pub(super) fn make(info: &NodeInfo) -> Result<Box<dyn Node>, String> {
    let props = Props::of(info);
    let byte = |text: String, what: &str| match text.as_bytes() {
        [one] => Ok(*one),
        _ => Err(format!("the {what} must be one ASCII character")),
    };
    let separator = byte(unescape(&props.text_or("sep", ",")), "separator")?;
    let quote = byte(props.text_or("quo", "\""), "quote")?;
    Ok(Box::new(Csv {
        property: props.path("property")?,
        separator,
        quote,
        columns: columns(&props.text("temp"), separator, quote),
        header_in: props.flag("hdrin"),
        header_out: match props.text("hdrout").as_str() {
            "all" | "true" => HeaderOut::Always,
            "once" => HeaderOut::Once,
            _ => HeaderOut::Never,
        },
        together: props.text("multi") == "mult",
        skip: props.number("skip").unwrap_or(0.0).max(0.0) as usize,
        numbers: props.json("strings").is_none() || props.flag("strings"),
        keep_empty: props.flag("include_empty_strings"),
        keep_null: props.flag("include_null_values"),
        line_end: unescape(&props.text_or("ret", "\n")),
        header_sent: false,
    }))
}

fn reader(text: &[u8], separator: u8, quote: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .quote(quote)
        .has_headers(false)
        .flexible(true)
        .from_reader(text)
}

/// The names of columns in the node's `temp`.
fn columns(text: &str, separator: u8, quote: u8) -> Vec<String> {
    // The editor writes commas whatever the separator is.
    let separator = if text.as_bytes().contains(&separator) { separator } else { b',' };
    let mut record = csv::StringRecord::new();
    match reader(text.as_bytes(), separator, quote).read_record(&mut record) {
        Ok(true) => record.iter().map(|name| name.trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}

impl Csv {
    fn field(&self, text: &str) -> Value {
        let n = if self.numbers && text.trim() == text && !text.is_empty() { number(text) } else { None };
        n.map_or_else(|| Value::text(text), Value::Number)
    }

    fn parse(&self, text: &str) -> Result<(Vec<Value>, Vec<String>), String> {
        let mut text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for _ in 0..self.skip {
            text = text.split_once('\n').map_or("", |(_, rest)| rest);
        }
        let mut names = self.columns.clone();
        let mut first = self.header_in;
        let mut rows = Vec::new();
        for record in reader(text.as_bytes(), self.separator, self.quote).records() {
            let record = record.map_err(|e| e.to_string())?;
            if std::mem::take(&mut first) {
                names = record.iter().map(|name| name.trim().to_owned()).collect();
                continue;
            }
            let mut row = Object::new();
            for (at, field) in record.iter().enumerate() {
                let name = match names.get(at) {
                    Some(name) => name.clone(),
                    None if names.is_empty() => format!("col{}", at + 1),
                    None => continue,
                };
                match field {
                    _ if name.is_empty() => {}
                    "" if self.keep_empty => row.insert(&name, Value::text("")),
                    "" if self.keep_null => row.insert(&name, Value::Null),
                    "" => {}
                    field => row.insert(&name, self.field(field)),
                }
            }
            if !row.is_empty() {
                rows.push(Value::Object(Arc::new(row)));
            }
        }
        Ok((rows, names))
    }

    fn write(&mut self, value: &Value, msg: &Message) -> Result<String, String> {
        let one;
        let rows: &[Value] = match value {
            Value::List(rows) if rows.iter().any(|r| matches!(r, Value::List(_) | Value::Object(_))) => rows,
            other => {
                one = [other.clone()];
                &one
            }
        };
        let mut names = match msg.get("columns").and_then(Value::as_text) {
            Some(text) => columns(text, self.separator, self.quote),
            None => self.columns.clone(),
        };
        if names.iter().all(String::is_empty) {
            let keys =
                rows.iter().filter_map(Value::as_object).flat_map(Object::iter).map(|(k, _)| k.to_owned());
            names = keys.collect::<indexmap::IndexSet<_>>().into_iter().collect();
        }
        let terminator = match self.line_end.as_str() {
            "\r\n" => csv::Terminator::CRLF,
            other => csv::Terminator::Any(other.bytes().next().unwrap_or(b'\n')),
        };
        let mut builder = csv::WriterBuilder::new();
        builder.delimiter(self.separator).quote(self.quote).terminator(terminator).flexible(true);
        let mut out = builder.from_writer(Vec::new());
        let header = match self.header_out {
            HeaderOut::Never => false,
            HeaderOut::Always => true,
            HeaderOut::Once => !std::mem::replace(&mut self.header_sent, true),
        };
        if header && !names.is_empty() {
            out.write_record(&names).map_err(|e| e.to_string())?;
        }
        for row in rows {
            let cells: Vec<String> = match row {
                Value::List(cells) => cells.iter().map(cell).collect(),
                Value::Object(row) => {
                    names.iter().map(|name| row.get(name).map(cell).unwrap_or_default()).collect()
                }
                other => vec![cell(other)],
            };
            out.write_record(&cells).map_err(|e| e.to_string())?;
        }
        let bytes = out.into_inner().map_err(|e| e.to_string())?;
        String::from_utf8(bytes).map_err(|e| e.to_string())
    }

    fn send_rows(&self, rows: Vec<Value>, names: &[String], msg: &Message, cx: &mut NodeCx<'_>) {
        let named = Value::text(names.join(","));
        let mut base = msg.clone();
        if !names.is_empty() {
            base.set("columns", named);
        }
        if self.together {
            self.property.set(&mut base, Value::list(rows));
            return cx.send(0, base);
        }
        let (id, count) = (cx.new_id(), rows.len());
        let outer = base.get("parts").cloned();
        base.remove("_msgid");
        for (index, row) in rows.into_iter().enumerate() {
            let mut out = base.clone();
            self.property.set(&mut out, row);
            let mut parts = vec![
                ("id", Value::text(&id)),
                ("index", Value::Number(index as f64)),
                ("count", Value::Number(count as f64)),
            ];
            if let Some(outer) = &outer {
                parts.push(("parts", outer.clone()));
            }
            out.set("parts", Value::object(parts));
            cx.send(0, out);
        }
    }
}

/// A field that is a plain number; `007` and `1-2` are not.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let padded = digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let plain =
        digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && !padded && !text.starts_with('+');
    if plain { text.parse().ok() } else { None }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Undefined | Value::Null => String::new(),
        Value::List(_) | Value::Object(_) => convert::to_json(value).to_string(),
        other => convert::to_text(other),
    }
}

impl Node for Csv {
    fn on_message(&mut self, msg: Message, cx: &mut NodeCx<'_>) {
        if msg.get("reset").is_some() {
            self.header_sent = false;
        }
        let result = match self.property.get(&msg) {
            None | Some(Value::Undefined) => {
                if msg.get("reset").is_none() {
                    cx.send(0, msg.clone());
                }
                Ok(())
            }
            Some(value @ (Value::List(_) | Value::Object(_))) => self.write(&value, &msg).map(|text| {
                let mut out = msg.clone();
                self.property.set(&mut out, Value::text(text));
                cx.send(0, out);
            }),
            Some(value @ (Value::Text(_) | Value::Bytes(_))) => self
                .parse(&convert::to_text(&value))
                .map(|(rows, names)| self.send_rows(rows, &names, &msg, cx)),
            Some(_) => {
                cx.log(Level::Warn, "only text, objects and lists are CSV");
                Ok(())
            }
        };
        match result {
            Ok(()) => cx.done(&msg),
            Err(text) => cx.error(&text, Some(&msg)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testkit::Bench;
    use serde_json::json;

    #[test]
    fn reads() {
        let mut node = Bench::new(super::make, json!({"hdrin": true, "multi": "mult", "skip": "1"}));
        node.receive(json!({"payload": "# c\na,b\n1,\"x, \"\"y\"\"\"\n007,\n"}));
        assert_eq!(node.payloads(), json!([[{"a": 1, "b": "x, \"y\""}, {"a": "007"}]]));
        let mut node = Bench::new(super::make, json!({"temp": "a,,c", "sep": ";", "strings": false}));
        let sent = node.receive(json!({"payload": "1;2;3\n4;5;6"})).sent();
        assert_eq!(
            (&sent[0][1]["payload"], &sent[1][1]["parts"]["index"]),
            (&json!({"a": "1", "c": "3"}), &json!(1))
        );
    }

    #[test]
    fn writes() {
        let mut node = Bench::new(super::make, json!({"hdrout": "once", "ret": "\\n"}));
        node.receive(json!({"payload": [{"a": 1, "b": "x,y"}, {"b": null, "c": true}]}));
        node.receive(json!({"payload": {"a": 2}})).receive(json!({"payload": [[1, 2], [3, 4]]}));
        assert_eq!(node.payloads(), json!(["a,b,c\n1,\"x,y\",\n,,true\n", "2\n", "1,2\n3,4\n"]));
    }
}
