//! How grave each finding is: `allow(CODE) "why"` in the text first, then the levels of `route.toml` and the flags.

use std::collections::{BTreeMap, BTreeSet};

use route_grammar::ast::Allow;
use route_grammar::{Applicability, Diagnostic, FileId, Label, Level, Severity, Span};

use crate::codes;
use crate::load::Placed;
use crate::suggest::nearest;

/// The word that stands for every rule that warns.
pub const WARNINGS: &str = "warnings";

/// Levels that someone set. What is set later wins; `warnings` counts for all that are left as warnings.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    rules: BTreeMap<&'static str, Level>,
    warnings: Option<Level>,
}

impl Levels {
    /// Nothing is set.
    pub const NONE: &Levels = &Levels { rules: BTreeMap::new(), warnings: None };

    /// Sets the level of a rule, by code or name, or of all `warnings`.
    ///
    /// # Errors
    /// Says for people why there is nothing to set: no such rule, or one that is always an error.
    pub fn set(&mut self, rule: &str, level: Level) -> Result<(), String> {
        if rule == WARNINGS {
            self.warnings = Some(level);
            return Ok(());
        }
        match codes::find(rule) {
            Some(found) if found.level == Level::Error => {
                Err(format!("`{rule}` is always an error; its level cannot be set"))
            }
            Some(found) => {
                self.rules.insert(found.code, level);
                Ok(())
            }
            None => Err(unknown(rule)),
        }
    }

    /// The level of a rule.
    pub fn of(&self, rule: &route_grammar::Rule) -> Level {
        let own = self.rules.get(rule.code).copied().unwrap_or(rule.level);
        if own == Level::Warn { self.warnings.unwrap_or(own) } else { own }
    }

    /// Sets every severity; takes out what is silent.
    pub(crate) fn apply(&self, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.retain_mut(|d| {
            match self.of(d.rule) {
                Level::Error | Level::Deny => d.severity = Severity::Error,
                Level::Warn => d.severity = Severity::Warning,
                Level::Allow => return false,
            }
            true
        });
    }
}

fn unknown(rule: &str) -> String {
    let known = codes::all().flat_map(|rule| [rule.code, rule.name]).chain([WARNINGS]);
    match nearest(rule, known) {
        Some(near) => format!("there is no rule `{rule}`; there is `{near}`"),
        None => format!("there is no rule `{rule}`"),
    }
}

/// An `allow` and the place of the item that it stands before.
pub(crate) struct Allowed {
    pub(crate) file: FileId,
    pub(crate) item: Span,
    pub(crate) allow: Allow,
}

/// Takes out warnings about items of which a part could not be read: what they miss may stand in that part.
pub(crate) fn doubt(items: &[Placed], diagnostics: &mut Vec<Diagnostic>) {
    let unread = |d: &&Diagnostic| d.rule.code.starts_with("R0");
    if !diagnostics.iter().any(|d| unread(&d)) {
        return;
    }
    let ends: BTreeMap<(FileId, u32), u32> =
        items.iter().map(|p| ((p.file, p.item.span.start), p.item.span.end)).collect();
    let item_of = |label: &Label| {
        let (&at, &end) = ends.range(..=(label.file, label.span.start)).next_back()?;
        (at.0 == label.file && label.span.end <= end).then_some(at)
    };
    let damaged: BTreeSet<(FileId, u32)> =
        diagnostics.iter().filter(unread).filter_map(|d| item_of(&d.primary)).collect();
    diagnostics.retain(|d| {
        let mut labels = std::iter::once(&d.primary).chain(&d.secondary);
        d.rule.level == Level::Error
            || !labels.any(|label| item_of(label).is_some_and(|at| damaged.contains(&at)))
    });
}

/// Takes out what is allowed; reports what silences nothing.
pub(crate) fn allow(allows: &[Allowed], diagnostics: &mut Vec<Diagnostic>) {
    let mut extra = Vec::new();
    for Allowed { file, item, allow } in allows {
        let name = allow.code.text.as_str();
        let Some(rule) = codes::find(name) else {
            let d = Diagnostic::new(codes::UNKNOWN_CODE, *file, allow.code.span, unknown(name));
            extra.push(d.help("`routec explain --all` lists the rules"));
            continue;
        };
        let inside = |d: &Diagnostic| {
            d.rule == rule
                && d.primary.file == *file
                && item.start <= d.primary.span.start
                && d.primary.span.end <= item.end
        };
        let before = diagnostics.len();
        if rule.level != Level::Error {
            diagnostics.retain(|d| !inside(d));
        }
        if diagnostics.len() < before {
            continue;
        }
        let d = Diagnostic::new(
            codes::UNUSED_ALLOW,
            *file,
            allow.span,
            format!("`allow({name})` silences nothing"),
        );
        extra.push(if rule.level == Level::Error {
            d.help(format!("`{}` is always an error and cannot be silenced", rule.name))
        } else {
            d.suggest("take it out", *file, allow.span, "", Applicability::Machine)
        });
    }
    diagnostics.extend(extra);
}
