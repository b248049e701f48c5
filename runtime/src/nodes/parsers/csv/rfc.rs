//! The parser after RFC 4180 that the csv node has since Node-RED 4: any separator, `\r`, `\n` or both as line ends.

use route_chain::{Object, Value};

use super::{Columns, Csv, Read, is_empty};
use crate::nodes::value::coerce;

/// A cell; `None`: nothing stood there at all.
type Cell = Option<String>;

/// Rows of cells, and where reading ended.
struct Parsed {
    rows: Vec<Vec<Cell>>,
    end: usize,
}

/// The names in a template; none when there are several lines of them.
pub(super) fn columns(template: &str) -> Result<Columns, String> {
    let chars: Vec<char> = template.chars().collect();
    let mut rows = parse(&chars, 0, ',', false, true)?.rows;
    let names = |row: Vec<Cell>| row.into_iter().map(Option::unwrap_or_default).collect();
    Ok(if rows.len() == 1 { names(rows.remove(0)) } else { vec![String::new()] })
}

/// Cells from a place on. `strict`: a quote in a cell that does not begin with one, or text behind a closing one, is an
/// error.
fn parse(
    text: &[char],
    from: usize,
    separator: char,
    one_line: bool,
    strict: bool,
) -> Result<Parsed, String> {
    let mut parser = Parser { rows: Vec::new(), row: Vec::new(), cell: String::new(), is_new: true };
    let (mut quoted, mut closed) = (false, false);
    let mut at = from;
    while let Some(&c) = text.get(at) {
        let next = text.get(at + 1).copied();
        at += 1;
        if quoted {
            parser.is_new = false;
            match (c, next) {
                ('"', Some('"')) => {
                    parser.cell.push('"');
                    at += 1;
                }
                ('"', _) => (quoted, closed) = (false, true),
                _ => parser.cell.push(c),
            }
        } else if c == separator {
            parser.end_cell();
            (parser.is_new, closed) = (true, false);
        } else if c == '"' && parser.is_new {
            (quoted, parser.is_new, closed) = (true, false, false);
        } else if c == '"' && strict {
            return Err("UnquotedQuoteError: Quote found in the middle of an unquoted field".to_owned());
        } else if c == '"' {
            // A quote is kept when text follows it; a second one is not.
            if let Some(next) = next.filter(|c| !matches!(c, '\n' | '\r') && *c != separator) {
                parser.cell.push('"');
                at += usize::from(next == '"');
            }
        } else if matches!(c, '\n' | '\r') {
            parser.end_row();
            at += usize::from(next == Some('\n'));
            (parser.is_new, closed) = (true, false);
            if one_line {
                break;
            }
        } else if closed && strict {
            return Err("DataAfterCloseError: Data found after closing quote".to_owned());
        } else if closed {
            // The quote that seemed to close is read again, as one inside of a cell.
            at -= 2;
            closed = false;
        } else {
            parser.cell.push(c);
            parser.is_new = false;
        }
    }
    if strict && quoted {
        return Err("ParseError: Missing quote, unclosed cell".to_owned());
    }
    parser.end_row();
    Ok(Parsed { rows: parser.rows, end: at })
}

struct Parser {
    rows: Vec<Vec<Cell>>,
    row: Vec<Cell>,
    cell: String,
    /// Nothing of this cell has been read.
    is_new: bool,
}

impl Parser {
    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        self.row.push(if cell.is_empty() && self.is_new { None } else { Some(cell) });
    }

    fn end_row(&mut self) {
        if !self.cell.is_empty() {
            self.end_cell();
        }
        if !self.row.is_empty() {
            self.rows.push(std::mem::take(&mut self.row));
        }
    }
}

impl Csv {
    /// Reads a text; `index`: its place in a sequence. `None`: all of it is skipped.
    pub(super) fn read_rfc(&mut self, text: &str, index: Option<f64>) -> Result<Option<Read>, String> {
        let chars: Vec<char> = text.chars().collect();
        let (skip, separator) = (self.settings.skip, self.settings.separator.chars().next().unwrap_or(','));
        let mut lines = index.unwrap_or(0.0).max(0.0) as usize;
        let mut first = lines <= skip;
        let mut at = 0;
        if skip > 0 && lines < skip {
            while first && lines < skip && at < chars.len() {
                lines += usize::from(matches!(chars[at], '\r' | '\n'));
                at += 1;
            }
            if at >= chars.len() {
                return Ok(None);
            }
        }
        let line_breaks = chars[at..].iter().filter(|c| matches!(c, '\r' | '\n')).count();
        if index.is_some() && self.settings.many && line_breaks > 1 {
            first = true;
        }
        if first && self.settings.header_in {
            let header = parse(&chars, at, separator, true, true)?;
            let names = header.rows.into_iter().next().unwrap_or_default();
            self.columns = names.into_iter().map(Option::unwrap_or_default).collect();
            at = header.end;
        }
        let parsed = parse(&chars, at, separator, false, false)?;
        if std::mem::take(&mut self.counted) {
            self.columns.clear();
        }
        if is_empty(&self.columns)
            && let Some(row) = parsed.rows.first()
        {
            self.columns = (1..=row.len()).map(|at| format!("col{at}")).collect();
            self.counted = true;
        }
        let rows =
            parsed.rows.into_iter().map(|row| self.object(row)).filter(|row| !row.is_empty()).collect();
        Ok(Some(Read { rows, last: None, line_breaks, is_malformed: false }))
    }

    fn object(&self, row: Vec<Cell>) -> Object {
        let mut object = Object::new();
        let mut cells = row.into_iter();
        for name in &self.columns {
            let cell = cells.next().flatten();
            if name.is_empty() {
                continue;
            }
            match cell {
                None if self.settings.nulls => object.insert(name, Value::Null),
                None => {}
                Some(text) if text.is_empty() && !self.settings.empty_texts => {}
                Some(text) => object.insert(name, self.value(text)),
            }
        }
        object
    }

    fn value(&self, text: String) -> Value {
        let plain = text.trim_start_matches(' ');
        let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let zeros = |text: &str| text.strip_prefix('0').is_some_and(digit);
        let kept = plain.starts_with('+') || zeros(plain) || plain.strip_prefix('-').is_some_and(zeros);
        if self.settings.numbers && !text.is_empty() && !kept {
            let number = coerce::text_to_number(&text);
            if !number.is_nan() {
                return Value::Number(number);
            }
        }
        Value::text(text)
    }
}
