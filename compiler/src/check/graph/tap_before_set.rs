//! R3065: a tap that shows what a later `set` changes.

use route_chain::ir::{Path, Seg};
use route_grammar::Diagnostic;
use rustc_hash::FxHashSet;

use crate::analysis::atoms::Atoms;
use crate::analysis::facts::{Facts, Outcome};
use crate::analysis::walk::{Prepared, walk};
use crate::hir::{Body, Router, Select};
use crate::lowered::Lowered;
use crate::resolver::Resolver;

route_grammar::rule! {
    /// A tap before a change of what it shows.
    ///
    /// A tap shows the message as it is where the tap stands. Further down the stack a `set` changes the part that is
    /// shown: what is recorded is not what is delivered, and a secret that is deleted there is in the record. Put the tap
    /// behind the `set`, or leave the part out with `omit`. A tap with another one behind the `set` is left alone: the two
    /// show the message before and after.
    ///
    /// ## Fails
    /// ```route
    /// tap audit on "Raise alarm" -> * { to stdout }
    /// set clean on "Raise alarm" -> * { delete msg.payload.password }
    /// ```
    ///
    /// ## Passes
    /// ```route
    /// set clean on "Raise alarm" -> * { delete msg.payload.password }
    /// tap audit on "Raise alarm" -> * { to stdout }
    /// ```
    "R3065" "tap-before-set" Warn, None
}

/// Looks at every chain for taps whose message a later router of the same stack changes.
pub(crate) fn check(
    routers: &[Router],
    lowered: &Lowered,
    (atoms, steps): (&Atoms, &[Prepared]),
    broken: &FxHashSet<u32>,
    resolver: &mut Resolver<'_>,
) {
    let is = |router: u32, what: fn(&Body) -> bool| {
        routers.get(router as usize).is_some_and(|router| what(&router.body)) && !broken.contains(&router)
    };
    let is_tap = |router: u32| is(router, |body| matches!(body, Body::Tap { .. }));
    let is_set = |router: u32| is(router, |body| matches!(body, Body::Set(_)));
    let mut told: FxHashSet<u32> = FxHashSet::default();
    for chain in &lowered.chains {
        let on: Vec<&Prepared> = chain.steps.iter().filter_map(|at| steps.get(*at as usize)).collect();
        let Some(last_set) = on.iter().rposition(|step| is_set(step.router)) else { continue };
        let before = on.get(..last_set).unwrap_or_default();
        let after = on.get(last_set..).unwrap_or_default();
        // A tap behind all changes shows what is delivered.
        if !before.iter().any(|step| is_tap(step.router)) || after.iter().any(|step| is_tap(step.router)) {
            continue;
        }
        walk(&chain.steps, steps, atoms, Facts::default(), &|_| true, &mut |at, tap, facts| {
            if !is_tap(tap.router) || facts.is_dead() || told.contains(&tap.router) {
                return;
            }
            let later = on.iter().skip(at + 1).filter(|step| is_set(step.router));
            let met = |set: &&&Prepared| meets(tap, set, facts, atoms);
            let Some((tap, set, path)) = later.filter(met).find_map(|set| {
                let (tap, set) = (routers.get(tap.router as usize)?, routers.get(set.router as usize)?);
                Some((tap, set, changes(tap, set)?))
            }) else {
                return;
            };
            told.insert(on[at].router);
            report(tap, set, path, resolver);
        });
    }
}

/// Whether one message can pass the tap and the change.
fn meets(tap: &Prepared, set: &Prepared, facts: &mut Facts, atoms: &Atoms) -> bool {
    facts.suppose(|facts| {
        tap.when.iter().for_each(|when| facts.assume(when, true, atoms));
        let applies = set.when.as_ref().map_or(Outcome::Always, |when| facts.decide(when, atoms));
        !facts.is_dead() && applies != Outcome::Never
    })
}

/// A path that the tap shows and the `set` changes.
fn changes<'r>(tap: &Router, set: &'r Router) -> Option<&'r Path> {
    let (Body::Tap { select, .. }, Body::Set(changes)) = (&tap.body, &set.body) else { return None };
    let related = |a: &Path, b: &Path| a.starts_with(b) || b.starts_with(a);
    changes.iter().map(|(path, _)| path).find(|path| match select {
        Select::Whole => true,
        Select::Omit(paths) => !paths.iter().any(|omitted| path.starts_with(omitted)),
        Select::Only(paths) => paths.iter().any(|only| related(only, path)),
    })
}

fn report(tap: &Router, set: &Router, path: &Path, resolver: &mut Resolver<'_>) {
    let mut shown = String::from("msg");
    for step in path {
        match step {
            Seg::Key(key) => shown.extend([".", key]),
            Seg::Index(at) => shown.push_str(&format!("[{at}]")),
        }
    }
    let name = &tap.info.name;
    let message = format!("tap `{name}` shows messages as they are before `{}` changes them", set.info.name);
    let d = Diagnostic::new(RULE, tap.file, tap.name_span, message)
        .note(set.file, set.name_span, format!("this changes `{shown}` of a message that was shown"))
        .help(format!("put the tap behind it, or leave the part out: `omit {shown}`"));
    resolver.report(d);
}
