//! The layout: from pest's pairs to a document of texts and possible line breaks, which `pretty` then fits to a width.
//!
//! A comment is always followed by a line break. It stays behind the token that it stands behind, or on a line of its
//! own before the next one; the breaks around it break every group that it stands in.

use pest::Parser as _;
use pretty::{Arena, DocAllocator, DocBuilder};

use super::WIDTH;
use crate::ast::{Comment, File};
use crate::lower::P;
use crate::parse::{RouteParser, Rule};

type Doc<'a> = DocBuilder<'a, Arena<'a>>;

/// Columns that what belongs to a line above is moved in.
const INDENT: isize = 2;
/// The same for the head of an item, so that it does not look like its clauses.
const HEAD: isize = 4;

pub(super) fn print(text: &str, tree: &File) -> String {
    let arena = Arena::new();
    let mut layout = Layout { arena: &arena, text, comments: &tree.comments, before: None, end: 0 };
    let Ok(pairs) = RouteParser::parse(Rule::file, text) else { return text.to_owned() };
    let doc = pairs.fold(arena.nil(), |doc, file| doc.append(layout.items(file)));
    let mut out = String::with_capacity(text.len());
    // Writing to a text cannot fail.
    let _ = doc.render_fmt(WIDTH, &mut out);
    let mut trimmed = String::with_capacity(out.len());
    for line in out.lines() {
        trimmed.push_str(line.trim_end());
        trimmed.push('\n');
    }
    trimmed
}

/// What stands between two tokens when no comment does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// What the two tokens want: nothing or a space.
    Close,
    /// Nothing, or a line break when the group is broken.
    Soft,
    /// A space, or a line break when the group is broken.
    Line,
    /// A space, or a line break when the next part does not fit.
    Fill,
    /// A line break.
    Hard,
    /// A line break; a blank line before it stays.
    Unit,
}

struct Layout<'a, 't> {
    arena: &'a Arena<'a>,
    text: &'t str,
    /// Those that are still to come.
    comments: &'t [Comment],
    /// The token before; none where the gap after it was said already.
    before: Option<Rule>,
    /// The end of the token or comment before.
    end: usize,
}

impl<'a, 't: 'a> Layout<'a, 't> {
    fn items(&mut self, file: P<'t>) -> Doc<'a> {
        let mut doc = self.arena.nil();
        for pair in file.into_inner() {
            doc = match pair.as_rule() {
                Rule::EOI => doc.append(self.comments_before(self.text.len(), true).0),
                _ => doc.append(self.node(pair, Gap::Unit)),
            };
        }
        doc
    }

    /// A pair with the gap before it.
    fn node(&mut self, pair: P<'t>, gap: Gap) -> Doc<'a> {
        match pair.as_rule() {
            Rule::item => self.item(pair, gap),
            Rule::expr => self.chain(pair, gap, &[Rule::k_or], &[Rule::k_and]),
            Rule::ends => self.chain(pair, gap, &[Rule::k_or, Rule::k_except], &[Rule::k_and]),
            Rule::wires => self.chain(pair, gap, &[Rule::arrow], &[]).nest(HEAD - INDENT),
            Rule::ty => self.chain(pair, gap, &[Rule::bar], &[]),
            _ if is_token(&pair) => self.token(&pair, gap),
            rule => {
                let head = if has_block(rule) { HEAD } else { INDENT };
                self.sequence(pair.into_inner().collect(), gap, head)
            }
        }
    }

    /// Documentation and `allow` on lines of their own, then the item.
    fn item(&mut self, pair: P<'t>, gap: Gap) -> Doc<'a> {
        let mut doc = self.arena.nil();
        let mut gap = gap;
        for part in pair.into_inner() {
            doc = doc.append(self.node(part, gap));
            gap = Gap::Hard;
        }
        doc
    }

    /// Parts one after the other; blocks and brackets among them are laid out as such.
    fn sequence(&mut self, parts: Vec<P<'t>>, first: Gap, indent: isize) -> Doc<'a> {
        let mut doc = self.arena.nil();
        let (mut gap, mut moved) = (first, 0);
        let mut parts = parts.into_iter();
        while let Some(part) = parts.next() {
            doc = doc.append(match closing(part.as_rule()) {
                Some(end) => {
                    let mut inside: Vec<P<'t>> = Vec::new();
                    let close = parts.by_ref().find_map(|inner| match inner.as_rule() == end {
                        true => Some(inner),
                        false => {
                            inside.push(inner);
                            None
                        }
                    });
                    match part.as_rule() {
                        Rule::lbrace => self.block(part, inside, close, gap),
                        _ => self.brackets(part, inside, close, gap),
                    }
                }
                None => self.part(part, gap, moved),
            });
            gap = if self.before == Some(Rule::comma) { Gap::Fill } else { Gap::Close };
            moved = indent;
        }
        doc
    }

    /// A part whose own gap is moved in, but not what is inside of it.
    fn part(&mut self, part: P<'t>, gap: Gap, indent: isize) -> Doc<'a> {
        let Some(start) = start(&part) else { return self.arena.nil() };
        // A line takes its indentation from where what follows it stands; the empty column makes that be inside.
        let inside = self.arena.column(|_| self.arena.nil().into_doc());
        let lead = self.gap(start.0, start.1, gap).append(inside).nest(indent);
        self.before = None;
        lead.append(self.node(part, Gap::Close))
    }

    /// `{ … }`: one unit a line if the text has a line break after the brace, or if it does not fit.
    fn block(&mut self, open: P<'t>, inside: Vec<P<'t>>, close: Option<P<'t>>, gap: Gap) -> Doc<'a> {
        let start = self.token(&open, gap);
        let after = open.as_span().end();
        let end = close.as_ref().map_or(self.text.len(), |pair| pair.as_span().start());
        let first = inside.first().map_or(after, |pair| pair.as_span().start());
        let in_lines = self.text.get(after..first).is_some_and(|gap| line_breaks(gap) > 0)
            || inside.iter().any(|pair| pair.as_rule() == Rule::item);
        let (mut gap, unit) = if in_lines { (Gap::Hard, Gap::Unit) } else { (Gap::Line, Gap::Line) };
        let empty = inside.is_empty();
        let mut body = self.arena.nil();
        for part in inside {
            let comma = part.as_rule() == Rule::comma;
            body = body.append(self.node(part, if comma { Gap::Close } else { gap }));
            gap = unit;
        }
        let (comments, any) = self.comments_before(end, unit == Gap::Unit);
        let edge = match (any || in_lines, empty) {
            (true, _) => self.arena.hardline(),
            (false, true) => self.arena.nil(),
            (false, false) => self.arena.line(),
        };
        let close = self.close(close);
        start.append(body.append(comments).nest(INDENT).append(edge).append(close).group())
    }

    /// `( … )` and `[ … ]`: on one line, or moved in and filled.
    fn brackets(&mut self, open: P<'t>, inside: Vec<P<'t>>, close: Option<P<'t>>, gap: Gap) -> Doc<'a> {
        let start = self.token(&open, gap);
        let empty = inside.is_empty();
        let first = if empty { Gap::Close } else { Gap::Soft };
        let body = self.sequence(inside, first, 0);
        let end = close.as_ref().map_or(self.text.len(), |pair| pair.as_span().start());
        let (comments, any) = self.comments_before(end, false);
        let edge = match any {
            true => self.arena.hardline(),
            false if empty => self.arena.nil(),
            false => self.arena.line_(),
        };
        let close = self.close(close);
        start.append(body.append(comments).nest(INDENT).append(edge).append(close).group())
    }

    /// A closing bracket, before which everything was said.
    fn close(&mut self, close: Option<P<'t>>) -> Doc<'a> {
        self.before = None;
        close.map_or(self.arena.nil(), |pair| self.token(&pair, Gap::Close))
    }

    /// Operands joined by the loosest of the operators that are there: all on one line, or each on its own.
    fn chain(&mut self, pair: P<'t>, gap: Gap, loose: &[Rule], tight: &[Rule]) -> Doc<'a> {
        let parts: Vec<P<'t>> = pair.into_inner().collect();
        let has = |rules: &[Rule]| parts.iter().any(|part| rules.contains(&part.as_rule()));
        let at = if has(loose) { loose } else { tight };
        let mut groups: Vec<Vec<P<'t>>> = vec![Vec::new()];
        for part in parts {
            if at.contains(&part.as_rule()) {
                groups.push(Vec::new());
            }
            if let Some(group) = groups.last_mut() {
                group.push(part);
            }
        }
        let inner: &[Rule] = if std::ptr::eq(at, loose) { tight } else { &[] };
        let mut doc = self.arena.nil();
        for (index, group) in groups.into_iter().enumerate() {
            doc = match index {
                0 => doc.append(self.operands(group, gap, inner)),
                _ => doc.append(self.operands(group, Gap::Line, inner).nest(INDENT)),
            };
        }
        doc.group()
    }

    /// Operands that stay together longer than those around them; broken at `at` if they must be.
    fn operands(&mut self, parts: Vec<P<'t>>, first: Gap, at: &[Rule]) -> Doc<'a> {
        if !parts.iter().any(|part| at.contains(&part.as_rule())) {
            return self.sequence(parts, first, INDENT);
        }
        let lead = match parts.first().and_then(start) {
            Some((rule, start)) => self.gap(rule, start, first),
            None => self.arena.nil(),
        };
        self.before = None;
        let mut doc = self.arena.nil();
        let mut run: Vec<P<'t>> = Vec::new();
        let (mut gap, mut indent) = (Gap::Close, 0);
        for part in parts {
            if at.contains(&part.as_rule()) {
                doc = doc.append(self.sequence(std::mem::take(&mut run), gap, INDENT).nest(indent));
                (gap, indent) = (Gap::Line, INDENT);
            }
            run.push(part);
        }
        lead.append(doc.append(self.sequence(run, gap, INDENT).nest(indent)).group())
    }

    fn token(&mut self, pair: &P<'t>, gap: Gap) -> Doc<'a> {
        let rule = pair.as_rule();
        let start = pair.as_span().start();
        let end = start + pair.as_str().trim_end().len();
        if start == end || rule == Rule::EOI {
            return self.arena.nil();
        }
        let lead = self.gap(rule, start, gap);
        (self.before, self.end) = (Some(rule), end);
        lead.append(self.arena.text(self.text.get(start..end).unwrap_or_default()))
    }

    /// What stands before a token: comments, or the gap.
    fn gap(&mut self, rule: Rule, start: usize, gap: Gap) -> Doc<'a> {
        let (comments, any) = self.comments_before(start, gap == Gap::Unit);
        let hard = self.arena.hardline();
        let blank = line_breaks(self.text.get(self.end..start).unwrap_or_default()) > 1;
        let Some(before) = self.before.filter(|_| !any) else {
            return match (any, blank && gap == Gap::Unit) {
                (false, _) => comments,
                (true, false) => comments.append(hard),
                (true, true) => comments.append(hard).append(self.arena.hardline()),
            };
        };
        match gap {
            Gap::Close if spaced(before, rule) => self.arena.space(),
            Gap::Close => self.arena.nil(),
            Gap::Soft => self.arena.line_(),
            Gap::Line => self.arena.line(),
            Gap::Fill => self.arena.softline(),
            Gap::Unit if blank => hard.append(self.arena.hardline()),
            Gap::Unit | Gap::Hard => hard,
        }
    }

    /// The comments that stand before a place, without the line break that must follow them; whether there are any.
    /// `blank`: a blank line before one stays.
    fn comments_before(&mut self, place: usize, blank: bool) -> (Doc<'a>, bool) {
        let mut doc = self.arena.nil();
        let mut any = false;
        while let Some((comment, rest)) = self.comments.split_first()
            && (comment.span.start as usize) < place
        {
            let start = comment.span.start as usize;
            let lines = line_breaks(self.text.get(self.end..start).unwrap_or_default());
            let at_start = self.end == 0 && !any;
            doc = match lines {
                _ if at_start => doc,
                0 => doc.append(self.arena.space()),
                1 => doc.append(self.arena.hardline()),
                _ if blank => doc.append(self.arena.hardline()).append(self.arena.hardline()),
                _ => doc.append(self.arena.hardline()),
            };
            doc = doc.append(self.arena.text(comment.text.as_str()));
            (self.comments, self.end, any) = (rest, comment.span.end as usize, true);
        }
        (doc, any)
    }
}

/// The bracket that closes this one.
fn closing(open: Rule) -> Option<Rule> {
    match open {
        Rule::lbrace => Some(Rule::rbrace),
        Rule::lparen => Some(Rule::rparen),
        Rule::lbracket => Some(Rule::rbracket),
        _ => None,
    }
}

/// A part that is written as it stands.
fn is_token(pair: &P<'_>) -> bool {
    matches!(pair.as_rule(), Rule::path | Rule::fname | Rule::key | Rule::string_expr)
        || pair.clone().into_inner().next().is_none()
}

/// The first token of a part, and where it begins.
fn start(pair: &P<'_>) -> Option<(Rule, usize)> {
    if is_token(pair) {
        return (!pair.as_str().trim_end().is_empty()).then(|| (pair.as_rule(), pair.as_span().start()));
    }
    pair.clone().into_inner().find_map(|inner| start(&inner))
}

fn has_block(rule: Rule) -> bool {
    matches!(rule, Rule::router | Rule::call_router | Rule::layer | Rule::runtime | Rule::test | Rule::schema)
}

fn line_breaks(text: &str) -> usize {
    let bytes = text.as_bytes();
    let lone = bytes.windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n').count();
    bytes.iter().filter(|byte| **byte == b'\n').count() + lone + usize::from(bytes.last() == Some(&b'\r'))
}

/// Whether a space stands between two tokens of a line.
fn spaced(left: Rule, right: Rule) -> bool {
    let holds_next = matches!(
        left,
        Rule::lparen
            | Rule::lbracket
            | Rule::neg
            | Rule::op_range
            | Rule::op_range_open
            | Rule::fname
            | Rule::dot
    );
    let holds_before = matches!(
        right,
        Rule::rparen
            | Rule::rbracket
            | Rule::comma
            | Rule::colon
            | Rule::optional
            | Rule::dot
            | Rule::op_range
            | Rule::op_range_open
    );
    let called = matches!((left, right), (Rule::k_allow | Rule::ref_name, Rule::lparen));
    !(holds_next || holds_before || called)
}
