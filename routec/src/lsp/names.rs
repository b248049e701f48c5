//! Where a name stands in all texts that share it, and giving it another.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use gen_lsp_types::{Location, TextEdit, Uri, WorkspaceEdit};
use route_grammar::keywords::{self, Reserved};
use route_grammar::names::{Named, Space, names};
use route_grammar::{FileId, Parsed, Span, ident};

use super::document::Document;
use super::family::{Families, Reach};
use super::world::{World, key};

/// A text with its names.
struct Text {
    document: Document,
    /// The layer of what stands outside of every `layer`.
    layer: String,
    names: Vec<Named>,
}

/// A name that was asked for.
struct Target {
    named: Named,
    /// The text that it was asked in.
    text: PathBuf,
    /// Of a router that is declared there; what a test speaks of can be in any layer.
    layer: Option<String>,
}

impl Target {
    fn is(&self, named: &Named, path: &Path, text: &Text) -> bool {
        if (named.space, &named.text) != (self.named.space, &self.named.text) {
            return false;
        }
        match named.space {
            Space::Parameter => *path == *self.text && named.within == self.named.within,
            Space::Router if named.declares => {
                self.layer.as_ref().is_none_or(|layer| *layer == text.layer_of(named))
            }
            _ => true,
        }
    }
}

impl Text {
    fn layer_of(&self, named: &Named) -> String {
        named.layer.as_ref().unwrap_or(&self.layer).clone()
    }

    fn line(&self, span: Span) -> String {
        let name = self.document.uri.rsplit('/').next().unwrap_or_default();
        format!("line {} of `{name}`", self.document.position(span.start).line + 1)
    }
}

/// What a name is, wherever it stands.
struct Meaning {
    target: Target,
    /// Every text of the stacks in which it means this.
    texts: BTreeMap<PathBuf, Text>,
}

impl Meaning {
    fn places(&self) -> impl Iterator<Item = (&Text, &Named)> {
        let texts = self.texts.iter();
        texts.flat_map(|(path, text)| self.places_in(path, text).map(move |named| (text, named)))
    }

    fn places_in<'m>(&'m self, path: &'m Path, text: &'m Text) -> impl Iterator<Item = &'m Named> {
        text.names.iter().filter(move |named| self.target.is(named, path, text))
    }

    fn is_declared(&self) -> bool {
        self.places().any(|(_, named)| named.declares)
    }

    /// Every name of these texts.
    fn all(&self) -> impl Iterator<Item = (&Text, &Named)> {
        self.texts.values().flat_map(|text| text.names.iter().map(move |named| (text, named)))
    }
}

/// The name at a place.
pub(super) fn at(document: &Document, byte: u32, world: &mut World) -> Option<Named> {
    let names = names(&document.text, world.parsed(document).items());
    names.into_iter().find(|named| named.span.start <= byte && byte <= named.span.end)
}

/// The place of a name that the stack declares.
pub(super) fn declared(document: &Document, byte: u32, world: &mut World) -> Option<Span> {
    let span = at(document, byte, world)?.span;
    near(document, byte, world).map(|_| span)
}

/// Where a name is declared.
pub(super) fn definition(document: &Document, byte: u32, world: &mut World) -> Option<Vec<Location>> {
    let meaning = near(document, byte, world)?;
    Some(meaning.places().filter(|(_, named)| named.declares).map(location).collect())
}

/// Every place of a name, in stacks that are not open too.
pub(super) fn references(document: &Document, byte: u32, world: &mut World) -> Vec<Location> {
    let meaning = meaning(document, byte, Reach::Folders, world).filter(Meaning::is_declared);
    meaning.map(|meaning| meaning.places().map(location).collect()).unwrap_or_default()
}

fn location((text, named): (&Text, &Named)) -> Location {
    Location { uri: Uri(text.document.uri.clone()), range: text.document.range(named.span) }
}

/// The meaning of a name in the stacks that are open or, when none of them declares it, in the editor's folders.
fn near(document: &Document, byte: u32, world: &mut World) -> Option<Meaning> {
    let reaches = [Reach::Open, Reach::Folders];
    reaches.into_iter().find_map(|reach| meaning(document, byte, reach, world).filter(Meaning::is_declared))
}

/// A text that several stacks have ties the name to all of them, but only where it has the name: what stacks call alike
/// without such a text is not the same.
fn meaning(document: &Document, byte: u32, reach: Reach, world: &mut World) -> Option<Meaning> {
    let named = at(document, byte, world)?;
    let here = key(&document.uri);
    let families = world.families(&here, reach);
    let mut texts: BTreeMap<PathBuf, Text> = BTreeMap::new();
    let first = text(&here, &families, world)?;
    let is_router = named.space == Space::Router && named.declares;
    let layer = is_router.then(|| first.layer_of(&named));
    let target = Target { named, text: here.clone(), layer };
    let mut open = BTreeSet::from([here.clone()]);
    texts.insert(here, first);
    while let Some(path) = open.pop_first() {
        for other in families.of(&path) {
            if texts.contains_key(&other) {
                continue;
            }
            let Some(text) = text(&other, &families, world) else { continue };
            if text.names.iter().any(|named| target.is(named, &other, &text)) {
                open.insert(other.clone());
            }
            texts.insert(other, text);
        }
    }
    Some(Meaning { target, texts })
}

fn text(path: &Path, families: &Families, world: &mut World) -> Option<Text> {
    let document = world.text(path)?;
    let names = names(&document.text, world.parsed(&document).items());
    Some(Text { document, layer: families.layer(path), names })
}

/// The error says why there is nothing to rename, or why not so.
pub(super) fn rename(
    document: &Document,
    byte: u32,
    new: &str,
    world: &mut World,
) -> Result<WorkspaceEdit, String> {
    let meaning = meaning(document, byte, Reach::Folders, world).filter(Meaning::is_declared);
    let Some(meaning) = meaning else {
        return Err(match document.quoted(byte) {
            Some(_) => "a name in quotes is a node's or a file's: it is changed where it is given".to_owned(),
            None => "nothing that the stack declares stands here".to_owned(),
        });
    };
    fits(new, meaning.target.named.space)?;
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    if new != meaning.target.named.text {
        free(new, &meaning)?;
        hidden(new, &meaning)?;
        layers(&meaning)?;
        for (path, text) in &meaning.texts {
            let places: Vec<&Named> = meaning.places_in(path, text).collect();
            same_after(new, text, &places)?;
        }
    }
    for (text, named) in meaning.places() {
        let edit = TextEdit { range: text.document.range(named.span), new_text: new.to_owned() };
        changes.entry(Uri(text.document.uri.clone())).or_default().push(edit);
    }
    Ok(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}

/// Whether something of that kind can bear the name.
fn fits(new: &str, space: Space) -> Result<(), String> {
    if !ident::is_name(new) {
        return Err(format!("`{new}` is no name: letters, digits and `_`, and no digit first"));
    }
    let in_expressions = matches!(space, Space::Value | Space::Parameter);
    let reserved = keywords::lookup(new).is_some_and(|word| match word.reserved {
        Reserved::Always => true,
        Reserved::Reference => in_expressions,
        Reserved::Never => false,
    });
    if reserved {
        return Err(format!("`{new}` is a word of the language"));
    }
    let is_root = keywords::ROOTS.iter().any(|(word, _)| *word == new);
    if in_expressions && (is_root || keywords::FUNCTIONS.iter().any(|f| f.name == new)) {
        return Err(format!("`{new}` means something in every expression"));
    }
    if space == Space::Schema && keywords::TYPES.iter().any(|(word, _)| *word == new) {
        return Err(format!("`{new}` is a type of the language"));
    }
    Ok(())
}

/// Whether nothing of the kind bears the name yet.
fn free(new: &str, meaning: &Meaning) -> Result<(), String> {
    let old = &meaning.target.named;
    let taken = |text: &Text, named: &Named| match old.space {
        Space::Parameter => named.within == old.within,
        // A test speaks of routers of all layers: with two of one name it would mean both.
        Space::Router if named.declares => {
            let mut places = meaning.places().filter(|(_, place)| place.declares);
            places.any(|(other, place)| other.layer_of(place) == text.layer_of(named))
        }
        _ => named.declares || old.space == Space::Router,
    };
    let mut all = meaning.all().filter(|(_, named)| named.space == old.space && named.text == new);
    let is_layer = old.space == Space::Layer && meaning.texts.values().any(|text| text.layer == new);
    match all.find(|(text, named)| taken(text, named)) {
        Some((_, named)) if named.space == Space::Parameter => {
            Err(format!("the predicate has a parameter `{new}` already"))
        }
        Some((text, named)) if !named.declares => {
            Err(format!("a test speaks of a router `{new}`: {}", text.line(named.span)))
        }
        Some(_) => Err(format!("the stack declares a `{new}` already")),
        None if is_layer => Err(format!("the stack has a layer `{new}` already")),
        None => Ok(()),
    }
}

/// A predicate's parameter hides what has its name outside: neither may come to mean the other.
fn hidden(new: &str, meaning: &Meaning) -> Result<(), String> {
    let old = &meaning.target.named;
    let name = &old.text;
    if old.space == Space::Parameter {
        let meant = |named: &Named| named.space == Space::Value && named.within == old.within;
        let outer = meaning.all().find(|(_, named)| named.text == new && !named.declares && meant(named));
        return match outer {
            Some((text, named)) => Err(format!(
                "`{new}` is mentioned in this predicate, and would mean the parameter: {}",
                text.line(named.span)
            )),
            None => Ok(()),
        };
    }
    for (text, named) in meaning.places() {
        let within = named.within.as_ref().filter(|within| within.params.iter().any(|param| param == new));
        if let Some(within) = within.filter(|_| !named.declares && named.space == Space::Value) {
            return Err(format!(
                "`{new}` is a parameter of the predicate `{}`: `{name}` there would mean that, {}",
                within.name,
                text.line(named.span)
            ));
        }
    }
    Ok(())
}

/// What a test says of a router is said of those of all layers that have the name.
fn layers(meaning: &Meaning) -> Result<(), String> {
    let old = &meaning.target.named;
    let Some(layer) = &meaning.target.layer else { return Ok(()) };
    let alike = || meaning.all().filter(|(_, named)| named.space == Space::Router && named.text == old.text);
    let other = alike().find(|(text, named)| named.declares && text.layer_of(named) != *layer);
    let test = alike().find(|(_, named)| !named.declares);
    match (other, test) {
        (Some((text, other)), Some((by, test))) => Err(format!(
            "layer `{}` has a router `{}` too, and a test speaks of both: {}",
            text.layer_of(other),
            old.text,
            by.line(test.span)
        )),
        _ => Ok(()),
    }
}

/// Whether a text has the same names as before, but for the new one: then no word has come to mean something else.
fn same_after(new: &str, text: &Text, places: &[&Named]) -> Result<(), String> {
    let (mut after, mut done) = (String::new(), 0);
    let mut wanted: Vec<Named> = Vec::with_capacity(text.names.len());
    let old = &text.document.text;
    for named in &text.names {
        let is_place = places.contains(&named);
        let written = if is_place { new } else { named.text.as_str() };
        after.push_str(old.get(done..named.span.start as usize).unwrap_or_default());
        let span = Span::new(after.len(), after.len() + written.len());
        after.push_str(written);
        done = named.span.end as usize;
        wanted.push(Named { span, text: written.to_owned(), within: None, layer: None, ..named.clone() });
    }
    after.push_str(old.get(done..).unwrap_or_default());
    if places.is_empty() {
        return Ok(());
    }
    let parsed = Parsed::new(after.as_str(), FileId(0));
    let mut now = names(&after, parsed.items());
    now.iter_mut().for_each(|named| (named.within, named.layer) = (None, None));
    if wanted == now {
        return Ok(());
    }
    // The first that is another one now, or is none any more.
    let same = wanted.iter().zip(&now).take_while(|(wanted, now)| wanted == now).count();
    let at = text.names.get(same).or(text.names.last()).map_or(Span::default(), |named| named.span);
    Err(format!("`{new}` would mean something else there: {}", text.line(at)))
}
