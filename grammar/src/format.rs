//! One style for `.route` files. Works on the tokens of the parsed text, so that nothing but white space changes,
//! and checks itself: a result that does not parse to the same tree is refused.

use pest::Parser as _;

use crate::ast::File;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lower::P;
use crate::parse::{RouteParser, Rule, parse};
use crate::span::FileId;

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

/// The text in the one style: two spaces a level, one unit a line in blocks that are broken after their `{`.
pub fn format(text: &str) -> Result<String, FormatError> {
    let (tree, found) = parse(text, FileId(0));
    if found.iter().any(|d| d.severity == Severity::Error) {
        return Err(FormatError::Syntax(found));
    }
    let out = print(text, &tokens(text, &tree));
    let (again, found) = parse(&out, FileId(0));
    if found.is_empty() && meaning(&again) == meaning(&tree) { Ok(out) } else { Err(FormatError::Changed) }
}

/// Where a token stands in relation to lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Break {
    /// On the line of the token before it.
    None,
    /// On a line of its own when the block around it is broken.
    Unit,
    /// Always first on its line.
    Line,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Token(Rule),
    Comment,
}

struct Token {
    what: What,
    start: usize,
    end: usize,
    brk: Break,
}

impl Token {
    fn is(&self, rule: Rule) -> bool {
        self.what == What::Token(rule)
    }
}

fn tokens(text: &str, tree: &File) -> Vec<Token> {
    let mut out = Vec::new();
    if let Ok(pairs) = RouteParser::parse(Rule::file, text) {
        for pair in pairs {
            leaves(pair, Break::None, &mut out);
        }
    }
    out.extend(tree.comments.iter().map(|c| Token {
        what: What::Comment,
        start: c.span.start as usize,
        end: c.span.end as usize,
        brk: Break::Unit,
    }));
    out.sort_by_key(|t| t.start);
    out
}

/// Collects the leaves of `pair`; the first gets the break of the outermost unit that it begins.
fn leaves(pair: P<'_>, brk: Break, out: &mut Vec<Token>) {
    let rule = pair.as_rule();
    let whole =
        matches!(rule, Rule::path | Rule::string | Rule::regex | Rule::tilde_regex | Rule::fname | Rule::key)
            || matches!(rule, Rule::port);
    let place = pair.as_span();
    let source = pair.as_str();
    let mut inner = pair.into_inner().peekable();
    if whole || inner.peek().is_none() {
        let length = source.trim_end().len();
        if length > 0 && !matches!(rule, Rule::EOI | Rule::no_close) {
            out.push(Token {
                what: What::Token(rule),
                start: place.start(),
                end: place.start() + length,
                brk,
            });
        }
        return;
    }
    let mut first = brk;
    for part in inner {
        let own = match part.as_rule() {
            _ if rule == Rule::item => Break::Line,
            Rule::item => Break::Line,
            Rule::clause | Rule::call_clause | Rule::runtime_clause | Rule::step | Rule::reply => Break::Unit,
            Rule::field | Rule::pair | Rule::tag | Rule::rotate | Rule::keep => Break::Unit,
            _ => Break::None,
        };
        leaves(part, if first == Break::None { own } else { first }, out);
        first = Break::None;
    }
}

/// For each opening brace, whether its block is broken: a line end or a comment stands in it.
fn broken(text: &str, tokens: &[Token]) -> Vec<bool> {
    let mut out = vec![false; tokens.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.what {
            What::Token(Rule::lbrace) => {
                let next = tokens.get(index + 1);
                let gap = next.and_then(|n| text.get(token.end..n.start)).unwrap_or_default();
                let empty = next.is_some_and(|n| n.is(Rule::rbrace));
                out[index] = gap.contains(['\n', '\r']) && !empty;
                open.push(index);
            }
            What::Token(Rule::rbrace) => {
                if let Some(inner) = open.pop().filter(|i| out[*i])
                    && let Some(outer) = open.last().copied().filter(|o| *o != inner)
                {
                    out[outer] = true;
                }
            }
            What::Comment => {
                if let Some(inner) = open.last() {
                    out[*inner] = true;
                }
            }
            What::Token(_) if token.brk == Break::Line => {
                if let Some(inner) = open.last() {
                    out[*inner] = true;
                }
            }
            What::Token(_) => {}
        }
    }
    out
}

fn print(text: &str, tokens: &[Token]) -> String {
    let broken = broken(text, tokens);
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<bool> = Vec::new();
    let mut before: Option<&Token> = None;
    for (index, token) in tokens.iter().enumerate() {
        let closing = token.is(Rule::rbrace);
        let inside = open.last().copied();
        if closing {
            open.pop();
        }
        let gap = before.and_then(|b| text.get(b.end..token.start)).unwrap_or_default();
        let lines = gap.matches('\n').count().max(gap.matches('\r').count());
        let after_open = before.is_some_and(|b| b.is(Rule::lbrace));
        let ends_line = before.is_some_and(|b| b.what == What::Comment || b.is(Rule::doc));
        let unit = match token.brk {
            Break::None => closing && inside == Some(true),
            Break::Unit if token.what == What::Comment => lines > 0 || ends_line,
            Break::Unit => inside == Some(true),
            Break::Line => true,
        };
        if let Some(before) = before {
            if unit || ends_line {
                out.push('\n');
                if lines > 1 && !after_open && !closing {
                    out.push('\n');
                }
                let depth = open.iter().filter(|b| **b).count() + usize::from(!unit);
                out.push_str(&"  ".repeat(depth));
            } else if token.what == What::Comment || spaced(before, token) {
                out.push(' ');
            }
        }
        let written = text.get(token.start..token.end).unwrap_or_default();
        out.push_str(if token.is(Rule::port) { "" } else { written });
        if token.is(Rule::port) {
            out.extend(written.chars().take(1));
            out.push_str(written.get(1..).unwrap_or_default().trim_start());
        }
        if token.is(Rule::lbrace) {
            open.push(broken.get(index).copied().unwrap_or(false));
        }
        before = Some(token);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// Whether a space stands between two tokens of a line.
fn spaced(a: &Token, b: &Token) -> bool {
    let (What::Token(left), What::Token(right)) = (a.what, b.what) else { return true };
    let holds_next = matches!(
        left,
        Rule::lparen | Rule::lbracket | Rule::neg | Rule::op_range | Rule::op_range_open | Rule::fname
    );
    let holds_before = matches!(
        right,
        Rule::rparen | Rule::rbracket | Rule::comma | Rule::colon | Rule::optional | Rule::port
    ) || matches!(right, Rule::op_range | Rule::op_range_open);
    let empty_or_list = matches!(
        (left, right),
        (Rule::lbrace, Rule::rbrace) | (Rule::k_allow | Rule::ref_name, Rule::lparen)
    );
    !(holds_next || holds_before || empty_or_list)
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
