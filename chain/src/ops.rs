//! What the operators and functions of conditions mean on values. Every function here is total.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

use crate::ir::{Arith, Cmp, Func, Type};
use crate::text::{self, Bytes, Fnv, Order};
use crate::value::{MAX_DEPTH, Object, Value};

/// `a CMP b`; false when the types do not fit.
pub fn compare(cmp: Cmp, a: &Value, b: &Value) -> bool {
    if cmp == Cmp::Eq {
        return equal(a, b);
    }
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b).is_some_and(|o| ordered(cmp, o)),
        // UTF-8 keeps the order of code points.
        (Value::Text(a), Value::Text(b)) => ordered(cmp, a.as_str().cmp(b.as_str())),
        _ => false,
    }
}

fn ordered(cmp: Cmp, order: Ordering) -> bool {
    match cmp {
        Cmp::Eq => order.is_eq(),
        Cmp::Lt => order.is_lt(),
        Cmp::Le => order.is_le(),
        Cmp::Gt => order.is_gt(),
        Cmp::Ge => order.is_ge(),
    }
}

/// Equality by type and value: `-0 == 0`, NaN and `undefined` equal nothing, objects regardless of the order of keys.
pub fn equal(a: &Value, b: &Value) -> bool {
    equal_at(a, b, 0)
}

fn equal_at(a: &Value, b: &Value, depth: usize) -> bool {
    match (a, b) {
        _ if depth > MAX_DEPTH => false,
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) | (Value::Date(a), Value::Date(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal_at(a, b, depth + 1))
        }
        (Value::Object(a), Value::Object(b)) => {
            defined(a) == defined(b)
                && a.iter()
                    .filter(|(_, v)| !matches!(v, Value::Undefined))
                    .all(|(k, v)| b.get(k).is_some_and(|w| equal_at(v, w, depth + 1)))
        }
        (Value::Opaque(a), Value::Opaque(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}

fn defined(object: &Object) -> usize {
    object.iter().filter(|(_, v)| !matches!(v, Value::Undefined)).count()
}

/// `a contains b`
pub fn contains(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.contains(b.as_str()),
        (Value::List(items), b) => items.iter().any(|item| equal(item, b)),
        _ => false,
    }
}

/// `a starts with b`
pub fn starts_with(a: &Value, b: &Value) -> bool {
    matches!((a, b), (Value::Text(a), Value::Text(b)) if a.starts_with(b.as_str()))
}

/// `a ends with b`
pub fn ends_with(a: &Value, b: &Value) -> bool {
    matches!((a, b), (Value::Text(a), Value::Text(b)) if a.ends_with(b.as_str()))
}

/// `value is TYPE`; a Date is of no type that `is` knows.
pub fn is(value: &Value, ty: Type) -> bool {
    match ty {
        Type::Number => matches!(value, Value::Number(_)),
        Type::String => matches!(value, Value::Text(_)),
        Type::Bool => matches!(value, Value::Bool(_)),
        Type::Object => matches!(value, Value::Object(_)),
        Type::List => matches!(value, Value::List(_)),
        Type::Null => matches!(value, Value::Null),
        Type::Bytes => matches!(value, Value::Bytes(_)),
    }
}

/// Arithmetic as in JavaScript; absent when the types do not fit.
pub fn arith(op: Arith, a: &Value, b: &Value) -> Option<Value> {
    if let (Arith::Add, Value::Text(a), Value::Text(b)) = (op, a, b) {
        return Some(Value::text(format!("{a}{b}")));
    }
    let (a, b) = (a.as_number()?, b.as_number()?);
    Some(Value::Number(match op {
        Arith::Add => a + b,
        Arith::Sub => a - b,
        Arith::Mul => a * b,
        Arith::Div => a / b,
        Arith::Rem => a % b,
    }))
}

/// A function; absent when an operand is of the wrong type or there are too few.
pub fn call(func: Func, args: &[Value]) -> Option<Value> {
    let one = args.first();
    Some(match func {
        Func::Len => Value::Number(match one? {
            Value::Text(s) => s.chars().count(),
            Value::List(items) => items.len(),
            Value::Object(object) => defined(object),
            Value::Bytes(bytes) => bytes.len(),
            _ => return None,
        } as f64),
        Func::Lower => Value::text(one?.as_text()?.to_lowercase()),
        Func::Upper => Value::text(one?.as_text()?.to_uppercase()),
        Func::Trim => Value::text(one?.as_text()?.trim_matches(is_js_space)),
        Func::Abs => Value::Number(one?.as_number()?.abs()),
        Func::Min => Value::Number(fold(args, |a, b| if b < a { b } else { a })?),
        Func::Max => Value::Number(fold(args, |a, b| if b > a { b } else { a })?),
        Func::Round => Value::Number(round(one?.as_number()?)),
        Func::Hash => Value::Number(f64::from(hash(one?))),
        Func::Size => {
            let mut bytes = Bytes(0);
            text::write(one?, Order::Kept, &mut bytes);
            Value::Number(bytes.0 as f64)
        }
        Func::Ip => Value::text(one?.as_text()?.parse::<IpAddr>().ok()?.to_canonical().to_string()),
    })
}

fn fold(args: &[Value], pick: fn(f64, f64) -> f64) -> Option<f64> {
    let mut best: Option<f64> = None;
    for arg in args {
        let n = arg.as_number()?;
        best = Some(match best {
            Some(b) if b.is_nan() || n.is_nan() => f64::NAN,
            Some(b) => pick(b, n),
            None => n,
        });
    }
    best
}

/// Halves up, as `Math.round`.
fn round(n: f64) -> f64 {
    let low = n.floor();
    if n - low >= 0.5 { low + 1.0 } else { low }
}

/// What `String.prototype.trim` takes away.
fn is_js_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// FNV-1a 32 of the canonical JSON text.
pub fn hash(value: &Value) -> u32 {
    let mut fnv = Fnv::new();
    text::write(value, Order::Sorted, &mut fnv);
    fnv.0
}

/// Where a key lies between 0 and 1, always the same for the same key: the hash, mixed (FNV's high bits alone
/// would put keys that differ in their last letter side by side).
pub fn share(value: &Value) -> f64 {
    let mut h = hash(value);
    h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    f64::from(h ^ (h >> 16)) / 4_294_967_296.0
}

/// A network, `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    base: IpAddr,
    bits: u8,
}

impl Cidr {
    /// From text; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (base, bits) = text.split_once('/')?;
        let base: IpAddr = base.parse().ok()?;
        let bits: u8 = bits.parse().ok()?;
        (bits <= if base.is_ipv4() { 32 } else { 128 }).then_some(Self { base, bits })
    }

    /// Whether text is an address in it. An IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, text: &str) -> bool {
        match (self.base, text.parse::<IpAddr>().map(|ip| ip.to_canonical())) {
            (IpAddr::V4(a), Ok(IpAddr::V4(b))) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                u32::from(a) & mask == u32::from(b) & mask
            }
            (IpAddr::V6(a), Ok(IpAddr::V6(b))) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                u128::from(a) & mask == u128::from(b) & mask
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn n(n: f64) -> Value {
        Value::Number(n)
    }

    #[test]
    fn equality_is_by_type_and_value() {
        assert!(equal(&n(-0.0), &n(0.0)));
        assert!(!equal(&n(f64::NAN), &n(f64::NAN)));
        assert!(!equal(&n(1.0), &Value::text("1")));
        assert!(!equal(&Value::Undefined, &Value::Undefined));
        assert!(!equal(&Value::Null, &Value::Bool(false)));
        let ab = Value::object([("a", n(1.0)), ("b", Value::Null), ("u", Value::Undefined)]);
        assert!(equal(&ab, &Value::object([("b", Value::Null), ("a", n(1.0))])));
        assert!(!equal(&ab, &Value::object([("a", n(1.0))])));
    }

    #[test]
    fn text_is_ordered_by_code_point() {
        // In UTF-16 the order would be the other way round.
        assert!(compare(Cmp::Lt, &Value::text("\u{ff5e}"), &Value::text("\u{1f600}")));
        assert!(!compare(Cmp::Lt, &Value::text("1"), &n(2.0)));
        assert!(!compare(Cmp::Le, &Value::Null, &Value::Null));
    }

    #[test]
    fn functions_are_total() {
        assert_eq!(call(Func::Len, &[Value::text("a😀")]).unwrap().as_number(), Some(2.0));
        assert_eq!(call(Func::Round, &[n(-2.5)]).unwrap().as_number(), Some(-2.0));
        assert_eq!(call(Func::Round, &[n(0.49999999999999994)]).unwrap().as_number(), Some(0.0));
        assert_eq!(call(Func::Trim, &[Value::text("\u{feff} x\n")]).unwrap().as_text(), Some("x"));
        assert_eq!(
            call(Func::Hash, &[Value::text("a")]).unwrap().as_number(),
            Some(f64::from(hash(&Value::text("a"))))
        );
        assert_eq!(call(Func::Size, &[Value::text("ä")]).unwrap().as_number(), Some(4.0));
        assert_eq!(call(Func::Ip, &[Value::text("::FFFF:10.0.0.1")]).unwrap().as_text(), Some("10.0.0.1"));
        assert!(call(Func::Min, &[n(1.0), Value::Null]).is_none());
        assert!(call(Func::Max, &[]).is_none());
        assert!(arith(Arith::Add, &n(1.0), &Value::text("1")).is_none());
    }

    #[test]
    fn networks() {
        let net = Cidr::parse("10.0.0.0/8").unwrap();
        assert!(
            net.contains("10.255.0.1")
                && net.contains("::ffff:10.0.0.1")
                && !net.contains("11.0.0.1")
                && !net.contains("x")
        );
        assert!(Cidr::parse("0.0.0.0/0").unwrap().contains("1.2.3.4"));
        assert!(Cidr::parse("::/0").unwrap().contains("fe80::1"));
        assert!(Cidr::parse("10.0.0.0/33").is_none() && Cidr::parse("10.0.0.0").is_none());
    }

    #[test]
    fn shares_of_similar_keys_spread() {
        let below = (0..1000).filter(|i| share(&Value::text(format!("bed/{i}"))) < 0.2).count();
        assert!((120..280).contains(&below), "{below}");
    }
}
