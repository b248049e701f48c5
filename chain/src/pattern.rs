//! Regular expressions that need no automaton: a row of texts and runs of characters, each run ending where the next
//! part can begin, so that one look at each byte decides.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::bytes::Bytes;

/// A pattern anchored at the beginning of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    parts: Box<[Part]>,
    /// The text must end where the parts end.
    to_end: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// These bytes.
    Text(Bytes),
    /// Bytes of a set: at least `min`, at most `max`, as many as there are.
    Run { set: ByteSet, min: usize, max: usize },
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ByteSet([u64; 4]);

impl ByteSet {
    fn of(ranges: impl IntoIterator<Item = (u8, u8)>) -> Self {
        let mut set = [0_u64; 4];
        for byte in ranges.into_iter().flat_map(|(low, high)| low..=high) {
            set[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
        Self(set)
    }

    #[inline]
    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    fn meets(&self, other: &ByteSet) -> bool {
        self.0.iter().zip(other.0).any(|(a, b)| a & b != 0)
    }
}

impl Pattern {
    /// The pattern for a regular expression; `None`: it needs an automaton.
    pub(crate) fn of(regex: &str) -> Option<Self> {
        let hir = regex_syntax::parse(regex).ok()?;
        let row: Vec<&Hir> = match hir.kind() {
            HirKind::Concat(row) => row.iter().collect(),
            _ => vec![&hir],
        };
        let (HirKind::Look(Look::Start), mut row) = (row.first()?.kind(), &row[1..]) else { return None };
        let to_end = matches!(row.last().map(|hir| hir.kind()), Some(HirKind::Look(Look::End)));
        if to_end {
            row = &row[..row.len() - 1];
        }
        let parts: Vec<Part> = row.iter().map(|hir| part(hir)).collect::<Option<_>>()?;
        let pattern = Self { parts: parts.into(), to_end };
        pattern.decides().then_some(pattern)
    }

    /// Whether taking as many bytes as there are is never wrong: what follows a run begins with a byte that the run
    /// does not take. A run may come last; with `to_end` it must then reach the end, and else its minimum is enough.
    fn decides(&self) -> bool {
        self.parts.windows(2).all(|pair| match pair {
            [Part::Run { set, min, max }, next] if min != max => match next {
                Part::Text(text) => text.as_slice().first().is_none_or(|byte| !set.has(*byte)),
                Part::Run { set: other, min, .. } => *min > 0 && !set.meets(other),
            },
            _ => true,
        })
    }

    /// Whether the text matches, as the `regex` crate would say.
    #[inline]
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let mut rest = text.as_bytes();
        for part in &self.parts {
            rest = match part {
                Part::Text(text) => match rest.get(text.as_slice().len()..) {
                    Some(after) if text.begins(rest) => after,
                    _ => return false,
                },
                Part::Run { set, min, max } => {
                    let taken = rest.iter().position(|byte| !set.has(*byte)).unwrap_or(rest.len()).min(*max);
                    if taken < *min {
                        return false;
                    }
                    &rest[taken..]
                }
            };
        }
        !self.to_end || rest.is_empty()
    }
}

fn part(hir: &Hir) -> Option<Part> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(Part::Text(Bytes::new(&literal.0))),
        HirKind::Capture(capture) => part(&capture.sub),
        HirKind::Class(class) => Some(Part::Run { set: bytes(class, false)?, min: 1, max: 1 }),
        HirKind::Repetition(rep) if rep.greedy => {
            let max = rep.max.map_or(Some(usize::MAX), |max| usize::try_from(max).ok())?;
            let set = match rep.sub.kind() {
                // Counted characters are not counted bytes unless all are ASCII.
                HirKind::Class(class) => bytes(class, rep.min <= 1 && max == usize::MAX)?,
                HirKind::Literal(literal) => match *literal.0 {
                    [byte] => ByteSet::of([(byte, byte)]),
                    _ => return None,
                },
                _ => return None,
            };
            Some(Part::Run { set, min: usize::try_from(rep.min).ok()?, max })
        }
        _ => None,
    }
}

/// The class as bytes. With `open` it may hold every character above ASCII, too, as `[^/]` does: then each of their
/// bytes is in.
fn bytes(class: &Class, open: bool) -> Option<ByteSet> {
    const FIRST: char = '\u{80}';
    let Class::Unicode(class) = class else { return None };
    let mut ranges = Vec::new();
    for range in class.ranges() {
        let (low, high) = (range.start(), range.end());
        if high < FIRST {
            ranges.push((low as u8, high as u8));
        } else if open && low <= FIRST && high == char::MAX {
            if low < FIRST {
                ranges.push((low as u8, 0x7f));
            }
            ranges.push((0x80, 0xff));
        } else {
            return None;
        }
    }
    Some(ByteSet::of(ranges))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use regex::Regex;

    use super::Pattern;

    #[test]
    fn what_needs_no_automaton() {
        for regex in [
            r"^plant/line[0-9]+/temp$",
            r"^[^/]+/x",
            "^a$",
            "^",
            "^.*$",
            r"^(a)b{2}[0-9]?x$",
            r"^[a-c]{2}[0-9]+",
            "(?i)^a",
        ] {
            assert!(Pattern::of(regex).is_some(), "{regex}");
        }
        for regex in
            [r"a", r"^a|b", r"^[0-9]+0$", r"^\d+", r"^[^/]{3}", r"^a*?b", r"^[ab]*[bc]", r"^[ab]?[ab]?$"]
        {
            assert!(Pattern::of(regex).is_none(), "{regex}");
        }
    }

    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "a", "b", "/", "é", "ab", "[0-9]", "[0-9]+", "[a-c]*", "[^/]+", "[^/]*", ".", ".*", "(b)",
            "[a-b]{2}", "x?", "[x]{1,3}",
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn patterns_say_what_the_expression_says(
            pieces in prop::collection::vec(piece(), 0..5),
            to_end in any::<bool>(),
            texts in prop::collection::vec("[abcx0-9/é\n]{0,8}", 8),
        ) {
            let regex = format!("^{}{}", pieces.concat(), if to_end { "$" } else { "" });
            if let Some(pattern) = Pattern::of(&regex) {
                let plain = Regex::new(&regex).unwrap();
                for text in &texts {
                    prop_assert_eq!(pattern.is_match(text), plain.is_match(text), "{} on {:?}", regex, text);
                }
            }
        }
    }
}
