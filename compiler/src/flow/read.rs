//! From the text of a flow file to the deployed graph: recognises the shapes such files come in.

use route_grammar::Span;

use super::entries::Entries;
use super::json::{self, ReadError, Spanned};
use super::{FlowGraph, Oddity, expand, hash};

/// Longest text that is read.
pub const MAX_BYTES: usize = 512 << 20;

/// Reads the text of a flow file: the list that Node-RED writes, `{flows, rev}`, one flow with `nodes` and
/// `configs`, or a subflow module `{type: "subflow", flow: […]}`.
///
/// What is odd but can be lived with is told in the graph; an error means that the text is no flow file.
pub fn read(text: &str) -> Result<FlowGraph, ReadError> {
    if text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, more than {} MiB", text.len(), MAX_BYTES >> 20);
        return Err(ReadError { message, span: Span::default() });
    }
    let root = json::parse(text)?;
    let mut oddities = Vec::new();
    let list = shape(text, &root, &mut oddities)?;
    let hash = hash::of(&list);
    let entries = Entries::sort(list, &mut oddities);
    let mut graph = expand::expand(&entries, &mut oddities);
    graph.hash = hash;
    graph.oddities = oddities;
    Ok(graph)
}

/// One object of the file that has an id.
pub(super) struct Entry<'r, 'a> {
    pub(super) id: &'r str,
    pub(super) ty: &'r str,
    /// `z`, or where the shape of the file puts it.
    pub(super) z: Option<&'r str>,
    pub(super) value: &'r Spanned<'a>,
}

struct Shape<'r, 'a, 'o> {
    text: &'a str,
    list: Vec<Entry<'r, 'a>>,
    oddities: &'o mut Vec<Oddity>,
}

fn shape<'r, 'a>(
    text: &'a str,
    root: &'r Spanned<'a>,
    oddities: &mut Vec<Oddity>,
) -> Result<Vec<Entry<'r, 'a>>, ReadError> {
    let wrong = |message: &str| Err(ReadError { message: message.to_owned(), span: first_byte(root.span) });
    let mut shape = Shape { text, list: Vec::new(), oddities };
    let list = root.list().or_else(|| root.get("flows").and_then(Spanned::list));
    if let Some(items) = list {
        shape.items(items, None);
        if shape.list.iter().all(|e| e.ty.is_empty()) && !items.is_empty() {
            return wrong("this JSON is no flow: no entry of the list has an `id` and a `type`");
        }
    } else if root.get("type").and_then(Spanned::text) == Some("subflow") {
        shape.push(root, None, None);
        let id = root.get("id").and_then(Spanned::text);
        shape.items(root.get("flow").and_then(Spanned::list).unwrap_or(&[]), id);
    } else if ["nodes", "configs"].iter().any(|k| root.get(k).is_some_and(|v| v.list().is_some())) {
        shape.single_flow(root);
    } else {
        return wrong("this JSON is no flow: expected a list of nodes, or an object with `flows` or `nodes`");
    }
    Ok(shape.list)
}

fn first_byte(span: Span) -> Span {
    Span { start: span.start, end: span.end.min(span.start + 1) }
}

impl<'r, 'a> Shape<'r, 'a, '_> {
    fn odd(&mut self, message: impl Into<String>, span: Span) {
        self.oddities.push(Oddity { message: message.into(), nowhere: false, span });
    }

    fn items(&mut self, items: &'r [Spanned<'a>], z: Option<&'r str>) {
        for item in items {
            self.push(item, None, z);
        }
    }

    /// `{id, label, nodes, configs, groups, subflows}`, the form of the admin API for one flow; `global` has no tab.
    fn single_flow(&mut self, root: &'r Spanned<'a>) {
        let mut z = root.get("id").and_then(Spanned::text);
        if z == Some("global") {
            z = None;
        } else if z.is_some() {
            self.push(root, Some("tab"), None);
        }
        self.parts(root, z);
        for subflow in root.get("subflows").and_then(Spanned::list).unwrap_or(&[]) {
            self.push(subflow, Some("subflow"), None);
            self.parts(subflow, subflow.get("id").and_then(Spanned::text));
        }
    }

    fn parts(&mut self, owner: &'r Spanned<'a>, z: Option<&'r str>) {
        for part in ["groups", "nodes", "configs"] {
            self.items(owner.get(part).and_then(Spanned::list).unwrap_or(&[]), z);
        }
    }

    fn push(&mut self, value: &'r Spanned<'a>, ty: Option<&'r str>, z: Option<&'r str>) {
        if !value.is_object() {
            return self.odd("this entry is no object and is left out", first_byte(value.span));
        }
        let id = match value.get("id").map(|v| (v, v.text())) {
            Some((_, Some(text))) if !text.is_empty() => text,
            Some((id, None)) if matches!(id.kind, json::Kind::Number(_)) => {
                let text = self.text.get(id.span.range()).unwrap_or_default();
                self.odd(format!("the id `{text}` is a number, not a text"), id.span);
                text
            }
            _ => return self.odd("this entry has no id and is left out", first_byte(value.span)),
        };
        let given = value.get("type").and_then(Spanned::text);
        let ty = ty.or(given).unwrap_or_default();
        if ty.is_empty() {
            self.odd(format!("`{id}` has no type"), first_byte(value.span));
        }
        let own = value.get("z").and_then(Spanned::text).filter(|z| !z.is_empty());
        self.list.push(Entry { id, ty, z: own.or(z), value });
    }
}
