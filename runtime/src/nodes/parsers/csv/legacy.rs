//! The parser that the csv node has always had. What it makes of broken texts is what flows have got used to.

use std::sync::LazyLock;

use regex::Regex;
use route_chain::{Object, Value};

use super::{Csv, Read, is_empty};
use crate::nodes::value::coerce;

/// Names of columns, split at a separator that is not inside of quotes.
pub(super) fn columns(text: &str, separator: &str) -> Vec<String> {
    let text = coerce::trim(text);
    let mut names = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(found) = rest[from..].find(separator) {
        let at = from + found;
        let after = &rest[at + separator.len()..];
        // Outside: the quotes that follow come in pairs.
        if after.matches('"').count().is_multiple_of(2) {
            names.push(rest[..at].to_owned());
            rest = after;
            from = 0;
        } else {
            from = at + separator.len();
        }
    }
    names.push(rest.to_owned());
    names.iter().map(|name| coerce::trim(&name.replace('"', "")).to_owned()).collect()
}

/// `/^[-]?(?!E)(?!0\d)\d*\.?\d*(E-?\+?)?\d+$/i`
fn is_number(text: &str) -> bool {
    static REST: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?i)[0-9]*\.?[0-9]*(E-?\+?)?[0-9]+$").ok());
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_ascii_digit());
    let exponent = digits.starts_with(['e', 'E']);
    !leading_zero && !exponent && REST.as_ref().is_some_and(|rest| rest.is_match(digits))
}

/// A row that is being read.
struct Row<'a> {
    csv: &'a mut Csv,
    good_template: bool,
    column: usize,
    /// `None`: nothing stood between two separators.
    cell: Option<String>,
    object: Object,
}

impl Row<'_> {
    /// The cell is at its end.
    fn end_cell(&mut self) {
        let name = self.column;
        if !self.good_template {
            if self.csv.columns.len() <= name {
                self.csv.columns.resize(name + 1, String::new());
            }
            self.csv.columns[name] = format!("col{}", name + 1);
        }
        let Some(name) = self.csv.columns.get(name).filter(|name| !name.is_empty()) else { return };
        let settings = &self.csv.settings;
        match self.cell.take() {
            None if settings.nulls => self.object.insert(name, Value::Null),
            None => {}
            Some(text) if settings.numbers && is_number(coerce::trim(&text)) => {
                let number = coerce::parse_float(&Value::text(coerce::trim(&text)));
                self.object.insert(name, Value::Number(number));
            }
            Some(text) if !text.is_empty() || settings.empty_texts => {
                self.object.insert(name, Value::text(text));
            }
            Some(_) => {}
        }
    }
}

impl Csv {
    /// Reads a text; `index`: its place in a sequence.
    pub(super) fn read_legacy(&mut self, text: &str, index: Option<f64>) -> Read {
        let line: Vec<char> = text.chars().collect();
        let separator = self.settings.separator.chars().next().unwrap_or(',');
        let (skip, header_in) = (self.settings.skip, self.settings.header_in);
        let line_breaks = line.iter().filter(|c| matches!(c, '\n' | '\r')).count();
        let mut lines = index.unwrap_or(0.0).max(0.0) as usize;
        let whole_file = index.is_some() && self.settings.many && line_breaks > 1;
        let mut first = lines <= skip || whole_file;
        let mut header = String::new();
        let mut outside = true;
        let mut rows = Vec::new();
        let good_template = !is_empty(&self.columns);
        let mut row =
            Row { csv: self, good_template, column: 0, cell: Some(String::new()), object: Object::new() };
        for (i, &c) in line.iter().enumerate() {
            let before = i.checked_sub(1).and_then(|i| line.get(i)).copied();
            let at_end = i + 1 == line.len();
            if first && lines < skip {
                lines += usize::from(c == '\n');
            } else if header_in && first {
                let is_break = matches!(c, '\n' | '\r');
                if !is_break || at_end {
                    header.push(c);
                }
                if is_break || at_end {
                    let split_at = row.csv.settings.separator.clone();
                    row.csv.columns = columns(&header, &split_at);
                    row.csv.split_at = split_at;
                    row.good_template = !is_empty(&row.csv.columns);
                    first = false;
                }
            } else if c == '"' {
                outside = !outside;
                if before == Some('"') && !outside {
                    row.cell.get_or_insert_default().push('"');
                }
            } else if c == separator && outside {
                if before.is_none_or(|before| before == separator || before == '\n') {
                    row.cell = None;
                }
                row.end_cell();
                row.column += 1;
                row.cell = if at_end { None } else { Some(String::new()) };
            } else if matches!(c, '\n' | '\r') && outside {
                if before == Some(separator) {
                    row.cell = None;
                }
                row.end_cell();
                let object = std::mem::take(&mut row.object);
                if !object.is_empty() {
                    rows.push(object);
                }
                row.column = 0;
                row.cell = Some(String::new());
            } else {
                row.cell.get_or_insert_default().push(c);
            }
        }
        row.end_cell();
        let last = Some(row.object).filter(|object| !object.is_empty());
        rows.extend(last.clone());
        Read { rows, last, line_breaks, is_malformed: !outside }
    }
}
