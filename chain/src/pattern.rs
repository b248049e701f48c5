//! Regular expressions that need no automaton: a row of texts and runs of characters, each run ending where the next
//! part can begin, so that one look at each byte decides.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use smallvec::SmallVec;

use crate::bytes::Bytes;

/// A pattern anchored at the beginning of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    /// In the same piece of memory when they are few: each step in memory takes longer than a test.
    parts: SmallVec<[Part; 2]>,
    /// The text must end where the parts end, and this stands behind them.
    end: Option<Bytes>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// These bytes.
    Text(Bytes),
    /// Bytes of a set: at least `min`, at most `max`, as many as there are.
    Run { set: Set, min: usize, max: usize },
}

/// What a run takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Set {
    /// Bytes from the first on, so many more.
    Range(u8, u8),
    Any(ByteSet),
}

impl Set {
    fn of(set: ByteSet) -> Self {
        let mut bytes = (0..=255_u8).filter(|byte| set.has(*byte));
        let (Some(first), last) = (bytes.next(), bytes.next_back()) else { return Self::Any(set) };
        let last = last.unwrap_or(first);
        if (first..=last).all(|byte| set.has(byte)) {
            Self::Range(first, last - first)
        } else {
            Self::Any(set)
        }
    }

    /// How many bytes at the beginning are of the set.
    #[inline]
    fn taken(&self, text: &[u8]) -> usize {
        let end = match self {
            Set::Range(first, more) => text.iter().position(|byte| byte.wrapping_sub(*first) > *more),
            Set::Any(set) => text.iter().position(|byte| !set.has(*byte)),
        };
        end.unwrap_or(text.len())
    }
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
        let mut parts: Vec<(Part, ByteSet)> = row.iter().map(|hir| part(hir)).collect::<Option<_>>()?;
        if !decides(&parts) {
            return None;
        }
        // Runs end before a text that follows them, so what stands at the end can be looked at first.
        let end = to_end.then(|| match parts.pop_if(|(part, _)| matches!(part, Part::Text(_))) {
            Some((Part::Text(text), _)) => text,
            _ => Bytes::new(b""),
        });
        Some(Self { parts: parts.into_iter().map(|(part, _)| part).collect(), end })
    }

    /// Whether the text matches, as the `regex` crate would say.
    #[inline]
    pub(crate) fn is_match(&self, text: &str) -> bool {
        let mut rest = text.as_bytes();
        if let Some(end) = &self.end {
            match rest.len().checked_sub(end.as_slice().len()) {
                Some(before) if end.ends(rest) => rest = rest.get(..before).unwrap_or_default(),
                _ => return false,
            }
        }
        for part in &self.parts {
            rest = match part {
                Part::Text(text) => match rest.get(text.as_slice().len()..) {
                    Some(after) if text.begins(rest) => after,
                    _ => return false,
                },
                Part::Run { set, min, max } => {
                    let taken = set.taken(rest).min(*max);
                    if taken < *min {
                        return false;
                    }
                    &rest[taken..]
                }
            };
        }
        self.end.is_none() || rest.is_empty()
    }
}

/// Whether taking as many bytes as there are is never wrong: what follows a run begins with a byte that the run does not
/// take. A run may come last; if the text must end there, it must then reach the end, and else its minimum is enough.
fn decides(parts: &[(Part, ByteSet)]) -> bool {
    parts.windows(2).all(|pair| match pair {
        [(Part::Run { min, max, .. }, set), next] if min != max => match next {
            (Part::Text(text), _) => text.as_slice().first().is_none_or(|byte| !set.has(*byte)),
            (Part::Run { min, .. }, other) => *min > 0 && !set.meets(other),
        },
        _ => true,
    })
}

/// A part, and the bytes that it takes when it is a run.
fn part(hir: &Hir) -> Option<(Part, ByteSet)> {
    let run = |set: ByteSet, min, max| (Part::Run { set: Set::of(set), min, max }, set);
    match hir.kind() {
        HirKind::Literal(literal) => Some((Part::Text(Bytes::new(&literal.0)), ByteSet::of([]))),
        HirKind::Capture(capture) => part(&capture.sub),
        HirKind::Class(class) => Some(run(bytes(class, false)?, 1, 1)),
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
            Some(run(set, usize::try_from(rep.min).ok()?, max))
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
