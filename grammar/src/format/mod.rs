//! One style for `.route` files. The layout is made from the tokens of the parsed text, so that nothing but white space
//! changes, and checks itself: a result that does not parse to the same tree with the same comments is refused.

mod layout;

use crate::ast::File;
use crate::diagnostic::{Diagnostic, Severity};
use crate::parse::parse;
use crate::span::FileId;

/// Columns that a line has at the most, where it can be broken.
pub const WIDTH: usize = 100;

/// Why a text was not formatted.
#[derive(Clone, Debug, PartialEq)]
pub enum FormatError {
    /// The text has faults; they come first.
    Syntax(Vec<Diagnostic>),
    /// The result would not have meant the same; the text is left alone.
    Changed,
}

impl std::fmt::Display for FormatError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Syntax(found) => write!(f, "the text has {} faults and is left as it is", found.len()),
            Self::Changed => f.write_str("formatting would change the meaning; the text is left as it is"),
        }
    }
}

impl std::error::Error for FormatError {}

/// The text in the one style: two spaces a level, one unit a line in blocks that are broken after their `{`, lines of
/// at most [`WIDTH`] columns where they can be broken. Line ends stay what the first one is.
pub fn format(text: &str) -> Result<String, FormatError> {
    let (tree, found) = parse(text, FileId(0));
    if found.iter().any(|d| d.severity == Severity::Error) {
        return Err(FormatError::Syntax(found));
    }
    let mut out = layout::print(text, &tree);
    if text.find('\n').is_some_and(|at| text[..at].ends_with('\r')) {
        out = out.replace('\n', "\r\n");
    }
    let (again, found) = parse(&out, FileId(0));
    if found.is_empty() && meaning(&again) == meaning(&tree) { Ok(out) } else { Err(FormatError::Changed) }
}

/// The tree without its places, for comparison.
fn meaning(tree: &File) -> (String, Vec<&str>) {
    let shown = format!("{:?}", tree.items);
    let mut out = String::with_capacity(shown.len() / 2);
    let mut rest = shown.as_str();
    while let Some((head, tail)) = rest.split_once("Span { start: ") {
        out.push_str(head);
        rest = tail.split_once('}').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    (out, tree.comments.iter().map(|c| c.text.as_str()).collect())
}
