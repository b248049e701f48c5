//! What recorded values have in common.

use indexmap::IndexMap;
use route_chain::Value;
use route_chain::ir::Type;

use super::union;
use crate::hir::Shape;

/// Different texts that are remembered of one place; of more, none is a literal.
const MOST_TEXTS: usize = 32;
/// Longest text that is taken as a literal, bytes.
const LONGEST: usize = 40;
/// How often a literal was seen on average, at least: a text seen once or twice is more likely one of many.
const SEEN: u64 = 8;
/// Different fields of one object; an object with more is a table of something, and its keys are no fields.
const MOST_FIELDS: usize = 64;
/// Nesting that is looked into.
const DEEPEST: usize = 32;

/// What was seen at one place of recorded messages.
#[derive(Clone, Debug)]
pub struct Seen {
    count: u64,
    numbers: u64,
    bools: u64,
    nulls: u64,
    bytes: u64,
    others: u64,
    texts: u64,
    /// Each text with its count; `None` when there were too many, or too long ones.
    literals: Option<IndexMap<String, u64>>,
    objects: u64,
    /// `None` when there were too many.
    fields: Option<IndexMap<String, Seen>>,
    lists: u64,
    items: Option<Box<Seen>>,
}

impl Default for Seen {
    /// Nothing yet.
    fn default() -> Self {
        Self {
            count: 0,
            numbers: 0,
            bools: 0,
            nulls: 0,
            bytes: 0,
            others: 0,
            texts: 0,
            literals: Some(IndexMap::new()),
            objects: 0,
            fields: Some(IndexMap::new()),
            lists: 0,
            items: None,
        }
    }
}

impl Seen {
    /// How many values were seen.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Takes a message in. `_msgid`, which every message has, is left out; of `req` and `res`, which a recording only
    /// names, it is known that they are there.
    pub fn message(&mut self, message: &route_chain::Message) {
        let fields = message.root().iter().filter(|(key, _)| *key != "_msgid").map(|(key, value)| {
            let live = matches!(key, "req" | "res");
            (key, if live { &Value::Undefined } else { value })
        });
        self.count += 1;
        self.object(fields, 1);
    }

    /// Takes a value in.
    pub fn value(&mut self, value: &Value) {
        self.at_depth(value, 0);
    }

    fn at_depth(&mut self, value: &Value, depth: usize) {
        self.count += 1;
        match value {
            Value::Number(_) => self.numbers += 1,
            Value::Bool(_) => self.bools += 1,
            Value::Null => self.nulls += 1,
            Value::Bytes(_) => self.bytes += 1,
            Value::Text(text) => self.text(text),
            Value::Object(object) if depth < DEEPEST => self.object(object.iter(), depth + 1),
            Value::List(list) if depth < DEEPEST => {
                self.lists += 1;
                let items = self.items.get_or_insert_default();
                list.iter().for_each(|item| items.at_depth(item, depth + 1));
            }
            Value::Object(_) | Value::List(_) | Value::Undefined | Value::Date(_) | Value::Opaque(_) => {
                self.others += 1;
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.texts += 1;
        if let Some(known) = &mut self.literals {
            if text.len() > LONGEST {
                self.literals = None;
                return;
            }
            *known.entry(text.to_owned()).or_default() += 1;
            if known.len() > MOST_TEXTS {
                self.literals = None;
            }
        }
    }

    fn object<'v>(&mut self, members: impl Iterator<Item = (&'v str, &'v Value)>, depth: usize) {
        self.objects += 1;
        for (key, value) in members {
            let Some(fields) = &mut self.fields else { return };
            fields.entry(key.to_owned()).or_default().at_depth(value, depth);
            if fields.len() > MOST_FIELDS {
                self.fields = None;
            }
        }
    }

    /// What all of it has in common; texts of which at most `literals` were seen, often enough, are told one by one.
    pub fn shape(&self, literals: usize) -> Shape {
        if self.others > 0 || self.count == 0 {
            return Shape::Any;
        }
        let mut members = Vec::new();
        if self.objects > 0 {
            members.push(match &self.fields {
                Some(fields) => Shape::Object(
                    fields
                        .iter()
                        .map(|(name, seen)| (name.clone(), seen.count < self.objects, seen.shape(literals)))
                        .collect(),
                ),
                None => Shape::Is(Type::Object),
            });
        }
        if self.lists > 0 {
            let item = self.items.as_ref().filter(|items| items.count > 0);
            members.push(Shape::List(Box::new(item.map_or(Shape::Any, |items| items.shape(literals)))));
        }
        if self.texts > 0 {
            members.extend(self.texts(literals));
        }
        let plain = [(self.numbers, Type::Number), (self.bools, Type::Bool), (self.bytes, Type::Bytes)];
        members.extend(plain.into_iter().filter(|(n, _)| *n > 0).map(|(_, ty)| Shape::Is(ty)));
        members.extend((self.nulls > 0).then_some(Shape::Literal(serde_json::Value::Null)));
        union(members)
    }

    fn texts(&self, most: usize) -> Vec<Shape> {
        match &self.literals {
            Some(known) if known.len() <= most && self.texts >= SEEN * known.len() as u64 => {
                known.keys().map(|text| Shape::Literal(serde_json::Value::String(text.clone()))).collect()
            }
            _ => vec![Shape::Is(Type::String)],
        }
    }
}
