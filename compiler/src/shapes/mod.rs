//! Shapes of messages apart from any stack: inferred from recordings, from and to JSON Schema, and as text.

mod infer;
mod json_schema;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use route_chain::ir::Type;

pub use infer::Seen;
pub use json_schema::{Read, from_json_schema, to_json_schema};

use crate::hir::Shape;
use crate::names::quote;

/// A `schema` item, formatted. Shapes that are no object at the top describe no message and become the payload's.
pub fn item(name: &str, shape: &Shape) -> String {
    let payload;
    let fields = match shape {
        Shape::Object(fields) => fields.as_slice(),
        other => {
            payload = [("payload".to_owned(), false, other.clone())];
            &payload
        }
    };
    let mut text = format!("schema {name} {{\n");
    for (name, optional, shape) in fields {
        member(name, *optional, shape, &mut text);
        text.push('\n');
    }
    text.push_str("}\n");
    // What is written here can be read again; should it not, the text as it stands is still the best there is.
    route_grammar::format(&text).unwrap_or(text)
}

/// A name for a schema out of any text: `Bed 1: reading` becomes `Bed1Reading`.
pub fn name_of(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::new();
    for word in words {
        let mut chars = word.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.extend(chars);
    }
    match name.chars().next() {
        None => "Message".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("_{name}"),
        Some(_) => name,
    }
}

fn object(fields: &[(String, bool, Shape)], out: &mut String) {
    out.push_str("{ ");
    for (at, (name, optional, shape)) in fields.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        member(name, *optional, shape, out);
    }
    out.push_str(" }");
}

fn member(name: &str, optional: bool, shape: &Shape, out: &mut String) {
    let mark = if optional { "?" } else { "" };
    let _ = write!(out, "{}{mark}: ", field(name));
    ty(shape, out);
}

fn ty(shape: &Shape, out: &mut String) {
    match shape {
        Shape::Any => out.push_str("any"),
        Shape::Is(ty) => out.push_str(type_word(*ty)),
        Shape::Literal(serde_json::Value::String(text)) => out.push_str(&quote(text)),
        Shape::Literal(value) => {
            let _ = write!(out, "{value}");
        }
        // An object of which no field is known.
        Shape::Object(fields) if fields.is_empty() => out.push_str("object"),
        Shape::Object(fields) => object(fields, out),
        Shape::List(item) if **item == Shape::Any => out.push_str("list"),
        Shape::List(item) => {
            out.push('[');
            ty(item, out);
            out.push(']');
        }
        Shape::Union(members) => {
            for (at, member) in members.iter().enumerate() {
                out.push_str(if at > 0 { " | " } else { "" });
                ty(member, out);
            }
        }
    }
}

/// A name that is a word stands as it is, also one of the language.
fn field(name: &str) -> String {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { quote(name) }
}

fn type_word(ty: Type) -> &'static str {
    match ty {
        Type::Number => "number",
        Type::String => "string",
        Type::Bool => "bool",
        Type::Object => "object",
        Type::List => "list",
        Type::Null => "null",
        Type::Bytes => "bytes",
    }
}

/// One of several shapes, each once; `any` swallows the others, and so does a type its literals.
fn union(members: Vec<Shape>) -> Shape {
    let mut flat: Vec<Shape> = Vec::new();
    for member in members {
        match member {
            Shape::Any => return Shape::Any,
            Shape::Union(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    let has = |ty: Type, flat: &[Shape]| flat.contains(&Shape::Is(ty));
    let whole = [Type::Number, Type::String, Type::Bool, Type::Null].map(|ty| (ty, has(ty, &flat)));
    flat.retain(|shape| match shape {
        Shape::Literal(value) => !whole.iter().any(|(ty, there)| *there && type_of(value) == *ty),
        _ => true,
    });
    let mut once: Vec<Shape> = Vec::new();
    for shape in flat {
        if !once.contains(&shape) {
            once.push(shape);
        }
    }
    match once.len() {
        0 => Shape::Any,
        1 => once.remove(0),
        _ => Shape::Union(once),
    }
}

fn type_of(value: &serde_json::Value) -> Type {
    match value {
        serde_json::Value::Null => Type::Null,
        serde_json::Value::Bool(_) => Type::Bool,
        serde_json::Value::Number(_) => Type::Number,
        serde_json::Value::String(_) => Type::String,
        serde_json::Value::Array(_) => Type::List,
        serde_json::Value::Object(_) => Type::Object,
    }
}
