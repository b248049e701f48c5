//! The resolved stack: no name is left unresolved, constants and predicates are put in place.

use route_chain::{Value, ir};
use route_grammar::{FileId, Span};

/// A condition or value.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// The file it is written in (a predicate's body keeps its own).
    pub file: FileId,
    /// Place.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Kind {
    Const(Const),
    Msg(ir::Path),
    /// A constant of the wire.
    End(Side, Field),
    /// A predicate's parameter, in a body that is looked at by itself.
    Hole,
    Not(Box<Expr>),
    Neg(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// `true`: negated (`!=`).
    Cmp(ir::Cmp, bool, Box<Expr>, Box<Expr>),
    Arith(ir::Arith, Box<Expr>, Box<Expr>),
    Call(ir::Func, Vec<Expr>),
    Has(Box<Expr>),
    Sample(f64, Option<Box<Expr>>),
    InList(Box<Expr>, Vec<Expr>),
    InRange(Box<Expr>, Box<Expr>, Box<Expr>, bool),
    InCidr(Box<Expr>, String),
    Matches(Box<Expr>, String),
    Text(TextOp, Box<Expr>, Box<Expr>),
    Is(Box<Expr>, ir::Type),
    List(Vec<Expr>),
    Object(Vec<(String, Expr)>),
    /// Already reported.
    Error,
}

/// Operators on text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TextOp {
    Contains,
    StartsWith,
    EndsWith,
}

/// A constant with the kind of literal that it was.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Const {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Regex(String),
    /// Milliseconds.
    Duration(f64),
    /// Bytes.
    Size(u64),
    Rate {
        count: f64,
        per_ms: f64,
    },
    /// 0 to 1.
    Percent(f64),
    List(Vec<Const>),
    Object(Vec<(String, Const)>),
}

/// An end of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Side {
    Source,
    Dest,
}

/// What is known of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Field {
    Id,
    Name,
    Type,
    Tab,
    Group,
    Port,
}

impl Field {
    /// As written.
    pub const ALL: [(&'static str, Field); 6] = [
        ("id", Field::Id),
        ("name", Field::Name),
        ("type", Field::Type),
        ("tab", Field::Tab),
        ("group", Field::Group),
        ("port", Field::Port),
    ];
}

impl Const {
    /// In words, with an article.
    pub fn describe(&self) -> &'static str {
        match self {
            Const::Null => "`null`",
            Const::Bool(_) => "a boolean",
            Const::Number(_) => "a number",
            Const::Text(_) => "a text",
            Const::Regex(_) => "a regular expression",
            Const::Duration(_) => "a duration",
            Const::Size(_) => "a size",
            Const::Rate { .. } => "a rate",
            Const::Percent(_) => "a percentage",
            Const::List(_) => "a list",
            Const::Object(_) => "an object",
        }
    }
    /// As a message would hold it: durations are milliseconds, sizes bytes, percentages shares of 1, rates and
    /// regular expressions text.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match self {
            Const::Null => Value::Null,
            Const::Bool(b) => Value::Bool(*b),
            Const::Number(n) | Const::Duration(n) | Const::Percent(n) => number(*n),
            Const::Size(n) => number(*n as f64),
            Const::Text(s) | Const::Regex(s) => Value::String(s.clone()),
            Const::Rate { count, per_ms } => Value::String(format!("{count}/{per_ms}ms")),
            Const::List(items) => Value::Array(items.iter().map(Const::to_json).collect()),
            Const::Object(fields) => {
                Value::Object(fields.iter().map(|(k, v)| (k.clone(), v.to_json())).collect())
            }
        }
    }
}

/// A double as JSON; whole numbers without a fraction.
pub(crate) fn number(n: f64) -> serde_json::Value {
    let whole = n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 && !(n == 0.0 && n.is_sign_negative());
    if whole { serde_json::Value::from(n as i64) } else { serde_json::Value::from(n) }
}

impl Expr {
    /// The constant, if it is one; a negated number counts.
    pub fn as_const(&self) -> Option<Const> {
        match &self.kind {
            Kind::Const(c) => Some(c.clone()),
            Kind::Neg(inner) => match inner.as_const()? {
                Const::Number(n) => Some(Const::Number(-n)),
                _ => None,
            },
            Kind::List(items) => items.iter().map(Expr::as_const).collect::<Option<_>>().map(Const::List),
            Kind::Object(fields) => fields
                .iter()
                .map(|(k, v)| Some((k.clone(), v.as_const()?)))
                .collect::<Option<_>>()
                .map(Const::Object),
            Kind::Arith(op, a, b) => match (a.as_const()?, b.as_const()?) {
                // JSON has neither NaN nor infinities: such a value is left to the runtime.
                (Const::Number(a), Const::Number(b)) => {
                    Some(arith(*op, a, b)).filter(|n| n.is_finite()).map(Const::Number)
                }
                (Const::Text(a), Const::Text(b)) if *op == ir::Arith::Add => Some(Const::Text(a + &b)),
                (Const::Duration(a), Const::Number(b)) if *op == ir::Arith::Mul => {
                    Some(Const::Duration(a * b))
                }
                _ => None,
            },
            _ => None,
        }
    }
    /// The expressions directly below.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Not(a) | Kind::Neg(a) | Kind::Has(a) | Kind::Is(a, _) => vec![a],
            Kind::InCidr(a, _) | Kind::Matches(a, _) => vec![a],
            Kind::And(a, b) | Kind::Or(a, b) | Kind::Cmp(_, _, a, b) => vec![a, b],
            Kind::Arith(_, a, b) | Kind::Text(_, a, b) => vec![a, b],
            Kind::InRange(a, b, c, _) => vec![a, b, c],
            Kind::Call(_, args) | Kind::List(args) => args.iter().collect(),
            Kind::InList(a, list) => std::iter::once(&**a).chain(list).collect(),
            Kind::Sample(_, key) => key.iter().map(|key| &**key).collect(),
            Kind::Object(fields) => fields.iter().map(|(_, value)| value).collect(),
            Kind::Const(_) | Kind::Msg(_) | Kind::End(..) | Kind::Hole | Kind::Error => Vec::new(),
        }
    }
    /// Calls `f` on this and everything below.
    pub fn walk<'e>(&'e self, f: &mut dyn FnMut(&'e Expr)) {
        f(self);
        for child in self.children() {
            child.walk(f);
        }
    }
    /// Whether it depends on the wire.
    pub fn uses_wire(&self) -> bool {
        let mut found = false;
        self.walk(&mut |e| found |= matches!(e.kind, Kind::End(..)));
        found
    }
}

/// Arithmetic as messages have it.
fn arith(op: ir::Arith, a: f64, b: f64) -> f64 {
    let result = route_chain::ops::arith(op, &Value::Number(a), &Value::Number(b));
    // Numbers always fit.
    result.and_then(|value| value.as_number()).unwrap_or(f64::NAN)
}

/// A router, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Router {
    /// As the chain format describes it.
    pub info: ir::Router,
    /// Where it stands.
    pub file: FileId,
    /// The whole item.
    pub span: Span,
    /// Its name in the text.
    pub name_span: Span,
    /// `ENDS -> ENDS`.
    pub wires_span: Span,
    /// Indices of the wires it sits on in [`crate::flow::FlowGraph::wires`], ascending.
    pub wires: Vec<u32>,
    /// Every `when`; all must hold.
    pub when: Vec<Expr>,
    /// What it does.
    pub body: Body,
}

/// What a router does.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Body {
    /// Conditions to keep (`true`) or drop (`false`) by; all must let the message pass.
    Filter(Vec<(bool, Expr)>),
    Set(Vec<(ir::Path, Option<Expr>)>),
    Limit {
        rate: Option<ir::Rate>,
        per: Option<Expr>,
        distinct: Option<(Expr, f64)>,
        over: ir::Over,
    },
    Tap {
        sink: ir::Sink,
        select: Select,
        every: u64,
        at_most: Option<ir::Rate>,
        block: bool,
    },
    Break {
        hits: u64,
        max: u64,
        for_ms: f64,
        then_pass: bool,
        log: Option<Vec<LogPart>>,
        /// No `hold` clause was written.
        unbounded: bool,
    },
    Remote {
        to: Vec<String>,
        choose: Choose,
        unreachable: ir::Unreachable,
        ttl_ms: Option<f64>,
        ack: ir::Ack,
    },
    /// Already in the form of the chain: halt, redirect, call.
    Ready(ir::Op),
}

/// Part of a message, paths spelt out.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Select {
    Whole,
    Omit(Vec<ir::Path>),
    Only(Vec<ir::Path>),
}

/// A piece of a log line.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum LogPart {
    Text(String),
    Value(Expr),
}

/// How a runtime is chosen.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Choose {
    Order,
    Hash(Expr),
    RoundRobin,
    Latency,
}

impl Router {
    /// Every expression of the router that reads the message.
    pub fn exprs(&self) -> Vec<&Expr> {
        let mut all: Vec<&Expr> = self.when.iter().collect();
        match &self.body {
            Body::Filter(tests) => all.extend(tests.iter().map(|(_, e)| e)),
            Body::Set(changes) => all.extend(changes.iter().filter_map(|(_, e)| e.as_ref())),
            Body::Limit { per, distinct, .. } => {
                all.extend(per);
                all.extend(distinct.iter().map(|(e, _)| e));
            }
            Body::Break { log: Some(parts), .. } => all.extend(parts.iter().filter_map(|part| match part {
                LogPart::Value(e) => Some(e),
                LogPart::Text(_) => None,
            })),
            Body::Remote { choose: Choose::Hash(e), .. } => all.push(e),
            _ => {}
        }
        all
    }
    /// The expressions that must be conditions.
    pub fn conditions(&self) -> Vec<&Expr> {
        let mut all: Vec<&Expr> = self.when.iter().collect();
        if let Body::Filter(tests) = &self.body {
            all.extend(tests.iter().map(|(_, e)| e));
        }
        all
    }
}

/// A schema's type, resolved.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Shape {
    Any,
    Is(ir::Type),
    Literal(serde_json::Value),
    Object(Vec<(String, bool, Shape)>),
    List(Box<Shape>),
    Union(Vec<Shape>),
}

/// What a path leads to by a schema.
pub enum Found<'s> {
    /// This.
    Shape(&'s Shape),
    /// The schema has no such field; the path up to the object that lacks it, and the fields it has.
    Missing(usize, Vec<&'s str>),
    /// The schema says nothing of it.
    Open,
}

impl Shape {
    /// Whether every message of this shape has something at the path.
    pub fn promises(&self, path: &[ir::Seg]) -> bool {
        let Some((step, rest)) = path.split_first() else { return true };
        match (self, step) {
            (Shape::Object(fields), ir::Seg::Key(key)) => {
                let field = fields.iter().find(|(name, ..)| name == key);
                field.is_some_and(|(_, optional, shape)| !optional && shape.promises(rest))
            }
            (Shape::Union(members), _) => members.iter().all(|member| member.promises(path)),
            _ => false,
        }
    }

    /// Nothing is known any more of what is at a path.
    pub(crate) fn open(&mut self, path: &[ir::Seg]) {
        match (self, path) {
            (shape, []) => *shape = Shape::Any,
            (Shape::Object(fields), [ir::Seg::Key(key), rest @ ..]) => {
                if let Some((_, optional, shape)) = fields.iter_mut().find(|(name, ..)| name == key) {
                    *optional = true;
                    shape.open(rest);
                }
            }
            (Shape::List(item), [ir::Seg::Index(_), rest @ ..]) => item.open(rest),
            (Shape::Union(members), _) => members.iter_mut().for_each(|member| member.open(path)),
            (shape, _) => *shape = Shape::Any,
        }
    }

    /// Follows a path.
    pub fn find(&self, path: &[ir::Seg]) -> Found<'_> {
        self.find_from(path, 0)
    }
    fn find_from(&self, path: &[ir::Seg], depth: usize) -> Found<'_> {
        let Some(step) = path.get(depth) else { return Found::Shape(self) };
        match (self, step) {
            (Shape::Object(fields), ir::Seg::Key(key)) => {
                match fields.iter().find(|(name, ..)| name == key) {
                    Some((_, _, shape)) => shape.find_from(path, depth + 1),
                    None => Found::Missing(depth, fields.iter().map(|(name, ..)| name.as_str()).collect()),
                }
            }
            (Shape::List(item), ir::Seg::Index(_)) => item.find_from(path, depth + 1),
            (Shape::Union(members), _) => {
                let mut missing = None;
                for member in members {
                    match member.find_from(path, depth) {
                        Found::Missing(at, fields) => missing = Some(Found::Missing(at, fields)),
                        found => return found,
                    }
                }
                missing.unwrap_or(Found::Open)
            }
            (Shape::Any, _) | (Shape::Is(ir::Type::Object | ir::Type::List), _) => Found::Open,
            _ => Found::Missing(depth, Vec::new()),
        }
    }
}
