//! Shapes from and to JSON Schema (draft 2020-12). What a shape cannot say is told, so that nothing is lost in silence.

use route_chain::ir::Type;
use serde_json::{Map, Value as Json, json};

use super::{type_of, union};
use crate::hir::Shape;

/// What of a JSON Schema became a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The shape.
    pub shape: Shape,
    /// What a shape cannot say, each with its place: `/properties/t: minimum`.
    pub left_out: Vec<String>,
}

/// Nesting of schemas that is followed.
const DEEPEST: usize = 64;
/// Schemas that are looked at; one that names itself often would else grow without end.
const MOST: usize = 100_000;

/// The keywords that are understood, or that say nothing of values.
const KNOWN: &[&str] = &[
    "$schema",
    "$id",
    "$anchor",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$ref",
    "type",
    "enum",
    "const",
    "anyOf",
    "oneOf",
    "allOf",
    "properties",
    "required",
    "items",
    "prefixItems",
    "nullable",
    "additionalProperties",
];

/// Reads a JSON Schema. It is taken to be one: validate it before.
///
/// # Errors
/// A `$ref` that leads nowhere in the document, in words.
pub fn from_json_schema(schema: &Json) -> Result<Read, String> {
    let mut reader = Reader { root: schema, open: vec!["#"], left_out: Vec::new(), looked: 0 };
    let shape = reader.shape(schema, "")?;
    Ok(Read { shape, left_out: reader.left_out })
}

struct Reader<'a> {
    root: &'a Json,
    /// References being followed: one that comes again is a schema inside itself.
    open: Vec<&'a str>,
    left_out: Vec<String>,
    looked: usize,
}

impl<'a> Reader<'a> {
    fn leave_out(&mut self, at: &str, what: &str) {
        self.left_out.push(format!("{}: {what}", if at.is_empty() { "/" } else { at }));
    }

    fn shape(&mut self, schema: &'a Json, at: &str) -> Result<Shape, String> {
        self.looked += 1;
        if self.looked > MOST || at.matches('/').count() > DEEPEST {
            self.leave_out(at, "nested too deep");
            return Ok(Shape::Any);
        }
        let Json::Object(keys) = schema else {
            if schema == &Json::Bool(false) {
                self.leave_out(at, "false");
            }
            return Ok(Shape::Any);
        };
        for key in keys.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
            self.leave_out(at, key);
        }
        if keys.get("additionalProperties").is_some_and(|more| more != &Json::Bool(true)) {
            self.leave_out(at, "additionalProperties");
        }
        let mut shape = self.by_type(keys, at)?;
        for word in ["allOf", "anyOf", "oneOf"] {
            let Some(Json::Array(members)) = keys.get(word) else { continue };
            let mut shapes = Vec::new();
            for (n, member) in members.iter().enumerate() {
                shapes.push(self.shape(member, &format!("{at}/{word}/{n}"))?);
            }
            if word == "allOf" {
                shape = shapes.into_iter().fold(shape, both);
            } else {
                shape = both(shape, union(shapes));
            }
        }
        if let Some(reference) = keys.get("$ref").and_then(Json::as_str) {
            shape = both(shape, self.referred(reference, at)?);
        }
        if keys.get("nullable") == Some(&Json::Bool(true)) {
            shape = union(vec![shape, Shape::Literal(Json::Null)]);
        }
        Ok(shape)
    }

    fn by_type(&mut self, keys: &'a Map<String, Json>, at: &str) -> Result<Shape, String> {
        if let Some(value) = keys.get("const") {
            return Ok(self.literal(value, at));
        }
        if let Some(Json::Array(values)) = keys.get("enum") {
            return Ok(union(values.iter().map(|value| self.literal(value, at)).collect()));
        }
        let types: Vec<&str> = match keys.get("type") {
            Some(Json::String(one)) => vec![one],
            Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
            _ if keys.contains_key("properties") => vec!["object"],
            _ if keys.contains_key("items") || keys.contains_key("prefixItems") => vec!["array"],
            _ => return Ok(Shape::Any),
        };
        let mut shapes = Vec::new();
        for ty in types {
            shapes.push(match ty {
                "object" => self.object(keys, at)?,
                "array" => self.list(keys, at)?,
                "string" => Shape::Is(Type::String),
                "boolean" => Shape::Is(Type::Bool),
                "null" => Shape::Literal(Json::Null),
                "integer" => {
                    self.leave_out(at, "integer, taken as number");
                    Shape::Is(Type::Number)
                }
                _ => Shape::Is(Type::Number),
            });
        }
        Ok(union(shapes))
    }

    /// A value that a shape can name; of lists and objects only the type.
    fn literal(&mut self, value: &Json, at: &str) -> Shape {
        if matches!(value, Json::Array(_) | Json::Object(_)) {
            self.leave_out(at, "a list or object as a constant");
            return Shape::Is(type_of(value));
        }
        Shape::Literal(value.clone())
    }

    fn object(&mut self, keys: &'a Map<String, Json>, at: &str) -> Result<Shape, String> {
        let required = |name: &str| {
            let list = keys.get("required").and_then(Json::as_array);
            list.is_some_and(|list| list.iter().any(|one| one == name))
        };
        let Some(Json::Object(properties)) = keys.get("properties") else {
            return Ok(Shape::Is(Type::Object));
        };
        let mut fields = Vec::new();
        for (name, schema) in properties {
            let shape = self.shape(schema, &format!("{at}/properties/{name}"))?;
            fields.push((name.clone(), !required(name), shape));
        }
        Ok(if fields.is_empty() { Shape::Is(Type::Object) } else { Shape::Object(fields) })
    }

    fn list(&mut self, keys: &'a Map<String, Json>, at: &str) -> Result<Shape, String> {
        let mut items = Vec::new();
        if let Some(Json::Array(first)) = keys.get("prefixItems") {
            for (n, item) in first.iter().enumerate() {
                items.push(self.shape(item, &format!("{at}/prefixItems/{n}"))?);
            }
            self.leave_out(at, "prefixItems, taken as items");
        }
        match keys.get("items") {
            Some(Json::Bool(false)) => {}
            Some(item) => items.push(self.shape(item, &format!("{at}/items"))?),
            None => items.push(Shape::Any),
        }
        Ok(Shape::List(Box::new(union(items))))
    }

    fn referred(&mut self, reference: &'a str, at: &str) -> Result<Shape, String> {
        let found = reference.strip_prefix('#').and_then(|pointer| {
            let pointer = pointer.replace("%25", "%").replace("%22", "\"").replace("%20", " ");
            self.root.pointer(&pointer)
        });
        let Some(schema) = found else {
            return Err(format!("`$ref` to `{reference}` leads nowhere in this document"));
        };
        if self.open.contains(&reference) {
            self.leave_out(at, "a schema inside itself");
            return Ok(Shape::Any);
        }
        self.open.push(reference);
        let shape = self.shape(schema, at);
        self.open.pop();
        shape
    }
}

/// What is of both shapes, as far as it can be said; fields of both objects.
fn both(a: Shape, b: Shape) -> Shape {
    match (a, b) {
        (Shape::Any, other) | (other, Shape::Any) => other,
        (Shape::Is(Type::Object), other @ Shape::Object(_))
        | (other @ Shape::Object(_), Shape::Is(Type::Object)) => other,
        (Shape::Object(mut fields), Shape::Object(more)) => {
            for (name, optional, shape) in more {
                match fields.iter_mut().find(|(known, ..)| *known == name) {
                    Some(known) => {
                        known.1 &= optional;
                        known.2 = both(std::mem::replace(&mut known.2, Shape::Any), shape);
                    }
                    None => fields.push((name, optional, shape)),
                }
            }
            Shape::Object(fields)
        }
        (Shape::Object(fields), Shape::Union(members)) | (Shape::Union(members), Shape::Object(fields)) => {
            union(members.into_iter().map(|member| both(Shape::Object(fields.clone()), member)).collect())
        }
        // The narrower one of the rest is not looked for: the first is true as well.
        (a, _) => a,
    }
}

/// A shape as a JSON Schema document.
pub fn to_json_schema(name: &str, shape: &Shape) -> Json {
    let mut document = Map::new();
    document.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    document.insert("title".to_owned(), json!(name));
    if let Json::Object(keys) = schema(shape) {
        document.extend(keys);
    }
    Json::Object(document)
}

fn schema(shape: &Shape) -> Json {
    match shape {
        Shape::Any => json!({}),
        Shape::Is(Type::Number) => json!({ "type": "number" }),
        Shape::Is(Type::String) => json!({ "type": "string" }),
        Shape::Is(Type::Bool) => json!({ "type": "boolean" }),
        Shape::Is(Type::Object) => json!({ "type": "object" }),
        Shape::Is(Type::List) => json!({ "type": "array" }),
        Shape::Is(Type::Null) => json!({ "type": "null" }),
        // As Node.js writes a Buffer.
        Shape::Is(Type::Bytes) => json!({
            "type": "object",
            "properties": {
                "type": { "const": "Buffer" },
                "data": { "type": "array", "items": { "type": "integer", "minimum": 0, "maximum": 255 } },
            },
            "required": ["type", "data"],
        }),
        Shape::Literal(Json::Null) => json!({ "type": "null" }),
        Shape::Literal(value) => json!({ "const": value }),
        Shape::Object(fields) => {
            let properties: Map<String, Json> =
                fields.iter().map(|(name, _, shape)| (name.clone(), schema(shape))).collect();
            let required: Vec<&str> =
                fields.iter().filter(|(_, optional, _)| !optional).map(|(name, ..)| name.as_str()).collect();
            let mut object = json!({ "type": "object", "properties": properties });
            if !required.is_empty() {
                object["required"] = json!(required);
            }
            object
        }
        Shape::List(item) => json!({ "type": "array", "items": schema(item) }),
        Shape::Union(members) => {
            let literals: Option<Vec<&Json>> = members
                .iter()
                .map(|member| match member {
                    Shape::Literal(value) => Some(value),
                    _ => None,
                })
                .collect();
            match literals {
                Some(values) => json!({ "enum": values }),
                None => json!({ "anyOf": members.iter().map(schema).collect::<Vec<_>>() }),
            }
        }
    }
}
