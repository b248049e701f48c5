//! R2051: a condition that no message meets.

use route_grammar::Diagnostic;

use crate::check::decided::Decided;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A condition that is never true.
    ///
    /// The condition, or the part of it that is marked, is false for every message: because of its own parts, whatever
    /// the message holds, or because routers before it let no such message through. Parts that do not read the message
    /// are left alone: those are often meant to be switched by a parameter.
    ///
    /// ## Fails
    /// ```route
    /// halt frost on "Threshold" -> * { when msg.payload > 30 and msg.payload < 5 }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// halt frost on "Threshold" -> * { when msg.payload > 30 or msg.payload < 5 }
    /// ```
    "R2051" "always-false" Warn, None
}

pub(crate) fn report(found: &Decided<'_>, resolver: &mut Resolver<'_>) {
    let message = format!("{} is never true", found.words(resolver));
    let d = Diagnostic::new(RULE, found.part.file, found.part.span, message);
    resolver.report(found.because(d, "cannot hold together with this"));
}
