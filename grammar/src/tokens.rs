//! What each token of a text is to the eye: for semantic tokens, and the measure that every highlighter is held to.

use pest::Parser as _;

use crate::class::Class;
use crate::keywords::{self, FUNCTIONS, ROOTS};
use crate::lower::P;
use crate::parse::{MAX_BYTES, MAX_NESTING, RouteParser, Rule};
use crate::scan::scan;
use crate::span::Span;

/// The tokens of a text in order, without white space; none overlap. Text that is not understood has none.
pub fn tokens(text: &str) -> Vec<(Span, Class)> {
    if text.len() > MAX_BYTES {
        return Vec::new();
    }
    let scanned = scan(text, MAX_NESTING);
    let mut out = Tokens { text, found: Vec::new() };
    for comment in &scanned.comments {
        out.found.push((comment.span, Class::Comment));
    }
    if scanned.too_deep.is_none()
        && let Ok(pairs) = RouteParser::parse(Rule::file, text)
    {
        for pair in pairs {
            out.pair(pair, 0, Rule::file);
        }
    }
    out.found.sort_by_key(|(span, _)| *span);
    out.found
}

/// The tokens of a quoted text with values in braces; `span` covers its quotes.
pub(crate) fn template(text: &str, span: Span) -> Vec<(Span, Class)> {
    let mut out = Tokens { text, found: Vec::new() };
    out.pieces(span.start as usize, span.end as usize, true);
    out.found
}

struct Tokens<'a> {
    text: &'a str,
    found: Vec<(Span, Class)>,
}

impl Tokens<'_> {
    /// Adds the tokens of `pair`, which was parsed from the text that begins at `base`, within `outer`.
    fn pair(&mut self, pair: P<'_>, base: usize, outer: Rule) {
        let rule = pair.as_rule();
        let start = base + pair.as_span().start();
        let end = start + pair.as_str().trim_end().len();
        match rule {
            Rule::log => return self.log(pair, base),
            Rule::string | Rule::string_expr => return self.string(start, end),
            Rule::duration | Rule::size => return self.literal(start, end, is_unit),
            Rule::percent => return self.literal(start, end, |c| c == '%'),
            Rule::rate => return self.literal(start, end, |c| is_unit(c) || c == '/'),
            Rule::dot_key => self.add(start, start + 1, Class::Separator),
            Rule::text_key | Rule::index => {
                self.add(start, start + 1, Class::Bracket);
                self.add(end - 1, end, Class::Bracket);
            }
            Rule::bad_item | Rule::bad_clause | Rule::bad_step => return,
            _ => {}
        }
        if let Some(class) = class(rule, outer, self.text.get(start..end).unwrap_or_default()) {
            return self.add(start, end, class);
        }
        for part in pair.into_inner() {
            self.pair(part, base, rule);
        }
    }

    fn add(&mut self, start: usize, end: usize, class: Class) {
        if start < end {
            self.found.push((Span::new(start, end), class));
        }
    }

    /// A number with its unit; with `10/5s` the unit has a number in it.
    fn literal(&mut self, start: usize, end: usize, unit: impl Fn(char) -> bool) {
        let text = self.text.get(start..end).unwrap_or_default();
        let at =
            text.char_indices().find(|(at, c)| unit(*c) && !exponent(text, *at)).map_or(text.len(), |p| p.0);
        self.add(start, start + at, Class::Number);
        self.add(start + at, end, Class::Unit);
    }

    /// A quoted text with its escapes.
    fn string(&mut self, start: usize, end: usize) {
        self.pieces(start, end, false);
    }

    /// `log "… {msg.topic}"`
    fn log(&mut self, pair: P<'_>, base: usize) {
        for part in pair.into_inner() {
            let start = base + part.as_span().start();
            match part.as_rule() {
                Rule::string => self.pieces(start, start + part.as_str().len(), true),
                rule => self.pair(part, base, rule),
            }
        }
    }

    /// The pieces of a quoted text: plain, escapes and, with `values`, expressions in braces.
    fn pieces(&mut self, start: usize, end: usize, values: bool) {
        let text = self.text.get(start..end).unwrap_or_default();
        let (mut plain, mut at) = (0, 0);
        while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
            let escape = escape_len(rest);
            let (len, value) = match rest {
                _ if escape > 0 => (escape, None),
                _ if values && rest.starts_with("{{") => (2, None),
                _ if values && rest.starts_with('{') => match rest.find('}') {
                    Some(close) => (close + 1, Some(close)),
                    None => (0, None),
                },
                _ => (0, None),
            };
            if len == 0 {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
            self.add(start + plain, start + at, Class::Text);
            let here = start + at;
            match value {
                None => self.add(here, here + len, Class::Escape),
                Some(close) => {
                    self.add(here, here + 1, Class::Embed);
                    self.value(here + 1, rest.get(1..close).unwrap_or_default());
                    self.add(here + close, here + len, Class::Embed);
                }
            }
            at += len;
            plain = at;
        }
        self.add(start + plain, end, Class::Text);
    }

    /// An expression in a text.
    fn value(&mut self, start: usize, source: &str) {
        let base = start + (source.len() - source.trim_start().len());
        if let Ok(pairs) = RouteParser::parse(Rule::expr, source.trim_start()) {
            for pair in pairs {
                self.pair(pair, base, Rule::expr);
            }
        }
    }
}

/// The class of a rule that is one token; `outer` is the rule around it.
fn class(rule: Rule, outer: Rule, text: &str) -> Option<Class> {
    Some(match rule {
        Rule::doc => Class::Doc,
        Rule::code => Class::Code,
        Rule::number | Rule::neg_number | Rule::digits => Class::Number,
        Rule::regex | Rule::tilde_regex => Class::Regex,
        Rule::ty_name | Rule::type_word => Class::Type,
        Rule::all => Class::All,
        Rule::arrow => Class::Arrow,
        Rule::assign_op | Rule::bar | Rule::optional | Rule::neg => Class::Sign,
        Rule::op_eq | Rule::op_ne | Rule::op_le | Rule::op_ge | Rule::op_lt | Rule::op_gt => Class::Sign,
        Rule::op_add | Rule::op_sub | Rule::op_mul | Rule::op_div | Rule::op_rem => Class::Sign,
        Rule::op_range | Rule::op_range_open => Class::Sign,
        Rule::lbrace | Rule::rbrace | Rule::lparen | Rule::rparen | Rule::lbracket | Rule::rbracket => {
            Class::Bracket
        }
        Rule::stray_close => Class::Bracket,
        Rule::comma | Rule::colon | Rule::dot => Class::Separator,
        Rule::ident | Rule::name | Rule::ref_name | Rule::ends_name => name(outer, text),
        _ => {
            let word = keywords::lookup(text)?;
            return format!("{rule:?}").starts_with("k_").then(|| word.category.class());
        }
    })
}

/// The class of a name within a rule.
fn name(outer: Rule, text: &str) -> Class {
    match outer {
        Rule::stack | Rule::layer | Rule::runtime => Class::NameSpace,
        Rule::router | Rule::call_router => Class::NameRouter,
        Rule::predicate => Class::NamePredicate,
        Rule::params => Class::Parameter,
        Rule::constant | Rule::param | Rule::let_item => Class::NameValue,
        Rule::schema => Class::NameSchema,
        Rule::dot_key | Rule::key | Rule::rt_limit => Class::Property,
        Rule::plugin => Class::Call,
        Rule::fname if FUNCTIONS.iter().any(|f| f.name == text) => Class::Function,
        Rule::fname => Class::Call,
        Rule::path if ROOTS.iter().any(|(root, _)| *root == text) => Class::Root,
        _ => Class::Reference,
    }
}

fn is_unit(c: char) -> bool {
    c.is_ascii_alphabetic()
}

/// Whether the letter at `at` is the `e` of `1e3`.
fn exponent(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let digits = rest.trim_start_matches(['e', 'E']).trim_start_matches(['+', '-']);
    rest.starts_with(['e', 'E']) && digits.starts_with(|c: char| c.is_ascii_digit())
}

/// Bytes of the escape that `rest` begins with.
fn escape_len(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix('\\') else { return 0 };
    match after.chars().next() {
        Some('u') => match after.get(1..).and_then(|r| r.strip_prefix('{')?.find('}')) {
            Some(close) => close + 4,
            None => 2,
        },
        Some(c) => 1 + c.len_utf8(),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Class and text of each token.
    fn shown(text: &str) -> Vec<String> {
        let found = tokens(text);
        found.iter().map(|(span, class)| format!("{} {}", class.name(), &text[span.range()])).collect()
    }

    #[test]
    fn names_tell_by_their_place() {
        let text = "predicate p(x) = x.a in [1] or len(msg[\"b\"]) == 30s or q(true)";
        let wanted = "Item predicate|NamePredicate p|Bracket (|Parameter x|Bracket )|Sign =|Reference x|Separator .|\
            Property a|WordOperator in|Bracket [|Number 1|Bracket ]|WordOperator or|Function len|Bracket (|Root msg|\
            Bracket [|Text \"b\"|Bracket ]|Bracket )|Sign ==|Number 30|Unit s|WordOperator or|Call q|Bracket (|\
            Literal true|Bracket )";
        assert_eq!(shown(text).join("|"), wanted);
    }

    #[test]
    fn texts_hold_escapes_and_log_texts_values() {
        let text = r#"break b on * -> * { log "a\n{{ {msg.x + 1}" reason "{y}" }"#;
        let all = shown(text);
        assert_eq!(all[8..14], ["Text \"a", r"Escape \n", "Escape {{", "Text  ", "Embed {", "Root msg"]);
        assert_eq!(
            all[16..],
            ["Sign +", "Number 1", "Embed }", "Text \"", "Clause reason", "Text \"{y}\"", "Bracket }"]
        );
    }

    #[test]
    fn units_stand_apart() {
        let text = "const a = 1e3ms const b = 10/5s const c = 2.5% const d = 64KiB const e = 1e3";
        let all: Vec<String> = shown(text).into_iter().filter(|t| t.starts_with(['N', 'U'])).collect();
        let numbers: Vec<&str> =
            all.iter().map(String::as_str).filter(|t| !t.starts_with("NameValue")).collect();
        let wanted = [
            "Number 1e3",
            "Unit ms",
            "Number 10",
            "Unit /5s",
            "Number 2.5",
            "Unit %",
            "Number 64",
            "Unit KiB",
            "Number 1e3",
        ];
        assert_eq!(numbers, wanted);
    }

    #[test]
    fn nothing_but_white_space_is_left_out_of_a_whole_file() {
        let text = include_str!("../tests/greenhouse.route");
        let mut at = 0;
        for (span, _) in tokens(text) {
            assert_eq!(text[at..span.start as usize].trim(), "");
            at = span.end as usize;
        }
        assert_eq!(text[at..].trim(), "");
    }
}
