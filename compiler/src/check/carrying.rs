//! What is left of a schema as the stack is gone down: what a router may have changed is, for those below it on the same
//! wires, no longer as the schema has it.

use std::borrow::Cow;

use route_chain::ir::{Op, Seg};

use crate::hir::{Body, Router, Shape};
use crate::schema::Carried;

/// The way down a stack: of each router in order first `at`, then `pass`.
pub(crate) struct Carrying<'a> {
    carried: &'a [Carried],
    /// Paths that routers so far may have changed, and on which wires; the empty path is all of the message.
    changed: Vec<(&'a [Seg], &'a [u32])>,
}

/// What still holds of the messages that come to a router.
pub(crate) struct Left<'a> {
    pub(crate) carried: &'a Carried,
    changed: Vec<&'a [Seg]>,
}

impl<'a> Carrying<'a> {
    /// Above the first router.
    pub(crate) fn new(carried: &'a [Carried]) -> Self {
        Self { carried, changed: Vec::new() }
    }

    /// For the messages that come to a router; `None` unless all of its wires carry one schema.
    pub(crate) fn at(&self, router: &Router) -> Option<Left<'a>> {
        let is_on = |carried: &Carried, wire: &u32| carried.wires.binary_search(wire).is_ok();
        let all = |carried: &&Carried| router.wires.iter().all(|wire| is_on(carried, wire));
        let carried = self.carried.iter().filter(|_| !router.wires.is_empty()).find(all)?;
        let shared = |wires: &[u32]| wires.iter().any(|wire| router.wires.binary_search(wire).is_ok());
        let changed = self.changed.iter().filter(|(_, wires)| shared(wires)).map(|(path, _)| *path).collect();
        Some(Left { carried, changed })
    }

    /// Goes below a router, whether it applies to a message or not.
    pub(crate) fn pass(&mut self, router: &'a Router) {
        if self.carried.is_empty() {
            return;
        }
        let wires = router.wires.as_slice();
        match &router.body {
            Body::Set(changes) => {
                self.changed.extend(changes.iter().map(|(path, _)| (path.as_slice(), wires)))
            }
            // A module may change the message, and so may somebody who edits one that a breakpoint holds.
            Body::Ready(Op::Call(_)) | Body::Break { log: None, .. } => self.changed.push((&[], wires)),
            _ => {}
        }
    }
}

impl<'a> Left<'a> {
    /// The schema, with anything at all where it was changed.
    pub(crate) fn shape(&self) -> Cow<'a, Shape> {
        let mut shape = Cow::Borrowed(&self.carried.shape);
        self.changed.iter().for_each(|path| shape.to_mut().open(path));
        shape
    }

    /// Whether neither what is at the path, nor what is above or below it, was changed.
    pub(crate) fn holds(&self, path: &[Seg]) -> bool {
        !self.changed.iter().any(|changed| touches(changed, path))
    }
}

/// Whether a change at one of the paths may be seen at the other: they lead to the same, or one to what the other lies in.
pub(crate) fn touches(one: &[Seg], other: &[Seg]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use crate::testkit::check;

    #[test]
    fn types_and_values_are_forgotten_together() {
        check(
            r#"
schema Reading { payload: { t: string, unit: "C" | "F", ok?: bool } }
carry Reading on "Sensor 1" -> *
halt a on "Sensor 1" -> * { when msg.payload.t > 5 }
//                               ^^^^^^^^^^^^^^^^^ error[R2001]: a text never compares with a number
halt b on "Sensor 1" -> * { when msg.payload.unit == "K" }
//                               ^^^^^^^^^^^^^^^^^^^^^^^ warning[R2051]: the condition of halt `b` is never true
halt c on "Sensor 1" -> * { when not msg.payload.ok }
//                                   ^^^^^^^^^^^^^^ warning[R2013]: `Reading` lets this field be absent, and then the condition is true
set fixed on "Sensor 1" -> * { msg.payload = { t: 7, unit: "K", ok: true } }
halt d on "Sensor 1" -> * { when msg.payload.t > 5 }
halt e on "Sensor 1" -> * { when msg.payload.unit == "K" and not msg.payload.ok }
"#,
        );
    }

    #[test]
    fn a_breakpoint_and_a_call_may_change_all_of_a_message() {
        for change in
            ["break b on WIRES { hold at most 5 for 1s then pass }", "call c on WIRES { stamp { } }"]
        {
            let stack = r#"
schema Reading { payload: { t: string, unit: "C" | "F", ok?: bool } }
carry Reading on "Sensor 1" -> *
CHANGE
halt d on "Sensor 1" -> * { when msg.payload.t > 5 }
halt e on "Sensor 1" -> * { when msg.payload.unit == "K" }
halt f on "Sensor 1" -> * { when not msg.payload.ok }
"#;
            check(&stack.replace("CHANGE", change).replace("WIRES", r#""Sensor 1" -> *"#));
        }
    }

    #[test]
    fn what_only_copies_or_sits_on_other_wires_changes_nothing() {
        for other in [
            r#"tap t on "Sensor 1" -> * { to stdout }"#,
            r#"break b on "Sensor 1" -> * { log "{msg.payload.t}" }"#,
            r#"set s on "Sensor 2" -> * { msg.payload = 3 }"#,
            r#"call c on "Sensor 2" -> * { stamp { } }"#,
        ] {
            let stack = r#"
schema Reading { payload: { t: string, ok?: bool } }
carry Reading on "Sensor 1" -> *
OTHER
halt d on "Sensor 1" -> * { when msg.payload.t > 5 }
//                               ^^^^^^^^^^^^^^^^^ error[R2001]: a text never compares with a number
halt f on "Sensor 1" -> * { when not msg.payload.ok }
//                                   ^^^^^^^^^^^^^^ warning[R2013]: `Reading` lets this field be absent, and then the condition is true
"#;
            check(&stack.replace("OTHER", other));
        }
    }
}
