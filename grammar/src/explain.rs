//! Faults in the user's words: what stands at a place, and what was wanted there.

use crate::diagnostic::{Applicability, Diagnostic};
use crate::keywords;
use crate::lower::Lower;
use crate::parse::{Rule, explain};
use crate::rules::codes;
use crate::span::Span;

impl Lower<'_> {
    /// Reports the island at `span`; `from` is where the strict rule is begun, the island itself or what stands before it.
    pub(crate) fn island(&mut self, span: Span, from: usize, rule: Rule) {
        let island = explain(self.text, span.start as usize, span.end as usize, rule);
        let before =
            explain(self.text, from, span.end as usize, rule).filter(|(at, _)| *at >= span.start as usize);
        let best = match (before, island) {
            (Some(a), Some(b)) if b.0 > a.0 => Some(b),
            (a, b) => a.or(b),
        };
        let (at, wanted) = best.unwrap_or((span.start as usize, Vec::new()));
        self.unexpected(at, &wanted, Some(span));
    }

    /// Reports the token at `at`, where one of `wanted` should stand.
    pub(crate) fn unexpected(&mut self, at: usize, wanted: &[Rule], island: Option<Span>) {
        let span = self.token(at);
        let found = self.text.get(span.range()).unwrap_or_default().to_owned();
        if matches!(found.as_bytes(), [b'"', ..]) && self.unterminated(span, &found) {
            let message = "this string has no end on its line";
            self.report(
                Diagnostic::new(codes::UNTERMINATED, self.file, span, message).help("close it with `\"`"),
            );
            return;
        }
        if found.starts_with('/')
            && found.len() > 1
            && wanted.iter().any(|r| matches!(r, Rule::expr | Rule::regex))
        {
            let message = "this regex has no end on its line";
            self.report(
                Diagnostic::new(codes::UNTERMINATED, self.file, span, message).help("close it with `/`"),
            );
            return;
        }
        if found.starts_with(|c: char| c.is_ascii_digit()) && found.ends_with(|c: char| c.is_alphabetic()) {
            let message = format!("`{found}` is not a number, duration, size or rate");
            let help =
                "units are `ms s m h d` for durations, `B KiB MiB GiB` for sizes, `/s /m /h /d` for rates";
            self.report(Diagnostic::new(codes::BAD_NUMBER, self.file, span, message).help(help));
            return;
        }
        let name_wanted = wanted.iter().any(|r| matches!(r, Rule::name | Rule::ref_name | Rule::ends_name));
        if name_wanted && wanted.len() <= 2 && keywords::lookup(&found).is_some() {
            let message = format!("`{found}` is a word of the language and cannot be a name");
            self.report(
                Diagnostic::new(codes::RESERVED_WORD, self.file, span, message).help("choose another name"),
            );
            return;
        }
        let words = words(wanted);
        let what = if found.is_empty() { "the end of the file".to_owned() } else { format!("`{found}`") };
        let message = match words.as_slice() {
            [] => format!("{what} is not understood here"),
            list => format!("expected {}, found {what}", join(list)),
        };
        let mut error = Diagnostic::new(codes::UNEXPECTED, self.file, span, message);
        if let Some(help) = sign_help(&found) {
            error = error.help(help);
        } else if found.starts_with("///") {
            error = error.help("`///` documents the item that follows; write `//` for a comment here");
        } else if let Some(near) = near(&found, wanted) {
            let applicability = Applicability::Maybe;
            error = error.suggest(format!("write `{near}`"), self.file, span, near, applicability);
        }
        if let Some(island) = island.filter(|i| i.start > span.end) {
            error = error.note(self.file, island, "reading goes on after this");
        }
        self.report(error);
    }

    fn unterminated(&self, span: Span, found: &str) -> bool {
        let line =
            self.text.get(span.start as usize..).unwrap_or_default().lines().next().unwrap_or_default();
        found.len() == line.trim_end().len()
            && (found.len() < 2 || !found.ends_with('"') || found.ends_with("\\\""))
    }

    /// The word, number, string or sign that begins at `at`, after white space; empty at the end of the file.
    fn token(&self, at: usize) -> Span {
        let rest = self.text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        let start = at + (rest.len() - trimmed.len());
        let line = trimmed.lines().next().unwrap_or_default();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let len = match line.chars().next() {
            None => 0,
            Some('"') => string_len(line),
            Some('/') if line.starts_with("//") => line.trim_end().len(),
            Some('/') if line.get(1..).is_some_and(|l| !l.starts_with(' ') && !l.contains('/')) => {
                line.trim_end().len()
            }
            Some(c) if word(c) => line.find(|c| !word(c)).unwrap_or(line.len()),
            Some(_)
                if ["->", "==", "!=", "<=", ">=", "..", "&&", "||"].iter().any(|s| line.starts_with(s)) =>
            {
                2
            }
            Some(c) => c.len_utf8(),
        };
        Span::new(start, start + len)
    }
}

fn string_len(line: &str) -> usize {
    let mut escaped = false;
    for (at, c) in line.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    line.trim_end().len()
}

/// What to write instead of a sign of another language.
fn sign_help(found: &str) -> Option<&'static str> {
    match found {
        "=" => Some("values are compared with `==`"),
        "==" => Some("a part of the message is set with `=`"),
        "&&" => Some("write `and`"),
        "||" => Some("write `or`"),
        "!" => Some("write `not`"),
        "'" => Some("strings stand in `\"`"),
        _ => None,
    }
}

/// The keyword among `wanted` that `found` is close to.
fn near(found: &str, wanted: &[Rule]) -> Option<&'static str> {
    let all = wanted
        .iter()
        .any(|r| matches!(word(*r).as_str(), "a clause" | "an item" | "a test statement" | "an outcome"));
    let named: Vec<String> = wanted.iter().map(|r| format!("{r:?}")).collect();
    keywords::ALL
        .iter()
        .map(|k| k.word)
        .filter(|w| all || named.iter().any(|n| n.strip_prefix("k_") == Some(w)))
        .find(|w| found.len() > 2 && w.len() > 2 && one_slip(found, w))
}

/// Whether one insertion, deletion, replacement or swap of neighbours makes `a` into `b`.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(head..).unwrap_or_default(), b.get(head..).unwrap_or_default());
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    match (a, b) {
        ([], []) => false,
        ([_] | [], [_] | []) => true,
        ([w, x], [y, z]) => w == z && x == y,
        _ => false,
    }
}

/// The wanted rules in words, each once; operators only when nothing else is wanted.
fn words(wanted: &[Rule]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for rule in wanted {
        let word = word(*rule);
        if !word.is_empty() && !out.contains(&word) {
            out.push(word);
        }
    }
    for (general, particular) in [
        ("an expression", &["`(`", "`[`", "`{`", "a name", "a string", "a path such as `msg.payload`"][..]),
        ("nodes", &["a string", "a name", "`(`"][..]),
    ] {
        if out.iter().any(|w| w == general) {
            out.retain(|w| !particular.contains(&w.as_str()));
        }
    }
    if out.len() > 1 {
        out.retain(|w| w != "an operator" && w != "`,`" && w != "documentation");
    }
    out.sort();
    if out.len() > 6 { Vec::new() } else { out }
}

fn join(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

fn word(rule: Rule) -> String {
    let fixed = match rule {
        Rule::name | Rule::ref_name | Rule::ident | Rule::fname | Rule::ends_name => "a name",
        Rule::string | Rule::string_expr => "a string",
        Rule::expr
        | Rule::primary
        | Rule::operand
        | Rule::number
        | Rule::regex
        | Rule::list
        | Rule::call
        | Rule::neg => "an expression",
        Rule::rate | Rule::percent | Rule::duration | Rule::size | Rule::cidr | Rule::has | Rule::paren => {
            "an expression"
        }
        Rule::k_true | Rule::k_false | Rule::k_null | Rule::k_not | Rule::k_cidr | Rule::k_has => {
            "an expression"
        }
        Rule::object => "an object `{ … }`",
        Rule::path | Rule::dot_key | Rule::text_key | Rule::index => "a path such as `msg.payload`",
        Rule::ends | Rule::matcher | Rule::ends_paren | Rule::all | Rule::tilde_regex | Rule::kind => "nodes",
        Rule::upstream | Rule::downstream => "nodes",
        Rule::wires => "wires such as `* -> *`",
        Rule::ty | Rule::ty_name | Rule::ty_list | Rule::ty_literal | Rule::fields => "a type",
        Rule::field | Rule::key | Rule::pair | Rule::tag => "a field name",
        Rule::clause | Rule::call_clause | Rule::runtime_clause => "a clause",
        Rule::step => "a test statement",
        Rule::reply => "`pass`, `send`",
        Rule::outcome | Rule::delivered | Rule::stopped | Rule::held | Rule::tapped | Rule::raised => {
            "an outcome"
        }
        Rule::redirected | Rule::sent | Rule::expect_that | Rule::negated => "an outcome",
        Rule::stack | Rule::use_item | Rule::layer | Rule::constant | Rule::param | Rule::let_item => {
            "an item"
        }
        Rule::predicate | Rule::schema | Rule::carry | Rule::runtime | Rule::place | Rule::test => "an item",
        Rule::item
        | Rule::strict_items
        | Rule::strict_layer
        | Rule::router
        | Rule::call_router
        | Rule::router_kind => "an item",
        Rule::doc | Rule::allow => "documentation",
        Rule::sink | Rule::named_sink | Rule::file_sink => "a sink",
        Rule::choose | Rule::by_hash | Rule::round_robin => "`hash`, `round robin`, `latency`, `order`",
        Rule::EOI => "the end of the file",
        Rule::port
        | Rule::dot
        | Rule::is_type
        | Rule::k_is
        | Rule::optional
        | Rule::next_to
        | Rule::k_next => "an operator",
        Rule::k_or | Rule::k_and | Rule::k_in | Rule::k_matches | Rule::k_contains | Rule::k_except => {
            "an operator"
        }
        Rule::starts_with | Rule::ends_with | Rule::bar | Rule::k_starts | Rule::k_ends => "an operator",
        Rule::lbrace => "`{`",
        Rule::rbrace => "`}`",
        Rule::lparen => "`(`",
        Rule::rparen => "`)`",
        Rule::lbracket => "`[`",
        Rule::rbracket => "`]`",
        Rule::comma => "`,`",
        Rule::colon => "`:`",
        Rule::arrow => "`->`",
        Rule::assign_op => "`=`",
        Rule::digits => "a whole number",
        Rule::type_word => "a type",
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    let name = format!("{rule:?}");
    match name.strip_prefix("k_") {
        Some(word) => format!("`{word}`"),
        None if name.starts_with("op_") => "an operator".to_owned(),
        None => clause_word(rule).to_owned(),
    }
}

fn clause_word(rule: Rule) -> &'static str {
    match rule {
        Rule::one_of => "`one of`",
        Rule::burst => "`burst`",
        Rule::per => "`per`",
        Rule::spool => "`spool`",
        Rule::rotate => "`rotate`",
        Rule::keep => "`keep`",
        _ => "a clause",
    }
}
