//! Diagnostics as data. Renderers (miette, codespan-reporting, JSON, …) live in `routec`.

use serde::{Deserialize, Serialize};

use crate::rule::Rule;
use crate::span::{FileId, Span};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is produced.
    Error,
    /// Something is probably wrong.
    Warning,
    /// Worth knowing.
    Note,
}

/// A marked place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Which file.
    pub file: FileId,
    /// Exactly the words at fault.
    pub span: Span,
    /// Said at that place; may be empty.
    pub text: String,
}

/// How safe a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// May be applied without looking.
    Machine,
    /// Probably what was meant.
    Maybe,
}

/// Text to put in place of other text. Several edits are applied together or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// What it does, in a few words.
    pub text: String,
    /// The edits: file, span to replace, new text.
    pub edits: Vec<(FileId, Span, String)>,
    /// Whether `--fix` may apply it.
    pub applicability: Applicability,
}

/// One finding: what is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Of which kind.
    pub rule: &'static Rule,
    /// The rule's own, unless a level was set for it.
    pub severity: Severity,
    /// One line, lower case, no full stop, the user's words in backticks.
    pub message: String,
    /// The place itself.
    pub primary: Label,
    /// Other places that explain it, also in `flows.json`.
    pub secondary: Vec<Label>,
    /// What to do, one paragraph each.
    pub help: Vec<String>,
    /// Edits that solve it.
    pub suggestions: Vec<Suggestion>,
}

impl Diagnostic {
    /// A finding at a place, as grave as its rule says.
    pub fn new(rule: &'static Rule, file: FileId, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            message: message.into(),
            primary: Label { file, span, text: String::new() },
            secondary: Vec::new(),
            help: Vec::new(),
            suggestions: Vec::new(),
        }
    }
    /// The rule's stable code, such as `R1001`.
    pub fn code(&self) -> &'static str {
        self.rule.code
    }
    /// Says something at the place itself.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }
    /// Points at another place.
    pub fn note(mut self, file: FileId, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { file, span, text: text.into() });
        self
    }
    /// Says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
    /// Offers a replacement of `span` in `file`.
    pub fn suggest(
        mut self,
        text: impl Into<String>,
        file: FileId,
        span: Span,
        new: impl Into<String>,
        applicability: Applicability,
    ) -> Self {
        self.suggestions.push(Suggestion {
            text: text.into(),
            edits: vec![(file, span, new.into())],
            applicability,
        });
        self
    }
}
