//! A message's way through a chain, as far as it is known beforehand.

use route_chain::ir::{self, Op, Operand, Step};
use serde_json::Value as Json;

use super::atoms::{Atoms, Test};
use super::facts::{Facts, Outcome};
use super::set::{Kinds, Set};

/// A step as the analysis sees it.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// When it applies; `None`: always.
    pub(crate) when: Option<Test>,
    /// The condition of a `keep`.
    pub(crate) keep: Option<Test>,
    /// No message of which this is true comes to the next step.
    pub(crate) ends: Option<Test>,
    effect: Effect,
    /// Index of its router.
    pub(crate) router: u32,
}

#[derive(Debug)]
enum Effect {
    None,
    /// What comes after may see any message.
    Anything,
    Changes(Vec<Change>),
}

#[derive(Debug)]
struct Change {
    path: u32,
    /// `None`: deleted.
    value: Option<Operand>,
}

impl Prepared {
    pub(crate) fn new(step: &Step, atoms: &mut Atoms) -> Self {
        let when = step.when.as_ref().map(|cond| atoms.test(cond));
        let keep = match &step.op {
            Op::Keep(cond) => Some(atoms.test(cond)),
            _ => None,
        };
        let always = || when.clone().unwrap_or(Test::Const(true));
        let ends = match &step.op {
            Op::Keep(_) => keep.clone().map(|keep| {
                let not = Test::Not(Box::new(keep));
                when.clone().map_or(not.clone(), |when| Test::All(vec![when, not]))
            }),
            Op::Halt { .. } => Some(always()),
            Op::Remote(remote) if remote.unreachable != ir::Unreachable::Pass => Some(always()),
            _ => None,
        };
        let effect = match &step.op {
            Op::Set(changes) => Effect::Changes(changes.iter().map(Change::of).collect()),
            // A module may change the message, and so may somebody who edits one that a breakpoint holds.
            Op::Call(_) => Effect::Anything,
            Op::Break(held) if held.log.is_none() => Effect::Anything,
            _ => Effect::None,
        };
        Self { when, keep, ends, effect, router: step.router }
    }

    /// What is known after the step. With `own` false it is a step of another owner, of which nothing may be made use
    /// of because it may be taken away; what it may change is taken into account.
    pub(crate) fn pass(&self, facts: &mut Facts, own: bool, atoms: &Atoms) {
        let applies = match &self.when {
            _ if !own => Outcome::Maybe,
            None => Outcome::Always,
            Some(when) => facts.decide(when, atoms),
        };
        let untouched = self.untouched(applies, facts, atoms);
        if let (true, Some(ends)) = (own, &self.ends) {
            facts.assume(ends, false, atoms);
        }
        if facts.is_dead() || applies == Outcome::Never {
            return;
        }
        match &self.effect {
            Effect::None => {}
            Effect::Anything => facts.forget_all(),
            Effect::Changes(changes) => {
                for (change, untouched) in changes.iter().zip(&untouched) {
                    change.pass(facts, untouched, own, atoms);
                }
            }
        }
    }

    /// For each change what stands at its path when the step does not apply.
    fn untouched(&self, applies: Outcome, facts: &mut Facts, atoms: &Atoms) -> Vec<Set> {
        let Effect::Changes(changes) = &self.effect else { return Vec::new() };
        match &self.when {
            _ if applies == Outcome::Always => vec![Set::none(); changes.len()],
            None => vec![Set::all(); changes.len()],
            Some(when) => facts.suppose(|facts| {
                facts.assume(when, false, atoms);
                changes.iter().map(|change| facts.at(change.path, atoms)).collect()
            }),
        }
    }
}

impl Change {
    fn of(change: &ir::Change) -> Self {
        match change {
            ir::Change::Assign(path, value) => Self { path: *path, value: Some(value.clone()) },
            ir::Change::Delete(path) => Self { path: *path, value: None },
        }
    }

    fn pass(&self, facts: &mut Facts, untouched: &Set, own: bool, atoms: &Atoms) {
        let path = self.path;
        let by_index = matches!(atoms.path(path).last(), Some(ir::Seg::Index(_)));
        let old = facts.at(path, atoms);
        let (new, happens) = match &self.value {
            None => (Set::absent(), true),
            Some(value) => self.becomes(value, facts, atoms),
        };
        // An element that is taken out of a list moves those behind it.
        if self.value.is_none() && by_index {
            atoms.siblings(path).into_iter().for_each(|path| facts.changed(path, atoms));
        }
        facts.changed(path, atoms);
        if own && !by_index {
            let set = if happens { new } else { new.or(&old) };
            let set = set.or(untouched);
            facts.narrow(path, &set, true, atoms);
        }
    }

    /// What the value is then, and whether the change happens for certain.
    fn becomes(&self, value: &Operand, facts: &Facts, atoms: &Atoms) -> (Set, bool) {
        let number = Set::kinds(Kinds::NUMBER.or(Kinds::NAN));
        let (set, there) = match value {
            Operand::Lit(Json::Array(_)) | Operand::List(_) => (Set::kinds(Kinds::LIST), true),
            Operand::Lit(Json::Object(_)) | Operand::Object(_) => (Set::kinds(Kinds::OBJECT), true),
            Operand::Lit(value) => (Set::equal_to(value).unwrap_or_else(Set::present), true),
            Operand::Path(from) => {
                let from = facts.at(*from, atoms);
                (from.and(&Set::present()), !from.has_kind(Kinds::ABSENT))
            }
            Operand::Cond(_) => (Set::kinds(Kinds::TRUE.or(Kinds::FALSE)), true),
            Operand::Neg(_) => (number, false),
            Operand::Arith(ir::Arith::Add, ..) => (number.or(&Set::kinds(Kinds::TEXT)), false),
            Operand::Arith(..) => (number, false),
            Operand::Call(..) => (Set::present(), false),
        };
        // What would grow too large is left undone, and so is what lies below a value without members.
        let small = !set.has_kind(Kinds::LIST) && !set.has_kind(Kinds::OBJECT);
        (set, there && small && atoms.path(self.path).len() == 1)
    }
}

/// Goes through a chain of prepared steps: `visit` sees what is known before each of them, and what is known at the end
/// comes back.
pub(crate) fn walk(
    chain: &[u32],
    steps: &[Prepared],
    atoms: &Atoms,
    mut facts: Facts,
    own: &dyn Fn(&Prepared) -> bool,
    visit: &mut dyn FnMut(usize, &Prepared, &mut Facts),
) -> Facts {
    for (at, step) in chain.iter().enumerate() {
        let Some(step) = steps.get(*step as usize) else { continue };
        let own = own(step);
        if own {
            visit(at, step, &mut facts);
        }
        step.pass(&mut facts, own, atoms);
    }
    facts
}
