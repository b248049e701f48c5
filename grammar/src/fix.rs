//! Suggestions put into the text: one by itself, or as many as do not stand in each other's way.

use crate::diagnostic::{Applicability, Diagnostic, Suggestion};
use crate::span::{FileId, Span};

/// The text of one file with a suggestion put in. `None`: an edit lies outside the text, or two of them overlap.
pub fn apply(text: &str, file: FileId, suggestion: &Suggestion) -> Option<String> {
    let here = suggestion.edits.iter().filter(|(at, ..)| *at == file);
    replace(text, here.map(|(_, span, new)| (*span, new.as_str())).collect())
}

/// What was fixed in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The new text.
    pub text: String,
    /// How many findings were solved.
    pub count: usize,
}

/// The text of one file with all suggestions that may be applied without looking. Of two that overlap the first one is
/// taken; a suggestion with edits in other files is left alone. Fixing again may find more.
pub fn apply_safe(text: &str, file: FileId, diagnostics: &[Diagnostic]) -> Fixed {
    let mut edits: Vec<(Span, &str)> = Vec::new();
    let mut count = 0;
    for diagnostic in diagnostics {
        let safe = |s: &&Suggestion| {
            s.applicability == Applicability::Machine
                && s.edits.iter().all(|(at, span, _)| {
                    *at == file && edits.iter().all(|(taken, _)| !overlaps(*taken, *span))
                })
        };
        if let Some(suggestion) = diagnostic.suggestions.iter().find(safe) {
            edits.extend(suggestion.edits.iter().map(|(_, span, new)| (*span, new.as_str())));
            count += 1;
        }
    }
    match replace(text, edits) {
        Some(text) => Fixed { text, count },
        None => Fixed { text: text.to_owned(), count: 0 },
    }
}

fn overlaps(a: Span, b: Span) -> bool {
    a == b || (a.start < b.end && b.start < a.end)
}

fn replace(text: &str, mut edits: Vec<(Span, &str)>) -> Option<String> {
    edits.sort_by_key(|(span, _)| *span);
    edits.dedup();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (span, new) in edits {
        let range = span.range();
        out.push_str(text.get(done..range.start)?);
        text.get(range.clone())?;
        out.push_str(new);
        done = range.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::codes::UNEXPECTED;

    fn found(at: (usize, usize), new: &str, applicability: Applicability) -> Diagnostic {
        let span = Span::new(at.0, at.1);
        Diagnostic::new(UNEXPECTED, FileId(0), span, "x").suggest(
            "write",
            FileId(0),
            span,
            new,
            applicability,
        )
    }

    #[test]
    fn safe_ones_that_do_not_overlap_are_applied() {
        use Applicability::{Machine, Maybe};
        let all = [
            found((0, 1), "A", Machine),
            found((0, 2), "never", Machine),
            found((2, 3), "perhaps", Maybe),
            found((4, 4), "+", Machine),
            found((90, 91), "far", Maybe),
        ];
        let fixed = apply_safe("abcd", FileId(0), &all);
        assert_eq!(fixed, Fixed { text: "Abcd+".to_owned(), count: 2 });
        assert_eq!(apply("abcd", FileId(0), &all[2].suggestions[0]), Some("abperhapsd".to_owned()));
        assert_eq!(apply("abcd", FileId(0), &all[4].suggestions[0]), None);
    }
}
