//! The entry: from text to a tree and every fault in it. Islands of text that no rule took are explained here.

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};

use crate::ast::File;
use crate::diagnostic::Diagnostic;
use crate::lower::Lower;
use crate::rules::codes;
use crate::scan::scan;
use crate::span::{FileId, Span};

/// Largest text accepted, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Deepest nesting of brackets accepted.
pub const MAX_NESTING: usize = 64;
/// Most items accepted in one file.
pub const MAX_ITEMS: usize = 20_000;

/// The generated parser.
#[allow(missing_docs)]
mod generated {
    /// Rules of `route.pest`.
    #[derive(pest_derive::Parser)]
    #[grammar = "route.pest"]
    pub(crate) struct RouteParser;
}
pub(crate) use generated::{RouteParser, Rule};

/// Parses a whole file. Never gives up: what was understood is in the tree, everything else is reported once.
pub fn parse(text: &str, file: FileId) -> (File, Vec<Diagnostic>) {
    if text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_BYTES} are read", text.len());
        let error = Diagnostic::new(codes::FILE_TOO_LARGE, file, Span::new(0, 0), message);
        return (
            File::default(),
            vec![error.help("move a part of it into another file and bring that in with `use`")],
        );
    }
    let scanned = scan(text, MAX_NESTING);
    if let Some(span) = scanned.too_deep {
        let message = format!("brackets are nested deeper than {MAX_NESTING}");
        let error = Diagnostic::new(codes::NESTED_TOO_DEEP, file, span, message);
        let help = "name a part of it with `predicate` or `let`";
        return (File { items: Vec::new(), comments: scanned.comments }, vec![error.help(help)]);
    }
    let mut lower = Lower::new(text, file, &scanned.comments);
    let items = match RouteParser::parse(Rule::file, text) {
        Ok(pairs) => lower.file(pairs),
        Err(error) => {
            let at = location(&error);
            lower.unexpected(at, &expected(&error), None);
            Vec::new()
        }
    };
    let mut diagnostics = lower.diagnostics;
    diagnostics.sort_by_key(|d| d.primary.span);
    diagnostics.dedup_by(|a, b| a.primary.span.start == b.primary.span.start && a.rule == b.rule);
    (File { items, comments: scanned.comments }, diagnostics)
}

/// How far after an island its explanation may look, in bytes; keeps many islands from costing the square.
const LOOK_AHEAD: usize = 512;

/// Where the strict `rule`, begun at `start`, fails furthest, and what it wanted there.
pub(crate) fn explain(text: &str, start: usize, end: usize, rule: Rule) -> Option<(usize, Vec<Rule>)> {
    let mut end = (end + LOOK_AHEAD).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let error = RouteParser::parse(rule, text.get(start..end)?).err()?;
    Some((start + location(&error), expected(&error)))
}

fn location(error: &pest::error::Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

fn expected(error: &pest::error::Error<Rule>) -> Vec<Rule> {
    match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.clone(),
        ErrorVariant::CustomError { .. } => Vec::new(),
    }
}
