//! The indices by which steps refer to the tables of their set.

use crate::ir::{Change, Choose, Cond, LogPart, Op, Operand, Select, Step};

/// An index into a table of the set.
#[derive(Debug)]
pub enum Ref<'a> {
    /// Into [`ChainSet::paths`](crate::ir::ChainSet::paths).
    Path(&'a mut u32),
    /// Into [`ChainSet::regexes`](crate::ir::ChainSet::regexes).
    Regex(&'a mut u32),
}

type Visit<'v> = dyn FnMut(Ref<'_>) + 'v;

/// Calls `visit` with every index of a step.
pub fn each_ref(step: &mut Step, visit: &mut Visit<'_>) {
    step.when.iter_mut().for_each(|cond| in_cond(cond, visit));
    in_op(&mut step.op, visit);
}

/// Calls `visit` with every index of a condition.
pub fn each_ref_of(cond: &mut Cond, visit: &mut Visit<'_>) {
    in_cond(cond, visit);
}

/// Whether the condition may answer otherwise when it is asked again about the same message.
pub fn is_random(cond: &Cond) -> bool {
    match cond {
        Cond::Sample(_) => true,
        Cond::Const(_) | Cond::Has(_) => false,
        Cond::Not(inner) => is_random(inner),
        Cond::And(all) | Cond::Or(all) => all.iter().any(is_random),
        Cond::Cmp(_, a, b) | Cond::Contains(a, b) | Cond::StartsWith(a, b) | Cond::EndsWith(a, b) => {
            has_random(a) || has_random(b)
        }
        Cond::InRange(a, low, high, _) => [a, low, high].into_iter().any(has_random),
        Cond::InList(a, _) | Cond::InCidr(a, _) | Cond::Matches(a, _) | Cond::Is(a, _) => has_random(a),
        Cond::Truth(a) | Cond::SampleBy(_, a) => has_random(a),
    }
}

/// Whether the operand may have another value when it is asked for again of the same message.
pub fn has_random(operand: &Operand) -> bool {
    match operand {
        Operand::Lit(_) | Operand::Path(_) => false,
        Operand::Neg(inner) => has_random(inner),
        Operand::Arith(_, a, b) => has_random(a) || has_random(b),
        Operand::Call(_, all) | Operand::List(all) => all.iter().any(has_random),
        Operand::Object(fields) => fields.iter().any(|(_, value)| has_random(value)),
        Operand::Cond(cond) => is_random(cond),
    }
}

fn in_op(op: &mut Op, visit: &mut Visit<'_>) {
    match op {
        Op::Keep(cond) => in_cond(cond, visit),
        Op::Halt { .. } | Op::Redirect { .. } | Op::Call(_) => {}
        Op::Set(changes) => changes.iter_mut().for_each(|change| match change {
            Change::Assign(path, operand) => {
                visit(Ref::Path(path));
                in_operand(operand, visit);
            }
            Change::Delete(path) => visit(Ref::Path(path)),
        }),
        Op::Limit(limit) => {
            limit.per.iter_mut().for_each(|operand| in_operand(operand, visit));
            limit.distinct.iter_mut().for_each(|distinct| in_operand(&mut distinct.by, visit));
        }
        Op::Tap(tap) => match &mut tap.select {
            Select::Whole => {}
            Select::Omit(paths) | Select::Only(paths) => {
                paths.iter_mut().for_each(|path| visit(Ref::Path(path)));
            }
        },
        Op::Break(brk) => brk.log.iter_mut().flatten().for_each(|part| match part {
            LogPart::Text(_) => {}
            LogPart::Value(operand) => in_operand(operand, visit),
        }),
        Op::Remote(remote) => match &mut remote.choose {
            Choose::Hash(operand) => in_operand(operand, visit),
            Choose::Order | Choose::RoundRobin | Choose::Latency => {}
        },
    }
}

fn in_cond(cond: &mut Cond, visit: &mut Visit<'_>) {
    match cond {
        Cond::Const(_) | Cond::Sample(_) => {}
        Cond::Not(inner) => in_cond(inner, visit),
        Cond::And(all) | Cond::Or(all) => all.iter_mut().for_each(|cond| in_cond(cond, visit)),
        Cond::Cmp(_, a, b) | Cond::Contains(a, b) | Cond::StartsWith(a, b) | Cond::EndsWith(a, b) => {
            [a, b].into_iter().for_each(|operand| in_operand(operand, visit));
        }
        Cond::InRange(a, low, high, _) => {
            [a, low, high].into_iter().for_each(|operand| in_operand(operand, visit));
        }
        Cond::Matches(a, regex) => {
            visit(Ref::Regex(regex));
            in_operand(a, visit);
        }
        Cond::Has(path) => visit(Ref::Path(path)),
        Cond::InList(a, _) | Cond::InCidr(a, _) | Cond::Is(a, _) | Cond::Truth(a) | Cond::SampleBy(_, a) => {
            in_operand(a, visit)
        }
    }
}

fn in_operand(operand: &mut Operand, visit: &mut Visit<'_>) {
    match operand {
        Operand::Lit(_) => {}
        Operand::Path(path) => visit(Ref::Path(path)),
        Operand::Neg(inner) => in_operand(inner, visit),
        Operand::Arith(_, a, b) => [a, b].into_iter().for_each(|operand| in_operand(operand, visit)),
        Operand::Call(_, all) | Operand::List(all) => {
            all.iter_mut().for_each(|operand| in_operand(operand, visit));
        }
        Operand::Object(fields) => fields.iter_mut().for_each(|(_, operand)| in_operand(operand, visit)),
        Operand::Cond(cond) => in_cond(cond, visit),
    }
}
