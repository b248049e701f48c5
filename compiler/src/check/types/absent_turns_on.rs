//! R2013: a condition that a field's absence makes true without a word.

use route_chain::ir::{Path, Seg};
use route_grammar::Diagnostic;

use crate::check::Checked;
use crate::check::carrying::Carrying;
use crate::hir::{Expr, Kind, Shape};
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A condition that an absent field makes true.
    ///
    /// A comparison with an absent field is false, so `!=` and `not` make it true. The schema says that the field may
    /// be absent: ask with `has` whether it is there, and say which outcome you want when it is not.
    ///
    /// ## Fails
    /// ```route
    /// schema Reading { payload: { unit?: string } }
    /// carry Reading on "Sensor 1" -> *
    /// halt other on "Sensor 1" -> * { when msg.payload.unit != "C" }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// schema Reading { payload: { unit?: string } }
    /// carry Reading on "Sensor 1" -> *
    /// halt other on "Sensor 1" -> * { when has msg.payload.unit and msg.payload.unit != "C" }
    /// ```
    "R2013" "absent-turns-on" Warn, None
}

pub(crate) fn check<'a>(stack: &Checked<'a>, resolver: &mut Resolver<'a>) {
    let mut carrying = Carrying::new(stack.carried);
    for router in stack.routers {
        let left = carrying.at(router);
        carrying.pass(router);
        let Some(left) = left else { continue };
        let mut mentions = Mentions::default();
        for e in router.conditions() {
            mentions.gather(e, false);
        }
        for (path, e) in &mentions.negated {
            // Asked about elsewhere in the router, or perhaps there because a router above set it: nothing is silent.
            let known = mentions.plain.iter().any(|other| other.starts_with(path));
            if known || !may_lack(&left.carried.shape, path) || !left.holds(path) {
                continue;
            }
            let schema = &left.carried.name;
            let message = format!("`{schema}` lets this field be absent, and then the condition is true");
            let d = Diagnostic::new(RULE, e.file, e.span, message);
            resolver.report(d.help("ask for it too: `has msg.…`"));
        }
    }
}

/// The paths of a router's conditions.
#[derive(Default)]
struct Mentions<'e> {
    /// In a test whose falsehood makes its surroundings true.
    negated: Vec<(&'e Path, &'e Expr)>,
    /// In any other test.
    plain: Vec<&'e Path>,
}

impl<'e> Mentions<'e> {
    fn gather(&mut self, e: &'e Expr, negated: bool) {
        match &e.kind {
            Kind::Not(inner) => self.gather(inner, !negated),
            Kind::And(a, b) | Kind::Or(a, b) => {
                self.gather(a, negated);
                self.gather(b, negated);
            }
            Kind::Has(_) | Kind::Is(..) => self.test(e, false),
            Kind::Cmp(_, not, ..) => self.test(e, negated != *not),
            _ => self.test(e, negated),
        }
    }

    fn test(&mut self, test: &'e Expr, negated: bool) {
        test.walk(&mut |part| match &part.kind {
            Kind::Msg(path) if negated => self.negated.push((path, part)),
            Kind::Msg(path) => self.plain.push(path),
            _ => {}
        });
    }
}

/// Whether the schema knows the path and says that a field on it may be absent.
fn may_lack(shape: &Shape, path: &[Seg]) -> bool {
    let Some((step, rest)) = path.split_first() else { return false };
    match (shape, step) {
        (Shape::Object(fields), Seg::Key(key)) => fields
            .iter()
            .find(|(name, ..)| name == key)
            .is_some_and(|(_, optional, shape)| *optional || may_lack(shape, rest)),
        (Shape::Union(members), _) => members.iter().any(|member| may_lack(member, path)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::testkit::check;

    #[test]
    fn under_not_and_unequal() {
        check(
            r#"
schema Reading { topic: string payload: { ok?: bool, unit?: "C" | "F" } }
carry Reading on "Sensor 1" -> *
halt odd on "Sensor 1" -> * { when not msg.payload.ok }
                                     //^^^^^^^^^^^^^^ warning[R2013]: `Reading` lets this field be absent, and then the condition is true
halt other on "Sensor 1" -> * { when msg.payload.unit != "C" }
                                   //^^^^^^^^^^^^^^^^ warning[R2013]: `Reading` lets this field be absent, and then the condition is true
"#,
        );
    }

    #[test]
    fn nothing_is_silent() {
        check(
            r#"
schema Reading { topic: string payload: { ok?: bool, unit?: "C" | "F" } }
carry Reading on "Sensor 1" -> *
halt there on "Sensor 1" -> * { when msg.topic != "a" }
halt plain on "Sensor 1" -> * { when msg.payload.unit == "C" }
halt twice on "Sensor 1" -> * { when not (msg.payload.unit != "F") }
halt asked on "Sensor 1" -> * { when has msg.payload.ok and not msg.payload.ok }
"#,
        );
    }
}
