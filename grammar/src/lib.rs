//! The text of `.route` files: parser with recovery, syntax tree, comments, formatter, spans, and diagnostics as data.
//!
//! Knows nothing of flows, messages or tokio.

pub mod ast;
pub mod diagnostic;
pub mod span;

pub use diagnostic::{Applicability, Code, Diagnostic, Label, Severity, Suggestion};
pub use span::{FileId, Source, Sources, Span};
