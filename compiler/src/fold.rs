//! Conditions made smaller where their outcome is known, without changing it for any message.

use route_chain::ir::{Arith, Cmp, Cond, Operand, Type};
use serde_json::Value;

use crate::hir::{arith, number};

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

/// A test of constants alone becomes its outcome.
pub(crate) fn cond(c: Cond) -> Cond {
    let known = match &c {
        Cond::Cmp(op, Operand::Lit(a), Operand::Lit(b)) => Some(compare(*op, a, b)),
        Cond::InList(Operand::Lit(a), values) => Some(values.iter().any(|v| equal(a, v))),
        Cond::InList(_, values) if values.is_empty() => Some(false),
        Cond::InRange(Operand::Lit(a), Operand::Lit(low), Operand::Lit(high), inclusive) => {
            let upper = if *inclusive { Cmp::Le } else { Cmp::Lt };
            Some(compare(Cmp::Ge, a, low) && compare(upper, a, high))
        }
        Cond::Contains(Operand::Lit(a), Operand::Lit(b)) => Some(contains(a, b)),
        Cond::StartsWith(Operand::Lit(a), Operand::Lit(b)) => Some(texts(a, b, |a, b| a.starts_with(b))),
        Cond::EndsWith(Operand::Lit(a), Operand::Lit(b)) => Some(texts(a, b, |a, b| a.ends_with(b))),
        Cond::Is(Operand::Lit(a), ty) => Some(is(a, *ty)),
        Cond::Sample(share) if *share <= 0.0 => Some(false),
        Cond::Sample(share) if *share >= 1.0 => Some(true),
        _ => None,
    };
    known.map_or(c, Cond::Const)
}

/// Arithmetic of constants alone becomes its result.
pub(crate) fn operand(o: Operand) -> Operand {
    if let Operand::Arith(op, a, b) = &o
        && let (Operand::Lit(a), Operand::Lit(b)) = (&**a, &**b)
    {
        if let (Some(x), Some(y)) = (a.as_f64(), b.as_f64()) {
            let result = arith(*op, x, y);
            // JSON has neither NaN nor infinities: such a result is left to the runtime.
            return if result.is_finite() { Operand::Lit(number(result)) } else { o };
        }
        if let (Arith::Add, Value::String(x), Value::String(y)) = (op, a, b) {
            return Operand::Lit(Value::String(format!("{x}{y}")));
        }
    }
    o
}

/// Whether text matches; the expression was checked before.
pub(crate) fn matches(value: &Value, regex: &str) -> bool {
    match (value, regex::Regex::new(regex)) {
        (Value::String(s), Ok(regex)) => regex.is_match(s),
        _ => false,
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x.as_f64() == y.as_f64(),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, x)| y.get(k).is_some_and(|y| equal(x, y)))
        }
        _ => a == b,
    }
}

fn compare(op: Cmp, a: &Value, b: &Value) -> bool {
    if op == Cmp::Eq {
        return equal(a, b);
    }
    let order = match (a, b) {
        (Value::Number(x), Value::Number(y)) => x.as_f64().partial_cmp(&y.as_f64()),
        (Value::String(x), Value::String(y)) => Some(x.cmp(y)),
        _ => None,
    };
    order.is_some_and(|order| match op {
        Cmp::Lt => order.is_lt(),
        Cmp::Le => order.is_le(),
        Cmp::Gt => order.is_gt(),
        Cmp::Ge => order.is_ge(),
        Cmp::Eq => order.is_eq(),
    })
}

fn contains(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(items), _) => items.iter().any(|item| equal(item, b)),
        _ => texts(a, b, |a, b| a.contains(b)),
    }
}

fn texts(a: &Value, b: &Value, test: impl Fn(&str, &str) -> bool) -> bool {
    matches!((a, b), (Value::String(a), Value::String(b)) if test(a, b))
}

fn is(value: &Value, ty: Type) -> bool {
    match ty {
        Type::Number => value.is_number(),
        Type::String => value.is_string(),
        Type::Bool => value.is_boolean(),
        Type::Object => value.is_object(),
        Type::List => value.is_array(),
        Type::Null => value.is_null(),
        Type::Bytes => false,
    }
}
