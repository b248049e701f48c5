//! The types that a value may have, as a set.

use route_chain::ir::{Func, Type};

use crate::hir::{Const, Expr, Field, Found, Kind, Shape};

/// A set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NUMBER: Types = Types(1);
    pub(crate) const TEXT: Types = Types(2);
    pub(crate) const BOOL: Types = Types(4);
    pub(crate) const OBJECT: Types = Types(8);
    pub(crate) const LIST: Types = Types(16);
    pub(crate) const NULL: Types = Types(32);
    pub(crate) const BYTES: Types = Types(64);
    pub(crate) const ANY: Types = Types(127);
    pub(crate) const NONE: Types = Types(0);

    const WORDS: [(Types, &'static str); 7] = [
        (Types::NUMBER, "a number"),
        (Types::TEXT, "a text"),
        (Types::BOOL, "a boolean"),
        (Types::OBJECT, "an object"),
        (Types::LIST, "a list"),
        (Types::NULL, "`null`"),
        (Types::BYTES, "bytes"),
    ];

    pub(crate) fn and(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }
    pub(crate) fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
    pub(crate) fn meets(self, other: Types) -> bool {
        !self.and(other).is_empty()
    }
    /// In words, with articles.
    pub(crate) fn describe(self) -> String {
        let words: Vec<&str> =
            Self::WORDS.iter().filter(|(ty, _)| self.meets(*ty)).map(|(_, word)| *word).collect();
        if words.is_empty() { "nothing that a message holds".to_owned() } else { words.join(" or ") }
    }
}

/// What the expression may be, as far as literals and the schema tell.
pub(crate) fn of(e: &Expr, schema: Option<&Shape>) -> Types {
    match &e.kind {
        Kind::Const(c) => of_const(c),
        Kind::Msg(path) => match schema.map(|shape| shape.find(path)) {
            Some(Found::Shape(shape)) => of_shape(shape),
            _ => Types::ANY,
        },
        Kind::End(_, Field::Port) => Types::NUMBER,
        Kind::End(_, Field::Tab | Field::Group) => Types::TEXT.or(Types::NULL),
        Kind::End(..) => Types::TEXT,
        Kind::Neg(_) => Types::NUMBER,
        Kind::Arith(route_chain::ir::Arith::Add, a, b) => {
            let common = of(a, schema).and(of(b, schema)).and(Types::NUMBER.or(Types::TEXT));
            if common.is_empty() { Types::ANY } else { common }
        }
        Kind::Arith(..) => Types::NUMBER,
        Kind::Call(Func::Lower | Func::Upper | Func::Trim | Func::Ip, _) => Types::TEXT,
        Kind::Call(..) => Types::NUMBER,
        Kind::List(_) => Types::LIST,
        Kind::Object(_) => Types::OBJECT,
        Kind::Hole | Kind::Error => Types::ANY,
        _ => Types::BOOL,
    }
}

fn of_const(c: &Const) -> Types {
    match c {
        Const::Null => Types::NULL,
        Const::Bool(_) => Types::BOOL,
        Const::Number(_) | Const::Duration(_) | Const::Size(_) | Const::Percent(_) => Types::NUMBER,
        Const::Text(_) => Types::TEXT,
        Const::Regex(_) | Const::Rate { .. } => Types::NONE,
        Const::List(_) => Types::LIST,
        Const::Object(_) => Types::OBJECT,
    }
}

fn of_shape(shape: &Shape) -> Types {
    match shape {
        Shape::Any => Types::ANY,
        Shape::Is(ty) => match ty {
            Type::Number => Types::NUMBER,
            Type::String => Types::TEXT,
            Type::Bool => Types::BOOL,
            Type::Object => Types::OBJECT,
            Type::List => Types::LIST,
            Type::Null => Types::NULL,
            Type::Bytes => Types::BYTES,
        },
        Shape::Literal(value) => match value {
            serde_json::Value::Null => Types::NULL,
            serde_json::Value::Bool(_) => Types::BOOL,
            serde_json::Value::Number(_) => Types::NUMBER,
            serde_json::Value::String(_) => Types::TEXT,
            serde_json::Value::Array(_) => Types::LIST,
            serde_json::Value::Object(_) => Types::OBJECT,
        },
        Shape::Object(_) => Types::OBJECT,
        Shape::List(_) => Types::LIST,
        Shape::Union(members) => members.iter().map(of_shape).fold(Types::NONE, Types::or),
    }
}
