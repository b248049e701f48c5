//! Expressions and selectors: precedence is applied to the flat sequences of the grammar.

use std::collections::VecDeque;

use crate::ast::{
    BinaryOp, Ends, EndsKind, Expr, ExprKind, Kind, Name, Path, Pattern, Port, Segment, Text, UnaryOp, Wires,
};
use crate::diagnostic::Diagnostic;
use crate::keywords::SIZE_UNITS;
use crate::lower::{Lower, P};
use crate::parse::Rule;
use crate::rules::codes;
use crate::span::Span;

/// Deepest expression or selector that is built; keeps every later walk over the tree within the thread's stack.
const MAX_DEPTH: usize = 512;

enum Tok {
    Prefix(UnaryOp, Span),
    Atom(Expr),
    Infix(Infix, Span),
    Is(Name),
}

#[derive(Clone, Copy)]
enum Infix {
    Op(BinaryOp),
    Range { inclusive: bool },
}

impl Infix {
    fn level(self) -> u8 {
        match self {
            Infix::Range { .. } => 5,
            Infix::Op(op) => match op {
                BinaryOp::Or => 1,
                BinaryOp::And => 2,
                BinaryOp::Add | BinaryOp::Sub => 6,
                BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => 7,
                _ => COMPARE,
            },
        }
    }
}

const NOT: u8 = 3;
const COMPARE: u8 = 4;
const NEG: u8 = 8;

impl Lower<'_> {
    /// Lowers a `Rule::expr`.
    pub(crate) fn expr(&mut self, pair: P<'_>) -> Expr {
        let span = self.span(&pair);
        let parts: Vec<P<'_>> = pair.into_inner().collect();
        if !self.enter(parts.len(), span) {
            return Expr { kind: ExprKind::Error, span };
        }
        let length = parts.len();
        let mut tokens: VecDeque<Tok> = parts.into_iter().map(|p| self.token_of(p)).collect();
        let expr = self.climb(&mut tokens, 0, span);
        self.depth -= length;
        expr
    }

    /// Counts `length` more levels; reports and refuses when there are too many.
    fn enter(&mut self, length: usize, span: Span) -> bool {
        if self.depth + length > MAX_DEPTH {
            let error = Diagnostic::new(
                codes::EXPRESSION_TOO_LONG,
                self.file,
                span,
                "this has too many operators to be read",
            );
            self.report(error.help("use a list with `in`, or name parts of it with `predicate` or `let`"));
            return false;
        }
        self.depth += length;
        true
    }

    fn token_of(&mut self, pair: P<'_>) -> Tok {
        use BinaryOp as B;
        let span = self.span(&pair);
        let op = match pair.as_rule() {
            Rule::k_not => return Tok::Prefix(UnaryOp::Not, span),
            Rule::neg => return Tok::Prefix(UnaryOp::Neg, span),
            Rule::is_type => {
                let word = pair.into_inner().find(|p| p.as_rule() == Rule::type_word);
                return Tok::Is(word.map_or(Name { text: String::new(), span }, |p| self.name(&p)));
            }
            Rule::op_range => return Tok::Infix(Infix::Range { inclusive: true }, span),
            Rule::op_range_open => return Tok::Infix(Infix::Range { inclusive: false }, span),
            Rule::k_or => B::Or,
            Rule::k_and => B::And,
            Rule::op_eq => B::Eq,
            Rule::op_ne => B::Ne,
            Rule::op_lt => B::Lt,
            Rule::op_le => B::Le,
            Rule::op_gt => B::Gt,
            Rule::op_ge => B::Ge,
            Rule::k_in => B::In,
            Rule::k_matches => B::Matches,
            Rule::k_contains => B::Contains,
            Rule::starts_with => B::StartsWith,
            Rule::ends_with => B::EndsWith,
            Rule::op_add => B::Add,
            Rule::op_sub => B::Sub,
            Rule::op_mul => B::Mul,
            Rule::op_div => B::Div,
            Rule::op_rem => B::Rem,
            _ => return Tok::Atom(self.atom(pair)),
        };
        Tok::Infix(Infix::Op(op), span)
    }

    fn climb(&mut self, tokens: &mut VecDeque<Tok>, min: u8, whole: Span) -> Expr {
        let mut left = match tokens.pop_front() {
            Some(Tok::Atom(expr)) => expr,
            Some(Tok::Prefix(op, at)) => {
                let level = if op == UnaryOp::Not { NOT } else { NEG };
                let operand = self.climb(tokens, level, whole);
                Expr { span: at.to(operand.span), kind: ExprKind::Unary(op, Box::new(operand)) }
            }
            _ => Expr { kind: ExprKind::Error, span: whole },
        };
        let mut compared = false;
        loop {
            let level = match tokens.front() {
                Some(Tok::Infix(op, _)) => op.level(),
                Some(Tok::Is(_)) => COMPARE,
                _ => return left,
            };
            if level < min {
                return left;
            }
            let Some(token) = tokens.pop_front() else { return left };
            left = match token {
                Tok::Is(name) => {
                    Expr { span: left.span.to(name.span), kind: ExprKind::Is(Box::new(left), name) }
                }
                Tok::Infix(op, at) => {
                    let chained = level == COMPARE && std::mem::replace(&mut compared, true);
                    let right = self.climb(tokens, level + 1, whole);
                    if chained {
                        self.chained(at);
                        Expr { span: left.span.to(right.span), kind: ExprKind::Error }
                    } else {
                        self.binary(op, at, left, right)
                    }
                }
                _ => return left,
            };
        }
    }

    fn chained(&mut self, at: Span) {
        let message = "comparisons cannot stand in a row";
        let error = Diagnostic::new(codes::CHAINED_COMPARISON, self.file, at, message);
        self.report(error.help("join two comparisons with `and`, or use `in low..high`"));
    }

    fn binary(&mut self, op: Infix, op_span: Span, left: Expr, right: Expr) -> Expr {
        let span = left.span.to(right.span);
        let in_range = matches!(op, Infix::Op(BinaryOp::In));
        for (side, allowed) in [(&left, false), (&right, in_range)] {
            if matches!(side.kind, ExprKind::Range { .. }) && !allowed {
                self.range_misplaced(side.span);
            }
        }
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = match op {
            Infix::Op(op) => ExprKind::Binary { op, op_span, left, right },
            Infix::Range { inclusive } => ExprKind::Range { low: left, high: right, inclusive },
        };
        Expr { kind, span }
    }

    fn range_misplaced(&mut self, span: Span) {
        let error = Diagnostic::new(codes::LONE_RANGE, self.file, span, "a range stands only after `in`");
        self.report(error.help("write `value in low..high`"));
    }

    /// An expression where a range makes no sense.
    pub(crate) fn value(&mut self, pair: P<'_>) -> Expr {
        let expr = self.expr(pair);
        if matches!(expr.kind, ExprKind::Range { .. }) {
            self.range_misplaced(expr.span);
        }
        expr
    }

    /// Lowers one operand without its prefixes.
    pub(crate) fn atom(&mut self, pair: P<'_>) -> Expr {
        let span = self.span(&pair);
        let text = pair.as_str();
        let kind = match pair.as_rule() {
            Rule::k_true => ExprKind::Bool(true),
            Rule::k_false => ExprKind::Bool(false),
            Rule::k_null => ExprKind::Null,
            Rule::number | Rule::neg_number => ExprKind::Number(self.number(text, span)),
            Rule::percent => ExprKind::Percent(self.number(text.trim_end_matches('%'), span) / 100.0),
            Rule::duration => ExprKind::Duration(self.scaled(text, span)),
            Rule::size => ExprKind::Size(self.scaled(text, span) as u64),
            Rule::rate => self.rate(text, span),
            Rule::string_expr => ExprKind::Text(self.unquote(text.trim_end(), span)),
            Rule::regex => ExprKind::Regex(regex_body(text)),
            Rule::list => ExprKind::List(self.exprs(pair)),
            Rule::object => ExprKind::Object(self.object(pair)),
            Rule::paren => match self.exprs(pair).into_iter().next() {
                Some(inner) => ExprKind::Paren(Box::new(inner)),
                None => ExprKind::Error,
            },
            Rule::cidr => match self.first_text(pair) {
                Some(text) => ExprKind::Cidr(text),
                None => ExprKind::Error,
            },
            Rule::path => ExprKind::Path(self.path(&pair)),
            Rule::has => self.has(pair),
            Rule::call => self.call(pair),
            _ => ExprKind::Error,
        };
        Expr { kind, span }
    }

    fn exprs(&mut self, pair: P<'_>) -> Vec<Expr> {
        let inner = pair.into_inner().filter(|p| p.as_rule() == Rule::expr);
        inner.map(|p| self.value(p)).collect()
    }

    fn object(&mut self, pair: P<'_>) -> Vec<(Name, Expr)> {
        let mut fields = Vec::new();
        for field in pair.into_inner().filter(|p| p.as_rule() == Rule::pair) {
            let mut key = None;
            for part in field.into_inner() {
                match part.as_rule() {
                    Rule::key => key = Some(self.key(part)),
                    Rule::expr => fields.extend(key.take().map(|k| (k, self.value(part)))),
                    _ => {}
                }
            }
        }
        fields
    }

    fn has(&mut self, pair: P<'_>) -> ExprKind {
        let mut name = None;
        let mut args = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::k_has => name = Some(self.name(&part)),
                _ => args.push(self.atom(part)),
            }
        }
        name.map_or(ExprKind::Error, |name| ExprKind::Call { name, args })
    }

    fn call(&mut self, pair: P<'_>) -> ExprKind {
        let name = pair.clone().into_inner().find(|p| p.as_rule() == Rule::fname).map(|p| self.name(&p));
        let args = self.exprs(pair);
        name.map_or(ExprKind::Error, |name| ExprKind::Call { name, args })
    }

    /// An object key or a schema's field name: an identifier or a string.
    pub(crate) fn key(&mut self, pair: P<'_>) -> Name {
        let span = self.span(&pair);
        let inner = pair.into_inner().next();
        match inner {
            Some(p) if p.as_rule() == Rule::string => Name { text: self.unquote(p.as_str(), span), span },
            Some(p) => self.name(&p),
            None => Name { text: String::new(), span },
        }
    }

    /// Lowers a `Rule::path`.
    pub(crate) fn path(&mut self, pair: &P<'_>) -> Path {
        let mut root = Name { text: String::new(), span: self.span(pair) };
        let mut segments = Vec::new();
        for part in pair.clone().into_inner() {
            let span = self.span(&part);
            let rule = part.as_rule();
            let Some(inner) =
                (if rule == Rule::ref_name { Some(part.clone()) } else { part.into_inner().next() })
            else {
                continue;
            };
            let at = self.span(&inner);
            match rule {
                Rule::ref_name => root = self.name(&inner),
                Rule::dot_key => segments.push(Segment::Key(self.name(&inner))),
                Rule::text_key => {
                    let text = self.unquote(inner.as_str(), at);
                    segments.push(Segment::Key(Name { text, span: at }));
                }
                _ => segments.push(Segment::Index(self.whole(inner.as_str(), at), span)),
            }
        }
        Path { root, segments }
    }

    fn number(&mut self, text: &str, span: Span) -> f64 {
        match text.parse::<f64>() {
            Ok(n) if n.is_finite() => n,
            _ => {
                let message = format!("`{text}` is too large for a number");
                self.report(Diagnostic::new(codes::BAD_NUMBER, self.file, span, message));
                0.0
            }
        }
    }

    pub(crate) fn whole(&mut self, text: &str, span: Span) -> u32 {
        text.parse().unwrap_or_else(|_| {
            let message = format!("`{text}` is too large for an index");
            self.report(Diagnostic::new(codes::BAD_NUMBER, self.file, span, message));
            0
        })
    }

    /// A number with the unit of a duration (in milliseconds) or a size (in bytes).
    fn scaled(&mut self, text: &str, span: Span) -> f64 {
        let (number, unit) = split_unit(text);
        self.number(number, span) * unit_factor(unit)
    }

    fn rate(&mut self, text: &str, span: Span) -> ExprKind {
        let (count, per) = text.split_once('/').unwrap_or((text, "s"));
        let (number, unit) = split_unit(per);
        let times = if number.is_empty() { 1.0 } else { self.number(number, span) };
        let per_ms = times * unit_factor(unit);
        if per_ms == 0.0 {
            self.report(Diagnostic::new(
                codes::BAD_NUMBER,
                self.file,
                span,
                format!("`{text}` is a rate over no time"),
            ));
        }
        ExprKind::Rate { count: self.number(count, span), per_ms }
    }

    /// Lowers `Rule::wires`.
    pub(crate) fn wires(&mut self, pair: P<'_>) -> Wires {
        let span = self.span(&pair);
        let mut ends = pair.into_inner().filter(|p| p.as_rule() == Rule::ends);
        let mut side = |this: &mut Self| match ends.next() {
            Some(p) => this.ends(p),
            None => Ends { kind: EndsKind::Error, span },
        };
        let (from, to) = (side(self), side(self));
        Wires { from, to, span }
    }

    /// Lowers `Rule::ends`.
    pub(crate) fn ends(&mut self, pair: P<'_>) -> Ends {
        let span = self.span(&pair);
        let mut parts: VecDeque<P<'_>> = pair.into_inner().collect();
        let length = parts.len();
        if !self.enter(length, span) {
            return Ends { kind: EndsKind::Error, span };
        }
        let ends = self.climb_ends(&mut parts, 0, span);
        self.depth -= length;
        ends
    }

    fn climb_ends(&mut self, parts: &mut VecDeque<P<'_>>, min: u8, whole: Span) -> Ends {
        let Some(first) = parts.pop_front() else { return Ends { kind: EndsKind::Error, span: whole } };
        let at = self.span(&first);
        let mut left = match first.as_rule() {
            rule @ (Rule::upstream | Rule::downstream) => {
                let inner = self.climb_ends(parts, 3, whole);
                let span = at.to(inner.span);
                let inner = Box::new(inner);
                let up = rule == Rule::upstream;
                Ends { kind: if up { EndsKind::Upstream(inner) } else { EndsKind::Downstream(inner) }, span }
            }
            _ => self.ends_atom(first),
        };
        while let Some(next) = parts.front() {
            let rule = next.as_rule();
            let at = self.span(next);
            let level = match rule {
                Rule::port => 9,
                Rule::k_or | Rule::k_except => 1,
                Rule::k_and => 2,
                Rule::next_to => 4,
                Rule::k_in => 5,
                _ => return left,
            };
            if level < min {
                return left;
            }
            let Some(next) = parts.pop_front() else { return left };
            let (kind, end) = if rule == Rule::port {
                (EndsKind::Port(Box::new(left.clone()), self.port(next)), at)
            } else {
                let right = self.climb_ends(parts, level + 1, whole);
                let end = right.span;
                let (a, b) = (Box::new(left.clone()), Box::new(right));
                let kind = match rule {
                    Rule::k_or => EndsKind::Or(a, b),
                    Rule::k_except => EndsKind::Except(a, b),
                    Rule::k_and => EndsKind::And(a, b),
                    Rule::next_to => EndsKind::NextTo(a, b),
                    _ => EndsKind::In(a, b),
                };
                (kind, end)
            };
            left = Ends { span: left.span.to(end), kind };
        }
        left
    }

    fn ends_atom(&mut self, pair: P<'_>) -> Ends {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::all => EndsKind::All,
            Rule::ends_name => EndsKind::Name(self.name(&pair)),
            Rule::ends_paren => match pair.into_inner().find(|p| p.as_rule() == Rule::ends) {
                Some(inner) => EndsKind::Paren(Box::new(self.ends(inner))),
                None => EndsKind::Error,
            },
            Rule::matcher => self.matcher(pair),
            _ => EndsKind::Error,
        };
        Ends { kind, span }
    }

    fn matcher(&mut self, pair: P<'_>) -> EndsKind {
        let mut kind = Kind::Node;
        let mut pattern = None;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::kind => {
                    kind = match part.as_str().trim_end() {
                        "tab" => Kind::Tab,
                        "group" => Kind::Group,
                        "subflow" => Kind::Subflow,
                        "type" => Kind::Type,
                        "id" => Kind::Id,
                        _ => Kind::Node,
                    }
                }
                Rule::tilde_regex => {
                    let value = regex_body(part.as_str().trim_start_matches('~'));
                    pattern = Some(Pattern::Regex(Text { value, span }));
                }
                _ => {
                    let text = self.text_of(&part);
                    let glob = text.value.contains(['*', '?']);
                    pattern = Some(if glob { Pattern::Glob(text) } else { Pattern::Exact(text) });
                }
            }
        }
        pattern.map_or(EndsKind::Error, |pattern| EndsKind::Match { kind, pattern })
    }

    /// The output after a dot or `to`.
    pub(crate) fn port(&mut self, pair: P<'_>) -> Port {
        let whole = self.span(&pair);
        match pair.into_inner().find(|p| !matches!(p.as_rule(), Rule::dot | Rule::k_to)) {
            Some(p) if p.as_rule() == Rule::string => Port::Label(self.text_of(&p)),
            Some(p) => {
                let span = self.span(&p);
                let index = self.whole(p.as_str(), span);
                if index == 0 {
                    let error =
                        Diagnostic::new(codes::BAD_NUMBER, self.file, span, "outputs are counted from `1`");
                    self.report(error);
                }
                Port::Index(index, span)
            }
            None => Port::Index(1, whole),
        }
    }
}

fn split_unit(text: &str) -> (&str, &str) {
    let at = text.rfind(|c: char| c.is_ascii_digit()).map_or(0, |n| n + 1);
    text.split_at(at)
}

fn unit_factor(unit: &str) -> f64 {
    match unit {
        "s" => 1e3,
        "m" => 6e4,
        "h" => 36e5,
        "d" => 864e5,
        _ => SIZE_UNITS.iter().find(|(word, _)| *word == unit).map_or(1.0, |(_, bytes)| *bytes as f64),
    }
}

/// A regex without its slashes; `\/` means `/`.
fn regex_body(text: &str) -> String {
    let body = text.strip_prefix('/').and_then(|t| t.strip_suffix('/')).unwrap_or(text);
    body.replace("\\/", "/")
}
