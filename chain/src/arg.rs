//! Operands in their running form.

use std::borrow::Cow;

use crate::cond::{Scope, Test};
use crate::host::Host;
use crate::ir::{Arith, Func, Operand};
use crate::message::Message;
use crate::ops;
use crate::slot::Slot;
use crate::value::Value;

/// A compiled operand.
#[derive(Debug)]
pub(crate) enum Arg {
    Lit(Value),
    Slot(Slot),
    Neg(Box<Arg>),
    Arith(Arith, Box<Arg>, Box<Arg>),
    Call(Func, Box<[Arg]>),
    Test(Box<Test>),
    List(Box<[Arg]>),
    Object(Box<[(String, Arg)]>),
    /// A path that does not exist; a checked set has none.
    Absent,
}

impl Scope<'_> {
    pub(crate) fn arg(&self, operand: &Operand) -> Arg {
        let all = |operands: &[Operand]| operands.iter().map(|a| self.arg(a)).collect();
        match operand {
            Operand::Lit(lit) => Arg::Lit(Value::from_json(lit)),
            Operand::Path(at) => self.slot(*at).map_or(Arg::Absent, Arg::Slot),
            Operand::Neg(a) => Arg::Neg(Box::new(self.arg(a))),
            Operand::Arith(op, a, b) => Arg::Arith(*op, Box::new(self.arg(a)), Box::new(self.arg(b))),
            Operand::Call(func, args) => Arg::Call(*func, all(args)),
            Operand::Cond(cond) => Arg::Test(Box::new(self.test(cond))),
            Operand::List(items) => Arg::List(all(items)),
            Operand::Object(entries) => {
                Arg::Object(entries.iter().map(|(k, a)| (k.clone(), self.arg(a))).collect())
            }
        }
    }
}

impl Arg {
    /// The value; `None`: absent.
    pub(crate) fn value<'a, H: Host + ?Sized>(
        &'a self,
        msg: &'a Message,
        host: &mut H,
    ) -> Option<Cow<'a, Value>> {
        let made = match self {
            Arg::Lit(lit) => return Some(Cow::Borrowed(lit)),
            Arg::Slot(slot) => return slot.get(msg).map(Cow::Borrowed),
            Arg::Absent => return None,
            Arg::Neg(a) => Value::Number(-a.value(msg, host)?.as_number()?),
            Arg::Arith(op, a, b) => {
                let (a, b) = both(a, b, msg, host)?;
                ops::arith(*op, &a, &b)?
            }
            Arg::Call(func, args) => {
                let args: Option<Vec<Value>> =
                    args.iter().map(|a| a.value(msg, host).map(Cow::into_owned)).collect();
                ops::call(*func, &args?)?
            }
            Arg::Test(test) => Value::Bool(test.holds(msg, host)),
            Arg::List(items) => Value::list(
                items.iter().map(|a| a.value(msg, host).map_or(Value::Null, Cow::into_owned)).collect(),
            ),
            Arg::Object(entries) => {
                let entries: Vec<(&str, Value)> = entries
                    .iter()
                    .filter_map(|(k, a)| Some((k.as_str(), a.value(msg, host)?.into_owned())))
                    .collect();
                Value::object(entries)
            }
        };
        Some(Cow::Owned(made))
    }

    /// Every path that it reads.
    pub(crate) fn slots<'a>(&'a self, found: &mut Vec<&'a Slot>) {
        match self {
            Arg::Slot(slot) => found.push(slot),
            Arg::Lit(_) | Arg::Absent => {}
            Arg::Neg(a) => a.slots(found),
            Arg::Arith(_, a, b) => {
                a.slots(found);
                b.slots(found);
            }
            Arg::Call(_, all) | Arg::List(all) => all.iter().for_each(|a| a.slots(found)),
            Arg::Test(test) => test.slots(found),
            Arg::Object(entries) => entries.iter().for_each(|(_, a)| a.slots(found)),
        }
    }
}

/// Both values; each is asked for, so that both are counted when both are absent.
pub(crate) fn both<'a, H: Host + ?Sized>(
    a: &'a Arg,
    b: &'a Arg,
    msg: &'a Message,
    host: &mut H,
) -> Option<(Cow<'a, Value>, Cow<'a, Value>)> {
    let a = a.value(msg, host);
    let b = b.value(msg, host);
    a.zip(b)
}
