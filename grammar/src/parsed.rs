//! A parsed text that can be edited: what an edit cannot have changed is kept, the rest is parsed.
//!
//! A file is a row of elements: items, and islands of text that no rule took. The grammar has no memory, so an element is
//! told by the text from its beginning on alone. Hence everything from an old element's beginning on is as it was when the
//! text there is, and the new parse comes to just that place. Elements before an edit are as they were when what was
//! looked at to take them lies before it: no attempt goes further than into the head of the item that follows, since no
//! bracket, operand or island can hold one (a layer can, and then it is the element); an island's explanation looks
//! [`LOOK_AHEAD`] bytes on. A property test holds all this to a parse from nothing.

use std::ops::Range;
use std::sync::Arc;

use pest::Parser as _;

use crate::ast::{Comment, File, Item};
use crate::diagnostic::Diagnostic;
use crate::lower::{Element, Lower, Taken};
use crate::parse::{LOOK_AHEAD, MAX_BYTES, MAX_ITEMS, MAX_NESTING, RouteParser, Rule, location};
use crate::rules::codes;
use crate::scan::{Scan, scan};
use crate::shift::Shift;
use crate::span::{FileId, Span};

/// How much text beyond an element its taking may depend on, bytes; more than twice what explanations look at.
const MARGIN: usize = 2 * LOOK_AHEAD + 256;

/// A text with its tree.
#[derive(Clone, Debug)]
pub struct Parsed {
    text: Arc<str>,
    file: FileId,
    elements: Vec<Element>,
    comments: Vec<Comment>,
    diagnostics: Vec<Diagnostic>,
    /// The text was too large or too deep to be looked at, or no rule took it at all.
    refused: bool,
    /// Elements that the last edit kept.
    kept: usize,
}

impl Parsed {
    /// Parses a whole text. Never gives up: what was understood is in the tree, everything else is reported once.
    pub fn new(text: impl Into<Arc<str>>, file: FileId) -> Self {
        let text = text.into();
        let none = |text, comments, found: Diagnostic| Self {
            text,
            file,
            elements: Vec::new(),
            comments,
            diagnostics: vec![found],
            refused: true,
            kept: 0,
        };
        if text.len() > MAX_BYTES {
            let message = format!("the file has {} bytes; at most {MAX_BYTES} are read", text.len());
            let error = Diagnostic::new(codes::FILE_TOO_LARGE, file, Span::new(0, 0), message);
            let help = "move a part of it into another file and bring that in with `use`";
            return none(text, Vec::new(), error.help(help));
        }
        let Scan { comments, too_deep } = scan(&text, MAX_NESTING);
        if let Some(span) = too_deep {
            let message = format!("brackets are nested deeper than {MAX_NESTING}");
            let error = Diagnostic::new(codes::NESTED_TOO_DEEP, file, span, message);
            let help = "name a part of it with `predicate` or `let`";
            return none(text, comments, error.help(help));
        }
        let (elements, refused) = take(&text, file, &comments);
        let mut parsed = Self {
            text,
            file,
            elements,
            comments,
            diagnostics: Vec::new(),
            refused: refused.is_some(),
            kept: 0,
        };
        parsed.diagnostics.extend(refused);
        parsed.gather();
        parsed
    }

    /// Takes in another text of the same file. The result is what [`Parsed::new`] gives for it.
    pub fn edit(&mut self, text: impl Into<Arc<str>>) {
        let text = text.into();
        if *text == *self.text {
            self.kept = self.elements.len();
            return;
        }
        if !self.refused && text.len() <= MAX_BYTES {
            let Scan { comments, too_deep } = scan(&text, MAX_NESTING);
            if too_deep.is_none() && self.spliced(&text, &comments) {
                (self.text, self.comments) = (text, comments);
                self.gather();
                return;
            }
        }
        *self = Self::new(text, self.file);
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Items in text order, which is stack order.
    pub fn items(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.elements.iter().filter_map(|element| element.item.as_ref())
    }

    /// What is wrong with the text, by place.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Elements that the last edit did not parse again, and how many there are.
    pub fn kept(&self) -> (usize, usize) {
        (self.kept, self.elements.len())
    }

    /// Whether findings point into that file; else they are made to.
    pub fn set_file(&mut self, file: FileId) {
        if self.file == file {
            return;
        }
        self.file = file;
        let all =
            self.elements.iter_mut().flat_map(|element| &mut element.found).chain(&mut self.diagnostics);
        for d in all {
            d.primary.file = file;
            d.secondary.iter_mut().for_each(|label| label.file = file);
            d.suggestions.iter_mut().flat_map(|s| &mut s.edits).for_each(|edit| edit.0 = file);
        }
    }

    /// The tree alone, with the findings.
    pub fn into_parts(self) -> (File, Vec<Diagnostic>) {
        let own = |item: Arc<Item>| Arc::try_unwrap(item).unwrap_or_else(|shared| (*shared).clone());
        let items = self.elements.into_iter().filter_map(|element| element.item).map(own).collect();
        (File { items, comments: self.comments }, self.diagnostics)
    }

    /// Gathers the findings of all elements.
    fn gather(&mut self) {
        if self.refused {
            return;
        }
        let mut found: Vec<Diagnostic> =
            self.elements.iter().flat_map(|element| element.found.clone()).collect();
        found.sort_by_key(|d| d.primary.span);
        found.dedup_by(|a, b| a.primary.span.start == b.primary.span.start && a.rule == b.rule);
        self.diagnostics = found;
    }

    /// Parses what an edit may have changed and puts it in the place of what was there. False: nothing was done.
    fn spliced(&mut self, text: &str, comments: &[Comment]) -> bool {
        // Items beyond the bound were dropped, and one of those that are kept bears the finding of it: none of them is
        // what it is in a text with fewer.
        if self.elements.iter().map(|element| element.items).sum::<usize>() > MAX_ITEMS {
            return false;
        }
        let (before, after) = common(&self.text, text);
        let (old_end, new_end) = (self.text.len() - after, text.len() - after);
        let by = new_end as i64 - old_end as i64;
        let first = self.kept_before(before);
        let start = if first == 0 { 0 } else { self.elements[first].start() };
        for sync in self.syncs(old_end).take(2) {
            let Some(end) = self.window(sync) else { break };
            let (sync_at, end) = (moved(self.elements[sync].start(), by), moved(end, by));
            match self.replace(text, comments, start..end, first, Some((sync, sync_at)), by) {
                Some(done) => return done,
                None => continue,
            }
        }
        // Nothing after the edit can be kept: it is near the end, or opens something that goes on.
        let rest = text.len() - start;
        first > 0
            && rest < text.len() / 2 + MARGIN
            && self.replace(text, comments, start..text.len(), first, None, by) == Some(true)
    }

    /// How many elements at the beginning are as they were when the first `before` bytes are.
    fn kept_before(&self, before: usize) -> usize {
        let inside = self.elements.partition_point(|element| element.span.end as usize <= before);
        let mut last = None;
        for (at, element) in self.elements.iter().enumerate().take(inside) {
            if !element.found.is_empty() && element.span.end as usize + MARGIN > before {
                break;
            }
            if element.is_clean() && at > 0 && self.elements[at - 1].is_clean() && self.on_new_line(at) {
                last = Some(at);
            }
        }
        last.unwrap_or(0)
    }

    /// Elements after the edit from which on all may be as it was, the nearest first.
    fn syncs(&self, old_end: usize) -> impl Iterator<Item = usize> + use<> {
        let from = self.elements.partition_point(|element| element.start() < old_end);
        let fits: Vec<usize> = (from..self.elements.len())
            .filter(|at| {
                let next = self.elements.get(at + 1);
                self.elements[*at].is_clean()
                    && self.on_new_line(*at)
                    && next.is_some_and(|next| next.is_clean() && self.on_new_line(at + 1))
            })
            .take(2)
            .collect();
        fits.into_iter()
    }

    /// Where the text ends that is looked at when elements from `sync` on are to be kept: far enough for all that taking
    /// those before depends on, at the end of a line, and with an item of its own after `sync`.
    fn window(&self, sync: usize) -> Option<usize> {
        let from = self.elements.get(sync)?.start();
        let far = (sync + 2..self.elements.len()).find(|at| {
            let element = &self.elements[*at];
            element.is_clean() && self.on_new_line(*at) && element.start() >= from + MARGIN
        });
        match far {
            Some(at) => self.text.get(..self.elements[at].start())?.rfind('\n'),
            None => Some(self.text.len()),
        }
    }

    /// Whether only blanks stand before an element on its line.
    fn on_new_line(&self, at: usize) -> bool {
        let before = self.text.get(..self.elements[at].start()).unwrap_or_default();
        let before = before.trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with('\n')
    }

    /// Parses `range` of the new text; its elements come after the first `first` old ones and, with `sync`, before the
    /// old one of that number, which must come to lie at that place. `None`: it does not.
    fn replace(
        &mut self,
        text: &str,
        comments: &[Comment],
        range: Range<usize>,
        first: usize,
        sync: Option<(usize, usize)>,
        by: i64,
    ) -> Option<bool> {
        let part = text.get(range.clone())?;
        let inside = |c: &&Comment| range.start <= c.span.start as usize && c.span.end as usize <= range.end;
        let mut own: Vec<Comment> = comments.iter().filter(inside).cloned().collect();
        own.shift(-(range.start as i64));
        let (mut new, refused) = take(part, self.file, &own);
        let begins =
            first == 0 || new.first().is_some_and(|element| element.start() == 0 && element.is_item());
        if refused.is_some() || !begins {
            return Some(false);
        }
        new.shift(range.start as i64);
        let old_end = match sync {
            None => self.elements.len(),
            Some((old, at)) => {
                let here = new.iter().position(|element| element.start() == at)?;
                if !new[here].is_item() {
                    return None;
                }
                new.truncate(here);
                old
            }
        };
        let all = self.elements.iter().take(first).chain(&new).chain(self.elements.iter().skip(old_end));
        if all.map(|element| element.items).sum::<usize>() > MAX_ITEMS {
            return Some(false);
        }
        self.kept = self.elements.len() - (old_end - first);
        if by != 0 {
            self.elements.iter_mut().skip(old_end).for_each(|element| element.shift(by));
        }
        self.elements.splice(first..old_end, new);
        Some(true)
    }
}

impl Element {
    fn start(&self) -> usize {
        self.span.start as usize
    }

    fn is_item(&self) -> bool {
        self.taken == Taken::Item
    }

    /// An item of which nothing is to be said.
    fn is_clean(&self) -> bool {
        self.is_item() && self.found.is_empty() && self.item.is_some()
    }
}

impl Shift for Element {
    fn shift(&mut self, by: i64) {
        self.span.shift(by);
        self.item.shift(by);
        self.found.shift(by);
    }
}

/// The elements of a text; the fault when no rule took it.
fn take(text: &str, file: FileId, comments: &[Comment]) -> (Vec<Element>, Option<Diagnostic>) {
    let mut lower = Lower::new(text, file, comments);
    match RouteParser::parse(Rule::file, text) {
        Ok(pairs) => (lower.elements(pairs), None),
        Err(error) => {
            lower.unexpected(location(&error), &crate::parse::expected(&error), None);
            (Vec::new(), lower.diagnostics.pop())
        }
    }
}

fn moved(at: usize, by: i64) -> usize {
    (at as i64 + by).max(0) as usize
}

/// How many bytes two texts have in common at their beginning and, of the rest, at their end; both cut characters nowhere.
fn common(old: &str, new: &str) -> (usize, usize) {
    let same = |(a, b): &(&u8, &u8)| a == b;
    let (a, b) = (old.as_bytes(), new.as_bytes());
    let mut before = first_difference(a, b);
    while !(old.is_char_boundary(before) && new.is_char_boundary(before)) {
        before -= 1;
    }
    let (a, b) = (&a[before..], &b[before..]);
    let mut after = a.iter().rev().zip(b.iter().rev()).take_while(same).count();
    while !(old.is_char_boundary(old.len() - after) && new.is_char_boundary(new.len() - after)) {
        after -= 1;
    }
    (before, after)
}

/// Blocks first, since most of two texts is the same.
fn first_difference(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 256;
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK)).take_while(|(a, b)| a == b).count() * BLOCK;
    blocks + a[blocks..].iter().zip(&b[blocks..]).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn same(edited: &Parsed, text: &str) {
        let fresh = Parsed::new(text, FileId(0));
        let items = |parsed: &Parsed| parsed.items().cloned().collect::<Vec<_>>();
        assert_eq!(edited.diagnostics, fresh.diagnostics, "{text}");
        assert_eq!(items(edited), items(&fresh), "{text}");
        assert_eq!(edited.comments, fresh.comments, "{text}");
    }

    fn routers(count: usize) -> String {
        let router = |at: usize| {
            format!(
                "/// Number {at}.\nfilter r{at} on \"Row {at}\" -> * {{ // {at}\n  keep when msg.x == {at} and msg.é\n}}\n"
            )
        };
        (0..count).map(router).collect()
    }

    #[test]
    fn an_edit_in_a_long_text_parses_a_small_part() {
        let text = routers(400);
        let mut parsed = Parsed::new(text.as_str(), FileId(0));
        for (from, to) in [
            ("msg.x == 200 and", "msg.x == 2001 and"),
            ("msg.x == 2001 and", "msg.x == ) and"),
            ("\"Row 201\"", "\"Row 201"),
            ("filter r203 on \"Row 203\" -> * {", ""),
            ("/// Number 250.", "/// Number\n/// 250.\nset"),
        ] {
            let new = parsed.text().replacen(from, to, 1);
            parsed.edit(new.as_str());
            let (kept, all) = parsed.kept();
            assert!(kept > 350 && kept < all, "{from}: {kept} of {all}");
            same(&parsed, &new);
        }
    }

    /// Items are many enough here for the splice, so that the way from more than the bound to less is an edit's.
    #[test]
    fn an_edit_leads_back_within_the_bound_on_items() {
        let line = |at: usize| format!("const c{at} = {at}\n");
        let text: String = (0..=MAX_ITEMS).map(line).collect();
        let mut parsed = Parsed::new(text.as_str(), FileId(0));
        assert_eq!(parsed.diagnostics().len(), 1);
        let fewer = text.replacen(&line(500), "", 1);
        parsed.edit(fewer.as_str());
        assert_eq!((parsed.diagnostics().len(), parsed.items().count()), (0, MAX_ITEMS));
        parsed.edit(text.as_str());
        assert_eq!((parsed.diagnostics().len(), parsed.items().count()), (1, MAX_ITEMS));
    }

    const PIECES: &[&str] = &[
        "{",
        "}",
        "\"",
        "/",
        "//",
        "\n",
        "///",
        "(",
        ")",
        "[",
        "]",
        " ",
        "x",
        "stack",
        "layer a {",
        "filter f on ",
        "halt h on * -> *\n",
        "keep when ",
        "and",
        "1 +",
        "test \"t\" {",
        "= ",
        "->",
        "allow(R1) ",
        "\r\n",
        "é",
        "const c = ",
        "schema S { a: {",
        "not ",
        ".",
        "\\",
        "use \"x\"\n",
        "set s on * -> * { msg.a = /x/ }\n",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]
        #[test]
        fn edits_give_what_a_parse_from_nothing_gives(
            base in 0..3usize,
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0..60usize, prop::sample::select(PIECES), any::<bool>()), 1..8),
        ) {
            let mut text = match base {
                0 => include_str!("../tests/greenhouse.route").repeat(2),
                1 => include_str!("../tests/rest.route").repeat(2),
                _ => routers(40),
            };
            let mut parsed = Parsed::new(text.as_str(), FileId(0));
            for (at, cut, piece, insert) in edits {
                let mut from = at.index(text.len() + 1);
                while !text.is_char_boundary(from) { from -= 1; }
                let mut to = (from + if insert { 0 } else { cut }).min(text.len());
                while !text.is_char_boundary(to) { to -= 1; }
                text.replace_range(from..to.max(from), piece);
                parsed.edit(text.as_str());
                same(&parsed, &text);
            }
        }
    }
}
