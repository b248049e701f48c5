//! R2050: a condition that every message meets.

use route_grammar::{Applicability, Diagnostic};

use crate::check::decided::Decided;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A condition that is always true.
    ///
    /// The condition, or the part of it that is marked, is true for every message that it is asked of, so it can go. A
    /// filter that keeps every message stops nothing. Parts that do not read the message are left alone: those are often
    /// meant to be switched by a parameter.
    ///
    /// ## Fails
    /// ```route
    /// halt hot on "Threshold" -> * { when msg.payload > 30 and msg.payload > 10 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt hot on "Threshold" -> * { when msg.payload > 30 }
    /// ```
    "R2050" "always-true" Warn, Sometimes
}

pub(crate) fn report(found: &Decided<'_>, resolver: &mut Resolver<'_>) {
    let message = format!("{} is always true here", found.words(resolver));
    let d = Diagnostic::new(RULE, found.part.file, found.part.span, message);
    let d = found.because(d, "follows from this");
    let d = match found.removable(resolver) {
        Some(span) => d.suggest("take it out", found.part.file, span, "", Applicability::Machine),
        None => d,
    };
    resolver.report(d);
}
