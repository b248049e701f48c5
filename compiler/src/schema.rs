//! Schemas and the wires that carry them.

use route_grammar::ast::{self, TypeKind};
use route_grammar::{Applicability, Diagnostic, FileId, Span};

use crate::codes;
use crate::expr::type_name;
use crate::hir::Shape;
use crate::load::Placed;
use crate::resolver::Resolver;
use crate::scope::What;

/// Wires that carry a schema.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    pub(crate) shape: Shape,
    pub(crate) name: String,
    /// Where it is said that the wires carry it.
    pub(crate) file: FileId,
    pub(crate) span: Span,
    /// Ascending.
    pub(crate) wires: Vec<u32>,
}

impl<'a> Resolver<'a> {
    /// A `carry` item; `None`: reported.
    pub(crate) fn carried(
        &mut self,
        placed: &'a Placed,
        schema: &'a ast::Name,
        wires: &'a ast::Wires,
    ) -> Option<Carried> {
        let shape = self.schema(&schema.text, schema, placed.file);
        let wires = self.wires(wires, placed.file);
        let (name, file, span) = (schema.text.clone(), placed.file, schema.span);
        Some(Carried { shape: shape?, name, file, span, wires: wires? })
    }

    pub(crate) fn schema(&mut self, name: &str, at: &ast::Name, file: FileId) -> Option<Shape> {
        let Some((key, symbol)) = self.scope.schemas.get_key_value(name) else {
            let d =
                Diagnostic::new(codes::UNKNOWN_SCHEMA, file, at.span, format!("no schema is named `{name}`"));
            let d = match self.nearest(name, self.scope.schemas.keys().copied()) {
                Some(near) => {
                    self.scope.schemas[near].used.set(true);
                    let text = format!("there is a schema `{near}`");
                    d.suggest(text, file, at.span, near, Applicability::Maybe)
                }
                None => d,
            };
            self.report(d);
            return None;
        };
        symbol.used.set(true);
        if let Some(known) = self.shapes.get(key) {
            return Some(known.clone());
        }
        let What::Schema(fields) = symbol.what else { return None };
        // A schema inside itself describes messages without end; below that point nothing is said.
        if self.busy.contains(key) {
            return Some(Shape::Any);
        }
        self.busy.push(key);
        let shape = self.object(fields, symbol.file);
        self.busy.pop();
        self.shapes.insert(key, shape.clone());
        Some(shape)
    }

    fn object(&mut self, fields: &'a [ast::Field], file: FileId) -> Shape {
        let mut known: Vec<(String, bool, Shape)> = Vec::new();
        for field in fields {
            if known.iter().any(|(name, ..)| *name == field.name.text) {
                let message = format!("field `{}` is there already", field.name.text);
                self.report(Diagnostic::new(codes::DUPLICATE, file, field.name.span, message));
                continue;
            }
            let shape = self.shape(&field.ty, file);
            known.push((field.name.text.clone(), field.optional, shape));
        }
        Shape::Object(known)
    }

    fn shape(&mut self, ty: &'a ast::Type, file: FileId) -> Shape {
        match &ty.kind {
            TypeKind::Name(name) if name == "any" => Shape::Any,
            TypeKind::Name(name) => match type_name(name) {
                Some(ty) => Shape::Is(ty),
                None if self.scope.schemas.contains_key(name.as_str()) => {
                    let at = ast::Name { text: name.clone(), span: ty.span };
                    self.schema(name, &at, file).unwrap_or(Shape::Any)
                }
                None => {
                    self.unknown_type(name, ty, file);
                    Shape::Any
                }
            },
            TypeKind::Literal(e) => match self.value(e, file).as_const() {
                Some(c) => Shape::Literal(c.to_json()),
                None => Shape::Any,
            },
            TypeKind::Object(fields) => self.object(fields, file),
            TypeKind::List(item) => Shape::List(Box::new(self.shape(item, file))),
            TypeKind::Union(members) => Shape::Union(members.iter().map(|m| self.shape(m, file)).collect()),
            TypeKind::Error => Shape::Any,
        }
    }

    fn unknown_type(&mut self, name: &str, ty: &ast::Type, file: FileId) {
        let known = ["number", "string", "bool", "object", "list", "null", "bytes", "any"];
        let message = format!("nothing is a type named `{name}`");
        let d = Diagnostic::new(codes::UNKNOWN_VALUE_TYPE, file, ty.span, message);
        let d = match self.nearest(name, known.into_iter().chain(self.scope.schemas.keys().copied())) {
            Some(near) => d.suggest(format!("there is `{near}`"), file, ty.span, near, Applicability::Maybe),
            None => {
                d.help("types are number, string, bool, object, list, null, bytes, any, or a schema's name")
            }
        };
        self.report(d);
    }
}
