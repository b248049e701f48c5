//! What every part of resolution shares: the index, the names, what was resolved already, and the findings.

use std::cell::Cell;

use route_grammar::{Diagnostic, FileId, Sources, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::Input;
use crate::check::foreign::Met;
use crate::hir::{Const, Shape};
use crate::index::Index;
use crate::lock::Reference;
use crate::scope::Scope;
use crate::select::{Matches, Sel};
use crate::suggest;

/// Names that are looked at for suggestions in one run, so that a stack of errors does not take the square of time.
const MAX_LOOKS: usize = 2_000_000;

/// The state of resolution.
pub(crate) struct Resolver<'a> {
    pub(crate) input: &'a Input<'a>,
    pub(crate) sources: &'a Sources,
    /// `flows.json`.
    pub(crate) flows: FileId,
    pub(crate) index: &'a Index<'a>,
    pub(crate) scope: &'a Scope<'a>,
    pub(crate) lets: FxHashMap<&'a str, Option<Sel>>,
    pub(crate) consts: FxHashMap<&'a str, Option<Const>>,
    pub(crate) matches: Matches,
    pub(crate) shapes: FxHashMap<&'a str, Shape>,
    /// Names being resolved: one that comes again is a recursion.
    pub(crate) busy: Vec<&'a str>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What selectors name, as often as they do.
    pub(crate) references: Vec<Reference>,
    pub(crate) met: Met,
    /// Names that may still be looked at for a suggestion.
    looks: Cell<usize>,
    said: FxHashSet<(&'static str, FileId, Span, String)>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        input: &'a Input<'a>,
        sources: &'a Sources,
        flows: FileId,
        index: &'a Index<'a>,
        scope: &'a Scope<'a>,
    ) -> Self {
        Self {
            input,
            sources,
            flows,
            index,
            scope,
            lets: FxHashMap::default(),
            consts: FxHashMap::default(),
            matches: Matches::default(),
            shapes: FxHashMap::default(),
            busy: Vec::new(),
            diagnostics: Vec::new(),
            references: Vec::new(),
            met: Met::default(),
            looks: Cell::new(MAX_LOOKS),
            said: FxHashSet::default(),
        }
    }

    /// The name that was meant, if one is near.
    pub(crate) fn nearest<'n>(
        &self,
        written: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Option<&'n str> {
        let counted = names.into_iter().take_while(|_| {
            let left = self.looks.get();
            self.looks.set(left.saturating_sub(1));
            left > 0
        });
        suggest::nearest(written, counted)
    }

    /// Adds a finding; the same one at the same place (a predicate used twice) is said once.
    pub(crate) fn report(&mut self, d: Diagnostic) {
        if self.said.insert((d.code(), d.primary.file, d.primary.span, d.message.clone())) {
            self.diagnostics.push(d);
        }
    }
}
