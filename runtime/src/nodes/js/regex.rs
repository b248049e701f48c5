//! Regular expressions with JavaScript's own syntax and meaning, run by the JavaScript engine under a limit of time.

use std::rc::Rc;
use std::time::Duration;

use rquickjs::{Function, Object, Persistent};

use super::Js;
use crate::node::NodeCx;

/// How long one match may take.
const LIMIT: Duration = Duration::from_secs(1);

/// A compiled regular expression.
pub(in super::super) struct Regex {
    // Persistent values go before the engine that they live in.
    test: Persistent<Function<'static>>,
    replace: Persistent<Function<'static>>,
    js: Rc<Js>,
}

impl Regex {
    /// `new RegExp(source, flags)`; the error is JavaScript's own, without its name.
    pub(in super::super) fn new(source: &str, flags: &str, cx: &mut NodeCx<'_>) -> Result<Self, String> {
        let js = Js::of(cx)?;
        let made = js.run(&js.library, LIMIT, |ctx| {
            let make: Function<'_> = ctx.eval(
                "((source, flags) => { const re = new RegExp(source, flags);
                    return { test: (text) => text.search(re) >= 0, replace: (text, by) => text.replace(re, by) }; })",
            )?;
            let made: Object<'_> = make.call((source, flags))?;
            let (test, replace): (Function<'_>, Function<'_>) = (made.get("test")?, made.get("replace")?);
            Ok((Persistent::save(ctx, test), Persistent::save(ctx, replace)))
        });
        let (test, replace) = made.map_err(|e| e.strip_prefix("SyntaxError: ").unwrap_or(&e).to_owned())?;
        Ok(Self { test, replace, js })
    }

    /// Whether it matches somewhere in the text.
    pub(in super::super) fn is_match(&self, text: &str) -> Result<bool, String> {
        self.js.run(&self.js.library, LIMIT, |ctx| self.test.clone().restore(ctx)?.call((text,)))
    }

    /// `text.replace(regex, by)`: what matches is replaced, `$1` and the like in `by` stand for groups.
    pub(in super::super) fn replace(&self, text: &str, by: &str) -> Result<String, String> {
        self.js.run(&self.js.library, LIMIT, |ctx| self.replace.clone().restore(ctx)?.call((text, by)))
    }
}
