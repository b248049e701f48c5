//! The entry: from text to a tree and every fault in it. Islands of text that no rule took are explained here.

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};

use crate::ast::File;
use crate::diagnostic::Diagnostic;
use crate::parsed::Parsed;
use crate::span::FileId;

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
    Parsed::new(text, file).into_parts()
}

/// How far after an island its explanation may look, in bytes; keeps many islands from costing the square.
pub(crate) const LOOK_AHEAD: usize = 512;

/// Where the strict `rule`, begun at `start`, fails furthest, and what it wanted there.
pub(crate) fn explain(text: &str, start: usize, end: usize, rule: Rule) -> Option<(usize, Vec<Rule>)> {
    let mut end = (end + LOOK_AHEAD).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let error = RouteParser::parse(rule, text.get(start..end)?).err()?;
    Some((start + location(&error), expected(&error)))
}

pub(crate) fn location(error: &pest::error::Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

pub(crate) fn expected(error: &pest::error::Error<Rule>) -> Vec<Rule> {
    match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.clone(),
        ErrorVariant::CustomError { .. } => Vec::new(),
    }
}
