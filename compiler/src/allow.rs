//! `allow(CODE) "why"`: silences one warning in the item that follows.

use route_grammar::{Diagnostic, Severity};

use crate::codes;
use crate::load::Placed;

/// Takes out what is allowed; reports what silences nothing.
pub(crate) fn apply(items: &[Placed], diagnostics: &mut Vec<Diagnostic>) {
    let mut extra = Vec::new();
    for placed in items {
        for allow in &placed.item.allows {
            let before = diagnostics.len();
            diagnostics.retain(|d| {
                let inside = d.primary.file == placed.file
                    && placed.item.span.start <= d.primary.span.start
                    && d.primary.span.end <= placed.item.span.end;
                !(inside && d.code.0 == allow.code.text && d.severity != Severity::Error)
            });
            if diagnostics.len() < before {
                continue;
            }
            let code = &allow.code.text;
            let d = if codes::find(code).is_none() && !code.starts_with("R0") {
                let message = format!("`{code}` is no code");
                Diagnostic::warning(codes::UNKNOWN_CODE, placed.file, allow.code.span, message)
            } else {
                let message = format!("`allow({code})` silences nothing");
                let d = Diagnostic::warning(codes::UNUSED_ALLOW, placed.file, allow.span, message);
                if diagnostics.iter().any(|d| d.code.0 == code && d.severity == Severity::Error) {
                    d.help("errors cannot be silenced")
                } else {
                    d
                }
            };
            extra.push(d);
        }
    }
    diagnostics.extend(extra);
}
