//! R1001: a quoted name that no node of the flow graph bears.

use route_grammar::ast::{Kind, Text};
use route_grammar::{Applicability, Diagnostic, FileId, Rule, Span};
use super::{unknown_group, unknown_id, unknown_subflow, unknown_tab, unknown_type};
use crate::lock::{Became, became, named};
use crate::resolver::Resolver;
use crate::select::{quoted, word};

route_grammar::rule! {
    /// A name that no node bears.
    ///
    /// A quoted name is the name of a node, written exactly as in the editor. A router on a node that does not exist
    /// would do nothing, silently. Nodes without a name are reached by `type "…"`, by `id "…"`, or by `next to` a node
    /// that has one; `routec names` writes a name for each.
    ///
    /// ## Fails
    /// ```route
    /// halt old on "Sensr 1" -> *
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt old on "Sensor 1" -> *
    /// ```
    "R1001" "unknown-node" Error, Sometimes
}

/// Most places that are listed.
const LISTED: usize = 5;

/// A name, label, type or id that nothing bears. `whole`: with the word of its kind.
pub(crate) fn unknown(r: &Resolver<'_>, kind: Kind, text: &Text, whole: Span, file: FileId) -> Diagnostic {
    let (name, word) = (text.value.as_str(), word(kind));
    let message = match kind {
        Kind::Id => format!("no node has the id `{name}`"),
        Kind::Type => format!("no node is of type `{name}`"),
        _ => format!("no {word} is named `{name}`"),
    };
    let d = Diagnostic::new(rule(kind), file, text.span, message);
    let (d, known) = renamed(r, kind, text, whole, file, d);
    if known {
        return d;
    }
    if kind == Kind::Id {
        if let Some((label, what)) = unknown_id::of_something_else(r, name) {
            return d.note(r.flows, label, "this has the id").help(what);
        }
    } else if let Some(other) = other_kind(r, kind, name) {
        let new = format!("{other} {}", quoted(name));
        return d.suggest(format!("there is a {other} of that name"), file, whole, new, Applicability::Maybe);
    }
    let near = match kind {
        Kind::Node => r.nearest(name, r.index.names()),
        Kind::Type => r.nearest(name, r.index.types()),
        Kind::Id => r.nearest(name, r.index.ids()),
        _ => r.nearest(name, r.scopes(kind).iter().map(|scope| scope.name.as_str())),
    };
    match near {
        Some(near) => {
            let said = format!("there is a {word} `{near}`");
            d.suggest(said, file, text.span, quoted(near), Applicability::Maybe)
        }
        None => d,
    }
}

/// What the lock file knows of the name: what it is called now. Whether it knows something.
fn renamed(
    r: &Resolver<'_>,
    kind: Kind,
    text: &Text,
    whole: Span,
    file: FileId,
    d: Diagnostic,
) -> (Diagnostic, bool) {
    let entry = r.input.lock.and_then(|lock| Some((lock, named(lock, kind, &text.value)?)));
    let Some((lock, entry)) = entry else { return (d, false) };
    let (found, certain) = match became(entry, lock, r.index) {
        Became::Renamed(found) => (found, true),
        Became::Like(found) => (found, false),
        Became::Gone => return (d.help("it is gone since the stack was locked"), true),
    };
    let word = word(kind);
    let shown = if found.name.is_empty() { "has no name".to_owned() } else { format!("is named `{}`", found.name) };
    let note = match (certain, kind) {
        (true, _) => format!("the {word} of that name {shown} now"),
        (false, Kind::Id) => format!("this one stands where it stood; its id is `{}`", found.id),
        (false, _) => format!("this one stands where it stood; it {shown}"),
    };
    let d = d.note(r.flows, found.span, note);
    let unique = match kind {
        Kind::Node => r.index.named(found.name).len() == 1,
        Kind::Id => false,
        _ => r.scopes(kind).iter().filter(|scope| scope.name == found.name).count() == 1,
    };
    let applicability = if certain { Applicability::Machine } else { Applicability::Maybe };
    let d = match kind {
        _ if unique && !found.name.is_empty() => {
            d.suggest(format!("it is `{}` now", found.name), file, text.span, quoted(found.name), applicability)
        }
        Kind::Node => {
            let id = format!("id {}", quoted(found.id));
            d.suggest(format!("its id is `{}`", found.id), file, whole, id, applicability)
        }
        Kind::Id => d.suggest(format!("its id is `{}`", found.id), file, text.span, quoted(found.id), applicability),
        _ => d.help(format!("give the {word} a name of its own again")),
    };
    (d, true)
}

fn rule(kind: Kind) -> &'static Rule {
    match kind {
        Kind::Node => RULE,
        Kind::Tab => unknown_tab::RULE,
        Kind::Group => unknown_group::RULE,
        Kind::Subflow => unknown_subflow::RULE,
        Kind::Type => unknown_type::RULE,
        Kind::Id => unknown_id::RULE,
    }
}

/// Another kind of thing that bears exactly this name.
fn other_kind(r: &Resolver<'_>, kind: Kind, name: &str) -> Option<&'static str> {
    let kinds = [Kind::Node, Kind::Tab, Kind::Group, Kind::Subflow, Kind::Type, Kind::Id];
    let has = |other: &Kind| match other {
        Kind::Node => !r.index.named(name).is_empty(),
        Kind::Type => !r.index.typed(name).is_empty(),
        Kind::Id => !r.index.with_id(name).is_empty(),
        _ => r.scopes(*other).iter().any(|scope| scope.name == name),
    };
    kinds.into_iter().filter(|other| *other != kind).find(has).map(word)
}

/// A plain name that the rest of its selector leaves nothing of.
pub(crate) fn not_left(r: &Resolver<'_>, name: &str, file: FileId, span: Span) -> Diagnostic {
    let d = Diagnostic::new(RULE, file, span, format!("no node `{name}` is left by this selector"));
    let there = r.index.named(name).iter().take(LISTED);
    there.fold(d, |d, node| d.note(r.flows, r.index.name_span(*node), format!("there is one {}", r.index.place(*node))))
}
