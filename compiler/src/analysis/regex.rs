//! What a regular expression says in plain words, when it does.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Characters of a class that is taken for a choice between texts.
const FEW: usize = 16;

/// What a text must be to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Any text does.
    All,
    /// One of these.
    Equals(Vec<String>),
    /// A text that begins so.
    Begins(String),
    /// A text that ends so.
    Ends(String),
    /// A text with this in it.
    Contains(String),
    /// It needs the expression; every match begins with this text, which may be empty.
    Other(String),
}

/// The shape of an expression in the syntax of the `regex` crate.
pub(crate) fn shape(regex: &str) -> Shape {
    let Ok(hir) = regex_syntax::parse(regex) else { return Shape::Other(String::new()) };
    let whole = [&hir];
    let row: Vec<&Hir> = match hir.kind() {
        HirKind::Concat(row) => row.iter().collect(),
        _ => whole.to_vec(),
    };
    let is = |at: Option<&&Hir>, look: Look| matches!(at.map(|hir| hir.kind()), Some(HirKind::Look(l)) if *l == look);
    let (start, end) = (is(row.first(), Look::Start), is(row.last(), Look::End));
    let inner = row.get(usize::from(start)..row.len() - usize::from(end)).unwrap_or_default();
    if let Some(text) = literal(inner) {
        return match (start, end) {
            (true, true) => Shape::Equals(vec![text]),
            _ if text.is_empty() => Shape::All,
            (true, false) => Shape::Begins(text),
            (false, true) => Shape::Ends(text),
            (false, false) => Shape::Contains(text),
        };
    }
    if start
        && end
        && let Some(texts) = alternatives(inner)
    {
        return Shape::Equals(texts);
    }
    let known: Vec<&Hir> = inner.iter().copied().take_while(|hir| literal(&[hir]).is_some()).collect();
    Shape::Other(if start { literal(&known).unwrap_or_default() } else { String::new() })
}

/// The text of a row of literals.
fn literal(row: &[&Hir]) -> Option<String> {
    let mut text = String::new();
    for hir in row {
        match hir.kind() {
            HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Capture(capture) => text.push_str(&literal(&[&*capture.sub])?),
            HirKind::Concat(row) => text.push_str(&literal(&row.iter().collect::<Vec<_>>())?),
            HirKind::Empty => {}
            _ => return None,
        }
    }
    Some(text)
}

/// The texts of a choice between literals, with literals before and after it.
fn alternatives(row: &[&Hir]) -> Option<Vec<String>> {
    let at = row.iter().position(|hir| literal(&[hir]).is_none())?;
    let (before, after) = (literal(row.get(..at)?)?, literal(row.get(at + 1..)?)?);
    let mut choice = *row.get(at)?;
    while let HirKind::Capture(capture) = choice.kind() {
        choice = &capture.sub;
    }
    let any: Vec<String> = match choice.kind() {
        HirKind::Alternation(any) => any.iter().map(|one| literal(&[one])).collect::<Option<_>>()?,
        // A choice between single characters has become a class.
        HirKind::Class(Class::Unicode(class)) => {
            let many: usize = class.ranges().iter().map(|range| range.len()).sum();
            let chars = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            (many <= FEW).then(|| chars.map(String::from).collect())?
        }
        _ => return None,
    };
    Some(any.into_iter().map(|one| format!("{before}{one}{after}")).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words() {
        let text = |s: &str| s.to_owned();
        for (regex, wanted) in [
            ("", Shape::All),
            ("^", Shape::All),
            ("^$", Shape::Equals(vec![text("")])),
            ("^a/b$", Shape::Equals(vec![text("a/b")])),
            ("^(?:north|south)$", Shape::Equals(vec![text("north"), text("south")])),
            ("^(?:a|b)$", Shape::Equals(vec![text("a"), text("b")])),
            ("^x/(north|south)/y$", Shape::Equals(vec![text("x/north/y"), text("x/south/y")])),
            ("^plant/", Shape::Begins(text("plant/"))),
            (r"\.json$", Shape::Ends(text(".json"))),
            ("error", Shape::Contains(text("error"))),
            ("^plant/[0-9]+$", Shape::Other(text("plant/"))),
            ("(?i)^plant", Shape::Other(String::new())),
            ("(?m)^a$", Shape::Other(String::new())),
            ("a|b", Shape::Other(String::new())),
        ] {
            assert_eq!(shape(regex), wanted, "{regex}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn they_say_what_the_expression_says(
            pieces in prop::collection::vec(prop::sample::select(vec!["a", "b", "(a)", "(?:a|bb)", "[ab]", "b?", "é", "a+"]), 0..4),
            start in any::<bool>(),
            end in any::<bool>(),
            texts in prop::collection::vec("[abé\n]{0,5}", 8),
        ) {
            let regex = format!("{}{}{}", if start { "^" } else { "" }, pieces.concat(), if end { "$" } else { "" });
            let plain = regex::Regex::new(&regex).unwrap();
            for text in &texts {
                let matches = plain.is_match(text);
                let said = match shape(&regex) {
                    Shape::All => true,
                    Shape::Equals(any) => any.contains(text),
                    Shape::Begins(prefix) => text.starts_with(&prefix),
                    Shape::Ends(suffix) => text.ends_with(&suffix),
                    Shape::Contains(part) => text.contains(&part),
                    Shape::Other(prefix) => {
                        prop_assert!(!matches || text.starts_with(&prefix));
                        continue;
                    }
                };
                prop_assert_eq!(said, matches, "{} on {:?}", regex, text);
            }
        }
    }
}
