//! Conditions made smaller where their outcome is known, without changing it for any message.

use route_chain::eval::Tables;
use route_chain::ir::{Cond, Operand};
use route_chain::{Message, Value};
use serde_json::Value as Json;

use crate::hir::number;

/// `not c`
pub(crate) fn not(c: Cond) -> Cond {
    match c {
        Cond::Const(b) => Cond::Const(!b),
        Cond::Not(inner) => *inner,
        c => Cond::Not(Box::new(c)),
    }
}

/// All of them, flattened.
pub(crate) fn and(conds: Vec<Cond>) -> Cond {
    let mut all = Vec::new();
    for cond in conds {
        match cond {
            Cond::Const(true) => {}
            Cond::Const(false) => return Cond::Const(false),
            Cond::And(inner) => all.extend(inner),
            cond => all.push(cond),
        }
    }
    single(all, true, Cond::And)
}

/// Any of them, flattened.
pub(crate) fn or(conds: Vec<Cond>) -> Cond {
    let mut any = Vec::new();
    for cond in conds {
        match cond {
            Cond::Const(false) => {}
            Cond::Const(true) => return Cond::Const(true),
            Cond::Or(inner) => any.extend(inner),
            cond => any.push(cond),
        }
    }
    single(any, false, Cond::Or)
}

fn single(mut conds: Vec<Cond>, empty: bool, many: impl Fn(Vec<Cond>) -> Cond) -> Cond {
    match conds.len() {
        0 => Cond::Const(empty),
        1 => conds.pop().unwrap_or(Cond::Const(empty)),
        _ => many(conds),
    }
}

/// A test of constants alone becomes its outcome, as the reference interpreter has it.
pub(crate) fn cond(c: Cond) -> Cond {
    let known = match &c {
        Cond::InList(_, values) if values.is_empty() => Some(false),
        Cond::Sample(share) if *share <= 0.0 => Some(false),
        Cond::Sample(share) if *share >= 1.0 => Some(true),
        Cond::Cmp(_, a, b) | Cond::Contains(a, b) | Cond::StartsWith(a, b) | Cond::EndsWith(a, b) => {
            known(&[a, b], &c)
        }
        Cond::InRange(a, low, high, _) => known(&[a, low, high], &c),
        Cond::InList(a, _) | Cond::InCidr(a, _) | Cond::Is(a, _) | Cond::Truth(a) => known(&[a], &c),
        _ => None,
    };
    known.map_or(c, Cond::Const)
}

fn known(operands: &[&Operand], cond: &Cond) -> Option<bool> {
    let all = operands.iter().all(|operand| is_constant(operand));
    all.then(|| nothing().holds(cond, &Message::new(), &mut || 0.0))
}

/// An operand of constants alone becomes its value. JSON has neither NaN nor infinities, so that such a result is left to
/// the runtime, and so is an absent one.
pub(crate) fn operand(o: Operand) -> Operand {
    if matches!(o, Operand::Lit(_)) || !is_constant(&o) {
        return o;
    }
    match nothing().value(&o, &Message::new(), &mut || 0.0) {
        Some(Value::Number(n)) if n.is_finite() => Operand::Lit(number(n)),
        Some(value @ (Value::Text(_) | Value::Bool(_) | Value::Null)) => {
            value.to_json().map_or(o, Operand::Lit)
        }
        _ => o,
    }
}

/// Whether text matches; the expression was checked before.
pub(crate) fn matches(value: &Json, regex: &str) -> bool {
    match (value, regex::Regex::new(regex)) {
        (Json::String(s), Ok(regex)) => regex.is_match(s),
        _ => false,
    }
}

/// Whether nothing in it reads the message.
fn is_constant(operand: &Operand) -> bool {
    match operand {
        Operand::Lit(_) => true,
        Operand::Path(_) | Operand::Cond(_) | Operand::List(_) | Operand::Object(_) => false,
        Operand::Neg(inner) => is_constant(inner),
        Operand::Arith(_, a, b) => is_constant(a) && is_constant(b),
        Operand::Call(_, args) => args.iter().all(is_constant),
    }
}

/// Constants refer to no path and no expression.
fn nothing() -> Tables {
    Tables::new(Vec::new(), Vec::new())
}
