//! The text of `.route` files: parser with recovery, syntax tree, comments, formatter, spans, and diagnostics as data.
//!
//! Knows nothing of flows, messages or tokio.

pub mod ast;
pub mod class;
pub mod clauses;
pub mod diagnostic;
mod explain;
mod expr;
pub mod fix;
pub mod format;
pub mod ident;
pub mod keywords;
mod lower;
pub mod names;
mod parse;
mod parsed;
pub mod rule;
pub mod rules;
mod scan;
mod shift;
pub mod span;
mod steps;
pub mod tokens;

pub use diagnostic::{Applicability, Diagnostic, Label, Severity, Suggestion};
pub use format::{FormatError, format};
pub use parse::{MAX_BYTES, MAX_ITEMS, MAX_NESTING, parse};
pub use parsed::Parsed;
pub use rule::{Example, Fix, Level, Rule};
pub use span::{FileId, Source, Sources, Span};
