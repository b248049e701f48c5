//! From pest's pairs to the syntax tree: items, names, strings and spans.

use std::sync::Arc;

use pest::iterators::{Pair, Pairs};

use crate::ast::{
    Allow, Comment, Ends, EndsKind, Expr, ExprKind, Field, Item, ItemKind, Name, RuntimeClause,
    RuntimeClauseKind, Text, Type, TypeKind, Wires,
};
use crate::diagnostic::Diagnostic;
use crate::parse::{MAX_ITEMS, Rule};
use crate::rules::codes;
use crate::span::{FileId, Span};

/// A node of pest's tree.
pub(crate) type P<'i> = Pair<'i, Rule>;

/// State of one lowering.
pub(crate) struct Lower<'a> {
    pub(crate) text: &'a str,
    pub(crate) file: FileId,
    comments: &'a [Comment],
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Levels of the expression or selector being built.
    pub(crate) depth: usize,
    items: usize,
}

/// An element of a file, with what is to be said of it.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// From its documentation on.
    pub(crate) span: Span,
    pub(crate) taken: Taken,
    /// `None`: it is no item, or one too many.
    pub(crate) item: Option<Arc<Item>>,
    /// Items in it, those of layers included.
    pub(crate) items: usize,
    pub(crate) found: Vec<Diagnostic>,
}

/// As what an element was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Item,
    /// An island, a brace too many, or documentation of nothing.
    Other,
}

/// What an item or clause is made of, sorted by what it is.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) names: Vec<Name>,
    pub(crate) texts: Vec<Text>,
    pub(crate) exprs: Vec<Expr>,
    pub(crate) ends: Vec<Ends>,
    pub(crate) wires: Option<Wires>,
    pub(crate) ty: Option<Type>,
}

impl Parts {
    pub(crate) fn name(&mut self, span: Span) -> Name {
        if self.names.is_empty() { Name { text: String::new(), span } } else { self.names.remove(0) }
    }
    pub(crate) fn text(&mut self, span: Span) -> Text {
        if self.texts.is_empty() { Text { value: String::new(), span } } else { self.texts.remove(0) }
    }
    pub(crate) fn expr(&mut self, span: Span) -> Expr {
        if self.exprs.is_empty() { Expr { kind: ExprKind::Error, span } } else { self.exprs.remove(0) }
    }
    pub(crate) fn end(&mut self, span: Span) -> Ends {
        if self.ends.is_empty() { Ends { kind: EndsKind::Error, span } } else { self.ends.remove(0) }
    }
    pub(crate) fn wires(&mut self, span: Span) -> Wires {
        let error = || Ends { kind: EndsKind::Error, span };
        self.wires.take().unwrap_or_else(|| Wires { from: error(), to: error(), span })
    }
}

impl<'a> Lower<'a> {
    pub(crate) fn new(text: &'a str, file: FileId, comments: &'a [Comment]) -> Self {
        Self { text, file, comments, diagnostics: Vec::new(), depth: 0, items: 0 }
    }

    /// Lowers the pairs of `Rule::file`: each element of the file with what is to be said of it.
    pub(crate) fn elements(&mut self, pairs: Pairs<'a, Rule>) -> Vec<Element> {
        pairs.flat_map(|file| self.row(file.into_inner(), Rule::strict_items)).collect()
    }

    /// Keeps a finding.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn items(&mut self, pairs: Pairs<'_, Rule>, strict: Rule) -> Vec<Arc<Item>> {
        let mut items = Vec::new();
        for element in self.row(pairs, strict) {
            self.diagnostics.extend(element.found);
            items.extend(element.item);
        }
        items
    }

    fn row(&mut self, pairs: Pairs<'_, Rule>, strict: Rule) -> Vec<Element> {
        let pairs: Vec<P<'_>> = pairs.collect();
        let mut row = Vec::with_capacity(pairs.len());
        let mut before = None;
        for (index, pair) in pairs.iter().enumerate() {
            let (outer, items) = (std::mem::take(&mut self.diagnostics), self.items);
            let cut = pairs.get(index + 1).is_some_and(|p| p.as_rule() == Rule::bad_item);
            let element = self.element(pair, strict, cut, &mut before);
            let found = std::mem::replace(&mut self.diagnostics, outer);
            let items = self.items - items;
            row.extend(element.map(|(taken, item)| Element {
                span: self.span(pair),
                taken,
                item,
                items,
                found,
            }));
        }
        row
    }

    /// `before`: where the item before begins.
    fn element(
        &mut self,
        pair: &P<'_>,
        strict: Rule,
        cut: bool,
        before: &mut Option<usize>,
    ) -> Option<(Taken, Option<Arc<Item>>)> {
        let span = self.span(pair);
        match pair.as_rule() {
            Rule::item => {
                self.items += 1;
                if self.items == MAX_ITEMS + 1 {
                    let message = format!("the file has more than {MAX_ITEMS} items");
                    self.report(Diagnostic::new(codes::TOO_MANY_ITEMS, self.file, span, message));
                }
                let item = (self.items <= MAX_ITEMS).then(|| self.item(pair.clone(), cut)).flatten();
                *before = Some(span.start as usize);
                Some((Taken::Item, item.map(Arc::new)))
            }
            Rule::bad_item => {
                let start = span.start as usize;
                self.island(span, before.take().unwrap_or(start), strict);
                Some((Taken::Other, None))
            }
            Rule::stray_close => {
                let message = "this `}` closes nothing";
                self.report(Diagnostic::new(codes::STRAY_CLOSE, self.file, span, message));
                Some((Taken::Other, None))
            }
            Rule::doc | Rule::allow => {
                let message = "no item follows this";
                self.report(Diagnostic::new(codes::ORPHAN, self.file, span, message));
                Some((Taken::Other, None))
            }
            _ => None,
        }
    }

    fn item(&mut self, pair: P<'_>, cut: bool) -> Option<Item> {
        let mut docs = Vec::new();
        let mut allows = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::doc => {
                    let line = part.as_str().strip_prefix("///").unwrap_or_default();
                    docs.push(line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned());
                }
                Rule::allow => allows.push(self.allow(part)),
                _ => {
                    let span = self.span(&part);
                    return Some(Item { docs, allows, kind: self.item_kind(part, span, cut), span });
                }
            }
        }
        None
    }

    fn allow(&mut self, pair: P<'_>) -> Allow {
        let span = self.span(&pair);
        let mut code = Name { text: String::new(), span };
        let mut why = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::code => code = self.name(&part),
                Rule::string => why = Some(self.text_of(&part)),
                _ => {}
            }
        }
        Allow { code, why, span }
    }

    fn item_kind(&mut self, pair: P<'_>, span: Span, cut: bool) -> ItemKind {
        let rule = pair.as_rule();
        match rule {
            Rule::router | Rule::call_router => return ItemKind::Router(self.router(pair, span, cut)),
            Rule::layer => {
                let name = self.parts(pair.clone()).name(span);
                self.unclosed(&pair, "layer");
                return ItemKind::Layer { name, items: self.items(pair.into_inner(), Rule::strict_layer) };
            }
            Rule::runtime => {
                let name = self.parts(pair.clone()).name(span);
                return ItemKind::Runtime { name, clauses: self.runtime(pair) };
            }
            Rule::test => {
                let title = self.parts(pair.clone()).text(span);
                return ItemKind::Test { title, steps: self.steps(pair) };
            }
            Rule::schema => {
                let name = self.parts(pair.clone()).name(span);
                let fields = pair.into_inner().find(|p| p.as_rule() == Rule::fields);
                return ItemKind::Schema { name, fields: fields.map_or(Vec::new(), |p| self.fields(p)) };
            }
            Rule::predicate => {
                let list = pair.clone().into_inner().find(|p| p.as_rule() == Rule::params);
                let params = list.map_or(Vec::new(), |p| self.parts(p).names);
                let mut parts = self.parts(pair);
                return ItemKind::Predicate { name: parts.name(span), params, body: parts.expr(span) };
            }
            _ => {}
        }
        let mut parts = self.parts(pair);
        match rule {
            Rule::stack => ItemKind::Stack(parts.name(span)),
            Rule::use_item => ItemKind::Use(parts.text(span)),
            Rule::constant => {
                ItemKind::Const { name: parts.name(span), ty: parts.ty.take(), value: parts.expr(span) }
            }
            Rule::param => {
                ItemKind::Param { name: parts.name(span), ty: parts.ty.take(), default: parts.exprs.pop() }
            }
            Rule::let_item => ItemKind::Let { name: parts.name(span), ends: parts.end(span) },
            Rule::carry => ItemKind::Carry { schema: parts.name(span), wires: parts.wires(span) },
            _ => ItemKind::Place { ends: parts.end(span), runtime: parts.name(span) },
        }
    }

    /// Sorts the direct parts of a pair; keywords and signs fall away.
    pub(crate) fn parts(&mut self, pair: P<'_>) -> Parts {
        let mut parts = Parts::default();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name | Rule::ref_name | Rule::ends_name => parts.names.push(self.name(&part)),
                Rule::string => parts.texts.push(self.text_of(&part)),
                Rule::expr => parts.exprs.push(self.value(part)),
                Rule::object => parts.exprs.push(self.atom(part)),
                Rule::ends => parts.ends.push(self.ends(part)),
                Rule::wires => parts.wires = Some(self.wires(part)),
                Rule::ty => parts.ty = Some(self.ty(part)),
                _ => {}
            }
        }
        parts
    }

    /// Reports a body whose closing brace is missing, at its opening one.
    pub(crate) fn unclosed(&mut self, pair: &P<'_>, what: &str) {
        let mut open = None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::lbrace => open = Some(self.span(&part)),
                Rule::no_close => {
                    let message = format!("this `{{` of the {what} is never closed");
                    let at = open.unwrap_or_else(|| self.span(pair));
                    let end = self.span(pair).end as usize;
                    let error = Diagnostic::new(codes::UNCLOSED, self.file, at, message);
                    self.report(error.note(self.file, Span::new(end, end), "`}` is missing here"));
                }
                _ => {}
            }
        }
    }

    fn runtime(&mut self, pair: P<'_>) -> Vec<RuntimeClause> {
        self.unclosed(&pair, "runtime");
        let mut clauses = Vec::new();
        let mut before = None;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::runtime_clause => {
                    before = Some(span.start as usize);
                    let inner = part.into_inner().next();
                    clauses.extend(inner.map(|p| RuntimeClause { kind: self.runtime_clause(p, span), span }));
                }
                Rule::bad_clause => {
                    self.island(span, before.take().unwrap_or(span.start as usize), Rule::strict_runtime);
                }
                _ => {}
            }
        }
        clauses
    }

    fn runtime_clause(&mut self, pair: P<'_>, span: Span) -> RuntimeClauseKind {
        let rule = pair.as_rule();
        if rule == Rule::rt_tags {
            let tags = pair.into_inner().filter(|p| p.as_rule() == Rule::tag);
            return RuntimeClauseKind::Tags(tags.map(|tag| self.tag(tag, span)).collect());
        }
        let durable = pair.clone().into_inner().any(|p| p.as_rule() == Rule::k_durable);
        let mut parts = self.parts(pair);
        match rule {
            Rule::rt_zenoh => RuntimeClauseKind::Zenoh(parts.expr(span)),
            Rule::rt_nats => RuntimeClauseKind::Nats { address: parts.expr(span), durable },
            Rule::rt_mqtt => RuntimeClauseKind::Mqtt(parts.expr(span)),
            _ => RuntimeClauseKind::Limit(parts.name(span), parts.expr(span)),
        }
    }

    fn tag(&mut self, pair: P<'_>, span: Span) -> (Name, Text) {
        let key = pair.clone().into_inner().find(|p| p.as_rule() == Rule::key);
        let key = key.map_or(Name { text: String::new(), span }, |p| self.key(p));
        (key, self.parts(pair).text(span))
    }

    fn fields(&mut self, pair: P<'_>) -> Vec<Field> {
        let mut fields = Vec::new();
        for field in pair.into_inner().filter(|p| p.as_rule() == Rule::field) {
            let span = self.span(&field);
            let mut name = Name { text: String::new(), span };
            let mut optional = false;
            for part in field.into_inner() {
                match part.as_rule() {
                    Rule::key => name = self.key(part),
                    Rule::optional => optional = true,
                    Rule::ty => fields.push(Field { name: name.clone(), optional, ty: self.ty(part) }),
                    _ => {}
                }
            }
        }
        fields
    }

    fn ty(&mut self, pair: P<'_>) -> Type {
        let span = self.span(&pair);
        let parts = pair.into_inner().filter(|p| p.as_rule() != Rule::bar);
        let mut types: Vec<Type> = parts.map(|p| self.ty_atom(p)).collect();
        match (types.len(), types.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                types.push(last);
                Type { kind: TypeKind::Union(types), span }
            }
            (_, None) => Type { kind: TypeKind::Error, span },
        }
    }

    fn ty_atom(&mut self, pair: P<'_>) -> Type {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let kind = match rule {
            Rule::ty_name => TypeKind::Name(pair.as_str().to_owned()),
            Rule::fields => TypeKind::Object(self.fields(pair)),
            Rule::ty_list => match pair.into_inner().find(|p| p.as_rule() == Rule::ty) {
                Some(inner) => TypeKind::List(Box::new(self.ty(inner))),
                None => TypeKind::Error,
            },
            _ => match pair.into_inner().next() {
                Some(inner) => TypeKind::Literal(Box::new(self.atom(inner))),
                None => TypeKind::Error,
            },
        };
        Type { kind, span }
    }

    /// The pair's place without the white space and comments that pest lets trail after an optional part.
    pub(crate) fn span(&self, pair: &P<'_>) -> Span {
        let place = pair.as_span();
        let (start, mut end) = (place.start(), place.end());
        loop {
            let before = end;
            end = start + self.text.get(start..end).unwrap_or_default().trim_end_matches(blank).len();
            let at = self.comments.partition_point(|c| (c.span.end as usize) < end);
            if let Some(comment) = self.comments.get(at).filter(|c| c.span.end as usize == end) {
                end = (comment.span.start as usize).max(start);
            }
            if end == before {
                return Span::new(start, end);
            }
        }
    }

    /// An identifier as written.
    pub(crate) fn name(&self, pair: &P<'_>) -> Name {
        Name { text: pair.as_str().to_owned(), span: self.span(pair) }
    }

    /// A `Rule::string`.
    pub(crate) fn text_of(&mut self, pair: &P<'_>) -> Text {
        let span = self.span(pair);
        Text { value: self.unquote(pair.as_str(), span), span }
    }

    pub(crate) fn first_text(&mut self, pair: P<'_>) -> Option<Text> {
        let text = pair.into_inner().find(|p| p.as_rule() == Rule::string)?;
        Some(self.text_of(&text))
    }

    /// The contents of a quoted string whose opening quote is at `span.start`.
    pub(crate) fn unquote(&mut self, quoted: &str, span: Span) -> String {
        let body = quoted.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(quoted);
        let mut out = String::with_capacity(body.len());
        let mut chars = body.char_indices();
        while let Some((at, c)) = chars.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            let escaped = chars.next().map(|(_, c)| c);
            let plain = match escaped {
                Some('n') => Some('\n'),
                Some('t') => Some('\t'),
                Some('r') => Some('\r'),
                Some(c @ ('"' | '\\' | '/' | '{' | '}')) => Some(c),
                Some('u') => unicode(body.get(at + 2..).unwrap_or_default()).map(|(c, used)| {
                    for _ in 0..used {
                        chars.next();
                    }
                    c
                }),
                _ => None,
            };
            match plain {
                Some(c) => out.push(c),
                None => {
                    let start = span.start as usize + 1 + at;
                    let place = Span::new(start, start + 1 + escaped.map_or(0, char::len_utf8));
                    let message = format!("`\\{}` is no escape", escaped.unwrap_or(' '));
                    let help = "escapes are `\\n \\t \\r \\\" \\\\ \\u{263a}`; write `\\\\` for a backslash";
                    self.report(Diagnostic::new(codes::UNKNOWN_ESCAPE, self.file, place, message).help(help));
                }
            }
        }
        out
    }
}

fn blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{FEFF}')
}

/// The character of `{263a}` and how many characters that took.
fn unicode(rest: &str) -> Option<(char, usize)> {
    let (digits, _) = rest.strip_prefix('{')?.split_once('}')?;
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, digits.len() + 2))
}
