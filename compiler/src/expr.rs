//! Expressions: names replaced by what they stand for.

use route_chain::ir;
use route_grammar::ast::{self, BinaryOp, ExprKind, Segment, UnaryOp};
use route_grammar::{Applicability, Diagnostic, FileId, Span, keywords};
use rustc_hash::FxHashMap;

use crate::check::names::{bad_regex, recursion, unknown_name, wrong_kind_of_name};
use crate::codes;
use crate::hir::{Const, Expr, Field, Kind, Side, TextOp};
use crate::resolver::Resolver;
use crate::scope::What;

/// Where an expression stands.
#[derive(Clone, Default)]
pub(crate) struct Env<'e> {
    pub(crate) file: FileId,
    /// What a predicate's parameters stand for.
    pub(crate) args: FxHashMap<&'e str, Expr>,
    /// Every place is said to be this one: for text that was parsed out of a string.
    pub(crate) span: Option<Span>,
}

/// Functions, with the least and most number of arguments.
const FUNCTIONS: [(&str, ir::Func, usize, usize); 11] = [
    ("len", ir::Func::Len, 1, 1),
    ("lower", ir::Func::Lower, 1, 1),
    ("upper", ir::Func::Upper, 1, 1),
    ("trim", ir::Func::Trim, 1, 1),
    ("abs", ir::Func::Abs, 1, 1),
    ("min", ir::Func::Min, 1, 64),
    ("max", ir::Func::Max, 1, 64),
    ("round", ir::Func::Round, 1, 1),
    ("hash", ir::Func::Hash, 1, 1),
    ("size", ir::Func::Size, 1, 1),
    ("ip", ir::Func::Ip, 1, 1),
];

/// Most nodes that the expansion of predicates may make of one expression.
const MAX_SIZE: usize = 20_000;

impl<'a> Resolver<'a> {
    /// An expression at a place of a file, outside of any predicate.
    pub(crate) fn value(&mut self, e: &ast::Expr, file: FileId) -> Expr {
        self.expr(e, &Env { file, ..Env::default() })
    }

    pub(crate) fn expr(&mut self, e: &ast::Expr, env: &Env<'_>) -> Expr {
        let span = env.span.unwrap_or(e.span);
        Expr { kind: self.kind(e, span, env), file: env.file, span }
    }

    fn boxed(&mut self, e: &ast::Expr, env: &Env<'_>) -> Box<Expr> {
        Box::new(self.expr(e, env))
    }

    fn kind(&mut self, e: &ast::Expr, span: Span, env: &Env<'_>) -> Kind {
        match &e.kind {
            ExprKind::Number(n) => Kind::Const(Const::Number(*n)),
            ExprKind::Text(s) => Kind::Const(Const::Text(s.clone())),
            ExprKind::Bool(b) => Kind::Const(Const::Bool(*b)),
            ExprKind::Null => Kind::Const(Const::Null),
            ExprKind::Regex(r) => Kind::Const(Const::Regex(r.clone())),
            ExprKind::Duration(ms) => Kind::Const(Const::Duration(*ms)),
            ExprKind::Size(n) => Kind::Const(Const::Size(*n)),
            ExprKind::Rate { count, per_ms } => Kind::Const(Const::Rate { count: *count, per_ms: *per_ms }),
            ExprKind::Percent(p) => Kind::Const(Const::Percent(*p)),
            ExprKind::List(items) => Kind::List(items.iter().map(|e| self.expr(e, env)).collect()),
            ExprKind::Object(fields) => {
                Kind::Object(fields.iter().map(|(k, e)| (k.text.clone(), self.expr(e, env))).collect())
            }
            ExprKind::Path(path) => self.path(path, span, env),
            ExprKind::Call { name, args } => self.call(name, args, span, env),
            ExprKind::Cidr(_) => self.misplaced("`cidr` stands only after `in`", env.file, span),
            // The parser has said that a range stands only after `in`.
            ExprKind::Range { .. } => Kind::Error,
            ExprKind::Unary(UnaryOp::Not, inner) => Kind::Not(self.boxed(inner, env)),
            ExprKind::Unary(UnaryOp::Neg, inner) => {
                let inner = self.expr(inner, env);
                match inner.kind {
                    Kind::Const(Const::Number(n)) => Kind::Const(Const::Number(-n)),
                    _ => Kind::Neg(Box::new(inner)),
                }
            }
            ExprKind::Binary { op, left, right, .. } => self.binary(*op, left, right, env),
            ExprKind::Is(inner, ty) => match type_name(&ty.text) {
                Some(known) => Kind::Is(self.boxed(inner, env), known),
                None => {
                    let message = format!("`{}` is no type", ty.text);
                    let span = env.span.unwrap_or(ty.span);
                    let d = Diagnostic::new(codes::UNKNOWN_VALUE_TYPE, env.file, span, message)
                        .help("types are number, string, bool, object, list, null, bytes");
                    self.report(d);
                    Kind::Error
                }
            },
            ExprKind::Paren(inner) => self.expr(inner, env).kind,
            ExprKind::Error => Kind::Error,
        }
    }

    fn misplaced(&mut self, text: &str, file: FileId, span: Span) -> Kind {
        self.report(Diagnostic::new(codes::MISPLACED, file, span, text));
        Kind::Error
    }

    fn binary(&mut self, op: BinaryOp, left: &ast::Expr, right: &ast::Expr, env: &Env<'_>) -> Kind {
        let a = self.boxed(left, env);
        if op == BinaryOp::In {
            return self.within(a, right, env);
        }
        let b = self.boxed(right, env);
        match op {
            BinaryOp::Or => Kind::Or(a, b),
            BinaryOp::And => Kind::And(a, b),
            BinaryOp::Eq => Kind::Cmp(ir::Cmp::Eq, false, a, b),
            BinaryOp::Ne => Kind::Cmp(ir::Cmp::Eq, true, a, b),
            BinaryOp::Lt => Kind::Cmp(ir::Cmp::Lt, false, a, b),
            BinaryOp::Le => Kind::Cmp(ir::Cmp::Le, false, a, b),
            BinaryOp::Gt => Kind::Cmp(ir::Cmp::Gt, false, a, b),
            BinaryOp::Ge => Kind::Cmp(ir::Cmp::Ge, false, a, b),
            BinaryOp::Matches | BinaryOp::In => self.matches(a, *b),
            BinaryOp::Contains => Kind::Text(TextOp::Contains, a, b),
            BinaryOp::StartsWith => Kind::Text(TextOp::StartsWith, a, b),
            BinaryOp::EndsWith => Kind::Text(TextOp::EndsWith, a, b),
            BinaryOp::Add => Kind::Arith(ir::Arith::Add, a, b),
            BinaryOp::Sub => Kind::Arith(ir::Arith::Sub, a, b),
            BinaryOp::Mul => Kind::Arith(ir::Arith::Mul, a, b),
            BinaryOp::Div => Kind::Arith(ir::Arith::Div, a, b),
            BinaryOp::Rem => Kind::Arith(ir::Arith::Rem, a, b),
        }
    }

    fn within(&mut self, a: Box<Expr>, right: &ast::Expr, env: &Env<'_>) -> Kind {
        let mut right = right;
        while let ExprKind::Paren(inner) = &right.kind {
            right = inner;
        }
        let span = env.span.unwrap_or(right.span);
        match &right.kind {
            ExprKind::Cidr(net) => {
                if !is_cidr(&net.value) {
                    let message = format!("`{}` is no network", net.value);
                    let span = env.span.unwrap_or(net.span);
                    let d = Diagnostic::new(codes::BAD_CIDR, env.file, span, message)
                        .help("write an address, a slash and the number of bits: `10.0.0.0/8`");
                    self.report(d);
                    return Kind::Error;
                }
                Kind::InCidr(a, net.value.clone())
            }
            ExprKind::Range { low, high, inclusive } => {
                Kind::InRange(a, self.boxed(low, env), self.boxed(high, env), *inclusive)
            }
            _ => {
                let list = self.expr(right, env);
                match (list.kind, list.span) {
                    (Kind::List(items), _) => Kind::InList(a, items),
                    (Kind::Const(Const::List(items)), span) => {
                        let file = list.file;
                        let item = |c| Expr { kind: Kind::Const(c), file, span };
                        Kind::InList(a, items.into_iter().map(item).collect())
                    }
                    // `x in msg.list` asks whether the list contains x.
                    (kind @ (Kind::Msg(_) | Kind::Hole), span) => {
                        let list = Expr { kind, file: list.file, span };
                        Kind::Text(TextOp::Contains, Box::new(list), a)
                    }
                    (Kind::Error, _) => Kind::Error,
                    _ => self.misplaced("after `in` stands a list, a range or a `cidr`", env.file, span),
                }
            }
        }
    }

    fn matches(&mut self, a: Box<Expr>, pattern: Expr) -> Kind {
        match pattern.kind {
            Kind::Const(Const::Regex(source)) | Kind::Const(Const::Text(source)) => {
                match regex::Regex::new(&source) {
                    Ok(_) => Kind::Matches(a, source),
                    Err(e) => {
                        self.report(bad_regex::because(&source, &e, pattern.file, pattern.span));
                        Kind::Error
                    }
                }
            }
            Kind::Error => Kind::Error,
            _ => self.misplaced("after `matches` stands a `/regex/`", pattern.file, pattern.span),
        }
    }

    fn path(&mut self, path: &ast::Path, span: Span, env: &Env<'_>) -> Kind {
        let root = path.root.text.as_str();
        if let Some(arg) = env.args.get(root) {
            let arg = arg.clone();
            return self.below(arg, &path.segments, env);
        }
        match root {
            "msg" => return Kind::Msg(segments(&path.segments)),
            "source" => return self.end(Side::Source, path, span, env),
            "dest" => return self.end(Side::Dest, path, span, env),
            _ => {}
        }
        let Some((key, symbol)) = self.scope.names.get_key_value(root) else {
            let at = env.span.unwrap_or(path.root.span);
            let d = unknown_name::no_value(self, root, env.file, (at, span), env.span.is_none());
            self.report(d);
            return Kind::Error;
        };
        symbol.used.set(true);
        match &symbol.what {
            What::Const(..) | What::Param(..) => match self.constant(key) {
                Some(c) => {
                    let e = Expr { kind: Kind::Const(c), file: env.file, span };
                    self.below(e, &path.segments, env)
                }
                None => Kind::Error,
            },
            What::Predicate([], _) => self.expand(key, Vec::new(), span, env),
            What::Predicate(params, _) => {
                let message = format!("predicate `{root}` takes {} values", params.len());
                let d = Diagnostic::new(codes::ARITY, env.file, span, message);
                self.report(d.note(symbol.file, symbol.name.span, "declared here"));
                Kind::Error
            }
            _ => {
                let d = wrong_kind_of_name::not(symbol, "a value", env.file, span);
                self.report(d);
                Kind::Error
            }
        }
    }

    fn end(&mut self, side: Side, path: &ast::Path, span: Span, env: &Env<'_>) -> Kind {
        if let [Segment::Key(name)] = path.segments.as_slice()
            && let Some((_, field)) = Field::ALL.iter().find(|(word, _)| *word == name.text)
        {
            if side == Side::Dest && *field == Field::Port {
                return self.misplaced("a destination has no port: messages have one input", env.file, span);
            }
            return Kind::End(side, *field);
        }
        let message = format!("`{}` is known by id, name, type, tab, group and port", path.root.text);
        self.report(Diagnostic::new(codes::UNKNOWN_FIELD_OF_END, env.file, span, message));
        Kind::Error
    }

    /// Goes below a value by the rest of a path.
    fn below(&mut self, value: Expr, rest: &[Segment], env: &Env<'_>) -> Kind {
        let mut kind = value.kind;
        for (step, segment) in segments(rest).into_iter().zip(rest) {
            kind = match (kind, &step) {
                (Kind::Msg(mut path), _) => {
                    path.push(step);
                    Kind::Msg(path)
                }
                (Kind::Hole, _) => Kind::Hole,
                (Kind::Error, _) => Kind::Error,
                (Kind::Const(Const::Object(fields)), ir::Seg::Key(key))
                    if fields.iter().any(|f| &f.0 == key) =>
                {
                    fields.into_iter().find(|f| &f.0 == key).map_or(Kind::Error, |f| Kind::Const(f.1))
                }
                (Kind::Const(Const::List(items)), ir::Seg::Index(at)) if (*at as usize) < items.len() => {
                    items.into_iter().nth(*at as usize).map_or(Kind::Error, Kind::Const)
                }
                (_, _) => {
                    let (name, span) = match segment {
                        Segment::Key(name) => (name.text.clone(), name.span),
                        Segment::Index(at, span) => (at.to_string(), *span),
                    };
                    let span = env.span.unwrap_or(span);
                    let message = format!("this constant has no `{name}`");
                    self.report(Diagnostic::new(codes::UNKNOWN_FIELD, env.file, span, message));
                    return Kind::Error;
                }
            };
        }
        kind
    }

    fn call(&mut self, name: &ast::Name, args: &[ast::Expr], span: Span, env: &Env<'_>) -> Kind {
        let values: Vec<Expr> = args.iter().map(|e| self.expr(e, env)).collect();
        if let Some((_, func, least, most)) = FUNCTIONS.iter().find(|f| f.0 == name.text) {
            if !self.arity(name, values.len(), *least, *most, env) {
                return Kind::Error;
            }
            return Kind::Call(*func, values);
        }
        match name.text.as_str() {
            "has" => return self.has(name, values, env),
            "sample" => return self.sample(name, values, env),
            _ => {}
        }
        if let Some((key, symbol)) = self.scope.names.get_key_value(name.text.as_str())
            && let What::Predicate(params, _) = &symbol.what
        {
            symbol.used.set(true);
            if !self.arity(name, values.len(), params.len(), params.len(), env) {
                return Kind::Error;
            }
            return self.expand(key, values, span, env);
        }
        let known = keywords::FUNCTIONS.iter().map(|f| f.name).chain(["has"]);
        let predicates = self.scope.names.values().filter(|s| matches!(s.what, What::Predicate(..)));
        let near = self.nearest(&name.text, known.chain(predicates.map(|s| s.name.text.as_str())));
        let at = env.span.unwrap_or(name.span);
        let message = format!("no function or predicate is named `{}`", name.text);
        let d = Diagnostic::new(codes::UNKNOWN_FUNCTION, env.file, at, message);
        let d = match near {
            Some(near) => d.suggest(format!("there is a `{near}`"), env.file, at, near, Applicability::Maybe),
            None => {
                let names: Vec<&str> = keywords::FUNCTIONS.iter().map(|f| f.name).collect();
                d.help(format!("functions are has, {}", names.join(", ")))
            }
        };
        self.report(d);
        Kind::Error
    }

    fn arity(&mut self, name: &ast::Name, given: usize, least: usize, most: usize, env: &Env<'_>) -> bool {
        let fits = (least..=most).contains(&given);
        if !fits {
            let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
            let message = format!("`{}` takes {wanted} values, not {given}", name.text);
            let span = env.span.unwrap_or(name.span);
            self.report(Diagnostic::new(codes::ARITY, env.file, span, message));
        }
        fits
    }

    fn has(&mut self, name: &ast::Name, mut values: Vec<Expr>, env: &Env<'_>) -> Kind {
        if !self.arity(name, values.len(), 1, 1, env) {
            return Kind::Error;
        }
        match values.pop() {
            Some(e) if matches!(e.kind, Kind::Msg(_) | Kind::Hole) => Kind::Has(Box::new(e)),
            Some(e) if e.kind == Kind::Error => Kind::Error,
            Some(e) => self.misplaced("`has` asks for a path of the message", e.file, e.span),
            None => Kind::Error,
        }
    }

    fn sample(&mut self, name: &ast::Name, values: Vec<Expr>, env: &Env<'_>) -> Kind {
        if !self.arity(name, values.len(), 1, 2, env) {
            return Kind::Error;
        }
        let mut values = values.into_iter();
        let Some(share) = values.next() else { return Kind::Error };
        let key = values.next().map(Box::new);
        match share.as_const() {
            Some(Const::Percent(p)) if (0.0..=1.0).contains(&p) => Kind::Sample(p, key),
            _ if matches!(share.kind, Kind::Error | Kind::Hole) => Kind::Error,
            _ => {
                let d = Diagnostic::new(
                    codes::WRONG_LITERAL,
                    share.file,
                    share.span,
                    "`sample` takes a percentage between 0% and 100%",
                );
                self.report(d.help("for one message in twenty write `sample(5%)`"));
                Kind::Error
            }
        }
    }

    /// A predicate's body with its arguments in place.
    fn expand(&mut self, key: &'a str, values: Vec<Expr>, span: Span, env: &Env<'_>) -> Kind {
        let Some(symbol) = self.scope.names.get(key) else { return Kind::Error };
        let What::Predicate(params, body) = symbol.what else { return Kind::Error };
        if self.recursion(key, span, env.file) {
            return Kind::Error;
        }
        let args = params.iter().map(|p| p.text.as_str()).zip(values).collect();
        self.busy.push(key);
        let expanded = self.expr(body, &Env { file: symbol.file, args, span: None });
        self.busy.pop();
        let mut size = 0;
        expanded.walk(&mut |_| size += 1);
        if size > MAX_SIZE {
            let message = format!("`{key}` grows to more than {MAX_SIZE} operations when it is put in place");
            self.report(Diagnostic::new(codes::TOO_LARGE, env.file, span, message));
            return Kind::Error;
        }
        expanded.kind
    }

    fn recursion(&mut self, key: &'a str, span: Span, file: FileId) -> bool {
        if !self.busy.contains(&key) {
            return false;
        }
        let d = recursion::by_itself(&self.busy, key, file, span);
        self.report(d);
        true
    }

    /// Looks at a predicate's body by itself, so that an unused one is checked too.
    pub(crate) fn predicate(&mut self, key: &'a str) -> Option<Expr> {
        let symbol = self.scope.names.get(key)?;
        let What::Predicate(params, body) = symbol.what else { return None };
        let hole =
            |p: &'a ast::Name| (p.text.as_str(), Expr { kind: Kind::Hole, file: symbol.file, span: p.span });
        let args = params.iter().map(hole).collect();
        self.busy.push(key);
        let e = self.expr(body, &Env { file: symbol.file, args, span: None });
        self.busy.pop();
        Some(e)
    }

    /// A constant's or parameter's value; `None`: an error was reported.
    pub(crate) fn constant(&mut self, key: &'a str) -> Option<Const> {
        if let Some(known) = self.consts.get(key) {
            return known.clone();
        }
        let symbol = self.scope.names.get(key)?;
        if self.recursion(key, symbol.name.span, symbol.file) {
            return None;
        }
        self.busy.push(key);
        let value = self.compute(key);
        self.busy.pop();
        self.consts.insert(key, value.clone());
        value
    }

    fn compute(&mut self, key: &'a str) -> Option<Const> {
        let symbol = self.scope.names.get(key)?;
        let (ty, written) = match symbol.what {
            What::Const(value, ty) => (ty, value),
            What::Param(ty, default) => match (self.input.param(key), default) {
                (Some(text), _) => return self.given(key, text, ty),
                (None, Some(default)) => (ty, default),
                (None, None) => {
                    let message = format!("parameter `{key}` is not set and has no default");
                    let span = symbol.name.span;
                    let d = Diagnostic::new(codes::PARAM_MISSING, symbol.file, span, message)
                        .help(format!("set it: `--param {key}=…`, or ROUTE_PARAM_{}", key.to_uppercase()));
                    self.report(d);
                    return None;
                }
            },
            _ => return None,
        };
        let e = self.value(written, symbol.file);
        let mut broken = false;
        e.walk(&mut |e| broken |= e.kind == Kind::Error);
        let value = self.constant_of(&e, broken)?;
        if let Some(ty) = ty
            && let Some(wanted) = misfit(&value, ty)
        {
            let message = format!("`{key}` is declared as {wanted}, but this is {}", value.describe());
            let d = Diagnostic::new(codes::WRONG_LITERAL, e.file, e.span, message);
            self.report(d.note(symbol.file, ty.span, "declared here"));
            return None;
        }
        Some(value)
    }

    fn constant_of(&mut self, e: &Expr, broken: bool) -> Option<Const> {
        let value = e.as_const();
        if value.is_none() && !broken {
            let mut reads = false;
            e.walk(&mut |e| {
                reads |= matches!(e.kind, Kind::Msg(_) | Kind::End(..) | Kind::Sample(..) | Kind::Hole)
            });
            let message = match reads {
                true => "this depends on the message; a constant is wanted here",
                false => "this is no constant; one is wanted here",
            };
            let d = Diagnostic::new(codes::NOT_CONSTANT, e.file, e.span, message);
            self.report(if reads {
                d
            } else {
                d.help("constants are literals, and what `+ - * / %` make of them as far as it is finite")
            });
        }
        value
    }

    fn given(&mut self, key: &'a str, text: &str, ty: Option<&ast::Type>) -> Option<Const> {
        let symbol = self.scope.names.get(key)?;
        let wants_text = ty.is_some_and(|t| matches!(&t.kind, ast::TypeKind::Name(n) if n == "string"));
        let value = if wants_text { Some(Const::Text(text.to_owned())) } else { literal(text) };
        let value = value.or_else(|| ty.is_none().then(|| Const::Text(text.to_owned())));
        let fits = value.as_ref().is_some_and(|v| ty.is_none_or(|ty| misfit(v, ty).is_none()));
        if fits {
            return value;
        }
        // A text may be the member of a union of literals without its quotes.
        let quoted = Const::Text(text.to_owned());
        if ty.is_some_and(|ty| misfit(&quoted, ty).is_none()) {
            return Some(quoted);
        }
        let wanted = ty.map(|t| type_text(&t.kind)).unwrap_or_default();
        let message = format!("parameter `{key}` was set to `{text}`, which is no {wanted}");
        let d = Diagnostic::new(codes::PARAM_VALUE, symbol.file, symbol.name.span, message);
        self.report(d.label("declared here"));
        None
    }

    /// A constant of a wanted kind, for a clause; `None`: reported.
    pub(crate) fn want<T>(
        &mut self,
        e: &ast::Expr,
        file: FileId,
        wanted: &str,
        pick: impl Fn(&Const) -> Option<T>,
    ) -> Option<T> {
        let e = self.value(e, file);
        let mut broken = false;
        e.walk(&mut |e| broken |= e.kind == Kind::Error);
        let value = self.constant_of(&e, broken)?;
        let picked = pick(&value);
        if picked.is_none() {
            let message = format!("{wanted} is wanted here, this is {}", value.describe());
            self.report(Diagnostic::new(codes::WRONG_LITERAL, e.file, e.span, message));
        }
        picked
    }
    pub(crate) fn count(&mut self, e: &ast::Expr, file: FileId) -> Option<u64> {
        self.want(e, file, "a whole number from 1, such as `100`,", |c| match c {
            Const::Number(n) if *n >= 1.0 && n.fract() == 0.0 && *n < 1e15 => Some(*n as u64),
            _ => None,
        })
    }
    pub(crate) fn duration(&mut self, e: &ast::Expr, file: FileId) -> Option<f64> {
        self.want(e, file, "a duration, such as `30s`,", |c| match c {
            Const::Duration(ms) if *ms > 0.0 => Some(*ms),
            _ => None,
        })
    }
    pub(crate) fn bytes(&mut self, e: &ast::Expr, file: FileId) -> Option<u64> {
        self.want(e, file, "a size, such as `64MiB`,", |c| match c {
            Const::Size(n) => Some(*n),
            _ => None,
        })
    }
    pub(crate) fn rate(&mut self, e: &ast::Expr, file: FileId) -> Option<(f64, f64)> {
        self.want(e, file, "a rate, such as `10/s`,", |c| match c {
            Const::Rate { count, per_ms } if *count > 0.0 && *per_ms > 0.0 => Some((*count, *per_ms)),
            _ => None,
        })
    }
}

/// A literal as a value of `--param`.
fn literal(text: &str) -> Option<Const> {
    let (file, found) = route_grammar::parse(&format!("const value = {text}\n"), FileId(0));
    match file.items.as_slice() {
        [ast::Item { kind: ast::ItemKind::Const { value, .. }, .. }] if found.is_empty() => plain(value),
        _ => None,
    }
}

/// A literal without names in it.
fn plain(e: &ast::Expr) -> Option<Const> {
    Some(match &e.kind {
        ExprKind::Number(n) => Const::Number(*n),
        ExprKind::Text(s) => Const::Text(s.clone()),
        ExprKind::Bool(b) => Const::Bool(*b),
        ExprKind::Null => Const::Null,
        ExprKind::Duration(ms) => Const::Duration(*ms),
        ExprKind::Size(n) => Const::Size(*n),
        ExprKind::Rate { count, per_ms } => Const::Rate { count: *count, per_ms: *per_ms },
        ExprKind::Percent(p) => Const::Percent(*p),
        ExprKind::List(items) => Const::List(items.iter().map(plain).collect::<Option<_>>()?),
        ExprKind::Object(fields) => Const::Object(
            fields.iter().map(|(k, e)| Some((k.text.clone(), plain(e)?))).collect::<Option<_>>()?,
        ),
        ExprKind::Unary(UnaryOp::Neg, inner) => match plain(inner)? {
            Const::Number(n) => Const::Number(-n),
            _ => return None,
        },
        _ => return None,
    })
}

/// What the type wants, when the value is not of it.
fn misfit(value: &Const, ty: &ast::Type) -> Option<String> {
    use ast::TypeKind;
    let fits = match (&ty.kind, value) {
        (TypeKind::Name(name), _) => matches!(
            (name.as_str(), value),
            ("any", _)
                | ("number", Const::Number(_) | Const::Percent(_))
                | ("string", Const::Text(_))
                | ("bool", Const::Bool(_))
                | ("null", Const::Null)
                | ("size", Const::Size(_))
                | ("duration", Const::Duration(_))
                | ("rate", Const::Rate { .. })
                | ("list", Const::List(_))
                | ("object", Const::Object(_))
        ),
        (TypeKind::Literal(e), _) => plain(e).is_some_and(|c| c == *value),
        (TypeKind::List(item), Const::List(items)) => items.iter().all(|c| misfit(c, item).is_none()),
        (TypeKind::Union(members), _) => members.iter().any(|m| misfit(value, m).is_none()),
        (TypeKind::Object(fields), Const::Object(given)) => {
            fields.iter().all(|f| match given.iter().find(|(name, _)| *name == f.name.text) {
                Some((_, c)) => misfit(c, &f.ty).is_none(),
                None => f.optional,
            })
        }
        (TypeKind::Error, _) => true,
        _ => false,
    };
    (!fits).then(|| type_text(&ty.kind))
}

fn type_text(kind: &ast::TypeKind) -> String {
    use ast::TypeKind;
    match kind {
        TypeKind::Name(name) => name.clone(),
        TypeKind::Literal(e) => plain(e).map_or("literal".to_owned(), |c| c.to_json().to_string()),
        TypeKind::Object(_) => "object".to_owned(),
        TypeKind::List(item) => format!("list of {}", type_text(&item.kind)),
        TypeKind::Union(members) => {
            members.iter().map(|m| type_text(&m.kind)).collect::<Vec<_>>().join(" or ")
        }
        TypeKind::Error => "this type".to_owned(),
    }
}

/// The types of values that messages hold.
pub(crate) fn type_name(name: &str) -> Option<ir::Type> {
    Some(match name {
        "number" => ir::Type::Number,
        "string" => ir::Type::String,
        "bool" => ir::Type::Bool,
        "object" => ir::Type::Object,
        "list" => ir::Type::List,
        "null" => ir::Type::Null,
        "bytes" => ir::Type::Bytes,
        _ => return None,
    })
}

/// A path as the chain has it.
pub(crate) fn segments(segments: &[Segment]) -> ir::Path {
    segments
        .iter()
        .map(|segment| match segment {
            Segment::Key(name) => ir::Seg::Key(name.text.clone()),
            Segment::Index(at, _) => ir::Seg::Index(*at),
        })
        .collect()
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let Ok(bits) = bits.parse::<u8>() else { return false };
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => bits <= 32,
        Ok(std::net::IpAddr::V6(_)) => bits <= 128,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn functions_are_those_of_the_table_of_words() {
        let mut ours: Vec<&str> = super::FUNCTIONS.iter().map(|f| f.0).chain(["sample"]).collect();
        let mut table: Vec<&str> = route_grammar::keywords::FUNCTIONS.iter().map(|f| f.name).collect();
        ours.sort_unstable();
        table.sort_unstable();
        assert_eq!(ours, table);
    }
}
